"""Files that arrive in pieces, each in a directory of its own, and go when nobody takes them."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from . import durable

_A_DAY = 24 * 3600.0


def begin(directory: Path, name: str) -> Path:
    """Make the directory and the empty file in it; both are this user's alone.

    What began to arrive beside it more than a day ago, and was never taken, goes.
    """
    durable.make_directory(directory.parent, mode=0o700, exist_ok=True)
    sweep(directory.parent, older_than=_A_DAY)
    durable.make_directory(directory, mode=0o700)
    path = directory / name
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    return path


def find(directory: Path) -> Path:
    """The file in a directory that `begin` made. Raises FileNotFoundError if there is none."""
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                return directory / entry.name
    raise FileNotFoundError(directory)


def add(path: Path, offset: int, data: bytes, *, size: int) -> int:
    """Write a piece where the last one has ended; the size of the file then.

    A piece that begins elsewhere, or ends after ``size``, is not written: what comes back says
    where the next one has to begin. Nothing is synced: who reads the file checks what is in it.
    """
    descriptor = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        there = os.fstat(descriptor).st_size
        if there != offset or offset + len(data) > size:
            return there
        rest = memoryview(data)
        while rest:
            written = os.pwrite(descriptor, rest, offset)
            rest, offset = rest[written:], offset + written
        return offset
    finally:
        os.close(descriptor)


def discard(directory: Path) -> None:
    """Remove a directory that `begin` made, with its file."""
    with contextlib.suppress(FileNotFoundError):
        durable.unlink(find(directory))
    with contextlib.suppress(FileNotFoundError):
        durable.remove_directory(directory)


def sweep(parent: Path, *, older_than: float) -> None:
    """Remove what has got no piece for so many seconds. What cannot be removed stays."""
    with contextlib.suppress(OSError):
        for name in os.listdir(parent):
            with contextlib.suppress(OSError):
                last = _last_change(parent / name)
                if durable.touch(parent) / 1e9 - last > older_than:
                    discard(parent / name)


def _last_change(directory: Path) -> float:
    """When its file got its last piece; of one without a file, which a kill leaves, its own."""
    try:
        return os.lstat(find(directory)).st_mtime
    except FileNotFoundError:
        return os.lstat(directory).st_mtime
