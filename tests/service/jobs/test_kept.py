"""Jobs are written down, kept, found and removed, also on a disk that refuses."""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Notice
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import jobs as module
from jupyter_envmgr.service.jobs import Jobs, Running
from jupyter_envmgr.system import durable
from jupyter_envmgr.system.jobstore import JobStore
from tests.fakes import eventually
from tests.service.jobs.bench import (
    FOREIGN,
    GONE,
    Gate,
    Result,
    follow,
    leave,
    start,
    types,
    written,
)


def test_a_job_that_cannot_be_written_down_is_not_started(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ran = threading.Event()

    def work(running: Running) -> Result:
        ran.set()
        return None

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable, "write_file", full)
    with pytest.raises(EnvMgrError) as caught:
        start(jobs, work)
    assert caught.value.code == "disk-full"
    monkeypatch.undo()
    assert jobs.list().jobs == ()
    assert not ran.is_set()


def test_a_disk_that_fills_up_while_a_job_runs_is_told_and_written_when_there_is_room(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEAT", 0.05)
    full = threading.Event()

    def refusing(real: Callable[..., object]) -> Callable[..., object]:
        def call(*arguments: object, **options: object) -> object:
            if full.is_set():
                raise OSError(errno.ENOSPC, "No space left on device")
            return real(*arguments, **options)

        return call

    monkeypatch.setattr(durable, "write_file", refusing(durable.write_file))
    monkeypatch.setattr(durable, "write_new", refusing(durable.write_new))
    monkeypatch.setattr(os, "pwrite", refusing(os.pwrite))

    def work(running: Running) -> Result:
        running.emit(Notice("before"))
        full.set()
        running.emit(Notice("after"))
        raise OSError(errno.ENOSPC, "No space left on device")

    job = start(jobs, work)
    answer = follow(jobs, job.id)
    assert answer.job.problem
    assert answer.job.problem.code == "disk-full"
    assert "finished" in types(answer)
    assert written(home, job).state == "running"
    full.clear()
    eventually(lambda: written(home, job).state == "failed", "it is written")
    assert Jobs(home).events(job.id).events == answer.events


def test_an_ended_job_can_be_removed_and_a_running_one_not(jobs: Jobs) -> None:
    gate = Gate()
    job = start(jobs, gate)
    gate.reach()
    with pytest.raises(EnvMgrError) as caught:
        jobs.remove(job.id)
    assert caught.value.code == "wrong-state"
    gate.go.set()
    follow(jobs, job.id)
    eventually(lambda: job.id not in jobs._active, "it is written down")
    assert jobs.remove(job.id).state == "succeeded"
    for verb in (jobs.show, jobs.events, jobs.cancel, jobs.remove):
        with pytest.raises(EnvMgrError) as caught:
            verb(job.id)
        assert caught.value.code == "no-such-job"


def test_the_oldest_ended_jobs_are_forgotten_and_no_other(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_ENDED", 3)
    alive = leave(home, FOREIGN)
    made = []
    for _ in range(5):
        job = start(jobs, lambda running: None)
        follow(jobs, job.id)
        made.append(job.id)
    eventually(lambda: len(JobStore(home.jobs).ids()) == 4, "they are pruned")
    assert [job.id for job in jobs.list().jobs] == [*made[:1:-1], alive.id]


@pytest.mark.parametrize("job_id", ["..", "", "nope", "a/../b", "x" * 300, "\0", "é"])
def test_a_strange_id_is_no_job(jobs: Jobs, job_id: str) -> None:
    for verb in (jobs.show, jobs.events, jobs.cancel, jobs.remove):
        with pytest.raises(EnvMgrError) as caught:
            verb(job_id)
        assert caught.value.code == "no-such-job"


def test_an_ended_job_is_read_once(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(20):
        leave(home, GONE, "succeeded")
    assert len(jobs.list().jobs) == 20

    def no_reading(self: Path) -> bytes:
        raise AssertionError(f"read {self}")

    monkeypatch.setattr(Path, "read_bytes", no_reading)
    assert len(jobs.list().jobs) == 20


def test_a_broken_job_hides_no_other(jobs: Jobs, home: Settings) -> None:
    good = leave(home, GONE, "succeeded")
    broken = leave(home, GONE)
    (home.jobs / broken.id / "job.json").write_text("{")
    (home.jobs / "notes.txt").write_text("x")
    assert [job.id for job in jobs.list().jobs] == [good.id]


def test_an_id_chosen_before_is_used(jobs: Jobs) -> None:
    job_id = jobs.new_id()
    job = jobs.start("environments.create", "demo", "Create", lambda running: None, job_id=job_id)
    assert job.id == job_id
    with pytest.raises(EnvMgrError):
        jobs.start("environments.create", "demo", "Create", lambda running: None, job_id=job_id)
