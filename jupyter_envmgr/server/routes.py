"""The routes: one handler class for each path of the table of operations."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from typing import Any

from ..core.errors import EnvMgrError
from ..service.operations.table import OPERATIONS, Operation
from .door import Door
from .files import ROUTES
from .handlers import PREFIX, Handler, guarded


class NoSuchPage(Handler):
    """Every other address below the prefix."""

    @guarded("read")
    async def get(self, path: str | None) -> None:
        """Say so."""
        shown = f"{PREFIX}/{path or ''}"[:200]
        self.write_problem(EnvMgrError("no-such-page", f"there is nothing at {shown!r}"))

    # One action and one resource: these may share the decorated method.
    post = put = patch = delete = get


class Document(Handler):
    """The OpenAPI document of these routes."""

    @guarded("read")
    async def get(self) -> None:
        """The document as it is committed."""
        await self.finish(await self.door.lanes.reading.run(lambda: self.door.document))


def routes(door: Door) -> list[tuple[str, type[Handler], dict[str, Any]]]:
    """All routes, below the server's base URL."""
    found: list[tuple[str, type[Handler], dict[str, Any]]] = []
    for path in dict.fromkeys(operation.path for operation in OPERATIONS):
        pattern = re.sub(r"{\w+}", "([^/]+)", path)
        found.append((f"/{PREFIX}{pattern}", handler_of(path), {"door": door}))
    found += [(pattern, handler, {"door": door}) for pattern, handler in ROUTES]
    found.append((f"/{PREFIX}/openapi.json", Document, {"door": door}))
    found.append((f"/{PREFIX}(?:/(.*))?", NoSuchPage, {"door": door}))
    return found


def handler_of(path: str) -> type[Handler]:
    """The handler of a path, with a method for each operation that has this path."""
    words = re.findall(r"[a-z]+", path)
    verbs = {o.method.lower(): _verb(o) for o in OPERATIONS if o.path == path}
    return type("".join(map(str.title, words)) + "Handler", (Handler,), verbs)


def _verb(operation: Operation) -> Callable[..., Awaitable[None]]:
    """A decorated method of its own: `authorized` remembers action and resource in each."""

    @guarded(operation.action)
    async def verb(self: Handler, *segments: str) -> None:
        await self.respond(operation, *segments)

    return verb
