"""Scripts of an unpacked environment start its own Python."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.scripts import with_interpreter

PROGRAMS = frozenset({"python", "python3.11", "perl"})


@pytest.mark.parametrize(
    ("script", "line"),
    [
        (b"#!/usr/bin/env python3.11\nx", b"#!/home/me/net/bin/python3.11\nx"),
        (b"#!/usr/bin/env python -Es\nx", b"#!/home/me/net/bin/python -Es\nx"),
        (b"#!/usr/bin/env perl\n", b"#!/home/me/net/bin/perl\n"),
        (b"#! /usr/bin/env python\n", b"#!/home/me/net/bin/python\n"),
        (b"#!/usr/bin/env bash\n", None),
        (b"#!/usr/bin/env -S python\n", None),
        (b"#!/bin/sh\n#!/usr/bin/env python\n", None),
        (b"\x7fELF", None),
        (b"", None),
    ],
)
def test_first_lines(script: bytes, line: bytes | None) -> None:
    assert with_interpreter(script, "/home/me/net/bin", PROGRAMS) == line


@pytest.mark.parametrize("place", ["with space", "x" * 120])
def test_a_path_that_no_first_line_can_hold_works_by_way_of_the_shell(
    place: str, tmp_path: Path
) -> None:
    directory = tmp_path / place
    directory.mkdir()
    os.symlink(sys.executable, directory / "python")
    body = b"#!/usr/bin/env python -I\nimport sys; print(sys.argv[1:], sys.flags.isolated)\n"
    data = with_interpreter(body, str(directory), frozenset({"python"}))
    assert data is not None
    script = directory / "tool"
    script.write_bytes(data)
    script.chmod(0o755)
    done = subprocess.run([str(script), "a b"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['a b'] 1"
