"""What a job says while it runs. Lies on disk as JSON lines with a gapless ``seq``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from .errors import Problem


@dataclass(frozen=True)
class StepStarted:
    """The job goes on to its next step; ``number`` counts from 1 to ``total``."""

    step: str
    title: str
    number: int
    total: int
    type: Literal["step-started"] = "step-started"


@dataclass(frozen=True)
class Progress:
    """How far the whole job is: ``fraction`` from 0 to 1 never falls; ``label`` says what is done.

    ``done`` and ``total`` count ``unit`` (``bytes`` or ``packages``) where they are known.
    """

    fraction: float
    label: str
    done: int | None = None
    total: int | None = None
    unit: str | None = None
    type: Literal["progress"] = "progress"


@dataclass(frozen=True)
class Output:
    """A line that a tool printed: for people to read, never parsed by a door."""

    text: str
    stream: Literal["stdout", "stderr"] = "stderr"
    type: Literal["output"] = "output"


@dataclass(frozen=True)
class Notice:
    """Something a person should know although the job goes on."""

    text: str
    level: Literal["info", "warning"] = "info"
    type: Literal["notice"] = "notice"


@dataclass(frozen=True)
class Finished:
    """The last event of a job."""

    state: Literal["succeeded", "failed", "cancelled", "interrupted"]
    problem: Problem | None = None
    type: Literal["finished"] = "finished"


Payload = StepStarted | Progress | Output | Notice | Finished


@dataclass(frozen=True)
class Event:
    """One line of a job's log. ``seq`` counts from 1 without gaps; ``time`` is ISO 8601, UTC."""

    seq: int
    time: str
    payload: Payload
