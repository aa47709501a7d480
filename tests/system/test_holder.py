"""Whether a process lives is said only where it can be known."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from jupyter_envmgr.system import holder


def test_this_process_is_named_and_alive() -> None:
    mine = holder.current("cli")
    assert mine.pid == os.getpid()
    assert mine.door == "cli"
    assert holder.is_alive(mine) is True


def test_a_child_has_a_name_of_its_own_after_fork() -> None:
    mine = holder.current("cli")
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        other = holder.current("cli")
        os.write(writing, repr((other.pid, other != mine)).encode())
        os._exit(0)
    os.waitpid(pid, 0)
    assert eval(os.read(reading, 100)) == (pid, True)
    os.close(reading)
    os.close(writing)


def test_a_process_that_ended_is_dead_even_before_it_is_reaped() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    theirs = replace(
        holder.current("cli"), pid=child.pid, start_time=holder._start_time(child.pid) or 0
    )
    assert holder.is_alive(theirs) is True
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert holder.is_alive(theirs) is False
    child.communicate()
    assert holder.is_alive(theirs) is False


def test_another_process_with_the_same_pid_is_not_taken_for_it() -> None:
    mine = holder.current("cli")
    assert holder.is_alive(replace(mine, start_time=mine.start_time - 1)) is False


@pytest.mark.parametrize("pid", [1, 2**22 + 1])
def test_a_pid_of_another_container_says_nothing(pid: int) -> None:
    theirs = replace(holder.current("cli"), pid=pid, pid_namespace="pid:[1]")
    assert holder.is_alive(theirs) is None


def test_another_machine_or_boot_cannot_be_seen_whatever_the_host_is_called() -> None:
    mine = holder.current("cli")
    assert holder.is_alive(replace(mine, boot_id="another", pid=2**22 + 1)) is None
    assert holder.is_alive(replace(mine, boot_id="another", host="another")) is None


@pytest.mark.parametrize("pid", [0, -1, -(2**70)])
def test_a_pid_that_is_none_is_never_signalled(pid: int) -> None:
    assert holder.is_alive(replace(holder.current("cli"), pid=pid)) is None


def test_a_pid_beyond_all_bounds_is_nobody() -> None:
    assert holder.is_alive(replace(holder.current("cli"), pid=2**70)) is False


def test_without_proc_the_host_and_pid_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(holder, "_boot_id", lambda: "")
    monkeypatch.setattr(holder, "_pid_namespace", lambda: "")
    monkeypatch.setattr(holder, "_start_time", lambda pid: None)
    holder._of_process.cache_clear()
    try:
        mine = holder.current("cli")
        assert holder.is_alive(mine) is True
        assert holder.is_alive(replace(mine, pid=2**22 + 1)) is False
        assert holder.is_alive(replace(mine, host="another")) is None
    finally:
        holder._of_process.cache_clear()
