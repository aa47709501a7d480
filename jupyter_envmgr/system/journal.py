"""The journal of the user site: what is about to be renamed, on the disk before it happens."""

from __future__ import annotations

import contextlib
import json
import os
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.errors import EnvMgrError
from ..core.usersite.transaction import JOURNAL_VERSION, Transaction
from ..core.wire import from_wire, to_wire
from . import durable

_LARGEST = 256 * 1024 * 1024


@dataclass(frozen=True)
class UnreadableEntry:
    """A journal entry that says nothing usable: cut, overwritten, or by a newer version."""

    path: Path
    why: str


class Journal:
    """One file for each transaction that is under way, in a directory inside the user base.

    It lies there, and not in our root, because whoever mounts the base has to find it: another
    container may have another root. Without transactions the directory is not there either.
    """

    def __init__(self, base: Path) -> None:
        self.directory = base / ".envmgr" / "journal"

    def write(self, transaction: Transaction) -> None:
        """Put the transaction on the disk, in place of what was there of it."""
        durable.make_directory(self.directory, mode=0o700, exist_ok=True)
        data = json.dumps(to_wire(transaction)).encode()
        durable.write_file(self._file(transaction.id), data, mode=0o600)

    def advance(self, transaction: Transaction, **changes: object) -> Transaction:
        """The transaction with these changes, which are on the disk when this returns."""
        changed = replace(transaction, **changes)  # type: ignore[arg-type]
        self.write(changed)
        return changed

    def erase(self, transaction: Transaction) -> None:
        """Forget a transaction that is done. One that is gone already is no error."""
        with contextlib.suppress(FileNotFoundError):
            durable.unlink(self._file(transaction.id))
        self.clean()

    def clean(self) -> None:
        """Remove our empty directories from the base, and what crashed writers left."""
        durable.sweep(self.directory, older_than=-1)
        for directory in (self.directory, self.directory.parent):
            with contextlib.suppress(OSError):
                durable.remove_directory(directory)

    def entries(self) -> tuple[Transaction | UnreadableEntry, ...]:
        """What was under way, the oldest first."""
        try:
            names = sorted(n for n in os.listdir(self.directory) if n.endswith(".json"))
        except OSError:
            return ()
        return tuple(self._read(self.directory / name) for name in names)

    def set_aside(self, entry: UnreadableEntry) -> None:
        """Rename an entry that cannot be read, so that it is kept and not in the way."""
        durable.rename(entry.path, entry.path.with_suffix(".unreadable"))

    def _file(self, identifier: str) -> Path:
        return self.directory / f"{identifier}.json"

    @staticmethod
    def _read(path: Path) -> Transaction | UnreadableEntry:
        try:
            with path.open("rb") as file:
                data = json.loads(file.read(_LARGEST))
        except (OSError, ValueError, RecursionError) as error:
            return UnreadableEntry(path, str(error))
        if isinstance(data, dict) and data.get("version") != JOURNAL_VERSION:
            return UnreadableEntry(path, f"it is of version {data.get('version')}")
        try:
            return from_wire(Transaction, data, strict=False)
        except EnvMgrError as error:
            return UnreadableEntry(path, error.detail)
