"""Making an environment anew from its record, with the old one kept until the new one works."""

from __future__ import annotations

import json
import logging
from dataclasses import replace
from pathlib import Path

from ...core.clock import now
from ...core.environments.asked import asked_for, in_one_text, python_again
from ...core.environments.isolation import is_isolated
from ...core.environments.model import CreateRequest, Record
from ...core.errors import EnvMgrError
from ...core.jobs.model import Job
from ...core.packages.hashes import hashed_where_known, known_hashes, relocked
from ...core.plans import Plan, PlanStep
from ...core.settings import Location
from ...core.wire import from_wire, to_wire
from ...system import durable, holder, processes
from ...system.oserrors import explain_os_error
from ...system.regular import open_regular
from ...system.store import Store
from .. import kernels
from ..context import Context
from ..jobs import Running
from . import creation, making, managed
from .change_target import is_address, name_of_line
from .creation import Creation

_LARGEST = 4 * 1024 * 1024
_log = logging.getLogger(__name__)


def plan_recreate(context: Context, identifier: str) -> Plan:
    """What `recreate` would do. Raises ``wrong-state`` for what was never made."""
    return _prepare(context, identifier)[2]


def _prepare(context: Context, identifier: str) -> tuple[Record, Creation, Plan]:
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    if record.status != "ready":
        detail = f"{record.name} was never made: try that again instead"
        raise EnvMgrError("wrong-state", detail)
    request = replace(
        as_it_was(record),
        location=location.name,
        user_site=environment.kind == "conda" and not is_isolated(environment.path),
    )
    prepared = creation.prepare(context, request, replacing=record)
    prefix = location.path / record.name
    plan = Plan(
        operation="environments.recreate",
        subject=identifier,
        summary=f"{record.name} is made anew with the packages that its record names. "
        "The present one is kept aside until that has worked.",
        steps=(
            PlanStep("set aside", str(prefix), "until the new one works"),
            *prepared.plan.steps,
        ),
        facts=prepared.plan.facts,
        warnings=prepared.plan.warnings,
        notices=prepared.plan.notices,
        refusal=_why_not(context, record, prefix),
    ).sealed()
    return record, prepared, plan


def _why_not(context: Context, record: Record, prefix: Path) -> str:
    if any(kernel.name == record.kernel for kernel in context.running_kernels()):
        return "Its kernel runs: shut it down first."
    using = processes.running_from(prefix)
    if using:
        return f"{len(using)} processes run from it, such as {using[0].command}."
    return ""


def request_of(context: Context, identifier: str) -> CreateRequest:
    """What an environment was asked for, all packages in one text: to ask for another like it."""
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    request = in_one_text(record.request, name_of_line)
    return replace(request, location=location.name, remarks=record.remarks, labels=record.labels)


def as_it_was(record: Record) -> CreateRequest:
    """The request that makes the same environment again: exactly what was installed, if known."""
    request = replace(record.request, python=python_again(record))
    if not record.lock:
        return request
    lines = tuple(line for line in record.lock if not is_address(line))
    addresses = tuple(line for line in record.lock if is_address(line))
    if request.manager == "conda":
        pip = hashed_where_known(lines, known_hashes("\n".join(request.pip)))
        asked = asked_for(request)
        return replace(
            request, packages=addresses, pip=pip, requirements="", python="", asked=asked
        )
    packages, requirements = relocked(lines, (), request.requirements)
    return replace(request, packages=packages, requirements=requirements)


def recreate(context: Context, identifier: str, digest: str | None = None) -> Job:
    """Start to make an environment anew, if the plan is still the one that was shown."""
    record, prepared, plan = _prepare(context, identifier)
    kernels.check_digest(plan, digest)
    if plan.refusal:
        raise EnvMgrError("wrong-state", plan.refusal)
    return context.jobs.start(
        "environments.recreate",
        identifier,
        f"Make {record.name} anew",
        lambda running: _carry_out(context, prepared, record, running),
    )


def _carry_out(
    context: Context, prepared: Creation, old: Record, running: Running
) -> dict[str, str]:
    location = prepared.facts.location
    fresh = replace(
        old,
        status="creating",
        created=now(),
        maker=holder.current(context.settings.door),
        engine=prepared.facts.engine,
        job=running.job.id,
        directory="",
        changing="",
    )
    with managed.lock(context, location, old.name, "making anew"):
        if Store(location).read(old.name) != old:
            raise EnvMgrError("plan-changed", f"{old.name} has changed meanwhile")
        _note_old(location, old)
    try:
        with managed.lock(context, location, old.name, "making anew"):
            _set_aside(location, old, fresh)
        result = making.carry_out(context, prepared, fresh, running)
    except BaseException:
        if restore(context, location, old.name) and prepared.registration is not None:
            kernels.write(prepared.registration)
        raise
    with managed.lock(context, location, old.name, "making anew"):
        _forget(location, old.name)
    return result


# -- what is kept aside -----------------------------------------------------------------------


def _note(location: Location, name: str) -> Path:
    return location.aside / f"{name}.json"


def _note_old(location: Location, old: Record) -> None:
    """Write the old record down, so that whoever finds it can put all of it back."""
    try:
        durable.make_directory_like_parent(location.aside)
        data = json.dumps(to_wire(old), ensure_ascii=False).encode()
        durable.write_file(_note(location, old.name), data)
    except OSError as error:
        raise explain_os_error(error, f"cannot set {old.name} aside") from error


def _set_aside(location: Location, old: Record, fresh: Record) -> None:
    try:
        Store(location).write(fresh)
        prefix = location.path / old.name
        if managed.made_by(prefix) == old.directory:
            durable.rename_no_replace(prefix, location.aside / old.name)
    except OSError as error:
        raise explain_os_error(error, f"cannot set {old.name} aside") from error


def restore(context: Context, location: Location, name: str) -> bool:
    """Put back what was set aside for a try that did not work; whether there was anything."""
    with managed.lock(context, location, name, "putting back"):
        old = _old(location, name)
        if old is None:
            return False
        aside, prefix = location.aside / name, location.path / name
        store = Store(location)
        if aside.exists():
            now_there = store.find(name)
            if now_there is not None:
                managed.clear(location, now_there)
            durable.rename_no_replace(aside, prefix)
        store.write(old)
        durable.unlink(_note(location, name))
    context.catalogue.forget()
    return True


def _forget(location: Location, name: str) -> None:
    """Delete what was set aside: the new one works."""
    aside = location.aside / name
    if aside.exists():
        made_by = durable.identity(aside)
        durable.remove_tree(aside, made_by=made_by, trash=location.trash)
    durable.unlink(_note(location, name))


def _old(location: Location, name: str) -> Record | None:
    try:
        with open_regular(_note(location, name)) as file:
            return from_wire(Record, json.loads(file.read(_LARGEST)), strict=False)
    except (OSError, ValueError, RecursionError, EnvMgrError):
        return None


def recover(context: Context, location: Location) -> None:
    """Finish, or take back, what a killed process left aside in a location."""
    try:
        names = [path.stem for path in location.aside.glob("*.json")]
    except OSError:
        return
    for name in names:
        old = _old(location, name)
        record = Store(location).find(name)
        if old is None or (record is not None and context.catalogue.is_being_made(record)):
            continue
        if record is not None and record.status == "ready" and record.created != old.created:
            with managed.lock(context, location, name, "making anew"):
                _forget(location, name)
        elif restore(context, location, name):
            _log.warning("%s is as it was: making it anew was cut", name)
