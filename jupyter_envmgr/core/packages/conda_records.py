"""The packages that conda installed, from ``conda-meta``: one JSON record each, and the history."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ..environments.disk import shown
from .files import read_regular
from .metadata import normal
from .model import Package

# The record of a package with 100,000 files has 30 MB.
_LARGEST = 64 * 1024 * 1024
_LARGEST_HISTORY = 16 * 1024 * 1024
_LARGEST_ABOUT = 256 * 1024
_LONGEST = 1000
# Of a channel's URL: user and password, or the token of anaconda.org's private channels.
_CREDENTIALS = re.compile(r"(?<=//)[^/@]*@|/t/[^/]+")
_PYTHON = re.compile(r"(?:^|/)(?:site|dist)-packages/([^/]+\.(?:dist-info|egg-info))(?:/|$)")
_SPECS = re.compile(r"^#\s*(\w+)\s+specs:\s*(.*)$", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9_.-]+")


@dataclass(frozen=True)
class CondaRecord:
    """A package, and the metadata entries of Python distributions that came with it.

    ``lists_files`` says whether the record names files at all, so that no entry means no Python.
    """

    package: Package
    entries: frozenset[str] = frozenset()
    lists_files: bool = False


def read_conda_record(path: str) -> CondaRecord:
    """The package of a record. Never raises: a record that cannot be read is one with a problem."""
    fields = _fields(path, _LARGEST)
    name, version = fields.get("name"), fields.get("version")
    if not isinstance(name, str) or not isinstance(version, str):
        # The file is called name-version-build.json.
        stem = shown(os.path.basename(path).removesuffix(".json"))
        parts = stem.rsplit("-", 2)
        name, version = (parts[0], parts[1]) if len(parts) == 3 else (stem, "")
        problem = "its conda record cannot be read"
        return CondaRecord(Package(name, version, path=shown(path), problem=problem))
    files = fields.get("files")
    files = files if isinstance(files, list) else []
    found = (_PYTHON.search(f) for f in files if isinstance(f, str) and "-info" in f)
    entries = frozenset(match.group(1) for match in found if match)
    about = {} if entries else _about(fields)
    package = Package(
        name=name[:_LONGEST],
        version=version[:_LONGEST],
        summary=_text(about.get("summary")),
        asked_for=_is_asked_for(fields),
        installer="conda",
        origin=_CREDENTIALS.sub("", _text(fields.get("channel"))),
        licence=_text(fields.get("license")),
        home_page=_text(about.get("home")),
        path=shown(path),
    )
    return CondaRecord(package, entries, bool(files))


def files_of_conda_record(path: str) -> list[str]:
    """The files of a package, relative to the environment, as its record lists them."""
    files = _fields(path, _LARGEST).get("files")
    return [f for f in files if isinstance(f, str)] if isinstance(files, list) else []


def asked_for_by_history(meta: str) -> dict[str, bool]:
    """What conda's history says last of names: asked for, or not any more. It outdoes records."""
    data = read_regular(os.path.join(meta, "history"), _LARGEST_HISTORY)
    names: dict[str, bool] = {}
    for action, text in _SPECS.findall((data or b"").decode("utf-8", "replace")):
        found = {normal(name) for name in map(_name, _specs(text)) if name}
        if action in ("update", "install", "create", "neutered"):
            names |= dict.fromkeys(found, True)
        elif action in ("remove", "uninstall"):
            names |= dict.fromkeys(found, False)
    return names


def _specs(text: str) -> Iterable[str]:
    """Specs as conda has written them over the years: a Python list, or words and commas."""
    text = text.strip()
    if not text.startswith("["):
        return text.split(",")
    try:
        found = ast.literal_eval(text[:100_000])
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return ()
    return [spec for spec in found if isinstance(spec, str)]


def _name(spec: str) -> str:
    match = _NAME.match(spec.rpartition("::")[2].strip())
    return match.group() if match else ""


def _is_asked_for(fields: Mapping[str, object]) -> bool:
    """Newer records have a list; older ones a text, ``None`` in words where nobody asked."""
    text, several = fields.get("requested_spec"), fields.get("requested_specs")
    if isinstance(several, list) and any(several):
        return True
    return isinstance(text, str) and text not in ("", "None")


def _about(fields: Mapping[str, object]) -> dict[str, object]:
    """What the unpacked package says about itself, while it is still in conda's cache."""
    directory = fields.get("extracted_package_dir")
    if not isinstance(directory, str) or not directory.startswith("/"):
        return {}
    return _fields(f"{directory}/info/about.json", _LARGEST_ABOUT)


def _fields(path: str, most: int) -> dict[str, object]:
    data = read_regular(path, most)
    try:
        fields = json.loads(data or b"")
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _text(value: object) -> str:
    if isinstance(value, list):
        value = next(iter(value), "")
    return shown(" ".join(value.split())[:_LONGEST]) if isinstance(value, str) else ""
