"""Snapshot directories: their record, their tree, and where they can lie at all."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from ..core.errors import EnvMgrError
from ..core.usersite.transaction import RECORD_VERSION, SnapshotRecord
from ..core.wire import from_wire, to_wire
from . import durable

RECORD = "snapshot.json"
TREE = "tree"
TRASH = ".trash"
STAGING = ".staging"
_LARGEST = 64 * 1024 * 1024


@dataclass(frozen=True)
class UnreadableSnapshot:
    """A directory among the snapshots whose record says nothing usable."""

    path: Path
    why: str


class SnapshotStore:
    """One directory that holds snapshots, each ``<name>/snapshot.json`` and ``<name>/tree``."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def directory(self, name: str) -> Path:
        """Where the snapshot of that name lies, or would."""
        return self.path / name

    def names(self) -> list[str]:
        """The names of what is here, sorted."""
        try:
            return sorted(n for n in os.listdir(self.path) if not n.startswith("."))
        except OSError:
            return []

    def read(self, name: str) -> SnapshotRecord | UnreadableSnapshot:
        """The record of a snapshot."""
        return read_record(self.directory(name))


def read_record(directory: Path) -> SnapshotRecord | UnreadableSnapshot:
    """The record in a snapshot's directory."""
    try:
        with (directory / RECORD).open("rb") as file:
            data = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError) as error:
        return UnreadableSnapshot(directory, str(error))
    version = data.get("version") if isinstance(data, dict) else None
    if not isinstance(version, int) or version > RECORD_VERSION:
        return UnreadableSnapshot(directory, f"its record is of version {version}")
    try:
        return from_wire(SnapshotRecord, data, strict=False)
    except EnvMgrError as error:
        return UnreadableSnapshot(directory, error.detail)


def is_cut(directory: Path) -> bool:
    """Whether a snapshot's record says that something is being done to it.

    Told without understanding the record, which for hundreds of packages takes 0.1 s: a quote
    inside of a JSON text is escaped, so these bytes are nothing but that field.
    """
    data = _head(directory)
    return b'"activity": "reset"' in data or b'"activity": "restore"' in data


def _head(directory: Path) -> bytes:
    try:
        with (directory / RECORD).open("rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return b""


def write_record(directory: Path, record: SnapshotRecord) -> None:
    """Put the record into a snapshot's directory, which must be there."""
    durable.write_file(directory / RECORD, json.dumps(to_wire(record)).encode(), mode=0o600)


def remove_ghost(directory: Path) -> None:
    """Remove what an adoption leaves that was cut before it renamed anything: a record alone."""
    if os.listdir(directory) != [RECORD] or b'"origin": "adopted"' not in _head(directory):
        return
    record = read_record(directory)
    if isinstance(record, SnapshotRecord) and record.snapshot.state == "complete":
        durable.unlink(directory / RECORD)
        durable.remove_directory(directory)


def find_place(candidates: Iterable[Path], sources: Iterable[Path]) -> tuple[Path | None, str]:
    """The first candidate that what lies in all of ``sources`` can be renamed into.

    Found by renaming a file and a directory: device numbers do not tell, because a bind mount has
    that of its file system and a directory of an image's layer cannot be renamed although they
    agree. None, and why, if there is no such place. A candidate that was made for this and is not
    taken is removed again.
    """
    why = ""
    wanted = list(sources)
    for candidate in candidates:
        missing = not candidate.is_dir()
        try:
            durable.make_directory(candidate, mode=0o700, exist_ok=True)
            sweep_probes([*wanted, candidate])
            for source in wanted:
                _probe(source, candidate)
            return candidate, ""
        except OSError as error:
            why = why or _explain(error, candidate)
            if missing:
                with contextlib.suppress(OSError):
                    durable.remove_directory(candidate)
    return None, why


def _probe(source: Path, target: Path) -> None:
    """Rename a new file and a new directory from ``source`` into ``target``."""
    token = secrets.token_hex(6)
    names = [f".envmgr-probe-{token}-{kind}" for kind in "fd"]
    made: list[Path] = []
    try:
        for name in names:
            path = source / name
            if name.endswith("f"):
                os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            else:
                os.mkdir(path, 0o700)
            made.append(path)
            os.rename(path, target / name)
            made[-1] = target / name
    finally:
        for path in made:
            with contextlib.suppress(OSError):
                if path.name.endswith("d"):
                    os.rmdir(path)
                else:
                    os.unlink(path)


def sweep_probes(directories: Iterable[Path]) -> None:
    """Remove the probes that a crash left. They are empty by construction."""
    for directory in directories:
        try:
            names = [n for n in os.listdir(directory) if n.startswith(".envmgr-probe-")]
        except OSError:
            continue
        for name in names:
            with contextlib.suppress(OSError):
                path = directory / name
                if name.endswith("-d"):
                    os.rmdir(path)
                elif os.lstat(path).st_size == 0:
                    os.unlink(path)


def _explain(error: OSError, candidate: Path) -> str:
    if error.errno == errno.EXDEV:
        return f"{candidate} is on another file system"
    return f"{candidate}: {os.strerror(error.errno) if error.errno else error}"
