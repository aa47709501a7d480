"""What the handlers of one server share: the service, the threads, and who waits for news."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from importlib.resources import files
from typing import TYPE_CHECKING

from ..core.jobs.model import ENDED, Job
from ..core.wire import to_wire
from ..service.operations.table import Operation
from .lanes import Lane, Lanes
from .requests import Asked, read_body, read_query, read_subject
from .watch import Watch

if TYPE_CHECKING:
    from ..service.answers import EventList
    from ..service.context import Context


@dataclass(frozen=True)
class Reply:
    """An answer, ready to be written. ``job`` is the id of one that was started."""

    status: int
    body: bytes
    job: str | None = None


@dataclass(frozen=True)
class Incoming:
    """A request as the handler got it; ``body`` is None where it was too large to be kept."""

    segments: tuple[str, ...]
    arguments: dict[str, list[bytes]]
    body: bytes | None


class Door:
    """Carries requests into the service, in threads, and its answers back as JSON."""

    def __init__(self, open_context: Callable[[], Context]) -> None:
        """``open_context`` may raise: each request is then answered with that error."""
        self.lanes = Lanes()
        self.watch = Watch(lambda job_id: self.context.jobs.show(job_id), self.lanes.jobs)
        self._open = open_context
        self._opening = threading.Lock()
        self._context: Context | None = None

    @property
    def context(self) -> Context:
        """The service, opened at its first use. Raises what is wrong with the configuration.

        Never in the loop's thread: importing it takes a while, by which no server starts later.
        """
        with self._opening:
            if self._context is None:
                # Two threads that import modules which import each other can see them half made.
                from ..service.operations import types  # noqa: F401
                from . import verbs  # noqa: F401

                self._context = self._open()
            return self._context

    @cached_property
    def document(self) -> bytes:
        """The OpenAPI document. Read from the disk at the first call: in a thread."""
        return files("jupyter_envmgr").joinpath("schema/openapi.json").read_bytes()

    async def answer(self, operation: Operation, incoming: Incoming) -> Reply:
        """Do what a request asks. Raises `EnvMgrError`, and whatever nobody expected."""
        query = read_query(operation, incoming.arguments)
        planned = bool(query.get("plan"))
        lane = self._lane(operation, query, planned=planned)
        if query.get("wait"):
            return await self._wait(operation, incoming, query)
        return await lane.run(lambda: self._do(operation, incoming, query, planned=planned))

    def _lane(self, operation: Operation, query: dict[str, object], *, planned: bool) -> Lane:
        if operation.name.startswith("jobs."):
            return self.lanes.jobs
        if operation.name == "environments.size" or query.get("size"):
            return self.lanes.measuring
        if query.get("solve") or (operation.slow and (operation.only_looks or planned)):
            return self.lanes.asking
        if operation.method == "GET" or planned:
            return self.lanes.reading
        return self.lanes.writing

    def _do(
        self, operation: Operation, incoming: Incoming, query: dict[str, object], *, planned: bool
    ) -> Reply:
        """Blocking, from the bytes of the request to those of the answer."""
        context = self.context
        from .verbs import VERBS

        subject = read_subject(operation, incoming.segments)
        asked = Asked(subject, query, read_body(operation, incoming.body))
        verb = VERBS[operation.name]
        if planned:
            assert verb.plan
            return Reply(200, encode(verb.plan(context, asked)))
        answer = verb.run(context, asked)
        job = answer.id if isinstance(answer, Job) and operation.status == 202 else None
        return Reply(operation.status, encode(answer), job)

    async def _wait(
        self, operation: Operation, incoming: Incoming, query: dict[str, object]
    ) -> Reply:
        """The events of a job as soon as there are new ones."""
        subject = read_subject(operation, incoming.segments)
        read_body(operation, incoming.body)
        after, seconds = int(str(query.get("after", 0))), float(str(query["wait"]))

        def look() -> EventList:
            return self.context.jobs.events(subject, after)

        found = await self.lanes.jobs.run(look)
        if not found.events and found.job.state not in ENDED:
            await self.watch.news(subject, after, seconds)
            found = await self.lanes.jobs.run(look)
        return await self.lanes.jobs.run(lambda: Reply(operation.status, encode(found)))

    async def close(self) -> None:
        """Let those go who wait, and end this server's jobs: 5 seconds at most."""
        self.watch.close()
        if self._context is None:
            return
        closing = Lane("envmgr-closing")
        await closing.run(self._context.jobs.close)


def encode(answer: object) -> bytes:
    """JSON. Escaped to ASCII: a path on the disk may hold what UTF-8 cannot."""
    if isinstance(answer, bytes):
        return answer
    return json.dumps(to_wire(answer), separators=(",", ":")).encode()
