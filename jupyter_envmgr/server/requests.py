"""What a request asks, read strictly: every fault is named by its field, none is guessed away."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..core.errors import EnvMgrError, FieldError
from ..core.wire import from_wire
from ..service.operations.operation import Operation, Parameter, type_of

LARGEST_BODY = 8 * 1024 * 1024
_LONGEST_VALUE = 1000
_LONGEST_IDENTIFIER = 255
_PLAN = Parameter("plan", bool, "")
# Jupyter's own: authentication, and what its frontends send along.
_NOT_OURS = {"token", "_xsrf", "no_track_activity"}
_BOOLEANS = {"1": True, "true": True, "0": False, "false": False}
_NO_TEXT = re.compile("[\0\ud800-\udfff]")


@dataclass(frozen=True)
class Asked:
    """A request as a verb takes it: ``subject`` is what the address names, if anything."""

    subject: str
    query: Mapping[str, Any]
    body: Any = None

    def flag(self, name: str) -> bool:
        """Whether a switch of the query is on; off where it is not given."""
        return bool(self.query.get(name, False))

    @property
    def digest(self) -> str:
        """The digest of the plan that was looked at: nothing is destroyed without one."""
        digest = self.query.get("digest")
        if not digest:
            raise EnvMgrError.of_field(
                "bad-request", "digest", "is needed: look at the plan first, with plan=1"
            )
        return str(digest)


def read_query(operation: Operation, arguments: Mapping[str, Sequence[bytes]]) -> dict[str, Any]:
    """The query parameters, each of its type. Raises ``bad-request`` for all that is wrong."""
    known = {parameter.name: parameter for parameter in operation.query}
    if operation.plan:
        known[_PLAN.name] = _PLAN
    errors: list[FieldError] = []
    values: dict[str, Any] = {}
    for name, given in arguments.items():
        if name in _NOT_OURS or (name.isdecimal() and list(given) == [b""]):
            continue  # JupyterLab adds the time to an address that must not come from a cache
        try:
            if name not in known:
                raise ValueError(f"is not known here; there is {', '.join(known) or 'none'}")
            if len(given) > 1:
                raise ValueError("is given more than once")
            values[name] = _value(known[name], given[0])
        except ValueError as error:
            errors.append(FieldError(name[:80], str(error)))
    if errors:
        raise EnvMgrError(
            "bad-request", "; ".join(f"{e.field}: {e.detail}" for e in errors), errors=tuple(errors)
        )
    return values


def _value(parameter: Parameter, raw: bytes) -> Any:
    if len(raw) > _LONGEST_VALUE:
        raise ValueError(f"has {len(raw)} bytes: {_LONGEST_VALUE} at most")
    try:
        text = raw.decode()
    except UnicodeDecodeError:
        raise ValueError("is not UTF-8") from None
    if _NO_TEXT.search(text):
        raise ValueError("has a NUL character")
    if parameter.type is str:
        return text
    if parameter.type is bool:
        if text.lower() not in _BOOLEANS:
            raise ValueError(f"{text[:40]!r} is not a switch: write 1 or 0")
        return _BOOLEANS[text.lower()]
    return _number(parameter, text)


def _number(parameter: Parameter, text: str) -> int | float:
    # A plain form only: int() and float() also take blanks, underscores and other digits.
    form = r"-?\d{1,15}" if parameter.type is int else r"-?\d{1,15}(\.\d{1,15})?([eE][+-]?\d{1,3})?"
    if not re.fullmatch(form, text, re.ASCII):
        kind = "a whole number" if parameter.type is int else "a number"
        raise ValueError(f"{text[:40]!r} is not {kind}")
    number: int | float = parameter.type(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:40]!r} is not a number")
    if parameter.minimum is not None and number < parameter.minimum:
        raise ValueError(f"{text[:40]} is too small: {parameter.minimum:g} at least")
    if parameter.maximum is not None and number > parameter.maximum:
        raise ValueError(f"{text[:40]} is too large: {parameter.maximum:g} at most")
    return number


def read_body(operation: Operation, data: bytes | None) -> Any:
    """The body as the operation's type; None for one that takes none.

    ``data`` is None for a body that was larger than `LARGEST_BODY` and was not kept. Raises
    ``too-large``, and ``bad-request`` naming each wrong field, or line and column of bad JSON.
    """
    if not operation.body:
        if kept(data).strip() not in (b"", b"{}", b"null"):
            raise EnvMgrError.of_field("bad-request", "body", "nothing is taken here")
        return None
    return from_wire(type_of(operation.body), read_json(data))


def kept(data: bytes | None) -> bytes:
    """A body that was kept, being small enough. Raises ``too-large`` for any other."""
    if data is None:
        raise EnvMgrError.of_field("too-large", "body", f"more than {LARGEST_BODY // 1024} KiB")
    return data


def read_json(data: bytes | None) -> Any:
    """The JSON of a body. Raises ``too-large``, and ``bad-request`` with line and column."""
    data = kept(data)
    if not data.strip():
        raise EnvMgrError.of_field("bad-request", "body", "is needed: a JSON object")
    return _json(data)


def _json(data: bytes) -> Any:
    try:
        text = data.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_each_once)
        errors = list(_characters(value, ""))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        detail = f"byte {error.start + 1} (0x{data[error.start]:02x}) is not UTF-8"
        raise EnvMgrError.of_field("bad-encoding", "body", detail, line=line) from None
    except json.JSONDecodeError as error:
        detail = f"no JSON at line {error.lineno}, column {error.colno}: {error.msg}"
        row = FieldError("body", detail, line=error.lineno, column=error.colno)
        raise EnvMgrError("bad-request", f"body: {detail}", errors=(row,)) from None
    except RecursionError:
        raise EnvMgrError.of_field("bad-request", "body", "is nested too deeply") from None
    except ValueError as error:  # our hooks, and integers of more digits than Python takes
        raise EnvMgrError.of_field("bad-request", "body", str(error)) from None
    if errors:
        detail = "; ".join(f"{e.field}: {e.detail}" for e in errors[:5])
        raise EnvMgrError("bad-request", detail, errors=tuple(errors[:50]))
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"{key[:80]!r} is given more than once")
        found[key] = value
    return found


def _characters(value: Any, where: str) -> list[FieldError]:
    """The texts in ``value`` that no file can hold: NUL, and half of a UTF-16 pair."""
    if isinstance(value, str):
        wrong = _NO_TEXT.search(value)
        detail = f"the character {wrong[0]!a} cannot be used" if wrong else ""
        return [FieldError(where or "body", detail)] if wrong else []
    if isinstance(value, list):
        return [e for i, item in enumerate(value) for e in _characters(item, f"{where}[{i}]")]
    if isinstance(value, dict):
        found = [e for key in value for e in _characters(key, where)]
        for key, item in value.items():
            name = _NO_TEXT.sub("?", key)[:80]
            found += _characters(item, f"{where}.{name}" if where else name)
        return found
    return []


_NOT_FOUND = {
    "/environments/{id}": "no-such-environment",
    "/kernels/{name}": "no-such-kernel",
    "/jobs/{id}": "no-such-job",
    "/usersite/probes/{id}": "no-such-proof",
    "/usersite/snapshots/{name}": "no-such-snapshot",
}


def read_subject(operation: Operation, segments: Sequence[str]) -> str:
    """What the address names. What cannot be the id of anything is not looked for."""
    if not segments:
        return ""
    (subject,) = segments
    if len(subject) > _LONGEST_IDENTIFIER or not subject.isprintable() or "/" in subject:
        code = _NOT_FOUND[operation.path[: operation.path.index("}") + 1]]
        raise EnvMgrError(code, f"nothing is called {subject[:80]!r}")
    return subject
