"""Each kind of text that conda and its lock files have, read into packages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from ..conda.builds import platform_of_specs
from ..conda.channels import channel_name
from ..conda.environment_yml import PipLine, read_environment_yml
from ..conda.explicit import parse_explicit
from ..conda.lock_files import LockFile, parse_conda_lock, parse_pixi_lock
from ..conda.matchspec import parse_spec, parse_specs
from ..conda.spec import Spec
from ..conda.subdirs import SUBDIRS
from ..errors import EnvMgrError
from .model import Recognised
from .reading import Reading, environment_name, minor_of, no_json, strange_rows
from .tables import Table, conda_export, conda_table, json_table


def of_conda(
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
        notices=(*found.notices, *pip.notices),
        errors=(*found.errors, *pip.errors),
    )


def environment_yml(reading: Reading, found: Recognised) -> Recognised:
    """An environment.yml."""
    file, errors = read_environment_yml(
        reading.text, field=reading.field, allowed_schemes=reading.conda_schemes
    )
    found = replace(
        found,
        errors=tuple(errors),
        channels=file.channels,
        variables=dict(file.variables) or None,
        name=environment_name(file.name),
        platform=file.platform,
        notices=file.notices,
    )
    return of_conda(found, reading, file.specs, file.pip)


def explicit(reading: Reading, found: Recognised) -> Recognised:
    """An ``@EXPLICIT`` list of files of packages."""
    file = parse_explicit(reading.text, field=reading.field, allowed_schemes=reading.conda_schemes)
    found = replace(found, platform=file.platform, notices=file.notices)
    return of_conda(found, reading, file.specs, ())


def pixi_lock(reading: Reading, found: Recognised) -> Recognised:
    """A lock file of pixi."""
    return _lock(reading, found, parse_pixi_lock)


def conda_lock(reading: Reading, found: Recognised) -> Recognised:
    """A lock file of conda-lock."""
    return _lock(reading, found, parse_conda_lock)


def _lock(reading: Reading, found: Recognised, parse: Callable[..., LockFile]) -> Recognised:
    file = parse(
        reading.text, reading.subdir, field=reading.field, allowed_schemes=reading.conda_schemes
    )
    found = replace(found, channels=file.channels, platform=file.platform, notices=file.notices)
    # As lines, so that they are checked as those of any file are.
    options = (("--index-url", file.indexes[:1]), ("--extra-index-url", file.indexes[1:]))
    lines = [PipLine(f"{name} {url}", 1, 1) for name, urls in options for url in urls]
    return of_conda(found, reading, file.specs, [*file.pip, *lines])


def conda_specs(reading: Reading, found: Recognised) -> Recognised:
    """One spec in each line."""
    specs = parse_specs(
        (), reading.text, field=reading.field, allowed_schemes=reading.conda_schemes
    )
    return of_conda(found, reading, specs, ())


def conda_export_list(reading: Reading, found: Recognised) -> Recognised:
    """What `conda list --export` prints."""
    match = re.search(r"^#[ \t]*platform:[ \t]*(\S+)[ \t]*$", reading.text, re.MULTILINE)
    found = replace(found, platform=match.group(1) if match else "")
    return _conda_rows(reading, found, conda_export(enumerate(reading.lines, 1)))


def conda_list(reading: Reading, found: Recognised) -> Recognised:
    """The table that `conda list` prints."""
    return _conda_rows(reading, found, conda_table(enumerate(reading.lines, 1)))


def conda_json(reading: Reading, found: Recognised) -> Recognised:
    """What `conda list --json` prints."""
    table = json_table(reading.text)
    if table is None:
        return no_json(reading, found)
    platforms = {row.platform for row in table.rows} & (SUBDIRS - {"noarch"})
    found = replace(found, platform=platforms.pop() if len(platforms) == 1 else "")
    return _conda_rows(reading, found, table)


def _conda_rows(reading: Reading, found: Recognised, table: Table) -> Recognised:
    errors = strange_rows(reading, table)
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
    found = of_conda(found, reading, specs, pip)
    return replace(found, errors=(*found.errors, *errors))


def _channels_of(table: Table) -> tuple[str, ...]:
    """The channels that the packages of a list came from, that of the most first."""
    count = Counter(
        "defaults" if row.origin.startswith("pkgs/") else channel_name(row.origin)
        for row in table.rows
        if row.build and row.origin and not row.is_of_pip and "<" not in row.origin
    )
    return tuple(name for name, _ in count.most_common())


def _python_of(specs: Iterable[Spec]) -> str:
    return next((minor_of(spec.version) for spec in specs if spec.name == "python"), "")
