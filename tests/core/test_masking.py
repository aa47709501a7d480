"""A secret never gets through, however the stream is cut and however a tool encodes it."""

from __future__ import annotations

from itertools import pairwise
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.masking import MASK, Masker


def _stream(secrets: list[str], pieces: list[bytes]) -> bytes:
    masker = Masker(secrets)
    return b"".join(map(masker.feed, pieces)) + masker.finish()


@pytest.mark.parametrize(
    "printed",
    ["p@ss/w:rd", "p%40ss%2Fw%3Ard", "p%40ss%2fw%3ard", "p%40ss/w%3Ard"],
)
def test_a_secret_is_masked_in_the_forms_that_tools_print(printed: str) -> None:
    assert Masker(["p@ss/w:rd"]).text(f"https://me:{printed}@host/") == f"https://me:{MASK}@host/"


def test_a_secret_given_encoded_is_masked_decoded_too() -> None:
    assert Masker(["p%40ss"]).text("it is p@ss") == f"it is {MASK}"


def test_the_longer_of_two_secrets_is_masked_whole() -> None:
    assert _stream(["abc", "abcdef"], [b"x abc", b"def y abc", b" z"]) == b"x *** y *** z"


def test_without_secrets_nothing_is_held_back() -> None:
    assert Masker().feed(b"abc") == b"abc"


@given(
    secrets=st.lists(st.text("ab%/é", min_size=1, max_size=6), min_size=1, max_size=3),
    text=st.text("ab%/é ", max_size=60),
    cuts=st.lists(st.integers(0, 80), max_size=8),
)
def test_the_cuts_of_a_stream_make_no_difference(
    secrets: list[str], text: str, cuts: list[int]
) -> None:
    data = text.encode()
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert _stream(secrets, pieces) == Masker(secrets).text(text).encode()


@given(st.text(min_size=3, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_no_form_of_a_secret_is_left(secret: str, before: str, after: str) -> None:
    masked = Masker([secret]).text(f"{before}{secret}|{quote(secret, safe='')}{after}")
    assert MASK in masked
    if not set(secret) & set(MASK) and secret not in before + MASK + "|" + MASK + after:
        assert secret not in masked
