"""A terminal in memory, and a service that answers what a test tells it."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, cast

from jupyter_envmgr.cli.program import run
from jupyter_envmgr.cli.render import Terminal
from jupyter_envmgr.core.environments.model import Environment, Persistence
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Holder, Job
from jupyter_envmgr.core.kernels.model import Kernel
from jupyter_envmgr.core.packages.model import PackageList, UserSite
from jupyter_envmgr.core.settings import Settings, plain_settings
from jupyter_envmgr.service.answers import (
    EnvironmentList,
    EnvironmentSize,
    EventList,
    JobList,
    KernelList,
    LoggedEvent,
)

HOLDER = Holder("node1", "boot", "4026531836", 42, 1000, "cli")


def environment(name: str, **fields: Any) -> Environment:
    """An environment that is ready and lasts, but for what ``fields`` say."""
    made: dict[str, Any] = {
        "id": name,
        "name": name,
        "kind": "venv",
        "managed": True,
        "status": "ready",
        "path": f"/home/ada/.envmgr/environments/{name}",
        "python": "3.12.4",
        "manager": "pip",
        "persistence": Persistence(True, "/home is a mount", "nfs4", "/home", True),
    }
    return Environment(**{**made, **fields})


def job(**fields: Any) -> Job:
    """A job that runs, but for what ``fields`` say."""
    made: dict[str, Any] = {
        "id": "j-1",
        "operation": "environments.create",
        "subject": "demo",
        "title": "Create demo",
        "state": "running",
        "created": "2026-05-02T10:00:00+00:00",
        "started": "2026-05-02T10:00:00+00:00",
        "holder": HOLDER,
    }
    return Job(**{**made, **fields})


@dataclass
class FakeCatalogue:
    """The read side."""

    listed: tuple[Environment, ...] = ()
    warnings: tuple[str, ...] = ()
    packages_of: dict[str, PackageList] = field(default_factory=dict)
    site: UserSite | None = None
    registered: tuple[Kernel, ...] = ()

    def environments(self, fresh: bool = False) -> EnvironmentList:
        return EnvironmentList(self.listed, self.warnings)

    def environment(self, identifier: str) -> Environment:
        for e in self.listed:
            if e.id == identifier:
                return e
        raise EnvMgrError("no-such-environment", f"there is no environment {identifier!r}")

    def packages(self, identifier: str, size: bool = False) -> PackageList:
        return self.packages_of[identifier]

    def user_site(self, size: bool = False) -> UserSite:
        assert self.site
        return self.site

    def kernels(self) -> KernelList:
        return KernelList(self.registered)

    def size(self, identifier: str) -> EnvironmentSize:
        return EnvironmentSize(identifier, 5_100_000_000, 31_000, 0)


@dataclass
class FakeJobs:
    """One job whose events come in the batches that a test gives.

    ``on_wait`` is called before each answer with how often it was waited: a test sends a signal
    from there. After the last batch the job is what ``ended`` says.
    """

    running: Job = field(default_factory=job)
    batches: list[list[LoggedEvent]] = field(default_factory=list)
    ended: Job | None = None
    on_wait: Callable[[int], None] = lambda _: None
    on_cancel: Callable[[FakeJobs], None] | None = None
    waits: int = 0
    cancelled: list[str] = field(default_factory=list)
    closed: bool = False

    def list(self) -> JobList:
        return JobList((self.running,))

    def show(self, identifier: str) -> Job:
        if identifier != self.running.id:
            raise EnvMgrError("no-such-job", f"there is no job {identifier!r}")
        return self.running

    def wait(self, identifier: str, after: int, seconds: float) -> EventList:
        self.waits += 1
        assert self.waits < 1000, "nobody stops waiting"
        self.on_wait(self.waits)
        if self.batches:
            events = tuple(self.batches.pop(0))
            if events:
                self.running = replace(self.running, seq=events[-1].seq)
            return EventList(events, self.running)
        if self.ended is not None:
            self.running = self.ended
        return EventList((), self.running)

    def cancel(self, identifier: str) -> Job:
        self.cancelled.append(identifier)
        if self.on_cancel:
            self.on_cancel(self)
        self.running = replace(self.running, cancelling=True)
        return self.running

    def remove(self, identifier: str) -> Job:
        return self.show(identifier)

    def close(self) -> None:
        self.closed = True


@dataclass
class FakeContext:
    """The service as far as the command line looks at it."""

    catalogue: FakeCatalogue = field(default_factory=FakeCatalogue)
    jobs: FakeJobs = field(default_factory=FakeJobs)


@dataclass
class Ran:
    """What a run left: exit code, standard output, standard error, and whether it left at once."""

    code: int
    out: str
    err: str
    left: list[int]


class Stream(io.TextIOWrapper):
    """A stream in memory that can say that it is a terminal."""

    def __init__(self, content: bytes = b"", tty: bool = False, encoding: str = "utf-8") -> None:
        super().__init__(io.BytesIO(content), encoding=encoding, newline="\n")
        self._tty = tty

    def isatty(self) -> bool:
        return self._tty

    def text(self) -> str:
        self.flush()
        return cast(io.BytesIO, self.buffer).getvalue().decode(self.encoding)


def no_settings(root: Path | None = None) -> Settings:
    """Settings that nobody looks at: the service is a fake."""
    return plain_settings({"HOME": "/nowhere"}, "test", root)


def run_cli(
    argv: Sequence[str],
    context: FakeContext | None = None,
    *,
    stdin: bytes = b"",
    tty: bool = False,
    environ: dict[str, str] | None = None,
    encoding: str = "utf-8",
) -> Ran:
    """Run a command line in this process on a fake service; ``tty`` on a plain terminal."""
    stdout, stderr = Stream(tty=tty, encoding=encoding), Stream(tty=tty, encoding=encoding)
    terminal = Terminal(stdout, stderr, Stream(stdin, tty), environ or {})
    left: list[int] = []

    def open_context(settings: Settings) -> Any:
        assert context is not None, "this command line should not need the service"
        return context

    code = run(argv, terminal, no_settings, open_context, left.append)
    return Ran(code, stdout.text(), stderr.text(), left)
