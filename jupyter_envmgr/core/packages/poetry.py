"""Poetry's own form of dependencies, as requirements (its manual, "Dependency specification")."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ..citing import cited
from .limits import MOST_LINES
from .toml_text import Places, TomlError, TomlLine, texts_of


def read_poetry(table: Mapping[str, Any], places: Places) -> tuple[list[TomlLine], str]:
    """The lines of ``[tool.poetry.dependencies]``, and what they say of Python."""
    found: list[TomlLine] = []
    python = ""
    if len(table) > MOST_LINES:
        raise TomlError(f"{len(table):,} dependencies: {MOST_LINES:,} at most", 1)
    for name, value in table.items():
        line, column = places.of_key(name)
        if name == "python":
            python = _of_caret(value, line, column) if isinstance(value, str) else ""
            continue
        for each in value if isinstance(value, list) else [value]:
            text = _poetry_line(name, each, line, column)
            if text:
                found.append(TomlLine(text, line, column))
    return found, python


def _poetry_line(name: str, value: object, line: int, column: int) -> str:
    if isinstance(value, str):
        return name + _of_caret(value, line, column)
    if not isinstance(value, dict):
        raise TomlError(f"{cited(name)} has no version", line, column)
    if value.get("optional") is True:
        return ""
    other = next((k for k in ("git", "path", "file", "url") if k in value), "")
    if other:
        raise TomlError(f"{cited(name)} comes from a {other}, not from an index", line, column)
    extras = texts_of(value.get("extras"))
    text = name + (f"[{','.join(extras)}]" if extras else "")
    version = value.get("version", "*")
    if not isinstance(version, str):
        raise TomlError(f"{cited(name)} has no version", line, column)
    text += _of_caret(version, line, column)
    markers = list(_markers(value, line, column))
    return f"{text} ; {' and '.join(markers)}" if markers else text


def _markers(value: Mapping[str, Any], line: int, column: int) -> Iterator[str]:
    python, platform, markers = (value.get(k) for k in ("python", "platform", "markers"))
    if isinstance(python, str):
        for part in filter(None, _of_caret(python, line, column).split(",")):
            match = re.match(r"([<>=!~]+)(.*)", part)
            if match:
                yield f"python_version {match.group(1)} '{match.group(2)}'"
    if isinstance(platform, str):
        yield f"sys_platform == '{platform}'"
    if isinstance(markers, str):
        yield f"({markers})"


def _of_caret(text: str, line: int, column: int) -> str:
    """A constraint of Poetry as one of PEP 440: ``^1.2`` is ``>=1.2,<2``."""
    parts = []
    for part in text.replace(" ", "").split(","):
        if part in ("", "*"):
            continue
        if "|" in part:
            raise TomlError("alternatives (||) have no form in a requirement", line, column)
        numbers = re.fullmatch(r"([\^~])(\d+(?:\.\d+)*)(.*)", part)
        if numbers and numbers.group(2):
            release = [int(n) for n in numbers.group(2).split(".")]
            parts.append(f">={numbers.group(2)}{numbers.group(3)}")
            parts.append(f"<{_next(release, caret=numbers.group(1) == '^')}")
        elif part[0].isdigit():
            parts.append(f"=={part}")
        else:
            parts.append(re.sub(r"^=(?!=)", "==", part))
    return ",".join(parts)


def _next(release: list[int], *, caret: bool) -> str:
    """The first release that ``^`` or ``~`` lets in no more."""
    if caret:
        place = next((i for i, n in enumerate(release) if n), len(release) - 1)
    else:
        place = min(1, len(release) - 1)
    upper = [*release[:place], release[place] + 1]
    return ".".join(map(str, upper))
