"""What an environment held after each change: a file each, beside the records of its location."""

from __future__ import annotations

import contextlib
import json
import re
from dataclasses import dataclass

from ..core.environments.model import Record
from ..core.errors import EnvMgrError
from ..core.names import check_name
from ..core.settings import Location
from ..core.wire import from_wire, to_wire
from . import durable
from .regular import open_regular

MOST = 50
_LARGEST = 8 * 1024 * 1024
_FILE = re.compile(r"(\d{1,9})\.json")


@dataclass(frozen=True)
class RevisionRecord:
    """One state: ``lock`` as in the record; the others are what was asked for by then.

    ``requirements`` is None where that was not noted.
    """

    number: int
    time: str
    what: str
    lock: tuple[str, ...]
    packages: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    requirements: str | None = None


class Revisions:
    """The revisions of one environment. Whoever writes holds its lock."""

    def __init__(self, location: Location, name: str) -> None:
        self._directory = location.revisions / check_name(name)

    def read(self) -> tuple[RevisionRecord, ...]:
        """All that can be read, the oldest first."""
        found = []
        for number in self._numbers():
            with contextlib.suppress(OSError, ValueError, RecursionError, EnvMgrError):
                with open_regular(self._directory / f"{number}.json") as file:
                    data = json.loads(file.read(_LARGEST))
                found.append(from_wire(RevisionRecord, data, strict=False))
        return tuple(found)

    def add(self, time: str, what: str, record: Record) -> None:
        """Note what a record says now. The oldest are forgotten, beyond the number kept."""
        numbers = self._numbers()
        number = numbers[-1] + 1 if numbers else 1
        for directory in (self._directory.parent, self._directory):
            durable.make_directory_like_parent(directory)
        asked = record.request
        made = RevisionRecord(
            number,
            time,
            what,
            record.lock,
            asked.packages,
            asked.pip,
            asked.asked,
            asked.requirements,
        )
        data = json.dumps(to_wire(made), ensure_ascii=False).encode()
        durable.write_file(self._directory / f"{number}.json", data)
        for old in numbers[: len(numbers) + 1 - MOST]:
            with contextlib.suppress(OSError):
                durable.unlink(self._directory / f"{old}.json")

    def forget(self) -> None:
        """Remove them all, with the environment."""
        for number in self._numbers():
            with contextlib.suppress(FileNotFoundError):
                durable.unlink(self._directory / f"{number}.json")
        durable.sweep(self._directory, older_than=-3600.0)
        with contextlib.suppress(OSError):
            durable.remove_directory(self._directory)

    def rename(self, location: Location, name: str) -> None:
        """Let them be those of another name, to which nothing belongs yet."""
        target = Revisions(location, name)
        if self._directory.is_dir():
            target.forget()
            durable.rename_no_replace(self._directory, target._directory)

    def _numbers(self) -> list[int]:
        try:
            names = [path.name for path in self._directory.iterdir()]
        except OSError:
            return []
        return sorted(int(match[1]) for name in names if (match := _FILE.fullmatch(name)))
