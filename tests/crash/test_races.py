"""Many processes at once want the same thing: exactly one gets it."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.settings import Location
from jupyter_envmgr.core.wire import to_wire
from jupyter_envmgr.service.jobs import Jobs
from jupyter_envmgr.system import holder
from jupyter_envmgr.system.jobstore import JobStore, new_id
from jupyter_envmgr.system.locks import Claim, Lock
from jupyter_envmgr.system.store import Store
from tests.crash.faults import DONE
from tests.fakes import eventually, record, settings

PROCESSES = 8
LOST = 7


def _start_together(work: Callable[[int], int]) -> list[int]:
    """Fork processes that wait for each other, then run ``work``; their pids."""
    reading, writing = os.pipe()
    children = []
    for number in range(PROCESSES):
        pid = os.fork()
        if pid == 0:
            code = 1
            try:
                os.close(writing)
                os.read(reading, 1)
                code = work(number)
            finally:
                os._exit(code)
        children.append(pid)
    os.close(reading)
    os.close(writing)
    return children


def _codes(children: list[int]) -> list[int]:
    return [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children]


@pytest.mark.parametrize("attempt", range(5))
def test_of_many_processes_exactly_one_gets_a_name(tmp_path: Path, attempt: int) -> None:
    location = Location("default", tmp_path / "environments")

    def reserve(number: int) -> int:
        mine = replace(record("demo"), maker=holder.current("cli"), remarks=str(number))
        try:
            Store(location).reserve(mine)
        except EnvMgrError as error:
            named = error.code == "name-taken" and "cli (process" in error.detail
            return LOST if named else 1
        return DONE

    codes = _codes(_start_together(reserve))
    assert sorted(codes) == [DONE, *[LOST] * (PROCESSES - 1)]
    assert Store(location).read("demo").remarks == str(codes.index(DONE))


def _append_alone(path: Path, lock: Path) -> None:
    """Add a line under the lock; the file shows if somebody else was there at the same time."""
    with Lock(lock, holder.current("cli"), "test").held(timeout=60):
        guard = os.open(path.with_suffix(".guard"), os.O_CREAT | os.O_EXCL | os.O_WRONLY)
        with open(path, "a") as file:
            file.write("x\n")
        os.close(guard)
        os.unlink(path.with_suffix(".guard"))


def test_a_lock_is_held_by_one_of_many_eight_hundred_times(tmp_path: Path) -> None:
    path = tmp_path / "file"

    def work(number: int) -> int:
        for _ in range(100):
            _append_alone(path, tmp_path / "locks" / "demo.lock")
        return DONE

    assert _codes(_start_together(work)) == [DONE] * PROCESSES
    assert path.read_text() == "x\n" * 100 * PROCESSES
    assert os.listdir(tmp_path / "locks") == []


def _left_by_the_dead(path: Path, token: str = "0123456789abcdef") -> None:
    mine = holder.current("cli")
    claim = Claim(replace(mine, start_time=1), "2026-05-02T10:00:00.000Z", "creating", token)
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(to_wire(claim)))


@pytest.mark.parametrize("attempt", range(15))
def test_of_many_who_find_a_dead_holder_exactly_one_takes_over(
    tmp_path: Path, attempt: int
) -> None:
    """Half of the times the first successor died too."""
    lock = tmp_path / "locks" / "demo.lock"
    _left_by_the_dead(lock)
    if attempt % 2:
        _left_by_the_dead(lock.with_name("demo.lock.0123456789abcdef"), "fedcba9876543210")
    winners = tmp_path / "winners"
    winners.mkdir()

    hold, let_go = os.pipe()

    def take(number: int) -> int:
        os.close(let_go)
        try:
            Lock(lock, holder.current("cli"), f"number {number}").acquire()
        except EnvMgrError as error:
            return LOST if error.code == "locked" else 1
        # Whoever comes later must find it held by a living process.
        os.read(hold, 1)
        return DONE

    children = _start_together(take)
    ended: dict[int, int] = {}

    def all_but_one_have_ended() -> bool:
        for pid in set(children) - set(ended):
            found, status = os.waitpid(pid, os.WNOHANG)
            if found:
                ended[pid] = os.waitstatus_to_exitcode(status)
        return len(ended) == PROCESSES - 1

    eventually(all_but_one_have_ended, "all but one lose", 60)
    assert set(ended.values()) == {LOST}
    os.close(let_go)
    (winner,) = set(children) - set(ended)
    assert _codes([winner]) == [DONE]
    os.close(hold)
    assert [name for name in os.listdir(lock.parent) if name != "demo.lock"] == []


def test_who_dies_with_the_lock_is_followed_by_the_next_without_two_at_once(
    tmp_path: Path,
) -> None:
    path, lock = tmp_path / "file", tmp_path / "locks" / "demo.lock"

    def work(number: int) -> int:
        for _ in range(10):
            pid = os.fork()
            if pid == 0:
                Lock(lock, holder.current("cli"), "dies").acquire(timeout=60)
                os._exit(0)
            os.waitpid(pid, 0)
            _append_alone(path, lock)
        return DONE

    assert _codes(_start_together(work)) == [DONE] * PROCESSES
    assert path.read_text() == "x\n" * 10 * PROCESSES


def test_of_many_who_find_a_dead_job_one_writes_its_end(tmp_path: Path) -> None:
    home = settings(tmp_path)
    dead = replace(holder.current("server"), start_time=1)
    job = Job(new_id(), "environments.create", "demo", "Create demo", "running", "2026", dead)
    JobStore(home.jobs).create(job)

    def look(number: int) -> int:
        return DONE if Jobs(home).show(job.id).state == "interrupted" else 1

    assert _codes(_start_together(look)) == [DONE] * PROCESSES
    (line,) = (home.jobs / job.id / "events.jsonl").read_text().splitlines()
    assert json.loads(line)["state"] == "interrupted"
    assert Jobs(home).show(job.id).state == "interrupted"
