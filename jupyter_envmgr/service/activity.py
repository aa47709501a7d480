"""One job that this process runs: its events, its states, and writing both down."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace

from ..core.clock import now
from ..core.errors import EnvMgrError, Problem
from ..core.events import Event, Finished, Notice, Output, Payload, Progress, StepStarted
from ..core.jobs.log import encode, fold
from ..core.jobs.model import ENDED, Holder, Job, JobState
from ..core.jobs.progress import Throttle
from ..system.jobstore import JobStore
from .running import Runner, Running

LARGEST_LOG = 5 * 1024 * 1024
_KEPT_AT_END = 200
_LOCK_PATIENCE = 2.0
_log = logging.getLogger(__name__)


class Activity:
    """A job in this process, from its start to the moment when its end is on the disk.

    ``changed`` guards what readers see and tells them of news; ``_writing`` orders the writes, so
    that nobody who reads or works waits for a disk.
    """

    def __init__(
        self,
        job: Job,
        work: Callable[[Running], dict[str, str] | None],
        store: JobStore,
        changed: threading.Condition,
        runner: Runner,
    ) -> None:
        self.id = job.id
        self.job = job
        self.events: list[Event] = []
        self.is_written = False
        self.running = Running(lambda: self.job, self.emit, runner)
        self._work = work
        self._store = store
        self._changed = changed
        self._writing = threading.RLock()
        self._file = store.open_log(job.id)
        self._unwritten: list[bytes] = []
        self._size = 0
        self._left_out: deque[Output] = deque(maxlen=_KEPT_AT_END)
        self._count_left_out = 0
        self._throttle = Throttle()
        self._interrupted = False
        self._trouble: EnvMgrError | OSError | None = None
        self._end: tuple[Event, Job] | None = None

    @property
    def is_ended(self) -> bool:
        """Whether it has ended, for those who read."""
        return self.job.state in ENDED

    @property
    def is_stopping(self) -> bool:
        """Whether somebody wants it to end."""
        return self.running.is_stopping

    def begin(self) -> bool:
        """Become ``running``, durably; not if it is to end before it began."""
        if self.is_stopping:
            return False
        with self._writing, self._changed:
            self.job = replace(self.job, state="running", started=now())
            self._changed.notify_all()
        try:
            self._store.write(self.job)
        except OSError as error:
            self._trouble = error
        return True

    def work(self) -> None:
        """Do the work, take back what it made if it does not succeed, and write down the end."""
        try:
            if self._trouble is not None:
                raise self._trouble
            result = self._work(self.running)
        except BaseException as error:
            self._not_succeeded(error)
        else:
            self._finish("succeeded", None, dict(result or {}))

    def fail(self, error: EnvMgrError) -> None:
        """End without having run."""
        self._not_succeeded(error)

    def cancel(self) -> bool:
        """Ask the work to end; False if that was asked before."""
        with self._changed:
            if self.is_ended or self.job.cancelling:
                return False
            self.job = replace(self.job, cancelling=True)
            self._changed.notify_all()
        self.running.stop()
        try:
            self._store.ask_cancel(self.id)
        except EnvMgrError:
            _log.warning("other processes do not see that job %s is cancelled", self.id)
        return True

    def interrupt(self) -> None:
        """Ask the work to end because this process does, or because it was given up for dead."""
        self._interrupted = True
        self.running.stop()

    def emit(self, payload: Payload) -> None:
        """Add an event: numbered, shown to readers at once, written a moment later."""
        with self._changed:
            if isinstance(payload, Progress):
                due = self._throttle.offer(payload, time.monotonic())
            else:
                due = None
                held = self._throttle.last(time.monotonic())
                if held is not None and isinstance(payload, StepStarted):
                    self._append(held)
                self._append(payload)
            if due is not None:
                self._append(due)

    def flush(self, moment: float) -> None:
        """Write down what has come since the last time. An error leaves it for the next time."""
        with self._changed:
            due = self._throttle.due(moment)
            if due is not None:
                self._append(due)
        try:
            self._write_events()
        except OSError as error:
            _log.debug("the log of job %s waits: %s", self.id, error)

    def beat(self) -> None:
        """Show life, and see whether somebody who did not see any has given this job up."""
        self._store.beat(self.id)
        written = self._store.read(self.id)
        if not self.is_ended and (written is None or written.state in ENDED):
            self.interrupt()

    def write_end(self) -> bool:
        """Write down the end, unless somebody did who took this process for dead."""
        with self._writing:
            if self._end is None or self.is_written:
                return self.is_written
            event, ended = self._end
            try:
                with self._store.lock(self.id, self.job.holder, "ending").held(_LOCK_PATIENCE):
                    written = self._store.read(self.id)
                    if written is not None and written.state not in ENDED:
                        self._write_events()
                        self._file.append_events([event])
                        self._store.write(ended)
                    elif written is not None:
                        self._end = event, written
                    self.is_written = True
            except (OSError, EnvMgrError) as error:
                _log.warning("the end of job %s cannot be written down: %s", self.id, error)
            finally:
                self._file.close()
            return self.is_written

    def _not_succeeded(self, error: BaseException) -> None:
        running = self.running
        is_cancel = isinstance(error, EnvMgrError) and error.code == "cancelled"
        problem: Problem | None = None
        state: JobState = "failed"
        if not is_cancel:
            problem = running.problem_of(error)
            if not isinstance(error, EnvMgrError):
                running.log_traceback(error)
        elif self._interrupted and not self.job.cancelling:
            state = "interrupted"
            problem = _interruption(self.job)
        else:
            state = "cancelled"
        running.undo()
        self._finish(state, problem, {})

    def _finish(self, state: JobState, problem: Problem | None, result: dict[str, str]) -> None:
        """Write the end first, then show it: who has seen a job end will see it so for ever."""
        assert state in ("succeeded", "failed", "cancelled", "interrupted")
        with self._changed:
            self._last_words(state == "succeeded")
            event = Event(len(self.events) + 1, now(), Finished(state, problem))
            ended = replace(fold(self.job, [event]), result=result)
            self._end = event, ended
        self.write_end()
        with self._changed:
            event, ended = self._end
            self.events.append(event)
            self.job = ended
            self._changed.notify_all()

    def _last_words(self, succeeded: bool) -> None:
        held = self._throttle.last(time.monotonic())
        if held is not None:
            self._append(held)
        if self._count_left_out:
            missing = self._count_left_out - len(self._left_out)
            self._keep(Notice(f"{missing} lines of output were left out", "warning"))
            for output in self._left_out:
                self._keep(output)
        if succeeded and self.job.progress < 1:
            self._keep(Progress(1.0, self.job.label))

    def _append(self, payload: Payload) -> None:
        room = LARGEST_LOG - self._size
        if isinstance(payload, Output) and room <= 0:
            if not self._count_left_out:
                self._keep(Notice("The log is full: only the last lines will follow", "warning"))
            self._count_left_out += 1
            self._left_out.append(payload)
        elif isinstance(payload, (Progress, Notice)) and room < -LARGEST_LOG // 2:
            self.job = replace(self.job, progress=getattr(payload, "fraction", self.job.progress))
        else:
            self._keep(payload)

    def _keep(self, payload: Payload) -> None:
        event = Event(len(self.events) + 1, now(), payload)
        line = encode(event)
        self.events.append(event)
        self._unwritten.append(line)
        self._size += len(line)
        self.job = fold(self.job, [event])
        self._changed.notify_all()

    def _write_events(self) -> None:
        with self._writing:
            with self._changed:
                lines, self._unwritten = self._unwritten, []
            if not lines:
                return
            try:
                self._file.append(b"".join(lines))
            except BaseException:
                with self._changed:
                    self._unwritten = lines + self._unwritten
                raise


def declare_interrupted(job: Job, store: JobStore, mine: Holder) -> Job:
    """Write down that the process of ``job`` is gone. Of several who notice, one does it.

    If it died after the last event and before the state, the job ends as that event says.
    """
    problem = _interruption(job)
    try:
        with store.lock(job.id, mine, "writing down that it was interrupted"):
            written = store.read(job.id)
            if written is None or written.state in ENDED:
                return written or job
            file = store.open_log(job.id)
            try:
                file.open()
                events = file.events
                if not events or not isinstance(events[-1].payload, Finished):
                    end = Event(len(events) + 1, now(), Finished("interrupted", problem))
                    file.append_events([end])
                    events = [*events, end]
            finally:
                file.close()
            ended = fold(written, events)
            store.write(ended)
            return ended
    except (OSError, EnvMgrError) as error:
        _log.warning("that job %s was interrupted cannot be written down: %s", job.id, error)
        return replace(job, state="interrupted", problem=problem, cancelling=False)


def _interruption(job: Job) -> Problem:
    return EnvMgrError("interrupted", f"{job.holder} stopped before it was done").problem
