"""Opening files that others may have put there: no link is followed, no FIFO waited for."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path
from typing import BinaryIO


class NotRegular(OSError):
    """A FIFO, a socket, a device or a directory, where a file is to be read."""


def open_regular(path: Path) -> BinaryIO:
    """Open a regular file for reading. Raises `NotRegular` for whatever is none."""
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegular(errno.EINVAL, "not a regular file", str(path))
    return open(descriptor, "rb")
