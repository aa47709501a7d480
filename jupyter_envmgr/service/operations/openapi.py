"""The OpenAPI 3.1 document, made from the table of operations."""

from __future__ import annotations

import json
import re
from typing import Any

from ...core.errors import Problem
from ...core.plans import Plan
from ...core.wire import Schema, schema_of
from .operation import type_of
from .table import OPERATIONS, Operation, Parameter

DOCUMENT_PATH = "/openapi.json"
_QUERY_TYPES = {str: "string", int: "integer", float: "number", bool: "boolean"}


def document(version: str) -> dict[str, Any]:
    """The whole document. Paths are relative to the server's ``…/envmgr/api``."""
    schemas: dict[str, Schema] = {}
    paths: dict[str, dict[str, Any]] = {}
    problem = _problem_schema(schemas)
    for operation in OPERATIONS:
        item = paths.setdefault(operation.path, {})
        item[operation.method.lower()] = _operation(operation, schemas, problem)
    paths[DOCUMENT_PATH] = {"get": _document_operation(problem)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "jupyter_envmgr",
            "version": version,
            "description": "Environments, packages, kernels and the user site in Jupyter.",
            "license": {"name": "BSD-3-Clause", "identifier": "BSD-3-Clause"},
        },
        "servers": [{"url": "/envmgr/api", "description": "below the server's base URL"}],
        "security": [{"token": []}],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.items())),
            "securitySchemes": {
                "token": {"type": "apiKey", "in": "header", "name": "Authorization"}
            },
        },
    }


def text(version: str) -> str:
    """The document as it is committed: indented, with a newline at its end."""
    return json.dumps(document(version), indent=1, ensure_ascii=False) + "\n"


def _document_operation(problem: Schema) -> Schema:
    return {
        "operationId": "openapi",
        "summary": "This document",
        "tags": ["openapi"],
        "parameters": [],
        "responses": {
            "200": _json("This document", {"type": "object"}),
            "default": _problem_response(problem),
        },
    }


def _problem_response(problem: Schema) -> Schema:
    return {
        "description": "What went wrong",
        "content": {"application/problem+json": {"schema": problem}},
    }


def _problem_schema(schemas: dict[str, Schema]) -> Schema:
    """RFC 9457 problem+json around our `Problem`; JupyterLab's client reads ``message``."""
    schema_of(Problem, schemas)
    fields = dict(schemas["Problem"]["properties"])
    fields["type"] = {"type": "string"}
    fields["status"] = {"type": "integer"}
    fields["message"] = {"type": "string"}
    schemas["ProblemDocument"] = {
        "description": "An error as application/problem+json (RFC 9457).",
        "type": "object",
        "properties": fields,
        "required": ["type", "status", "message", "code", "kind", "title", "detail", "hint"],
    }
    return {"$ref": "#/components/schemas/ProblemDocument"}


def _operation(operation: Operation, schemas: dict[str, Schema], problem: Schema) -> Schema:
    parameters: list[Schema] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", operation.path)
    ]
    parameters += [
        {
            "name": p.name,
            "in": "query",
            "description": p.description,
            "schema": _parameter_schema(p),
        }
        for p in operation.query
    ]
    responses: dict[str, Schema] = {
        str(operation.status): _json(operation.summary, _schema(operation.answer, schemas)),
        "default": _problem_response(problem),
    }
    if operation.plan:
        parameters.append(
            {
                "name": "plan",
                "in": "query",
                "description": "Answer with what would happen, and change nothing",
                "schema": {"type": "boolean"},
            }
        )
        responses["200"] = _plan_or(operation, responses.get("200"), schemas)
    result: Schema = {
        "operationId": operation.name,
        "summary": operation.summary,
        "tags": [operation.name.split(".")[0]],
        "parameters": parameters,
        "responses": responses,
    }
    if operation.body:
        result["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": _schema(operation.body, schemas)}},
        }
    return result


def _schema(name: str, schemas: dict[str, Schema]) -> Schema:
    return schema_of(type_of(name), schemas)


def _parameter_schema(parameter: Parameter) -> Schema:
    bounds = {"minimum": parameter.minimum, "maximum": parameter.maximum}
    given = {name: bound for name, bound in bounds.items() if bound is not None}
    return {"type": _QUERY_TYPES[parameter.type], **given}


def _plan_or(operation: Operation, other: Schema | None, schemas: dict[str, Schema]) -> Schema:
    plan = schema_of(Plan, schemas)
    if other is None:
        return _json("The plan, where it was asked for", plan)
    answer = _schema(operation.answer, schemas)
    return _json(operation.summary, {"anyOf": [answer, plan]})


def _json(description: str, schema: Schema) -> Schema:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
