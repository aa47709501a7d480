"""Answers that stay good for a while: who asks the same again is not made to wait for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """Answers by their questions, each for ``seconds``, ``most`` of them. Errors are not kept.

    Who asks what is being found out already waits for that answer, or error. Safe in many threads.
    """

    def __init__(
        self, seconds: float, most: int = 50, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds = seconds
        self._most = most
        self._clock = clock
        self._lock = threading.Lock()
        self._asked: dict[Hashable, Future[T]] = {}
        self._known: dict[Hashable, tuple[float, T]] = {}

    def __call__(self, question: Hashable, find_out: Callable[[], T]) -> T:
        """The answer that is known, else what ``find_out`` answers or raises."""
        with self._lock:
            known = self._known.get(question)
            if known is not None and self._clock() < known[0]:
                return known[1]
            mine: Future[T] = Future()
            first = self._asked.setdefault(question, mine)
        if first is not mine:
            return first.result()
        try:
            answer = find_out()
        except BaseException as error:
            with self._lock:
                del self._asked[question]
            mine.set_exception(error)
            raise
        with self._lock:
            del self._asked[question]
            self._known.pop(question, None)
            self._known[question] = (self._clock() + self._seconds, answer)
            while len(self._known) > self._most:
                del self._known[next(iter(self._known))]
        mine.set_result(answer)
        return answer
