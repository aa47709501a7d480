"""Threads for work that may wait for a disk, a process or a lock, which the loop never does."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Lane:
    """A few threads with a queue of their own, so that slow work of one kind delays no other kind.

    They are daemons, unlike those of `concurrent.futures`: a network file system that hangs keeps
    a thread for ever, but must not keep the server from ending.
    """

    def __init__(self, name: str, threads: int = 1) -> None:
        self._name = name
        self._missing = threads
        self._queue: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
        self._lock = threading.Lock()

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have ``work`` done when its turn comes; until then it can be cancelled."""
        future: Future[T] = Future()
        self._queue.put((future, work))
        with self._lock:
            if self._missing:
                self._missing -= 1
                threading.Thread(target=self._serve, name=self._name, daemon=True).start()
        return future

    async def run(self, work: Callable[[], T]) -> T:
        """What ``work`` returns or raises."""
        return await asyncio.wrap_future(self.submit(work))

    def _serve(self) -> None:
        while True:
            future, work = self._queue.get()
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:
                    future.set_exception(error)
            # What is done must not live on until the next work comes.
            del future, work


class Lanes:
    """The lanes of the server.

    ``reading`` has one thread: a second one that computes takes its share of the interpreter from
    the loop, and makes no scan quicker (measured in ``benchmarks/loop.py``). ``asking`` is for
    what waits for a solver or another tool, ``files`` for archives that are downloaded.
    """

    def __init__(self) -> None:
        self.reading = Lane("envmgr-reading")
        self.measuring = Lane("envmgr-measuring")
        self.asking = Lane("envmgr-asking", threads=2)
        self.jobs = Lane("envmgr-jobs")
        self.writing = Lane("envmgr-writing", threads=2)
        self.files = Lane("envmgr-files", threads=2)
