"""Where the user base is and which site directories it has, by the rules of `site` (PEP 370)."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..environments.visibility import user_base

_PYTHON = re.compile(r"python(\d+\.\d+)(t?)")
OWN_DIRECTORIES = (".envmgr", ".envmgr-snapshots")
"""What we ourselves keep in a user base: locks and journals; snapshots where it is a mount."""


@dataclass(frozen=True)
class SiteDirectory:
    """One ``lib/pythonX.Y[t]/site-packages``. ``rel`` is relative to the base."""

    python: str
    abi: str
    rel: str
    path: str
    real_path: str

    @property
    def label(self) -> str:
        """``3.11``, or ``3.13t`` for free-threaded Python."""
        return self.python + self.abi


@dataclass(frozen=True)
class UserBase:
    """A tree laid out as ``pip install --user`` lays it out: the user base, or a copy of one.

    ``path`` is as configured, ``real`` with all links followed. ``roots`` are the absolute paths
    that a RECORD in it may name it by; those of the tree that a snapshot was made of, too.
    """

    path: str
    real: str
    sites: tuple[SiteDirectory, ...]
    roots: tuple[str, ...]
    problems: tuple[str, ...] = ()

    @property
    def exists(self) -> bool:
        """Whether there is a directory."""
        return os.path.isdir(self.real)

    def absolute(self, rel: str) -> str:
        """The path of an entry of the tree."""
        return os.path.join(self.real, rel)

    def site(self, python: str) -> SiteDirectory | None:
        """The site directory of ``3.11`` or ``3.13t``."""
        return next((site for site in self.sites if site.label == python), None)


def find_user_base(environ: Mapping[str, str], home: Path) -> UserBase:
    """The user base of this environment. A relative PYTHONUSERBASE is a problem, not an error.

    Python takes it relative to the directory it happens to be started in, so there is not one
    tree that could be meant: the base is then given without sites.
    """
    configured = user_base(environ, home)
    if not os.path.isabs(configured):
        words = f"PYTHONUSERBASE is a relative path ({configured}): each directory has its own"
        return UserBase(configured, os.path.join(str(home), configured), (), (), (words,))
    return read_base(configured)


def read_base(path: str | Path, *, roots: tuple[str, ...] = ()) -> UserBase:
    """The tree at ``path``. Never raises; what cannot be looked at is among the problems."""
    configured = os.path.normpath(os.fspath(path))
    real = os.path.realpath(configured)
    problems: list[str] = []
    try:
        names = os.listdir(os.path.join(real, "lib"))
    except FileNotFoundError:
        names = []
    except OSError as error:
        names = []
        problems.append(f"{real}/lib cannot be read: {error.strerror}")
    sites: list[SiteDirectory] = []
    seen: dict[str, str] = {}
    for name in sorted(names, key=_newest_first):
        match = _PYTHON.fullmatch(name)
        rel = f"lib/{name}/site-packages"
        where = os.path.join(real, rel)
        if match is None or not os.path.isdir(where):
            continue
        real_site = os.path.realpath(where)
        if real_site in seen:
            problems.append(f"{where} is the same directory as {seen[real_site]}")
            continue
        seen[real_site] = where
        sites.append(SiteDirectory(match.group(1), match.group(2), rel, where, real_site))
    known = tuple(dict.fromkeys((configured, real, *roots)))
    return UserBase(configured, real, tuple(sites), known, tuple(problems))


def _newest_first(name: str) -> tuple[list[int], str]:
    return [-int(number) for number in re.findall(r"\d+", name)], name
