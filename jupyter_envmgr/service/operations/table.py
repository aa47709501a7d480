"""The vocabulary that both doors share: every operation, its address, its body and its answer."""

from __future__ import annotations

from .archives import ARCHIVES
from .environments import ENVIRONMENT
from .operation import BREAK_LOCK, DIGEST, FORCE, FRESH, SIZE, Action, Method, Operation, Parameter
from .usersite import USERSITE

__all__ = ["BY_NAME", "LONGEST_WAIT", "OPERATIONS", "Action", "Method", "Operation", "Parameter"]

LONGEST_WAIT = 30
"""Seconds that a request for events may wait."""

OPERATIONS: tuple[Operation, ...] = (
    Operation("status", "GET", "/status", "read", "What is here", "StatusReport"),
    Operation(
        "environments.list",
        "GET",
        "/environments",
        "read",
        "All environments",
        "EnvironmentList",
        query=(FRESH,),
    ),
    Operation(
        "environments.create",
        "POST",
        "/environments",
        "execute",
        "Create an environment",
        "Job",
        status=202,
        body="CreateRequest",
        query=(Parameter("solve", bool, "Have the plan say every package, which takes seconds"),),
        plan=True,
    ),
    Operation(
        "environments.show",
        "GET",
        "/environments/{id}",
        "read",
        "One environment",
        "Environment",
    ),
    Operation(
        "environments.update",
        "PATCH",
        "/environments/{id}",
        "write",
        "Change display name, remarks or labels",
        "Environment",
        body="UpdateRequest",
    ),
    Operation(
        "environments.remove",
        "DELETE",
        "/environments/{id}",
        "execute",
        "Remove an environment and its kernels",
        "Job",
        status=202,
        query=(DIGEST, FORCE, BREAK_LOCK),
        plan=True,
    ),
    Operation(
        "environments.retry",
        "POST",
        "/environments/{id}/retry",
        "execute",
        "Create a failed environment again, as it was asked for",
        "Job",
        status=202,
        query=(BREAK_LOCK,),
    ),
    Operation(
        "environments.size",
        "GET",
        "/environments/{id}/size",
        "read",
        "Measure an environment",
        "EnvironmentSize",
    ),
    Operation(
        "packages.list",
        "GET",
        "/environments/{id}/packages",
        "read",
        "The packages of an environment",
        "PackageList",
        query=(SIZE,),
    ),
    Operation(
        "packages.install",
        "POST",
        "/packages/install",
        "execute",
        "Install packages into the user site, the image or an environment made here",
        "Job",
        status=202,
        body="InstallRequest",
        query=(DIGEST,),
        plan=True,
        slow=True,
    ),
    Operation(
        "interpreters.list",
        "GET",
        "/interpreters",
        "read",
        "The Pythons that an environment can be based on",
        "InterpreterList",
        query=(FRESH,),
    ),
    Operation(
        # No GET: addresses of channels may carry tokens, and those of requests get logged. More
        # than reading: a process is started, and connects to whatever address is named.
        "interpreters.offered",
        "POST",
        "/interpreters/offered",
        "execute",
        "The Pythons that channels offer for a conda environment",
        "OfferedPythons",
        body="OfferRequest",
        slow=True,
    ),
    Operation(
        "usersite.show",
        "GET",
        "/usersite",
        "read",
        "The user site and what it hides",
        "UserSite",
        query=(SIZE,),
    ),
    *ENVIRONMENT,
    *USERSITE,
    *ARCHIVES,
    Operation("kernels.list", "GET", "/kernels", "read", "All registered kernels", "KernelList"),
    Operation(
        "kernels.register",
        "POST",
        "/kernels",
        "write",
        "Register a kernel for an environment",
        "Kernel",
        status=201,
        body="RegisterRequest",
        plan=True,
    ),
    Operation(
        "kernels.unregister",
        "DELETE",
        "/kernels/{name}",
        "write",
        "Unregister a kernel",
        "Kernel",
        query=(DIGEST, FORCE),
        plan=True,
    ),
    Operation("jobs.list", "GET", "/jobs", "read", "All jobs, the newest first", "JobList"),
    Operation("jobs.show", "GET", "/jobs/{id}", "read", "One job", "Job"),
    Operation(
        "jobs.events",
        "GET",
        "/jobs/{id}/events",
        "read",
        "The events of a job: those there are, else wait for the next",
        "EventList",
        query=(
            Parameter("after", int, "The seq of the last event that was seen, 0 for none", 0),
            Parameter("wait", float, "Seconds to wait for a new event", 0, LONGEST_WAIT),
        ),
    ),
    Operation(
        "jobs.cancel", "POST", "/jobs/{id}/cancel", "execute", "Cancel a job", "Job", status=202
    ),
    Operation("jobs.remove", "DELETE", "/jobs/{id}", "write", "Forget a job that has ended", "Job"),
)

BY_NAME: dict[str, Operation] = {operation.name: operation for operation in OPERATIONS}
