"""One installed distribution, read from its metadata directory: heads of files only."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from .model import Package

LARGEST_HEAD = 1024 * 1024
_LARGEST_SMALL = 64 * 1024
_FIELD = re.compile(rb"^([A-Za-z-]+):[ \t]*(.*)$")
_WANTED = frozenset(
    b"name version summary license license-expression home-page project-url classifier".split()
)
_LONGEST_LICENCE = 80
_HOMES = ("homepage", "home", "home-page", "repository", "source", "source code", "github")


def normal(name: str) -> str:
    """The name as indexes compare it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def read_regular(path: str | Path, most: int) -> bytes | None:
    """The beginning of a regular file; None for what is missing, unreadable or something else.

    A FIFO or device of that name is neither waited for nor read.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return None
        return os.read(descriptor, most)
    except OSError:
        return None
    finally:
        os.close(descriptor)


def read_head(path: str | Path) -> bytes | None:
    """The headers of a METADATA or PKG-INFO file, without the description that follows."""
    data = read_regular(path, 16 * 1024)
    if data is not None and len(data) == 16 * 1024 and _end_of_head(data) < 0:
        data = read_regular(path, LARGEST_HEAD)
    if data is None:
        return None
    end = _end_of_head(data)
    return data if end < 0 else data[:end]


def _end_of_head(data: bytes) -> int:
    ends = [at for at in (data.find(b"\n\n"), data.find(b"\r\n\r\n")) if at >= 0]
    return min(ends, default=-1)


def parse_head(head: bytes) -> dict[str, list[str]]:
    """The fields that are shown (core metadata, PEP 566 and 639), by lower-case name."""
    found: dict[str, list[str]] = {}
    last: list[str] | None = None
    for line in head.splitlines():
        if line[:1] in (b" ", b"\t"):
            if last:
                last[-1] += " " + line.strip().decode("utf-8", "replace")
            continue
        match = _FIELD.match(line)
        last = None
        if match and match.group(1).lower() in _WANTED:
            last = found.setdefault(match.group(1).lower().decode(), [])
            last.append(match.group(2).decode("utf-8", "replace").strip())
    return found


@dataclass(frozen=True)
class Distribution:
    """A metadata directory or file, and the package that it describes."""

    entry: str
    package: Package
    requested: bool


def read_distribution(site: str, entry: str) -> Distribution:
    """The distribution of ``entry`` in the site directory. Never raises: a problem is a field."""
    path = os.path.join(site, entry)
    if entry.endswith(".egg-link"):
        return _egg_link(path, entry)
    if entry.startswith("~"):
        name = entry[1:].split("-")[0]
        problem = "left over from an interrupted uninstall"
        return Distribution(entry, Package(f"~{name}", "", path=path, problem=problem), False)
    files = ("METADATA",) if entry.endswith(".dist-info") else ("PKG-INFO", "EGG-INFO/PKG-INFO", "")
    head = None
    for file in files:
        head = read_head(os.path.join(path, file) if file else path)
        if head is not None:
            break
    fields = parse_head(head or b"")
    name, version = _name_and_version(entry, fields)
    direct = _direct_url(path)
    editable = bool(_dictionary(direct.get("dir_info")).get("editable"))
    package = Package(
        name=name,
        version=version,
        summary=_first(fields, "summary"),
        installer=_line(os.path.join(path, "INSTALLER")),
        editable=editable,
        origin=_without_credentials(str(direct.get("url", ""))),
        licence=_licence(fields),
        home_page=_home_page(fields),
        path=path,
        problem="" if head is not None and "name" in fields else "its metadata cannot be read",
    )
    requested = os.path.exists(os.path.join(path, "REQUESTED"))
    return Distribution(entry, package, requested)


def _name_and_version(entry: str, fields: Mapping[str, list[str]]) -> tuple[str, str]:
    """From the metadata, else from the directory's name (``name-version[-pyX.Y].dist-info``)."""
    stem = entry.rpartition(".")[0]
    name, _, rest = stem.partition("-")
    version = rest.split("-py")[0]
    return _first(fields, "name") or name or entry, _first(fields, "version") or version


def _egg_link(path: str, entry: str) -> Distribution:
    """``setup.py develop`` leaves the path of the sources, whose egg-info has the metadata."""
    source = _line(path)
    name = entry.removesuffix(".egg-link")
    version, problem = "", f"its sources are not at {source}"
    try:
        for found in os.listdir(source) if source.startswith("/") else ():
            if found.endswith(".egg-info"):
                fields = parse_head(read_head(os.path.join(source, found, "PKG-INFO")) or b"")
                name, version = _first(fields, "name") or name, _first(fields, "version")
                problem = ""
    except OSError:
        pass
    package = Package(
        name, version, editable=True, origin=source, path=path, installer="", problem=problem
    )
    return Distribution(entry, package, True)


def _direct_url(path: str) -> dict[str, object]:
    """Where it was installed from, if not from an index (PEP 610)."""
    data = read_regular(os.path.join(path, "direct_url.json"), _LARGEST_SMALL)
    if data is None:
        return {}
    try:
        return _dictionary(json.loads(data))
    except (ValueError, RecursionError):
        return {}


def _dictionary(value: object) -> dict[str, object]:
    return value if isinstance(value, dict) else {}


def _without_credentials(url: str) -> str:
    return re.sub(r"//[^/@]*@", "//", url)


def _line(path: str) -> str:
    data = read_regular(path, 4096)
    return (data or b"").split(b"\n", 1)[0].decode("utf-8", "replace").strip()


def _first(fields: Mapping[str, list[str]], name: str) -> str:
    values = fields.get(name)
    return values[0] if values else ""


def _licence(fields: Mapping[str, list[str]]) -> str:
    """The SPDX expression (PEP 639), else a short License field, else the classifiers."""
    stated = _first(fields, "license-expression") or _first(fields, "license")
    if stated and len(stated) <= _LONGEST_LICENCE and stated.upper() != "UNKNOWN":
        return stated
    prefix = "License :: "
    found = [c for c in fields.get("classifier", ()) if c.startswith(prefix)]
    return ", ".join(dict.fromkeys(c.rpartition(" :: ")[2] for c in found))


def _home_page(fields: Mapping[str, list[str]]) -> str:
    stated = _first(fields, "home-page")
    if stated and stated.upper() != "UNKNOWN":
        return stated
    urls = {}
    for row in fields.get("project-url", ()):
        label, _, url = row.partition(",")
        urls[label.strip().lower()] = url.strip()
    for label in _HOMES:
        if label in urls:
            return urls[label]
    return next(iter(urls.values()), "")
