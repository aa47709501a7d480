"""Each kind of text that people paste, read into packages for one manager."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ..conda.matchspec import parse_spec
from ..conda.spec import Spec
from ..errors import EnvMgrError, FieldError
from .commands import read_commands
from .conda_readers import (
    conda_export_list,
    conda_json,
    conda_list,
    conda_lock,
    conda_specs,
    environment_yml,
    explicit,
    of_conda,
    pixi_lock,
)
from .limits import MOST_LINES
from .model import Recognised, TextKind
from .pylock import parse_pylock
from .reading import Reading, environment_name, minor_of, no_json, strange_rows, with_pip_lines
from .requirements import logical_lines
from .tables import Table, json_table, pip_table
from .toml_files import parse_pyproject


def _requirements(reading: Reading, found: Recognised) -> Recognised:
    lines = list(logical_lines(reading.lines))
    if len(lines) > MOST_LINES + 1:
        detail = f"{len(lines):,} lines: {MOST_LINES:,} at most"
        raise EnvMgrError.of_field("too-large", reading.field, detail)
    numbered = ((line, number, 1) for number, line in lines)
    return with_pip_lines(reading, found, reading.pip_lines(numbered))


def _pip_list(reading: Reading, found: Recognised) -> Recognised:
    return _pip_rows(reading, found, pip_table(enumerate(reading.lines, 1)))


def _pip_json(reading: Reading, found: Recognised) -> Recognised:
    table = json_table(reading.text)
    return no_json(reading, found) if table is None else _pip_rows(reading, found, table)


def _pip_rows(reading: Reading, found: Recognised, table: Table) -> Recognised:
    editable = [row.name for row in table.rows if "/" in row.origin or "\\" in row.origin]
    lines = [
        (f"{row.name}=={row.version}", row.line, 1)
        for row in table.rows
        if row.name not in editable
    ]
    notices = list(found.notices)
    if editable:
        notices.append(f"Editable packages are left out: {', '.join(editable[:5])}.")
    found = replace(found, notices=tuple(notices), errors=tuple(strange_rows(reading, table)))
    return with_pip_lines(reading, found, reading.pip_lines(lines))


def _pylock(reading: Reading, found: Recognised) -> Recognised:
    lock = parse_pylock(reading.text)
    wrong = (
        FieldError(reading.field, bad.detail, "bad-requirement", bad.line, bad.column)
        for bad in lock.wrong
    )
    # As lines, so that they are checked as those of any file are.
    lines = [(line.text, line.line, line.column) for line in lock.requirements]
    lines += [(f"--extra-index-url {url}", line, 1) for url, line in lock.indexes]
    found = replace(found, python=minor_of(lock.python), notices=lock.notices, errors=tuple(wrong))
    # What comes from a repository is held to its commit instead.
    return with_pip_lines(reading, found, reading.pip_lines(lines, all_or_none=False))


def _pyproject(reading: Reading, found: Recognised) -> Recognised:
    file = parse_pyproject(reading.text)
    found = replace(
        found, python=minor_of(file.python), name=environment_name(file.name), notices=file.notices
    )
    lines = ((line.text, line.line, line.column) for line in file.requirements)
    return with_pip_lines(reading, found, reading.pip_lines(lines))


def _commands(reading: Reading, found: Recognised) -> Recognised:
    commands = read_commands(logical_lines(reading.lines))
    errors = [
        FieldError(reading.field, wrong.text, "bad-requirement", wrong.line, wrong.column)
        for wrong in commands.wrong
    ]
    specs: list[Spec] = []
    for at in commands.specs:
        try:
            specs.append(
                parse_spec(
                    at.text,
                    field=reading.field,
                    line=at.line,
                    column=at.column,
                    allowed_schemes=reading.conda_schemes,
                )
            )
        except EnvMgrError as error:
            errors += error.errors
    notices = (*found.notices, *commands.notices)
    found = replace(
        found, notices=notices, errors=tuple(errors), name=environment_name(commands.name)
    )
    if commands.specs:
        found = replace(found, manager="conda", channels=tuple(commands.channels))
        return of_conda(found, reading, specs, commands.pip)
    lines = ((line.text, line.line, line.column) for line in commands.pip)
    return with_pip_lines(reading, found, reading.pip_lines(lines))


READERS: dict[TextKind, Callable[[Reading, Recognised], Recognised]] = {
    "requirements": _requirements,
    "environment-yml": environment_yml,
    "conda-explicit": explicit,
    "conda-export": conda_export_list,
    "conda-list": conda_list,
    "conda-json": conda_json,
    "conda-specs": conda_specs,
    "conda-lock": conda_lock,
    "pixi-lock": pixi_lock,
    "pip-list": _pip_list,
    "pip-json": _pip_json,
    "pylock": _pylock,
    "pyproject": _pyproject,
    "commands": _commands,
}
