"""What an archive may hold: names, kinds, links and sizes that stay inside of one directory."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, replace

from ..environments.create import readable_bytes
from ..errors import EnvMgrError
from .tar import Member

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_LONGEST_PATH = 4096 - 1
_LONGEST_NAME = 255
_DEEPEST = 200
_MOST_HOPS = 40
_KINDS = {"fifo": "a FIFO", "device": "a device", "other": "of a kind that is not unpacked"}

ADDED_BY_CONDA_PACK = frozenset(
    {
        "bin/activate",
        "bin/activate.fish",
        "bin/deactivate",
        "bin/conda-unpack",
        "bin/conda_unpack_progress.py",
    }
)
"""An environment that was unpacked and packed again may have these twice: the last one counts."""


@dataclass(frozen=True)
class Limits:
    """How much an archive may hold: the bytes of all files together, and files and directories."""

    bytes: int
    members: int = 1_000_000


class Contents:
    """All that an archive holds, checked member by member as they come, then as a whole."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._kinds: dict[str, str] = {}
        self._links: dict[str, str] = {}
        self.bytes = 0
        self.members = 0

    def admit(self, member: Member) -> Member | None:
        """The member with its name in normal form; None for the root itself, which is there.

        Raises ``archive-refused``, naming the member and what is wrong with it.
        """
        self._one_more()
        name = clean(member.name)
        if member.type in _KINDS:
            raise refused(f"{shown(member.name)} is {_KINDS[member.type]}")
        if not name:
            if member.type != "directory":
                raise refused(f"{shown(member.name)} is no name of a file")
            return None
        if member.type == "file":
            self._count(name, member)
        self._place(name, member)
        if member.type == "symlink":
            self._links[name] = _link(name, member.target)
        if member.type == "hardlink":
            return replace(member, name=name, target=self._earlier(name, member.target))
        return replace(member, name=name)

    def finish(self) -> None:
        """Follow every link through the others: none may lead out. Raises ``archive-refused``."""
        for name in self._links:
            self._follow(name)

    def _one_more(self) -> None:
        self.members += 1
        if self.members > self._limits.members:
            raise refused(f"it holds more than {self._limits.members:,} files")

    def _count(self, name: str, member: Member) -> None:
        if member.mode & 0o6000:
            raise refused(f"{shown(name)} would run with the rights of its owner (setuid)")
        self.bytes += member.size
        if self.bytes > self._limits.bytes:
            limit = readable_bytes(self._limits.bytes)
            raise refused(f"it unpacks to more than the {limit} that are declared, free or likely")

    def _place(self, name: str, member: Member) -> None:
        """Give the member its place; those above it must be directories."""
        parent = posixpath.dirname(name)
        while parent and self._kinds.get(parent) != "directory":
            if parent in self._kinds:
                what = self._kinds[parent]
                raise refused(f"{shown(name)} lies below {shown(parent)}, which is a {what}")
            self._kinds[parent] = "directory"
            self._one_more()
            parent = posixpath.dirname(parent)
        before = self._kinds.get(name)
        self._kinds[name] = member.type
        if before is None or (before == member.type == "directory"):
            return
        if before == member.type == "file" and name in ADDED_BY_CONDA_PACK:
            return
        raise refused(f"{shown(name)} is there twice")

    def _earlier(self, name: str, target: str) -> str:
        found = clean(target)
        if self._kinds.get(found) != "file" or found == name:
            raise refused(
                f"{shown(name)} is a hard link to {shown(target)}, which is no file before it"
            )
        return found

    def _follow(self, name: str) -> None:
        place = name.split("/")[:-1]
        ahead = self._links[name].split("/")
        hops = 0
        while ahead:
            part = ahead.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                if not place:
                    raise _leads_out(name, self._links[name])
                place.pop()
                continue
            place.append(part)
            onward = self._links.get("/".join(place))
            if onward is not None:
                hops += 1
                if hops > _MOST_HOPS:
                    return
                place.pop()
                ahead = onward.split("/") + ahead


def clean(name: str) -> str:
    """A member's name without ``./`` and doubled slashes; empty for the root.

    Raises ``archive-refused`` for a name that is absolute, leads out, or cannot be a file's.
    """
    if _CONTROL.search(name):
        raise refused(f"{shown(name)} has a control character in its name")
    if name.startswith("/"):
        raise refused(f"{shown(name)} is an absolute path")
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        raise refused(f"{shown(name)} leads out of the environment")
    if any(len(_encoded(part)) > _LONGEST_NAME for part in parts):
        raise refused(f"{shown(name)} has a name that is too long")
    path = "/".join(parts)
    if len(parts) > _DEEPEST:
        raise refused(f"{shown(name)} lies too deep")
    if len(_encoded(path)) > _LONGEST_PATH:
        raise refused(f"{shown(name)} is too long a path")
    return path


def leads_out(name: str, target: str) -> bool:
    """Whether a link at ``name`` would, by its own words, lead out of the directory."""
    if target.startswith("/"):
        return True
    ends = posixpath.normpath(posixpath.join(posixpath.dirname(name), target))
    return ends == ".." or ends.startswith("../")


def _link(name: str, target: str) -> str:
    if not target or _CONTROL.search(target) or len(_encoded(target)) > _LONGEST_PATH:
        raise refused(f"{shown(name)} is a link to {shown(target)}, which is no path")
    if leads_out(name, target):
        raise _leads_out(name, target)
    return target


def _leads_out(name: str, target: str) -> EnvMgrError:
    return refused(f"{shown(name)} is a link to {shown(target)}, out of the environment")


def refused(why: str) -> EnvMgrError:
    """The error for what no honest archive of an environment holds."""
    return EnvMgrError("archive-refused", why)


def shown(name: str) -> str:
    """A name from elsewhere as a message can carry it: quoted, escaped, not endless."""
    text = name if len(name) <= 120 else f"{name[:80]}…{name[-35:]}"
    return ascii(text) if _CONTROL.search(text) else repr(text)


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
