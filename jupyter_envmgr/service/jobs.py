"""Jobs: long operations that survive the page, the tab, and as far as possible the server."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from ..core.clock import now
from ..core.errors import EnvMgrError
from ..core.events import Event, Finished
from ..core.jobs.log import fold
from ..core.jobs.model import ENDED, Job
from ..core.settings import Settings
from ..system import holder, process
from ..system.holder import is_alive
from ..system.jobstore import JobStore, new_id
from .activity import Activity, declare_interrupted
from .answers import EventList, JobList, LoggedEvent
from .running import Runner, Running

__all__ = ["Jobs", "Running", "Work"]

Work = Callable[[Running], dict[str, str] | None]
"""Does a job's work; what it returns is the job's result."""

MOST_ENDED = 200
_SILENCE = 60.0
_FOREIGN_POLL = 0.1
_COALESCE = 0.05
_FLUSH = 0.05
_LOOK = 0.25
_BEAT = 10.0
_CLOSING = 5.0
_log = logging.getLogger(__name__)


class Jobs:
    """All jobs of this person, those of other processes too. For use from many threads."""

    def __init__(
        self,
        settings: Settings,
        on_change: Callable[[Job], object] | None = None,
        *,
        runner: Runner = process.run,
    ) -> None:
        self._settings = settings
        self._on_change = on_change
        self._runner = runner
        self._store = JobStore(settings.jobs)
        self._changed = threading.Condition()
        self._active: dict[str, Activity] = {}
        self._queue: deque[Activity] = deque()
        self._threads: dict[str, threading.Thread] = {}
        self._slots = max(1, settings.max_running_jobs)
        self._ticker: threading.Thread | None = None
        self._closing = False

    # -- what a door asks ---------------------------------------------------------------------

    def new_id(self) -> str:
        """An id for a job that is started later, to be written into records before that."""
        return new_id()

    def start(
        self, operation: str, subject: str, title: str, work: Work, job_id: str | None = None
    ) -> Job:
        """Write the job down, durably, and have ``work`` run in a thread when its turn comes.

        A job that is cancelled while it waits has its work run too: the first `Running.check`,
        ``step`` or ``run`` raises ``cancelled``, and what was reserved for it is given back.
        """
        if self._closing:
            raise EnvMgrError("wrong-state", "the server is shutting down")
        job = Job(
            id=job_id or new_id(),
            operation=operation,
            subject=subject,
            title=title,
            state="queued",
            created=now(),
            holder=holder.current(self._settings.door),
        )
        self._store.create(job)
        activity = Activity(job, work, self._store, self._changed, self._runner)
        self._tell(job)  # before it can be taken from the queue, by which it is running
        with self._changed:
            self._active[job.id] = activity
            self._queue.append(activity)
            self._tick_from_now_on()
        self._dispatch()
        return activity.job

    def list(self) -> JobList:
        """All jobs, the newest first."""
        jobs = (self._find(job_id) for job_id in self._store.ids())
        return JobList(tuple(job for job in jobs if job is not None))

    def show(self, job_id: str) -> Job:
        """One job. Raises ``no-such-job``."""
        job = self._find(job_id)
        if job is None:
            raise EnvMgrError("no-such-job", f"there is no job {job_id!r}")
        return job

    def events(self, job_id: str, after: int = 0) -> EventList:
        """The events after ``after``, and the job at that moment.

        The last event of a job, ``finished``, is there exactly when the job's state says so.
        """
        with self._changed:
            activity = self._active.get(job_id)
            if activity is not None:
                return _answer(activity.events, after, activity.job)
        job = self.show(job_id)
        return _answer(self._visible(job), after, job)

    def wait(self, job_id: str, after: int, seconds: float) -> EventList:
        """`events`, waiting up to ``seconds`` for the first one or for the job's end. Blocks."""
        deadline = time.monotonic() + seconds
        while True:
            answer = self.events(job_id, after)
            left = deadline - time.monotonic()
            if answer.events or answer.job.state in ENDED or left <= 0 or self._closing:
                return answer
            with self._changed:
                activity = self._active.get(job_id)
                if activity is not None:
                    self._changed.wait_for(partial(self._has_news, activity, after), left)
            if activity is None:
                time.sleep(min(_FOREIGN_POLL, left))
            elif not activity.is_ended and left > _COALESCE:
                # Lines come in crowds: one answer for many is worth a moment.
                time.sleep(_COALESCE)

    def _has_news(self, activity: Activity, after: int) -> bool:
        return self._closing or activity.is_ended or activity.job.seq > after

    def cancel(self, job_id: str) -> Job:
        """Have a job end, whichever process runs it. Raises ``wrong-state`` if it has ended."""
        job = self.show(job_id)
        if job.state in ENDED:
            raise EnvMgrError("wrong-state", f"{job.title}: it has {_ENDINGS[job.state]} already")
        with self._changed:
            activity = self._active.get(job_id)
        if activity is None:
            self._store.ask_cancel(job_id)
            return self.show(job_id)
        self._cancel_own(activity)
        return activity.job

    def remove(self, job_id: str) -> Job:
        """Forget a job that has ended. Raises ``wrong-state`` for one that has not."""
        job = self.show(job_id)
        with self._changed:
            if job.state not in ENDED or job_id in self._active:
                raise EnvMgrError("wrong-state", f"{job.title}: it is {job.state}; cancel it first")
        self._store.remove(job_id)
        return job

    def recover(self) -> tuple[Job, ...]:
        """Say of every job whose process is gone that it was interrupted; those jobs."""
        alive = [i for i in self._store.ids() if (job := self._store.read(i)) and not _ended(job)]
        found = [self._find(i) for i in alive]
        self._store.tidy()
        self._prune()
        return tuple(job for job in found if job is not None and job.state == "interrupted")

    def close(self) -> None:
        """Interrupt what runs: its tools are killed, its cleaning up is done. 5 seconds at most."""
        with self._changed:
            self._closing = True
            activities = list(self._active.values())
            self._changed.notify_all()
        for activity in activities:
            activity.interrupt()
        self._dispatch()
        deadline = time.monotonic() + _CLOSING
        with self._changed:
            threads = list(self._threads.values())
        for thread in threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        ticker = self._ticker
        if ticker is not None and ticker is not threading.current_thread():
            ticker.join(max(0.1, deadline - time.monotonic()))

    # -- running --------------------------------------------------------------------------------

    def _dispatch(self) -> None:
        """Start what may run. What is to end anyway needs no slot, since it runs nothing."""
        while True:
            with self._changed:
                running = sum(not self._active[i].is_stopping for i in self._threads)
                ready = [a for a in self._queue if a.is_stopping or running < self._slots]
                if not ready:
                    return
                activity = ready[0]
                self._queue.remove(activity)
                thread = threading.Thread(
                    target=self._run, args=(activity,), name=f"job-{activity.id}", daemon=True
                )
                self._threads[activity.id] = thread
            try:
                thread.start()
            except RuntimeError as error:
                activity.fail(EnvMgrError("out-of-resources", f"cannot start a thread: {error}"))
                self._finished(activity)

    def _run(self, activity: Activity) -> None:
        try:
            if activity.begin():
                self._tell(activity.job)
            activity.work()
        except BaseException:
            _log.exception("job %s", activity.id)
        finally:
            self._finished(activity)

    def _finished(self, activity: Activity) -> None:
        with self._changed:
            self._threads.pop(activity.id, None)
            if activity.is_written:
                self._active.pop(activity.id, None)
            self._changed.notify_all()
        self._tell(activity.job)
        self._dispatch()
        self._prune()

    def _cancel_own(self, activity: Activity) -> None:
        if activity.cancel():
            self._tell(activity.job)
            self._dispatch()

    def _tick_from_now_on(self) -> None:
        if self._ticker is None:
            self._ticker = threading.Thread(target=self._tick, name="jobs", daemon=True)
            self._ticker.start()

    def _tick(self) -> None:
        """Write logs, look for requests to cancel, and show life, while there are jobs."""
        looked = beaten = time.monotonic()
        while True:
            with self._changed:
                activities = list(self._active.values())
                if not activities or (self._closing and not self._threads):
                    self._ticker = None
                    return
            moment = time.monotonic()
            look, beat = moment - looked >= _LOOK, moment - beaten >= _BEAT
            looked, beaten = (moment if look else looked), (moment if beat else beaten)
            for activity in activities:
                try:
                    activity.flush(moment)
                    if look and self._store.cancel_asked(activity.id):
                        self._cancel_own(activity)
                    if beat:
                        activity.beat()
                    if beat and activity.is_ended and activity.write_end():
                        self._finished(activity)
                except Exception:
                    _log.exception("job %s", activity.id)
            time.sleep(_FLUSH)

    # -- reading ----------------------------------------------------------------------------------

    def _find(self, job_id: str) -> Job | None:
        with self._changed:
            activity = self._active.get(job_id)
            if activity is not None:
                return activity.job
        job = self._store.read(job_id)
        if job is None or job.state in ENDED:
            return job
        alive = is_alive(job.holder)
        if alive is None:
            alive = self._store.silence(job_id) <= _SILENCE
        if not alive:
            return self._interrupt(job)
        return fold(job, self._visible(job))

    def _visible(self, job: Job) -> Sequence[Event]:
        """The events of a job; not its end before its state is written, which comes right after."""
        events = self._store.events(job.id)
        if events and job.state not in ENDED and isinstance(events[-1].payload, Finished):
            return events[:-1]
        return events

    def _interrupt(self, job: Job) -> Job:
        """Write down, once, that the process of a job is gone."""
        mine = holder.current(self._settings.door)
        ended = declare_interrupted(job, self._store, mine)
        if ended is not job:
            self._tell(ended)
        return ended

    def _prune(self) -> None:
        """Forget the oldest of the ended jobs, beyond the number that is kept."""
        try:
            ids = self._store.ids()
            if len(ids) <= MOST_ENDED:
                return
            ended = [i for i in ids if (job := self._store.read(i)) and job.state in ENDED]
            for job_id in ended[MOST_ENDED:]:
                self._store.remove(job_id)
        except EnvMgrError:
            _log.warning("old jobs cannot be removed", exc_info=True)

    def _tell(self, job: Job) -> None:
        if self._on_change is None:
            return
        try:
            self._on_change(job)
        except Exception:
            _log.exception("nobody was told that job %s is %s", job.id, job.state)


_ENDINGS = {
    "succeeded": "succeeded",
    "failed": "failed",
    "cancelled": "been cancelled",
    "interrupted": "been interrupted",
}


def _ended(job: Job) -> bool:
    return job.state in ENDED


def _answer(events: Sequence[Event], after: int, job: Job) -> EventList:
    # seq counts from 1 without gaps, so it is the index of the event that follows.
    return EventList(tuple(map(_logged, events[max(0, after) :])), job)


_LOGGED = frozenset(field.name for field in dataclasses.fields(LoggedEvent))


def _logged(event: Event) -> LoggedEvent:
    payload = event.payload
    values = {
        field.name: getattr(payload, field.name)
        for field in dataclasses.fields(payload)
        if field.name in _LOGGED
    }
    return replace(LoggedEvent(event.seq, event.time, payload.type), **values)
