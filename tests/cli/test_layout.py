"""Tables fit into terminals, and texts from elsewhere do not steer them."""

from __future__ import annotations

import pytest

from jupyter_envmgr.cli import layout
from jupyter_envmgr.cli.views import Column, Table, row


def test_wide_and_combining_characters_are_counted_in_cells() -> None:
    assert layout.width("numpy") == 5
    assert layout.width("环境") == 4
    assert layout.width("é") == 1
    assert layout.width("e\u0301") == 1


@pytest.mark.parametrize(
    ("text", "cells", "side", "expected"),
    [
        ("abcdef", 6, "end", "abcdef"),
        ("abcdef", 4, "end", "abc…"),
        ("/home/ada/env", 6, "start", "…a/env"),
        ("环境环境", 5, "end", "环境…"),
        ("环境环境", 6, "start", "…环境"),
        ("abc", 0, "end", ""),
    ],
)
def test_a_text_is_cut_at_the_side_that_matters_less(
    text: str, cells: int, side: str, expected: str
) -> None:
    assert layout.cut(text, cells, side) == expected
    assert layout.width(expected) <= max(cells, layout.width(text) if text == expected else cells)


@pytest.mark.parametrize(
    "hostile",
    ["\x1b[2J", "a\x07", "\x9b31m", "a\u202egnp.exe", "tab\there", "two\nlines", "bad\udcff"],
)
def test_no_control_character_reaches_a_terminal(hostile: str) -> None:
    cleaned = layout.clean(hostile)
    assert cleaned.isprintable()
    cleaned.encode("utf-8")


def test_ordinary_words_of_all_scripts_are_left_alone() -> None:
    for text in ("naïve", "训练环境", "Обучение", "क्‍ष", "می‌خواهم", "🐍 snake"):
        assert layout.clean(text) == text


COLUMNS = (
    Column("NAME"),
    Column("NOTE", drop=2),
    Column("KERNEL", drop=1),
    Column("PATH", cut="start"),
)
TABLE = Table(
    COLUMNS, (row("my-training", "something to say", "yes", "/home/ada/.envmgr/environments/x"),)
)


@pytest.mark.parametrize("available", range(30, 100, 7))
def test_a_table_fits_into_the_terminal(available: int) -> None:
    fitted, widths = layout.fit(TABLE, available)
    assert sum(widths) + layout.GAP * (len(widths) - 1) <= available
    assert fitted.columns[0].title == "NAME"
    assert fitted.rows[0][0].text == "my-training"
    assert fitted.rows[0][-1].text.endswith("ments/x")


def test_nothing_is_cut_where_there_is_room_or_no_terminal() -> None:
    for available in (None, 200):
        fitted, _ = layout.fit(TABLE, available)
        assert fitted == TABLE


def test_columns_are_given_up_in_the_order_that_they_say() -> None:
    fitted, _ = layout.fit(TABLE, 40)
    assert [column.title for column in fitted.columns] == ["NAME", "KERNEL", "PATH"]


def test_a_name_is_never_cut_since_nobody_could_type_it() -> None:
    table = Table((Column("NAME"), Column("PATH", cut="start")), (row("n" * 63, "/" + "p" * 90),))
    fitted, _ = layout.fit(table, 40)
    assert fitted.rows[0][0].text == "n" * 63
