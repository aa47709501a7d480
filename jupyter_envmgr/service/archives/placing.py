"""Where an archive and its environment go: a path for the one, a name for the other."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ...core.environments.model import Record
from ...core.errors import EnvMgrError, FieldError
from ...core.settings import Location
from ...system.store import Store
from .. import managed
from ..context import Context

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def absolute(path: str) -> Path:
    """A path that a person gave. Raises ``bad-path`` for one that is relative or no path."""
    if not path or _CONTROL.search(path):
        raise EnvMgrError.of_field("bad-path", "path", "a path is needed")
    if not os.path.isabs(path):
        raise EnvMgrError.of_field("bad-path", "path", f"{path!r} is not an absolute path")
    return Path(os.path.normpath(path))


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


def reserve(context: Context, record: Record, location: Location, break_lock: bool) -> Record:
    """Take the name, durably and exclusively, in place of a dead attempt if there is one."""
    store = Store(location)
    if free_or_dead(context, location, record.name) is None:
        store.reserve(record)
        return record
    with managed.lock(context, location, record.name, "replacing", break_lock=break_lock):
        existing = store.find(record.name)
        if existing is not None:
            if not managed.is_dead(context, existing):
                raise store.taken(record.name)
            managed.clear(location, existing)
            store.delete(record.name)
        store.reserve(record)
    return record
