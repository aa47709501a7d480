"""What ``--json`` prints: one versioned envelope around every answer and every error."""

from __future__ import annotations

import json

from ..core.errors import Problem
from ..core.wire import to_wire

VERSION = 1


def answered(operation: str, data: object) -> str:
    """The envelope of an operation that did what it was asked."""
    return dumps({"version": VERSION, "operation": operation, "ok": True, "data": to_wire(data)})


def failed(operation: str, problem: Problem, data: object = None) -> str:
    """The envelope of one that did not; ``data`` is there where something can be shown: a job."""
    envelope = {"version": VERSION, "operation": operation, "ok": False}
    envelope["error"] = to_wire(problem)
    if data is not None:
        envelope["data"] = to_wire(data)
    return dumps(envelope)


def dumps(value: object) -> str:
    """One line of JSON in ASCII: it passes every terminal, and file names that are not UTF-8."""
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))
