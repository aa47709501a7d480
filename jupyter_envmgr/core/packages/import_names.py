"""What a package is imported as, by the files that it lists: ``scikit-learn`` is ``sklearn``."""

from __future__ import annotations

import csv
import os
import posixpath
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from .conda_records import files_of_conda_record
from .files import read_regular
from .metadata import normal
from .model import Package

_LARGEST = 64 * 1024 * 1024
_MOST = 3
_COMPILED = re.compile(r"\.(?:abi3|cpython-|pypy|cp\d|so$|pyd$)")
_SITE = re.compile(r"^(?:.*/)?(?:site|dist)-packages/")
_METADATA = (".dist-info", ".egg-info", ".data")
# Top-level names that packages bring by mistake, or that are not for others.
_ASIDE = frozenset(
    {"test", "tests", "testing", "_testing", "doc", "docs", "example", "examples", "scripts"}
)


@dataclass(frozen=True)
class ImportNames:
    """Modules to import. ``guessed`` by the package's name, where it does not list its files.

    No modules: there is nothing to import in it, as in a compiler or a package of packages.
    """

    modules: tuple[str, ...]
    guessed: bool = False


def import_names(package: Package) -> ImportNames:
    """What a package of `list_packages` is imported as: its own name, or up to three."""
    if package.path.endswith(".json"):
        files = files_of_conda_record(package.path)
        inside = [_SITE.sub("", file) for file in files if _SITE.match(file)]
        entries = {file.partition("/")[0] for file in inside if "-info/" in file}
        own = [package.name, *(entry.partition("-")[0] for entry in sorted(entries))]
        return ImportNames(_chosen(_modules(inside), own))
    listed = _listed(package.path)
    if listed is None:
        return ImportNames((normal(package.name).replace("-", "_"),), guessed=True)
    modules = _modules(listed)
    if not modules and package.editable:
        modules = tuple(_top_level(package.path))
        if not modules:
            return ImportNames((normal(package.name).replace("-", "_"),), guessed=True)
    return ImportNames(_chosen(modules, [package.name]))


def _listed(path: str) -> list[str] | None:
    """The files of a distribution, relative to its site directory; None where it does not say."""
    if path.endswith(".dist-info"):
        data = read_regular(os.path.join(path, "RECORD"), _LARGEST)
        if data is not None:
            rows = csv.reader(os.fsdecode(data).splitlines())
            try:
                return [row[0] for row in rows if row]
            except csv.Error:
                return None
    elif path.endswith(".egg-info"):
        data = read_regular(os.path.join(path, "installed-files.txt"), _LARGEST)
        if data is not None:
            entry = os.path.basename(path)
            lines = [os.fsdecode(line.strip()) for line in data.splitlines()]
            return [posixpath.normpath(f"{entry}/{line}") for line in lines if line]
    names = _top_level(path)
    return [f"{name}/__init__.py" for name in names] or None


def _top_level(path: str) -> list[str]:
    """What setuptools wrote of the top-level names."""
    data = read_regular(os.path.join(path, "top_level.txt"), _LARGEST) or b""
    return [name for name in os.fsdecode(data).split() if name.isidentifier()]


def _modules(files: Iterable[str]) -> tuple[str, ...]:
    """The modules that nothing else contains: packages, within namespaces too, and plain files."""
    packages: set[str] = set()
    plain: set[str] = set()
    namespaces: set[str] = set()
    for file in files:
        path = posixpath.normpath(file)
        top = path.partition("/")[0]
        if top in ("..", ".", "", "__pycache__", "bin") or top.endswith(_METADATA):
            continue
        directory, name = posixpath.split(path)
        stem = name.partition(".")[0]
        is_module = name.endswith(".py") or bool(_COMPILED.search(name))
        if not is_module or "__pycache__" in directory:
            continue
        if not directory:
            plain.add(stem)
        elif stem == "__init__":
            packages.add(directory)
        else:
            namespaces.add(top)
    roots = {each for each in packages if not any(parent in packages for parent in _parents(each))}
    covered = {root.partition("/")[0] for root in roots} | plain
    found = roots | plain | (namespaces - covered)
    return tuple(
        sorted(
            path.replace("/", ".")
            for path in found
            if all(part.isidentifier() for part in path.split("/"))
        )
    )


def _parents(directory: str) -> Iterable[str]:
    while "/" in directory:
        directory = directory.rpartition("/")[0]
        yield directory


def _chosen(modules: Sequence[str], own: Sequence[str]) -> tuple[str, ...]:
    wanted = {normal(name).replace("-", "_") for name in own}
    wanted |= {name.replace("_", ".") for name in wanted}
    for module in modules:
        if module.lower() in wanted:
            return (module,)
    others = [module for module in modules if not _ASIDE.intersection(module.lower().split("."))]
    public = [module for module in others if "._" not in f".{module}"]
    return tuple(public[:_MOST] or others[:1])
