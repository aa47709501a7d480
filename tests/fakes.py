"""Fakes that several layers' tests share: settings of a made-up home, and a runner of no tools."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.commands import Command, Outcome, Stream
from jupyter_envmgr.core.environments.model import CreateRequest, EngineChoice, Record
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Holder
from jupyter_envmgr.core.settings import Location, Settings

HOLDER = Holder("node1", "boot", "pid:[4026531836]", 42, 1000, "cli")


def settings(home: Path, **changes: Any) -> Settings:
    """Settings whose every path lies below ``home``."""
    made = Settings(
        root=home / ".envmgr",
        home=home,
        locations=(Location("default", home / ".envmgr" / "environments"),),
        image_prefix=home / "image",
        image_interpreter=home / "image" / "bin" / "python",
        kernel_dirs=(home / ".local" / "share" / "jupyter" / "kernels",),
        user_kernels=home / ".local" / "share" / "jupyter" / "kernels",
        image_kernels=home / "image" / "share" / "jupyter" / "kernels",
        environ={"PATH": os.environ["PATH"], "HOME": str(home)},
        door="test",
    )
    return replace(made, **changes)


def command(*argv: str, secrets: Sequence[str] = (), cwd: Path = Path("/")) -> Command:
    """A command with nothing but a PATH."""
    return Command(argv, {"PATH": os.environ["PATH"]}, cwd, tuple(secrets))


def record(name: str, **changes: Any) -> Record:
    """A record of an environment that is being made."""
    made = Record(
        name=name,
        status="creating",
        created="2026-05-02T10:00:00.000Z",
        maker=HOLDER,
        request=CreateRequest(name),
        engine=EngineChoice("uv", "0.9", "it is here"),
        job="20260502t100000000-abcdefgh",
    )
    return replace(made, **changes)


def eventually(condition: Callable[[], Any], what: str, seconds: float = 10.0) -> Any:
    """Wait for something that another thread or process does; fail, saying what, if it does not."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"not within {seconds:g} s: {what}"
        time.sleep(0.005)
    return value


@dataclass
class FakeRunner:
    """Stands for `system.process.run`: answers by the program's name, runs nothing.

    ``answers`` maps a word that occurs in the argv to what the tool prints on stderr and its exit
    code, or to an error to raise. ``wait`` is called before each answer, with ``cancelled``.
    """

    answers: dict[str, tuple[str, int] | BaseException] = field(default_factory=dict)
    wait: Callable[[Command], object] = lambda command: None
    commands: list[Command] = field(default_factory=list)

    def __call__(
        self,
        command: Command,
        *,
        on_line: Callable[[Stream, str], None],
        cancelled: Callable[[], bool],
        timeout: float | None = None,
        missing: str = "engine-missing",
    ) -> Outcome:
        self.commands.append(command)
        self.wait(command)
        if cancelled():
            raise EnvMgrError("cancelled", f"{command.argv[0]} was stopped")
        for word, answer in self.answers.items():
            if word in command.argv:
                if isinstance(answer, BaseException):
                    raise answer
                text, code = answer
                for line in text.splitlines():
                    on_line("stderr", line)
                return Outcome(code, "", text, 0.01)
        return Outcome(0, "", "", 0.01)
