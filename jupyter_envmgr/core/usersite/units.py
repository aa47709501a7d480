"""What is renamed as one piece: whole directories where all of one is moved, else its parts."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable

from .base import UserBase
from .leaving import parents
from .records import Installed

_SHALLOWEST = 4


def pieces_of_site(site: str, moved: Iterable[Installed], kept: Iterable[Installed]) -> list[str]:
    """The entries, in the site directory, to rename when ``moved`` goes and ``kept`` stays.

    Both must have been read whole. A directory goes as a whole unless something that stays has a
    file in it, as in a namespace package; then its parts are looked at. What both list stays.
    Byte code that nobody lists goes with its source.
    """
    going = {path for one in moved for path in one.inside}
    staying = {path for one in kept for path in one.inside}
    return _Split(site, going, staying).pieces("")


class _Split:
    def __init__(self, site: str, going: set[str], staying: set[str]) -> None:
        self._site = site
        self._going = going
        self._staying = staying
        self._going_parents = {p for path in going for p in parents(path)}
        self._staying_parents = {p for path in staying for p in parents(path)}

    def pieces(self, directory: str) -> list[str]:
        try:
            names = sorted(os.listdir(os.path.join(self._site, directory)))
        except OSError:
            return []
        found: list[str] = []
        for name in names:
            path = f"{directory}/{name}" if directory else name
            if name == "__pycache__":
                found += self._byte_code(directory, path)
            elif path in self._staying:
                continue
            elif path in self._going:
                if path in self._staying_parents and self._is_directory(path):
                    found += self.pieces(path)
                else:
                    found.append(path)
            elif path in self._going_parents and self._is_directory(path):
                if path in self._staying_parents:
                    found += self.pieces(path)
                else:
                    found.append(path)
        return found

    def _is_directory(self, path: str) -> bool:
        full = os.path.join(self._site, path)
        return os.path.isdir(full) and not os.path.islink(full)

    def _byte_code(self, directory: str, path: str) -> list[str]:
        try:
            names = sorted(os.listdir(os.path.join(self._site, path)))
        except OSError:
            return []
        found = []
        for name in names:
            source = name.split(".", 1)[0] + ".py"
            source = f"{directory}/{source}" if directory else source
            full = f"{path}/{name}"
            goes = full in self._going or source in self._going
            if goes and full not in self._staying and source not in self._staying:
                found.append(full)
        return found


def pieces_outside(base: UserBase, files: Iterable[str]) -> list[str]:
    """The entries of the base to rename when these files go, the parts of none listed twice.

    A directory goes as a whole if nothing else is in it and it is none that others share, such
    as ``share/jupyter/kernels``: from the fourth level, and a distribution's own headers.
    """
    wanted = frozenset(files)
    known: dict[str, bool] = {}
    found: dict[str, None] = {}
    for rel in sorted(wanted):
        whole = [p for p in parents(rel) if _may_go(p) and _is_all(base, p, wanted, known)]
        found[whole[-1] if whole else rel] = None
    return list(found)


def _may_go(directory: str) -> bool:
    depth = directory.count("/") + 1
    return depth >= _SHALLOWEST or (depth == 3 and directory.startswith("include/python"))


def _is_all(base: UserBase, directory: str, wanted: frozenset[str], known: dict[str, bool]) -> bool:
    if directory not in known:
        known[directory] = False
        try:
            with os.scandir(base.absolute(directory)) as entries:
                known[directory] = all(
                    _is_all(base, f"{directory}/{entry.name}", wanted, known)
                    if entry.is_dir(follow_symlinks=False)
                    else f"{directory}/{entry.name}" in wanted
                    for entry in entries
                )
        except OSError:
            pass
    return known[directory]


def directories_above(pieces: Iterable[str]) -> list[str]:
    """All directories above these entries, the outermost first."""
    found = {parent for piece in pieces for parent in parents(piece)}
    return sorted(found, key=lambda rel: (rel.count("/"), rel))


def fitting(source: str, target: str, piece: str) -> tuple[list[str], list[str]]:
    """Where a directory is already, its parts; as ``(pieces, conflicts)``.

    ``source`` and ``target`` are the trees. Parts of a namespace package may be put beside one
    another; a regular package, a file, or a metadata directory that is there is a conflict.
    """
    there = os.path.join(target, piece)
    if not os.path.lexists(there):
        return [piece], []
    here = os.path.join(source, piece)
    both = [path for path in (here, there) if os.path.isdir(path) and not os.path.islink(path)]
    is_package = any(os.path.lexists(os.path.join(path, "__init__.py")) for path in both)
    if len(both) < 2 or is_package or piece.endswith((".dist-info", ".egg-info", ".egg")):
        return [], [piece]
    pieces: list[str] = []
    conflicts: list[str] = []
    for name in sorted(os.listdir(here)):
        more, wrong = fitting(source, target, posixpath.join(piece, name))
        pieces += more
        conflicts += wrong
    return pieces, conflicts
