"""How much disk things take: blocks, each inode once."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from .metadata import read_regular

_BLOCK = 512
_BREATH = 500
_LARGEST_RECORD = 64 * 1024 * 1024


@dataclass(frozen=True)
class Size:
    """``size`` in bytes on the disk; ``shared`` of them in files that have other names too.

    ``unreadable`` counts directories that could not be looked into.
    """

    size: int
    files: int
    shared: int
    unreadable: int = 0


def measure(path: Path) -> Size:
    """What a directory tree takes. Links are not followed; a hard link counts once.

    Every few hundred entries other threads get their turn, a server's loop among them.
    """
    size = files = shared = unreadable = seen = 0
    inodes: set[tuple[int, int]] = set()
    waiting = [str(path)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    seen += 1
                    if seen % _BREATH == 0:
                        time.sleep(0)
                    try:
                        status = entry.stat(follow_symlinks=False)
                        is_directory = entry.is_dir(follow_symlinks=False)
                    except OSError:
                        continue
                    if is_directory:
                        waiting.append(entry.path)
                    else:
                        files += 1
                    if status.st_nlink > 1 and not is_directory:
                        if (status.st_dev, status.st_ino) in inodes:
                            continue
                        inodes.add((status.st_dev, status.st_ino))
                        shared += status.st_blocks * _BLOCK
                    size += status.st_blocks * _BLOCK
        except OSError:
            unreadable += 1
    return Size(size, files, shared, unreadable)


def size_of_distribution(metadata: Path) -> int | None:
    """The bytes that RECORD gives the files of a package (PEP 376); None without one.

    They are the sizes that the files had when they were installed; nothing is looked up.
    """
    if metadata.suffix == ".json":
        return None
    data = read_regular(metadata / "RECORD", _LARGEST_RECORD)
    if data is None:
        return None
    total = 0
    for line in data.splitlines():
        size = line.rpartition(b",")[2]
        if size.isdigit():
            total += int(size)
    return total
