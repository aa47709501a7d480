"""Managed environments: whose a name is, whose a directory is, and the lock to change them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ...core.environments.model import Environment, Record
from ...core.errors import EnvMgrError
from ...core.settings import Location
from ...system import durable, holder, renames
from ...system.locks import Lock
from ...system.oserrors import explain_os_error
from ...system.store import Store
from ..context import Context

MARKER = ".envmgr.json"
# A record may come from a team's disk: what is no name of ours leads out of the staging directory.
_IDENTITY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def find_location(context: Context, name: str) -> Location:
    """The location of that name; the default one for an empty name."""
    if not name:
        return context.settings.default_location
    for location in context.settings.locations:
        if location.name == name:
            return location
    have = ", ".join(location.name for location in context.settings.locations)
    raise EnvMgrError.of_field(
        "no-such-location", "location", f"there is no location {name!r}; there are: {have}"
    )


def environment_id(context: Context, location: Location, name: str) -> str:
    """How a managed environment is addressed: its name, with its location if not the default."""
    default = location.name == context.settings.default_location.name
    return name if default else f"{name}@{location.name}"


def is_dead(context: Context, record: Record) -> bool:
    """Whether a record is that of an attempt that failed or was interrupted."""
    if record.status == "failed":
        return True
    return record.status == "creating" and not context.catalogue.is_being_made(record)


def lock(
    context: Context, location: Location, name: str, purpose: str, *, break_lock: bool = False
) -> Lock:
    """The lock that every change of a managed environment takes."""
    return Lock(
        location.locks / f"{name}.lock",
        holder.current(context.settings.door),
        purpose,
        break_lock=break_lock,
    )


def make_directory(location: Location, record: Record) -> None:
    """Make the directory of a record, with the mark in it by which it is known as ours.

    It appears with the mark: who is killed in between leaves nothing that is nobody's. Raises
    ``directory-exists``.
    """
    prefix = location.path / record.name
    staging = location.staging / record.directory
    try:
        durable.make_directory(staging.parent, mode=0o700, exist_ok=True)
        durable.make_directory(staging)
        mark = json.dumps({"directory": record.directory}).encode()
        durable.write_file(staging / MARKER, mark)
        durable.rename_no_replace(staging, prefix)
    except FileExistsError:
        raise EnvMgrError("directory-exists", f"{prefix} exists already") from None
    except OSError as error:
        raise explain_os_error(error, f"cannot make {prefix}") from error


def clear(location: Location, record: Record) -> None:
    """Remove the directory of a record, if it is the one that the create made.

    Also the one that it was killed over before it had its name, and what a removal that was
    killed has left in the trash.
    """
    prefix = location.path / record.name
    staging = location.staging / record.directory
    try:
        if record.directory and made_by(prefix) == record.directory:
            made = durable.identity(prefix)
            durable.remove_tree(prefix, made_by=made, trash=location.trash)
        elif _IDENTITY.fullmatch(record.directory) and staging.exists():
            made = durable.identity(staging)
            durable.remove_tree(staging, made_by=made, trash=location.trash)
        else:
            durable.empty_trash(location.trash)
    except OSError as error:
        raise explain_os_error(error, f"cannot delete {prefix}") from error


def made_by(prefix: Path) -> str | None:
    """The identity that a create left in its directory.

    Not its inode: that of a network file system may change from one mount to the next.
    """
    try:
        return str(json.loads((prefix / MARKER).read_bytes())["directory"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def find_record(context: Context, environment: Environment) -> tuple[Location, Record]:
    """The location and record of a managed environment. Raises ``read-only`` for any other."""
    if environment.managed and environment.location is not None:
        location = find_location(context, environment.location)
        record = Store(location).find(Path(environment.path).name)
        if record is not None:
            return location, record
    raise EnvMgrError("read-only", f"{environment.name} was not made by jupyter_envmgr")


def has_renames(location: Location) -> bool:
    """Whether an environment of a location is being renamed, or a killed process began to."""
    return renames.any_pending(location)


def has_aside(location: Location) -> bool:
    """Whether an environment of a location is kept aside, or was left so by a killed process."""
    try:
        return any(path.suffix == ".json" for path in location.aside.iterdir())
    except OSError:
        return False
