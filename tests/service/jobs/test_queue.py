"""Jobs run in their turn; they are cancelled when asked, and interrupted when the server closes."""

from __future__ import annotations

import contextlib
import threading
import time
from dataclasses import replace

import pytest

from jupyter_envmgr.core.commands import Command, Step
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import ENDED, Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import jobs as module
from jupyter_envmgr.service.answers import EventList
from jupyter_envmgr.service.jobs import Jobs, Running
from tests.fakes import FakeRunner, command, eventually
from tests.service.jobs.bench import Gate, Result, follow, start, types, written


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
