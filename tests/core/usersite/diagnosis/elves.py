"""Shared objects with nothing in them but what they say of themselves (System V gABI)."""

from __future__ import annotations

import platform
import struct
from collections.abc import Sequence

MACHINES = {"x86_64": 62, "aarch64": 183, "ppc64le": 21, "i686": 3}
OTHER = "aarch64" if platform.machine() != "aarch64" else "x86_64"
"""A machine that this is not."""

_HEADER, _SEGMENT = 64, 56
_LOAD, _DYNAMIC, _PROPERTY = 1, 2, 0x6474E553
_ISA_NEEDED = 0xC0008002


def elf(
    *,
    machine: str = "",
    needed: Sequence[str] = (),
    needs: Sequence[tuple[str, str]] = (),
    defines: Sequence[str] = (),
    runpath: str = "",
    isa: int = 0,
    text: bytes = b"",
    asks: Sequence[str] = (),
    gives: Sequence[str] = (),
) -> bytes:
    """A shared object. ``needs`` are versions of symbols by library, ``isa`` bits of x86-64-vN.

    ``asks`` and ``gives`` are symbols that it needs of others, and those that it has.
    """
    strings = _Strings()
    dynamic = [(1, strings.add(name)) for name in needed]
    if runpath:
        dynamic.append((29, strings.add(runpath)))
    wanted, offered = _needs(strings, needs), _defines(strings, defines)
    note = _note(isa) if isa else b""
    count = 3 if note else 2
    at = _HEADER + _SEGMENT * count
    places = {}
    blocks = {"strings": strings.data, "needs": wanted, "defines": offered, "note": note}
    body = b""
    for name, block in blocks.items():
        body += bytes(-(at + len(body)) % 8)
        places[name] = at + len(body)
        body += block
    dynamic += [(5, places["strings"]), (10, len(strings.data))]
    if needs:
        dynamic += [(0x6FFFFFFE, places["needs"]), (0x6FFFFFFF, len({lib for lib, _ in needs}))]
    if defines:
        dynamic += [(0x6FFFFFFC, places["defines"]), (0x6FFFFFFD, len(defines))]
    body += bytes(-(at + len(body)) % 8)
    table = b"".join(struct.pack("<qQ", *row) for row in [*dynamic, (0, 0)])
    place = at + len(body)
    body += table + text
    head_of_sections, count_of_sections = 0, 0
    if asks or gives:
        body += bytes(-(at + len(body)) % 8)
        sections = _sections(at + len(body), asks, gives)
        head_of_sections, count_of_sections = at + len(body), 3
        body += sections
    end = at + len(body)
    segments = [(_LOAD, 0, end), (_DYNAMIC, place, len(table))]
    if note:
        segments.append((_PROPERTY, places["note"], len(note)))
    head = b"\x7fELF\x02\x01\x01" + bytes(9)
    head += struct.pack("<HHI", 3, MACHINES[machine or platform.machine()], 1)
    head += struct.pack("<QQQ", 0, _HEADER, head_of_sections)
    head += struct.pack("<IHHHHHH", 0, _HEADER, _SEGMENT, count, 64, count_of_sections, 0)
    for kind, offset, size in segments:
        head += struct.pack("<IIQQQQQQ", kind, 5, offset, offset, offset, size, size, 8)
    return head + body


class _Strings:
    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, text: str) -> int:
        place = len(self.data)
        self.data += text.encode() + b"\0"
        return place


def _needs(strings: _Strings, needs: Sequence[tuple[str, str]]) -> bytes:
    libraries: dict[str, list[str]] = {}
    for library, version in needs:
        libraries.setdefault(library, []).append(version)
    found = b""
    for number, (library, versions) in enumerate(libraries.items(), 1):
        following = 0 if number == len(libraries) else 16 + 16 * len(versions)
        found += struct.pack("<HHIII", 1, len(versions), strings.add(library), 16, following)
        for place, version in enumerate(versions, 1):
            further = 0 if place == len(versions) else 16
            found += struct.pack("<IHHII", 0, 0, 0, strings.add(version), further)
    return found


def _defines(strings: _Strings, versions: Sequence[str]) -> bytes:
    found = b""
    for number, version in enumerate(versions, 1):
        following = 0 if number == len(versions) else 28
        found += struct.pack("<HHHHIII", 1, 0, number, 1, 0, 20, following)
        found += struct.pack("<II", strings.add(version), 0)
    return found


def _sections(place: int, asks: Sequence[str], gives: Sequence[str]) -> bytes:
    """Three headers of sections, and then the symbols and their names."""
    strings = _Strings()
    symbols = bytes(24)
    for name in asks:
        symbols += struct.pack("<IBBHQQ", strings.add(name), 1 << 4, 0, 0, 0, 0)
    for name in gives:
        symbols += struct.pack("<IBBHQQ", strings.add(name), 1 << 4, 0, 1, 0, 0)
    first = place + 3 * 64
    rows = [
        (0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
        (0, 11, 0, 0, first, len(symbols), 2, 0, 8, 24),
        (0, 3, 0, 0, first + len(symbols), len(strings.data), 0, 0, 1, 0),
    ]
    return b"".join(struct.pack("<IIQQQQIIQQ", *row) for row in rows) + symbols + strings.data


def _note(isa: int) -> bytes:
    """``.note.gnu.property`` (x86-64 psABI): which levels the code needs."""
    properties = struct.pack("<IIII", _ISA_NEEDED, 4, isa, 0)
    return struct.pack("<III4s", 4, len(properties), 5, b"GNU\0") + properties
