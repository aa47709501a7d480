"""What is installed in a site directory, and which files each distribution says are its own."""

from __future__ import annotations

import csv
import os
import posixpath
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ..packages.metadata import normal, read_distribution, read_regular
from ..packages.model import Package

_METADATA = (".dist-info", ".egg-info", ".egg-link", ".egg")
_LARGEST = 64 * 1024 * 1024
_LARGEST_LIST = 4 * 1024 * 1024


@dataclass(frozen=True)
class Row:
    """A file as RECORD lists it: relative to the site directory, or absolute.

    ``digest`` is base64 SHA-256 without padding (PEP 376), empty where it is not given.
    """

    path: str
    digest: str = ""


@dataclass(frozen=True)
class Installed:
    """A distribution, by its metadata entry in the site directory.

    ``inside`` are its entries within the site directory, given only where they were asked for;
    ``outside`` the files elsewhere. ``listed`` says that it lists its files at all.
    """

    entry: str
    package: Package
    asked_for: bool
    listed: bool
    inside: tuple[str, ...]
    outside: tuple[Row, ...]

    @property
    def key(self) -> str:
        """Its name as indexes compare it (PEP 503)."""
        return normal(self.package.name)

    @property
    def label(self) -> str:
        """``name version``."""
        return f"{self.package.name} {self.package.version}".strip()


def metadata_entries(site: str) -> list[str]:
    """The names of the metadata directories and files in a site directory; ``~`` leftovers too."""
    try:
        names = os.listdir(site)
    except OSError:
        return []
    return sorted(n for n in names if n.endswith(_METADATA) and n not in _METADATA)


def read_installed(site: str, *, whole: bool = False) -> tuple[Installed, ...]:
    """The distributions of a site directory, by name. Never raises.

    Without ``whole`` only rows that lead out of the site directory are read, which takes a fifth
    of the time. Leftovers of interrupted uninstalls (``~umpy``) are none.
    """
    found = [
        _read(site, entry, whole) for entry in metadata_entries(site) if not entry.startswith("~")
    ]
    return tuple(sorted(found, key=lambda one: (one.key, one.entry)))


def _read(site: str, entry: str, whole: bool) -> Installed:
    distribution = read_distribution(site, entry)
    path = os.path.join(site, entry)
    rows: Iterable[Row] | None = None
    if entry.endswith(".dist-info"):
        rows = _record(os.path.join(path, "RECORD"), whole)
    elif entry.endswith(".egg-info"):
        rows = _installed_files(path, entry)
    inside: list[str] = [entry]
    outside: list[Row] = []
    for row in rows or ():
        if row.path.startswith("/"):
            outside.append(row)
            continue
        normalised = posixpath.normpath(row.path)
        if normalised.startswith("../"):
            outside.append(Row(normalised, row.digest))
        elif whole and normalised not in (".", ".."):
            inside.append(normalised)
    listed = rows is not None
    if whole and not listed and entry.endswith(".egg-info"):
        inside += _of_sources(path)
    return Installed(
        entry,
        distribution.package,
        distribution.requested,
        listed,
        tuple(dict.fromkeys(inside)),
        tuple(outside),
    )


def _record(path: str, whole: bool) -> list[Row] | None:
    """The rows of a RECORD; None where it is missing or larger than anything that pip writes."""
    data = read_regular(path, _LARGEST)
    if data is None or len(data) >= _LARGEST:
        return None
    if not whole:
        # A name that is quoted may go over several lines: such a file is read by csv as a whole.
        if b'"' not in data:
            lines = (b"\n" + data.replace(b"\r\n", b"\n")).split(b"\n")
            return list(_rows(line for line in lines if line[:2] == b".." or line[:1] == b"/"))
        rows = _rows_of(data)
        return [row for row in rows if row.path.startswith("/") or row.path.startswith("..")]
    return _rows_of(data)


def _rows_of(data: bytes) -> list[Row]:
    if b'"' not in data:
        return list(_rows(data.replace(b"\r\n", b"\n").split(b"\n")))
    text = os.fsdecode(data)
    rows = []
    try:
        for fields in csv.reader(text.splitlines(keepends=True)):
            if fields and fields[0]:
                rows.append(Row(fields[0], _digest(fields[1] if len(fields) > 1 else "")))
    except csv.Error:
        return rows
    return rows


def _rows(lines: Iterable[bytes]) -> Iterator[Row]:
    """Rows without quotes: of ``path,hash,size`` the last two have no comma in them."""
    for line in lines:
        fields = line.rsplit(b",", 2)
        if len(fields) == 3 and fields[0]:
            yield Row(os.fsdecode(fields[0]), _digest(os.fsdecode(fields[1])))
        elif line.strip() and b"," not in line:
            yield Row(os.fsdecode(line.strip()))


def _digest(text: str) -> str:
    algorithm, _, value = text.partition("=")
    return value.rstrip("=") if algorithm == "sha256" else ""


def _installed_files(path: str, entry: str) -> list[Row] | None:
    """``installed-files.txt`` of an egg-info: relative to the egg-info directory itself."""
    data = read_regular(os.path.join(path, "installed-files.txt"), _LARGEST_LIST)
    if data is None:
        return None
    lines = [os.fsdecode(line.strip()) for line in data.splitlines()]
    return [
        Row(line if line.startswith("/") else posixpath.normpath(f"{entry}/{line}"))
        for line in lines
        if line
    ]


def _of_sources(path: str) -> list[str]:
    """The top-level names of an egg-info that lists no installed files."""
    data = read_regular(os.path.join(path, "top_level.txt"), _LARGEST_LIST) or b""
    found = []
    for line in data.splitlines():
        name = os.fsdecode(line.strip())
        if name and "/" not in name and name not in (".", ".."):
            found += [name, f"{name}.py"]
    return found
