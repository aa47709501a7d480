"""A tool may have a terminal for its output; it is heard and ended as any other."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Command
from jupyter_envmgr.core.errors import EnvMgrError
from tests.fakes import command
from tests.system.tools import Line, is_running, python_tree, run, shell, tree_pids


def on_a_terminal(script: str, **options: object) -> Command:
    return replace(shell(script, **options), terminal=True)


def test_a_terminal_is_there_for_output_alone_and_controls_nothing() -> None:
    program = (
        "import os, sys; print(os.isatty(0), os.isatty(1), os.isatty(2), sys.stdin.read() == '')\n"
        "try: os.open('/dev/tty', os.O_RDWR)\n"
        "except OSError: print('none controls it')"
    )
    asked = replace(command(sys.executable, "-I", "-c", program), terminal=True)
    assert run(asked).stdout == "False True False True\nnone controls it\n"


def test_a_terminal_changes_nothing_of_what_is_written() -> None:
    lines: list[Line] = []
    outcome = run(on_a_terminal(r"printf 'a\tb\n\nc\003\004d\n'; echo e >&2; exit 3"), lines)
    assert outcome.returncode == 3
    assert outcome.stdout == "a\tb\n\ncd\n"
    assert [line for stream, line in lines if stream == "stdout"] == ["a\tb", "", "cd"]
    assert ("stderr", "e") in lines


def test_much_output_on_a_terminal_is_heard_whole() -> None:
    lines: list[Line] = []
    outcome = run(on_a_terminal("seq 1 200000"), lines)
    assert [line for _, line in lines] == [str(number) for number in range(1, 200001)]
    assert outcome.stdout.endswith("199999\n200000\n")


def test_what_is_written_to_a_terminal_is_heard_while_the_tool_runs(tmp_path: Path) -> None:
    heard: list[Line] = []
    asked = on_a_terminal(f"echo first; until [ -e {tmp_path}/go ]; do sleep 0.01; done; echo last")

    def cancelled() -> bool:
        if heard:
            (tmp_path / "go").touch()
        return False

    assert run(asked, heard, cancelled).stdout == "first\nlast\n"


def test_a_secret_on_a_terminal_is_masked() -> None:
    asked = on_a_terminal("printf hunt; sleep 0.05; echo er2-key", secrets=["hunter2-key"])
    lines: list[Line] = []
    assert run(asked, lines).stdout == "***\n"
    assert lines == [("stdout", "***")]


def test_cancel_ends_the_whole_tree_on_a_terminal(tmp_path: Path) -> None:
    pids: list[int] = []

    def cancelled() -> bool:
        if not pids and all((tmp_path / name).exists() for name in ("orphan", "child", "tool")):
            pids.extend(tree_pids(tmp_path))
        return bool(pids)

    with pytest.raises(EnvMgrError) as caught:
        run(replace(python_tree(tmp_path), terminal=True), cancelled=cancelled)
    assert caught.value.code == "cancelled"
    assert not any(map(is_running, pids))


def test_what_a_tool_leaves_on_a_terminal_ends_with_it(tmp_path: Path) -> None:
    outcome = run(on_a_terminal(f"sleep 1000 & echo $! > {tmp_path}/pid; echo done"))
    assert outcome.stdout == "done\n"
    assert not is_running(int((tmp_path / "pid").read_text()))


def test_a_tool_without_its_terminal_runs_all_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    def none_left() -> tuple[int, int]:
        raise OSError("out of pty devices")

    monkeypatch.setattr(os, "openpty", none_left)
    assert run(on_a_terminal("[ -t 1 ] || echo piped")).stdout == "piped\n"


def test_no_terminal_is_left_open_by_any_way_out(tmp_path: Path) -> None:
    def go_every_way() -> None:
        run(on_a_terminal("echo"))
        for asked in (command("/nowhere"), command("true", cwd=tmp_path / "gone")):
            with pytest.raises(EnvMgrError):
                run(replace(asked, terminal=True))
        with pytest.raises(ValueError, match="NUL"):
            run(replace(command("a\0b"), terminal=True))
        with pytest.raises(EnvMgrError):
            run(on_a_terminal("sleep 1000"), timeout=0.05)

    go_every_way()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        go_every_way()
    assert len(os.listdir("/proc/self/fd")) == before


def test_no_terminal_is_left_open_if_nothing_could_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    before = len(os.listdir("/proc/self/fd"))
    monkeypatch.setattr(subprocess, "Popen", fail)
    with pytest.raises(EnvMgrError):
        run(on_a_terminal("true"))
    assert len(os.listdir("/proc/self/fd")) == before
