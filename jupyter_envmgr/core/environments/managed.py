"""Managed environments: the records of a location joined with the directories in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ..errors import EnvMgrError, Problem
from ..settings import Location
from .disk import Disk, shown
from .model import Record, Status
from .prefixes import Prefix, look_at

_MOST_IN_LOCATION = 20_000


@dataclass(frozen=True)
class LocationRecords:
    """What the records of a location say; ``unreadable`` are ``(name, why)`` pairs."""

    location: Location
    records: tuple[Record, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    error: str = ""


@dataclass(frozen=True)
class ManagedPrefix:
    """A name in a location: its record or why there is none, its directory, its state.

    ``is_ours`` is False for a directory that nobody has a record of.
    """

    name: str
    location: Location
    prefix: Prefix
    status: Status
    reason: str = ""
    problem: Problem | None = None
    record: Record | None = None
    is_ours: bool = True


def managed_prefixes(
    disk: Disk,
    known: LocationRecords,
    is_being_made: Callable[[Record], bool],
    warn: Callable[[str], None],
) -> Iterator[ManagedPrefix]:
    """Everything that a location holds, by name: with a record, with a bad one, with none."""
    location = known.location
    root = str(location.path)
    if known.error:
        warn(f"The records of {location.name} cannot be read: {known.error}.")
    named = set()
    for record in known.records:
        named.add(record.name)
        prefix = look_at(disk, f"{root}/{record.name}")
        yield _with_record(disk, location, record, prefix, is_being_made)
    for name, why in known.unreadable:
        named.add(name)
        yield ManagedPrefix(
            name=name,
            location=location,
            prefix=look_at(disk, f"{root}/{name}"),
            status="broken",
            reason=shown(f"its record cannot be read: {why}"),
        )
    listing = disk.listing(root, _MOST_IN_LOCATION)
    if listing.cut:
        warn(f"{shown(root)}: only {_MOST_IN_LOCATION} of its entries were looked at.")
    if listing.error and disk.exists(root):
        warn(f"{shown(root)} cannot be searched: {listing.error}.")
    for name in listing.directories:
        if name not in named and not name.startswith("."):
            path = f"{root}/{name}"
            if disk.is_directory(path):
                yield _without_record(location, name, look_at(disk, path))


def _with_record(
    disk: Disk,
    location: Location,
    record: Record,
    prefix: Prefix,
    is_being_made: Callable[[Record], bool],
) -> ManagedPrefix:
    status: Status
    problem, why = record.problem, ""
    if record.status == "creating":
        if is_being_made(record):
            status = "creating"
        else:
            status, problem = "failed", _interrupted(record)
            why = problem.detail
    elif record.status == "failed":
        status, why = "failed", record.problem.detail if record.problem else "it was not finished"
    elif record.changing and not is_being_made(record):
        status = "broken"
        why = f"{record.changing} was not finished: packages may be incomplete. Install them again"
    elif prefix.facts is not None:
        status, why = prefix.facts.status, prefix.facts.reason
    elif disk.is_directory(prefix.path):
        status, why = "broken", "its directory is no environment any more"
    elif disk.exists(prefix.path):
        status, why = "broken", "it is no directory"
    else:
        status, why = "broken", "its directory is gone"
    return ManagedPrefix(record.name, location, prefix, status, shown(why), problem, record)


def _without_record(location: Location, name: str, prefix: Prefix) -> ManagedPrefix:
    facts = prefix.facts
    if facts is None:
        why = f"a directory without a record and without an environment in {location.name}"
        return ManagedPrefix(name, location, prefix, "broken", why, is_ours=False)
    why = facts.reason or f"it lies in {location.name} without a record"
    return ManagedPrefix(name, location, prefix, facts.status, why, is_ours=False)


def _interrupted(record: Record) -> Problem:
    detail = f"{record.maker} began to create it and did not finish"
    return EnvMgrError("interrupted", detail).problem
