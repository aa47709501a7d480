"""Jobs of processes that are gone are interrupted, once, and those of the living are not."""

from __future__ import annotations

import errno
import os
import time

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import activity
from jupyter_envmgr.service import jobs as module
from jupyter_envmgr.service.jobs import Jobs
from jupyter_envmgr.system import durable, holder
from jupyter_envmgr.system.jobstore import JobStore
from tests.fakes import eventually
from tests.service.jobs.bench import FOREIGN, GONE, Gate, follow, leave, start, types, written


@pytest.mark.parametrize("state", ["queued", "running"])
def test_the_job_of_a_dead_process_is_interrupted_for_every_reader_and_once(
    jobs: Jobs, home: Settings, changes: list[Job], state: str
) -> None:
    left = leave(home, GONE, state)
    assert jobs.show(left.id).state == "interrupted"
    answer = jobs.events(left.id)
    assert types(answer) == ["finished"]
    assert answer.job.problem
    assert answer.job.problem.code == "interrupted"
    assert str(left.holder) in answer.job.problem.detail
    before = (home.jobs / left.id / "job.json").stat()
    assert Jobs(home).list().jobs == (answer.job,)
    assert jobs.recover() == ()
    assert (home.jobs / left.id / "job.json").stat() == before
    assert [change.state for change in changes] == ["interrupted"]


def test_recovering_says_which_jobs_were_interrupted(jobs: Jobs, home: Settings) -> None:
    left = leave(home, GONE)
    follow(jobs, start(jobs, lambda running: None).id)
    assert [job.id for job in jobs.recover()] == [left.id]


def test_an_interrupted_log_goes_on_without_a_gap_after_a_torn_line(
    jobs: Jobs, home: Settings
) -> None:
    left = leave(home, GONE)
    (home.jobs / left.id / "events.jsonl").write_text(
        '{"seq":1,"time":"t","type":"notice","text":"a","level":"info"}\n{"seq":2,"ti'
    )
    answer = jobs.events(left.id)
    assert types(answer) == ["notice", "finished"]
    assert [e.seq for e in answer.events] == [1, 2]
    assert answer.job.seq == 2


def test_a_job_that_had_ended_but_for_its_state_ends_as_its_last_event_says(
    jobs: Jobs, home: Settings
) -> None:
    left = leave(home, GONE)
    (home.jobs / left.id / "events.jsonl").write_text(
        '{"seq":1,"time":"t","type":"finished","state":"succeeded"}\n'
    )
    assert jobs.show(left.id).state == "succeeded"
    assert types(jobs.events(left.id)) == ["finished"]


def test_a_foreign_job_lives_while_its_heart_beats_and_a_minute_longer(
    jobs: Jobs, home: Settings
) -> None:
    left = leave(home, FOREIGN)
    heartbeat = home.jobs / left.id / "heartbeat"
    past = time.time() - 50
    os.utime(heartbeat, (past, past))
    assert jobs.show(left.id).state == "running"
    past = time.time() - 70
    os.utime(heartbeat, (past, past))
    assert jobs.show(left.id).state == "interrupted"


def test_cancelling_the_job_of_a_dead_process_finds_it_interrupted(
    jobs: Jobs, home: Settings
) -> None:
    left = leave(home, GONE)
    with pytest.raises(EnvMgrError) as caught:
        jobs.cancel(left.id)
    assert "interrupted" in caught.value.detail
    assert jobs.show(left.id).state == "interrupted"


def test_a_job_given_up_for_dead_ends_and_does_not_write_over_what_others_wrote(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container that was frozen for minutes wakes up again."""
    monkeypatch.setattr(module, "_BEAT", 0.05)
    gate = Gate()
    job = start(jobs, gate)
    gate.reach()
    other = Jobs(home)
    activity.declare_interrupted(written(home, job), other._store, holder.current("other"))
    eventually(lambda: job.id not in jobs._active, "it notices and ends")
    for reader in (jobs, other):
        assert reader.show(job.id).state == "interrupted"
        assert types(reader.events(job.id)).count("finished") == 1


def test_a_job_whose_heart_beats_shows_it(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BEAT", 0.05)
    gate = Gate()
    job = start(jobs, gate)
    gate.reach()
    heartbeat = home.jobs / job.id / "heartbeat"
    os.utime(heartbeat, (0, 0))
    eventually(lambda: heartbeat.stat().st_mtime > 0, "a beat")


def test_a_job_that_was_removed_meanwhile_is_not_written_again(jobs: Jobs, home: Settings) -> None:
    left = leave(home, GONE)
    store = JobStore(home.jobs)
    store.remove(left.id)
    activity.declare_interrupted(left, store, holder.current("cli"))
    assert jobs.list().jobs == ()
    assert store.ids() == []


def test_what_cannot_be_written_is_interrupted_all_the_same(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = leave(home, GONE)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(durable, "write_new", refuse)
    monkeypatch.setattr(durable, "write_file", refuse)
    assert jobs.show(left.id).state == "interrupted"
    assert jobs.list().jobs[0].state == "interrupted"
