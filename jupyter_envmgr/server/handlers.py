"""What all requests have in common: who may, how much is read, how errors are answered."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, cast

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import APIHandler
from jupyter_server.utils import url_path_join
from tornado import web
from tornado.iostream import StreamClosedError

from ..service.operations.table import Action, Operation
from . import problems
from .door import Door, Incoming, Reply
from .requests import LARGEST_BODY

PREFIX = "envmgr/api"
RESOURCE = "envmgr"

Method = TypeVar("Method", bound=Callable[..., Awaitable[None]])


def guarded(action: Action) -> Callable[[Method], Method]:
    """For who is logged in, and whom the authorizer lets do ``action`` with our resource."""

    def decorate(method: Method) -> Method:
        allowed: Method = authorized(action, resource=RESOURCE)(method)
        return cast(Method, web.authenticated(allowed))

    return decorate


@web.stream_request_body
class Handler(APIHandler):
    """A request: its body is kept up to a limit, and everything that goes wrong is a problem."""

    auth_resource = RESOURCE

    def initialize(self, door: Door) -> None:
        """Called by tornado for each request."""
        self.door = door
        self._received: bytearray | None = bytearray()
        self._work: asyncio.Future[Reply] | None = None

    def data_received(self, chunk: bytes) -> None:
        """A piece of the body. jupyter_server takes half a gigabyte into memory; this does not."""
        if self._received is None or len(self._received) + len(chunk) > LARGEST_BODY:
            self._received = None
        else:
            self._received += chunk

    @property
    def received(self) -> bytes | None:
        """The body; None where it was too large to be kept."""
        return None if self._received is None else bytes(self._received)

    async def respond(self, operation: Operation, *segments: str) -> None:
        """Answer with what the operation gives, or with what went wrong."""
        self._only_looks = operation.only_looks
        incoming = Incoming(segments, self.request.query_arguments, self.received)
        try:
            self._work = asyncio.ensure_future(self.door.answer(operation, incoming))
            reply = await self._work
        except asyncio.CancelledError:
            if not self._is_gone:
                raise
        except Exception as error:
            self.write_problem(error)
        else:
            self.set_status(reply.status)
            if reply.job is not None:
                self.set_header("Location", url_path_join(self.base_url, PREFIX, "jobs", reply.job))
            with contextlib.suppress(StreamClosedError):  # nobody is there any more
                await self.finish(reply.body)

    def set_default_headers(self) -> None:
        """Nothing here may be kept by a browser or a proxy."""
        super().set_default_headers()
        self.set_header("Cache-Control", "no-store")

    def compute_etag(self) -> str | None:
        """None: what nobody keeps needs no tag, and hashing a long list would hold the loop."""
        return None

    _is_gone = False
    _only_looks = False

    def on_connection_close(self) -> None:
        """Nobody is there any more: what only looks is not begun, or not waited for."""
        super().on_connection_close()
        self._is_gone = True
        if self._work is not None and self._only_looks:
            self._work.cancel()

    def write_problem(self, error: BaseException) -> None:
        """Answer with an error."""
        status, problem = problems.status_and_problem(error, self.log)
        self.set_status(status)
        self.finish(problems.encode(status, problem), set_content_type=problems.CONTENT_TYPE)

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """The errors of tornado and jupyter_server: no login, no authority, no such method."""
        error = kwargs.get("exc_info", (None, None))[1]
        self.write_problem(error or web.HTTPError(status_code))
