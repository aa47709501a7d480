"""The rename of one piece: how far it is, doing it, and what a crash in its middle leaves."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from ..core.errors import EnvMgrError
from ..core.usersite.transaction import Piece
from . import durable

State = Literal["pending", "done", "linked", "gone", "conflict"]


def state_of(source: Path, target: Path, piece: Piece) -> State:
    """How far the rename of a piece is, told by what lies at its two ends.

    Where both are there, the inode that the piece had decides which of the two it is. An empty
    directory at the target is none: it is what a reset leaves, or half of a rename on NFS.
    """
    here, there = _status(source), _status(target)
    if there is None:
        return "gone" if here is None else "pending"
    if here is None:
        return "done"
    if (here.st_dev, here.st_ino) == (there.st_dev, there.st_ino):
        return "linked"
    if there.st_ino == piece.inode:
        return "done"
    may_replace = stat.S_ISDIR(here.st_mode) or piece.is_site
    if may_replace and stat.S_ISDIR(there.st_mode) and _is_empty(target):
        return "pending"
    return "conflict"


def move(source: Path, target: Path, piece: Piece, *, strict: bool, can_stay: bool) -> str:
    """Rename one piece, unless that was done before; a remark about what is not as expected."""
    state = state_of(source, target, piece)
    if state == "conflict":
        if strict or piece.is_site:
            raise EnvMgrError("packages-in-the-way", f"{target} is there already")
        where = "in the snapshot" if can_stay else "where it was"
        return f"{piece.rel} stays {where}: there is something else in its place"
    if state == "gone":
        return f"{piece.rel} was not there any more"
    if state == "pending":
        rename(source, target, piece)
    elif state == "linked":
        durable.unlink(source)
    elif piece.mode is not None:
        os.chmod(target, piece.mode)
    return ""


def rename(source: Path, target: Path, piece: Piece) -> None:
    """Rename a piece that is pending. A directory that may not be written to gets that for it."""
    # rename(2) updates `..` in a directory that goes to another parent: EACCES without w.
    if piece.mode is not None:
        os.chmod(source, piece.mode | stat.S_IRWXU)
    try:
        if os.path.islink(source) and os.path.isdir(target) and not os.path.islink(target):
            # A site directory that is a link cannot be renamed onto the empty one in its place.
            os.rmdir(target)
        if os.path.lexists(target):
            # An empty directory, or `state_of` would have said so: rename(2) replaces only such.
            durable.rename(source, target, sync=False)
        else:
            durable.rename_no_replace(source, target, sync=False)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise EnvMgrError("packages-in-the-way", f"{target} is there already") from error
        raise
    finally:
        if piece.mode is not None:
            with contextlib.suppress(OSError):
                os.chmod(target if os.path.lexists(target) else source, piece.mode)


def make_parents(target: Path, modes: Mapping[Path, int], unsynced: set[Path]) -> None:
    """The directories above a target; private, but for those whose modes are given."""
    missing = []
    parent = target.parent
    while not os.path.isdir(parent):
        missing.append(parent)
        parent = parent.parent
    for directory in reversed(missing):
        with contextlib.suppress(FileExistsError):
            os.mkdir(directory, 0o700)
        if directory in modes:
            os.chmod(directory, modes[directory])
        unsynced.add(directory.parent)


def sync(directories: set[Path]) -> None:
    """Wait until the names in these directories are on the disk; empties the set."""
    for directory in sorted(directories):
        with contextlib.suppress(FileNotFoundError):
            durable.fsync_directory(directory)
    directories.clear()


def _status(path: Path) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _is_empty(path: Path) -> bool:
    with os.scandir(path) as entries:
        return next(entries, None) is None


def mtime_of(path: Path) -> int:
    """When it was changed, in nanoseconds; 0 if it is not there."""
    status = _status(path)
    return status.st_mtime_ns if status else 0


def set_mtime(path: Path, mtime_ns: int) -> None:
    """Give a directory the time that it had."""
    status = os.stat(path)
    os.utime(path, ns=(status.st_atime_ns, mtime_ns))
