"""The verbs of ``jobs``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.errors import EnvMgrError
from ..core.jobs.model import Job
from . import words
from .find import complete_jobs
from .follow import StoppedFollowing, follow, outcome
from .verbs import Answer, Verb, complete_with, no_arguments
from .views import Cell, Column, Table, Text, Tone, View, row

if TYPE_CHECKING:
    from .session import Session

_TONES: dict[str, Tone] = {
    "queued": "dim",
    "running": "warning",
    "succeeded": "good",
    "failed": "bad",
    "cancelled": "dim",
    "interrupted": "bad",
}


def _list(session: Session, arguments: argparse.Namespace) -> Answer:
    answer = session.context.jobs.list()
    columns = (
        Column("JOB"),
        Column("STATE"),
        Column("WHAT"),
        Column("%", align="right", drop=3),
        Column("WHEN", drop=1),
        Column("TOOK", drop=2),
        Column("PROBLEM", drop=4, cut="end"),
    )
    rows = tuple(
        row(
            Cell(job.id, "strong"),
            Cell(job.state, _TONES[job.state]),
            job.title,
            f"{job.progress * 100:.0f}",
            words.ago(job.created),
            words.between(job.started, job.ended),
            Cell(job.problem.title if job.problem else "", "bad"),
        )
        for job in answer.jobs
    )
    return Answer(answer, [Table(columns, rows, empty="No jobs.")])


def _id_argument(parser: argparse.ArgumentParser) -> None:
    action = parser.add_argument("id", metavar="ID", help="the id of the job")
    complete_with(action, complete_jobs)


def _follow_arguments(parser: argparse.ArgumentParser) -> None:
    _id_argument(parser)
    parser.add_argument("--no-log", action="store_true", help="leave out what the tools print")


def _follow(session: Session, arguments: argparse.Namespace) -> Answer:
    job = session.context.jobs.show(arguments.id)
    try:
        job = follow(session, job, own=False, log=not arguments.no_log)
    except StoppedFollowing:
        raise EnvMgrError(
            "cancelled",
            f"You stopped following {job.id}; the job goes on.",
            hint=f"`jupyter envmgr jobs cancel {job.id}` ends the job itself.",
        ) from None
    return Answer(job, _ended(job), problem=outcome(job))


def _ended(job: Job) -> list[View]:
    if job.state != "succeeded":
        return []
    took = words.between(job.started, job.ended)
    return [Text(f"{job.title}: done in {took}." if took else f"{job.title}: done.", "good")]


def _cancel(session: Session, arguments: argparse.Namespace) -> Answer:
    job = session.context.jobs.cancel(arguments.id)
    return Answer(job, [Text(f"{job.title}: {'cancelling' if job.cancelling else job.state}.")])


def _remove(session: Session, arguments: argparse.Namespace) -> Answer:
    job = session.context.jobs.remove(arguments.id)
    return Answer(job, [Text(f"Forgot {job.id} ({job.title}).")])


VERBS = (
    Verb("jobs list", "jobs.list", "All jobs, the newest first", no_arguments, _list),
    Verb(
        "jobs follow",
        "jobs.events",
        "Show what a job did and does until it ends; exits as the job ended",
        _follow_arguments,
        _follow,
        also=("jobs.show",),
        followed=True,
    ),
    Verb("jobs cancel", "jobs.cancel", "Cancel a job, whoever runs it", _id_argument, _cancel),
    Verb("jobs remove", "jobs.remove", "Forget a job that has ended", _id_argument, _remove),
)
