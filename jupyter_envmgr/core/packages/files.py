"""Reading the small files of packages: bounded, never a device, never an exception."""

from __future__ import annotations

import os
import stat

# A FIFO of that name is not waited for, and a terminal does not become ours.
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

_USUAL = 4 * 1024
_PART = 1024 * 1024


def open_regular(path: str | os.PathLike[str], directory: int | None = None) -> int | None:
    """A descriptor of a regular file, to be closed; None for anything else, or if unreadable.

    ``path`` may be relative to the descriptor ``directory``, which spares the system its way.
    """
    try:
        descriptor = os.open(path, _FLAGS, dir_fd=directory)
    except (OSError, ValueError):
        return None
    try:
        if stat.S_ISREG(os.fstat(descriptor).st_mode):
            return descriptor
    except OSError:
        pass
    os.close(descriptor)
    return None


def read_regular(
    path: str | os.PathLike[str], most: int, directory: int | None = None
) -> bytes | None:
    """The first ``most`` bytes of a regular file; None for anything else, or if unreadable."""
    descriptor = open_regular(path, directory)
    if descriptor is None:
        return None
    try:
        # The buffer is made before it is read: not one of 64 MB for a file of 1 KB.
        data = os.read(descriptor, min(most, _USUAL))
        if len(data) < _USUAL:
            return data
        parts, left = [data], most - len(data)
        while left > 0 and (more := os.read(descriptor, min(left, _PART))):
            parts.append(more)
            left -= len(more)
        return b"".join(parts)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def first_line(path: str, directory: int | None = None) -> str:
    """The first line of a small text file; empty if there is none."""
    data = read_regular(path, 1024, directory)
    return data.partition(b"\n")[0].decode("utf-8", "replace").strip() if data else ""
