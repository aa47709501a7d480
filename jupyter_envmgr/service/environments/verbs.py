"""The verbs that change environments: create, retry, remove, update."""

from __future__ import annotations

from dataclasses import replace

from ...core.environments.check import check_labels, check_words
from ...core.environments.model import CreateRequest, Environment, UpdateRequest
from ...core.errors import EnvMgrError
from ...core.jobs.model import Job
from ...core.packages.hashes import without_hashes
from ...core.plans import Plan, PlanStep
from ...system import durable
from ...system.store import Store
from .. import archives, kernels
from ..context import Context
from . import attempts, creation, making, managed, removal
from .conda_plans import read_configuration
from .content import run_at_once
from .solutions import changes_of, facts_of


def plan_create(context: Context, request: CreateRequest, *, solve: bool = False) -> Plan:
    """What `create` would do. Raises what is wrong with every field of the request.

    With ``solve`` it says every package too, which takes seconds where a solver is asked.
    """
    prepared = creation.prepare(context, request)
    if not solve or prepared.content.solve is None:
        return prepared.plan
    with durable.private_directory(context.settings.cache) as workdir:
        part, read = prepared.content.solve(workdir)
        solution = read(run_at_once(part))
    plan = prepared.plan
    asked = prepared.content.kept or request
    steps = [step for step in plan.steps if step.action != "install"]
    steps += changes_of(solution, read_configuration(context.settings))
    steps += [PlanStep("install", without_hashes(text), "by pip") for text in asked.pip]
    return replace(
        plan,
        steps=tuple(steps),
        facts=(*plan.facts, *facts_of(solution)),
    )


def create(context: Context, request: CreateRequest, *, break_lock: bool = False) -> Job:
    """Take the name and start the job that makes the environment.

    When this returns the name is taken, durably: nobody else gets it while the job lives.
    """
    prepared = creation.prepare(context, request)
    record = creation.record_of(context, prepared, context.jobs.new_id())
    return attempts.start(
        context,
        prepared.facts.location,
        record,
        "environments.create",
        f"Create {prepared.name}",
        lambda running: making.carry_out(context, prepared, record, running),
        break_lock=break_lock,
    )


def retry(context: Context, identifier: str, break_lock: bool = False) -> Job:
    """Create a failed or interrupted environment again, as it was asked for."""
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    if managed.has_renames(location) and managed.is_dead(context, record):
        from . import renaming

        if (job := renaming.again(context, location, record)) is not None:
            return job
    _put_right(context, identifier)
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    if not managed.is_dead(context, record):
        raise EnvMgrError("wrong-state", f"{record.name} is {environment.status}: nothing to retry")
    if "archive" in record.annotations:
        return archives.again(context, location, record, break_lock=break_lock)
    # Where it lies may have another name here than where it was asked for.
    request = replace(record.request, location=location.name)
    return create(context, request, break_lock=break_lock)


def plan_remove(context: Context, identifier: str) -> Plan:
    """What `remove` would do."""
    return removal.prepare(context, identifier).plan


def remove(
    context: Context,
    identifier: str,
    digest: str | None = None,
    force: bool = False,
    break_lock: bool = False,
) -> Job:
    """Start the job that removes an environment, if the plan is still the one that was shown."""
    _put_right(context, identifier)
    prepared = removal.prepare(context, identifier)
    kernels.check_digest(prepared.plan, digest)
    if prepared.plan.refusal and not (force and prepared.plan.forceable):
        code = "kernel-running" if prepared.plan.forceable else "wrong-state"
        raise EnvMgrError(code, f"{prepared.record.name}: {prepared.plan.refusal}")
    return context.jobs.start(
        "environments.remove",
        identifier,
        f"Remove {prepared.record.name}",
        lambda running: removal.carry_out(context, prepared, running, break_lock=break_lock),
    )


def update(context: Context, identifier: str, request: UpdateRequest) -> Environment:
    """Change what an environment is called and noted; its kernel takes the new display name."""
    environment = context.catalogue.environment(identifier)
    if request.display_name is not None:
        check_words("display_name", request.display_name)
    if request.remarks is not None:
        check_words("remarks", request.remarks)
    if request.labels is not None:
        check_labels(request.labels)
    location, record = managed.find_record(context, environment)
    with managed.lock(context, location, record.name, "renaming"):
        store = Store(location)
        record = store.read(record.name)
        changes = {
            field: value
            for field in ("display_name", "remarks", "labels")
            if (value := getattr(request, field)) is not None
        }
        store.write(replace(record, **changes))
        if request.display_name and record.kernel:
            kernels.rename(context, record.kernel, request.display_name)
    context.catalogue.forget()
    return context.catalogue.environment(identifier)


def _put_right(context: Context, identifier: str) -> None:
    """Put back what was set aside for a new one, if the making of that was killed."""
    environment = context.catalogue.environment(identifier)
    if environment.managed and environment.location is not None:
        location = managed.find_location(context, environment.location)
        if managed.has_aside(location):
            from .recreating import recover

            recover(context, location)
        if managed.has_renames(location):
            from .renaming import recover as finish_renames

            finish_renames(context, location)
