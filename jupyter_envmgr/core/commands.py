"""Commands as data: what an engine wants run, and what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from .events import Payload

Stream = Literal["stdout", "stderr"]
Reader = Callable[[Stream, str], Iterable[Payload]]
"""Turns one line of a tool's output (without its newline) into events."""


@dataclass(frozen=True)
class Command:
    """One subprocess: an argv (never a shell), its whole environment, its directory.

    ``environ`` replaces the parent's environment entirely. ``secrets`` are strings that must
    never appear in output, events or errors; they are masked wherever output is read.
    ``terminal`` gives it a terminal to write its standard output to, where one can be had, for
    tools that say how far they are nowhere else; what they read is nothing in any case.
    """

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    cwd: Path
    secrets: tuple[str, ...] = ()
    terminal: bool = False


@dataclass(frozen=True)
class Outcome:
    """How a command ended. ``returncode`` is negative for a signal, as in `subprocess`.

    ``stdout`` and ``stderr`` keep the last 256 KiB each, secrets masked.
    """

    returncode: int
    stdout: str
    stderr: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether it ended well: exit code 0, so neither an error nor a signal."""
        return self.returncode == 0


def no_events(stream: Stream, line: str) -> Iterable[Payload]:
    """A reader for tools that say nothing worth an event."""
    return ()


@dataclass(frozen=True)
class Step:
    """A command with a name a person understands and its share of the whole job's progress.

    Lines that begin with one of ``unlogged`` are for ``read`` alone and do not go into the log.
    """

    name: str
    title: str
    command: Command
    weight: float = 1.0
    read: Reader = field(default=no_events)
    unlogged: tuple[str, ...] = ()
