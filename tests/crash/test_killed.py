"""A server killed with -9 at any moment: its tools end, its jobs say so, nothing has a gap."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from jupyter_envmgr.core.jobs.model import ENDED
from jupyter_envmgr.service.answers import EventList
from jupyter_envmgr.service.jobs import Jobs
from tests.fakes import eventually, settings
from tests.system.tools import is_running

ROOT = Path(__file__).parents[2]


def _server(home: Path, pids: Path) -> subprocess.Popen[str]:
    pids.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "tests.crash.busy", str(home), str(pids)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def _pids(pids: Path) -> list[int]:
    return [int(file.read_text()) for file in pids.glob("*.pid")]


def _check(answer: EventList) -> None:
    assert answer.job.state in ENDED
    assert [event.seq for event in answer.events] == list(range(1, answer.job.seq + 1))
    assert [e.type for e in answer.events].index("finished") == len(answer.events) - 1
    assert answer.events[-1].state == answer.job.state
    fractions = [e.fraction for e in answer.events if e.fraction is not None]
    assert fractions == sorted(fractions)


def test_kill_9_ends_every_process_of_every_tool_within_two_seconds(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    server = _server(tmp_path, pids)
    try:
        eventually(lambda: len(_pids(pids)) == 3, "the tree grows", 30)
        tree = _pids(pids)
        assert all(map(is_running, tree))
        started = time.monotonic()
        server.kill()
        server.wait()
        eventually(lambda: not any(map(is_running, tree)), "the tree is gone", 2)
        assert time.monotonic() - started < 2
    finally:
        server.kill()
        server.communicate()


def test_a_server_that_is_stopped_politely_ends_its_tools_too(tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    server = _server(tmp_path, pids)
    try:
        eventually(lambda: len(_pids(pids)) == 3, "the tree grows", 30)
        server.send_signal(signal.SIGTERM)
        server.communicate(timeout=20)
        eventually(lambda: not any(map(is_running, _pids(pids))), "the tree is gone", 2)
    finally:
        server.kill()
        server.communicate()


@pytest.mark.parametrize("seed", range(6))
def test_a_kill_at_any_moment_leaves_jobs_that_say_what_became_of_them(
    tmp_path: Path, seed: int
) -> None:
    """Whoever looks next, here two at once, finds the same; and what had succeeded still has."""
    pids = tmp_path / "pids"
    server = _server(tmp_path, pids)
    assert server.stdout is not None
    try:
        said = [server.stdout.readline() for _ in range(2)]
        time.sleep(random.Random(seed).uniform(0, 0.4))
        server.kill()
        said += server.stdout.readlines()
    finally:
        server.kill()
        server.communicate()
    words = [line.split() for line in said if line.endswith("\n")]
    eventually(lambda: not any(map(is_running, _pids(pids))), "the tree is gone", 3)
    one, other = Jobs(settings(tmp_path)), Jobs(settings(tmp_path))
    for job in one.list().jobs:
        _check(one.events(job.id))
        assert other.events(job.id) == one.events(job.id)
    ids = {job.id for job in one.list().jobs}
    assert ids >= {word[0] for word in words}, "what was started is not lost"
    for word in words:
        if len(word) == 2:
            assert one.show(word[0]).state == word[1], "what had ended stays as it was"
            assert one.show(word[0]).result == {"environment": "demo"}
    assert one.recover() == ()
    assert one.list() == other.list()
