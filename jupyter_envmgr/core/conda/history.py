"""``conda-meta/history`` and ``~/.conda/environments.txt`` as texts, as conda has them."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

# conda refuses an environment whose history names a conda that is newer than itself; 4.4 is the
# first that keeps the specs there (conda/history.py, `get_user_requests`).
CONDA_VERSION = "4.4.0"

_HEAD = re.compile(r"==>\s*(.+?)\s*<==")
_COMMENT = re.compile(r"#\s*(cmd|conda version|[\w-]+ specs):\s*(.*)")
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_ADDED = ("create", "install", "update")
_REMOVED = ("remove", "uninstall")


@dataclass(frozen=True)
class Revision:
    """One change of an environment. ``linked`` and ``unlinked`` are conda's dist names.

    ``number`` counts from 0; what conda calls a revision are those that changed packages.
    """

    number: int
    date: str
    command: str = ""
    linked: tuple[str, ...] = ()
    unlinked: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()


def dist(channel: str, subdir: str, name: str, version: str, build: str) -> str:
    """How conda calls a package: ``conda-forge/linux-64::numpy-2.1.0-py312_0``."""
    return f"{channel.rstrip('/')}/{subdir}::{name}-{version}-{build}"


def channel_name(url: str) -> str:
    """How conda's history calls a channel: the last part of an anaconda.org one, else its URL."""
    for base in ("https://conda.anaconda.org/", "https://repo.anaconda.com/"):
        if url.startswith(base):
            return url.removeprefix(base).strip("/")
    return url.rstrip("/")


def spec_of_dist(name: str) -> str:
    """The spec that only that package meets: ``numpy==2.1.0=py312_0``; empty if it is no dist."""
    parts = name.rpartition("::")[2].rsplit("-", 2)
    return f"{parts[0]}=={parts[1]}={parts[2]}" if len(parts) == 3 else ""


def revision_text(
    date: str,
    command: str,
    linked: Iterable[str],
    unlinked: Iterable[str],
    asked: Sequence[str] = (),
    removed: Sequence[str] = (),
) -> str:
    """What is appended to a history. ``date`` is local, as ``2026-01-31 12:00:00``."""
    lines = [f"==> {date} <==", f"# cmd: {_one_line(command)}", f"# conda version: {CONDA_VERSION}"]
    lines += [f"-{name}" for name in sorted(unlinked)]
    lines += [f"+{name}" for name in sorted(linked)]
    if asked:
        lines.append(f"# update specs: {list(map(_one_line, asked))!r}")
    if removed:
        lines.append(f"# remove specs: {list(map(_one_line, removed))!r}")
    return "".join(f"{line}\n" for line in lines)


def parse_history(text: str) -> tuple[Revision, ...]:
    """The revisions of a history, the oldest first. Lines that say nothing known are left out."""
    found: list[_Open] = []
    for line in text.splitlines():
        line = line.strip()
        head = _HEAD.fullmatch(line)
        if head:
            found.append(_Open(head[1]))
        elif found:
            found[-1].read(line)
    return tuple(one.closed(number) for number, one in enumerate(found))


def requested_specs(revisions: Iterable[Revision]) -> dict[str, str]:
    """What a person has asked for and not removed since: the name and the spec of each."""
    specs: dict[str, str] = {}
    for revision in revisions:
        for spec in revision.removed:
            specs.pop(name_of(spec), None)
        for spec in revision.asked:
            specs[name_of(spec)] = spec
    specs.pop("", None)
    return specs


def packages_at(revisions: Sequence[Revision], number: int) -> tuple[str, ...]:
    """The dists that an environment had after a revision: to go back to it."""
    there: dict[str, None] = {}
    for revision in revisions:
        if revision.number > number:
            break
        for name in revision.unlinked:
            there.pop(name, None)
        for name in revision.linked:
            there[name] = None
    return tuple(there)


def name_of(spec: str) -> str:
    """The name of the package in a spec or at an address, in lower case; empty if there is none."""
    spec = spec.partition("[")[0]
    if "://" in spec and "::" not in spec:
        file = spec.partition("#")[0].rpartition("/")[2]
        return file.rsplit("-", 2)[0].lower() if file.count("-") >= 2 else ""
    match = _NAME.match(spec.rpartition("::")[2].strip())
    return match.group().lower() if match else ""


def registered(text: str, prefix: str) -> str:
    """``environments.txt`` with an environment in it, once; the others as they were."""
    if prefix in _prefixes(text):
        return text
    return f"{_ended(text)}{prefix}\n"


def unregistered(text: str, prefix: str) -> str:
    """``environments.txt`` without an environment."""
    kept = [line for line in text.splitlines() if _prefix(line) != os.path.normpath(prefix)]
    return "".join(f"{line}\n" for line in kept)


def missing_line(text: str, prefix: str) -> str:
    """What has to be appended to ``environments.txt`` so that it names an environment."""
    return registered(text, prefix)[len(text) :]


def _prefixes(text: str) -> set[str]:
    return {_prefix(line) for line in text.splitlines()}


def _prefix(line: str) -> str:
    return os.path.normpath(line.strip()) if line.strip() else ""


def _ended(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"


def _one_line(text: str) -> str:
    return " ".join(text.split())


class _Open:
    """A revision whose lines are still read."""

    def __init__(self, date: str) -> None:
        self._date = date
        self._said: dict[str, str] = {}
        self._dists: dict[str, list[str]] = {"+": [], "-": []}
        self._asked: list[str] = []
        self._removed: list[str] = []

    def read(self, line: str) -> None:
        if line[:1] in self._dists:
            self._dists[line[0]].append(line[1:].strip())
        elif match := _COMMENT.fullmatch(line):
            action = match[1].partition(" specs")[0]
            if action in _ADDED:
                self._asked += _specs(match[2])
            elif action in _REMOVED:
                self._removed += _specs(match[2])
            elif action == "cmd":
                self._said.setdefault("command", match[2])

    def closed(self, number: int) -> Revision:
        return Revision(
            number,
            self._date,
            self._said.get("command", ""),
            tuple(self._dists["+"]),
            tuple(self._dists["-"]),
            tuple(self._asked),
            tuple(self._removed),
        )


def _specs(text: str) -> list[str]:
    """Specs as conda has written them over the years: a Python list, or words with commas."""
    if text.startswith("["):
        try:
            found = ast.literal_eval(text[:100_000])
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return []
        return [spec for spec in found if isinstance(spec, str)]
    return [spec for spec in (part.strip() for part in text.split(",")) if name_of(spec)]


def requested_of_records(records: Iterable[Mapping[str, object]]) -> dict[str, str]:
    """What the records of the packages themselves say was asked for: name and spec of each."""
    specs = {}
    for record in records:
        name, one, several = (
            record.get("name"),
            record.get("requested_spec"),
            record.get("requested_specs"),
        )
        spec = several[0] if isinstance(several, list) and several else one
        if isinstance(name, str) and isinstance(spec, str) and spec not in ("", "None"):
            specs[name] = spec
    return specs
