"""Jobs on the disk: a directory each, with its state, its events and its signs of life."""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import replace
from pathlib import Path

from ..core.errors import EnvMgrError
from ..core.events import Event
from ..core.jobs.log import encode, read_whole
from ..core.jobs.model import ENDED, Holder, Job
from ..core.wire import from_wire, to_wire
from . import durable
from .locks import Lock
from .oserrors import explain_os_error
from .regular import open_regular

_ID = re.compile(r"[0-9a-z][0-9a-z-]{3,62}")
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_MOST_LOGS = 16
_HALF_MADE = 3600.0


def new_id() -> str:
    """A job id: sorts by time as text, and no two hosts or threads make the same."""
    stamp = _next_millisecond()
    seconds, milliseconds = divmod(stamp, 1000)
    day = time.strftime("%Y%m%dt%H%M%S", time.gmtime(seconds))
    return f"{day}{milliseconds:03}-{''.join(secrets.choice(_ALPHABET) for _ in range(8))}"


_clock = threading.Lock()
_latest = 0


def _next_millisecond() -> int:
    """The time in milliseconds, but never twice the same in this process."""
    global _latest
    with _clock:
        _latest = max(_latest + 1, time.time_ns() // 1_000_000)
        return _latest


class JobStore:
    """The directory of all jobs of this person, whichever process runs them."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._ended: dict[str, Job] = {}
        self._logs: OrderedDict[str, tuple[int, list[Event]]] = OrderedDict()
        self._lock = threading.Lock()

    def ids(self) -> list[str]:
        """The ids of all jobs, the newest first."""
        try:
            names = os.listdir(self._directory)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise explain_os_error(error, f"cannot read {self._directory}") from error
        found = sorted(filter(_ID.fullmatch, names), reverse=True)
        with self._lock:
            self._ended = {i: self._ended[i] for i in found if i in self._ended}
        return found

    def create(self, job: Job) -> None:
        """Make the directory of a new job, durably. Raises ``wrong-state`` if there is one."""
        directory = self._of(job.id)
        try:
            durable.make_directory(self._directory, mode=0o700, exist_ok=True)
            durable.make_directory(directory, mode=0o700)
            for name in ("cancel", "heartbeat"):
                (directory / name).touch(exist_ok=False)
            self.write(job)
        except FileExistsError:
            raise EnvMgrError("wrong-state", f"there is a job {job.id} already") from None
        except OSError as error:
            raise explain_os_error(error, "cannot write down the job") from error

    def read(self, job_id: str) -> Job | None:
        """A job as it was last written; None if there is none that can be read."""
        with self._lock:
            if job_id in self._ended:
                return self._ended[job_id]
        try:
            with open_regular(self._of(job_id) / "job.json") as file:
                data = file.read()
            job = from_wire(Job, json.loads(data), strict=False)
        except (OSError, ValueError, EnvMgrError):
            return None
        if job.id != job_id:
            return None
        if job.state in ENDED:
            with self._lock:
                self._ended[job_id] = job
        elif self.cancel_asked(job_id):
            job = replace(job, cancelling=True)
        return job

    def write(self, job: Job) -> None:
        """Replace what is written of a job, durably."""
        durable.write_file(self._of(job.id) / "job.json", json.dumps(to_wire(job)).encode())

    def events(self, job_id: str) -> list[Event]:
        """All whole events of a job; what was read before is not read again. Do not change it."""
        with self._lock:
            offset, events = self._logs.pop(job_id, (0, []))
            try:
                # Opening asks a network file system for the newest size; stat may not.
                with open_regular(self._of(job_id) / "events.jsonl") as file:
                    if os.fstat(file.fileno()).st_size < offset:
                        offset, events = 0, []
                    file.seek(offset)
                    data = file.read()
            except OSError:
                return []
            if data:
                new, size = read_whole(data, len(events))
                offset, events = offset + size, events + new
            self._logs[job_id] = (offset, events)
            while len(self._logs) > _MOST_LOGS:
                self._logs.popitem(last=False)
            return events

    def open_log(self, job_id: str) -> LogFile:
        """The log of a job, to go on where its last whole event ends."""
        return LogFile(self._of(job_id) / "events.jsonl")

    def lock(self, job_id: str, holder: Holder, purpose: str) -> Lock:
        """The lock of whoever writes the end of a job. Not in its directory: that may be gone."""
        return Lock(self._directory / ".locks" / self._of(job_id).name, holder, purpose)

    def ask_cancel(self, job_id: str) -> None:
        """Tell whoever runs the job to cancel it."""
        try:
            with open(self._of(job_id) / "cancel", "ab") as file:
                file.write(b"cancel\n")
        except OSError as error:
            raise explain_os_error(error, "cannot ask the job to end") from error

    def cancel_asked(self, job_id: str) -> bool:
        """Whether somebody asked. By opening: a network file system then looks at the server."""
        try:
            with open_regular(self._of(job_id) / "cancel") as file:
                return bool(file.read(1))
        except OSError:
            return False

    def beat(self, job_id: str) -> None:
        """Show that whoever runs the job is alive."""
        with contextlib.suppress(OSError):
            durable.touch(self._of(job_id) / "heartbeat")

    def silence(self, job_id: str) -> float:
        """Seconds since the job's last sign of life, by the clock of the disk that both use."""
        try:
            return self._age(self._of(job_id) / "heartbeat")
        except OSError:
            return 0.0

    def remove(self, job_id: str) -> None:
        """Remove all that is written of a job."""
        directory = self._of(job_id)
        try:
            made_by = durable.identity(directory)
            durable.remove_tree(directory, made_by=made_by, trash=self._trash)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise explain_os_error(error, f"cannot remove {directory}") from error
        with self._lock:
            self._ended.pop(job_id, None)
            self._logs.pop(job_id, None)

    def tidy(self) -> None:
        """Remove what crashes left: half-removed jobs, and directories that never became one."""
        durable.empty_trash(self._trash)
        for job_id in self.ids():
            directory = self._of(job_id)
            with contextlib.suppress(EnvMgrError, OSError):
                if not (directory / "job.json").exists() and self._age(directory) > _HALF_MADE:
                    self.remove(job_id)

    def _age(self, path: Path) -> float:
        """Seconds since ``path`` was changed, by the clock of the disk that it lies on."""
        clock = self._directory / ".clock"
        clock.touch()
        return (durable.touch(clock) - os.stat(path).st_mtime_ns) / 1e9

    @property
    def _trash(self) -> Path:
        return self._directory / ".trash"

    def _of(self, job_id: str) -> Path:
        if not _ID.fullmatch(job_id):
            raise EnvMgrError("no-such-job", f"{job_id[:80]!r} is not the id of a job")
        return self._directory / job_id


class LogFile:
    """A job's log, open for appending. What is appended is there whole, or not at all."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None
        self._size = 0
        self.events: list[Event] = []

    def open(self) -> None:
        """Read what is there and cut off what is not whole."""
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
        self._descriptor = os.open(self._path, flags, 0o600)
        with open(self._path, "rb") as file:
            self.events, self._size = read_whole(file.read(), 0)
        os.ftruncate(self._descriptor, self._size)

    def append(self, data: bytes) -> None:
        """Write whole lines at the end. After an error none of them is there."""
        if self._descriptor is None:
            self.open()
        assert self._descriptor is not None
        done = 0
        try:
            while done < len(data):
                done += os.pwrite(self._descriptor, data[done:], self._size + done)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self._descriptor, self._size)
            raise
        self._size += done

    def append_events(self, events: list[Event]) -> None:
        """Write events at the end and wait until they are on the disk."""
        self.append(b"".join(map(encode, events)))
        assert self._descriptor is not None
        durable.fsync_file(self._descriptor)

    def close(self) -> None:
        """Close the file; closing twice is no error."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
