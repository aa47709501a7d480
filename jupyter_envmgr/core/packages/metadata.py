"""One installed distribution, read from its metadata directory: heads of files only."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from functools import lru_cache

from ..environments.disk import shown
from .files import first_line, read_regular
from .heads import first, home_page_of, licence_of, parse_head, read_head
from .model import Package

__all__ = [
    "METADATA_ENDINGS",
    "Distribution",
    "normal",
    "read_distribution",
    "read_head",
    "read_regular",
]

METADATA_ENDINGS = (".dist-info", ".egg-info", ".egg-link", ".egg")
_PLACES = {
    ".dist-info": ("/PKG-INFO", ""),
    ".egg-info": ("/PKG-INFO", ""),
    ".egg": ("/EGG-INFO/PKG-INFO",),
}
_LARGEST_SMALL = 64 * 1024
_LARGEST_PKG_INFO = 1024 * 1024
_LONGEST_NAME = 200
_LONGEST_TEXT = 1000
_SEPARATORS = re.compile(r"[-_.]+")
_CREDENTIALS = re.compile(r"(?<=//)[^/@]*@")


@lru_cache(maxsize=8192)
def normal(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return _SEPARATORS.sub("-", name).lower()


@dataclass(frozen=True)
class Distribution:
    """A metadata directory or file in a site directory, and the package that it describes.

    ``requested`` says that its installer noted that a person asked for it (PEP 627).
    """

    entry: str
    package: Package
    requested: bool


def read_distribution(site: str, entry: str, directory: int | None = None) -> Distribution:
    """The distribution of ``entry`` in the site directory. Never raises: a problem is a field.

    ``directory`` is a descriptor of the site directory, if there is one.
    """
    path = f"{site}/{entry}"
    if entry[0] in "~-":
        # pip renames what it is about to remove, to ``~umpy`` (before 20.1: ``-umpy``).
        name, _ = _from_entry(entry[1:])
        problem = "left over from an interrupted uninstall"
        return Distribution(
            entry, Package(f"~{name}", "", path=shown(path), problem=problem), False
        )
    if entry.endswith(".egg-link"):
        return _egg_link(path, entry)
    where = path if directory is None else entry
    data = read_head(f"{where}/METADATA", directory) if entry.endswith(".dist-info") else None
    if data is None:
        data = _other_head(path, entry)
    requested = os.access(f"{where}/REQUESTED", os.F_OK, dir_fd=directory)
    editable, origin = False, ""
    if os.access(f"{where}/direct_url.json", os.F_OK, dir_fd=directory):
        editable, origin = _direct_url(f"{path}/direct_url.json")
    installer = first_line(f"{where}/INSTALLER", directory)[:_LONGEST_NAME]
    # uv marks every package so, also what it installs as a dependency.
    asked_for = requested and installer != "uv"
    package = _package(path, entry, data, installer, editable, origin, asked_for)
    return Distribution(entry, package, requested)


def _package(
    path: str,
    entry: str,
    data: bytes | None,
    installer: str,
    editable: bool,
    origin: str,
    asked_for: bool,
) -> Package:
    fields = parse_head(data) if data else {}
    name, version = first(fields, "name"), first(fields, "version")
    problem = ""
    if not name or not version:
        missing = "name" if not name else "version"
        problem = "its metadata cannot be read" if not data else f"its metadata has no {missing}"
        stem_name, stem_version = _from_entry(entry)
        name, version = name or stem_name, version or stem_version
    return Package(
        name=name[:_LONGEST_NAME],
        version=version[:_LONGEST_NAME],
        summary=first(fields, "summary")[:_LONGEST_TEXT],
        asked_for=asked_for,
        installer=installer,
        editable=editable,
        origin=origin,
        licence=licence_of(fields)[:_LONGEST_TEXT],
        home_page=home_page_of(fields)[:_LONGEST_TEXT],
        path=path if path.isascii() else shown(path),
        problem=problem,
    )


def _from_entry(entry: str) -> tuple[str, str]:
    """Name and version by the directory's name: ``name-version[-pyX.Y].dist-info``."""
    name, _, rest = entry.rpartition(".")[0].partition("-")
    return shown(name or entry), shown(rest.split("-py")[0])


def _egg_link(path: str, entry: str) -> Distribution:
    """``setup.py develop`` leaves the path of the sources, whose egg-info has the metadata."""
    source = first_line(path)
    data, problem = None, ""
    wanted = normal(entry.removesuffix(".egg-link"))
    try:
        names = sorted(os.listdir(source)) if source.startswith("/") else []
    except (OSError, ValueError):
        names = []
    found = [name for name in names if name.endswith(".egg-info")]
    # One directory can be the home of several: the one of that name, else the only one.
    found = [name for name in found if normal(name.removesuffix(".egg-info")) == wanted] or found
    for name in found[:1]:
        data = read_head(f"{source}/{name}/PKG-INFO")
    if not found:
        problem = f"its sources are not at {source}" if source else "its link is empty"
    package = _package(path, f"{wanted}.egg-link", data, "", True, source, True)
    if problem:
        package = Package(
            package.name, "", asked_for=True, editable=True, origin=source, path=shown(path),
            problem=problem,
        )  # fmt: skip
    return Distribution(entry, package, True)


def _other_head(path: str, entry: str) -> bytes | None:
    """The head of an egg, or of a dist-info that has it under another name."""
    ending = entry[entry.rfind(".") :]
    for place in _PLACES.get(ending, ()):
        data = read_head(path + place)
        if data is not None:
            return data
    return _zipped_head(path) if ending == ".egg" else None


def _zipped_head(path: str) -> bytes | None:
    """The metadata in a zipped egg (setuptools before 2018)."""
    if not os.path.isfile(path):
        return None
    import zipfile

    try:
        with zipfile.ZipFile(path) as egg, egg.open("EGG-INFO/PKG-INFO") as file:
            return file.read(_LARGEST_PKG_INFO).partition(b"\n\n")[0]
    except Exception:  # zipfile and zlib raise many kinds for a file that is damaged
        return None


def _direct_url(file: str) -> tuple[bool, str]:
    """Whether it is editable and where it was installed from, if from no index (PEP 610)."""
    data = read_regular(file, _LARGEST_SMALL)
    if data is None:
        return False, ""
    try:
        fields = json.loads(data)
    except (ValueError, RecursionError):
        return False, ""
    if not isinstance(fields, dict):
        return False, ""
    directory, url = fields.get("dir_info"), fields.get("url")
    editable = isinstance(directory, dict) and directory.get("editable") is True
    origin = _CREDENTIALS.sub("", url) if isinstance(url, str) else ""
    return editable, shown(origin[:_LONGEST_TEXT])
