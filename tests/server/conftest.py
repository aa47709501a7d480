"""A Jupyter server with the extension, on an empty home; and a client that reads its answers."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from tornado.httpclient import HTTPResponse

from jupyter_envmgr.server.app import EnvMgrApp


@pytest.fixture
def jp_server_config(jp_home_dir: Path) -> dict[str, Any]:
    """The extension switched on, its root in the empty home, and an index that answers nobody."""
    return {
        "ServerApp": {"jpserver_extensions": {"jupyter_envmgr": True}},
        "EnvMgr": {
            "root": str(jp_home_dir / ".envmgr"),
            "index_url": "http://127.0.0.1:9/simple",
            "allow_downloads": False,
        },
    }


@pytest.fixture
def app(jp_serverapp: Any) -> EnvMgrApp:
    """The extension as the server loaded it."""
    (found,) = jp_serverapp.extension_manager.extension_apps["jupyter_envmgr"]
    assert isinstance(found, EnvMgrApp)
    return found


@dataclass(frozen=True)
class Answer:
    """What came back. ``json`` is None for an empty body."""

    status: int
    json: Any
    headers: Any
    body: bytes


Ask = Callable[..., Awaitable[Answer]]


@pytest.fixture
def ask(
    app: EnvMgrApp, http_server_client: Any, jp_auth_header: dict[str, str], jp_base_url: str
) -> Ask:
    """Sends a request to an address below ``…/envmgr/api``, as it stands; errors are answers.

    The token is sent unless ``headers`` are given.
    """

    async def send(
        method: str,
        path: str,
        body: Any = None,
        /,
        *,
        headers: dict[str, str] | None = None,
        timeout: float = 20,
        **query: Any,
    ) -> Answer:
        address = f"{jp_base_url}envmgr/api{path}"
        if query:
            address += ("&" if "?" in path else "?") + urlencode(query)
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is None and method in ("POST", "PATCH", "PUT"):
            body = b""
        response: HTTPResponse = await http_server_client.fetch(
            address,
            method=method,
            body=body,
            headers=jp_auth_header if headers is None else headers,
            raise_error=False,
            request_timeout=timeout,
            follow_redirects=False,
            allow_nonstandard_methods=True,
        )
        kind = response.headers.get("Content-Type", "")
        content = json.loads(response.body) if "json" in kind and response.body else None
        return Answer(response.code, content, response.headers, response.body)

    return send
