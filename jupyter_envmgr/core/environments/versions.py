"""The full version of a Python interpreter, read from files: nothing is started."""

from __future__ import annotations

import os
import re

from .disk import Disk, read_bytes, read_text

# python3.13t has no GIL; python3.7m and python3.7dm were other builds of CPython up to 3.7.
_PROGRAM = re.compile(r"(python|pypy|graalpy)(\d+(?:\.\d+)?)?(?:t|d?m?u?)")
_HEADER = re.compile(r'^#define\s+PY_VERSION\s+"([^"]{1,40})"', re.MULTILINE)
_IN_NAME = re.compile(r"(?<![\d.])(\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)(?![\d.])")
_LARGEST_BINARY = 96 << 20
_BINARIES = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xca\xfe\xba\xbe")


def is_python_name(name: str) -> bool:
    """Whether a file name is that of an interpreter: ``python``, ``python3.12``, ``pypy3.10``."""
    return _PROGRAM.fullmatch(name) is not None


def is_binary(program: str) -> bool:
    """Whether a file is a program of this kind of machine and no script, such as pyenv's shims."""
    try:
        return os.access(program, os.X_OK) and read_bytes(program, 4) in _BINARIES
    except OSError:
        return False


def implementation_of(program: str, prefix: str) -> str:
    """CPython, PyPy or GraalPy, by the names of a program and its prefix."""
    for name in ("PyPy", "GraalPy"):
        if name.lower() in os.path.basename(program) or name.lower() in os.path.basename(prefix):
            return name
    return "CPython"


def interpreter_version(disk: Disk, program: str) -> str:
    """The version of the interpreter ``program`` (with no links in its path); ``X.Y`` or nothing
    where no file tells more.

    Remembered until the program changes.
    """
    disk.signature(program)
    return disk.remember(
        ("version", program), lambda: _version(disk, program), lambda _: (program,)
    )


def _version(disk: Disk, program: str) -> str:
    prefix = os.path.dirname(os.path.dirname(program))
    match = _PROGRAM.fullmatch(os.path.basename(program))
    named = (match.group(2) or "") if match else ""
    minor = named if "." in named else _only_minor(disk, prefix)
    return (
        _of_header(disk, prefix, minor)
        or _of_directory(prefix, minor)
        or _of_conda(disk, prefix)
        or _of_binary(prefix, program, minor)
        or minor
    )


def _only_minor(disk: Disk, prefix: str) -> str:
    """X.Y of the one ``lib/pythonX.Y`` that a prefix has."""
    minors = {
        match.group(1)
        for name in disk.listing(os.path.join(prefix, "lib"), 5000).names
        if (match := re.fullmatch(r"(?:python|pypy)(\d+\.\d+)t?", name))
        # Debian leaves directories of other Pythons, with packages only.
        and disk.exists(os.path.join(prefix, "lib", name, "os.py"))
    }
    return minors.pop() if len(minors) == 1 else ""


def _of_header(disk: Disk, prefix: str, minor: str) -> str:
    """From patchlevel.h, where the interpreter came with its headers."""
    include = os.path.join(prefix, "include")
    for name in disk.listing(include, 5000).names:
        if not re.fullmatch(r"(?:python|pypy)\d+\.\d+[a-z]*", name) or (
            minor and minor not in name
        ):
            continue
        try:
            text = read_text(os.path.join(include, name, "patchlevel.h"))
        except OSError:
            continue
        match = _HEADER.search(text)
        if match and _agrees(match.group(1), minor):
            return match.group(1).rstrip("+")
    return ""


def _of_directory(prefix: str, minor: str) -> str:
    """From names such as ``~/.pyenv/versions/3.12.1`` or ``cpython-3.12.1-linux-x86_64-gnu``."""
    name = os.path.basename(prefix)
    if "pypy" in name:
        return ""
    match = _IN_NAME.search(name)
    return match.group(1) if match and _agrees(match.group(1), minor) else ""


def _of_conda(disk: Disk, prefix: str) -> str:
    for file in disk.listing(os.path.join(prefix, "conda-meta")).names:
        match = re.fullmatch(r"python-(\d+\.\d+\.\d+[a-z0-9]*)-[^-]+\.json", file)
        if match:
            return match.group(1)
    return ""


def _of_binary(prefix: str, program: str, minor: str) -> str:
    """From the text that the interpreter prints for ``--version``: for systems without headers."""
    if "." not in minor:
        return ""
    wanted = re.compile(
        rb"(?<![\d.])" + re.escape(minor.encode()) + rb"\.\d{1,3}(?:(?:a|b|rc)\d{1,3})?(?=\+?\0)"
    )
    library = os.path.join(prefix, "lib", f"libpython{minor}.so.1.0")
    for file in (program, library):
        try:
            if os.stat(file).st_size > _LARGEST_BINARY:
                continue
            found = _search(file, wanted)
        except OSError:
            continue
        if found:
            return found
    return ""


def _search(file: str, wanted: re.Pattern[bytes]) -> str:
    """The first match in a file, read in pieces so that other threads get their turn."""
    size, piece, overlap = os.stat(file).st_size, 1 << 20, 64
    with open(file, "rb", buffering=0) as binary:
        rest = b""
        for _ in range(size // piece + 1):
            chunk = rest + binary.read(piece)
            match = wanted.search(chunk)
            if match:
                return match.group().decode("ascii", "replace")
            rest = chunk[-overlap:]
    return ""


def _agrees(version: str, minor: str) -> bool:
    return not minor or version == minor or version.startswith(minor + ".")
