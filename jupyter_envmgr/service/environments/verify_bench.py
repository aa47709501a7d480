"""Imports packages in fresh interpreters, until each has been imported or is known to fail."""

from __future__ import annotations

import contextlib
import json
import secrets
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ...core.clock import now
from ...core.commands import Outcome, Step, Stream
from ...core.environments.model import Environment
from ...core.errors import EnvMgrError
from ...core.events import Notice, Output, Payload, Progress
from ...core.kernels.spec import KernelTarget
from ...core.packages.verify import Verification, VerifiedPackage, concluded
from ...core.packages.verify_program import PROGRAM
from ...core.settings import Settings
from ...system import durable
from ..jobs import Running
from . import activation

_MOST_AT_ONCE = 1000
_START = 120.0
_BETWEEN = 0.5


@dataclass
class Item:
    """A package to look at, and what is known of it.

    ``error`` is None until it was imported; ``first`` says that nothing was imported before it.
    """

    name: str
    version: str = ""
    modules: tuple[str, ...] = ()
    guessed: bool = False
    missing: bool = False
    begun: float | None = None
    seconds: float = 0.0
    error: str | None = None
    absent: bool = False
    remark: str = ""
    first: bool = False
    facts: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether it has yet to be imported."""
        return bool(self.modules) and self.error is None

    def result(self) -> VerifiedPackage:
        ok: bool | None = not self.error if self.modules else None
        error = self.error or ""
        remark = self.remark
        if self.missing:
            ok, error = False, "is not installed"
        elif self.guessed and self.absent:
            ok, error, remark = None, "", "it does not say what it is imported as"
        elif ok is None:
            remark = "there is nothing to import in it"
        return VerifiedPackage(
            name=self.name,
            version=self.version,
            ok=ok,
            modules=self.modules,
            seconds=round(self.seconds, 3),
            error=error,
            remark=remark,
            facts=tuple(self.facts),
        )


class Bench:
    """One job: its environment and what has been found out so far."""

    def __init__(
        self,
        settings: Settings,
        environment: Environment,
        target: KernelTarget,
        seconds: float,
        running: Running,
        keep: Callable[[Verification], object],
    ) -> None:
        self._settings = settings
        self._keep_it = keep
        self._environment = environment
        self._target = target
        self._seconds = seconds
        self._running = running
        self._created = now()
        self._python = environment.python
        self._kept_at = 0.0

    def carry_out(self, items: list[Item]) -> Verification:
        """Import all together, as a program would; what fails alone once more."""
        self._items = items
        self._running.plan([("import", "Importing its packages", 1.0)])
        with durable.private_directory(self._settings.cache) as place:
            while True:
                left = [i for i, item in enumerate(items) if item.is_open]
                self._run("import", left[:_MOST_AT_ONCE], place)
                if not any(item.is_open for item in items):
                    break
            for index, item in enumerate(items):
                if item.error and not item.absent and not item.first:
                    self._alone(index, item, place)
        made = self._keep(complete=True)
        for line in made.lines:
            self._running.emit(Output(line))
        self._running.emit(Output(made.summary))
        self._running.emit(Progress(1.0, made.summary))
        return made

    def _alone(self, index: int, item: Item, place: Path) -> None:
        """Whether it is its own fault, or that of what was imported before it."""
        together = item.error
        item.error, item.begun, item.facts = None, None, []
        self._run(f"alone-{index}", [index], place)
        if not item.error:
            item.remark = f"imports alone, but not after the others: {together}"

    def _run(self, name: str, indices: list[int], place: Path) -> None:
        """One interpreter. Afterwards at least the first package is no longer open."""
        run = [self._items[index] for index in indices]
        for item in run[:1]:
            item.first = True
        heard = _Heard(self._items, self._hear)
        request = json.dumps([[index, self._items[index].modules] for index in indices])
        words = ("-c", PROGRAM, heard.mark, f"{self._seconds:g}", request)
        command = activation.command(self._settings, self._target, *words, cwd=place)
        title = f"Importing {self._items[indices[0]].name} alone" if "-" in name else ""
        step = Step(name, title, command, 0.2, heard.read, unlogged=(heard.mark,))
        outcome: Outcome | None = None
        try:
            outcome = self._running.run(
                step,
                timeout=_START + self._seconds * max(len(indices), 1),
                missing="interpreter-missing",
            )
        except EnvMgrError as error:
            if error.code != "timed-out":
                raise
        if not heard.started:
            raise _not_started(self._target, outcome)
        left = [item for item in run if item.is_open]
        if not run or (not left and outcome is not None and outcome.ok):
            return
        if not left or (left[0].begun is None and left[0] is not run[0]):
            # It ended between two imports: while it looked for a GPU, or by a thread.
            last = run[-len(left) - 1]
            last.facts = ["GPU: looking for it ended the interpreter"]
            return
        item = left[0]
        item.seconds = time.monotonic() - item.begun if item.begun else 0.0
        item.error = _ending(outcome, item.seconds, self._seconds)

    def _hear(self, heard: _Heard) -> Payload:
        self._python = heard.python or self._python
        done = [item for item in self._items if not item.is_open]
        if time.monotonic() - self._kept_at > _BETWEEN:
            self._keep(complete=False)
            self._kept_at = time.monotonic()
        return Progress(len(done) / max(len(self._items), 1), heard.current)

    def _keep(self, *, complete: bool) -> Verification:
        done = [item.result() for item in self._items if not item.is_open]
        made = concluded(
            self._environment.id,
            self._running.job.id,
            self._created,
            self._python,
            done,
            complete=complete,
        )
        try:
            self._keep_it(made)
        except OSError as error:
            if complete:
                self._running.emit(Notice(f"The result cannot be kept: {error}", "warning"))
        return made


class _Heard:
    """What one interpreter says of its packages."""

    def __init__(self, items: list[Item], hear: Callable[[_Heard], Payload]) -> None:
        self.mark = f"envmgr-{secrets.token_hex(8)}:"
        self.python = ""
        self.current = ""
        self.started = False
        self._items = items
        self._hear = hear

    def read(self, stream: Stream, line: str) -> tuple[Payload, ...]:
        """Take in a line; for each of ours there is some progress."""
        if stream != "stdout" or not line.startswith(self.mark):
            return ()
        facts = json.loads(line[len(self.mark) :])
        if "python" in facts:
            self.started, self.python = True, facts["python"]
        elif "begin" in facts:
            item = self._items[facts["begin"]]
            item.begun, self.current = time.monotonic(), item.name
        elif "end" in facts:
            item = self._items[facts["end"]]
            item.error, item.absent = facts["error"], facts["absent"]
            item.seconds = facts["seconds"]
        elif "facts" in facts:
            self._items[facts["facts"]].facts = list(facts["words"])
        return (self._hear(self),)


def _not_started(target: KernelTarget, outcome: Outcome | None) -> EnvMgrError:
    said = outcome.stderr.strip().splitlines() if outcome else ["it did not end in time"]
    last = (said or ["it said nothing"])[-1]
    return EnvMgrError("import-failed", f"{target.interpreter} does not start: {last}")


def _ending(outcome: Outcome | None, seconds: float, most: float) -> str:
    """Why an import had no end."""
    if outcome is None or (outcome.returncode == 1 and seconds >= most * 0.95):
        return f"its import did not end within {most:g} seconds"
    if outcome.returncode < 0:
        with contextlib.suppress(ValueError):
            name = signal.Signals(-outcome.returncode).name
            return f"its import crashed the interpreter ({name})"
    return f"its import ended the interpreter (exit code {outcome.returncode})"
