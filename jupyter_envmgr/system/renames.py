"""The intent to rename an environment, kept beside its record until it is done or taken back."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ..core.environments.model import Record
from ..core.errors import EnvMgrError
from ..core.names import check_name
from ..core.settings import Location
from ..core.wire import from_wire, to_wire
from . import durable
from .oserrors import explain_os_error
from .regular import open_regular

_LARGEST = 8 * 1024 * 1024


@dataclass(frozen=True)
class Rename:
    """``old`` is the record as it was; the one of ``name`` is ours if its job is ``job``.

    ``directory`` is the mark of the directory that has, or will have, the new name.
    """

    old: Record
    name: str
    directory: str
    job: str


def note(location: Location, rename: Rename) -> None:
    """Write the intent down, before anything else. Whoever does so holds the new name's lock."""
    path = _path(location, rename.name)
    try:
        durable.make_directory_like_parent(path.parent)
        durable.write_file(path, json.dumps(to_wire(rename), ensure_ascii=False).encode())
    except OSError as error:
        raise explain_os_error(error, f"cannot write {path}") from error


def erase(location: Location, name: str) -> None:
    """It is done, or taken back."""
    with contextlib.suppress(FileNotFoundError):
        durable.unlink(_path(location, name))


def find(location: Location, name: str) -> Rename | None:
    """The intent to give something that name; None if there is none that can be understood."""
    try:
        with open_regular(_path(location, name)) as file:
            found = from_wire(Rename, json.loads(file.read(_LARGEST)), strict=False)
        check_name(found.old.name)
    except (OSError, ValueError, RecursionError, EnvMgrError):
        return None
    return found if found.name == name else None


def pending(location: Location) -> Iterator[Rename]:
    """All that have been begun."""
    try:
        names = sorted(path.stem for path in _place(location).glob("*.json"))
    except OSError:
        return
    for name in names:
        found = find(location, name)
        if found is not None:
            yield found


def any_pending(location: Location) -> bool:
    """Whether any has been begun."""
    try:
        return any(path.suffix == ".json" for path in _place(location).iterdir())
    except OSError:
        return False


def _path(location: Location, name: str) -> Path:
    return _place(location) / f"{check_name(name)}.json"


def _place(location: Location) -> Path:
    return location.records.parent / "renames"
