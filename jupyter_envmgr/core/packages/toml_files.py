"""pylock.toml (PEP 751) and pyproject.toml: the requirements in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..citing import cited
from .limits import MOST_LINES
from .poetry import read_poetry
from .toml_text import Places, TomlError, TomlLine, parse_toml, texts_of

_MEMBER = re.compile(
    r"""(['"])([^'"]*)\1\s+(not\s+)?in\s+(extras|dependency_groups)""", re.IGNORECASE
)
_TRUE, _FALSE = "python_version >= '0'", "python_version < '0'"


@dataclass(frozen=True)
class TomlFile:
    """What a pylock.toml or pyproject.toml asks for."""

    requirements: tuple[TomlLine, ...]
    python: str = ""
    name: str = ""
    notices: tuple[str, ...] = ()


def parse_pylock(text: str) -> TomlFile:
    """The packages of a pylock.toml as requirements, without extras and optional groups.

    Hashes stay behind: a requirement line has no place for them. Raises TomlError.
    """
    tables = parse_toml(text)
    lines = text.split("\n")
    version = tables.get("lock-version")
    if not isinstance(version, str) or version.split(".")[0] != "1":
        raise TomlError(f"lock-version {cited(str(version))} is not known here", 1)
    packages = tables.get("packages")
    if not isinstance(packages, list) or not all(isinstance(p, dict) for p in packages):
        raise TomlError("[[packages]] is expected", len(lines))
    if len(packages) > MOST_LINES:
        raise TomlError(f"{len(packages):,} packages: {MOST_LINES:,} at most", 1)
    starts = [n for n, line in enumerate(lines, 1) if re.match(r"\s*\[\[\s*packages\s*\]\]", line)]
    groups = texts_of(tables.get("default-groups"))
    found: list[TomlLine] = []
    notices: list[str] = []
    for number, package in enumerate(packages):
        line = starts[number] if number < len(starts) else 1
        requirement = _of_pylock(package, line)
        if requirement is None:
            notices.append(f"{package.get('name')} is a directory and is left out.")
            continue
        marker = package.get("marker", "")
        if isinstance(marker, str) and marker:
            requirement += f" ; {_decided(marker, groups)}"
        found.append(TomlLine(requirement, line, 1))
    if any("hashes" in line for line in lines):
        notices.append("Its hashes are not taken over; the versions are.")
    python = tables.get("requires-python")
    return TomlFile(tuple(found), python if isinstance(python, str) else "", notices=tuple(notices))


def _of_pylock(package: Mapping[str, Any], line: int) -> str | None:
    """The requirement of a package; None for one that is a directory elsewhere."""
    name, version = package.get("name"), package.get("version")
    if not isinstance(name, str):
        raise TomlError("a package without a name", line)
    vcs, archive = package.get("vcs"), package.get("archive")
    if isinstance(vcs, dict):
        url, commit = vcs.get("url"), vcs.get("commit-id")
        if isinstance(url, str) and isinstance(commit, str):
            return f"{name} @ {vcs.get('type', 'git')}+{url}@{commit}"
        return None
    if isinstance(archive, dict):
        url = archive.get("url")
        return f"{name} @ {url}" if isinstance(url, str) else None
    if "directory" in package:
        return None
    if not isinstance(version, str):
        raise TomlError(f"{cited(name)} has no version", line)
    return f"{name}=={version}"


def _decided(marker: str, groups: tuple[str, ...]) -> str:
    """A marker with what it says of extras and groups decided: no extras, the default groups.

    packaging knows these two words since version 25 only.
    """

    def decide(match: re.Match[str]) -> str:
        is_in = match.group(4).lower() == "dependency_groups" and match.group(2) in groups
        return _TRUE if is_in != bool(match.group(3)) else _FALSE

    return _MEMBER.sub(decide, marker)


def parse_pyproject(text: str) -> TomlFile:
    """The dependencies of a pyproject.toml: those of the project, else those of Poetry.

    Raises TomlError.
    """
    tables = parse_toml(text)
    project = tables.get("project")
    project = project if isinstance(project, dict) else {}
    if "channels" in project:
        # Until 2025 a pixi.toml began with [project] too.
        raise TomlError("this is a pixi.toml: take the pixi.lock beside it", 1)
    places = Places(text)
    notices: list[str] = []
    dependencies = project.get("dependencies")
    tools = tables.get("tool")
    tools = tools if isinstance(tools, dict) else {}
    poetry = tools.get("poetry")
    python = project.get("requires-python")
    name = project.get("name")
    if isinstance(dependencies, list):
        if len(dependencies) > MOST_LINES:
            raise TomlError(f"{len(dependencies):,} dependencies: {MOST_LINES:,} at most", 1)
        found = [TomlLine(d, *places.of_text(d)) for d in dependencies if isinstance(d, str)]
        if len(found) < len(dependencies):
            raise TomlError("a dependency is a text", places.of_key("dependencies")[0])
    elif isinstance(poetry, dict) and isinstance(poetry.get("dependencies"), dict):
        found, python = read_poetry(poetry["dependencies"], places)
        name = poetry.get("name")
    elif "dependencies" in project:
        raise TomlError("`dependencies` takes a list", places.of_key("dependencies")[0])
    else:
        found = []
        if "dependencies" in texts_of(project.get("dynamic")):
            notices.append("Its dependencies are dynamic: another file of the project has them.")
    optional = project.get("optional-dependencies")
    groups = tables.get("dependency-groups")
    for what, table in (("extras", optional), ("dependency groups", groups)):
        if isinstance(table, dict) and table:
            notices.append(f"Its {what} are left out: {', '.join(map(str, list(table)[:8]))}.")
    uv = tools.get("uv")
    if isinstance(uv, dict) and ("sources" in uv or "index" in uv):
        notices.append("Where uv is told to take packages from ([tool.uv]) is left out.")
    if isinstance(tools.get("pixi"), dict):
        notices.append("What it asks of conda by [tool.pixi] is left out.")
    return TomlFile(
        tuple(found),
        python if isinstance(python, str) else "",
        name if isinstance(name, str) else "",
        tuple(notices),
    )
