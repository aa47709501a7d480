"""What is read of a log is whole, in order and without gaps, whatever a crash left of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.errors import EnvMgrError, FieldError
from jupyter_envmgr.core.events import (
    Event,
    Finished,
    Notice,
    Output,
    Payload,
    Progress,
    StepStarted,
)
from jupyter_envmgr.core.jobs.log import decode, encode, fold, read_whole
from jupyter_envmgr.core.jobs.model import Job
from tests.fakes import HOLDER

PROBLEM = EnvMgrError("bad-name", "no", errors=(FieldError("name", "no", line=3),)).problem
JOB = Job("id", "environments.create", "demo", "Create demo", "running", "2026", HOLDER)
PAYLOADS: list[Payload] = [
    StepStarted("install", "Installing", 1, 2),
    Progress(0.5, "numpy", 3, 6, "packages"),
    Progress(0.6, ""),
    Output("Résolu: ✓\u2028 \x00"),
    Output("", "stdout"),
    Notice("slow disk", "warning"),
    Finished("failed", PROBLEM),
    Finished("succeeded"),
]


def _events(*payloads: Payload) -> list[Event]:
    return [Event(n, "2026-05-02T10:00:00.000Z", p) for n, p in enumerate(payloads, 1)]


def _log(events: list[Event]) -> bytes:
    return b"".join(map(encode, events))


@pytest.mark.parametrize("payload", PAYLOADS, ids=repr)
def test_an_event_is_one_line_and_comes_back_the_same(payload: Payload) -> None:
    event = Event(7, "2026-05-02T10:00:00.000Z", payload)
    line = encode(event)
    assert line.endswith(b"\n")
    assert line.count(b"\n") == 1
    assert decode(line) == event


def test_the_payload_lies_flat_beside_seq_and_time() -> None:
    fields = json.loads(encode(Event(1, "t", Output("hi"))))
    assert fields == {"seq": 1, "time": "t", "type": "output", "text": "hi", "stream": "stderr"}


def test_text_that_is_not_unicode_does_not_stop_the_log() -> None:
    event = decode(encode(Event(1, "t", Notice("bad \udcff name"))))
    assert event == Event(1, "t", Notice("bad ? name"))


@given(st.integers(0, 600))
def test_a_log_cut_anywhere_is_read_up_to_its_last_whole_line(cut: int) -> None:
    events = _events(*PAYLOADS)
    data = _log(events)[:cut]
    whole, size = read_whole(data, 0)
    assert whole == events[: data.count(b"\n")]
    assert size == data.rfind(b"\n") + 1


def test_zeros_that_a_machine_crash_left_end_the_log() -> None:
    events = _events(Output("a"), Output("b"))
    data = _log(events)
    assert read_whole(data + b"\0" * 100 + b"\n" + encode(Event(3, "t", Output("c"))), 0) == (
        events,
        len(data),
    )


def test_a_gap_ends_the_log() -> None:
    events = _events(Output("a"), Output("b"), Output("c"))
    assert read_whole(_log([events[0], events[2]]), 0)[0] == events[:1]


def test_reading_goes_on_where_it_stopped() -> None:
    events = _events(Output("a"), Output("b"), Output("c"))
    assert read_whole(_log(events[1:]), 1)[0] == events[1:]


def test_a_type_of_a_newer_version_is_shown_and_leaves_no_gap() -> None:
    line = b'{"seq":1,"time":"t","type":"applause","text":"well done","loud":true}\n'
    assert decode(line) == Event(1, "t", Notice("well done"))


@pytest.mark.parametrize("line", [b"", b"{}", b"[]", b"null", b"{", b'{"seq":"1"}', b"[" * 5000])
def test_what_is_not_an_event_is_none(line: bytes) -> None:
    assert decode(line) is None


def test_a_job_is_what_its_events_say() -> None:
    job = fold(JOB, _events(*PAYLOADS[:-1]))
    assert (job.seq, job.step, job.progress, job.state) == (7, "install", 0.6, "failed")
    assert job.problem == PROBLEM
    assert job.ended == "2026-05-02T10:00:00.000Z"
