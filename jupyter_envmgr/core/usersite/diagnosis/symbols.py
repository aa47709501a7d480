"""Findings about extensions of torch that were compiled for another torch than is loaded."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator
from functools import partial

from ...packages.files import open_regular
from ..model import Finding
from ..requires import name_of
from .clashes import cure
from .codes import finding
from .distributions import Distribution
from .elf import read_elf
from .ground import Ground

# ``c10::``: torch's own; what is inline of it an extension has itself, as weak symbols.
_PREFIXES = (b"_ZN3c10", b"_ZNK3c10", b"_ZTIN3c10", b"_ZTVN3c10")
_LIBRARIES = ("libc10", "libtorch", "libshm")
_DYNAMIC_SYMBOLS = 11
_WEAK = 2
_MOST_SECTIONS = 200
_MOST_FILES = 40
_MOST = 300
_LARGEST_TABLE = 8 << 20
_LARGEST_STRINGS = 128 << 20
_SHOWN = 4


def other_torch(ground: Ground) -> Iterator[Finding]:
    """Modules with symbols that the torch which is loaded does not have (``undefined symbol``)."""
    torch = ground.effective.get("torch")
    if torch is None:
        return
    for key, one in ground.effective.items():
        is_mine = key in ground.mine or "torch" in ground.mine
        if key == "torch" or not is_mine or all(name_of(r) != "torch" for r in one.requires):
            continue
        for rel in _extensions(ground, one):
            path = os.path.join(one.site, rel)
            ground.watch(path)
            wanted = ground.kept.get("undefined", path, partial(undefined, path, _PREFIXES))
            lacking = _lacking(ground, torch, one, wanted)
            if lacking:
                yield _finding(ground, one, torch, path, lacking)
                break


def _extensions(ground: Ground, one: Distribution) -> Iterator[str]:
    files = [f for f in ground.files(one).inside if f.endswith(".so")]
    for rel in files[:_MOST_FILES]:
        path = os.path.join(one.site, rel)
        elf = ground.kept.get("elf", path, partial(read_elf, path))
        if elf and any(name.startswith(("libc10", "libtorch")) for name in elf.needed):
            yield rel


def _lacking(
    ground: Ground, torch: Distribution, one: Distribution, wanted: Iterable[bytes]
) -> tuple[bytes, ...]:
    lacking = tuple(wanted)
    directory = os.path.join(torch.site, "torch", "lib")
    try:
        places = sorted(name for name in os.listdir(directory) if name.startswith(_LIBRARIES))
    except OSError:
        return ()
    if not places:
        return ()
    for place in places:
        if lacking:
            there = exported(os.path.join(directory, place), lacking)
            lacking = tuple(name for name in lacking if name not in there)
    own = [os.path.join(one.site, f) for f in ground.files(one).inside if ".so" in f]
    for place in own[:_MOST_FILES]:
        if lacking:
            defined = {name for name, is_there, _ in _symbols(place) if is_there}
            lacking = tuple(name for name in lacking if name not in defined)
    return lacking


def _finding(
    ground: Ground, one: Distribution, torch: Distribution, path: str, lacking: tuple[bytes, ...]
) -> Finding:
    symbols = [("Undefined symbol", os.fsdecode(name)) for name in lacking[:_SHOWN]]
    return finding(
        "torch-abi",
        one.name,
        f"{one.label} was compiled for another torch: {torch.label} is what is loaded, and lacks "
        f"{'a symbol' if len(lacking) == 1 else 'symbols'} that it needs.",
        evidence=(("Compiled module", path), *symbols, ("torch", torch.path)),
        wins=torch.label,
        fix=cure(ground, one, torch),
    )


def undefined(path: str, prefixes: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """The symbols of these beginnings that a module needs of others. Never raises."""
    found = []
    for name, is_there, is_weak in _symbols(path):
        if not is_there and not is_weak and name.startswith(prefixes):
            found.append(name)
            if len(found) == _MOST:
                break
    return tuple(found)


def _symbols(path: str) -> Iterator[tuple[bytes, bool, bool]]:
    """Name, whether it is defined, whether it is weak."""
    tables = _tables(path)
    if tables is None:
        return
    symbols, strings = tables
    for name, info, _, section, _, _ in struct.iter_unpack(
        "<IBBHQQ", symbols[: len(symbols) // 24 * 24]
    ):
        end = strings.find(b"\0", name)
        if 0 <= name < end:
            yield strings[name:end], section != 0, info >> 4 == _WEAK


def exported(path: str, names: Iterable[bytes]) -> frozenset[bytes]:
    """Which of these names a library has, or needs itself: it comes from where they are."""
    tables = _tables(path)
    # What cannot be read, or not to its end, may have them all.
    if tables is None or len(tables[1]) >= _LARGEST_STRINGS:
        return frozenset(names)
    return frozenset(name for name in names if name + b"\0" in tables[1])


def _tables(path: str) -> tuple[bytes, bytes] | None:
    """The dynamic symbols and their names (``.dynsym``, ``.dynstr``) of a 64-bit object."""
    descriptor = open_regular(path)
    if descriptor is None:
        return None
    try:
        head = os.pread(descriptor, 64, 0)
        if len(head) < 64 or head[:6] != b"\x7fELF\x02\x01":
            return None
        place = struct.unpack_from("<Q", head, 40)[0]
        size, count = struct.unpack_from("<HH", head, 58)
        count = min(count, _MOST_SECTIONS)
        table = os.pread(descriptor, size * count, place)
        rows = [struct.unpack_from("<IIQQQQII", table, n * size) for n in range(count)]
        symbols = next((row for row in rows if row[1] == _DYNAMIC_SYMBOLS), None)
        if symbols is None:
            return None
        strings = rows[symbols[6]]
        return (
            os.pread(descriptor, min(symbols[5], _LARGEST_TABLE), symbols[4]),
            os.pread(descriptor, min(strings[5], _LARGEST_STRINGS), strings[4]),
        )
    except (OSError, struct.error, IndexError, OverflowError, ValueError, MemoryError):
        return None
    finally:
        os.close(descriptor)
