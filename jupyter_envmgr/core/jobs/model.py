"""A job, its states, and who runs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..errors import Problem

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled", "interrupted"]
ENDED: frozenset[JobState] = frozenset({"succeeded", "failed", "cancelled", "interrupted"})


@dataclass(frozen=True)
class Holder:
    """A process, named so that another container can tell whether it is the same one.

    A pid alone says nothing across containers: it is comparable only where ``boot_id`` and
    ``pid_namespace`` agree, and the same process only where ``start_time`` (clock ticks since
    boot, /proc/PID/stat field 22) agrees too.
    """

    host: str
    boot_id: str
    pid_namespace: str
    pid: int
    start_time: int
    door: str

    def __str__(self) -> str:
        return f"{self.door} (process {self.pid} on {self.host})"


@dataclass(frozen=True)
class Job:
    """A long operation. Times are ISO 8601 in UTC; ``seq`` is that of its newest event."""

    id: str
    operation: str
    subject: str
    title: str
    state: JobState
    created: str
    holder: Holder
    started: str | None = None
    ended: str | None = None
    step: str | None = None
    progress: float = 0.0
    label: str = ""
    seq: int = 0
    cancelling: bool = False
    problem: Problem | None = None
    result: dict[str, str] = field(default_factory=dict)
