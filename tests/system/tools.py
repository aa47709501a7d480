"""Tools for tests to run, and whether they still do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from jupyter_envmgr.core.commands import Command, Outcome, Stream
from jupyter_envmgr.system import process
from tests.fakes import command, eventually

Line = tuple[Stream, str]


def run(
    asked: Command,
    lines: list[Line] | None = None,
    cancelled: Callable[[], bool] = lambda: False,
    timeout: float | None = 60,
) -> Outcome:
    heard = [] if lines is None else lines
    return process.run(
        asked,
        on_line=lambda stream, line: heard.append((stream, line)),
        cancelled=cancelled,
        timeout=timeout,
    )


def shell(script: str, **options: object) -> Command:
    return command("sh", "-c", script, **options)  # type: ignore[arg-type]


def is_running(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as file:
            return file.read().rpartition(b")")[2].split()[0] not in (b"Z", b"X")
    except OSError:
        return False


def python_tree(pids: Path) -> Command:
    """A tool that ignores every signal it can, with a child, and a grandchild in its own session.

    Each writes its pid into a directory, then sleeps for ever.
    """
    program = f"""
import os, signal, sys, time
for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
def live(name):
    open({str(pids)!r} + "/." + name, "w").write(str(os.getpid()))
    os.rename({str(pids)!r} + "/." + name, {str(pids)!r} + "/" + name)
    while True:
        time.sleep(1000)
if os.fork() == 0:
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            live("orphan")
        os._exit(0)
    live("child")
live("tool")
"""
    return command(sys.executable, "-I", "-S", "-c", program)


def tree_pids(pids: Path) -> list[int]:
    names = ("orphan", "child", "tool")
    eventually(lambda: all((pids / name).exists() for name in names), "the tree grows")
    return [int((pids / name).read_text()) for name in names]
