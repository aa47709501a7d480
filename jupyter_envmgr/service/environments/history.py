"""The revisions of an environment made here: what each change did, and going back to one."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from packaging.utils import canonicalize_name

from ...core.clock import now
from ...core.environments.model import (
    EnvironmentHistory,
    EnvironmentRevision,
    Record,
    RevertRequest,
    RevisionChange,
)
from ...core.errors import EnvMgrError
from ...core.packages.model import ChangeRequest
from ...core.plans import Plan, PlanStep
from ...core.settings import Location
from ...system.oserrors import explain_os_error
from ...system.revisions import RevisionRecord, Revisions
from .. import kernels
from ..context import Context
from . import managed
from .change_target import Target, lock_of

_OUTSIDE = "changed by another tool"
_ADDRESS = re.compile(r"([^/]+)-([^-/]+)-([^-/]+?)(?:\.conda|\.tar\.bz2)(?:#.*)?")


def note(location: Location, record: Record, what: str) -> None:
    """Note what an environment holds now. Under its lock."""
    try:
        Revisions(location, record.name).add(now(), what, record)
    except OSError as error:
        raise explain_os_error(error, f"the history of {record.name}") from error


def note_outside_change(location: Location, record: Record, lock: tuple[str, ...]) -> None:
    """Note what other tools made of an environment since, so that one can go back to it.

    ``lock`` is what it holds. Under its lock; nothing is noted of one whose change was cut.
    """
    if lock and not record.changing and versions(lock) != versions(record.lock):
        note(location, replace(record, lock=lock), _OUTSIDE)


def history(context: Context, identifier: str) -> EnvironmentHistory:
    """All revisions that are kept, the newest first. Raises ``read-only`` for what is not ours."""
    location, record = _find(context, identifier)
    shown: list[EnvironmentRevision] = []
    before: dict[str, str] = {}
    for revision in Revisions(location, record.name).read():
        after = versions(revision.lock)
        shown.append(_shown(revision, before, after))
        before = after
    return EnvironmentHistory(identifier, tuple(reversed(shown)))


def _shown(
    revision: RevisionRecord, before: dict[str, str], after: dict[str, str]
) -> EnvironmentRevision:
    changes = differences(before, after)
    return EnvironmentRevision(
        number=revision.number,
        time=revision.time,
        what=revision.what,
        package_count=len(after),
        added=tuple(c for c in changes if not c.before),
        removed=tuple(c for c in changes if not c.after),
        changed=tuple(c for c in changes if c.before and c.after),
    )


def differences(before: dict[str, str], after: dict[str, str]) -> list[RevisionChange]:
    """What is new, gone, or has another version, by name."""
    return [
        RevisionChange(name, before.get(name, ""), after.get(name, ""))
        for name in sorted({*before, *after})
        if before.get(name) != after.get(name)
    ]


def versions(lock: Iterable[str]) -> dict[str, str]:
    """Names and versions of the lines of a lock: addresses of conda packages, or requirements."""
    found = {}
    for line in lock:
        address = _ADDRESS.fullmatch(line.rsplit("/", 1)[-1]) if "://" in line else None
        if address:
            found[address[1]] = f"{address[2]}={address[3]}"
        else:
            name, _, version = line.partition("==")
            name, at, url = name.partition(" @ ") if not version else (name, "", "")
            found[canonicalize_name(name.strip())] = version or (url if at else "")
    return found


def plan_revert(context: Context, identifier: str, request: RevertRequest) -> Plan:
    """What going back would change. Raises ``no-such-revision``."""
    location, record = _find(context, identifier)
    revision = find(location, record, request.number)
    prefix = location.path / record.name
    holds = lock_of(Target(location, record, prefix, ChangeRequest())) or record.lock
    changes = differences(versions(holds), versions(revision.lock))
    steps = [_step(change) for change in changes]
    return Plan(
        operation="environments.revert",
        subject=identifier,
        summary=f"{record.name} gets the packages that it had after revision {request.number}.",
        steps=tuple(steps),
        refusal="" if steps else "It has these packages already.",
    ).sealed()


def _step(change: RevisionChange) -> PlanStep:
    if not change.after:
        return PlanStep("remove", change.name, change.before)
    if not change.before:
        return PlanStep("install", f"{change.name} {change.after}")
    return PlanStep("replace", change.name, f"{change.before} → {change.after}")


def check_revert(
    context: Context, identifier: str, request: RevertRequest, digest: str | None
) -> RevisionRecord:
    """The revision to go back to, if that is still what was shown. Raises what is against it."""
    plan = plan_revert(context, identifier, request)
    kernels.check_digest(plan, digest)
    if plan.refusal:
        raise EnvMgrError("wrong-state", plan.refusal)
    location, record = _find(context, identifier)
    return find(location, record, request.number)


def find(location: Location, record: Record, number: int) -> RevisionRecord:
    """A revision by its number. Raises ``no-such-revision``."""
    for revision in Revisions(location, record.name).read():
        if revision.number == number:
            return revision
    raise EnvMgrError("no-such-revision", f"{record.name} has no revision {number}")


def _find(context: Context, identifier: str) -> tuple[Location, Record]:
    return managed.find_record(context, context.catalogue.environment(identifier))
