"""The document describes what the server really answers."""

from __future__ import annotations

import json
import re
from functools import cache
from typing import Any

import jsonschema
import pytest
from openapi_spec_validator import validate

import jupyter_envmgr
from jupyter_envmgr.service.operations import openapi
from jupyter_envmgr.service.operations.table import BY_NAME, OPERATIONS, Operation
from tests.server.conftest import Answer, Ask


@cache
def document() -> dict[str, Any]:
    return openapi.document(jupyter_envmgr.__version__)


def check(operation: Operation, answer: Answer) -> None:
    """Raises if the answer is none that the document describes, unknown fields included."""
    responses = document()["paths"][operation.path][operation.method.lower()]["responses"]
    described = responses.get(str(answer.status), responses["default"])
    (kind,) = described["content"]
    assert answer.headers["Content-Type"].split(";")[0] == kind
    schema = {**described["content"][kind]["schema"], "components": document()["components"]}
    jsonschema.validate(answer.json, schema)


def test_it_is_a_valid_openapi_document() -> None:
    validate(document())


async def test_it_is_served(ask: Ask) -> None:
    assert (await ask("GET", "/openapi.json")).json == document()


@pytest.mark.parametrize(
    "operation",
    [o for o in OPERATIONS if o.method == "GET" and "{" not in o.path],
    ids=lambda o: o.name,
)
async def test_what_is_read_is_as_described(ask: Ask, operation: Operation) -> None:
    answer = await ask("GET", operation.path)
    assert answer.status == 200
    check(operation, answer)


@pytest.mark.parametrize("name", ["environments.show", "environments.size", "packages.list"])
async def test_what_is_read_of_the_image_is_as_described(ask: Ask, name: str) -> None:
    operation = BY_NAME[name]
    answer = await ask("GET", operation.path.replace("{id}", "image"), timeout=60)
    assert answer.status == 200
    check(operation, answer)


_LEAST = {
    "environments.clone": {"name": "copy"},
    "environments.rename": {"name": "another"},
    "environments.revert": {"number": 1},
}
"""The least that may be asked, where nothing is too little."""


@pytest.mark.parametrize(
    "operation", [o for o in OPERATIONS if "{" in o.path], ids=lambda o: o.name
)
async def test_what_is_not_there_is_a_problem_as_described(ask: Ask, operation: Operation) -> None:
    path = re.sub(r"{\w+}", "nobody", operation.path)
    body: Any = _LEAST.get(operation.name, {}) if operation.body else None
    query = {"digest": "0" * 32} if any(p.name == "digest" for p in operation.query) else {}
    answer = await ask(operation.method, path, body, **query)
    assert answer.status == 404
    assert answer.json["kind"] == "not-found"
    check(operation, answer)


@pytest.mark.parametrize("operation", [o for o in OPERATIONS if o.body], ids=lambda o: o.name)
async def test_an_unknown_field_is_a_problem_as_described(ask: Ask, operation: Operation) -> None:
    path = re.sub(r"{\w+}", "nobody", operation.path)
    answer = await ask(operation.method, path, {"no_such_field": 1})
    assert answer.status == 422
    assert "no_such_field" in json.dumps(answer.json["errors"])
    check(operation, answer)


async def test_a_plan_is_as_described(ask: Ask) -> None:
    operation = BY_NAME["environments.create"]
    answer = await ask("POST", operation.path, {"name": "training"}, plan=1)
    assert answer.status == 200
    assert answer.json["operation"] == "environments.create"
    check(operation, answer)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.name)
def test_every_operation_is_described_once(operation: Operation) -> None:
    described = document()["paths"][operation.path][operation.method.lower()]
    assert described["operationId"] == operation.name
    assert described["summary"] == operation.summary
    named = {parameter["name"] for parameter in described["parameters"]}
    wanted = {*re.findall(r"{(\w+)}", operation.path), *(p.name for p in operation.query)}
    assert named == wanted | ({"plan"} if operation.plan else set())
