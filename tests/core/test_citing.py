"""What errors repeat of a text: short, in ASCII, and never a password."""

from __future__ import annotations

import time

import pytest

from jupyter_envmgr.core.citing import as_comment, cited, without_secrets


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("numpy>=2", "numpy>=2"),
        ("https://h.example/x", "https://h.example/x"),
        ("https://ada:geheim@h/x", "https://***@h/x"),
        ("https://geheim@h/x", "https://***@h/x"),
        ("https://ada:ge@heim@h/x", "https://***@h/x"),
        ("'//ada:geheim@h'", "'//***@h'"),
        ("ada:geheim@h/x", "***@h/x"),
        ("https://h/t/tk-geheim/x", "https://h/t/***/x"),
        ("git+ssh://git@h/x.git@main", "git+ssh://***@h/x.git@main"),
        ("name @ https://h/x", "name @ https://h/x"),
        ("ada@h.example", "ada@h.example"),
    ],
)
def test_credentials_are_masked_and_the_rest_stays(text: str, shown: str) -> None:
    assert without_secrets(text) == shown


def test_a_long_text_is_cut_after_it_was_masked() -> None:
    text = "x" * 30 + "https://ada:" + "geheim" * 20 + "@h/x"
    assert cited(text, 60) == f"'{'x' * 30}https://***@h/x'"
    assert cited("x" * 100, 20) == "'xxxxxxxxxxxxxxxxx...'"
    assert cited("größe") == r"'gr\xf6\xdfe'"


def test_a_hostile_text_takes_no_time() -> None:
    begun = time.process_time()
    for text in (":" * 4_000 + "@", "a:" * 2_000, "//" * 2_000 + "@", "/t/" * 1_500):
        without_secrets(text)
        cited(text * 100)
    assert time.process_time() - begun < 2


def test_a_comment_stays_one_whatever_is_in_it() -> None:
    text = "a\n[[packages]]\x00\x1b[31m\x85b\u2028c\ud800\x7f d"
    assert as_comment(text) == "# a [[packages]] [31m b c d"
