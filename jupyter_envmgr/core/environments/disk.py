"""Looking at what others put on the disk: bounded, never a device, never an exception.

What was made of files is remembered together with what those files looked like, so that looking
again costs one stat for each of them.
"""

from __future__ import annotations

import errno
import os
import stat
import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

T = TypeVar("T")
Signature = tuple[int, ...]
"""Device, inode, mtime in ns, size, mode; or just an errno for what cannot be looked at."""

TEXT_LIMIT = 64 * 1024
NAMES_LIMIT = 20_000
# A change within one tick of the file system's clock after we looked leaves the mtime as it was
# (git calls such an entry racy); 2 s is the coarsest clock in use (vfat).
_UNSETTLED_NS = 2_000_000_000
# Other threads get their turn whenever a system call is made; this is for the stretches between.
_YIELD_EVERY = 64
# What was not asked for in so many looks is gone, or will be read again.
_FORGET_EVERY = 100


def shown(text: str) -> str:
    """``text`` as it can be sent: what has no UTF-8 form, as in some file names, is replaced."""
    try:
        text.encode()
        return text
    except UnicodeEncodeError:
        pass
    try:
        return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
    except UnicodeEncodeError:
        return text.encode("utf-8", "replace").decode("utf-8", "replace")


def reason(error: OSError) -> str:
    """An OSError in lower-case words: ``permission denied``."""
    words = error.strerror or str(error)
    return words[:1].lower() + words[1:]


def signature_of(path: str) -> Signature:
    """What tells whether ``path`` changed, links followed."""
    try:
        status = os.stat(path)
    except OSError as error:
        return (error.errno or errno.EIO,)
    except ValueError:
        return (errno.EINVAL,)
    return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size, status.st_mode


def read_bytes(path: str, limit: int = TEXT_LIMIT) -> bytes:
    """The first ``limit`` bytes of a regular file.

    Raises OSError, also for what is no regular file: a FIFO would block, a device could act.
    """
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        # It may have been replaced since: never wait in open(2).
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except ValueError as error:
        raise OSError(errno.EINVAL, str(error), path) from None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        parts = []
        while limit > 0 and (part := os.read(descriptor, limit)):
            parts.append(part)
            limit -= len(part)
        return b"".join(parts)
    finally:
        os.close(descriptor)


def read_text(path: str, limit: int = TEXT_LIMIT) -> str:
    """The first ``limit`` bytes of a regular file as text. Raises OSError as `read_bytes`."""
    return read_bytes(path, limit).decode("utf-8-sig", "replace")


def iso_time(seconds: float) -> str:
    """The time stamp of a file in the form of `core.clock.now`."""
    try:
        whole = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(seconds // 1))
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00.000Z"
    return f"{whole}.{int(seconds % 1 * 1000):03d}Z"


@dataclass(frozen=True)
class Listing:
    """The names in a directory, sorted; ``cut`` if there are more than were read.

    ``directories`` are those that are, or as links may lead to, directories.
    """

    names: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    cut: bool = False
    error: str = ""


class _Remembered:
    """A value, what it was made of, and the number of the look in which that was true last."""

    __slots__ = ("is_settled", "look", "value", "watched")

    def __init__(
        self,
        value: Any,
        watched: tuple[tuple[str, Signature], ...],
        is_settled: bool,
        look: int,
    ) -> None:
        self.value = value
        self.watched = watched
        self.is_settled = is_settled
        self.look = look


class Disk:
    """What was seen of the disk, and what tells that it has to be looked at again.

    Between two calls of `look_again` it is one look: each path is asked for once. Not for several
    threads at once.
    """

    def __init__(self, *, clock_ns: Callable[[], int] = time.time_ns) -> None:
        self._signatures: dict[str, Signature] = {}
        self._ahead: dict[str, Signature] = {}
        self._remembered: dict[Hashable, _Remembered] = {}
        # What the last look was made of: paths asked for, values remembered, both together.
        self._asked: dict[str, Signature] = {}
        self._used: list[_Remembered] = []
        self._needed: dict[str, Signature] | None = None
        self._depth = 0
        self._look = 0
        self._work = 0
        self._clock_ns = clock_ns

    def look_again(self, *, from_scratch: bool = False) -> bool:
        """Begin a new look. True if everything that the last one was made of is as it was.

        Then whatever was made of the last look would be made of this one. ``from_scratch``
        forgets what was made of files.
        """
        if from_scratch:
            self._remembered.clear()
            now: dict[str, Signature] = {}
        else:
            if self._needed is None:
                self._needed = dict(self._asked)
                for used in self._used:
                    self._needed.update(used.watched)
            now = {path: signature_of(path) for path in self._needed}
            settled = all(used.is_settled for used in self._used)
            if settled and self._look and now == self._needed:
                return True
        self._signatures, self._ahead = {}, now
        self._asked, self._used, self._needed = {}, [], None
        self._look += 1
        if self._look % _FORGET_EVERY == 0:
            old = self._look - _FORGET_EVERY
            self._remembered = {k: v for k, v in self._remembered.items() if v.look > old}
        return False

    def signature(self, path: str) -> Signature:
        """What tells whether ``path`` changed, links followed."""
        known = self._signatures.get(path)
        if known is None:
            known = self._ahead.get(path) or signature_of(path)
            self._signatures[path] = known
        if not self._depth:
            self._asked[path] = known
        return known

    def exists(self, path: str) -> bool:
        """Whether ``path`` leads to something."""
        return len(self.signature(path)) > 1

    def is_directory(self, path: str) -> bool:
        """Whether ``path`` leads to a directory."""
        signature = self.signature(path)
        return len(signature) > 1 and stat.S_ISDIR(signature[4])

    def is_file(self, path: str) -> bool:
        """Whether ``path`` leads to a regular file."""
        signature = self.signature(path)
        return len(signature) > 1 and stat.S_ISREG(signature[4])

    def error(self, path: str) -> int:
        """The errno of looking at ``path``, 0 if it is there."""
        signature = self.signature(path)
        return signature[0] if len(signature) == 1 else 0

    def modified(self, path: str) -> str | None:
        """When ``path`` was modified."""
        signature = self.signature(path)
        return iso_time(signature[2] / 1e9) if len(signature) > 1 else None

    def remember(
        self, key: Hashable, make: Callable[[], T], watch: Callable[[T], Iterable[str]]
    ) -> T:
        """What ``make`` made, made again only if one of the paths in ``watch`` of it changed."""
        known = self._remembered.get(key)
        if known is None or not self._holds(known):
            known = self._remembered[key] = self._made(make, watch)
        if not self._depth:
            self._used.append(known)
        value: T = known.value
        return value

    def _made(self, make: Callable[[], T], watch: Callable[[T], Iterable[str]]) -> _Remembered:
        self._work += 1
        if self._work % _YIELD_EVERY == 0:
            time.sleep(0)
        now = self._clock_ns()
        self._depth += 1
        try:
            value = make()
            watched = tuple((path, self.signature(path)) for path in watch(value))
        finally:
            self._depth -= 1
        settled = all(len(s) == 1 or abs(now - s[2]) > _UNSETTLED_NS for _, s in watched)
        return _Remembered(value, watched, settled, self._look)

    def _holds(self, known: _Remembered) -> bool:
        if known.look == self._look:
            return True
        if not known.is_settled:
            return False
        seen = self._signatures
        for path, signature in known.watched:
            if (seen.get(path) or self.signature(path)) != signature:
                return False
        known.look = self._look
        return True

    def listing(self, path: str, limit: int = NAMES_LIMIT) -> Listing:
        """The names in a directory, remembered until the directory changes."""
        self.signature(path)  # before reading: a change while we read must be noticed
        return self.remember(("names", path, limit), lambda: _list(path, limit), lambda _: (path,))

    def text(self, path: str, limit: int = TEXT_LIMIT) -> str | None:
        """The text of a regular file, remembered until it changes; None if it cannot be read."""

        def read() -> str | None:
            try:
                return read_text(path, limit)
            except OSError:
                return None

        self.signature(path)
        return self.remember(("text", path, limit), read, lambda _: (path,))


def real_path(disk: Disk, path: str) -> str:
    """``path`` without links, resolved anew only if it leads to something else."""
    disk.signature(path)
    return disk.remember(("real", path), lambda: _real(path), lambda real: (path, real))


def _real(path: str) -> str:
    try:
        return os.path.realpath(path)
    except (OSError, ValueError):
        return path


def _list(path: str, limit: int) -> Listing:
    names: list[str] = []
    directories: list[str] = []
    cut, error = False, ""
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if len(names) >= limit:
                    cut = True
                    break
                names.append(entry.name)
                if entry.is_dir(follow_symlinks=False) or entry.is_symlink():
                    directories.append(entry.name)
    except OSError as failure:
        error = reason(failure)
    except ValueError as failure:
        error = str(failure)
    return Listing(tuple(sorted(names)), tuple(sorted(directories)), cut, error)
