"""Writes the bytecode of conda environments that are ready: one at a time, when nobody waits.

rattler writes none, so that the first import of a package takes several times as long, and each
one where the environment lies on a disk that its users may not write to. Nobody asked for it, so
it is no job; whatever is done with the environment ends it, and what is missing then Python itself
writes. A command line does none of it: it would have to wait, or to leave a process behind.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from pathlib import Path

from ...core.commands import Command
from ...core.environment_variables import scrub
from ...core.errors import EnvMgrError
from ...core.jobs.model import ENDED, Job
from ...core.packages.bytecode_program import MARK, PROGRAM
from ...system import holder, process
from ...system.locks import Lock
from ..context import Context
from . import managed

_AFTER = frozenset(
    {
        "environments.create",
        "environments.recreate",
        "environments.rename",
        "environments.revert",
        "archives.import",
        "packages.change",
    }
)
_LONGEST = 3600.0
_log = logging.getLogger(__name__)


class BytecodeWriter:
    """What a server has for its environments. `told` may be called from any thread."""

    def __init__(self, context: Callable[[], Context]) -> None:
        self._context = context
        self._waiting: list[str] = []
        self._changed = threading.Condition()
        self._busy: dict[str, str] = {}
        self._thread: threading.Thread | None = None
        self._current = ""
        self._stop = threading.Event()
        self._closed = False

    def told(self, job: Job) -> None:
        """A job has another state: what it is about is let alone, or looked at when it is done."""
        name = job.result.get("environment", job.subject)
        with self._changed:
            if job.state in ENDED:
                self._busy.pop(job.id, None)
            else:
                self._busy[job.id] = job.subject
                if self._current == job.subject:
                    self._stop.set()
            if job.state == "succeeded" and job.operation in _AFTER and name not in self._waiting:
                self._waiting.append(name)
            if self._waiting and self._thread is None and not self._closed:
                self._thread = threading.Thread(target=self._work, name="bytecode", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def close(self) -> None:
        """End it; return when its process is gone."""
        with self._changed:
            self._closed = True
            self._stop.set()
            thread = self._thread
            self._changed.notify_all()
        if thread is not None:
            thread.join()

    def wait(self, timeout: float) -> bool:
        """Until nothing is left to be done; whether that was in ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._thread is None, timeout)

    def _next(self) -> str | None:
        """One that no job is about, when there is one; None when there is nothing to do."""
        with self._changed:
            self._current = ""
            while True:
                if self._closed or not self._waiting:
                    self._thread = None
                    self._changed.notify_all()
                    return None
                for name in self._waiting:
                    if name not in self._busy.values():
                        self._waiting.remove(name)
                        self._current = name
                        self._stop.clear()
                        return name
                self._changed.wait()

    def _work(self) -> None:
        while (name := self._next()) is not None:
            try:
                self._write(name)
            except EnvMgrError as error:
                _log.info("no bytecode of %s: %s", name, error.detail)
                if error.code == "cancelled":
                    with self._changed:
                        if name not in self._waiting:
                            self._waiting.append(name)
            except Exception:
                _log.exception("no bytecode of %s", name)

    def _write(self, identifier: str) -> None:
        context = self._context()
        environment = context.catalogue.environment(identifier)
        prefix = Path(environment.path)
        directory = managed.made_by(prefix) or ""
        if environment.kind != "conda" or not environment.interpreter or not directory:
            return
        settings = context.settings
        argv = (environment.interpreter, "-I", "-S", "-X", MARK, "-c", PROGRAM)
        command = Command(
            (*argv, str(prefix / managed.MARKER), directory),
            scrub(settings.environ),
            settings.root,
        )
        one = Lock(settings.cache / f"{MARK}.lock", holder.current(settings.door), "bytecode")
        with one:
            outcome = process.run(
                command,
                on_line=lambda stream, line: None,
                cancelled=self._stop.is_set,
                timeout=_LONGEST,
                missing="interpreter-missing",
            )
        _log.debug("bytecode of %s: %s files", identifier, outcome.stdout.strip())
