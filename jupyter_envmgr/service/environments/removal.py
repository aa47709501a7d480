"""Removing an environment: its kernels first, then its directory, its record last."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.environments.create import named
from ...core.environments.model import Record
from ...core.kernels.model import Kernel
from ...core.plans import Plan, PlanStep
from ...core.settings import Location
from ...system import kernelspecs, processes
from ...system.revisions import Revisions
from ...system.store import Store
from .. import kernels
from ..context import Context
from ..jobs import Running
from . import managed, verify
from .conda_plans import forget_environment

_UNSEEN = "Kernels in other containers cannot be seen from here."


@dataclass(frozen=True)
class Removal:
    """What would be removed, and the plan that shows it."""

    plan: Plan
    location: Location
    record: Record
    kernels: tuple[Kernel, ...]

    @property
    def prefix(self) -> Path:
        return self.location.path / self.record.name


def prepare(context: Context, identifier: str) -> Removal:
    """Plan the removal of a managed environment. Raises ``read-only`` for any other."""
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    prefix = location.path / record.name
    registered = tuple(
        kernel
        for kernel in context.catalogue.kernels().kernels
        if kernel.managed and kernels.ours(Path(kernel.path)) == str(prefix)
    )
    steps = [PlanStep("unregister", k.name, k.display_name) for k in registered]
    if managed.made_by(prefix) == record.directory and record.directory:
        steps.append(PlanStep("delete", str(prefix), "the environment's directory"))
    elif prefix.exists():
        steps.append(PlanStep("keep", str(prefix), "it was not made by this record"))
    steps.append(PlanStep("forget", record.name, "its record"))
    refusal, forceable = _refusal(context, record, prefix, registered)
    plan = Plan(
        operation="environments.remove",
        subject=identifier,
        summary=f"{record.name} and everything that is installed in it is deleted. "
        "There is no undo.",
        steps=tuple(steps),
        facts=(("Recreate with", named(record.lock[:6]) + (" …" if record.lock[6:] else "")),)
        if record.lock
        else (),
        warnings=(_UNSEEN,),
        refusal=refusal,
        forceable=forceable,
    ).sealed()
    return Removal(plan, location, record, registered)


def _refusal(
    context: Context, record: Record, prefix: Path, registered: tuple[Kernel, ...]
) -> tuple[str, bool]:
    if record.status == "creating" and context.catalogue.is_being_made(record):
        return f"It is being created by {record.maker}: cancel that job first.", False
    names = {kernel.name for kernel in registered}
    mine = [kernel for kernel in context.running_kernels() if kernel.name in names]
    if mine:
        return f"{len(mine)} running kernel(s) of this server use it. {_UNSEEN}", True
    using = processes.running_from(prefix)
    if using:
        listed = "; ".join(f"{p.command} (process {p.pid})" for p in using[:3])
        return f"{len(using)} process(es) run from it: {listed}. {_UNSEEN}", True
    return "", False


def carry_out(
    context: Context, removal: Removal, running: Running, *, break_lock: bool
) -> dict[str, str]:
    """The job. Killed at any moment, it can be started again and ends the same."""
    name = removal.record.name
    store = Store(removal.location)
    running.plan(
        [
            ("unregister", "Unregistering kernels", 0.1),
            ("delete", "Deleting the directory", 0.8),
            ("forget", "Forgetting the record", 0.1),
        ]
    )
    try:
        with managed.lock(context, removal.location, name, "removing", break_lock=break_lock):
            record = store.find(name) or removal.record
            running.step("unregister")
            for kernel in removal.kernels:
                kernelspecs.uninstall(Path(kernel.path))
            running.step("delete")
            managed.clear(removal.location, record)
            running.step("forget")
            if record.request.manager == "conda":
                forget_environment(context.settings, removal.prefix)
            Revisions(removal.location, name).forget()
            verify.forget(context.settings, str(removal.prefix))
            store.delete(name)
    finally:
        context.catalogue.forget()
    return {"environment": removal.plan.subject}
