"""Jobs for tests: started, followed to their end, held at a gate, left by other processes."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

from jupyter_envmgr.core.jobs.model import ENDED, Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.answers import EventList, LoggedEvent
from jupyter_envmgr.service.jobs import Jobs, Running, Work
from jupyter_envmgr.system import holder
from jupyter_envmgr.system.jobstore import JobStore, new_id

Result = dict[str, str] | None


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


def raising(error: BaseException) -> Work:
    def work(running: Running) -> Result:
        raise error

    return work


def leave(home: Settings, who: dict[str, Any], state: str = "running") -> Job:
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
