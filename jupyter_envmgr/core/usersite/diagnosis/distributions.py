"""Installed distributions as a diagnosis needs them: name, version, requirements, files."""

from __future__ import annotations

import csv
import json
import os
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlparse

from ...packages.files import first_line, read_regular
from ...packages.metadata import normal, read_head
from ..records import metadata_entries
from .kept import Kept

_LARGEST_RECORD = 32 << 20
_LARGEST_SMALL = 1 << 20
_LONGEST = 200
_MOST_REQUIREMENTS = 2000
_FIELD = re.compile(r"^(name|version|requires-dist)[ \t]*:[ \t]*(.*)$", re.IGNORECASE | re.M)


@dataclass(frozen=True)
class Distribution:
    """A metadata directory in a site directory, and what its head says.

    ``fault`` says what of its metadata cannot be used. ``source`` is the directory of an editable
    install, empty for others.
    """

    site: str
    entry: str
    name: str
    version: str
    requires: tuple[str, ...] = ()
    source: str = ""
    fault: str = ""

    @property
    def key(self) -> str:
        """Its name as indexes compare it (PEP 503)."""
        return normal(self.name)

    @property
    def label(self) -> str:
        """``name version``."""
        return f"{self.name} {self.version}".strip()

    @property
    def path(self) -> str:
        """Its metadata."""
        return os.path.join(self.site, self.entry)


@dataclass(frozen=True)
class Files:
    """The files that a distribution lists: ``inside`` its site directory with their digests.

    ``outside`` are paths relative to the site directory that lead out of it, or absolute ones.
    ``listed`` is False where there is no list; ``fault`` says what is wrong with it.
    """

    inside: dict[str, str]
    outside: tuple[str, ...]
    listed: bool
    fault: str = ""


_NOTHING = Files({}, (), False)


def read_distributions(site: str, kept: Kept) -> tuple[Distribution, ...]:
    """The distributions of a site directory. Leftovers (``~umpy``) are none. Never raises."""
    return tuple(
        kept.get("head", head_of(site, entry), lambda e=entry: _read(site, e))  # type: ignore[misc]
        for entry in metadata_entries(site)
        if entry[0] not in "~-"
    )


def head_of(site: str, entry: str) -> str:
    """What changes when the head of a distribution does."""
    place = "METADATA" if entry.endswith(".dist-info") else ""
    return os.path.join(site, entry, place) if place else os.path.join(site, entry)


def _read(site: str, entry: str) -> Distribution:
    path = os.path.join(site, entry)
    ending = entry[entry.rfind(".") :]
    if ending == ".egg-link":
        return _egg_link(site, entry)
    places = {
        ".dist-info": ("METADATA", "PKG-INFO"),
        ".egg-info": ("PKG-INFO",),
        ".egg": ("EGG-INFO/PKG-INFO",),
    }[ending]
    head = next((h for p in places if (h := read_head(os.path.join(path, p))) is not None), None)
    if head is None and ending == ".egg-info":
        head = read_head(path)
    return _of_head(
        site, entry, head, requires=_requires_txt(path) if ending != ".dist-info" else None
    )


def _of_head(
    site: str, entry: str, head: bytes | None, *, requires: list[str] | None, source: str = ""
) -> Distribution:
    name = version = ""
    lines: list[str] = []
    for field, value in _FIELD.findall((head or b"").decode("utf-8", "replace")):
        kind = field.lower()
        if kind == "name":
            name = name or value.strip()
        elif kind == "version":
            version = version or value.strip()
        elif len(lines) < _MOST_REQUIREMENTS:
            lines.append(value.strip())
    fault = ""
    if not name or not version:
        stem, _, rest = entry.rpartition(".")[0].partition("-")
        fault = "it has no METADATA" if head is None else "its METADATA has no name and version"
        name, version = name or stem or entry, version or rest.split("-py")[0]
    if requires is not None and not lines:
        lines = requires
    if entry.endswith(".dist-info") and not source:
        source = _editable(os.path.join(site, entry))
    return Distribution(site, entry, _shown(name), _shown(version), tuple(lines), source, fault)


def _shown(text: str) -> str:
    return "".join(c if c.isprintable() else "?" for c in text[:_LONGEST])


def _egg_link(site: str, entry: str) -> Distribution:
    source = first_line(os.path.join(site, entry))
    wanted = normal(entry.removesuffix(".egg-link"))
    try:
        names = sorted(os.listdir(source)) if source.startswith("/") else []
    except (OSError, ValueError):
        names = []
    found = [n for n in names if n.endswith(".egg-info")]
    found = [n for n in found if normal(n.removesuffix(".egg-info")) == wanted] or found
    head, requires = None, None
    if found:
        info = os.path.join(source, found[0])
        head, requires = read_head(os.path.join(info, "PKG-INFO")), _requires_txt(info)
    made = _of_head(site, entry, head, requires=requires, source=source or "an empty link")
    if head is None:
        return Distribution(site, entry, wanted, "", (), source or "an empty link")
    return made


def _requires_txt(path: str) -> list[str]:
    """``requires.txt`` of an egg as PEP 508: its sections are extras and markers."""
    found: list[str] = []
    for place in ("requires.txt", "EGG-INFO/requires.txt"):
        data = read_regular(os.path.join(path, place), _LARGEST_SMALL)
        condition = ""
        for raw in (data or b"").decode("utf-8", "replace").splitlines()[:_MOST_REQUIREMENTS]:
            line = raw.strip()
            if line.startswith("["):
                extra, _, marker = line.strip("[]").partition(":")
                parts = [f'extra == "{extra}"'] if extra else []
                condition = " and ".join([*parts, *([f"({marker})"] if marker else [])])
            elif line and not line.startswith("#"):
                found.append(f"{line} ; {condition}" if condition else line)
    return found


def _editable(path: str) -> str:
    """The directory of an editable install (PEP 610); empty for others."""
    data = read_regular(os.path.join(path, "direct_url.json"), _LARGEST_SMALL)
    if data is None:
        return ""
    try:
        fields = json.loads(data)
        if fields["dir_info"]["editable"] is not True:
            return ""
        return unquote(urlparse(fields["url"]).path)
    except (ValueError, KeyError, TypeError, RecursionError, AttributeError):
        return ""


def read_files(one: Distribution, kept: Kept) -> Files:
    """The files of a distribution by RECORD, or by ``installed-files.txt``."""
    if one.entry.endswith(".dist-info"):
        path = os.path.join(one.path, "RECORD")
    elif one.entry.endswith(".egg-info"):
        path = os.path.join(one.path, "installed-files.txt")
    else:
        return _NOTHING
    return kept.get("files", path, lambda: _files(path, one.entry))


def _files(path: str, entry: str) -> Files:
    data = read_regular(path, _LARGEST_RECORD)
    if data is None:
        return _NOTHING
    if len(data) >= _LARGEST_RECORD:
        return Files({}, (), False, "its RECORD is larger than anything that an installer writes")
    inside: dict[str, str] = {}
    outside: list[str] = []
    below = "" if path.endswith("RECORD") else entry + "/"
    for name, digest in _rows(data):
        if name[0] == "/":
            outside.append(name)
            continue
        name = below + name
        if "./" in name or "//" in name or name[-1] in "./":
            name = posixpath.normpath(name)
        if name.startswith("../"):
            outside.append(name)
        elif name not in (".", ".."):
            inside[name] = digest
    return Files(inside, tuple(outside), True)


def _rows(data: bytes) -> Iterator[tuple[str, str]]:
    text = os.fsdecode(data)
    if "\0" in text:
        text = text.replace("\0", "?")
    if '"' not in text:
        for line in text.split("\n"):
            name, comma, rest = line.partition(",")
            if comma and "," in rest:
                if rest.count(",") > 1:
                    name, digest, _ = line.rsplit(",", 2)
                else:
                    digest = rest[: rest.index(",")]
                if name:
                    yield name, digest
            elif line.strip() and not comma:
                yield line.strip(), ""
        return
    try:
        for fields in csv.reader(text.splitlines(keepends=True)):
            if fields and fields[0]:
                yield fields[0], fields[1] if len(fields) > 1 else ""
    except csv.Error:
        return


def tops_of(files: Files) -> frozenset[str]:
    """The names that can be imported of these files: the first parts of their paths."""
    found = set()
    for path in files.inside:
        first, slash, _ = path.partition("/")
        if slash:
            if first.isidentifier():
                found.add(first)
        elif first.endswith((".py", ".so")):
            found.add(first.partition(".")[0])
    found.discard("__pycache__")
    return frozenset(found)
