"""Deleting user packages for good: set aside first, so that it happens whole or not at all."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from ...core.errors import EnvMgrError, FieldError
from ...core.plans import Plan
from ...core.settings import Settings
from ...core.usersite.model import RemoveRequest, ResetRequest, Snapshot
from .reset import Emit, check_digest, plan_reset, quiet, reset
from .reset_words import human
from .snapshots import delete

_OF_SNAPSHOTS = ("Snapshot in",)


def plan_remove(
    settings: Settings,
    request: RemoveRequest,
    *,
    running_kernels: Sequence[str] = (),
    server_modules: Iterable[str] = (),
) -> Plan:
    """What `remove` would delete. Its ``subject`` is what a person has to type."""
    return _as_removal(
        plan_reset(
            settings,
            _as_reset(request),
            running_kernels=running_kernels,
            server_modules=server_modules,
        )
    )


def _as_removal(plan: Plan) -> Plan:
    """The plan of the reset that comes first, as what it is here."""
    steps = tuple(replace(s, action="delete") if s.action == "move" else s for s in plan.steps)
    size = f" ({human(plan.bytes)})" if plan.bytes is not None else ""
    return replace(
        plan,
        operation="usersite.remove",
        summary=f"{plan.subject[:1].upper()}{plan.subject[1:]}{size}: deleted. There is no undo.",
        steps=steps,
        facts=tuple(fact for fact in plan.facts if fact[0] not in _OF_SNAPSHOTS),
        digest=hashlib.sha256(f"remove {plan.digest}".encode()).hexdigest()[:32],
    )


def remove(
    settings: Settings,
    request: RemoveRequest,
    digest: str | None = None,
    *,
    emit: Emit = quiet,
    running_kernels: Sequence[str] = (),
    server_modules: Iterable[str] = (),
    break_lock: bool = False,
) -> Snapshot:
    """Delete what the plan shows. Raises what `reset` raises, and ``bad-request`` unconfirmed.

    Who is killed in between leaves a snapshot, in which all of it is there still.
    """
    modules = tuple(server_modules)
    moved = plan_reset(
        settings,
        _as_reset(request),
        running_kernels=running_kernels,
        server_modules=modules,
    )
    plan = _as_removal(moved)
    check_digest(plan, digest)
    check_confirmed(plan, request)
    # It looks again under its lock: what came in between is not deleted unseen.
    aside = reset(
        settings,
        _as_reset(request),
        moved.digest,
        emit=emit,
        running_kernels=running_kernels,
        server_modules=modules,
        break_lock=break_lock,
    )
    return delete(settings, aside.name, break_lock=break_lock)


def check_confirmed(plan: Plan, request: RemoveRequest) -> None:
    """Raise ``bad-request`` unless the person typed what the plan is about."""
    if request.confirm != plan.subject:
        detail = f"type {plan.subject!r} to delete it for good"
        raise EnvMgrError("bad-request", detail, errors=(FieldError("confirm", detail),))


def _as_reset(request: RemoveRequest) -> ResetRequest:
    return ResetRequest(
        request.scope,
        packages=request.packages,
        python=request.python,
        keep_jupyter=request.keep_jupyter,
    )
