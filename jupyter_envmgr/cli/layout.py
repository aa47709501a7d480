"""How wide texts are on a terminal, and how a table is made to fit into one."""

from __future__ import annotations

import unicodedata

from .views import Cell, Column, Table

GAP = 2
LEAST = 8
"""A column that may be cut keeps this many cells: less says nothing any more."""


def width(text: str) -> int:
    """The cells that ``text`` takes: 2 for wide East Asian characters, 0 for combining ones."""
    if text.isascii():
        return len(text)
    return sum(map(_cell, text))


def _cell(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in ("Cf", "Me", "Mn"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in ("W", "F") else 1


def clean(text: str) -> str:
    """``text`` without control characters: a package's summary must not steer the terminal.

    White space becomes a space; surrogates from file names that are not UTF-8 become ``?``.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_clean, text))


def _clean(character: str) -> str:
    if character in "\t\n\r\v\f":
        return " "
    category = unicodedata.category(character)
    if category == "Cs":
        return "?"
    # Cf has the characters that turn the direction of the text after them, which can make one
    # name look like another (CVE-2021-42574); the joiners of Indic and Persian words are kept.
    if category == "Cc" or (category == "Cf" and character not in "\u200c\u200d"):
        return "\N{REPLACEMENT CHARACTER}"
    return character


def cut(text: str, cells: int, side: str, ellipsis: str = "…") -> str:
    """``text`` in at most ``cells`` cells, its start or its end given up for an ellipsis."""
    if width(text) <= cells:
        return text
    room = cells - width(ellipsis)
    if room <= 0:
        return ellipsis[:cells]
    kept: list[str] = []
    for character in reversed(text) if side == "start" else text:
        room -= width(character)
        if room < 0:
            break
        kept.append(character)
    if side == "start":
        return ellipsis + "".join(reversed(kept))
    return "".join(kept) + ellipsis


def pad(text: str, cells: int, align: str) -> str:
    """``text`` filled up with spaces to ``cells`` cells."""
    space = " " * max(cells - width(text), 0)
    return space + text if align == "right" else text + space


def fit(table: Table, available: int | None, ellipsis: str = "…") -> tuple[Table, list[int]]:
    """The table as it fits into ``available`` cells (None: any number), and its widths.

    Texts are cleaned. Columns are left out and cut as their `Column` allows; a table that is
    still too wide is left so, because a name that is cut cannot be typed.
    """
    rows = [tuple(Cell(clean(c.text), c.tone) for c in cells) for cells in table.rows]
    columns = list(table.columns)
    widths = _widths(columns, rows)
    if available is not None:
        while _total(widths) > available and any(column.drop for column in columns):
            if _total(_shortest(columns, widths)) <= available:
                break
            last = max(range(len(columns)), key=lambda i: columns[i].drop)
            del columns[last], widths[last]
            rows = [cells[:last] + cells[last + 1 :] for cells in rows]
        widths = _shorten(columns, widths, available)
        rows = [
            tuple(
                Cell(cut(cell.text, cells, column.cut, ellipsis), cell.tone)
                for cell, cells, column in zip(row, widths, columns, strict=True)
            )
            for row in rows
        ]
    return Table(tuple(columns), tuple(rows), table.title, table.empty), widths


def _widths(columns: list[Column], rows: list[tuple[Cell, ...]]) -> list[int]:
    return [
        max([width(column.title), *(width(cells[i].text) for cells in rows)])
        for i, column in enumerate(columns)
    ]


def _total(widths: list[int]) -> int:
    return sum(widths) + GAP * (len(widths) - 1)


def _shortest(columns: list[Column], widths: list[int]) -> list[int]:
    return [w if c.cut == "never" else min(w, LEAST) for c, w in zip(columns, widths, strict=True)]


def _shorten(columns: list[Column], widths: list[int], available: int) -> list[int]:
    """Take from the widest column that may be cut until it fits, cell by cell."""
    least = _shortest(columns, widths)
    widths = list(widths)
    while _total(widths) > available:
        widest = max(range(len(widths)), key=lambda i: widths[i] - least[i])
        if widths[widest] <= least[widest]:
            break
        widths[widest] -= 1
    return widths
