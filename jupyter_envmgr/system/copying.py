"""Copying trees as they are: hard links, holes, times, modes and links included."""

from __future__ import annotations

import contextlib
import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

from . import durable

_PART = 8 << 20
_NO_COPY_RANGE = frozenset(
    {errno.ENOSYS, errno.EXDEV, errno.EINVAL, errno.EOPNOTSUPP, errno.EPERM, errno.EBADF}
)
Report = Callable[[int], object]


class Copier:
    """Copies several trees; a file with several names among them is one file in the copies too.

    What is read are regular files only: a FIFO is made anew, sockets and devices are left out and
    counted in ``skipped``. Nothing of the originals is changed, their access times apart.
    """

    def __init__(self, report: Report = lambda size: None) -> None:
        self.skipped: list[str] = []
        self._report = report
        self._done = 0
        self._names: dict[tuple[int, int], str] = {}

    def copy(self, source: Path, target: Path) -> None:
        """Copy a file, link or directory to ``target``, which must not be there.

        Raises OSError; what was copied by then stays for the caller to remove. The data is on the
        disk when this returns, names in directories too.
        """
        durable.make_directory(target.parent, mode=0o700, exist_ok=True)
        self._copy(os.fspath(source), os.fspath(target))
        durable.fsync_directory(target.parent)

    def _copy(self, source: str, target: str) -> None:
        status = os.lstat(source)
        kind = stat.S_IFMT(status.st_mode)
        if kind == stat.S_IFDIR:
            self._directory(source, target, status)
            return
        known = self._names.get((status.st_dev, status.st_ino))
        if known is not None and status.st_nlink > 1:
            os.link(known, target, follow_symlinks=False)
            return
        if kind == stat.S_IFLNK:
            os.symlink(os.readlink(source), target)
        elif kind == stat.S_IFREG:
            self._file(source, target, status)
        elif kind == stat.S_IFIFO:
            os.mkfifo(target, 0o600)
        else:
            self.skipped.append(source)
            return
        self._attributes(target, status)
        if status.st_nlink > 1:
            self._names[status.st_dev, status.st_ino] = target

    def _directory(self, source: str, target: str, status: os.stat_result) -> None:
        os.mkdir(target, 0o700)
        with os.scandir(source) as entries:
            names = [entry.name for entry in entries]
        for name in names:
            self._copy(f"{source}/{name}", f"{target}/{name}")
        durable.fsync_directory(Path(target))
        self._attributes(target, status)

    def _file(self, source: str, target: str, status: os.stat_result) -> None:
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        reading = os.open(source, flags)
        try:
            flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
            writing = os.open(target, flags, 0o600)
            try:
                self._data(reading, writing, status.st_size)
                durable.fsync_file(writing)
            finally:
                os.close(writing)
        finally:
            os.close(reading)

    def _data(self, reading: int, writing: int, size: int) -> None:
        """Only what is no hole (lseek(2), SEEK_DATA); then the full length."""
        position = 0
        while position < size:
            try:
                start = os.lseek(reading, position, os.SEEK_DATA)
                end = os.lseek(reading, start, os.SEEK_HOLE)
            except OSError as error:
                if error.errno == errno.ENXIO:
                    break
                start, end = position, size
            self._range(reading, writing, start, min(end, size))
            position = end
        os.ftruncate(writing, size)

    def _range(self, reading: int, writing: int, start: int, end: int) -> None:
        in_kernel = hasattr(os, "copy_file_range")
        while start < end:
            part = min(_PART, end - start)
            count = 0
            if in_kernel:
                try:
                    count = os.copy_file_range(reading, writing, part, start, start)
                except OSError as error:
                    if error.errno not in _NO_COPY_RANGE:
                        raise
                    in_kernel = False
                    continue
            else:
                data = os.pread(reading, part, start)
                while count < len(data):
                    count += os.pwrite(writing, data[count:], start + count)
            if count == 0:
                return
            start += count
            self._done += count
            self._report(self._done)

    def _attributes(self, target: str, status: os.stat_result) -> None:
        """Owner where that is allowed, permissions, times; those of a link too."""
        is_link = stat.S_ISLNK(status.st_mode)
        with contextlib.suppress(PermissionError):
            os.chown(target, status.st_uid, status.st_gid, follow_symlinks=False)
        if not is_link:
            os.chmod(target, stat.S_IMODE(status.st_mode))
        times = (status.st_atime_ns, status.st_mtime_ns)
        with contextlib.suppress(NotImplementedError):
            os.utime(target, ns=times, follow_symlinks=False)
