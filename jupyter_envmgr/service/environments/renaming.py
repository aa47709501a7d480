"""Giving an environment made here another name: its record, its directory, its kernels."""

from __future__ import annotations

import logging
import uuid
from dataclasses import replace
from pathlib import Path

from ...core.environments.model import Environment, Record, RenameRequest
from ...core.errors import EnvMgrError
from ...core.events import Notice, StepStarted
from ...core.jobs.model import Job
from ...core.kernels.model import Kernel
from ...core.kernels.spec import KernelTarget, display_name
from ...core.names import check_name, kernel_name
from ...core.plans import Plan, PlanStep
from ...core.settings import Location
from ...system import durable, holder, kernelspecs, processes, renames
from ...system.oserrors import explain_os_error
from ...system.renames import Rename
from ...system.revisions import Revisions
from ...system.store import Store
from .. import kernels
from ..context import Context
from ..jobs import Running
from . import attempts, managed, second_place, verify
from .conda_plans import forget_environment, remember_environment

_STEPS = [("rename", "Renaming", 0.5), ("finish", "Its record and its kernels", 0.5)]
_log = logging.getLogger(__name__)


def plan_rename(context: Context, identifier: str, request: RenameRequest) -> Plan:
    """What `rename` would do; of a conda environment all files are looked at, which takes seconds.

    Raises ``bad-name``, ``name-taken``, ``directory-exists``, ``read-only``.
    """
    plan = _plan(context, identifier, request)
    location, record, _ = _find(context, identifier)
    if record.request.manager != "conda" or (plan.refusal and not plan.forceable):
        return plan
    return second_place.looked_at(plan, location, record, request.name)


def _plan(context: Context, identifier: str, request: RenameRequest) -> Plan:
    location, record, registered = _find(context, identifier)
    name = check_name(request.name)
    if name != record.name:
        attempts.free_or_dead(context, location, name)
    old, new = location.path / record.name, location.path / name
    if record.request.manager == "conda":
        steps = second_place.steps(old, new)
    else:
        steps = [PlanStep("rename", str(old), str(new))]
    steps += [PlanStep("replace", kernel.name, kernel_name(name)) for kernel in registered]
    refusal, forceable = _why_not(context, location, record, registered, name)
    return Plan(
        operation="environments.rename",
        subject=identifier,
        summary=f"{record.name} is called {name} from then on. Whatever else names its old path "
        "has to be changed by hand.",
        steps=tuple(steps),
        refusal=refusal,
        forceable=forceable,
    ).sealed()


def _why_not(
    context: Context,
    location: Location,
    record: Record,
    registered: tuple[Kernel, ...],
    name: str,
) -> tuple[str, bool]:
    if name == record.name:
        return f"It is called {name} already.", False
    if record.status != "ready" or record.changing:
        return f"It is {'being changed' if record.changing else record.status}.", False
    names = {kernel.name for kernel in registered}
    if any(kernel.name in names for kernel in context.running_kernels()):
        return "A kernel of this server runs in it.", True
    using = processes.running_from(location.path / record.name)
    if using:
        first = using[0].command
        if len(using) == 1:
            return f"A process runs from it: {first}.", True
        return f"{len(using)} processes run from it, such as {first}.", True
    return "", False


def _find(context: Context, identifier: str) -> tuple[Location, Record, tuple[Kernel, ...]]:
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    return location, record, _kernels_of(context, location.path / record.name)


def _kernels_of(context: Context, prefix: Path) -> tuple[Kernel, ...]:
    return tuple(
        kernel
        for kernel in context.catalogue.kernels().kernels
        if kernel.managed and kernels.ours(Path(kernel.path)) == str(prefix)
    )


def rename(
    context: Context,
    identifier: str,
    request: RenameRequest,
    digest: str | None = None,
    *,
    force: bool = False,
) -> Job:
    """Start to rename an environment, if the plan is still the one that was shown."""
    plan = _plan(context, identifier, request)
    kernels.check_digest(plan, digest)
    if plan.refusal and not (force and plan.forceable):
        code = "kernel-running" if plan.forceable else "wrong-state"
        raise EnvMgrError(code, plan.refusal)
    environment = context.catalogue.environment(identifier)
    location, record, _ = _find(context, identifier)
    return context.jobs.start(
        "environments.rename",
        identifier,
        f"Rename {record.name} to {request.name}",
        lambda running: _carry_out(context, location, environment, record, request, running),
    )


def _carry_out(
    context: Context,
    location: Location,
    environment: Environment,
    record: Record,
    request: RenameRequest,
    running: Running,
) -> dict[str, str]:
    is_conda, name = record.request.manager == "conda", check_name(request.name)
    running.plan(second_place.STEPS if is_conda else _STEPS)
    store = Store(location)
    first, second = sorted((record.name, name))
    try:
        with (
            managed.lock(context, location, first, "renaming"),
            managed.lock(context, location, second, "renaming"),
        ):
            if store.read(record.name) != record:
                raise EnvMgrError("plan-changed", f"{record.name} has changed meanwhile")
            directory = str(uuid.uuid4()) if is_conda else record.directory
            intent = Rename(record, name, directory, running.job.id)
            renames.note(location, intent)
            try:
                _reserve(context, location, intent)
                if is_conda:
                    second_place.make(context, location, environment, intent, running)
                else:
                    running.step("rename")
                    _move(location, intent)
            except BaseException:
                try:
                    _take_back(location, intent)
                except (OSError, EnvMgrError) as error:
                    running.emit(Notice(f"could not be cleaned up: {error}", "warning"))
                raise
            running.emit(StepStarted("finish", "Its record and its kernels", 0, 0))
            store.write(_renamed(location, intent))
            try:
                _finish(context, location, intent)
            except (OSError, EnvMgrError) as error:
                detail = error.detail if isinstance(error, EnvMgrError) else str(error)
                text = f"Not everything of {record.name} could be removed: {detail}"
                running.emit(Notice(text, "warning"))
    finally:
        context.catalogue.forget()
    return {"environment": managed.environment_id(context, location, name)}


def _reserve(context: Context, location: Location, intent: Rename) -> None:
    """The record first: of any number of processes one gets the name."""
    attempts.free_or_dead(context, location, intent.name)
    store = Store(location)
    dead = store.find(intent.name)
    if dead is not None:
        managed.clear(location, dead)
        store.delete(intent.name)
    store.reserve(
        replace(
            _renamed(location, intent),
            status="creating",
            job=intent.job,
            maker=holder.current(context.settings.door),
        )
    )


def _renamed(location: Location, intent: Rename) -> Record:
    """The record as it is to be."""
    old, prefix = intent.old, location.path / intent.name
    own = display_name(old.python, old.name)
    # Where the location was mounted elsewhere, the path in the record is another one.
    interpreter = str(prefix / "bin" / Path(old.interpreter).name) if old.interpreter else ""
    return replace(
        old,
        name=intent.name,
        request=replace(old.request, name=intent.name),
        directory=intent.directory,
        interpreter=interpreter,
        display_name=display_name(old.python, intent.name)
        if old.display_name == own
        else old.display_name,
        kernel=None,
    )


def _move(location: Location, intent: Rename) -> None:
    """What does not know where it lies is renamed, at once."""
    old, new = location.path / intent.old.name, location.path / intent.name
    try:
        durable.rename_no_replace(old, new)
    except OSError as error:
        raise explain_os_error(error, f"cannot rename {old}") from error


def _finish(context: Context, location: Location, intent: Rename) -> None:
    """What is left once the new record is there. Can be done again by whoever finds the intent."""
    old, store = intent.old, Store(location)
    prefix = location.path / old.name
    registered = _kernels_of(context, prefix)
    if registered:
        _register(context, location, store, store.read(intent.name))
    for kernel in registered:
        kernelspecs.uninstall(Path(kernel.path))
    is_conda = old.request.manager == "conda"
    if is_conda:
        remember_environment(context.settings, location.path / intent.name)
    # Changed since by somebody who found both, it stays.
    if store.find(old.name) == old:
        Revisions(location, old.name).rename(location, intent.name)
        verify.forget(context.settings, str(prefix))
        managed.clear(location, old)
        if is_conda:
            forget_environment(context.settings, prefix)
        store.delete(old.name)
    renames.erase(location, intent.name)


def _take_back(location: Location, intent: Rename) -> None:
    """Leave the old one as it was, and nothing of the new one."""
    store, name = Store(location), intent.name
    reserved = store.find(name)
    if reserved is not None and reserved.job == intent.job and reserved.status == "creating":
        if intent.directory != intent.old.directory:
            managed.clear(location, reserved)
        elif _was_moved(location, intent):
            # A rename can be done and say that it failed, where the disk does not take its note.
            durable.rename_no_replace(location.path / name, location.path / intent.old.name)
        store.delete(name)
    renames.erase(location, name)


def again(context: Context, location: Location, record: Record) -> Job | None:
    """Begin anew what was cut; None if the dead ``record`` is none of a rename."""
    intent = renames.find(location, record.name)
    if intent is None:
        return None
    recover(context, location)
    if Store(location).find(intent.old.name) is None:
        return None
    identifier = managed.environment_id(context, location, intent.old.name)
    return rename(context, identifier, RenameRequest(intent.name))


def recover(context: Context, location: Location) -> None:
    """Finish, or take back, what a killed process has left of renames in a location."""
    for intent in renames.pending(location):
        record = Store(location).find(intent.name)
        if record is not None and context.catalogue.is_being_made(record):
            continue
        first, second = sorted((intent.old.name, intent.name))
        try:
            with (
                managed.lock(context, location, first, "renaming"),
                managed.lock(context, location, second, "renaming"),
            ):
                _put_right(context, location, intent)
        except (OSError, EnvMgrError) as error:
            # The next start tries again; what else was cut is seen to now.
            if not (isinstance(error, EnvMgrError) and error.code == "locked"):
                _log.warning("renaming %s was cut, and that stays: %s", intent.old.name, error)
        context.catalogue.forget()


def _put_right(context: Context, location: Location, intent: Rename) -> None:
    store = Store(location)
    record = store.find(intent.name)
    if record is None or record.directory != intent.directory:
        renames.erase(location, intent.name)
        return
    was_moved = _was_moved(location, intent)
    if record.status == "creating" and was_moved:
        store.write(_renamed(location, intent))
    if record.status == "ready" or was_moved:
        _finish(context, location, intent)
        _log.warning("%s is called %s now: that was cut", intent.old.name, intent.name)
    else:
        _take_back(location, intent)
        _log.warning("%s is called so still: renaming it was cut", intent.old.name)


def _was_moved(location: Location, intent: Rename) -> bool:
    """Whether the directory of a pip environment has its new name."""
    return (
        intent.directory == intent.old.directory
        and managed.made_by(location.path / intent.name) == intent.directory
    )


def _register(context: Context, location: Location, store: Store, record: Record) -> None:
    identifier = managed.environment_id(context, location, record.name)
    prefix = location.path / record.name
    target = KernelTarget(
        id=identifier,
        prefix=prefix,
        interpreter=prefix / "bin" / "python",
        kind="conda" if record.request.manager == "conda" else "venv",
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
