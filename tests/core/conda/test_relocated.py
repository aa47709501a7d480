"""The bytes of relocated files: exactly the prefix is another one, nothing else."""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.relocated import (
    Owned,
    moved_binary,
    moved_text,
    names_prefix,
    owned_files,
    rehashed,
    source_of,
    spellings,
)

OLD, NEW = b"/home/me/env/training", b"/home/me/env/a-longer-name"
PAIRS = ((OLD, NEW),)
PLACEHOLDER = b"/opt/" + b"placehold_" * 20
SHORT = b"/opt/envs/x"


def owned(pristine: bytes, *, binary: bool = False) -> Owned:
    return Owned(0, len(pristine), PLACEHOLDER, binary, hashlib.sha256(pristine).hexdigest())


def installed(pristine: bytes, prefix: bytes = OLD) -> bytes:
    """As conda installs a binary: the string is filled up to its length with NULs."""
    out, rest = b"", pristine
    while (at := rest.find(PLACEHOLDER)) >= 0:
        end = rest.index(b"\0", at)
        text = rest[at:end].replace(PLACEHOLDER, prefix)
        out += rest[:at] + text + b"\0" * (end - at - len(text))
        rest = rest[end:]
    return out + rest


@pytest.mark.parametrize("new", [NEW, SHORT, b"/" + b"n" * 150])
def test_a_binary_is_as_if_it_had_been_installed_there(new: bytes) -> None:
    # What the package declares is replaced, although it goes on as another path would.
    pristine = b"\x7fELF\0a%s-1.0\0%s/lib:%s/bin\0\0b\0%s\0\0\0end" % (
        PLACEHOLDER,
        PLACEHOLDER,
        PLACEHOLDER,
        PLACEHOLDER,
    )
    made = moved_binary(installed(pristine), ((OLD, new),), owned(pristine, binary=True))
    assert made == installed(pristine, new)
    assert len(made) == len(pristine)


def test_a_binary_that_was_edited_takes_the_room_that_it_has_or_stays() -> None:
    edited = b"\x7fELF" + OLD + b"/lib" + b"\0" * 20 + b"end"
    of_another = owned(b"something else", binary=True)
    made = moved_binary(edited, PAIRS, of_another)
    assert made == b"\x7fELF" + NEW + b"/lib" + b"\0" * 15 + b"end"
    tight = b"\x7fELF" + OLD + b"/lib\0end"
    assert moved_binary(tight, PAIRS, of_another) is None
    assert moved_binary(tight, ((OLD, SHORT),), of_another) == (
        b"\x7fELF" + SHORT + b"/lib" + b"\0" * 11 + b"end"
    )


def test_a_binary_without_room_for_a_very_long_path_stays() -> None:
    pristine = b"\0" + PLACEHOLDER + b"/lib\0end"
    far = b"/" + b"n" * 300
    assert moved_binary(installed(pristine), ((OLD, far),), owned(pristine, binary=True)) is None


def test_other_paths_that_begin_or_end_with_the_same_words_stay() -> None:
    text = (
        b"a=/home/me/env/training/lib b=/home/me/env/training-2/lib c=/mnt/home/me/env/training/x "
        b"-I/home/me/env/training/include -L/home/me/env/training. "
        b"file:///home/me/env/training/src /home/me/env/training.old\n"
    )
    assert names_prefix(text, PAIRS)
    made = moved_text(text, PAIRS)
    assert made.count(NEW) == 4
    for stays in (b"training-2/lib", b"/mnt/home/me/env/training/x", b"training.old"):
        assert stays in made
    assert not names_prefix(b"/home/me/env/training-2", PAIRS)


def test_what_a_package_declared_is_replaced_whatever_stands_beside_it() -> None:
    pristine = b"name = x%s-suffix\n" % PLACEHOLDER
    text = pristine.replace(PLACEHOLDER, OLD)
    assert moved_text(text, PAIRS, owned(pristine)) == b"name = x%s-suffix\n" % NEW


def test_a_first_line_that_became_too_long_still_starts_the_script() -> None:
    far = b"/" + b"n" * 130
    made = moved_text(b"#!" + OLD + b"/bin/python3.11 -I\nprint(1)\n", ((OLD, far),))
    first, second, third, rest = made.split(b"\n", 3)
    assert first == b"#!/bin/sh"
    assert second == b"'''exec' \"" + far + b'/bin/python3.11" -I "$0" "$@"'
    assert (third, rest) == (b"' '''", b"print(1)\n")
    made = moved_text(b"#!" + OLD + b"/bin/perl -w\n1;\n", ((OLD, far),))
    assert made == b"#!/usr/bin/env perl -w\n1;\n"


def test_both_spellings_of_a_place_are_replaced() -> None:
    pairs = spellings(("/home/me/env", "/data/home/me/env", "/home/me/env"), "a", "b")
    assert len(pairs) == 2
    assert moved_text(b"/home/me/env/a /data/home/me/env/a\n", pairs) == (
        b"/home/me/env/b /data/home/me/env/b\n"
    )


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ("lib/a/__pycache__/b.cpython-312.opt-1.pyc", "lib/a/b.py"),
        ("lib/a/b.pyc", "lib/a/b.py"),
        ("lib/a/b.py", ""),
    ],
)
def test_bytecode_is_known_by_its_source(path: str, source: str) -> None:
    assert source_of(path) == source


def test_files_of_noarch_packages_are_found_where_they_lie(tmp_path: Path) -> None:
    """conda records them as the package has them, rattler as they are installed."""
    meta = tmp_path / "conda-meta"
    meta.mkdir()
    (meta / "python-3.12.4-h1_0.json").write_text("{}")
    row = {"_path": "site-packages/a.py", "size_in_bytes": 3, "sha256_in_prefix": "0" * 64}
    script = {"_path": "python-scripts/a", "path_type": "unix_python_entry_point"}
    record = {"files": ["bin/c"], "paths_data": {"paths": [row, script]}}
    (meta / "a-1-0.json").write_text(json.dumps(record))
    found = owned_files(str(tmp_path))
    assert found["lib/python3.12/site-packages/a.py"].size == 3
    assert found["bin/a"].size is None
    assert found["bin/c"].placeholder == found["bin/a"].placeholder == b""
    place, digest = "lib/python3.12/site-packages/a.py", "1" * 64
    ((name, changed),) = rehashed(str(tmp_path), {place: digest})
    assert name == "a-1-0.json"
    assert json.loads(changed)["paths_data"]["paths"][0]["sha256_in_prefix"] == digest
    assert list(rehashed(str(tmp_path), {"other": "1"})) == []


def test_the_records_of_a_large_environment_take_no_longer_than_reading_them(
    tmp_path: Path,
) -> None:
    """That of Python, which says where noarch packages lie, has thousands of files."""
    meta = tmp_path / "conda-meta"
    meta.mkdir()
    rows = [{"_path": f"lib/python3.12/{n}.py", "sha256_in_prefix": "0"} for n in range(4_000)]
    python = json.dumps({"paths_data": {"paths": rows}})
    (meta / "python-3.12.4-h1_0.json").write_text(python)
    for number in range(200):
        (meta / f"p{number}-1-0.json").write_text("{}")
    begun = time.process_time()
    assert list(rehashed(str(tmp_path), {"other": "1"})) == []
    assert time.process_time() - begun < 0.5
