"""What was run is gone afterwards, whatever ended it, with all that it had started."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system import process
from tests.fakes import command, eventually
from tests.system.tools import is_running, python_tree, run, shell, tree_pids


def test_cancel_ends_the_whole_tree_within_a_second(tmp_path: Path) -> None:
    wanted = threading.Event()
    answers: list[BaseException] = []

    def work() -> None:
        try:
            run(python_tree(tmp_path), cancelled=wanted.is_set)
        except BaseException as error:
            answers.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    pids = tree_pids(tmp_path)
    assert all(map(is_running, pids))
    started = time.monotonic()
    wanted.set()
    thread.join(10)
    assert time.monotonic() - started < 1
    assert not any(map(is_running, pids))
    assert isinstance(answers[0], EnvMgrError)
    assert answers[0].code == "cancelled"


def test_a_command_cancelled_before_its_start_never_starts(tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError):
        run(command("touch", str(tmp_path / "started")), cancelled=lambda: True)
    assert not (tmp_path / "started").exists()


def test_a_tool_that_takes_too_long_is_ended_with_its_tree(tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError) as caught:
        run(python_tree(tmp_path), timeout=1.5)
    assert caught.value.code == "timed-out"
    pids = [int(file.read_text()) for file in tmp_path.glob("[a-z]*")]
    assert pids
    assert not any(map(is_running, pids))


def test_what_a_tool_leaves_behind_ends_with_it(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    script = f"setsid sh -c 'echo $$ > {file}.new; mv {file}.new {file}; exec sleep 1000' &"
    asked = shell(f"{script} while [ ! -e {file} ]; do sleep 0.01; done; exit 5")
    assert run(asked).returncode == 5
    assert not is_running(int(file.read_text()))


def test_an_error_of_the_listener_ends_the_tool_and_is_raised(tmp_path: Path) -> None:
    def on_line(stream: Stream, line: str) -> None:
        raise RuntimeError(line)

    with pytest.raises(RuntimeError) as caught:
        process.run(
            shell("echo $$; exec sleep 1000"), on_line=on_line, cancelled=lambda: False, timeout=20
        )
    assert not is_running(int(str(caught.value)))


def test_a_supervisor_that_is_killed_takes_the_tool_with_it(tmp_path: Path) -> None:
    """The kernel's out-of-memory killer chooses whom it likes."""
    killed: list[int] = []

    def cancelled() -> bool:
        if not killed and (tmp_path / "tool").exists():
            killed.append(int((tmp_path / "tool").read_text()))
            with open(f"/proc/{killed[0]}/stat", "rb") as file:
                supervisor = int(file.read().rpartition(b")")[2].split()[1])
            os.kill(supervisor, signal.SIGKILL)
        return False

    asked = shell(f"echo $$ > {tmp_path}/t; mv {tmp_path}/t {tmp_path}/tool; sleep 1000; :")
    outcome = run(asked, cancelled=cancelled)
    assert outcome.returncode == -signal.SIGKILL
    eventually(lambda: not is_running(killed[0]), "the tool ends")


def test_nothing_is_left_open_by_any_way_out(tmp_path: Path) -> None:
    def go_every_way() -> None:
        run(command("true"))
        for asked in (command("/nowhere"), command("true", cwd=tmp_path / "gone")):
            with pytest.raises(EnvMgrError):
                run(asked)
        with pytest.raises(EnvMgrError):
            run(shell("sleep 1000"), timeout=0.05)

    go_every_way()
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(3):
        go_every_way()
    assert len(os.listdir("/proc/self/fd")) == before
