"""What an installer did to a binary file can be taken back, byte by byte."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.archives.prefixes import with_placeholder

PLACEHOLDER = b"/placehold" * 10
PREFIX = b"/home/me/net"


def installed(data: bytes) -> bytes:
    """As conda does it: string by string, NULs behind."""
    strings = data.split(b"\0")
    grow = len(PLACEHOLDER) - len(PREFIX)
    return b"\0".join(
        s.replace(PLACEHOLDER, PREFIX) + b"\0" * (grow * s.count(PLACEHOLDER)) for s in strings
    )


pieces = st.lists(st.sampled_from([PLACEHOLDER, b"/lib", b"\0", b"x", b":"]), max_size=12)


@given(pieces.map(b"".join))
def test_what_was_installed_is_restored(data: bytes) -> None:
    original = data + b"\0"
    assert with_placeholder(installed(original), PREFIX, PLACEHOLDER) == original


def test_a_string_without_room_stays() -> None:
    data = PREFIX + b"/lib\0next\0"
    assert with_placeholder(data, PREFIX, PLACEHOLDER) == data
    assert with_placeholder(data, PLACEHOLDER, PREFIX) == data
