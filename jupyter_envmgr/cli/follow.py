"""Following a job to its end: its events shown as they come, signals turned into a cancel."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

from ..core.errors import EnvMgrError, Problem
from ..core.jobs.model import ENDED, Job
from .watchers import watcher

if TYPE_CHECKING:
    from .session import Session

PATIENCE = 0.2
"""Seconds between two looks at the signals: a cancel is to take less than a second in all."""


class Abandoned(Exception):
    """Asked a second time to end: the job is not waited for."""


class StoppedFollowing(Exception):
    """Asked to end while the job belongs to somebody else: it goes on."""


def follow(session: Session, job: Job, *, own: bool, log: bool, said: Collection[str] = ()) -> Job:
    """Show the events of ``job`` until it has ended, and return it as it ended.

    A job that this process runs (``own``) is cancelled by the first signal and waited for until
    it has cleaned up; the second signal raises `Abandoned`. With ``log`` the lines that the
    tools print are shown too. Notices that were ``said`` before are left out.
    """
    jobs = session.context.jobs
    seq, cancelled = 0, False
    with session.interrupts.counted(), watcher(session, job, log=log) as show:
        before = session.interrupts.count
        while True:
            answer = jobs.wait(job.id, seq, PATIENCE)
            for event in answer.events:
                if session.json or event.type != "notice" or event.text not in said:
                    show.see(event)
                seq = event.seq
            show.now(answer.job)
            if answer.job.state in ENDED and (seq >= answer.job.seq or not answer.events):
                return answer.job
            asked = session.interrupts.count - before
            if asked and not own:
                raise StoppedFollowing
            if asked > 1:
                raise Abandoned
            if asked and not cancelled:
                cancelled = True
                show.say("cancelling; once more to leave without waiting")
                _cancel(session, job)


def _cancel(session: Session, job: Job) -> None:
    try:
        session.context.jobs.cancel(job.id)
    except EnvMgrError as error:
        if error.kind != "conflict":  # it has ended in the meantime: the next look tells how
            raise


def outcome(job: Job) -> Problem | None:
    """Why a job did not succeed; None if it did."""
    if job.state == "succeeded":
        return None
    problem = job.problem
    if problem is None:
        code = job.state if job.state in ("cancelled", "interrupted") else "tool-failed"
        return EnvMgrError(code, f"{job.title}: {job.state}").problem
    return problem
