"""Waiting for news of jobs without a thread for each who waits."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial

from ..core.errors import EnvMgrError
from ..core.jobs.model import ENDED, Job
from .lanes import Lane

INTERVAL = 0.1
"""Seconds between two looks. Jobs of other processes tell nobody; and a tool's lines come in
crowds, so that one answer for many is worth a moment."""

_OVER = float("inf")


@dataclass(frozen=True, eq=False)
class _Waiter:
    after: int
    woken: asyncio.Future[None]


class Watch:
    """One look for all who wait, and none while nobody does. To be used in the loop's thread."""

    def __init__(self, show: Callable[[str], Job], lane: Lane) -> None:
        """``show`` is that of the jobs; it is called in the lane."""
        self._show = show
        self._lane = lane
        self._waiters: dict[str, set[_Waiter]] = {}
        self._poked = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_closed = False

    async def news(self, job_id: str, after: int, seconds: float) -> None:
        """Return when the job has an event after ``after``, has ended, or the time is up."""
        if self._is_closed:
            return
        waiter = _Waiter(after, asyncio.get_running_loop().create_future())
        self._waiters.setdefault(job_id, set()).add(waiter)
        if self._task is None:
            self._task = asyncio.create_task(self._look_while_anybody_waits())
        try:
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(waiter.woken, seconds)
        finally:
            waiters = self._waiters.get(job_id, set())
            waiters.discard(waiter)
            if not waiters:
                self._waiters.pop(job_id, None)

    def poke(self) -> None:
        """Look at once: a job has changed."""
        self._poked.set()

    def close(self) -> None:
        """Let everybody go: the server ends."""
        self._is_closed = True
        self._wake(self._waiters, lambda job_id: _OVER)
        self.poke()

    async def _look_while_anybody_waits(self) -> None:
        try:
            while self._waiters and not self._is_closed:
                self._poked.clear()
                ids = tuple(self._waiters)
                seen = await self._lane.run(partial(self._look, ids))
                self._wake(ids, seen.__getitem__)
                with contextlib.suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(self._poked.wait(), INTERVAL)
        finally:
            self._task = None

    def _wake(self, ids: Iterable[str], newest: Callable[[str], float]) -> None:
        for job_id in tuple(ids):
            for waiter in self._waiters.get(job_id, ()):
                if newest(job_id) > waiter.after and not waiter.woken.done():
                    waiter.woken.set_result(None)

    def _look(self, ids: Iterable[str]) -> dict[str, float]:
        return {job_id: self._newest(job_id) for job_id in ids}

    def _newest(self, job_id: str) -> float:
        """The seq of a job's newest event; beyond any if there will be no more. In a thread."""
        try:
            job = self._show(job_id)
        except EnvMgrError:
            return _OVER  # who waits asks again, and is told
        return _OVER if job.state in ENDED else job.seq
