"""A tool's bytes become lines that a person can read, whatever the tool prints."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.lines import LONGEST_LINE, LineSplitter, events_in, without_escapes


def _lines(*pieces: bytes) -> list[str]:
    splitter = LineSplitter()
    return [line for piece in pieces for line in splitter.feed(piece)] + splitter.finish()


def test_lines_end_at_newline_return_and_both() -> None:
    assert _lines(b"a\nb\rc\r", b"\nd\n\ne") == ["a", "b", "c", "d", "", "e"]


def test_a_progress_bar_that_redraws_itself_gives_no_empty_lines() -> None:
    assert _lines(b"\r10%\r\r20%\r\n") == ["10%", "20%"]


def test_a_character_that_is_cut_in_two_is_whole_again() -> None:
    assert _lines(b"caf\xc3", b"\xa9\n") == ["café"]


def test_what_is_not_utf8_does_not_stop_the_log() -> None:
    assert _lines(b"a\xff\xfeb\n") == ["a\ufffd\ufffdb"]


def test_colours_titles_and_control_characters_are_gone() -> None:
    text = "\x1b[1;31mred\x1b[0m \x1b]8;;http://x\x07link\x1b]8;;\x07 \x1b(Ba\x00b\x08\tc\x9b"
    assert without_escapes(text) == "red link ab\tc"


def test_a_line_without_end_is_bounded_in_memory_and_shown_in_4_kb() -> None:
    splitter = LineSplitter()
    for _ in range(1000):
        assert splitter.feed(b"x" * 10_000) == []
    assert len(splitter._held) <= 65536
    (line, after) = splitter.feed(b"end\nnext\n")
    assert len(line.encode()) <= LONGEST_LINE
    assert line.endswith(" …")
    assert after == "next"


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_the_cuts_of_a_stream_make_no_difference(data: bytes, cuts: list[int]) -> None:
    edges = sorted({0, len(data), *(min(cut, len(data)) for cut in cuts)})
    pieces = [data[a:b] for a, b in pairwise(edges)]
    assert _lines(*pieces) == _lines(data)


def test_a_worker_s_events_are_found_among_whatever_else_is_printed() -> None:
    text = 'warning: {"event"\n{"event": "a", "n": 1}\n{"no": 1}\n["event"]\n7\n{"event": "b"}'
    assert list(events_in(text)) == [{"event": "a", "n": 1}, {"event": "b"}]
