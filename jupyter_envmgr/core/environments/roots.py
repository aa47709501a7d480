"""Where environments that nobody told us of may lie."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..settings import Settings
from .conda_roots import find_conda_roots
from .disk import Disk, shown

_IN_PROJECT = (".venv", "venv", "env", ".env")
_MOST_CHILDREN = 2000
_MOST_GRANDCHILDREN = 5000
_MOST_IN_ROOT = 20_000


@dataclass(frozen=True)
class Candidate:
    """A directory that may be an environment, and how it was come upon.

    ``is_likely``: it lies where nothing but environments lie.
    """

    path: str
    source: str
    is_likely: bool = False


@dataclass(frozen=True)
class Candidates:
    """The directories worth a look, the surest first; what kept us from seeing more."""

    found: tuple[Candidate, ...]
    warnings: tuple[str, ...]
    watched: tuple[str, ...]


def candidates(settings: Settings, disk: Disk, is_environment: Callable[[str], bool]) -> Candidates:
    """Where environments may be: at most two levels below the home and the search paths.

    Remembered until one of the directories that were searched changes.
    """
    return disk.remember(
        ("candidates",),
        lambda: _Search(settings, disk, is_environment).everywhere(),
        lambda candidates: candidates.watched,
    )


class _Search:
    def __init__(
        self,
        settings: Settings,
        disk: Disk,
        is_environment: Callable[[str], bool],
    ) -> None:
        self._watched: list[str] = []
        self._warnings: list[str] = []
        self._disk = disk
        self._settings = settings
        self._environ = settings.environ
        self._home = str(settings.home)
        self._is_environment = is_environment
        data = self._environ.get("XDG_DATA_HOME", "")
        self._data = data if os.path.isabs(data) else os.path.join(self._home, ".local", "share")
        cache = self._environ.get("XDG_CACHE_HOME", "")
        self._cache = cache if os.path.isabs(cache) else os.path.join(self._home, ".cache")

    def everywhere(self) -> Candidates:
        """All that follows, each directory once."""
        found: dict[str, Candidate] = {}
        for candidate in self._everywhere():
            found.setdefault(candidate.path, candidate)
        return Candidates(
            tuple(found.values()), tuple(self._warnings), tuple(dict.fromkeys(self._watched))
        )

    def _everywhere(self) -> Iterator[Candidate]:
        yield from self.named_by_variables()
        for directory, source in self.virtualenv_roots():
            yield from self.children(directory, source, _MOST_IN_ROOT)
        yield from self.hatch()
        yield from self.pyenv()
        yield from self.conda()
        for path in self._settings.search_paths:
            yield from self.two_levels(str(path))
        yield from self.projects(str(self._settings.home), "home")

    def named_by_variables(self) -> Iterator[Candidate]:
        for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
            if os.path.isabs(self._environ.get(name, "")):
                yield Candidate(os.path.normpath(self._environ[name]), name, True)

    def virtualenv_roots(self) -> Iterator[tuple[str, str]]:
        """Where tools and habits keep virtual environments side by side."""
        environ = self._environ
        places = [
            (environ.get("WORKON_HOME", ""), "virtualenvwrapper"),
            (os.path.join(self._home, ".virtualenvs"), "virtualenvwrapper"),
            (os.path.join(self._home, "venvs"), "home"),
            (os.path.join(self._home, ".venvs"), "home"),
            (os.path.join(self._home, "envs"), "home"),
            (os.path.join(self._data, "virtualenvs"), "pipenv"),
            (environ.get("POETRY_VIRTUALENVS_PATH", ""), "poetry"),
            (os.path.join(environ.get("POETRY_CACHE_DIR", ""), "virtualenvs"), "poetry"),
            (os.path.join(self._cache, "pypoetry", "virtualenvs"), "poetry"),
            (os.path.join(self._data, "pdm", "venvs"), "pdm"),
        ]
        for path, source in places:
            if os.path.isabs(path):
                yield path, source

    def children(self, directory: str, source: str, limit: int) -> Iterator[Candidate]:
        """The directories in ``directory``."""
        for path in self._directories(directory, limit):
            yield Candidate(path, source, True)

    def hatch(self) -> Iterator[Candidate]:
        """hatch keeps ``env/virtual/<project>/<hash>/<name>``."""
        root = self._environ.get("HATCH_DATA_DIR") or os.path.join(self._data, "hatch")
        for project in self._directories(os.path.join(root, "env", "virtual"), 500):
            for build in self._directories(project, 50):
                yield from self.children(build, "hatch", 50)

    def pyenv(self) -> Iterator[Candidate]:
        """pyenv-virtualenv keeps its own in ``versions/X/envs``; others make them in versions."""
        for root in dict.fromkeys(
            (self._environ.get("PYENV_ROOT", ""), os.path.join(self._home, ".pyenv"))
        ):
            if os.path.isabs(root):
                for version in self._directories(os.path.join(root, "versions"), 500):
                    yield from self.children(os.path.join(version, "envs"), "pyenv", 500)
                    yield Candidate(version, "pyenv")

    def conda(self) -> Iterator[Candidate]:
        conda = find_conda_roots(self._settings, self._disk)
        self._watched += conda.watched
        for base in conda.bases:
            yield Candidate(base, "conda")
        for directory, source in conda.directories:
            yield from self.children(directory, shown(source), _MOST_IN_ROOT)
        for path in conda.noted:
            yield Candidate(path, "environments.txt", True)

    def two_levels(self, directory: str) -> Iterator[Candidate]:
        """``directory``, what is in it, what is in that, and the environments of projects there."""
        source = f"search path {shown(directory)}"
        yield Candidate(directory, source)
        yield from self.projects(directory, source)
        left = _MOST_GRANDCHILDREN
        for child in self._directories(directory, _MOST_CHILDREN):
            self._watched.append(child)
            if self._is_environment(child):
                continue
            if left <= 0:
                self._warnings.append(
                    f"{shown(directory)}: not all of its directories were searched."
                )
                return
            found = self._directories(child, min(left, _MOST_CHILDREN))
            left -= len(found) + 1
            for path in found:
                yield Candidate(path, source)
                yield from self._in_project(path, source)

    def projects(self, directory: str, source: str) -> Iterator[Candidate]:
        """What is in ``directory``, and the environments that projects there keep in themselves."""
        yield from self._in_project(directory, source)
        for path in self._directories(directory, _MOST_CHILDREN):
            yield Candidate(path, source)
            yield from self._in_project(path, source)

    def _in_project(self, path: str, source: str) -> Iterator[Candidate]:
        self._watched.append(path)
        self._disk.signature(path)
        inside = self._disk.remember(
            ("project", path),
            lambda: tuple(
                p for name in _IN_PROJECT if os.path.isdir(p := os.path.join(path, name))
            ),
            lambda _: (path,),
        )
        for found in inside:
            yield Candidate(found, source)

    def _directories(self, directory: str, limit: int) -> list[str]:
        """The directories in one that is not itself an environment."""
        self._watched.append(directory)
        if not self._disk.is_directory(directory) or self._is_environment(directory):
            return []
        listing = self._disk.listing(directory, limit)
        if listing.cut:
            self._warnings.append(
                f"{shown(directory)}: only {limit} of its entries were looked at."
            )
        if listing.error and self._disk.exists(directory):
            self._warnings.append(f"{shown(directory)} cannot be searched: {listing.error}.")
        return [os.path.join(directory, name) for name in listing.directories]
