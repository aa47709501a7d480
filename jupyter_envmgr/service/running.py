"""What a running job's work can do: say how far it is, run steps, take back what it made."""

from __future__ import annotations

import contextlib
import logging
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Protocol

from ..core.commands import Command, Outcome, Step, Stream
from ..core.errors import EnvMgrError, Problem
from ..core.events import Finished, Notice, Output, Payload, Progress, StepStarted
from ..core.jobs.model import Job
from ..core.jobs.progress import Scale
from ..core.masking import Masker
from ..system.oserrors import explain_os_error

_log = logging.getLogger(__name__)


class Runner(Protocol):
    """Runs a command to its end: `system.process.run`, or a fake of it."""

    def __call__(
        self,
        command: Command,
        *,
        on_line: Callable[[Stream, str], None],
        cancelled: Callable[[], bool],
        timeout: float | None = None,
        missing: str = "engine-missing",
    ) -> Outcome: ...


class Sink(Protocol):
    """Where a running job's events go."""

    def __call__(self, payload: Payload) -> None: ...


class Running:
    """A job, as its work sees it. Belongs to the thread that the work runs in."""

    def __init__(self, job: Callable[[], Job], sink: Sink, runner: Runner) -> None:
        self._job = job
        self._sink = sink
        self._runner = runner
        self._stop = threading.Event()
        self._scale = Scale()
        self._undo: list[Callable[[], object]] = []
        self._undoing = False
        self._secrets: set[str] = set()
        self._masker = Masker()

    @property
    def job(self) -> Job:
        """The job as it is now."""
        return self._job()

    def stop(self) -> None:
        """Have the work end at its next chance. From any thread."""
        self._stop.set()

    @property
    def is_stopping(self) -> bool:
        """Whether somebody wants the work to end."""
        return self._stop.is_set()

    def cancelled(self) -> bool:
        """Whether the work should end; while things are taken back, it should not."""
        return self._stop.is_set() and not self._undoing

    def check(self) -> None:
        """Raise ``cancelled`` if the work should end."""
        if self.cancelled():
            raise EnvMgrError("cancelled", f"{self.job.title} was cancelled")

    def hide(self, secrets: Sequence[str]) -> None:
        """Keep these out of everything that the job says from now on."""
        if not self._secrets.issuperset(secrets):
            self._secrets.update(secrets)
            self._masker = Masker(self._secrets)

    def plan(self, steps: Sequence[tuple[str, str, float]]) -> None:
        """Declare the steps as (name, title, weight), so that progress is that of the whole."""
        self._scale.plan(steps)

    def step(self, name: str, title: str = "", weight: float = 1.0) -> None:
        """Go on to a step. The title and weight of a planned one are known already."""
        self.check()
        self._sink(self._scale.begin(name, title, weight))

    def emit(self, payload: Payload) -> None:
        """Say something. Progress is that of the current step, from 0 to 1."""
        if isinstance(payload, StepStarted):
            payload = self._scale.begin(payload.step, payload.title)
        elif isinstance(payload, Progress):
            payload = self._scale.whole(payload)
        elif isinstance(payload, Finished):
            raise ValueError("a job is finished by what its work returns or raises")
        self._sink(self._masked(payload))

    def run(
        self, step: Step, *, timeout: float | None = None, missing: str = "engine-missing"
    ) -> Outcome:
        """Run a step's command: every line goes to the log, and what its reader makes of it.

        Raises ``cancelled``, and what `system.process.run` raises; that the tool fails is left to
        the caller.
        """
        self.step(step.name, step.title, step.weight)
        self.hide(step.command.secrets)
        outcome = self._runner(
            step.command,
            on_line=_Lines(step, self.emit),
            cancelled=self.cancelled,
            timeout=timeout,
            missing=missing,
        )
        if outcome.ok:
            self.emit(Progress(1.0, self.job.label or step.title))
        return outcome

    def on_undo(self, take_back: Callable[[], object]) -> None:
        """Have this called, the last first, if the work does not succeed."""
        self._undo.append(take_back)

    def undo(self) -> None:
        """Take back everything; what fails is said in the log and does not keep the rest."""
        self._undoing = True
        while self._undo:
            take_back = self._undo.pop()
            try:
                take_back()
            except Exception as error:
                self.emit(Notice(f"Not cleaned up: {self.problem_of(error).detail}", "warning"))

    def problem_of(self, error: BaseException) -> Problem:
        """What to tell a person about an error, without secrets."""
        if isinstance(error, EnvMgrError):
            known = error
        elif isinstance(error, OSError):
            known = explain_os_error(error, f"{self.job.title} failed")
        else:
            name = type(error).__name__
            known = EnvMgrError("internal", f"{self.job.title} failed unexpectedly ({name})")
        problem = known.problem
        mask = self._masker.text
        rows = tuple(replace(row, detail=mask(row.detail)) for row in problem.errors)
        return replace(problem, detail=mask(problem.detail), errors=rows)

    def log_traceback(self, error: BaseException) -> None:
        """Write down where an unexpected error came from."""
        for text in traceback.format_exception(type(error), error, error.__traceback__):
            for line in text.rstrip().splitlines():
                self.emit(Output(line[:2000]))

    def _masked(self, payload: Payload) -> Payload:
        if not self._secrets:
            return payload
        mask = self._masker.text
        if isinstance(payload, Notice):
            return replace(payload, text=mask(payload.text))
        if isinstance(payload, Progress):
            return replace(payload, label=mask(payload.label))
        if isinstance(payload, StepStarted):
            return replace(payload, title=mask(payload.title))
        return payload


class _Lines:
    """Takes the lines of one step. A reader that fails is left out; the tool goes on."""

    def __init__(self, step: Step, emit: Callable[[Payload], None]) -> None:
        self._step = step
        self._emit = emit
        self._readable = True

    def __call__(self, stream: Stream, line: str) -> None:
        if line.strip() and not line.startswith(self._step.unlogged):
            self._emit(Output(line, stream))
        if not self._readable:
            return
        try:
            payloads = tuple(self._step.read(stream, line))
        except Exception:
            _log.exception("the reader of step %s failed", self._step.name)
            self._readable = False
            return
        for payload in payloads:
            with contextlib.suppress(ValueError):
                self._emit(payload)
