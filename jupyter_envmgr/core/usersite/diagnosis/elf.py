"""Compiled modules: what an ELF file says of itself (System V gABI). Bounded, never raises."""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass

from ...packages.files import open_regular

_MACHINES = {
    3: "i686",
    20: "ppc",
    21: "ppc64le",
    22: "s390x",
    40: "armv7l",
    62: "x86_64",
    183: "aarch64",
    243: "riscv64",
    258: "loongarch64",
}
_LARGEST_TABLE = 1 << 16
_MOST_HEADERS = 128
_MOST_VERSIONS = 512
_LONGEST = 256
_PART = 1 << 20
_LOAD, _DYNAMIC, _INTERPRETER, _PROPERTY = 1, 2, 3, 0x6474E553
_GNU_PROPERTIES, _ISA_NEEDED = 5, 0xC0008002
_NEEDED, _STRINGS, _STRINGS_SIZE, _SONAME, _RPATH, _RUNPATH = 1, 5, 10, 14, 15, 29
_VERDEF, _VERDEF_COUNT, _VERNEED, _VERNEED_COUNT = (
    0x6FFFFFFC,
    0x6FFFFFFD,
    0x6FFFFFFE,
    0x6FFFFFFF,
)


@dataclass(frozen=True)
class Elf:
    """A shared object. ``needs`` are ``(library, version)`` of the symbols that it refers to.

    ``isa`` are the bits of x86-64-vN that its code needs. ``fault`` is what the loader would say
    of a file that is none, or that was cut.
    """

    machine: str = ""
    bits: int = 0
    needed: tuple[str, ...] = ()
    soname: str = ""
    rpath: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    needs: tuple[tuple[str, str], ...] = ()
    defines: frozenset[str] = frozenset()
    interpreter: str = ""
    fault: str = ""
    isa: int = 0


def read_elf(path: str, *, definitions: bool = False) -> Elf | None:
    """The file's own words; None if it cannot be read. ``definitions``: its versions, too."""
    descriptor = open_regular(path)
    if descriptor is None:
        return None
    try:
        return _Reader(descriptor).read(definitions)
    except OSError:
        return None
    except (struct.error, ValueError, IndexError, OverflowError, MemoryError):
        return Elf(fault="it is damaged: its tables lead out of it")
    finally:
        os.close(descriptor)


class _Reader:
    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._size = os.fstat(descriptor).st_size
        self._head = os.pread(descriptor, 4096, 0)
        self._loads: list[tuple[int, int, int]] = []
        self._strings = 0
        self._strings_size = 0
        self._isa = 0

    def read(self, definitions: bool) -> Elf:
        head = self._head
        if not head:
            return Elf(fault="it is empty")
        if head[:4] != b"\x7fELF":
            return Elf(fault="it is no ELF file")
        if len(head) < 64 or head[4] not in (1, 2) or head[5] not in (1, 2):
            return Elf(fault="it is damaged: it ends in its header")
        self._wide = head[4] == 2
        order = "<" if head[5] == 1 else ">"
        self._order = order
        machine = _MACHINES.get(struct.unpack_from(order + "H", head, 18)[0], "another machine")
        if machine == "ppc64le" and order == ">":
            machine = "ppc64"
        if self._wide:
            table, entry, count = (
                struct.unpack_from(order + "Q", head, 32)[0],
                *struct.unpack_from(order + "HH", head, 54),
            )
        else:
            table, entry, count = (
                struct.unpack_from(order + "I", head, 28)[0],
                *struct.unpack_from(order + "HH", head, 42),
            )
        dynamic, interpreter = self._segments(table, entry, min(count, _MOST_HEADERS))
        bits = 64 if self._wide else 32
        end = max((offset + length for offset, _, length in self._loads), default=0)
        if end > self._size:
            fault = f"it is cut: {self._size} of {end} bytes are there"
            return Elf(machine, bits, fault=fault)
        if dynamic is None:
            return Elf(machine, bits, interpreter=interpreter)
        return self._dynamic(dynamic, machine, interpreter, definitions)

    def _at(self, offset: int, length: int) -> bytes:
        if offset < 0 or offset + length <= len(self._head):
            return self._head[max(offset, 0) : offset + length]
        return os.pread(self._descriptor, length, offset)

    def _segments(self, table: int, entry: int, count: int) -> tuple[tuple[int, int] | None, str]:
        data = self._at(table, entry * count)
        dynamic, interpreter = None, ""
        for number in range(count):
            if self._wide:
                kind, _, offset, address, _, length = struct.unpack_from(
                    self._order + "IIQQQQ", data, number * entry
                )
            else:
                kind, offset, address, _, length = struct.unpack_from(
                    self._order + "IIIII", data, number * entry
                )
            if kind == _LOAD:
                self._loads.append((offset, address, length))
            elif kind == _DYNAMIC:
                dynamic = offset, length
            elif kind == _INTERPRETER:
                interpreter = os.fsdecode(self._at(offset, min(length, _LONGEST)).rstrip(b"\0"))
            elif kind == _PROPERTY:
                self._isa = self._levels(self._at(offset, min(length, _LONGEST)))
        return dynamic, interpreter

    def _offset(self, address: int) -> int:
        for offset, start, length in self._loads:
            if start <= address < start + length:
                return offset + address - start
        raise ValueError(address)

    def _string(self, index: int) -> str:
        if index >= self._strings_size:
            raise ValueError(index)
        data = self._at(self._strings + index, _LONGEST)
        return os.fsdecode(data.partition(b"\0")[0])

    def _long_string(self, index: int) -> str:
        data = os.pread(self._descriptor, 4096, self._strings + index)
        return os.fsdecode(data.partition(b"\0")[0])

    def _dynamic(
        self, place: tuple[int, int], machine: str, interpreter: str, definitions: bool
    ) -> Elf:
        data = self._at(place[0], min(place[1], _LARGEST_TABLE))
        form = struct.Struct(self._order + ("qQ" if self._wide else "iI"))
        tags: dict[int, int] = {}
        needed: list[int] = []
        for tag, value in form.iter_unpack(data[: len(data) // form.size * form.size]):
            if tag == 0:
                break
            if tag == _NEEDED:
                needed.append(value)
            else:
                tags[tag] = value
        if _STRINGS not in tags:
            return Elf(machine, 64 if self._wide else 32, interpreter=interpreter)
        self._strings = self._offset(tags[_STRINGS])
        self._strings_size = tags.get(_STRINGS_SIZE, 0)
        return Elf(
            machine,
            64 if self._wide else 32,
            tuple(map(self._string, needed[:_MOST_HEADERS])),
            self._string(tags[_SONAME]) if _SONAME in tags else "",
            self._directories(tags.get(_RPATH)),
            self._directories(tags.get(_RUNPATH)),
            self._needs(tags.get(_VERNEED), tags.get(_VERNEED_COUNT, 0)),
            self._defines(tags.get(_VERDEF), tags.get(_VERDEF_COUNT, 0))
            if definitions
            else frozenset(),
            interpreter,
            isa=self._isa,
        )

    def _levels(self, note: bytes) -> int:
        """The levels of x86-64 in ``.note.gnu.property``."""
        name, size, kind = struct.unpack_from(self._order + "III", note)
        if kind != _GNU_PROPERTIES or note[12:16] != b"GNU\0":
            return 0
        at, end = 12 + name, min(12 + name + size, len(note))
        step = 8 if self._wide else 4
        while at + 12 <= end:
            kind, length = struct.unpack_from(self._order + "II", note, at)
            if kind == _ISA_NEEDED and length == 4:
                return int(struct.unpack_from(self._order + "I", note, at + 8)[0])
            at += 8 + length + -length % step
        return 0

    def _directories(self, index: int | None) -> tuple[str, ...]:
        if index is None:
            return ()
        return tuple(p for p in self._long_string(index).split(":") if p)

    def _needs(self, address: int | None, count: int) -> tuple[tuple[str, str], ...]:
        if address is None:
            return ()
        found = []
        place = self._offset(address)
        data = os.pread(self._descriptor, _LARGEST_TABLE, place)
        at = 0
        for _ in range(min(count, _MOST_HEADERS)):
            _, number, file, first, following = struct.unpack_from(self._order + "HHIII", data, at)
            library = self._string(file)
            inner = at + first
            for _ in range(min(number, _MOST_VERSIONS)):
                _, flags, _, name, further = struct.unpack_from(self._order + "IHHII", data, inner)
                # Weak ones may be missing.
                if not flags & 2:
                    found.append((library, self._string(name)))
                inner += further
                if not further:
                    break
            at += following
            if not following:
                break
        return tuple(found)

    def _defines(self, address: int | None, count: int) -> frozenset[str]:
        if address is None:
            return frozenset()
        found = set()
        data = os.pread(self._descriptor, _LARGEST_TABLE, self._offset(address))
        at = 0
        for _ in range(min(count, _MOST_VERSIONS)):
            _, _, _, _, _, first, following = struct.unpack_from(self._order + "HHHHIII", data, at)
            name = struct.unpack_from(self._order + "I", data, at + first)[0]
            found.add(self._string(name))
            at += following
            if not following:
                break
        return frozenset(found)


def contains(path: str, needles: tuple[bytes, ...], most: int) -> tuple[bool, ...]:
    """Which of these byte strings a file has in its first ``most`` bytes."""
    found = [False] * len(needles)
    overlap = max(map(len, needles)) - 1
    descriptor = open_regular(path)
    if descriptor is None:
        return tuple(found)
    try:
        rest = b""
        while most > 0 and not all(found):
            part = os.read(descriptor, min(_PART, most))
            if not part:
                break
            most -= len(part)
            data = rest + part
            found = [old or needle in data for old, needle in zip(found, needles, strict=True)]
            rest = data[-overlap:]
    except OSError:
        pass
    finally:
        os.close(descriptor)
    return tuple(found)
