"""What goes over the wire comes back as it was, and bad input names its fields."""

import json
from dataclasses import dataclass, fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.environments.model import CreateRequest, Environment, Record
from jupyter_envmgr.core.errors import ERRORS, EnvMgrError, Problem
from jupyter_envmgr.core.wire import from_wire, schema_of, to_wire


@given(st.builds(CreateRequest))
def test_any_request_survives_the_wire(request: CreateRequest) -> None:
    assert from_wire(CreateRequest, json.loads(json.dumps(to_wire(request)))) == request


@given(st.builds(Record))
def test_any_record_survives_the_disk(record: Record) -> None:
    assert from_wire(Record, json.loads(json.dumps(to_wire(record)))) == record


def test_every_wrong_field_is_named_at_once() -> None:
    with pytest.raises(EnvMgrError) as caught:
        from_wire(CreateRequest, {"nme": "x", "packages": "numpy", "labels": {"a": 1}})
    assert {error.field for error in caught.value.errors} == {
        "nme",
        "name",
        "packages",
        "labels.a",
    }


@pytest.mark.parametrize("body", [None, [], "x", 3, True])
def test_a_body_that_is_no_object_is_refused(body: object) -> None:
    with pytest.raises(EnvMgrError, match="must be an object"):
        from_wire(CreateRequest, body)


def test_true_is_no_number_and_one_is_no_truth() -> None:
    @dataclass(frozen=True)
    class Pair:
        number: int
        truth: bool

    with pytest.raises(EnvMgrError) as caught:
        from_wire(Pair, {"number": True, "truth": 1})
    assert [error.field for error in caught.value.errors] == ["number", "truth"]


def test_unknown_fields_of_a_newer_version_are_dropped_when_not_strict() -> None:
    problem = from_wire(
        Problem,
        {"code": "internal", "kind": "internal", "title": "t", "detail": "d", "new": 1},
        strict=False,
    )
    assert problem.detail == "d"


def test_a_schema_names_every_field_and_closes_the_object() -> None:
    schemas: dict[str, dict[str, object]] = {}
    assert schema_of(Environment, schemas) == {"$ref": "#/components/schemas/Environment"}
    properties = schemas["Environment"]["properties"]
    assert isinstance(properties, dict)
    assert set(properties) == {field.name for field in fields(Environment)}
    assert schemas["Environment"]["additionalProperties"] is False


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_becomes_a_problem_and_back(code: str) -> None:
    error = EnvMgrError(code, "detail", context={"path": "/x"})
    again = EnvMgrError.of_problem(error.problem)
    assert again.problem == error.problem
