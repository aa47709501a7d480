"""A text that is read into packages, and what all kinds of text have in common."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from ..citing import cited
from ..conda.environment_yml import PipLine
from ..conda.subdirs import this_subdir
from ..errors import FieldError
from ..names import NAME_PATTERN
from .hashes import with_hashes
from .model import Recognised
from .pip_lines import PipLines, read_pip_lines
from .tables import Table


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


def with_pip_lines(reading: Reading, found: Recognised, pip: PipLines) -> Recognised:
    """What a text asks for of pip, taken over."""
    return replace(
        found,
        packages=reading.written(pip),
        index_url=pip.index_url,
        extra_index_urls=pip.extra_index_urls,
        hashed=len(pip.hashes),
        notices=(*found.notices, *pip.notices),
        errors=(*found.errors, *pip.errors),
    )


def strange_rows(reading: Reading, table: Table) -> list[FieldError]:
    """The lines of a table that are no rows of it, as errors."""
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


def no_json(reading: Reading, found: Recognised) -> Recognised:
    """JSON that is no list of packages."""
    error = FieldError(reading.field, "this is JSON, but no list of packages", "bad-requirement", 1)
    return replace(found, manager=None, errors=(error,))


def minor_of(constraint: str) -> str:
    """``3.11`` for a constraint that lets in no other minor version, else the constraint."""
    constraint = constraint.replace(" ", "")
    match = re.fullmatch(r"(?:==|~=)?(\d+\.\d+)(?:\.\d+\w*)?(?:\.\*)?", constraint)
    if match and not (constraint.startswith("~=") and constraint.count(".") == 1):
        return match.group(1)
    return constraint


def environment_name(text: str) -> str:
    """The text as an environment's name; empty if nothing remains, or it is conda's own base."""
    name = re.sub(r"[^a-z0-9._-]+", "-", text.strip().lower())[:63].strip("._-")
    return name if re.fullmatch(NAME_PATTERN, name) and name not in ("base", "root") else ""
