"""Jobs run in their turn, tell all they do without a gap, end as they should, and are kept."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.commands import Command, Step, Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Finished, Notice, Output, Payload, Progress, StepStarted
from jupyter_envmgr.core.jobs.model import ENDED, Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.wire import to_wire
from jupyter_envmgr.service import activity
from jupyter_envmgr.service import jobs as module
from jupyter_envmgr.service.answers import EventList, LoggedEvent
from jupyter_envmgr.service.jobs import Jobs, Running, Work
from jupyter_envmgr.system import durable, holder
from jupyter_envmgr.system.jobstore import JobStore, new_id
from tests.fakes import FakeRunner, command, eventually, settings

Result = dict[str, str] | None


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return settings(tmp_path)


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def changes() -> list[Job]:
    return []


@pytest.fixture
def jobs(home: Settings, runner: FakeRunner, changes: list[Job]) -> Iterator[Jobs]:
    made = Jobs(home, changes.append, runner=runner)
    yield made
    made.close()


def start(jobs: Jobs, work: Work, title: str = "Create demo") -> Job:
    return jobs.start("environments.create", "demo", title, work)


def follow(jobs: Jobs, job_id: str, seconds: float = 20) -> EventList:
    """All events of a job that has ended, read as a page reads them."""
    events: list[LoggedEvent] = []
    deadline = time.monotonic() + seconds
    while True:
        answer = jobs.wait(job_id, len(events), 5)
        events += answer.events
        if answer.job.state in ENDED:
            return EventList(tuple(events), answer.job)
        assert time.monotonic() < deadline, "the job ends"


def written(home: Settings, job: Job) -> Job:
    """A job as it lies on the disk."""
    found = JobStore(home.jobs).read(job.id)
    assert found is not None
    return found


def types(answer: EventList) -> list[str]:
    return [event.type for event in answer.events]


class Gate:
    """Work that says it has begun and goes on when it is let, or cancelled."""

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.go = threading.Event()

    def __call__(self, running: Running) -> Result:
        running.step("wait", "Waiting")
        self.begun.set()
        while not self.go.wait(0.01):
            running.check()
        return {"environment": "demo"}

    def reach(self) -> None:
        assert self.begun.wait(10)


# -- what a job says --


def test_a_job_tells_its_steps_progress_output_and_end_in_order_without_a_gap(
    jobs: Jobs, runner: FakeRunner
) -> None:
    runner.answers = {"make": ("making", 0), "install": ("50\n100", 0)}

    def read(stream: Stream, line: str) -> list[Payload]:
        return [Progress(int(line) / 100, f"{line} done")] if line.isdigit() else []

    def work(running: Running) -> Result:
        running.plan([("make", "Making it", 1), ("install", "Installing", 3)])
        running.run(Step("make", "", command("make"), 1, read))
        running.run(Step("install", "", command("install"), 3, read))
        return {"environment": "demo"}

    answer = follow(jobs, start(jobs, work).id)
    assert [event.seq for event in answer.events] == list(range(1, len(answer.events) + 1))
    assert [
        *("step-started", "output", "progress"),
        *("step-started", "output", "progress", "output", "progress", "finished"),
    ] == types(answer)
    assert [e.title for e in answer.events if e.type == "step-started"] == [
        *("Making it", "Installing")
    ]
    assert [e.fraction for e in answer.events if e.type == "progress"] == [0.25, 0.625, 1.0]
    job = answer.job
    assert (job.state, job.progress, job.result) == ("succeeded", 1.0, {"environment": "demo"})
    assert (job.seq, job.problem) == (len(answer.events), None)
    assert job.started
    assert job.ended
    assert job.created <= job.started <= job.ended


def test_what_was_told_lies_on_the_disk_the_same(jobs: Jobs, home: Settings) -> None:
    def work(running: Running) -> Result:
        for number in range(100):
            running.emit(Notice(f"{number}"))
        return None

    job = start(jobs, work)
    answer = follow(jobs, job.id)
    lines = (home.jobs / job.id / "events.jsonl").read_text().splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, 103))
    other = Jobs(home)
    assert other.events(job.id) == answer
    assert other.show(job.id) == answer.job
    assert other.list().jobs == (answer.job,)


def test_events_are_given_from_where_the_reader_is(jobs: Jobs) -> None:
    def work(running: Running) -> Result:
        for number in range(5):
            running.emit(Notice(f"{number}"))
        return None

    job = start(jobs, work)
    answer = follow(jobs, job.id)
    assert jobs.events(job.id, 4).events == answer.events[4:]
    assert jobs.events(job.id, 7).events == ()
    assert jobs.events(job.id, 600).events == ()
    assert jobs.events(job.id, -5).events == answer.events


def test_an_event_is_given_while_the_job_runs(jobs: Jobs) -> None:
    gate = Gate()
    job = start(jobs, gate)
    answer = jobs.wait(job.id, 0, 10)
    assert types(answer) == ["step-started"]
    assert answer.job.state == "running"
    gate.go.set()
    assert follow(jobs, job.id).job.state == "succeeded"


def test_waiting_ends_when_its_time_is_up(jobs: Jobs) -> None:
    gate = Gate()
    job = start(jobs, gate)
    gate.reach()
    started = time.monotonic()
    assert jobs.wait(job.id, 1, 0.2).events == ()
    assert 0.15 < time.monotonic() - started < 5
    assert jobs.wait(job.id, 1, 0).events == ()


def test_another_process_sees_events_while_the_job_runs(jobs: Jobs, home: Settings) -> None:
    gate = Gate()
    job = start(jobs, gate)
    other = Jobs(home)
    answer = other.wait(job.id, 0, 10)
    assert types(answer) == ["step-started"]
    assert answer.job.state == "running"
    assert answer.job.step == "wait"
    gate.go.set()
    assert types(follow(other, job.id)) == ["step-started", "progress", "finished"]


def test_a_page_that_shows_the_end_shows_the_last_event_too(jobs: Jobs, home: Settings) -> None:
    """In any process: the state and the finished event appear together."""
    other, stop = Jobs(home), threading.Event()
    seen: list[bool] = []

    def watch(reader: Jobs, job_id: str) -> None:
        while not stop.is_set():
            answer = reader.events(job_id)
            told = bool(answer.events) and answer.events[-1].type == "finished"
            seen.append(told == (answer.job.state in ENDED))

    for _ in range(5):
        job = start(jobs, lambda running: running.emit(Notice("x")))
        stop.clear()
        threads = [threading.Thread(target=watch, args=(r, job.id)) for r in (jobs, other)]
        for thread in threads:
            thread.start()
        follow(jobs, job.id)
        stop.set()
        for thread in threads:
            thread.join()
    assert seen
    assert all(seen)


def test_no_reader_sees_the_last_event_before_the_state(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The event is written first; between the two writes it is not shown."""
    write, ending, go = JobStore.write, threading.Event(), threading.Event()

    def slow(self: JobStore, job: Job) -> None:
        if job.state in ENDED:
            ending.set()
            assert go.wait(20)
        write(self, job)

    monkeypatch.setattr(JobStore, "write", slow)
    job = start(jobs, lambda running: None)
    assert ending.wait(10)
    assert "finished" in (home.jobs / job.id / "events.jsonl").read_text()
    for reader in (jobs, Jobs(home)):
        answer = reader.events(job.id)
        assert answer.job.state == "running"
        assert "finished" not in types(answer)
    go.set()
    assert types(follow(jobs, job.id))[-1] == "finished"


def test_every_change_of_state_is_told_once(jobs: Jobs, changes: list[Job]) -> None:
    job = start(jobs, lambda running: None)
    follow(jobs, job.id)
    eventually(lambda: len(changes) == 3, "three changes")
    assert [change.state for change in changes] == ["queued", "running", "succeeded"]


def test_a_listener_that_fails_does_not_fail_the_job(home: Settings) -> None:
    def listen(job: Job) -> None:
        raise RuntimeError

    jobs = Jobs(home, listen, runner=FakeRunner())
    assert follow(jobs, start(jobs, lambda running: None).id).job.state == "succeeded"
    jobs.close()


def test_much_output_neither_fills_the_disk_nor_hides_the_end(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(activity, "LARGEST_LOG", 100_000)

    def work(running: Running) -> Result:
        for number in range(20_000):
            running.emit(Output(f"line {number}"))
        raise EnvMgrError("tool-failed", "it failed")

    job = start(jobs, work)
    answer = follow(jobs, job.id)
    assert [e.seq for e in answer.events] == list(range(1, len(answer.events) + 1))
    assert (home.jobs / job.id / "events.jsonl").stat().st_size < 150_000
    texts = [e.text for e in answer.events if e.type == "output"]
    assert texts[0] == "line 0"
    assert texts[-1] == "line 19999"
    notices = [e.text or "" for e in answer.events if e.type == "notice"]
    assert len(notices) == 2
    missing = int(re.findall(r"\d+", notices[1])[0])
    assert len(texts) + missing == 20_000


def test_writing_is_gathered_however_fast_a_tool_talks(
    jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    writes: list[int] = []
    pwrite = os.pwrite

    def count(fd: int, data: bytes, offset: int) -> int:
        writes.append(len(data))
        return pwrite(fd, data, offset)

    monkeypatch.setattr(os, "pwrite", count)

    def work(running: Running) -> Result:
        for number in range(5000):
            running.emit(Notice(f"{number}"))
        return None

    started = time.monotonic()
    follow(jobs, start(jobs, work).id)
    assert len(writes) <= (time.monotonic() - started) * 20 + 3


# -- how a job ends --


def _raising(error: BaseException) -> Work:
    def work(running: Running) -> Result:
        raise error

    return work


def test_a_failure_is_told_as_the_work_raised_it(jobs: Jobs) -> None:
    error = EnvMgrError("no-such-package", "numpyy is not in the index", hint="look again")
    job = follow(jobs, start(jobs, _raising(error)).id).job
    assert job.state == "failed"
    assert job.problem == error.problem


def test_a_full_disk_is_told_as_such(jobs: Jobs) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/home/x")
    job = follow(jobs, start(jobs, _raising(error)).id).job
    assert job.problem
    assert job.problem.code == "disk-full"


@pytest.mark.parametrize("error", [RuntimeError("secret place"), SystemExit(3), MemoryError()])
def test_a_bug_is_internal_with_its_traceback_in_the_log_only(
    jobs: Jobs, error: BaseException
) -> None:
    answer = follow(jobs, start(jobs, _raising(error)).id)
    assert answer.job.state == "failed"
    assert answer.job.problem
    assert answer.job.problem.code == "internal"
    assert "secret place" not in answer.job.problem.detail
    texts = [event.text or "" for event in answer.events]
    assert any(text.startswith("Traceback") for text in texts)
    assert any(type(error).__name__ in text for text in texts)


def test_what_did_not_succeed_is_taken_back_the_last_first_before_the_end_is_told(
    jobs: Jobs,
) -> None:
    done: list[str] = []

    def work(running: Running) -> Result:
        running.on_undo(lambda: done.append(f"first while {jobs.show(running.job.id).state}"))
        running.on_undo(_boom)
        running.on_undo(lambda: done.append("last"))
        raise EnvMgrError("tool-failed", "no")

    def _boom() -> None:
        raise OSError(errno.EACCES, "Permission denied", "/x")

    answer = follow(jobs, start(jobs, work).id)
    assert done == ["last", "first while running"]
    notices = [e.text or "" for e in answer.events if e.type == "notice"]
    assert len(notices) == 1
    assert "Not cleaned up" in notices[0]
    assert answer.job.problem
    assert answer.job.problem.code == "tool-failed"


def test_what_succeeded_is_not_taken_back(jobs: Jobs) -> None:
    done: list[str] = []
    follow(jobs, start(jobs, lambda r: r.on_undo(lambda: done.append("no"))).id)
    assert done == []


def test_a_secret_of_a_step_is_in_nothing_that_the_job_says(
    jobs: Jobs, runner: FakeRunner, home: Settings
) -> None:
    runner.answers = {"tool": ("", 0)}

    def work(running: Running) -> Result:
        running.run(Step("tool", "", command("tool", secrets=["hunter2"])))
        running.emit(Notice("the index is https://me:hunter2@host"))
        running.emit(Progress(0.5, "hunter2"))
        raise EnvMgrError("index-unauthorised", "https://me:hunter2@host refuses")

    job = start(jobs, work)
    follow(jobs, job.id)
    for file in (home.jobs / job.id).iterdir():
        assert "hunter2" not in file.read_text()


def test_a_reader_that_fails_leaves_the_log_and_the_tool_alone(
    jobs: Jobs, runner: FakeRunner
) -> None:
    runner.answers = {"tool": ("one\ntwo", 0)}

    def read(stream: Stream, line: str) -> list[Payload]:
        raise KeyError(line)

    def work(running: Running) -> Result:
        assert running.run(Step("tool", "Tool", command("tool"), read=read)).ok
        return None

    answer = follow(jobs, start(jobs, work).id)
    assert answer.job.state == "succeeded"
    assert [e.text for e in answer.events if e.type == "output"] == ["one", "two"]


def test_only_the_end_of_the_work_ends_the_job(jobs: Jobs, runner: FakeRunner) -> None:
    runner.answers = {"tool": ("x", 0)}

    def read(stream: Stream, line: str) -> list[Payload]:
        return [Finished("succeeded"), StepStarted("inner", "Inner", 9, 9)]

    def work(running: Running) -> Result:
        running.run(Step("tool", "Tool", command("tool"), read=read))
        return None

    answer = follow(jobs, start(jobs, work).id)
    assert types(answer).count("finished") == 1
    inner = next(e for e in answer.events if e.step == "inner")
    assert (inner.number, inner.total) == (2, 2)


# -- queue and cancel --


def test_no_more_jobs_run_than_may_and_the_first_comes_first(home: Settings) -> None:
    jobs = Jobs(replace(home, max_running_jobs=1))
    gates = [Gate() for _ in range(3)]
    ids = [start(jobs, gate).id for gate in gates]
    for number, gate in enumerate(gates):
        gate.reach()
        assert not any(later.begun.is_set() for later in gates[number + 1 :])
        assert [jobs.show(i).state for i in ids[number:]] == [
            "running",
            *["queued"] * (len(gates) - number - 1),
        ]
        gate.go.set()
        follow(jobs, ids[number])
    jobs.close()


def test_a_running_job_is_cancelled_and_says_so(jobs: Jobs, changes: list[Job]) -> None:
    gate = Gate()
    done: list[str] = []

    def work(running: Running) -> Result:
        def undo() -> None:
            running.check()
            done.append("undone")

        running.on_undo(undo)
        return gate(running)

    job = start(jobs, work)
    gate.reach()
    assert jobs.cancel(job.id).id == job.id
    answer = follow(jobs, job.id)
    assert (answer.job.state, answer.job.problem) == ("cancelled", None)
    assert not answer.job.cancelling
    assert done == ["undone"]
    eventually(lambda: changes[-1].state == "cancelled", "the end is told")
    assert [(c.state, c.cancelling) for c in changes] == [
        ("queued", False),
        ("running", False),
        ("running", True),
        ("cancelled", False),
    ]


def test_a_job_that_waits_is_cancelled_at_once_and_what_it_reserved_is_given_back(
    home: Settings,
) -> None:
    jobs = Jobs(replace(home, max_running_jobs=1))
    gate, given_back = Gate(), threading.Event()
    first = start(jobs, gate)
    gate.reach()

    def work(running: Running) -> Result:
        running.on_undo(given_back.set)
        running.step("install")
        raise AssertionError("it went on")

    second = start(jobs, work)
    jobs.cancel(second.id)
    answer = follow(jobs, second.id)
    assert answer.job.state == "cancelled"
    assert answer.job.started is None
    assert given_back.is_set()
    assert jobs.show(first.id).state == "running"
    jobs.close()


def test_another_process_cancels_a_job(jobs: Jobs, home: Settings) -> None:
    gate = Gate()
    job = start(jobs, gate)
    gate.reach()
    other = Jobs(home)
    started = time.monotonic()
    assert other.cancel(job.id).cancelling
    assert follow(other, job.id).job.state == "cancelled"
    assert time.monotonic() - started < 1.5


def test_another_process_cancels_a_job_that_waits(home: Settings) -> None:
    jobs = Jobs(replace(home, max_running_jobs=1))
    gate = Gate()
    start(jobs, gate)
    gate.reach()
    second = start(jobs, Gate())
    other = Jobs(home)
    other.cancel(second.id)
    assert follow(other, second.id).job.state == "cancelled"
    jobs.close()


def test_a_tool_is_told_that_the_job_is_cancelled(jobs: Jobs, runner: FakeRunner) -> None:
    waiting = threading.Event()

    def wait(asked: Command) -> None:
        waiting.set()
        eventually(lambda: jobs.show(job.id).cancelling, "the cancel arrives")

    runner.wait = wait

    def work(running: Running) -> Result:
        running.run(Step("tool", "Tool", command("tool")))
        raise AssertionError("it went on")

    job = start(jobs, work)
    assert waiting.wait(10)
    jobs.cancel(job.id)
    assert follow(jobs, job.id).job.state == "cancelled"


def test_a_job_that_is_done_before_it_hears_of_the_cancel_has_succeeded(jobs: Jobs) -> None:
    begun, go = threading.Event(), threading.Event()

    def work(running: Running) -> Result:
        begun.set()
        go.wait(10)
        return None

    job = start(jobs, work)
    assert begun.wait(10)
    jobs.cancel(job.id)
    go.set()
    assert follow(jobs, job.id).job.state == "succeeded"


def test_a_job_that_has_ended_cannot_be_cancelled(jobs: Jobs) -> None:
    job = start(jobs, lambda running: None)
    follow(jobs, job.id)
    with pytest.raises(EnvMgrError) as caught:
        jobs.cancel(job.id)
    assert caught.value.code == "wrong-state"


def test_cancelling_twice_is_no_error(jobs: Jobs) -> None:
    gate = Gate()
    job = start(jobs, gate)
    gate.reach()
    jobs.cancel(job.id)
    with contextlib.suppress(EnvMgrError):  # it may have ended meanwhile
        jobs.cancel(job.id)
    assert follow(jobs, job.id).job.state == "cancelled"


# -- closing --


def test_closing_interrupts_what_runs_and_what_waits_and_cleans_up(home: Settings) -> None:
    jobs = Jobs(replace(home, max_running_jobs=1))
    gate, undone = Gate(), []

    def work(running: Running) -> Result:
        running.on_undo(lambda: undone.append("running"))
        return gate(running)

    running, waiting = start(jobs, work), start(jobs, gate)
    gate.reach()
    started = time.monotonic()
    jobs.close()
    assert time.monotonic() - started < 2
    other = Jobs(home)
    for job in (running, waiting):
        found = other.show(job.id)
        assert found.state == "interrupted"
        assert found.problem
        assert found.problem.code == "interrupted"
        assert types(other.events(job.id))[-1] == "finished"
    assert undone == ["running"]
    with pytest.raises(EnvMgrError):
        start(jobs, gate)


def test_closing_does_not_wait_for_ever(home: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_CLOSING", 0.3)
    jobs, begun, go = Jobs(home), threading.Event(), threading.Event()

    def stubborn(running: Running) -> Result:
        begun.set()
        go.wait(20)
        return None

    job = start(jobs, stubborn)
    assert begun.wait(10)
    started = time.monotonic()
    jobs.close()
    assert time.monotonic() - started < 3
    go.set()
    eventually(lambda: written(home, job).state in ENDED, "it ends")


def test_who_waits_for_a_job_is_let_go_when_the_server_closes(jobs: Jobs) -> None:
    gate = Gate()
    job = start(jobs, gate)
    gate.reach()
    answers: list[EventList] = []
    thread = threading.Thread(target=lambda: answers.append(jobs.wait(job.id, 1, 60)))
    thread.start()
    jobs.close()
    thread.join(10)
    assert answers


# -- jobs of processes that are gone --


def _leave(home: Settings, who: dict[str, Any], state: str = "running") -> Job:
    """A job on the disk whose process is not this one."""
    mine = holder.current("server")
    job = Job(
        id=new_id(),
        operation="environments.create",
        subject="demo",
        title="Create demo",
        state="queued",
        created="2026-05-02T10:00:00.000Z",
        holder=replace(mine, **who),
    )
    store = JobStore(home.jobs)
    store.create(job)
    if state != "queued":
        job = replace(job, state=state)  # type: ignore[arg-type]
        store.write(job)
    return job


GONE: dict[str, Any] = {"start_time": 1}
FOREIGN: dict[str, Any] = {"host": "node2", "boot_id": "another"}


@pytest.mark.parametrize("state", ["queued", "running"])
def test_the_job_of_a_dead_process_is_interrupted_for_every_reader_and_once(
    jobs: Jobs, home: Settings, changes: list[Job], state: str
) -> None:
    left = _leave(home, GONE, state)
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
    left = _leave(home, GONE)
    follow(jobs, start(jobs, lambda running: None).id)
    assert [job.id for job in jobs.recover()] == [left.id]


def test_an_interrupted_log_goes_on_without_a_gap_after_a_torn_line(
    jobs: Jobs, home: Settings
) -> None:
    left = _leave(home, GONE)
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
    left = _leave(home, GONE)
    (home.jobs / left.id / "events.jsonl").write_text(
        '{"seq":1,"time":"t","type":"finished","state":"succeeded"}\n'
    )
    assert jobs.show(left.id).state == "succeeded"
    assert types(jobs.events(left.id)) == ["finished"]


def test_a_foreign_job_lives_while_its_heart_beats_and_a_minute_longer(
    jobs: Jobs, home: Settings
) -> None:
    left = _leave(home, FOREIGN)
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
    left = _leave(home, GONE)
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
    left = _leave(home, GONE)
    store = JobStore(home.jobs)
    store.remove(left.id)
    activity.declare_interrupted(left, store, holder.current("cli"))
    assert jobs.list().jobs == ()
    assert store.ids() == []


def test_what_cannot_be_written_is_interrupted_all_the_same(
    jobs: Jobs, home: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = _leave(home, GONE)

    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(durable, "write_new", refuse)
    monkeypatch.setattr(durable, "write_file", refuse)
    assert jobs.show(left.id).state == "interrupted"
    assert jobs.list().jobs[0].state == "interrupted"


# -- a disk that refuses --


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


# -- keeping and removing --


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
    alive = _leave(home, FOREIGN)
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
        _leave(home, GONE, "succeeded")
    assert len(jobs.list().jobs) == 20

    def no_reading(self: Path) -> bytes:
        raise AssertionError(f"read {self}")

    monkeypatch.setattr(Path, "read_bytes", no_reading)
    assert len(jobs.list().jobs) == 20


def test_a_broken_job_hides_no_other(jobs: Jobs, home: Settings) -> None:
    good = _leave(home, GONE, "succeeded")
    broken = _leave(home, GONE)
    (home.jobs / broken.id / "job.json").write_text("{")
    (home.jobs / "notes.txt").write_text("x")
    assert [job.id for job in jobs.list().jobs] == [good.id]


def test_an_id_chosen_before_is_used(jobs: Jobs) -> None:
    job_id = jobs.new_id()
    job = jobs.start("environments.create", "demo", "Create", lambda running: None, job_id=job_id)
    assert job.id == job_id
    with pytest.raises(EnvMgrError):
        jobs.start("environments.create", "demo", "Create", lambda running: None, job_id=job_id)


def test_the_wire_form_of_an_answer_is_json(jobs: Jobs) -> None:
    answer = follow(jobs, start(jobs, _raising(RuntimeError("x"))).id)
    assert json.loads(json.dumps(to_wire(answer)))["job"]["state"] == "failed"
