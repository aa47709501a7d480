"""pyproject.toml: the dependencies that it names."""

from __future__ import annotations

from dataclasses import dataclass

from .limits import MOST_LINES
from .poetry import read_poetry
from .toml_text import Places, TomlError, TomlLine, parse_toml, texts_of


@dataclass(frozen=True)
class TomlFile:
    """What a pyproject.toml asks for."""

    requirements: tuple[TomlLine, ...]
    python: str = ""
    name: str = ""
    notices: tuple[str, ...] = ()


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
