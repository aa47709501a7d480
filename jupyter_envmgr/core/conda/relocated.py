"""What the files of a conda environment have to say when it lies somewhere else."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..archives.prefixes import with_placeholder
from ..environments.disk import read_bytes

Pairs = Sequence[tuple[bytes, bytes]]
"""Old and new prefix, in each of the spellings in which files may have it; the longer first."""

_LARGEST_RECORD = 256 * 1024 * 1024
_LONGEST_FIRST_LINE = 127
"""What Linux before 5.1 reads of a first line; conda and rattler make none that is longer."""
_HEAD = 8192
_FIRST_LINE = re.compile(rb"#![ \t]*([^\s\n]+)([^\n]*)\n")
_ENDS = rb"(?![\w-]|\.\w|[\x80-\xff])"
# A path that merely ends in the same words is another one; ``-I/path`` and ``-L/path`` are not.
_BEGINS = rb"(?:(?<![\w.~\x80-\xff])|(?<=-[A-Za-z]))"


@dataclass(frozen=True, slots=True)
class Owned:
    """What the record of a package says of one file.

    ``placeholder`` is what the package has where the file names its prefix; empty if it does not.
    ``sha256`` is that of the file in the package, ``size`` None where it is made at the install.
    ``installed`` is when the package's record was written, in nanoseconds.
    """

    installed: int
    size: int | None = None
    placeholder: bytes = b""
    is_binary: bool = False
    sha256: str = ""


def owned_files(prefix: str) -> dict[str, Owned]:
    """All files that conda's packages have brought, by their path below ``prefix``."""
    site = _site(prefix)
    found: dict[str, Owned] = {}
    for path in record_files(prefix):
        record = read_record(path)
        if not record:
            continue
        installed = os.stat(path).st_mtime_ns
        files = record.get("files")
        names = files if isinstance(files, list) else ()
        found.update((name, Owned(installed)) for name in names if isinstance(name, str))
        for row in rows_of(record):
            name = mapped(str(row.get("_path")), site)
            size = None if "entry_point" in str(row.get("path_type")) else row.get("size_in_bytes")
            found[name] = Owned(
                installed,
                size if isinstance(size, int) else None,
                str(row.get("prefix_placeholder") or "").encode("utf-8", "replace"),
                row.get("file_mode") == "binary",
                str(row.get("sha256") or ""),
            )
    return found


def record_files(prefix: str) -> list[str]:
    """The records of the packages that are installed."""
    meta = os.path.join(prefix, "conda-meta")
    try:
        names = sorted(os.listdir(meta))
    except OSError:
        return []
    return [os.path.join(meta, name) for name in names if name.endswith(".json")]


def read_record(path: str) -> dict[str, Any]:
    """The record of a package; empty if it cannot be read."""
    try:
        record = json.loads(read_bytes(path, _LARGEST_RECORD))
    except (OSError, ValueError, RecursionError):
        return {}
    return record if isinstance(record, dict) else {}


def rows_of(record: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The files of a package, as its record describes them."""
    data = record.get("paths_data")
    rows = data.get("paths") if isinstance(data, dict) else None
    return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []


def rehashed(prefix: str, hashes: Mapping[str, str]) -> Iterator[tuple[str, bytes]]:
    """The records that change where files have these hashes now: the name and content of each."""
    site = _site(prefix)
    for path in record_files(prefix):
        record, has_changed = read_record(path), False
        for row in rows_of(record):
            sha256 = hashes.get(mapped(str(row.get("_path")), site))
            if sha256 and "sha256_in_prefix" in row:
                row["sha256_in_prefix"] = sha256
                has_changed = True
        if has_changed:
            yield os.path.basename(path), json.dumps(record, indent=2).encode()


def mapped(path: str, site: str) -> str:
    """Where a file lies: conda records those of noarch packages as the package has them."""
    if site and path.startswith("site-packages/"):
        return site + path.removeprefix("site-packages")
    if path.startswith("python-scripts/"):
        return "bin" + path.removeprefix("python-scripts")
    return path


def _site(prefix: str) -> str:
    for path in record_files(prefix):
        match = re.fullmatch(r"python-(\d+\.\d+)[^-]*-[^-]+\.json", os.path.basename(path))
        if match:
            said = read_record(path).get("python_site_packages_path")
            return str(said) if said else f"lib/python{match[1]}/site-packages"
    return ""


def is_text(data: bytes) -> bool:
    """Whether a file is taken for a text: its beginning has no NUL in it."""
    return b"\0" not in data[:_HEAD]


def names_prefix(data: bytes, pairs: Pairs) -> bool:
    """Whether a text names the old prefix, and not only a path that begins with the same words."""
    return any(old in data and _pattern(old).search(data) for old, _ in pairs)


def moved_text(data: bytes, pairs: Pairs, owned: Owned | None = None) -> bytes:
    """A text with the new prefix in the place of the old one; scripts keep running.

    Where it is as its package has it, exactly what the installer put in is replaced.
    """
    made = _again(data, pairs, owned)
    if made is None:
        made = data
        for old, new in pairs:
            made = _pattern(old).sub(lambda _, new=new: new, made)  # type: ignore[misc]
    return _with_short_first_line(made)


def moved_binary(data: bytes, pairs: Pairs, owned: Owned) -> bytes | None:
    """A binary with the new prefix in it; None if there is no room for that.

    It is as long as before: what follows a string is filled up with NULs. Where it is as its
    package has it (its hash tells) the room is that of the package's long placeholder, else only
    what can be seen to be free.
    """
    for old, new in pairs:
        pristine = with_placeholder(data, old, owned.placeholder)
        if _sha256(pristine) == owned.sha256:
            return _padded(pristine, owned.placeholder, new)
    made: bytes | None = data
    for old, new in pairs:
        made = _padded(made, old, new, _ENDS) if made is not None else None
    return made


def _again(data: bytes, pairs: Pairs, owned: Owned | None) -> bytes | None:
    if owned is None or not owned.placeholder:
        return None
    for old, new in pairs:
        pristine = data.replace(old, owned.placeholder)
        if _sha256(pristine) == owned.sha256:
            return pristine.replace(owned.placeholder, new)
    return None


def _padded(data: bytes, old: bytes, new: bytes, ends: bytes = b"") -> bytes | None:
    """Replace in C strings, as long as there are NULs behind them to take or to add."""
    name = re.compile(re.escape(old) + ends)

    def replaced(match: re.Match[bytes]) -> bytes:
        text, nuls = match[1], match[2]
        made, count = name.subn(lambda _: new, text)
        more = (len(new) - len(old)) * count
        if more >= len(nuls):
            return match[0]
        return made + b"\0" * (len(nuls) - more)

    made = re.sub(rb"(" + name.pattern + rb"[^\0]*)(\0+)", replaced, data)
    return None if name.search(made) else made


def _with_short_first_line(data: bytes) -> bytes:
    """A script whose first line the kernel reads to its end: by way of /bin/sh, as pip does it."""
    match = _FIRST_LINE.match(data)
    if match is None or len(match[0]) <= _LONGEST_FIRST_LINE:
        return data
    program, options = match[1], match[2]
    name = program.rpartition(b"/")[2]
    rest = data[match.end() :]
    if not name.startswith((b"python", b"pypy")):
        return b"#!/usr/bin/env " + name + options + b"\n" + rest
    line = b"#!/bin/sh\n'''exec' \"" + program + b'"' + options + b' "$0" "$@"\n' + b"' '''\n"
    return line + rest


def _pattern(old: bytes) -> re.Pattern[bytes]:
    return re.compile(_BEGINS + re.escape(old) + _ENDS)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def source_of(path: str) -> str:
    """The source that a bytecode file is made of: ``a/__pycache__/b.cpython-312.pyc`` of ``a/b``.

    Empty for what is no bytecode.
    """
    if not path.endswith(".pyc"):
        return ""
    directory, name = os.path.split(path)
    parent, cache = os.path.split(directory)
    if cache == "__pycache__":
        return os.path.join(parent, name.split(".", 1)[0] + ".py")
    return path[:-1]


def spellings(places: Sequence[str], old: str, new: str) -> Pairs:
    """The pairs for a directory that gets another name, by all paths of the one that it is in."""
    pairs = {
        (os.fsencode(os.path.join(place, old)), os.fsencode(os.path.join(place, new)))
        for place in places
    }
    return tuple(sorted(pairs, key=lambda pair: -len(pair[0])))
