"""The packages of an environment: those of its site directories and of conda, put together."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..environments.model import EnvironmentKind
from .memory import CondaMeta, Memory, SitePackage
from .metadata import normal
from .model import Package
from .sites import site_directories
from .sizes import size_of_conda_package, size_of_distribution

__all__ = ["Memory", "list_packages", "site_directories"]

_END_OF_NAME = re.compile(r"[\s\[<>=!~;@(,]")
_MEMORY = Memory()


_Row = tuple[str, Package, SitePackage | str]
"""Normal name, package, and what lists its files: a site's metadata or conda's record."""


def list_packages(
    prefix: Path,
    kind: EnvironmentKind,
    *,
    interpreter_version: str = "",
    asked_for: Sequence[str] = (),
    size: bool = False,
    memory: Memory | None = None,
) -> tuple[Package, ...]:
    """The packages of the environment at ``prefix``, by name. Never raises.

    ``asked_for`` are requirement lines: their packages are marked, besides those that the
    installer marked (REQUESTED, PEP 627; ``requested_spec`` and history of conda). With ``size``
    each has its bytes on the disk. A package that conda installed and that has a dist-info too is
    one row, conda's; unless pip has replaced it since, then it is pip's.
    """
    memory = memory or _MEMORY
    directories = site_directories(prefix, kind, interpreter_version)
    sites = tuple(memory.site(str(directory)) for directory in directories)
    conda = memory.conda(f"{prefix}/conda-meta")
    key = (str(prefix), kind, interpreter_version, tuple(asked_for))
    known = None if size else memory.listed(key, (*sites, conda))
    if known is not None:
        return known
    found: dict[str, SitePackage] = dict(sites[0]) if sites else {}
    for site in sites[1:]:
        for name, installed in site.items():
            found.setdefault(name, installed)
    # What is conda's leaves ``found``; the rest is Python's alone.
    rows = _of_conda(found, conda) if conda.records else []
    rows += [(name, installed.package, installed) for name, installed in found.items()]
    rows.sort(key=_by_name)
    wanted = {normal(_END_OF_NAME.split(text, maxsplit=1)[0]) for text in asked_for} - {""}
    packages = [
        replace(package, asked_for=True) if name in wanted and not package.asked_for else package
        for name, package, _ in rows
    ]
    if size:
        sizes = [_size(source, str(prefix)) for _, _, source in rows]
        return tuple(replace(p, size=size) for p, size in zip(packages, sizes, strict=True))
    answer = tuple(packages)
    memory.keep(key, (*sites, conda), answer)
    return answer


def _size(source: SitePackage | str, prefix: str) -> int | None:
    if isinstance(source, str):
        return size_of_conda_package(source, prefix)
    return size_of_distribution(source.directory, source.entry, prefix)


def _of_conda(found: dict[str, SitePackage], conda: CondaMeta) -> list[_Row]:
    """Conda's packages. Those of ``found`` that came with one of them are taken out of it."""
    by_entry = {installed.entry: name for name, installed in found.items()}
    before = frozenset(found)
    rows: list[_Row] = []
    for path, record in conda.records:
        package = record.package
        name = normal(package.name)
        asked_for = conda.asked_for.get(name, package.asked_for)
        if asked_for != package.asked_for:
            package = replace(package, asked_for=asked_for)
        own = [by_entry[entry] for entry in record.entries if entry in by_entry]
        if not own and not record.lists_files and name in before:
            own = [name]
        if own:
            python = found.get(name if name in own else own[0])
            rows.append((name, _merged(package, python.package if python else None), path))
            for each in own:
                found.pop(each, None)
        elif not record.entries:
            rows.append((name, package, path))
        elif not any(normal(entry.partition("-")[0]) in before for entry in record.entries):
            gone = "its files are gone: another tool removed it"
            rows.append((name, replace(package, problem=gone), path))
    return rows


def _merged(package: Package, own: Package | None) -> Package:
    """Conda's package with what only Python's metadata say."""
    if own is None:
        return package
    return replace(
        package,
        summary=package.summary or own.summary,
        licence=package.licence or own.licence,
        home_page=package.home_page or own.home_page,
        editable=own.editable,
        problem=package.problem or own.problem,
    )


def _by_name(row: _Row) -> str:
    return row[0]
