"""Following jobs: what is shown, and what Ctrl-C does."""

from __future__ import annotations

import json
import os
import signal
from typing import cast

import pytest

from jupyter_envmgr.cli.exits import EXITS
from jupyter_envmgr.cli.follow import Abandoned, follow
from jupyter_envmgr.cli.interrupts import Interrupts
from jupyter_envmgr.cli.render import Terminal
from jupyter_envmgr.cli.session import Session
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.service.answers import LoggedEvent
from jupyter_envmgr.service.context import Context
from tests.cli.fakes import FakeContext, FakeJobs, Stream, job, no_settings, run_cli

TIME = "2026-05-02T10:00:00+00:00"
EVENTS = [
    LoggedEvent(1, TIME, "step-started", step="venv", title="Making it", number=1, total=2),
    LoggedEvent(2, TIME, "progress", fraction=0.5, label="numpy"),
    LoggedEvent(3, TIME, "output", text=" + numpy==2.0 [bold]", stream="stderr"),
    LoggedEvent(4, TIME, "notice", text="mind the gap", level="warning"),
]
DONE = job(state="succeeded", seq=4, ended="2026-05-02T10:00:41+00:00", progress=1.0)


def jobs(ended: Job = DONE) -> FakeJobs:
    return FakeJobs(batches=[EVENTS[:2], [], EVENTS[2:]], ended=ended)


def test_following_shows_steps_notices_and_the_log_and_ends_well() -> None:
    ran = run_cli(["jobs", "follow", "j-1"], FakeContext(jobs=jobs()))
    assert ran.code == 0
    assert ran.err.splitlines() == [
        "[1/2] Making it",
        "     + numpy==2.0 [bold]",
        "warning: mind the gap",
    ]
    assert ran.out == "Create demo: done in 41 s.\n"


def test_the_log_can_be_left_out() -> None:
    ran = run_cli(["jobs", "follow", "j-1", "--no-log"], FakeContext(jobs=jobs()))
    assert "numpy" not in ran.err


def test_json_prints_the_ended_job_and_nothing_else() -> None:
    ran = run_cli(["jobs", "follow", "j-1", "--json"], FakeContext(jobs=jobs()))
    answer = json.loads(ran.out)
    assert answer["data"]["state"] == "succeeded"
    assert ran.err == ""


def test_json_lines_prints_each_event_once_in_order_then_the_envelope() -> None:
    ran = run_cli(["jobs", "follow", "j-1", "--json-lines"], FakeContext(jobs=jobs()))
    *events, last = map(json.loads, ran.out.splitlines())
    assert [event["seq"] for event in events] == [1, 2, 3, 4]
    assert [event["type"] for event in events] == [e.type for e in EVENTS]
    assert "fraction" not in events[0]
    assert last["ok"] is True


FAILED = job(
    state="failed", seq=4, problem=EnvMgrError("no-such-package", "no nmupy anywhere").problem
)


def test_a_job_that_failed_exits_as_its_problem_does() -> None:
    ran = run_cli(["jobs", "follow", "j-1"], FakeContext(jobs=jobs(FAILED)))
    assert ran.code == EXITS["failed"]
    assert "no nmupy anywhere" in ran.err
    ran = run_cli(["jobs", "follow", "j-1", "--json"], FakeContext(jobs=jobs(FAILED)))
    answer = json.loads(ran.out)
    assert answer["error"]["code"] == "no-such-package"
    assert answer["data"]["id"] == "j-1"


@pytest.mark.parametrize(
    ("state", "code"), [("cancelled", 130), ("interrupted", EXITS["failed"]), ("failed", 7)]
)
def test_a_job_that_did_not_succeed_never_exits_with_nought(state: str, code: int) -> None:
    ended = job(state=state, seq=4)
    assert run_cli(["jobs", "follow", "j-1"], FakeContext(jobs=jobs(ended))).code == code


def test_ctrl_c_leaves_the_job_of_somebody_else_alone() -> None:
    def press(wait: int) -> None:
        if wait == 2:
            os.kill(os.getpid(), signal.SIGINT)

    fake = FakeJobs(on_wait=press)
    ran = run_cli(["jobs", "follow", "j-1"], FakeContext(jobs=fake))
    assert ran.code == 130
    assert fake.cancelled == []
    assert "the job goes on" in ran.err


def session_of(fake: FakeJobs, interrupts: Interrupts) -> Session:
    terminal = Terminal(Stream(), Stream(), Stream(), {})
    context = cast(Context, FakeContext(jobs=fake))
    return Session(terminal, interrupts, no_settings, lambda settings: context)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_one_signal_cancels_our_job_and_waits_until_it_has_cleaned_up(number: int) -> None:
    def press(wait: int) -> None:
        if wait == 2:
            os.kill(os.getpid(), number)
        if wait == 6:
            fake.ended = job(state="cancelled", seq=0)

    fake = FakeJobs(on_wait=press)
    interrupts = Interrupts()
    with interrupts.handled():
        ended = follow(session_of(fake, interrupts), fake.running, own=True, log=False)
    assert ended.state == "cancelled"
    assert fake.cancelled == ["j-1"]
    assert fake.waits == 6


def test_a_second_signal_stops_waiting() -> None:
    def press(wait: int) -> None:
        if wait in (2, 4):
            os.kill(os.getpid(), signal.SIGINT)

    fake = FakeJobs(on_wait=press)
    interrupts = Interrupts()
    with interrupts.handled(), pytest.raises(Abandoned):
        follow(session_of(fake, interrupts), fake.running, own=True, log=False)
    assert fake.cancelled == ["j-1"]


def test_a_job_that_ends_just_before_the_cancel_has_succeeded() -> None:
    def refuse(fake: FakeJobs) -> None:
        fake.ended = DONE
        raise EnvMgrError("wrong-state", "it has ended")

    fake = FakeJobs(on_cancel=refuse, on_wait=lambda wait: press() if wait == 1 else None)

    def press() -> None:
        os.kill(os.getpid(), signal.SIGINT)

    interrupts = Interrupts()
    with interrupts.handled():
        ended = follow(session_of(fake, interrupts), fake.running, own=True, log=False)
    assert ended.state == "succeeded"


def test_signals_are_as_they_were_afterwards_and_ignored_ones_stay_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with Interrupts().handled():
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
            assert signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    finally:
        signal.signal(signal.SIGHUP, before)
