"""How a job ends: what is told of a failure, what is taken back, and what is never said."""

from __future__ import annotations

import errno

import pytest

from jupyter_envmgr.core.commands import Step, Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Finished, Notice, Payload, Progress, StepStarted
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.jobs import Jobs, Running
from tests.fakes import FakeRunner, command
from tests.service.jobs.bench import Result, follow, raising, start, types


def test_a_failure_is_told_as_the_work_raised_it(jobs: Jobs) -> None:
    error = EnvMgrError("no-such-package", "numpyy is not in the index", hint="look again")
    job = follow(jobs, start(jobs, raising(error)).id).job
    assert job.state == "failed"
    assert job.problem == error.problem


def test_a_full_disk_is_told_as_such(jobs: Jobs) -> None:
    error = OSError(errno.ENOSPC, "No space left on device", "/home/x")
    job = follow(jobs, start(jobs, raising(error)).id).job
    assert job.problem
    assert job.problem.code == "disk-full"


@pytest.mark.parametrize("error", [RuntimeError("secret place"), SystemExit(3), MemoryError()])
def test_a_bug_is_internal_with_its_traceback_in_the_log_only(
    jobs: Jobs, error: BaseException
) -> None:
    answer = follow(jobs, start(jobs, raising(error)).id)
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
