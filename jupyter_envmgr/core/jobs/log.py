"""A job's log as JSON lines: written whole, read as far as it is whole."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ..errors import EnvMgrError
from ..events import Event, Finished, Notice, Output, Payload, Progress, StepStarted
from ..wire import from_wire, to_wire
from .model import Job

_PAYLOADS: dict[str, type[Any]] = {
    "step-started": StepStarted,
    "progress": Progress,
    "output": Output,
    "notice": Notice,
    "finished": Finished,
}


def encode(event: Event) -> bytes:
    """One line: ``seq``, ``time``, ``type`` and what else the payload has."""
    fields = {"seq": event.seq, "time": event.time, "type": event.payload.type}
    wire = to_wire(event.payload)
    fields.update((name, value) for name, value in wire.items() if value is not None)
    text = json.dumps(fields, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "replace") + b"\n"


def decode(line: bytes) -> Event | None:
    """The event of one line, or None if it is not one.

    A type that only a newer version knows is shown as a notice.
    """
    try:
        fields = json.loads(line)
        seq, time, kind = fields.pop("seq"), fields.pop("time"), fields["type"]
        payload: Payload
        if kind in _PAYLOADS:
            payload = from_wire(_PAYLOADS[kind], fields, strict=False)
        else:
            payload = Notice(str(fields.get("text") or kind))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, EnvMgrError):
        return None
    return Event(seq, time, payload) if isinstance(seq, int) and isinstance(time, str) else None


def read_whole(data: bytes, after: int) -> tuple[list[Event], int]:
    """The events at the beginning of ``data`` that follow ``after`` without a gap; their bytes.

    A last line that a crash (or a write that is going on) has cut ends it, and so does whatever a
    crash of the machine left behind: zeros, or half a line with another behind it.
    """
    events: list[Event] = []
    size = 0
    for line in data.splitlines(keepends=True):
        event = decode(line) if line.endswith(b"\n") else None
        if event is None or event.seq != after + len(events) + 1:
            break
        events.append(event)
        size += len(line)
    return events, size


def fold(job: Job, events: Iterable[Event]) -> Job:
    """The job after these events."""
    for event in events:
        job = replace(job, seq=event.seq, **_changes(event))
    return job


def _changes(event: Event) -> dict[str, Any]:
    payload = event.payload
    if isinstance(payload, StepStarted):
        return {"step": payload.step, "label": payload.title}
    if isinstance(payload, Progress):
        return {"progress": payload.fraction, "label": payload.label}
    if isinstance(payload, Finished):
        return {
            "state": payload.state,
            "problem": payload.problem,
            "ended": event.time,
            "cancelling": False,
        }
    return {}
