"""Isolating a kernel or an environment from the user site, and taking that back."""

from __future__ import annotations

import os
from pathlib import Path

from ...core.environments.facts import version_key
from ...core.environments.isolation import CONFIG, CONTENT, FIRST_PYTHON, is_isolated
from ...core.environments.model import Environment
from ...core.errors import EnvMgrError
from ...core.plans import Plan, PlanStep
from ...system import durable
from ...system.oserrors import explain_os_error
from ..context import Context
from ..requests import IsolateRequest
from . import kernels


def plan_isolate(context: Context, request: IsolateRequest) -> Plan:
    """What `isolate` would write. Raises ``bad-request``, ``no-such-…``."""
    if _is_kernel(request):
        return kernels.plan_isolate(context.settings, request.kernel)
    return _plan(context.catalogue.environment(request.environment))


def isolate(context: Context, request: IsolateRequest, digest: str | None = None) -> Plan:
    """Have a kernel, or all programs of an environment, load nothing of the user site."""
    if _is_kernel(request):
        return kernels.isolate(context.settings, request.kernel, digest)
    environment = context.catalogue.environment(request.environment)
    plan = _plan(environment)
    if digest is not None and digest != plan.digest:
        raise EnvMgrError("plan-changed", f"{plan.subject} has changed since it was shown")
    if plan.refusal:
        raise EnvMgrError("wrong-state", plan.refusal)
    file = Path(environment.path) / CONFIG
    try:
        durable.write_new(file, CONTENT)
    except OSError as error:
        raise explain_os_error(error, f"cannot write {file}") from error
    context.catalogue.forget()
    return plan


def undo(context: Context, request: IsolateRequest) -> Plan:
    """Take back `isolate`, or a kernel's profile. Raises ``wrong-state`` for what is not ours."""
    if _is_kernel(request):
        return kernels.undo(context.settings, request.kernel)
    environment = context.catalogue.environment(request.environment)
    file = Path(environment.path) / CONFIG
    if not is_isolated(environment.path):
        raise EnvMgrError("wrong-state", f"{environment.name} was not changed by us")
    try:
        durable.unlink(file)
    except OSError as error:
        raise explain_os_error(error, f"cannot remove {file}") from error
    context.catalogue.forget()
    step = PlanStep("delete", str(file), "nothing else was changed")
    summary = f"{environment.name} is as it was before."
    return Plan("usersite.undo", environment.name, summary, (step,)).sealed()


def _is_kernel(request: IsolateRequest) -> bool:
    if bool(request.kernel) == bool(request.environment):
        raise EnvMgrError("bad-request", "name a kernel or an environment, and not both")
    return bool(request.kernel)


def _plan(environment: Environment) -> Plan:
    file = os.path.join(environment.path, CONFIG)
    return Plan(
        operation="usersite.isolate",
        subject=environment.name,
        summary=f"{environment.name} loads nothing of the user site, whoever starts it. "
        "This can be undone.",
        steps=(PlanStep("make", file, "include-system-site-packages = false"),),
        warnings=("What `pip install --user` installs is not seen in it from then on.",),
        refusal=_why_not(environment, Path(file)),
    ).sealed()


def _why_not(environment: Environment, file: Path) -> str:
    name = environment.name
    if is_isolated(environment.path):
        return f"{name} keeps the user site out already."
    if environment.kind == "image":
        return "This is the image's own Python: isolate its kernels, or use a profile."
    if not environment.user_site:
        return f"{name} does not look at the user site: {environment.user_site_why}."
    if environment.kind == "venv":
        return f"{name} shares the image's packages, which would go too: isolate its kernels."
    if environment.kind != "conda":
        return f"{name} is no environment of its own: isolate its kernels."
    if version_key(environment.python)[:2] < FIRST_PYTHON:
        return f"Python {environment.python} does not read such a file: isolate its kernels."
    if not environment.writable:
        return f"You may not write to {environment.path}."
    if os.path.lexists(file):
        return f"{file} is there already, and not ours."
    return ""
