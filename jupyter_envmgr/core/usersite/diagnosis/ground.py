"""What a diagnosis is made from: one interpreter, and the user's and the image's packages."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from ...packages.files import read_regular
from ..base import UserBase
from ..model import Target
from .distributions import Distribution, Files, head_of, read_distributions, read_files, tops_of
from .kept import Kept
from .libraries import Libraries, read_libraries
from .modules import Directories
from .runtime import Path, Runtime

_PYTHON = re.compile(r"/python(\d+\.\d+t?)/")
_LARGEST_PATH_FILE = 1 << 20
_MOST_PATH_FILES = 500


@dataclass(frozen=True)
class System:
    """The system around an interpreter. ``libc`` is ``2.36``, or empty where it is not glibc.

    ``cpu`` are the flags of an x86 processor; nothing where they are not known.
    """

    libc: str
    is_musl: bool
    commands: tuple[str, ...]
    environ: Mapping[str, str] = field(default_factory=dict)
    cpu: frozenset[str] = frozenset()


@dataclass
class Ground:
    """One interpreter, what it loads of the user base, and what of the image.

    Nothing is read before it is asked for, and then once. ``watched`` are the paths that the
    answer rests on.
    """

    target: Target
    runtime: Runtime
    base: UserBase
    path: Path
    system: System
    kept: Kept
    skipped: dict[str, None] = field(default_factory=dict)
    watched: dict[str, None] = field(default_factory=dict)
    listed: dict[str, frozenset[str] | None] = field(default_factory=dict)
    once: dict[str, object] = field(default_factory=dict)

    @property
    def python(self) -> str:
        """The label of the site directory of this interpreter, ``3.11`` or ``3.13t``."""
        match = _PYTHON.search(f"/{self.runtime.user_site}/")
        return match.group(1) if match else self.runtime.minor

    def python_at(self, path: str) -> str:
        """The label of the Python whose site directory a path lies in."""
        match = _PYTHON.search(path + "/")
        return match.group(1) if match else self.python

    # -- directories --------------------------------------------------------------------------

    def is_users(self, path: str) -> bool:
        """Whether a directory lies in the user base."""
        real = os.path.realpath(path)
        return real.startswith(self.base.real + os.sep) or path.startswith(self.base.path + os.sep)

    @cached_property
    def user_sites(self) -> tuple[str, ...]:
        """The site directories of the user base that are loaded, in order; by PYTHONPATH too."""
        first = [p for p in self.path.first if self.is_users(p) and os.path.isdir(p)]
        mine = [self.path.user_site] if self.path.user_site else []
        return tuple(dict.fromkeys((*first, *mine)))

    @cached_property
    def path_lines(self) -> tuple[tuple[str, int, str], ...]:
        """The lines of the user's ``.pth`` files: file, number, line. In Python's order."""
        found = []
        for site in self.user_sites:
            # PYTHONPATH alone does not make a site directory of one: no .pth file is read there.
            if site != self.path.user_site:
                continue
            try:
                names = sorted(n for n in os.listdir(site) if n.endswith(".pth"))
            except OSError:
                names = []
            for name in names[:_MOST_PATH_FILES]:
                if name.startswith("."):
                    continue
                path = os.path.join(site, name)
                self.watch(path)
                data = read_regular(path, _LARGEST_PATH_FILE)
                text = (data or b"").decode("utf-8-sig", "surrogateescape")
                for number, line in enumerate(text.splitlines(), 1):
                    if line.strip() and not line.startswith("#"):
                        found.append((path, number, line.rstrip()))
        return tuple(found)

    @cached_property
    def added(self) -> tuple[str, ...]:
        """The directories that the user's ``.pth`` files put on the path, and that are there."""
        found = []
        for path, _, line in self.path_lines:
            if line.startswith(("import ", "import\t")) or "\0" in line:
                continue
            place = os.path.normpath(os.path.join(os.path.dirname(path), line))
            if os.path.isdir(place):
                found.append(place)
        return tuple(dict.fromkeys(found))

    @cached_property
    def image_path(self) -> tuple[str, ...]:
        """``sys.path`` without the user's part."""
        first = [p for p in self.path.first if not self.is_users(p)]
        found = (*first, *self.path.before, *self.path.after)
        return tuple(p for p in dict.fromkeys(found) if os.path.isdir(p))

    @cached_property
    def whole_path(self) -> tuple[str, ...]:
        """``sys.path`` as it is, with the user's part."""
        mine = (self.path.user_site, *self.added) if self.path.user_site else ()
        found = (*self.path.first, *self.path.before, *mine, *self.path.after)
        return tuple(p for p in dict.fromkeys(found) if p and os.path.isdir(p))

    @cached_property
    def directories(self) -> Directories:
        """What lies in directories of modules."""
        return Directories(self.runtime.suffixes)

    # -- distributions ------------------------------------------------------------------------

    @cached_property
    def user(self) -> tuple[Distribution, ...]:
        """All distributions of the user's site directories."""
        return tuple(d for site in self.user_sites for d in self._distributions(site))

    @cached_property
    def image_effective(self) -> Mapping[str, Distribution]:
        """The image's distributions by name: the first one counts."""
        return self._first(self.image_path)

    @cached_property
    def effective(self) -> Mapping[str, Distribution]:
        """What is loaded, by name: the first on the whole path."""
        return self._first(self.whole_path)

    @cached_property
    def mine(self) -> Mapping[str, Distribution]:
        """The user's distributions that are loaded."""
        sites = {*self.user_sites, *self.added}
        return {key: one for key, one in self.effective.items() if one.site in sites}

    def _first(self, places: Iterable[str]) -> Mapping[str, Distribution]:
        found: dict[str, Distribution] = {}
        for place in places:
            for one in self._distributions(place):
                found.setdefault(one.key, one)
        return found

    def _distributions(self, place: str) -> tuple[Distribution, ...]:
        known = self._read.get(place)
        if known is None:
            self.watch(place)
            known = self._read[place] = read_distributions(place, self.kept)
            self.watch(*(one.path for one in known))
            self.watch(*(head_of(place, one.entry) for one in known))
        return known

    @cached_property
    def _read(self) -> dict[str, tuple[Distribution, ...]]:
        return {}

    def files(self, one: Distribution) -> Files:
        """The files that a distribution lists."""
        known = self._files.get(one.path)
        if known is None:
            known = self._files[one.path] = read_files(one, self.kept)
            if known.listed and one.entry.endswith(".dist-info"):
                self.watch(os.path.join(one.path, "RECORD"))
        return known

    @cached_property
    def _files(self) -> dict[str, Files]:
        return {}

    def tops(self, one: Distribution) -> frozenset[str]:
        """The names that can be imported of a distribution."""
        known = self._tops.get(one.path)
        if known is None:
            known = self._tops[one.path] = tops_of(self.files(one))
        return known

    @cached_property
    def _tops(self) -> dict[str, frozenset[str]]:
        return {}

    @cached_property
    def owners(self) -> Mapping[tuple[str, str], tuple[Distribution, ...]]:
        """Who lists a file of the user's site directories: by the directory and the path in it."""
        found: dict[tuple[str, str], tuple[Distribution, ...]] = {}
        for one in self.user:
            for path in self.files(one).inside:
                key = one.site, path
                found[key] = (*found[key], one) if key in found else (one,)
        return found

    # -- the machine --------------------------------------------------------------------------

    @cached_property
    def libraries(self) -> Libraries:
        """The shared libraries that the interpreter finds."""
        program = os.path.realpath(self.runtime.executable or self.target.interpreter)
        return read_libraries(program, self.system.environ, self.runtime.machine)

    def watch(self, *paths: str) -> None:
        """Note what the answer rests on."""
        for path in paths:
            self.watched.setdefault(path)

    def skip(self, text: str) -> None:
        """Note what could not be looked at, once."""
        self.skipped.setdefault(text)
