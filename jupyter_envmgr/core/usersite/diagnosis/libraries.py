"""Where the loader finds shared libraries: its cache, its directories, its variables (ld.so(8))."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from ...packages.files import read_regular
from .elf import Elf, read_elf

_CACHE = "/etc/ld.so.cache"
_MAGIC = b"glibc-ld.so.cache1.1"
_LARGEST_CACHE = 16 << 20
_DEFAULT = ("/lib64", "/usr/lib64", "/lib", "/usr/lib", "/usr/local/lib")
# Brought by the driver of the machine, not by the image: absent on a node without a GPU.
_OF_DRIVERS = ("libcuda.so", "libnvidia-", "libnvcuvid", "libcudadebugger", "libnvoptix")
_ARCHITECTURES = {"x86_64": 0x0300, "aarch64": 0x0A00, "i686": 0x0000}


@dataclass
class Libraries:
    """The shared libraries of this system, for one interpreter.

    ``bundled`` are names of libraries that packages carry: many preload those themselves.
    """

    machine: str
    cache: Mapping[str, str]
    directories: tuple[str, ...]
    own: tuple[str, ...]
    _elves: dict[str, Elf | None] = field(default_factory=dict)

    def find(self, name: str, elf: Elf, file: str, bundled: frozenset[str]) -> str | None:
        """The path of a library that ``file`` needs, empty if it may be preloaded; else None."""
        if "/" in name:
            return name if os.path.exists(name) else None
        origin = os.path.dirname(os.path.realpath(file))
        places = elf.runpath or (*elf.rpath, *self.own)
        for place in (*places, *self.directories):
            place = place.replace("${ORIGIN}", origin).replace("$ORIGIN", origin)
            path = os.path.join(place, name)
            if os.path.isabs(path) and os.path.exists(path):
                return path
        known = self.cache.get(name)
        if known is not None and os.path.exists(known):
            return known
        for place in _DEFAULT:
            path = os.path.join(place, name)
            if os.path.exists(path):
                return path
        return "" if name in bundled or name.startswith(_OF_DRIVERS) else None

    def versions(self, path: str) -> frozenset[str]:
        """The versions of symbols that a library defines; none where it has no versions."""
        if path not in self._elves:
            self._elves[path] = read_elf(path, definitions=True)
        elf = self._elves[path]
        return elf.defines if elf else frozenset()


def read_libraries(executable: str, environ: Mapping[str, str], machine: str) -> Libraries:
    """The libraries that a program of ``executable`` finds. Never raises."""
    elf = read_elf(executable) or Elf()
    origin = os.path.dirname(os.path.realpath(executable))
    # Only DT_RPATH of the program holds for what its modules need; DT_RUNPATH is its own.
    own = () if elf.runpath else elf.rpath
    return Libraries(
        machine,
        read_cache(_CACHE, machine),
        tuple(p for p in environ.get("LD_LIBRARY_PATH", "").split(":") if os.path.isabs(p)),
        tuple(p.replace("${ORIGIN}", origin).replace("$ORIGIN", origin) for p in own),
    )


def read_cache(path: str, machine: str) -> Mapping[str, str]:
    """``ld.so.cache``: the path of each library of this machine; nothing where it is unreadable."""
    data = read_regular(path, _LARGEST_CACHE) or b""
    start = data.find(_MAGIC)
    if start < 0:
        return {}
    wanted = _ARCHITECTURES.get(machine)
    found: dict[str, str] = {}
    try:
        count = struct.unpack_from("<I", data, start + 20)[0]
        for number in range(min(count, 100_000)):
            at = start + 48 + number * 24
            flags, key, value = struct.unpack_from("<iII", data, at)
            if wanted is None or flags & 0xFF00 == wanted:
                found.setdefault(_text(data, start + key), _text(data, start + value))
    except (struct.error, ValueError):
        return found
    return found


def _text(data: bytes, at: int) -> str:
    return os.fsdecode(data[at : data.index(b"\0", at)]) if 0 <= at < len(data) else ""


def libc_of(executable: str, given: str) -> tuple[str, bool]:
    """The version of glibc and whether the interpreter is one of musl, by its own loader."""
    elf = read_elf(executable)
    is_musl = elf is not None and "musl" in elf.interpreter
    return ("" if is_musl else given), is_musl


def names_of(files: Iterable[str]) -> frozenset[str]:
    """The names of libraries among files."""
    return frozenset(os.path.basename(f) for f in files if ".so" in f)
