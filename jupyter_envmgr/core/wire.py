"""Dataclasses to JSON and back, and their JSON schemas: one source for two languages."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal, TypeVar, Union, get_args, get_origin

from .errors import EnvMgrError, FieldError

T = TypeVar("T")
Json = Any
Schema = dict[str, Json]


def to_wire(value: object) -> Json:
    """The JSON form of a dataclass or a container of them: tuples become lists.

    Event payloads are flattened into their event by `core.jobs.log`, not here.
    """
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    if isinstance(value, (tuple, list)):
        return [to_wire(item) for item in value]
    if isinstance(value, Mapping):
        return {str(key): to_wire(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {name: to_wire(getattr(value, name)) for name in _field_names(type(value))}
    raise TypeError(f"{type(value).__name__} has no wire form")


def from_wire(kind: type[T], data: Json, *, strict: bool = True) -> T:
    """The dataclass ``kind`` that ``data`` describes.

    Raises ``bad-request`` naming every wrong field. With ``strict`` off, unknown fields are
    dropped: for files that a newer version may have written.
    """
    errors: list[FieldError] = []
    value = _read(kind, data, "", errors, strict)
    if errors:
        detail = "; ".join(f"{e.field}: {e.detail}" for e in errors)
        raise EnvMgrError("bad-request", detail, errors=tuple(errors))
    return typing.cast(T, value)


def schema_of(kind: Any, definitions: dict[str, Schema]) -> Schema:
    """The JSON schema (2020-12) of a type; dataclasses are put into ``definitions`` by name."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return {"anyOf": [schema_of(a, definitions) for a in arguments]}
    if origin is Literal:
        return {"type": "string", "enum": list(arguments)}
    if origin in (tuple, list):
        return {"type": "array", "items": schema_of(arguments[0], definitions)}
    if origin in (dict, Mapping):
        return {"type": "object", "additionalProperties": schema_of(arguments[1], definitions)}
    if dataclasses.is_dataclass(kind):
        name = typing.cast(type, kind).__name__
        if name not in definitions:
            definitions[name] = {}
            definitions[name] = _object_schema(typing.cast(type, kind), definitions)
        return {"$ref": f"#/components/schemas/{name}"}
    return {"type": _SCALARS[kind]}


_SCALARS: dict[Any, str] = {
    str: "string",
    int: "integer",
    float: "number",
    bool: "boolean",
    type(None): "null",
}


def _object_schema(kind: type, definitions: dict[str, Schema]) -> Schema:
    hints = _hints(kind)
    properties: dict[str, Schema] = {}
    for field in dataclasses.fields(kind):
        properties[field.name] = schema_of(hints[field.name], definitions)
    is_request = kind.__name__.endswith("Request")
    required = [f.name for f in dataclasses.fields(kind) if not is_request or _is_required(f)]
    schema: Schema = {"type": "object", "properties": properties}
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False
    doc = (kind.__doc__ or "").strip().split("\n\n")[0]
    return {"description": " ".join(doc.split()), **schema}


def _is_required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


@cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


@cache
def _field_names(kind: type) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _read(kind: Any, data: Json, where: str, errors: list[FieldError], strict: bool) -> object:
    """``data`` as ``kind``; what is wrong is added to ``errors`` under the path ``where``."""
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (Union, types.UnionType):
        return _read_union(arguments, data, where, errors, strict)
    if origin is Literal:
        if data not in arguments:
            errors.append(FieldError(where, f"must be one of {', '.join(map(str, arguments))}"))
        return data
    if origin in (tuple, list):
        if not isinstance(data, list):
            errors.append(FieldError(where, "must be a list"))
            return ()
        return tuple(
            _read(arguments[0], item, f"{where}[{i}]", errors, strict)
            for i, item in enumerate(data)
        )
    if origin in (dict, Mapping):
        if not isinstance(data, dict):
            errors.append(FieldError(where, "must be an object"))
            return {}
        return {k: _read(arguments[1], v, f"{where}.{k}", errors, strict) for k, v in data.items()}
    if dataclasses.is_dataclass(kind):
        return _read_object(typing.cast(type, kind), data, where, errors, strict)
    if not _is_scalar(kind, data):
        errors.append(FieldError(where, f"must be of type {_SCALARS[kind]}"))
    return data


def _is_scalar(kind: Any, data: Json) -> bool:
    if kind in (int, float):
        return isinstance(data, (int, kind)) and not isinstance(data, bool)
    return isinstance(data, kind)


def _read_union(
    kinds: tuple[Any, ...], data: Json, where: str, errors: list[FieldError], strict: bool
) -> object:
    if data is None and type(None) in kinds:
        return None
    attempts: list[list[FieldError]] = []
    for kind in kinds:
        if kind is type(None):
            continue
        attempt: list[FieldError] = []
        value = _read(kind, data, where, attempt, strict)
        if not attempt:
            return value
        attempts.append(attempt)
    errors.extend(attempts[0])
    return None


def _read_object(
    kind: type, data: Json, where: str, errors: list[FieldError], strict: bool
) -> object:
    if not isinstance(data, dict):
        errors.append(FieldError(where or "body", "must be an object"))
        return None
    hints = _hints(kind)
    prefix = f"{where}." if where else ""
    if strict:
        unknown = sorted(set(data) - set(hints))
        errors.extend(FieldError(prefix + name, "is not known here") for name in unknown)
    before = len(errors)
    values: dict[str, object] = {}
    for field in dataclasses.fields(kind):
        if field.name in data:
            path = prefix + field.name
            values[field.name] = _read(hints[field.name], data[field.name], path, errors, strict)
        elif _is_required(field):
            errors.append(FieldError(prefix + field.name, "is needed"))
    return kind(**values) if len(errors) == before else None
