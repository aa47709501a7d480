"""Where a user site's snapshots, journal and lock lie, and the way into a change of it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.environments.disk import Disk
from ...core.environments.image import recognise_image
from ...core.environments.mounts import MountTable
from ...core.environments.versions import interpreter_version
from ...core.errors import EnvMgrError
from ...core.names import check_name
from ...core.settings import Settings
from ...core.usersite.base import UserBase, find_user_base
from ...core.usersite.transaction import SnapshotRecord
from ...system import durable, holder
from ...system.journal import Journal
from ...system.locks import Lock
from ...system.oserrors import explain_os_error
from ...system.snapshot_store import STAGING, TRASH, SnapshotStore, UnreadableSnapshot

_LONGEST_STEM = 30


@dataclass(frozen=True)
class Place:
    """The user base of some settings and where things about it lie.

    ``stores``: our root first, where a rename works; else inside the base, which may be a mount
    of its own. Lock and journal always lie in the base: whoever mounts it must find them.
    """

    settings: Settings
    base: UserBase
    journal: Journal
    stores: tuple[SnapshotStore, ...]

    def probed(self, rels: Iterable[str]) -> tuple[Path, ...]:
        """Where to try renaming for these directories of the base: one for each file system.

        The base itself for all that lies on the same mount, so that what a crash leaves of a
        probe is where it is looked for.
        """
        mounts = MountTable(self.settings.environ).read()
        found: dict[tuple[int, int], Path] = {}
        for rel in ("", *dict.fromkeys(rels)):
            path = os.path.realpath(self.base.absolute(rel))
            try:
                device = os.stat(path).st_dev
            except OSError:
                continue
            mount = mounts.of(path)
            key = device, mount.number if mount else 0
            inside = mount is not None and mount.point.startswith(self.base.real + os.sep)
            point = mount.point if mount is not None and inside else path
            found.setdefault(key, Path(point if rel else self.base.real))
        return tuple(found.values())

    def find(self, name: str) -> tuple[Path, SnapshotRecord]:
        """The directory and record of a snapshot. Raises ``no-such-snapshot``."""
        check_name(name)
        for store in self.stores:
            if name in store.names():
                record = store.read(name)
                if isinstance(record, UnreadableSnapshot):
                    raise EnvMgrError(
                        "snapshot-damaged", f"{record.path}: its record is of no use: {record.why}"
                    )
                # A home can be mounted elsewhere, and a rename may have been cut: the disk says.
                directory = store.directory(name)
                snapshot = replace(record.snapshot, name=name, path=str(directory))
                return directory, replace(record, snapshot=snapshot)
        there = ", ".join(n for store in self.stores for n in store.names()) or "none"
        raise EnvMgrError("no-such-snapshot", f"there is no snapshot {name!r}; there are: {there}")

    def new_name(self, wanted: str, kind: str, created: str) -> str:
        """``wanted``, if nobody has it; else one made of the image's name and the time."""
        taken = {name for store in self.stores for name in store.names()}
        if wanted:
            if check_name(wanted) in taken:
                raise EnvMgrError(
                    "name-taken", f"there is a snapshot {wanted!r}", hint="Choose another name."
                )
            return wanted
        stem = slug(image_name(self.settings))[:_LONGEST_STEM].strip("-_.")
        digits = "".join(c for c in created if c.isdigit())
        name = "-".join(filter(None, (stem, kind, f"{digits[:8]}-{digits[8:14]}")))
        unique, number = name, 1
        while unique in taken:
            number += 1
            unique = f"{name}-{number}"
        return unique


def place_of(settings: Settings) -> Place:
    """The user site of these settings. Raises ``bad-path`` where nobody can say which it is."""
    base = find_user_base(settings.environ, settings.home)
    if base.problems and not base.roots:
        raise EnvMgrError("bad-path", base.problems[0], hint="Make PYTHONUSERBASE absolute.")
    root = Path(os.path.realpath(settings.root / "snapshots"))
    stores = [SnapshotStore(root), SnapshotStore(Path(base.real) / ".envmgr-snapshots")]
    for site in base.sites:
        if root == Path(site.real_path) or Path(site.real_path) in root.parents:
            raise EnvMgrError("bad-path", f"snapshots cannot lie in {site.path}, which they hold")
    return Place(settings, base, Journal(Path(base.real)), tuple(stores))


@contextlib.contextmanager
def locked(
    place: Place, purpose: str, *, break_lock: bool = False, frees_room: bool = False
) -> Iterator[bool]:
    """The user site for us alone, across containers. Raises ``locked``, naming who has it.

    Our directories in the base are gone again afterwards, unless something is left in them.

    What ``frees_room`` goes on, with False, where the disk is too full for a lock and nobody has
    it: nobody else can take it before there is room again.
    """
    path = _lock(place)
    lock = Lock(path, holder.current(place.settings.door), purpose, break_lock=break_lock)
    try:
        with contextlib.ExitStack() as stack:
            try:
                stack.enter_context(lock)
                is_ours = True
            except EnvMgrError as error:
                if not frees_room or error.code not in _FULL or os.path.lexists(path):
                    error.hint = _HINTS.get(error.code, error.hint)
                    raise
                is_ours = False
            try:
                yield is_ours
            except OSError as error:
                raise explain_os_error(error, f"{purpose} failed") from error
    finally:
        for directory in (path.parent, path.parent.parent):
            with contextlib.suppress(OSError):
                durable.remove_directory(directory)


_FULL = ("disk-full", "quota-exceeded")
_HINTS = {
    "disk-full": "Free some space: a snapshot that is not needed can be deleted.",
    "quota-exceeded": "Free some space: a snapshot that is not needed can be deleted.",
    "read-only-disk": "What is started with PYTHONNOUSERSITE=1 does not look at it.",
    "not-permitted": "What is started with PYTHONNOUSERSITE=1 does not look at it.",
}


def clean_locks(place: Place) -> None:
    """Remove what holders left that died while they took or gave back the lock. Only under it.

    Whoever takes it just now and misses its temporary file, or its right to succeed somebody who
    is gone, looks again.
    """
    path = _lock(place)
    durable.sweep(path.parent, older_than=-1)
    for stale in path.parent.glob(f"{path.name}.*"):
        with contextlib.suppress(OSError):
            durable.unlink(stale)


def _lock(place: Place) -> Path:
    return Path(place.base.real) / ".envmgr" / "locks" / "usersite.lock"


def empty_trash(place: Place) -> None:
    """Finish deletions and copies that were cut. Only under the lock."""
    for store in place.stores:
        for directory in (store.path, store.path / TRASH, store.path / STAGING):
            durable.empty_trash(directory)


def image_python(settings: Settings) -> str:
    """The minor version of the image's own Python, ``3.11``; empty if no file tells."""
    program = os.path.realpath(settings.image_interpreter)
    version = interpreter_version(Disk(), program)
    return ".".join(version.split(".")[:2])


def image_name(settings: Settings) -> str:
    """What the image is called."""
    return recognise_image(settings.environ, python=image_python(settings)).name


def slug(text: str) -> str:
    """A text as a part of a name: the last word of an image's address and its tag."""
    last = text.lower().rsplit("/", 1)[-1]
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._") else "-" for c in last)
    return "-".join(filter(None, kept.split("-")))
