"""Three ways to watch a job: a bar on a terminal, lines in a file, JSON for a program."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from ..core.jobs.model import Job
from ..core.wire import to_wire
from . import layout
from .envelope import dumps

if TYPE_CHECKING:
    from rich.console import Console

    from ..service.answers import LoggedEvent
    from .session import Session


class Watcher(Protocol):
    """Is told what happens to a job."""

    def see(self, event: LoggedEvent) -> None:
        """An event, each once, in order."""

    def now(self, job: Job) -> None:
        """The job as it is now, after its events; also where there were none."""

    def say(self, text: str) -> None:
        """Something that the door itself has to say."""


@contextlib.contextmanager
def watcher(session: Session, job: Job, *, log: bool) -> Iterator[Watcher]:
    """The way to watch that fits where the program prints to."""
    if session.stream:
        yield JsonLines(session)
    elif session.json:
        yield Silent(session)
    else:
        console = session.terminal.console(session.terminal.stderr)
        if console is None:
            yield Lines(session, log=log)
        else:
            with Bar(console, job, log=log) as bar:
                yield bar


class Silent:
    """For ``--json``: only the end counts."""

    def __init__(self, session: Session) -> None:
        self._terminal = session.terminal

    def see(self, event: LoggedEvent) -> None:
        """Nothing is shown."""

    def now(self, job: Job) -> None:
        """Nothing is shown."""

    def say(self, text: str) -> None:
        """Said on standard error, which is not for the machine."""
        self._terminal.note(text)


class JsonLines(Silent):
    """For ``--json-lines``: one line an event, without the fields that it does not have."""

    def see(self, event: LoggedEvent) -> None:
        """Print it at once."""
        fields = {k: v for k, v in to_wire(event).items() if v is not None}
        self._terminal.line(dumps(fields))


class Lines:
    """For files and pipes: a line for each step and notice."""

    def __init__(self, session: Session, *, log: bool) -> None:
        self._terminal = session.terminal
        self._log = log

    def see(self, event: LoggedEvent) -> None:
        """Print steps and notices, with ``log`` the output of the tools too."""
        text, tone = in_words(event, log=self._log)
        if text:
            self._terminal.note(text, tone)

    def now(self, job: Job) -> None:
        """A figure that moves is no line."""

    def say(self, text: str) -> None:
        """A line of its own."""
        self._terminal.note(text)


class Bar:
    """For terminals: steps above, below them a bar with percentage, label and time."""

    def __init__(self, console: Console, job: Job, *, log: bool) -> None:
        from rich.progress import (
            BarColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
            TimeElapsedColumn,
        )
        from rich.table import Column

        self._console = console
        self._log = log
        self._fraction = 0.0
        self._progress = Progress(
            BarColumn(bar_width=24),
            TaskProgressColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
            console=console,
            transient=True,
            expand=True,
        )
        self._task = self._progress.add_task(_plain(job.label or job.title), total=1.0)

    def __enter__(self) -> Bar:
        self._progress.start()
        return self

    def __exit__(self, *exc: object) -> None:
        # The terminal may be gone (SIGHUP); that is no reason to lose how the job ended.
        with contextlib.suppress(OSError):
            self._progress.stop()

    def see(self, event: LoggedEvent) -> None:
        """Print steps and notices above the bar; move the bar."""
        if event.type == "progress" and event.fraction is not None:
            self._move(event.fraction, event.label or "")
        text, tone = in_words(event, log=self._log)
        if text:
            self._print(text, {"warning": "yellow", "strong": "bold", "dim": "dim"}.get(tone, ""))

    def now(self, job: Job) -> None:
        """The bar is where the job is."""
        self._move(job.progress, job.label)

    def say(self, text: str) -> None:
        """A line above the bar."""
        self._print(text, "yellow")

    def _move(self, fraction: float, label: str) -> None:
        description = _plain(label) if label else None
        self._fraction = max(self._fraction, fraction)
        self._progress.update(self._task, completed=self._fraction, description=description)

    def _print(self, text: str, style: str) -> None:
        with contextlib.suppress(OSError):
            self._console.print(layout.clean(text), style=style, soft_wrap=True)


def _plain(text: str) -> str:
    """``text`` as rich takes it literally: a TextColumn reads markup."""
    from rich.markup import escape

    return escape(layout.clean(text))


def in_words(event: LoggedEvent, *, log: bool) -> tuple[str, str]:
    """An event as a line and its tone; empty where it is worth none."""
    if event.type == "step-started":
        return f"[{event.number}/{event.total}] {event.title}", "strong"
    if event.type == "notice":
        word = "warning" if event.level == "warning" else "note"
        return f"{word}: {event.text}", "warning" if event.level == "warning" else ""
    if event.type == "output" and log:
        return f"    {event.text}", "dim"
    return "", ""
