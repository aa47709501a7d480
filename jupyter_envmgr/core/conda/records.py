"""The packages of a conda environment as exports need them: with builds, addresses and hashes."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass

from ..credentials import without_credentials
from ..packages.files import read_regular
from .history import name_of, parse_history, requested_of_records, requested_specs
from .urls import parse_package_url

_LARGEST = 64 * 1024 * 1024
_LARGEST_HISTORY = 16 * 1024 * 1024


@dataclass(frozen=True)
class Record:
    """One package of ``conda-meta``. ``url`` and ``channel`` carry no credentials."""

    name: str
    version: str
    build: str
    url: str = ""
    channel: str = ""
    subdir: str = ""
    md5: str = ""
    sha256: str = ""
    depends: tuple[str, ...] = ()


@dataclass(frozen=True)
class Records:
    """All packages by name, what a person asked for (name → spec), and files that say nothing."""

    packages: tuple[Record, ...]
    requested: dict[str, str]
    unreadable: tuple[str, ...] = ()


def read_records(prefix: str | os.PathLike[str]) -> Records:
    """The records of the environment at ``prefix``. Never raises."""
    meta = os.path.join(prefix, "conda-meta")
    try:
        names = sorted(name for name in os.listdir(meta) if name.endswith(".json"))
    except OSError:
        names = []
    fields = [(name, _fields(os.path.join(meta, name))) for name in names]
    packages = [(name, _record(each)) for name, each in fields]
    found = sorted((r for _, r in packages if r is not None), key=lambda r: r.name)
    history = read_regular(os.path.join(meta, "history"), _LARGEST_HISTORY) or b""
    revisions = parse_history(history.decode("utf-8", "replace"))
    removed = {name_of(spec) for revision in revisions for spec in revision.removed}
    by_records = requested_of_records([each for _, each in fields])
    requested = {name: spec for name, spec in by_records.items() if name not in removed}
    requested.update(requested_specs(revisions))
    return Records(tuple(found), requested, tuple(n for n, r in packages if r is None))


def read_variables(prefix: str | os.PathLike[str]) -> dict[str, str]:
    """The variables that activation sets, from ``conda-meta/state``. Never raises."""
    variables = _fields(os.path.join(prefix, "conda-meta", "state"), 1024 * 1024).get("env_vars")
    if not isinstance(variables, dict):
        return {}
    return {k: v for k, v in variables.items() if isinstance(k, str) and isinstance(v, str)}


def _fields(path: str, most: int = _LARGEST) -> dict[str, object]:
    try:
        fields = json.loads(read_regular(path, most) or b"")
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def _record(fields: dict[str, object]) -> Record | None:
    def text(key: str) -> str:
        value = fields.get(key)
        return value if isinstance(value, str) and value.isprintable() else ""

    name, version = text("name"), text("version")
    build = text("build") or text("build_string")
    if not name or not version or not build:
        return None
    url = without_credentials(text("url"))
    parsed = parse_package_url(url)
    depends = fields.get("depends")
    return Record(
        name=name.lower(),
        version=version,
        build=build,
        url=url if parsed else "",
        channel=parsed.channel if parsed else without_credentials(text("channel")),
        subdir=text("subdir") or (parsed.subdir if parsed else ""),
        md5=text("md5"),
        sha256=text("sha256"),
        depends=tuple(d for d in depends if isinstance(d, str))
        if isinstance(depends, list)
        else (),
    )
