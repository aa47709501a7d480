"""Looking at one directory: is it an environment, of which kind, and in which state."""

from __future__ import annotations

import os
from dataclasses import dataclass

from .conda_prefix import read_conda
from .disk import Disk, real_path
from .facts import Facts
from .pyvenv import read_venv


@dataclass(frozen=True)
class Prefix:
    """A directory that was looked at: without links, what its files say, and may we write to it.

    ``facts`` are None where it is no environment.
    """

    path: str
    real: str
    facts: Facts | None
    writable: bool = False


def look_at(disk: Disk, path: str) -> Prefix:
    """What a directory is. Remembered until one of the files that say so changes."""
    return disk.remember(("prefix", path), lambda: _look(disk, path), _watched)


def _look(disk: Disk, path: str) -> Prefix:
    if not disk.is_directory(path):
        return Prefix(path, path, None)
    facts = read_conda(disk, path) or read_venv(disk, path)
    if facts is None:
        return Prefix(path, path, None)
    parent, name = os.path.split(path)
    real = os.path.join(real_path(disk, parent), name)
    if not name or os.path.islink(path):
        real = os.path.realpath(path)
    return Prefix(path, real, facts, os.access(path, os.W_OK | os.X_OK))


def _watched(prefix: Prefix) -> tuple[str, ...]:
    # Nothing can become an environment without a new name in it.
    return (prefix.path,) if prefix.facts is None else prefix.facts.watched
