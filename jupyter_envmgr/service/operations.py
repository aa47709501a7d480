"""The vocabulary that both doors share: every operation, its address, its body and its answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from ..core.environments.model import CreateRequest, Environment, UpdateRequest
from ..core.jobs.model import Job
from ..core.kernels.model import Kernel, RegisterRequest
from ..core.packages.model import PackageList, UserSite
from ..core.status import StatusReport
from .answers import (
    EnvironmentList,
    EnvironmentSize,
    EventList,
    InterpreterList,
    JobList,
    KernelList,
)

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Action = Literal["read", "write", "execute"]


@dataclass(frozen=True)
class Parameter:
    """A query parameter, with the bounds of a number."""

    name: str
    type: type
    description: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Operation:
    """One verb: what it is called, where it is found, what it takes and gives.

    ``action`` is what the server's authorizer is asked about the resource ``envmgr``.
    ``plan`` says that ``?plan=1`` answers with the `Plan` and changes nothing.
    """

    name: str
    method: Method
    path: str
    action: Action
    summary: str
    answer: Any
    status: int = 200
    body: Any = None
    query: tuple[Parameter, ...] = ()
    plan: bool = False


LONGEST_WAIT = 30
_DIGEST = Parameter(
    "digest", str, "The digest of the plan that was looked at; needed unless a plan is asked for"
)
_FORCE = Parameter("force", bool, "Go on although a kernel is running")
_BREAK_LOCK = Parameter("break_lock", bool, "Take the lock of a holder that is gone for good")
_FRESH = Parameter("fresh", bool, "Look again instead of trusting what is remembered")
_SIZE = Parameter("size", bool, "Measure sizes too, which takes longer")

OPERATIONS: tuple[Operation, ...] = (
    Operation("status", "GET", "/status", "read", "What is here", StatusReport),
    Operation(
        "environments.list",
        "GET",
        "/environments",
        "read",
        "All environments",
        EnvironmentList,
        query=(_FRESH,),
    ),
    Operation(
        "environments.create",
        "POST",
        "/environments",
        "execute",
        "Create an environment",
        Job,
        status=202,
        body=CreateRequest,
        plan=True,
    ),
    Operation(
        "environments.show",
        "GET",
        "/environments/{id}",
        "read",
        "One environment",
        Environment,
    ),
    Operation(
        "environments.update",
        "PATCH",
        "/environments/{id}",
        "write",
        "Change display name, remarks or labels",
        Environment,
        body=UpdateRequest,
    ),
    Operation(
        "environments.remove",
        "DELETE",
        "/environments/{id}",
        "execute",
        "Remove an environment and its kernels",
        Job,
        status=202,
        query=(_DIGEST, _FORCE, _BREAK_LOCK),
        plan=True,
    ),
    Operation(
        "environments.retry",
        "POST",
        "/environments/{id}/retry",
        "execute",
        "Create a failed environment again, as it was asked for",
        Job,
        status=202,
        query=(_BREAK_LOCK,),
    ),
    Operation(
        "environments.size",
        "GET",
        "/environments/{id}/size",
        "read",
        "Measure an environment",
        EnvironmentSize,
    ),
    Operation(
        "packages.list",
        "GET",
        "/environments/{id}/packages",
        "read",
        "The packages of an environment",
        PackageList,
        query=(_SIZE,),
    ),
    Operation(
        "interpreters.list",
        "GET",
        "/interpreters",
        "read",
        "The Pythons that an environment can be based on",
        InterpreterList,
        query=(_FRESH,),
    ),
    Operation(
        "usersite.show",
        "GET",
        "/usersite",
        "read",
        "The user site and what it hides",
        UserSite,
        query=(_SIZE,),
    ),
    Operation("kernels.list", "GET", "/kernels", "read", "All registered kernels", KernelList),
    Operation(
        "kernels.register",
        "POST",
        "/kernels",
        "write",
        "Register a kernel for an environment",
        Kernel,
        status=201,
        body=RegisterRequest,
        plan=True,
    ),
    Operation(
        "kernels.unregister",
        "DELETE",
        "/kernels/{name}",
        "write",
        "Unregister a kernel",
        Kernel,
        query=(_DIGEST, _FORCE),
        plan=True,
    ),
    Operation("jobs.list", "GET", "/jobs", "read", "All jobs, the newest first", JobList),
    Operation("jobs.show", "GET", "/jobs/{id}", "read", "One job", Job),
    Operation(
        "jobs.events",
        "GET",
        "/jobs/{id}/events",
        "read",
        "The events of a job: those there are, else wait for the next",
        EventList,
        query=(
            Parameter("after", int, "The seq of the last event that was seen, 0 for none", 0),
            Parameter("wait", float, "Seconds to wait for a new event", 0, LONGEST_WAIT),
        ),
    ),
    Operation(
        "jobs.cancel", "POST", "/jobs/{id}/cancel", "execute", "Cancel a job", Job, status=202
    ),
    Operation("jobs.remove", "DELETE", "/jobs/{id}", "write", "Forget a job that has ended", Job),
)

BY_NAME: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}
