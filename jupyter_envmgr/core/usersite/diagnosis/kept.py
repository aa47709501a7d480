"""What was read of files, remembered until they change, and what an answer rests on."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from typing import TypeVar, cast

T = TypeVar("T")
Stamp = tuple[int, int, int]

GONE: Stamp = (0, 0, 0)
# A change within one tick of the file system's clock after we looked leaves the time as it was;
# 2 s is the coarsest clock in use (vfat).
_UNSETTLED_NS = 2_000_000_000
_MOST = 20_000


class Kept:
    """Facts by path; trusted while time, size and inode are the same. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[tuple[str, str], tuple[Stamp, object]] = {}

    def get(self, kind: str, path: str, make: Callable[[], T]) -> T:
        """What ``make`` once made of ``path``, else what it makes now."""
        at = stamp(path)
        known = self._known.get((kind, path))
        if known is not None and known[0] == at:
            return cast(T, known[1])
        made = make()
        if is_settled(at):
            with self._lock:
                if len(self._known) >= _MOST:
                    for key in list(self._known)[: _MOST // 2]:
                        del self._known[key]
                self._known[kind, path] = at, made
        return made

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._known.clear()


def stamp(path: str) -> Stamp:
    """What changes when the file or the directory does."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return GONE
    return status.st_mtime_ns, status.st_size, status.st_ino


def is_settled(at: Stamp) -> bool:
    """Whether a stamp is old enough to tell of the next change."""
    return abs(time.time_ns() - at[0]) > _UNSETTLED_NS


def stamps(paths: Iterable[str]) -> tuple[Stamp, ...]:
    """The stamps of many paths."""
    found = []
    stat = os.stat
    for path in paths:
        try:
            status = stat(path)
            found.append((status.st_mtime_ns, status.st_size, status.st_ino))
        except (OSError, ValueError):
            found.append(GONE)
    return tuple(found)
