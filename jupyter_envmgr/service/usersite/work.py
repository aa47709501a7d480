"""The changes of the user site that move many files, as jobs."""

from __future__ import annotations

import functools
import sys
from typing import Protocol, TypedDict

from ...core.jobs.model import Job
from ...core.plans import Plan
from ...core.usersite.model import RemoveRequest, ResetRequest, RestoreRequest, Snapshot
from ..context import Context
from ..jobs import Running
from .backup import backup, plan_backup
from .remove import check_confirmed, plan_remove, remove
from .reset import Emit, check_digest, plan_reset, refuse, reset
from .restore import plan_restore, restore
from .snapshots import delete, plan_delete


class Change(Protocol):
    """What is done in a job; it says how far it is."""

    def __call__(self, *, emit: Emit) -> Snapshot: ...


def plan_reset_here(context: Context, request: ResetRequest) -> Plan:
    """What a reset would move, for the server or program that this is."""
    return plan_reset(context.settings, request, **_in_use(context))


def start_reset(
    context: Context, request: ResetRequest, digest: str, *, break_lock: bool = False
) -> Job:
    """Start to set aside what the plan shows. Raises what speaks against it at once."""
    plan = plan_reset_here(context, request)
    check_digest(plan, digest)
    refuse(plan)
    move = functools.partial(
        reset, context.settings, request, digest, break_lock=break_lock, **_in_use(context)
    )
    return _start(context, "usersite.reset", plan.subject, "Set user packages aside", move)


def plan_remove_here(context: Context, request: RemoveRequest) -> Plan:
    """What would be deleted for good, for the server or program that this is."""
    return plan_remove(context.settings, request, **_in_use(context))


def start_remove(
    context: Context, request: RemoveRequest, digest: str, *, break_lock: bool = False
) -> Job:
    """Start to delete for good what the plan shows. Raises what speaks against it at once."""
    plan = plan_remove_here(context, request)
    check_digest(plan, digest)
    check_confirmed(plan, request)
    refuse(plan)
    clear = functools.partial(
        remove, context.settings, request, digest, break_lock=break_lock, **_in_use(context)
    )
    return _start(context, "usersite.remove", plan.subject, "Delete user packages", clear)


def start_backup(
    context: Context, request: ResetRequest, digest: str, *, break_lock: bool = False
) -> Job:
    """Start to copy what a reset of the same request would move."""
    plan = plan_backup(context.settings, request)
    check_digest(plan, digest)
    copy = functools.partial(backup, context.settings, request, digest, break_lock=break_lock)
    return _start(context, "usersite.backup", plan.subject, "Copy user packages", copy)


def plan_restore_here(context: Context, name: str, request: RestoreRequest) -> Plan:
    """What a restore would bring back, and set aside first."""
    kernels = running_kernels(context)
    return plan_restore(context.settings, name, request, running_kernels=kernels)


def start_restore(
    context: Context, name: str, request: RestoreRequest, digest: str, *, break_lock: bool = False
) -> Job:
    """Start to bring back a snapshot, or packages of it."""
    check_digest(plan_restore_here(context, name, request), digest)
    bring_back = functools.partial(
        restore,
        context.settings,
        name,
        request,
        digest,
        running_kernels=running_kernels(context),
        break_lock=break_lock,
    )
    return _start(context, "usersite.restore", name, f"Restore {name}", bring_back)


def start_delete(context: Context, name: str, digest: str, *, break_lock: bool = False) -> Job:
    """Start to delete a snapshot for good."""
    check_digest(plan_delete(context.settings, name), digest)

    def forget(*, emit: Emit) -> Snapshot:
        return delete(context.settings, name, digest, break_lock=break_lock)

    return _start(context, "usersite.delete", name, f"Delete the snapshot {name}", forget)


class _InUse(TypedDict):
    running_kernels: tuple[str, ...]
    server_modules: tuple[str, ...]


def _in_use(context: Context) -> _InUse:
    """What runs in this process, as plans and changes are told of it."""
    return {"running_kernels": running_kernels(context), "server_modules": loaded_modules()}


def running_kernels(context: Context) -> tuple[str, ...]:
    """The names of the kernelspecs that this server runs."""
    return tuple(sorted({kernel.name for kernel in context.running_kernels()}))


def loaded_modules() -> tuple[str, ...]:
    """The files that this process has loaded its modules from."""
    files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
    return tuple(file for file in files if isinstance(file, str))


def _start(context: Context, operation: str, subject: str, title: str, change: Change) -> Job:
    def work(running: Running) -> dict[str, str]:
        running.plan([("work", title, 1.0)])
        running.step("work")
        try:
            return {"snapshot": change(emit=running.emit).name}
        finally:
            context.catalogue.forget()

    return context.jobs.start(operation, subject, title, work)
