"""The records of a location: one JSON file for each managed environment."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.environments.model import RECORD_VERSION, Record
from ..core.errors import EnvMgrError, FieldError
from ..core.names import check_name
from ..core.settings import Location
from ..core.wire import from_wire, to_wire
from . import durable
from .oserrors import explain_os_error
from .regular import open_regular

_LARGEST = 4 * 1024 * 1024
_AN_HOUR = 3600.0
_Stamp = tuple[int, int, int]

Migration = Callable[[dict[str, Any]], dict[str, Any]]
MIGRATIONS: dict[int, Migration] = {}
"""From a version to the next one. A record without a version counts as version 1."""


@dataclass(frozen=True)
class UnreadableRecord:
    """A file among the records that cannot be used, and why."""

    name: str
    path: Path
    why: str


class Store:
    """The records of one location. Safe to use from any number of processes and threads.

    A record is there whole or not at all, whenever whatever is killed. What a newer version
    wrote is read as far as it is understood and never written over.
    """

    def __init__(self, location: Location) -> None:
        self._location = location
        self._directory = location.records
        self._known: dict[str, tuple[_Stamp, Record | UnreadableRecord]] = {}

    def records(self) -> tuple[Record | UnreadableRecord, ...]:
        """All records by name. What has not changed since the last call costs one stat."""
        try:
            with os.scandir(self._directory) as entries:
                stamps = {e.name: _stamp(e.stat(follow_symlinks=False)) for e in _files(entries)}
        except (FileNotFoundError, NotADirectoryError):
            return ()
        except OSError as error:
            raise explain_os_error(error, f"cannot read {self._directory}") from error
        known = {}
        for file_name, stamp in stamps.items():
            remembered = self._known.get(file_name)
            if remembered is None or remembered[0] != stamp:
                read = self._load(file_name.removesuffix(".json"))
                if read is None:
                    continue
                remembered = read
            known[file_name] = remembered
        self._known = known
        return tuple(known[file_name][1] for file_name in sorted(known))

    def find(self, name: str) -> Record | None:
        """The record of that name, or None. Raises ``bad-record`` if it cannot be read."""
        found = self._load(check_name(name))
        if found is None:
            return None
        if isinstance(found[1], UnreadableRecord):
            raise EnvMgrError("bad-record", f"{found[1].path}: {found[1].why}")
        return found[1]

    def read(self, name: str) -> Record:
        """The record of that name. Raises ``no-such-environment``, ``bad-record``."""
        record = self.find(name)
        if record is None:
            raise EnvMgrError(
                "no-such-environment", f"{self._location.name} has no environment {name!r}"
            )
        return record

    def reserve(self, record: Record) -> None:
        """Write the record of a name that is free: of any number of callers exactly one does.

        Raises ``name-taken`` for the others, naming who has it.
        """
        path = self._path(record.name)
        try:
            try:
                durable.write_new(path, _encode(record))
            except FileNotFoundError:
                self._make_directories()
                durable.write_new(path, _encode(record))
        except FileExistsError:
            raise self.taken(record.name) from None
        except OSError as error:
            raise explain_os_error(error, f"cannot write {path}") from error
        durable.sweep(self._directory, older_than=_AN_HOUR)

    def write(self, record: Record) -> None:
        """Replace the record of that name. Raises ``bad-record`` over a newer version's."""
        path = self._path(record.name)
        version = self._version_on_disk(record.name)
        if version > RECORD_VERSION:
            raise EnvMgrError(
                "bad-record", f"{path} was written by a newer version and is not changed"
            )
        try:
            durable.write_file(path, _encode(record))
        except OSError as error:
            raise explain_os_error(error, f"cannot write {path}") from error

    def delete(self, name: str) -> None:
        """Forget the record of that name; it is no error if there is none.

        What a killed writer left of it goes too: who forgets it holds its lock, or made it.
        """
        path = self._path(name)
        durable.sweep(self._directory, older_than=-_AN_HOUR, of=path.name)
        try:
            durable.unlink(path)
        except FileNotFoundError:
            return
        except OSError as error:
            raise explain_os_error(error, f"cannot remove {path}") from error

    def _path(self, name: str) -> Path:
        return self._directory / f"{check_name(name)}.json"

    def _make_directories(self) -> None:
        durable.make_directory(self._location.path, mode=0o700, exist_ok=True)
        durable.make_directory_like_parent(self._directory.parent)
        durable.make_directory_like_parent(self._directory)

    def taken(self, name: str) -> EnvMgrError:
        """The conflict to raise for a name that is in use: it says who has it, and since when."""
        try:
            found = self.find(name)
        except EnvMgrError as error:
            detail = f"{name!r} is taken; {error.detail}"
            return EnvMgrError("name-taken", detail, errors=_on_name(detail))
        if found is None:
            detail = f"{name!r} was taken and released in this moment: try again"
            return EnvMgrError("name-taken", detail, errors=_on_name(detail))
        verb = "is being created" if found.status == "creating" else "was created"
        detail = f"{name!r} {verb} by {found.maker} at {found.created}"
        context = {"holder": str(found.maker), "since": found.created, "status": found.status}
        if found.job:
            detail += f" in job {found.job}"
            context["job"] = found.job
        return EnvMgrError("name-taken", detail, errors=_on_name(detail), context=context)

    def _version_on_disk(self, name: str) -> int:
        try:
            data, _ = _read_regular(self._path(name))
            return _version(json.loads(data))
        except (OSError, ValueError, TypeError):
            return 0

    def _load(self, name: str) -> tuple[_Stamp, Record | UnreadableRecord] | None:
        """What the file of a record holds now, with its stamp; None if there is none."""
        path = self._directory / f"{name}.json"
        stamp = (0, 0, 0)
        try:
            data, stamp = _read_regular(path)
            return stamp, _decode(name, data)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            why = error.strerror or str(error)
        except EnvMgrError as error:
            why = error.detail
        except (ValueError, TypeError, AttributeError, KeyError, RecursionError) as error:
            why = f"it is not a record: {error}"
        return stamp, UnreadableRecord(name, path, why)


def _files(entries: Any) -> list[os.DirEntry[str]]:
    return [e for e in entries if e.name.endswith(".json") and not e.name.startswith(".")]


def _stamp(status: os.stat_result) -> _Stamp:
    return status.st_mtime_ns, status.st_size, status.st_ino


def _read_regular(path: Path) -> tuple[bytes, _Stamp]:
    """The content of a regular file, and what tells whether it has changed."""
    with open_regular(path) as file:
        status = os.fstat(file.fileno())
        if status.st_size > _LARGEST:
            raise ValueError(f"{status.st_size} bytes: too large")
        return file.read(_LARGEST + 1), _stamp(status)


def _encode(record: Record) -> bytes:
    return json.dumps(to_wire(record), indent=1, ensure_ascii=False).encode() + b"\n"


def _decode(name: str, data: bytes) -> Record:
    check_name(name)
    fields = json.loads(data)
    if not isinstance(fields, dict):
        raise ValueError("it is not an object")
    version = _version(fields)
    while version < RECORD_VERSION:
        fields = MIGRATIONS[version](fields)
        version += 1
    record = from_wire(Record, fields, strict=False)
    if record.name != name:
        raise ValueError(f"it is the record of {record.name!r}")
    return record


def _version(fields: dict[str, Any]) -> int:
    version = fields.get("version", 1)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ValueError(f"its version is {version!r}")
    return version


def _on_name(detail: str) -> tuple[FieldError, ...]:
    return (FieldError("name", detail, "name-taken"),)
