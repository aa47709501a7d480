"""Whatever is sent, the answer is a problem that names the field, and never a fault of ours."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import logging
import re
from typing import Any

import pytest

from jupyter_envmgr.server.app import EnvMgrApp
from jupyter_envmgr.service.operations.operation import type_of
from jupyter_envmgr.service.operations.table import OPERATIONS, Operation
from tests.server.conftest import Answer, Ask

NEVER = "🙂" * 300


async def create(ask: Ask, body: Any, **query: Any) -> Answer:
    return await ask("POST", "/environments", body, **query)


def fields(answer: Answer) -> set[str]:
    return {row["field"] for row in answer.json["errors"]}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "bad-request"),
        (b"{", "bad-request"),
        (b"[]", "bad-request"),
        (b"null", "bad-request"),
        (b'"text"', "bad-request"),
        (b'{"name": NaN}', "bad-request"),
        (b'{"name": "a1", "name": "a2"}', "bad-request"),
        (b'{"name": "caf\xe9"}', "bad-encoding"),
        (b"[" * 100_000, "bad-request"),
        (b'{"name": ' + b"9" * 10_000 + b"}", "bad-request"),
        (b'{"name": "a\\u0000b"}', "bad-request"),
        (b'{"name": "a\\ud800b"}', "bad-request"),
        (b" " * 9_000_000, "too-large"),
        (b'{"name": "' + b"a" * 12_000_000 + b'"}', "too-large"),
    ],
    ids=lambda value: repr(value[:24]) if isinstance(value, bytes) else value,
)
async def test_a_body_that_cannot_be_read_is_refused(ask: Ask, body: bytes, code: str) -> None:
    answer = await create(ask, body)
    assert (answer.status, answer.json["code"]) == (422, code)
    assert len(answer.body) < 10_000
    assert (await ask("GET", "/environments")).status == 200


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", 7),
        ("name", None),
        ("packages", "numpy"),
        ("packages", [1]),
        ("labels", ["a"]),
        ("labels", {"a": 1}),
        ("kernel", "yes"),
        ("manager", "poetry"),
        ("no_such_field", 1),
    ],
)
async def test_a_field_of_the_wrong_type_is_named(ask: Ask, field: str, value: Any) -> None:
    answer = await create(ask, {"name": "training", field: value})
    assert answer.status == 422
    assert any(name.startswith(field) for name in fields(answer))


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": "../up"}, "name"),
        ({"name": "A"}, "name"),
        ({"name": NEVER}, "name"),
        ({"name": "training", "packages": ["--index-url=http://evil"]}, "packages"),
        ({"name": "training", "packages": ["-e ."]}, "packages"),
        ({"name": "training", "packages": ["numpy; rm -rf /"]}, "packages"),
        ({"name": "training", "requirements": "numpy\n-r /etc/passwd\n"}, "requirements"),
        ({"name": "training", "requirements": "numpy\nfile:///etc/passwd\n"}, "requirements"),
        ({"name": "training", "python": "/no/such/python"}, "python"),
        ({"name": "training", "python": "9.9"}, "python"),
        ({"name": "training", "index_url": "javascript:alert(1)"}, "index_url"),
        ({"name": "training", "location": "no-such"}, "location"),
    ],
    ids=lambda value: json.dumps(value)[:60] if isinstance(value, dict) else value,
)
async def test_what_cannot_be_made_is_refused_and_nothing_is_made(
    ask: Ask, jp_home_dir: Any, body: dict[str, Any], field: str
) -> None:
    answer = await create(ask, body)
    assert 400 <= answer.status < 500
    assert any(name.startswith(field) for name in fields(answer)), answer.json
    assert (await ask("GET", "/jobs")).json == {"jobs": []}
    assert not (jp_home_dir / ".envmgr" / "environments" / "training").exists()


async def test_a_bad_line_is_named_by_its_number(ask: Ask) -> None:
    answer = await create(ask, {"name": "training", "requirements": "numpy\n\n# x\n=>nonsense\n"})
    assert [row["line"] for row in answer.json["errors"]] == [4]


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/environments?fresh=maybe", "fresh"),
        ("/environments?fresh=1&fresh=1", "fresh"),
        ("/environments?colour=red", "colour"),
        ("/environments?fresh=%ff", "fresh"),
        ("/environments?fresh=%00", "fresh"),
        ("/jobs/x/events?after=-1", "after"),
        ("/jobs/x/events?after=1e9", "after"),
        ("/jobs/x/events?wait=31", "wait"),
        ("/jobs/x/events?wait=nan", "wait"),
        ("/jobs/x/events?after=" + "9" * 5000, "after"),
    ],
)
async def test_a_wrong_query_is_named(ask: Ask, path: str, field: str) -> None:
    answer = await ask("GET", path)
    assert answer.status == 422
    assert fields(answer) == {field}


@pytest.mark.parametrize(
    "name",
    ["..", "%2e%2e", "..%2f..%2fetc", "a%00b", "%ff", "%0a", "-", "x" * 5000, "found-", "a@b@c"],
)
@pytest.mark.parametrize("noun", ["environments", "kernels", "jobs"])
async def test_a_strange_name_in_an_address_is_nothing(ask: Ask, noun: str, name: str) -> None:
    for method, path in (("GET", f"/{noun}/{name}"), ("DELETE", f"/{noun}/{name}?digest=0")):
        answer = await ask(method, path)
        assert answer.status in (400, 404, 405, 422), answer.json
        assert answer.json["code"] != "internal"


@pytest.mark.parametrize("name", ["..%2f..%2fetc", "a%00b", "%ff", "x" * 5000])
@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if "{" in o.path], ids=lambda o: o.name
)
async def test_no_operation_looks_for_a_name_that_cannot_be(
    ask: Ask, operation: Operation, name: str
) -> None:
    body: Any = {} if operation.body else None
    answer = await ask(operation.method, re.sub(r"{\w+}", name, operation.path), body)
    assert answer.status in (400, 404, 422), answer.json
    assert answer.json["kind"] in ("invalid", "not-found")


ODD: list[Any] = [
    *(None, True, -1, 1e308, "", "../x", "-x", "/etc/passwd", "\u202e", "a\nb", "$HOME"),
    *("x" * 100_000, [], [1], ["a", "a"], {}, {"a": {}}, [[[]]]),
]


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.body], ids=lambda o: o.name)
async def test_no_value_of_any_field_is_a_fault_of_ours(ask: Ask, operation: Operation) -> None:
    """Each field in turn; nothing is carried out, for there is no such plan."""
    path = re.sub(r"{\w+}", "nobody", operation.path)
    query = "?plan=1" if operation.plan else ""
    for field in dataclasses.fields(type_of(operation.body)):
        for value in ODD:
            answer = await ask(operation.method, path + query, {field.name: value})
            assert answer.status < 500, (field.name, value, answer.json)
            if answer.status >= 400:
                assert answer.json["code"] != "internal"


async def test_nobody_sends_a_large_body_without_a_login(ask: Ask) -> None:
    answer = await ask("POST", "/environments", b" " * 200_000, headers={})
    assert answer.status == 403


class Gone:
    """A client that sends a request, or part of one, and leaves without reading."""

    def __init__(self, port: int, prefix: str, headers: dict[str, str]) -> None:
        self._port = port
        self._prefix = prefix
        self._lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())

    async def leaves(self, method: str, path: str, body: bytes = b"", more: int = 0) -> None:
        _, writer = await asyncio.open_connection("127.0.0.1", self._port)
        size = f"Content-Length: {len(body) + more}\r\n" if method != "GET" else ""
        head = f"{method} {self._prefix}{path} HTTP/1.1\r\nHost: localhost\r\n"
        writer.write(f"{head}{self._lines}{size}\r\n".encode() + body)
        await writer.drain()
        writer.close()
        await writer.wait_closed()


class Faults(logging.Handler):
    """What a log was told of them."""

    said: tuple[str, ...] = ()

    def emit(self, record: logging.LogRecord) -> None:
        self.said += (record.getMessage(),)


async def test_a_client_that_leaves_is_no_fault_of_ours(
    ask: Ask, app: EnvMgrApp, jp_base_url: str, jp_auth_header: Any, http_server_port: Any
) -> None:
    assert app.serverapp
    listener = Faults(logging.ERROR)
    app.serverapp.log.addHandler(listener)
    client = Gone(http_server_port[1], f"{jp_base_url}envmgr/api", jp_auth_header)
    body = b'{"name": "training"}'
    for _ in range(3):
        await client.leaves("GET", "/environments?fresh=1")
        await client.leaves("GET", "/usersite?size=1")
        await client.leaves("POST", "/environments?plan=1", body)
        await client.leaves("POST", "/environments?plan=1", body, more=100_000)
    # The lanes have come to the end of what was begun.
    for path in ("/environments", "/usersite?size=1", "/jobs"):
        assert (await ask("GET", path)).status == 200
    app.serverapp.log.removeHandler(listener)
    assert not listener.said


async def test_nothing_is_removed_without_the_digest_of_a_plan(ask: Ask) -> None:
    answer = await ask("DELETE", "/environments/training")
    assert answer.status == 422
    assert fields(answer) == {"digest"}


async def test_the_image_is_not_removed(ask: Ask) -> None:
    answer = await ask("DELETE", "/environments/image?digest=0")
    assert (answer.status, answer.json["code"]) == (403, "read-only")
