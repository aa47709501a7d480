"""Locks that need no flock: files made by link(2), that say who holds them."""

from __future__ import annotations

import contextlib
import json
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from ..core.clock import now
from ..core.errors import EnvMgrError
from ..core.jobs.model import Holder
from ..core.wire import from_wire, to_wire
from . import durable
from .holder import is_alive
from .oserrors import explain_os_error

_RETRY = 0.02
_MOST_TAKEOVERS = 4
_LARGEST = 16384
_AN_HOUR = 3600.0


@dataclass(frozen=True)
class Claim:
    """What a lock file says: who holds it since when and for what.

    ``token`` is different for each time that a lock is taken.
    """

    holder: Holder
    since: str
    purpose: str
    token: str


class Lock:
    """A named lock, a context manager. Use one object for one taking.

    - Taken by linking a finished file to the name, which exactly one can (open(2) on O_EXCL and
      NFS); never by flock, which differs between file systems.
    - A holder that is provably dead is replaced. A foreign one, of whom that cannot be known, only
      with ``break_lock``; a living one never.
    - Replacing and releasing need the *succession*, a lock named after the token that is to go.
      So of any number who saw the same dead holder one replaces it, and nobody can remove what
      somebody else took meanwhile. Who dies as a successor is succeeded in the same way.

    Raises ``locked``, naming the holder, since when, and what for.
    """

    def __init__(
        self, path: Path, holder: Holder, purpose: str, *, break_lock: bool = False
    ) -> None:
        self.path = path
        self._break = break_lock
        self._mine = Claim(holder, now(), purpose, secrets.token_hex(8))
        self._depth = 0

    def __enter__(self) -> Lock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()

    @contextlib.contextmanager
    def held(self, timeout: float = 0.0) -> Iterator[Lock]:
        """The lock, waiting up to ``timeout`` seconds for whoever has it."""
        self.acquire(timeout)
        try:
            yield self
        finally:
            self.release()

    def acquire(self, timeout: float = 0.0) -> None:
        """Take the lock. Raises ``locked``, or what the disk's error means."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                found = self._try()
            except OSError as error:
                raise explain_os_error(error, f"cannot lock {self.path}") from error
            if found is None:
                return
            if time.monotonic() >= deadline:
                raise EnvMgrError("locked", _describe(self.path, found))
            time.sleep(_RETRY)

    def release(self) -> None:
        """Give the lock back, if it is still this one's."""
        succession = self._succession(self._mine)
        try:
            took = succession._try() is None
        except OSError:
            # A full disk has no room for the succession; giving back must not need any.
            self._remove_mine()
            return
        if took:
            try:
                self._remove_mine()
            finally:
                succession._remove_mine()

    def _try(self) -> Claim | str | None:
        """None if the lock is now taken, else who has it or what its file is."""
        for _ in range(3):
            if self._link():
                return None
            found = read(self.path)
            if found is None:
                continue
            if not self._may_replace(found):
                return found
            replaced = self._replace(found)
            if replaced is not False:
                return None if replaced else found
        return "others, who take and release it all the time"

    def _may_replace(self, found: Claim | str) -> bool:
        alive = None if isinstance(found, str) else is_alive(found.holder)
        return alive is False or (alive is None and self._break)

    def _replace(self, found: Claim | str) -> bool | None:
        """True if the lock was taken from ``found``; None if not; False: look again."""
        if self._depth >= _MOST_TAKEOVERS:
            return None
        succession = self._succession(found)
        if succession._try() is not None:
            return None
        try:
            if read(self.path) != found:
                return False
            durable.write_file(self.path, self._content())
            return True
        finally:
            succession._remove_mine()

    def _succession(self, found: Claim | str) -> Lock:
        token = "unreadable" if isinstance(found, str) else found.token
        path = self.path.with_name(f"{self.path.name}.{token[:16]}")
        lock = Lock(path, self._mine.holder, self._mine.purpose, break_lock=self._break)
        lock._depth = self._depth + 1
        return lock

    def _link(self) -> bool:
        try:
            durable.write_new(self.path, self._content())
        except FileExistsError:
            return False
        except FileNotFoundError:
            durable.make_directory(self.path.parent.parent, mode=0o700, exist_ok=True)
            durable.make_directory_like_parent(self.path.parent)
            return self._link()
        return True

    def _content(self) -> bytes:
        return json.dumps(to_wire(self._mine)).encode()

    def _remove_mine(self) -> None:
        found = read(self.path)
        if isinstance(found, Claim) and found.token == self._mine.token:
            with contextlib.suppress(FileNotFoundError):
                durable.unlink(self.path)
            durable.sweep(self.path.parent, older_than=_AN_HOUR)


def read(path: Path) -> Claim | str | None:
    """What a lock file says; a text about it if it says nothing readable; None without one."""
    try:
        with path.open("rb") as file:
            data = file.read(_LARGEST)
    except FileNotFoundError:
        return None
    except OSError as error:
        return f"a lock file that cannot be read ({error.strerror})"
    try:
        return from_wire(Claim, json.loads(data), strict=False)
    except (ValueError, EnvMgrError):
        return "a lock file that cannot be understood"


def _describe(path: Path, found: Claim | str) -> str:
    name = path.name.removesuffix(".lock")
    if isinstance(found, str):
        return f"{name} is locked by {found}: {path}"
    return f"{name} is being worked on by {found.holder} since {found.since}: {found.purpose}"
