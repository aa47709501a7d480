"""Each kind of text that people paste, read into packages for one manager."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ..citing import cited
from ..conda.builds import platform_of_specs
from ..conda.channels import about_terms, channel_name
from ..conda.environment_yml import PipLine, read_environment_yml
from ..conda.explicit import parse_explicit
from ..conda.lock_files import LockFile, parse_conda_lock, parse_pixi_lock
from ..conda.matchspec import parse_spec, parse_specs
from ..conda.spec import Spec
from ..conda.subdirs import this_subdir
from ..errors import EnvMgrError, FieldError
from ..names import NAME_PATTERN
from .commands import read_commands
from .hashes import with_hashes
from .limits import MOST_LINES
from .model import Recognised, TextKind
from .pip_lines import PipLines, read_pip_lines
from .pylock import parse_pylock
from .requirements import logical_lines
from .tables import Table, conda_export, conda_table, json_table, pip_table
from .toml_files import parse_pyproject


@dataclass(frozen=True)
class Reading:
    """A text, and how it is to be read."""

    text: str
    lines: Sequence[str]
    field: str
    platform: str
    allowed_schemes: Collection[str]
    conda_schemes: Collection[str]
    hashes: bool = False

    @property
    def subdir(self) -> str:
        return self.platform or this_subdir()

    def pip_lines(
        self, lines: Iterable[tuple[str, int, int]], *, all_or_none: bool = True
    ) -> PipLines:
        return read_pip_lines(lines, self.field, self.allowed_schemes, all_or_none=all_or_none)

    def of_section(self, lines: Iterable[PipLine]) -> PipLines:
        numbered = ((line.text, line.line, line.column) for line in lines)
        return self.pip_lines(numbered, all_or_none=False)

    def written(self, pip: PipLines) -> tuple[str, ...]:
        """The requirements, with their hashes behind them if that is wanted."""
        if not self.hashes:
            return pip.requirements
        return tuple(with_hashes(text, pip.hashes.get(text, ())) for text in pip.requirements)


def _requirements(reading: Reading, found: Recognised) -> Recognised:
    lines = list(logical_lines(reading.lines))
    if len(lines) > MOST_LINES + 1:
        detail = f"{len(lines):,} lines: {MOST_LINES:,} at most"
        raise EnvMgrError.of_field("too-large", reading.field, detail)
    numbered = ((line, number, 1) for number, line in lines)
    return _with_pip_lines(reading, found, reading.pip_lines(numbered))


def _with_pip_lines(reading: Reading, found: Recognised, pip: PipLines) -> Recognised:
    return replace(
        found,
        packages=reading.written(pip),
        index_url=pip.index_url,
        extra_index_urls=pip.extra_index_urls,
        hashed=len(pip.hashes),
        notices=(*found.notices, *pip.notices),
        errors=(*found.errors, *pip.errors),
    )


def _of_conda(
    found: Recognised, reading: Reading, specs: Sequence[Spec], lines: Iterable[PipLine]
) -> Recognised:
    """What all files of conda have in common: specs, and lines for pip."""
    pip = reading.of_section(lines)
    return replace(
        found,
        packages=tuple(spec.text for spec in specs),
        pip=reading.written(pip),
        hashed=len(pip.hashes),
        python=_python_of(specs),
        platform=found.platform or platform_of_specs(specs)[0],
        index_url=pip.index_url,
        extra_index_urls=pip.extra_index_urls,
        notices=(*found.notices, *about_terms(found.channels), *pip.notices),
        errors=(*found.errors, *pip.errors),
    )


def _environment_yml(reading: Reading, found: Recognised) -> Recognised:
    file, errors = read_environment_yml(
        reading.text, field=reading.field, allowed_schemes=reading.conda_schemes
    )
    found = replace(
        found,
        errors=tuple(errors),
        channels=file.channels,
        variables=dict(file.variables) or None,
        name=_name(file.name),
        platform=file.platform,
        notices=file.notices,
    )
    return _of_conda(found, reading, file.specs, file.pip)


def _explicit(reading: Reading, found: Recognised) -> Recognised:
    file = parse_explicit(reading.text, field=reading.field, allowed_schemes=reading.conda_schemes)
    found = replace(found, platform=file.platform, notices=file.notices)
    return _of_conda(found, reading, file.specs, ())


def _pixi_lock(reading: Reading, found: Recognised) -> Recognised:
    return _lock(reading, found, parse_pixi_lock)


def _conda_lock(reading: Reading, found: Recognised) -> Recognised:
    return _lock(reading, found, parse_conda_lock)


def _lock(reading: Reading, found: Recognised, parse: Callable[..., LockFile]) -> Recognised:
    file = parse(
        reading.text, reading.subdir, field=reading.field, allowed_schemes=reading.conda_schemes
    )
    found = replace(found, channels=file.channels, platform=file.platform, notices=file.notices)
    # As lines, so that they are checked as those of any file are.
    options = (("--index-url", file.indexes[:1]), ("--extra-index-url", file.indexes[1:]))
    lines = [PipLine(f"{name} {url}", 1, 1) for name, urls in options for url in urls]
    return _of_conda(found, reading, file.specs, [*file.pip, *lines])


def _conda_specs(reading: Reading, found: Recognised) -> Recognised:
    specs = parse_specs(
        (), reading.text, field=reading.field, allowed_schemes=reading.conda_schemes
    )
    return _of_conda(found, reading, specs, ())


def _conda_export(reading: Reading, found: Recognised) -> Recognised:
    match = re.search(r"^#[ \t]*platform:[ \t]*(\S+)[ \t]*$", reading.text, re.MULTILINE)
    found = replace(found, platform=match.group(1) if match else "")
    return _conda_rows(reading, found, conda_export(enumerate(reading.lines, 1)))


def _conda_list(reading: Reading, found: Recognised) -> Recognised:
    return _conda_rows(reading, found, conda_table(enumerate(reading.lines, 1)))


def _conda_json(reading: Reading, found: Recognised) -> Recognised:
    table = json_table(reading.text)
    if table is None:
        return _no_json(reading, found)
    return _conda_rows(reading, found, table)


def _no_json(reading: Reading, found: Recognised) -> Recognised:
    error = FieldError(reading.field, "this is JSON, but no list of packages", "bad-requirement", 1)
    return replace(found, manager=None, errors=(error,))


def _conda_rows(reading: Reading, found: Recognised, table: Table) -> Recognised:
    errors = _strange(reading, table)
    specs: list[Spec] = []
    pip: list[PipLine] = []
    left_out: list[str] = []
    for row in table.rows:
        if row.is_of_pip:
            pip.append(PipLine(f"{row.name}=={row.version}", row.line, 1))
        elif "<" in row.build or "<" in row.origin:
            left_out.append(row.name)
        else:
            text = f"{row.name}={row.version}" + (f"={row.build}" if row.build else "")
            try:
                specs.append(parse_spec(text, field=reading.field, line=row.line))
            except EnvMgrError as error:
                errors += error.errors
    notices = list(found.notices)
    if left_out:
        notices.append(
            f"Packages that are being developed are left out: {', '.join(left_out[:5])}."
        )
    found = replace(found, channels=_channels_of(table), notices=tuple(notices))
    found = _of_conda(found, reading, specs, pip)
    return replace(found, errors=(*found.errors, *errors))


def _channels_of(table: Table) -> tuple[str, ...]:
    """The channels that the packages of a list came from, that of the most first."""
    count = Counter(
        "defaults" if row.origin.startswith("pkgs/") else channel_name(row.origin)
        for row in table.rows
        if row.build and row.origin and not row.is_of_pip and "<" not in row.origin
    )
    return tuple(name for name, _ in count.most_common())


def _strange(reading: Reading, table: Table) -> list[FieldError]:
    return [
        FieldError(
            reading.field,
            f"{cited(reading.lines[number - 1].strip())} is no package of the list",
            "bad-requirement",
            number,
            1,
        )
        for number in table.strange
    ]


def _pip_list(reading: Reading, found: Recognised) -> Recognised:
    return _pip_rows(reading, found, pip_table(enumerate(reading.lines, 1)))


def _pip_json(reading: Reading, found: Recognised) -> Recognised:
    table = json_table(reading.text)
    return _no_json(reading, found) if table is None else _pip_rows(reading, found, table)


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
    found = replace(found, notices=tuple(notices), errors=tuple(_strange(reading, table)))
    return _with_pip_lines(reading, found, reading.pip_lines(lines))


def _pylock(reading: Reading, found: Recognised) -> Recognised:
    lock = parse_pylock(reading.text)
    wrong = (
        FieldError(reading.field, bad.detail, "bad-requirement", bad.line, bad.column)
        for bad in lock.wrong
    )
    # As lines, so that they are checked as those of any file are.
    lines = [(line.text, line.line, line.column) for line in lock.requirements]
    lines += [(f"--extra-index-url {url}", line, 1) for url, line in lock.indexes]
    found = replace(found, python=_minor_of(lock.python), notices=lock.notices, errors=tuple(wrong))
    # What comes from a repository is held to its commit instead.
    return _with_pip_lines(reading, found, reading.pip_lines(lines, all_or_none=False))


def _pyproject(reading: Reading, found: Recognised) -> Recognised:
    file = parse_pyproject(reading.text)
    found = replace(
        found, python=_minor_of(file.python), name=_name(file.name), notices=file.notices
    )
    lines = ((line.text, line.line, line.column) for line in file.requirements)
    return _with_pip_lines(reading, found, reading.pip_lines(lines))


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
    found = replace(found, notices=notices, errors=tuple(errors), name=_name(commands.name))
    if commands.specs:
        found = replace(found, manager="conda", channels=tuple(commands.channels))
        return _of_conda(found, reading, specs, commands.pip)
    lines = ((line.text, line.line, line.column) for line in commands.pip)
    return _with_pip_lines(reading, found, reading.pip_lines(lines))


READERS: dict[TextKind, Callable[[Reading, Recognised], Recognised]] = {
    "requirements": _requirements,
    "environment-yml": _environment_yml,
    "conda-explicit": _explicit,
    "conda-export": _conda_export,
    "conda-list": _conda_list,
    "conda-json": _conda_json,
    "conda-specs": _conda_specs,
    "conda-lock": _conda_lock,
    "pixi-lock": _pixi_lock,
    "pip-list": _pip_list,
    "pip-json": _pip_json,
    "pylock": _pylock,
    "pyproject": _pyproject,
    "commands": _commands,
}


def _python_of(specs: Iterable[Spec]) -> str:
    return next((_minor_of(spec.version) for spec in specs if spec.name == "python"), "")


def _minor_of(constraint: str) -> str:
    """``3.11`` for a constraint that lets in no other minor version, else the constraint."""
    constraint = constraint.replace(" ", "")
    match = re.fullmatch(r"(?:==|~=)?(\d+\.\d+)(?:\.\d+\w*)?(?:\.\*)?", constraint)
    if match and not (constraint.startswith("~=") and constraint.count(".") == 1):
        return match.group(1)
    return constraint


def _name(text: str) -> str:
    """The text as an environment's name; empty if nothing remains, or it is conda's own base."""
    name = re.sub(r"[^a-z0-9._-]+", "-", text.strip().lower())[:63].strip("._-")
    return name if re.fullmatch(NAME_PATTERN, name) and name not in ("base", "root") else ""
