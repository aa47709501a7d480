"""What stays where it is when packages are set aside, and why."""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Mapping
from pathlib import Path

from ..environments.disk import shown
from ..packages.metadata import read_regular
from ..packages.sizes import measure
from .base import OWN_DIRECTORIES, UserBase
from .foreign import foreign_place, linked_place
from .model import LeftAlone
from .scripts import Script

_LOOKED_INTO = frozenset(
    {
        *("bin", "etc", "etc/jupyter", "include", "lib"),
        *("share", "share/jupyter", "share/jupyter/kernels"),
    }
)
_PYTHON = re.compile(r"lib/python\d+\.\d+t?")
_MOST = 1000


def left_alone(
    base: UserBase,
    owned: frozenset[str],
    refused: Mapping[str, str],
    *,
    size: bool = False,
) -> tuple[LeftAlone, ...]:
    """Everything in the base but its site directories and the files ``owned``, by path.

    A directory of which nothing is owned is one row. ``refused`` are reasons that are known. What
    we ourselves keep in the base is not listed.
    """
    mixed = frozenset(parent for rel in owned for parent in parents(rel))
    rows: list[LeftAlone] = []
    _look(base, "", owned, mixed, refused, size, rows)
    return tuple(rows[:_MOST])


def parents(rel: str) -> list[str]:
    """The directories above an entry, the innermost first, without the base itself."""
    found = []
    while rel := posixpath.dirname(rel):
        found.append(rel)
    return found


def _look(
    base: UserBase,
    rel: str,
    owned: frozenset[str],
    mixed: frozenset[str],
    refused: Mapping[str, str],
    size: bool,
    rows: list[LeftAlone],
) -> None:
    try:
        names = sorted(os.listdir(base.absolute(rel)))
    except OSError:
        return
    for name in names:
        child = f"{rel}/{name}" if rel else name
        if child in owned or child in OWN_DIRECTORIES or len(rows) > _MOST:
            continue
        path = base.absolute(child)
        is_directory = os.path.isdir(path) and not os.path.islink(path)
        shared = child in mixed or child in _LOOKED_INTO or _PYTHON.fullmatch(child)
        if is_directory and shared:
            _look(base, child, owned, mixed, refused, size, rows)
        elif not (_PYTHON.fullmatch(rel) and name == "site-packages"):
            why = refused.get(child) or why_left(base, child)
            measured = measure(Path(path)).size if size and is_directory else None
            rows.append(LeftAlone(shown(path), shown(why), measured))


def why_left(base: UserBase, rel: str) -> str:
    """Why an entry that no package owns stays."""
    path = base.absolute(rel)
    known = foreign_place(rel)
    if known:
        return known
    directory = posixpath.dirname(rel)
    if directory == "bin":
        linked = linked_place(path, base.real)
        if linked:
            return linked
        if (read_regular(path, 4) or b"") == b"\x7fELF":
            return "a program that no Python package installed"
        if Script(path).is_python:
            return "a Python script that no package here installed"
        return "a script that no package here installed"
    if directory == "share/jupyter/kernels":
        return "a kernelspec that no package here installed"
    if os.path.islink(path):
        return f"a link to {os.readlink(path)}"
    return "no package here lists it"
