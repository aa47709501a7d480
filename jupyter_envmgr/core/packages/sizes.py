"""How much disk things take: blocks, each inode once."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from .conda_records import files_of_conda_record
from .files import read_regular

_BLOCK = 512
_BREATH = 500
_LARGEST_RECORD = 64 * 1024 * 1024
_MOST_TOP_LEVEL = 100


@dataclass(frozen=True)
class Size:
    """``size`` in bytes on the disk; ``shared`` of them in files that have other names too.

    ``unreadable`` counts what could not be looked at or into.
    """

    size: int
    files: int
    shared: int
    unreadable: int = 0


class _Sum:
    """Blocks so far. Every few hundred files other threads get their turn, a loop among them."""

    def __init__(self) -> None:
        self.size = self.files = self.shared = self._seen = 0
        self._inodes: set[tuple[int, int]] = set()

    def add(self, status: os.stat_result, is_directory: bool) -> None:
        self._seen += 1
        if self._seen % _BREATH == 0:
            time.sleep(0)
        size = status.st_blocks * _BLOCK
        if not is_directory:
            self.files += 1
            if status.st_nlink > 1:
                inode = status.st_dev, status.st_ino
                if inode in self._inodes:
                    return
                self._inodes.add(inode)
                self.shared += size
        self.size += size


def measure(path: Path) -> Size:
    """What a directory tree takes, as ``du -x`` says. Links are not followed, ``path`` itself is.

    A hard link counts once. What is mounted below ``path`` is not part of it.
    """
    found, unreadable = _Sum(), 0
    try:
        top = os.stat(path)
    except (OSError, ValueError):
        return Size(0, 0, 0, 1)
    found.add(top, True)
    waiting = [str(path)]
    while waiting:
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    try:
                        status = entry.stat(follow_symlinks=False)
                        is_directory = entry.is_dir(follow_symlinks=False)
                    except FileNotFoundError:  # removed meanwhile
                        continue
                    except OSError:
                        unreadable += 1
                        continue
                    if is_directory:
                        # On overlayfs files have other device numbers; directories have its own.
                        if status.st_dev != top.st_dev:
                            continue
                        waiting.append(entry.path)
                    found.add(status, is_directory)
        except OSError:
            unreadable += 1
    return Size(found.size, found.files, found.shared, unreadable)


def size_of_distribution(site: str, entry: str, root: str) -> int | None:
    """What the files of a Python package take; None if it does not say which they are.

    By RECORD (PEP 376), by ``installed-files.txt``, or by ``top_level.txt``. Files outside
    ``root``, the environment or user base, do not count, whatever RECORD says.
    """
    metadata = os.path.join(site, entry)
    if entry.endswith(".egg"):
        return measure(Path(metadata)).size
    record = read_regular(os.path.join(metadata, "RECORD"), _LARGEST_RECORD)
    if record is not None:
        return _size_of_files(site, _recorded(record), root)
    listed = read_regular(os.path.join(metadata, "installed-files.txt"), _LARGEST_RECORD)
    if listed is not None:
        return _size_of_files(metadata, map(os.fsdecode, listed.splitlines()), root)
    names = read_regular(os.path.join(metadata, "top_level.txt"), _LARGEST_RECORD)
    if names is None:
        return None
    found = measure(Path(metadata)).size
    for name in list(dict.fromkeys(os.fsdecode(names).split()))[:_MOST_TOP_LEVEL]:
        if name.isidentifier():
            directory = Path(site, name)
            if directory.is_symlink() or not os.path.isdir(directory):
                found += _size_of_files(site, (f"{name}.py",), root)
            else:
                found += measure(directory).size
    return found


def size_of_conda_package(record: str, prefix: str) -> int | None:
    """What the files of a conda package take; None if its record lists none."""
    files = files_of_conda_record(record)
    return _size_of_files(prefix, files, prefix) if files else None


def _recorded(record: bytes) -> Iterator[str]:
    """The paths of a RECORD, whatever its line ends, with or without hash and size."""
    for line in record.splitlines():
        if line.startswith(b'"'):
            try:
                yield next(csv.reader([os.fsdecode(line)]))[0]
            except (csv.Error, StopIteration, IndexError):
                continue
        else:
            path = line.partition(b",")[0]
            if path:
                yield os.fsdecode(path)


def _size_of_files(directory: str, paths: Iterable[str], root: str) -> int:
    found = _Sum()
    bounds = os.path.normpath(root), os.path.realpath(root)
    for path in dict.fromkeys(paths):
        full = f"{directory}/{path}"
        if path.startswith("/") or ".." in path:
            full = os.path.normpath(os.path.join(directory, path))
            if not any(full.startswith(f"{bound.rstrip('/')}/") for bound in bounds):
                continue
        try:
            status = os.lstat(full)
        except (OSError, ValueError):
            continue
        is_directory = (status.st_mode & 0o170000) == 0o040000
        if not is_directory:
            found.add(status, False)
    return found.size
