"""A job tells all that it does without a gap, to every reader, while it runs and afterwards."""

from __future__ import annotations

import json
import os
import re
import threading
import time

import pytest

from jupyter_envmgr.core.commands import Step, Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Notice, Output, Payload, Progress
from jupyter_envmgr.core.jobs.model import ENDED, Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.wire import to_wire
from jupyter_envmgr.service import activity
from jupyter_envmgr.service.jobs import Jobs, Running
from jupyter_envmgr.system.jobstore import JobStore
from tests.fakes import FakeRunner, command, eventually
from tests.service.jobs.bench import Gate, Result, follow, raising, start, types


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


def test_the_wire_form_of_an_answer_is_json(jobs: Jobs) -> None:
    answer = follow(jobs, start(jobs, raising(RuntimeError("x"))).id)
    assert json.loads(json.dumps(to_wire(answer)))["job"]["state"] == "failed"
