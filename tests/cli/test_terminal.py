"""What a person sees on a real terminal, with colours and without."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from jupyter_envmgr.cli import layout

ROOT = Path(__file__).parents[2]
ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def on_terminal(
    *argv: str, columns: int = 80, environ: dict[str, str] | None = None
) -> tuple[int, str]:
    """The exit code, and all that the terminal was sent."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    program = subprocess.Popen(
        [sys.executable, "-m", "tests.cli.on_a_terminal", *argv],
        cwd=ROOT,
        env={**os.environ, "TERM": "xterm-256color", "PYTHONPATH": str(ROOT), **(environ or {})},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    sent = b""
    while True:
        try:
            chunk = os.read(ours, 4096)
        except OSError:  # EIO: the last writer has closed it
            break
        if not chunk:
            break
        sent += chunk
    os.close(ours)
    return program.wait(), sent.decode().replace("\r\n", "\n")


def test_a_job_has_a_bar_that_moves_and_ends_in_words() -> None:
    code, sent = on_terminal("bar", "jobs", "follow", "j-1")
    assert code == 0
    assert "[1/1] Installing [red]" in sent
    assert "━" in sent
    assert "package 9 [bold]" in sent
    assert "100%" in sent
    assert "Create demo: done in 41 s." in sent


@pytest.mark.parametrize("environ", [{"NO_COLOR": "1"}, {"TERM": "dumb"}])
def test_a_plain_terminal_gets_lines_and_no_escapes(environ: dict[str, str]) -> None:
    code, sent = on_terminal("bar", "jobs", "follow", "j-1", environ=environ)
    assert code == 0
    assert "\x1b" not in sent
    assert sent == "[1/1] Installing [red]\nCreate demo: done in 41 s.\n"


def test_a_terminal_without_utf_8_has_a_bar_all_the_same() -> None:
    code, sent = on_terminal("bar", "jobs", "follow", "j-1", environ={"PYTHONIOENCODING": "ascii"})
    assert code == 0
    assert "100%" in sent


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_table_on_a_terminal_has_colours_and_never_wraps(columns: int) -> None:
    code, sent = on_terminal("listing", "env", "list", columns=columns)
    assert code == 0
    assert "\x1b[" in sent
    table = ESCAPES.sub("", sent).split("\n\n")[0].splitlines()
    assert len(table) == 4
    assert max(map(layout.width, table)) <= columns
    assert "[bold]oh" in sent


def test_colours_change_nothing_in_the_words() -> None:
    coloured = ESCAPES.sub("", on_terminal("listing", "env", "list")[1])
    plain = on_terminal("listing", "env", "list", environ={"NO_COLOR": "1"})[1]
    assert coloured == plain
