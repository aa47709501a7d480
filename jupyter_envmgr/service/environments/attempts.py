"""What every way to make an environment has in common: its name is taken, tried, taken back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace

from ...core.environments.model import Record
from ...core.errors import EnvMgrError, FieldError
from ...core.events import Notice
from ...core.jobs.model import Job
from ...core.settings import Location
from ...system.store import Store
from .. import kernels
from ..context import Context
from ..jobs import Running
from ..kernels import Registration
from . import managed
from .conda_plans import forget_environment


def free_or_dead(context: Context, location: Location, name: str) -> Record | None:
    """The record of a dead attempt that may be replaced; raises if the name is taken."""
    existing = Store(location).find(name)
    prefix = location.path / name
    if existing is None:
        if prefix.is_symlink() or prefix.exists():
            detail = f"{prefix} exists already"
            row = FieldError("name", detail, "directory-exists")
            raise EnvMgrError("directory-exists", detail, errors=(row,))
        return None
    if managed.is_dead(context, existing):
        return existing
    raise Store(location).taken(name)


def reserve(context: Context, location: Location, record: Record, *, break_lock: bool) -> None:
    """Take the name, durably and exclusively: of any number of processes exactly one gets it."""
    store = Store(location)
    existing = store.find(record.name)
    if existing is None:
        store.reserve(record)
        return
    if not managed.is_dead(context, existing):
        # Somebody was quicker: that is said before their lock could be met.
        raise store.taken(record.name)
    with managed.lock(context, location, record.name, "replacing", break_lock=break_lock):
        existing = store.find(record.name)
        if existing is not None:
            if not managed.is_dead(context, existing):
                raise store.taken(record.name)
            managed.clear(location, existing)
            store.delete(record.name)
        store.reserve(record)


def start(
    context: Context,
    location: Location,
    record: Record,
    operation: str,
    title: str,
    work: Callable[[Running], dict[str, str]],
    *,
    break_lock: bool,
) -> Job:
    """Take the record's name and start its job. When this returns the name is taken, durably."""
    assert record.job
    reserve(context, location, record, break_lock=break_lock)
    context.catalogue.forget()
    identifier = managed.environment_id(context, location, record.name)
    try:
        return context.jobs.start(operation, identifier, title, work, job_id=record.job)
    except BaseException:
        # Without a job nobody would ever work on it: the name is free again.
        Store(location).delete(record.name)
        raise


def carry_out(
    context: Context,
    location: Location,
    record: Record,
    running: Running,
    *,
    purpose: str,
    registration: Registration | None,
    make: Callable[[Record], object],
) -> dict[str, str]:
    """Have ``make`` make the environment of ``record``, in a directory that is there and ours.

    Leaves nothing if it is cancelled. A failure, or a server that shuts down, leaves the record
    with its problem and nothing else, so that it can be retried.
    """
    record = replace(record, directory=str(uuid.uuid4()))
    try:
        with managed.lock(context, location, record.name, purpose):
            try:
                running.check()
                Store(location).write(record)
                managed.make_directory(location, record)
                make(record)
            except BaseException:
                _undo(context, location, record, registration, running)
                raise
    except BaseException as error:
        _give_up(location, record, running, error)
        raise
    finally:
        context.catalogue.forget()
    return {"environment": managed.environment_id(context, location, record.name)}


def _undo(
    context: Context,
    location: Location,
    record: Record,
    registration: Registration | None,
    running: Running,
) -> None:
    """Take back what this attempt made: the kernelspec, then the directory."""
    try:
        if registration is not None:
            kernels.take_back(registration)
        managed.clear(location, record)
    except (OSError, EnvMgrError) as error:
        running.emit(Notice(f"could not be cleaned up: {error}", "warning"))
    if record.request.manager == "conda":
        forget_environment(context.settings, location.path / record.name)


def _give_up(location: Location, record: Record, running: Running, error: BaseException) -> None:
    """Forget an attempt that the person cancelled; keep any other for a retry, with its problem."""
    store = Store(location)
    problem = running.problem_of(error)
    if problem.code == "cancelled":
        if running.job.cancelling:
            store.delete(record.name)
            return
        detail = f"{record.maker} stopped before it was done"
        problem = EnvMgrError("interrupted", detail).problem
    store.write(replace(record, status="failed", problem=problem, directory=""))
