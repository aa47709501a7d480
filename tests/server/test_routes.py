"""Every route asks who it is and whether they may, and answers errors as problems."""

from __future__ import annotations

import re
from typing import Any

import pytest
from jupyter_server.auth import Authorizer

from jupyter_envmgr.server.app import EnvMgrApp
from jupyter_envmgr.server.handlers import Handler
from jupyter_envmgr.service.operations.table import OPERATIONS, Operation
from tests.server.conftest import Ask

DOCUMENT = ("GET", "/openapi.json")
# Bytes instead of JSON: they are no operations of the table. What each asks for.
FILES = {
    ("GET", "/jobs/some-thing/archive"): "read",
    ("POST", "/uploads"): "write",
    ("PUT", "/uploads/some-thing"): "write",
    ("DELETE", "/uploads/some-thing"): "write",
}
ROUTES = [(o.method, re.sub(r"{\w+}", "some-thing", o.path)) for o in OPERATIONS]
EVERY_METHOD = ("GET", "POST", "PUT", "PATCH", "DELETE")


def test_every_operation_has_a_route_and_every_route_an_operation(app: EnvMgrApp) -> None:
    served = set()
    for pattern, handler, *_ in app.handlers:
        if not (isinstance(handler, type) and issubclass(handler, Handler)):
            continue
        for method in EVERY_METHOD:
            if method.lower() in vars(handler):
                served.add((method, pattern))
    described = {
        (o.method, "/envmgr/api" + re.sub(r"{\w+}", "([^/]+)", o.path)) for o in OPERATIONS
    }
    beside = {("GET", "/envmgr/api/openapi.json")}
    beside |= {(m, "/envmgr/api" + p.replace("some-thing", "([^/]+)")) for m, p in FILES}
    nothing = {(method, "/envmgr/api(?:/(.*))?") for method in EVERY_METHOD}
    assert served == described | beside | nothing


@pytest.mark.parametrize(("method", "path"), [*ROUTES, *FILES, DOCUMENT, ("POST", "/no/such/page")])
async def test_nobody_is_served_without_a_login(ask: Ask, method: str, path: str) -> None:
    answer = await ask(method, path, headers={})
    assert answer.status == 403
    assert answer.json["code"] == "not-allowed"
    assert answer.headers["Content-Type"].startswith("application/problem+json")


class Denies(Authorizer):
    """An authorizer that allows nothing and remembers what it was asked."""

    def is_authorized(self, handler: Any, user: Any, action: str, resource: str) -> bool:
        handler.settings.setdefault("asked", []).append((action, resource))
        return False


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
async def test_who_is_not_authorised_is_refused_and_the_tables_action_is_what_is_asked(
    ask: Ask, app: EnvMgrApp, operation: Operation
) -> None:
    assert app.serverapp
    settings = app.serverapp.web_app.settings
    settings["authorizer"] = Denies(parent=app.serverapp)
    settings["asked"] = []
    answer = await ask(operation.method, re.sub(r"{\w+}", "some-thing", operation.path))
    assert answer.status == 403
    assert answer.json["code"] == "not-allowed"
    assert settings["asked"] == [(operation.action, "envmgr")]


@pytest.mark.parametrize(("route", "action"), FILES.items())
async def test_files_are_for_those_who_may_and_nobody_else(
    ask: Ask, app: EnvMgrApp, route: tuple[str, str], action: str
) -> None:
    assert app.serverapp
    settings = app.serverapp.web_app.settings
    settings["authorizer"] = Denies(parent=app.serverapp)
    settings["asked"] = []
    answer = await ask(*route)
    assert (answer.status, answer.json["code"]) == (403, "not-allowed")
    assert settings["asked"] == [(action, "envmgr")]


@pytest.mark.parametrize("path", ["/openapi.json", "/no/such/page", ""])
async def test_what_is_no_operation_is_for_those_who_may_read(
    ask: Ask, app: EnvMgrApp, path: str
) -> None:
    assert app.serverapp
    settings = app.serverapp.web_app.settings
    settings["authorizer"] = Denies(parent=app.serverapp)
    settings["asked"] = []
    assert (await ask("GET", path)).status == 403
    assert settings["asked"] == [("read", "envmgr")]


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("path", ["/environments", "/jobs/x/events", "/openapi.json", "/nothing"])
async def test_no_other_method_tells_anything(ask: Ask, method: str, path: str) -> None:
    """OPTIONS is Jupyter's own: a browser asks it before it sends who it is (CORS)."""
    answer = await ask(method, path, headers={})
    assert answer.status == (200 if method == "OPTIONS" else 405)
    assert answer.body == b"" or answer.json["code"] == "no-such-method"


@pytest.mark.parametrize(
    ("method", "path"), [route for route in [*ROUTES, *FILES] if route[0] != "GET"], ids=str
)
async def test_a_browsers_cookie_alone_changes_nothing(
    ask: Ask, app: EnvMgrApp, http_server_client: Any, jp_base_url: str, method: str, path: str
) -> None:
    """What another site makes a browser send has the cookie and no _xsrf (tornado manual)."""
    assert app.serverapp
    login = await http_server_client.fetch(
        f"{jp_base_url}login?token={app.serverapp.identity_provider.token}",
        follow_redirects=False,
        raise_error=False,
    )
    cookies = "; ".join(c.split(";")[0] for c in login.headers.get_list("Set-Cookie"))
    assert cookies
    seen = await ask("GET", "/jobs", headers={"Cookie": cookies})
    assert seen.status == 200
    refused = await ask(method, path, headers={"Cookie": cookies})
    assert refused.status == 403
    assert "_xsrf" in refused.json["detail"]


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
@pytest.mark.parametrize("path", ["", "/", "/nothing", "/environments/a/b/c", "/jobs/x/events/y"])
async def test_an_address_that_is_none_is_a_problem_too(ask: Ask, method: str, path: str) -> None:
    answer = await ask(method, path)
    assert answer.status == 404
    assert answer.json["code"] == "no-such-page"


async def test_a_method_that_an_address_does_not_take_is_a_problem(ask: Ask) -> None:
    answer = await ask("PUT", "/environments", {})
    assert answer.status == 405
    assert answer.json["code"] == "no-such-method"


@pytest.mark.parametrize(
    "path", [path for method, path in [*ROUTES, *FILES, DOCUMENT] if method == "GET"]
)
async def test_no_answer_is_kept_by_a_browser(ask: Ask, path: str) -> None:
    answer = await ask("GET", path)
    assert answer.headers["Cache-Control"] == "no-store"
