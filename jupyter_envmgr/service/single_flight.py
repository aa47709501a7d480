"""One run of some work for all who ask for it meanwhile."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class _Run(Generic[T]):
    def __init__(self) -> None:
        self.fresh = False
        self.is_over = False
        self.value: T | None = None
        self.error: BaseException | None = None


class SingleFlight(Generic[T]):
    """Calls ``work`` at most once at a time, and once for all who ask while it is busy.

    Who asks during a run waits for the next one, which all who wait share: an answer never comes
    from a run that began before the question, so what was done before asking is seen in it.
    ``waiting`` is how many are waiting.
    """

    def __init__(self, work: Callable[[bool], T]) -> None:
        self._work = work
        self._changed = threading.Condition()
        self._is_busy = False
        self._next: _Run[T] | None = None
        self.waiting = 0

    def __call__(self, fresh: bool = False) -> T:
        """What ``work`` gives; ``fresh`` is passed on if anybody who shares the run wants it."""
        with self._changed:
            if self._next is None:
                self._next = _Run()
            run = self._next
            run.fresh = run.fresh or fresh
            self.waiting += 1
            while self._is_busy and not run.is_over:
                self._changed.wait()
            self.waiting -= 1
            if run.is_over:
                return _result(run)
            self._is_busy, self._next = True, None
        try:
            run.value = self._work(run.fresh)
        except BaseException as error:
            run.error = error
        with self._changed:
            self._is_busy, run.is_over = False, True
            self._changed.notify_all()
        return _result(run)


def _result(run: _Run[T]) -> T:
    if run.error is not None:
        raise run.error
    return run.value  # type: ignore[return-value]  # a run that is over has one
