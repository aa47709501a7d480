"""Lists that conda and pip print, read back: tables, ``name=version=build``, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

EXPORT_LINE = re.compile(r"([A-Za-z0-9_.-]+)=([^=\s<>!~]+)=([^=\s]+)")
CONDA_HEAD = re.compile(r"#?\s*Name\s+Version\s+Build(\s+Channel)?(\s.*)?")
PIP_HEAD = re.compile(r"Package\s+Version(\s.*)?")
CONDA_ROW = re.compile(r"([A-Za-z0-9_.-]+)\s{1,}([0-9][\w.!+]*)\s{1,}([\w.<>+]+)(?:\s+(\S+))?")
PIP_ROW = re.compile(r"([A-Za-z0-9_.-]+)\s+(v?\d[\w.!+-]*)(?:\s+(\S.*))?")
PIP_TWO_COLUMNS = re.compile(r"[A-Za-z0-9_.-]+\s{2,}v?\d[\w.!+-]*(\s{2,}/\S.*)?")
_RULE = re.compile(r"[\s─━=-]+")
_OF_PIP = ("pypi", "<pip>")


@dataclass(frozen=True)
class Row:
    """One package of a list, and the line that names it. ``origin``: a channel or a path.

    ``platform`` is the subdir of its channel, where a list names that.
    """

    name: str
    version: str
    line: int
    build: str = ""
    origin: str = ""
    platform: str = ""

    @property
    def is_of_pip(self) -> bool:
        """Whether conda lists it, but pip installed it."""
        return self.origin in _OF_PIP or self.build.startswith(("pypi", "<pip>", "py_pypi"))


@dataclass(frozen=True)
class Table:
    """The packages of a list; ``strange`` are lines that fit none."""

    rows: tuple[Row, ...]
    strange: tuple[int, ...] = ()


def conda_table(lines: Iterable[tuple[int, str]]) -> Table:
    """What ``conda list``, ``mamba list`` or ``micromamba list`` printed."""
    return _table(lines, CONDA_HEAD, CONDA_ROW)


def pip_table(lines: Iterable[tuple[int, str]]) -> Table:
    """What ``pip list`` printed; ``origin`` is where an editable one lies."""
    return _table(lines, PIP_HEAD, PIP_ROW)


def _table(
    lines: Iterable[tuple[int, str]], head: re.Pattern[str], pattern: re.Pattern[str]
) -> Table:
    rows: list[Row] = []
    strange: list[int] = []
    for number, line in lines:
        text = line.strip()
        if not text or head.fullmatch(text) or _RULE.fullmatch(text):
            continue
        if text.startswith(("#", "List of packages", "[notice]", "WARNING", "DEPRECATION")):
            continue
        match = pattern.fullmatch(text)
        if match is None:
            strange.append(number)
        elif pattern is CONDA_ROW:
            name, version, build, origin = match.groups()
            rows.append(Row(name, version, number, build, origin or ""))
        else:
            name, version, origin = match.groups()
            rows.append(Row(name, version.removeprefix("v"), number, origin=origin or ""))
    return Table(tuple(rows), tuple(strange))


def conda_export(lines: Iterable[tuple[int, str]]) -> Table:
    """What ``conda list --export`` wrote: ``name=version=build``."""
    rows: list[Row] = []
    strange: list[int] = []
    for number, line in lines:
        match = EXPORT_LINE.fullmatch(line.strip())
        if match:
            name, version, build = match.groups()
            rows.append(Row(name, version, number, build))
        elif line.strip() and not line.lstrip().startswith("#"):
            strange.append(number)
    return Table(tuple(rows), tuple(strange))


def json_table(text: str) -> Table | None:
    """What ``conda list --json`` or ``pip list --format=json`` printed; None if it is another."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if isinstance(found, dict):
        # micromamba since 2.8.1 puts the list into an object.
        found = next((found[k] for k in ("packages", "installed") if k in found), None)
    if not isinstance(found, list) or not found:
        return None
    rows = [_of_json(entry) for entry in found]
    good = [row for row in rows if row is not None]
    return Table(tuple(good)) if len(good) == len(rows) else None


def _of_json(entry: object) -> Row | None:
    if not isinstance(entry, dict):
        return None
    name, version = entry.get("name"), entry.get("version")
    if not isinstance(name, str) or not isinstance(version, str):
        return None
    build = entry.get("build_string", entry.get("build", ""))
    origin = entry.get("channel", entry.get("editable_project_location", ""))
    build = build if isinstance(build, str) else ""
    platform = entry.get("platform", entry.get("subdir", ""))
    platform = platform if isinstance(platform, str) else ""
    return Row(name, version, 1, build, origin if isinstance(origin, str) else "", platform)


def mostly(lines: Sequence[str], pattern: re.Pattern[str], least: int) -> bool:
    """Whether at least half of the lines, and ``least`` of them, are of a form."""
    count = sum(pattern.fullmatch(line.strip()) is not None for line in lines)
    return count >= least and 2 * count >= len(lines)
