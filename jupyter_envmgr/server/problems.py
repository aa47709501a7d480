"""The one place that turns an exception into an HTTP answer: RFC 9457 problem+json."""

from __future__ import annotations

import json
import secrets
from dataclasses import replace
from http import HTTPStatus
from logging import Logger

from tornado.web import HTTPError

from ..core.errors import EnvMgrError, Kind, Problem
from ..core.wire import to_wire
from ..system.oserrors import explain_os_error

CONTENT_TYPE = "application/problem+json"

STATUS: dict[Kind, HTTPStatus] = {
    "invalid": HTTPStatus.UNPROCESSABLE_ENTITY,
    "not-found": HTTPStatus.NOT_FOUND,
    "conflict": HTTPStatus.CONFLICT,
    "busy": HTTPStatus.LOCKED,
    "unavailable": HTTPStatus.FAILED_DEPENDENCY,
    "failed": HTTPStatus.FAILED_DEPENDENCY,
    "refused": HTTPStatus.FORBIDDEN,
    "cancelled": HTTPStatus.CONFLICT,
    "internal": HTTPStatus.INTERNAL_SERVER_ERROR,
}

# What tornado and jupyter_server themselves raise, before a verb is reached.
_CODES = {
    400: "bad-request",
    401: "not-allowed",
    403: "not-allowed",
    404: "no-such-page",
    405: "no-such-method",
    413: "too-large",
}
_DETAILS = {
    401: "nobody is logged in",
    403: "nobody is logged in, or the token is not the right one",
    404: "there is nothing at this address",
    405: "this address does not take that method",
}
_MOST_ROWS = 200
_XSRF = "the request has neither a token nor the _xsrf of a page of this server"
_XSRF_HINT = "Reload the page; a program sends its token in the Authorization header."


def status_and_problem(error: BaseException, log: Logger) -> tuple[int, Problem]:
    """What to answer to ``error``. What nobody expected goes to the log, with an id to find it."""
    if isinstance(error, EnvMgrError):
        return STATUS[error.kind], error.problem
    if isinstance(error, HTTPError):
        return error.status_code, _of_http(error).problem
    if isinstance(error, OSError):
        explained = explain_os_error(error, "the disk cannot be read or written")
        log.warning("%s", explained.detail, exc_info=error)
        return STATUS[explained.kind], explained.problem
    number = secrets.token_hex(4)
    log.error("jupyter_envmgr: unexpected error %s", number, exc_info=error)
    unexpected = EnvMgrError(
        "internal",
        f"an unexpected error; the log of the Jupyter server has it under {number}",
        context={"id": number},
    )
    return STATUS[unexpected.kind], unexpected.problem


def encode(status: int, problem: Problem) -> bytes:
    """The body of the answer. JupyterLab's own client shows ``message``."""
    problem = _bounded(problem)
    document = {
        "type": f"urn:jupyter-envmgr:error:{problem.code}",
        "status": int(status),
        "message": problem.detail,
        **to_wire(problem),
    }
    return json.dumps(document).encode()


def _bounded(problem: Problem) -> Problem:
    """No more than a person reads: a megabyte of bad input is not to come back as two."""
    rows = tuple(
        replace(row, field=_cut(row.field, 200), detail=_cut(row.detail, 500))
        for row in problem.errors[:_MOST_ROWS]
    )
    return replace(problem, detail=_cut(problem.detail, 2000), errors=rows)


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[:longest] + " …"


def _of_http(error: HTTPError) -> EnvMgrError:
    status = error.status_code
    code = _CODES.get(status, "bad-request" if status < 500 else "internal")
    said = error.log_message or ""
    if error.args:
        said = said % error.args
    if "xsrf" in said.lower():
        return EnvMgrError(code, _XSRF, hint=_XSRF_HINT)
    fallback = _DETAILS.get(status) or f"the server answers with status {status}"
    return EnvMgrError(code, said or fallback)
