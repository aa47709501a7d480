"""Which modules lie in a directory of ``sys.path``, and which of several Python takes."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Kind = Literal["package", "module", "compiled", "namespace"]


@dataclass(frozen=True)
class Module:
    """A module: its name within its directory, and its file, or its directory for a namespace."""

    name: str
    kind: Kind
    path: str

    @property
    def directory(self) -> str:
        """The directory of a package; empty for a plain module."""
        if self.kind == "namespace":
            return self.path
        return self.path.rpartition("/")[0] if self.kind == "package" else ""


class Directories:
    """Directories of modules, each listed once."""

    def __init__(self, suffixes: Sequence[str]) -> None:
        self._suffixes = tuple(suffixes)
        self._seen: dict[str, Mapping[str, Module]] = {}

    @property
    def seen(self) -> Iterable[str]:
        """The directories that were looked into."""
        return self._seen

    def modules(self, directory: str) -> Mapping[str, Module]:
        """The modules of a directory. Nothing where it cannot be read."""
        found = self._seen.get(directory)
        if found is None:
            found = self._seen[directory] = self._read(directory)
        return found

    def find(self, name: str, places: Sequence[str]) -> Module | None:
        """The module of that name, as `PathFinder` takes it: a namespace only as a last resort."""
        namespace = None
        for place in places:
            found = self.modules(place).get(name)
            if found is None:
                continue
            if found.kind != "namespace":
                return found
            namespace = namespace or found
        return namespace

    def places(self, name: str, places: Sequence[str]) -> tuple[str, ...]:
        """Where the submodules of a package are looked for."""
        found = self.find(name, places)
        if found is None:
            return ()
        if found.kind != "namespace":
            return (found.directory,) if found.directory else ()
        all_ = (self.modules(place).get(name) for place in places)
        return tuple(m.path for m in all_ if m is not None and m.kind == "namespace")

    def _read(self, directory: str) -> Mapping[str, Module]:
        """A package wins over a compiled module, that over a source (`FileFinder`)."""
        found: dict[str, Module] = {}
        ranks: dict[str, int] = {}
        try:
            with os.scandir(directory) as entries:
                listed = [(entry.name, _is_directory(entry)) for entry in entries]
        except (OSError, ValueError):
            return {}
        for name, is_directory in listed:
            path = f"{directory}/{name}"
            stem, kind, rank = "", "", 9
            if is_directory:
                if name.isidentifier() and name != "__pycache__":
                    stem = name
                    init = self._init(path)
                    kind, rank = ("package", 0) if init else ("namespace", 8)
                    path = init or path
            else:
                stem, kind, rank = self._file(name)
            if stem and rank < ranks.get(stem, 10):
                ranks[stem] = rank
                found[stem] = Module(stem, kind, path)  # type: ignore[arg-type]
        return found

    def _file(self, name: str) -> tuple[str, str, int]:
        if name.endswith(".py"):
            stem = name[:-3]
            return (stem, "module", 3) if stem.isidentifier() else ("", "", 9)
        if name.endswith(".so"):
            for suffix in self._suffixes:
                stem = name.removesuffix(suffix)
                if stem != name and stem.isidentifier():
                    return stem, "compiled", 1
        return "", "", 9

    def _init(self, directory: str) -> str:
        for name in ("__init__.py", "__init__.pyc", *("__init__" + s for s in self._suffixes)):
            path = f"{directory}/{name}"
            if os.path.exists(path):
                return path
        return ""


def _is_directory(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:
        return False
