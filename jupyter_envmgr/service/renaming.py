"""Giving an environment made here another name: its record, its directory, its kernels."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ..core.environments.model import Record, RenameRequest
from ..core.errors import EnvMgrError
from ..core.jobs.model import Job
from ..core.kernels.model import Kernel
from ..core.kernels.spec import KernelTarget, display_name
from ..core.names import check_name, kernel_name
from ..core.plans import Plan, PlanStep
from ..core.settings import Location
from ..system import durable, holder, kernelspecs, processes
from ..system.oserrors import explain_os_error
from ..system.revisions import Revisions
from ..system.store import Store
from . import kernels, managed
from .context import Context
from .jobs import Running

_CLONE = "A conda environment knows in many files where it lies: clone it, then remove this one."


def plan_rename(context: Context, identifier: str, request: RenameRequest) -> Plan:
    """What `rename` would do. Raises ``bad-name``, ``name-taken``, ``read-only``."""
    location, record, registered = _find(context, identifier)
    name = check_name(request.name)
    if name != record.name:
        if Store(location).find(name) is not None:
            raise Store(location).taken(name)
        if (location.path / name).exists():
            raise EnvMgrError.of_field(
                "directory-exists", "name", f"{location.path / name} exists already"
            )
    steps = [PlanStep("rename", str(location.path / record.name), str(location.path / name))]
    steps += [PlanStep("replace", kernel.name, kernel_name(name)) for kernel in registered]
    return Plan(
        operation="environments.rename",
        subject=identifier,
        summary=f"{record.name} is called {name} from then on. Whatever else names its old path "
        "has to be changed by hand.",
        steps=tuple(steps),
        refusal=_why_not(context, location, record, registered, name),
    ).sealed()


def _why_not(
    context: Context,
    location: Location,
    record: Record,
    registered: tuple[Kernel, ...],
    name: str,
) -> str:
    if name == record.name:
        return f"It is called {name} already."
    if record.request.manager == "conda":
        return _CLONE
    if record.status != "ready" or record.changing:
        return f"It is {record.status}."
    names = {kernel.name for kernel in registered}
    if any(kernel.name in names for kernel in context.running_kernels()):
        return "A kernel of this server runs in it."
    using = processes.running_from(location.path / record.name)
    if using:
        return f"{len(using)} processes run from it, such as {using[0].command}."
    return ""


def _find(context: Context, identifier: str) -> tuple[Location, Record, tuple[Kernel, ...]]:
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    prefix = str(location.path / record.name)
    registered = tuple(
        kernel
        for kernel in context.catalogue.kernels().kernels
        if kernel.managed and kernels.ours(Path(kernel.path)) == prefix
    )
    return location, record, registered


def rename(
    context: Context, identifier: str, request: RenameRequest, digest: str | None = None
) -> Job:
    """Start to rename an environment, if the plan is still the one that was shown."""
    plan = plan_rename(context, identifier, request)
    kernels.check_digest(plan, digest)
    if plan.refusal:
        raise EnvMgrError("wrong-state", plan.refusal)
    location, record, registered = _find(context, identifier)
    return context.jobs.start(
        "environments.rename",
        identifier,
        f"Rename {record.name} to {request.name}",
        lambda running: _carry_out(context, location, record.name, registered, request, running),
    )


def _carry_out(
    context: Context,
    location: Location,
    old: str,
    registered: tuple[Kernel, ...],
    request: RenameRequest,
    running: Running,
) -> dict[str, str]:
    running.plan([("rename", "Renaming", 0.5), ("kernels", "Registering its kernel", 0.5)])
    running.step("rename")
    store, name = Store(location), check_name(request.name)
    first, second = sorted((old, name))
    try:
        with (
            managed.lock(context, location, first, "renaming"),
            managed.lock(context, location, second, "renaming"),
        ):
            record = store.read(old)
            _move(location, store, record, name)
            running.step("kernels")
            if registered:
                _register(context, location, store, store.read(name))
            for kernel in registered:
                kernelspecs.uninstall(Path(kernel.path))
    finally:
        context.catalogue.forget()
    return {"environment": managed.environment_id(context, location, name)}


def _move(location: Location, store: Store, record: Record, name: str) -> None:
    """The record first: of any number of processes one gets the name. Then the directory.

    Who is killed in between leaves the old name with its directory and a record of the new one
    that says that it failed, which can be removed.
    """
    renamed = replace(
        record,
        name=name,
        status="failed",
        display_name=_label(record, name),
        request=replace(record.request, name=name),
        directory="",
        kernel=None,
        problem=EnvMgrError("interrupted", f"renaming {record.name} was not finished").problem,
    )
    store.reserve(renamed)
    try:
        durable.rename_no_replace(location.path / record.name, location.path / name)
    except OSError as error:
        store.delete(name)
        raise explain_os_error(error, f"cannot rename {location.path / record.name}") from error
    interpreter = (
        location.path
        / name
        / os.path.relpath(record.interpreter or "bin/python", location.path / record.name)
    )
    store.write(
        replace(
            renamed,
            status="ready",
            directory=record.directory,
            interpreter=str(interpreter) if record.interpreter else "",
            problem=None,
        )
    )
    Revisions(location, record.name).rename(location, name)
    store.delete(record.name)


def _label(record: Record, name: str) -> str:
    """The kernel's label, with the new name in it if the old one was."""
    own = display_name(record.python, record.name)
    return display_name(record.python, name) if record.display_name == own else record.display_name


def _register(context: Context, location: Location, store: Store, record: Record) -> None:
    identifier = managed.environment_id(context, location, record.name)
    prefix = location.path / record.name
    target = KernelTarget(
        id=identifier,
        prefix=prefix,
        interpreter=prefix / "bin" / "python",
        kind="venv",
        python=record.python,
        image=context.catalogue.image().name,
        host=holder.current(context.settings.door).host,
    )
    persistence = context.catalogue.persistence(prefix)
    registration = kernels.prepare(
        context.settings,
        kernel_name(identifier.replace("@", "--")),
        record.display_name,
        target,
        survives=persistence.survives,
    )
    kernels.write(registration)
    store.write(replace(record, kernel=registration.name))
