"""What a verb wants shown, as data: the printer decides how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Tone = Literal["", "strong", "dim", "good", "warning", "bad"]


@dataclass(frozen=True)
class Column:
    """One column of a table.

    Where a terminal is too narrow, columns are left out from the highest ``drop`` down (0 is
    never left out), then the text of those that may be ``cut`` is shortened at that side.
    """

    title: str
    align: Literal["left", "right"] = "left"
    drop: int = 0
    cut: Literal["never", "start", "end"] = "never"


@dataclass(frozen=True)
class Cell:
    """A text and its tone; the tone never carries meaning that the text does not have."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Table:
    """Rows under headings; ``empty`` is said where there are none."""

    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str = ""
    empty: str = ""


@dataclass(frozen=True)
class Facts:
    """Labels and what they are; facts that are empty are left out."""

    pairs: tuple[tuple[str, Cell], ...]
    title: str = ""


@dataclass(frozen=True)
class Text:
    """A sentence of its own. ``raw`` text is printed as it is: a script for a shell."""

    text: str
    tone: Tone = ""
    raw: bool = False


View = Table | Facts | Text


def row(*cells: str | Cell) -> tuple[Cell, ...]:
    """A row of a table from texts and cells."""
    return tuple(cell if isinstance(cell, Cell) else Cell(cell) for cell in cells)


def facts(title: str, *pairs: tuple[str, str | Cell]) -> Facts:
    """Facts from texts and cells."""
    made = tuple((label, v if isinstance(v, Cell) else Cell(v)) for label, v in pairs)
    return Facts(tuple((label, cell) for label, cell in made if cell.text), title)
