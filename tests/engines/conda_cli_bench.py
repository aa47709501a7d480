"""A place to run conda, mamba and micromamba in: the fake ones, and a real conda if there is."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.commands import Command, Outcome, Step
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Payload, Progress
from jupyter_envmgr.engines.conda_cli import CondaCliEngine
from jupyter_envmgr.engines.conda_cli_find import ExecutableName
from jupyter_envmgr.engines.conda_plan import CondaPlanRequest, Solution
from jupyter_envmgr.engines.uv import EngineWork
from jupyter_envmgr.system.process import run

FAKE = Path(__file__).with_name("fake_conda.py")

# The tests take CONDA_* out of their own environment; this is from before.
REAL_CONDA = os.environ.get("CONDA_EXE") or shutil.which("conda") or ""


def fake(directory: Path, name: ExecutableName) -> CondaCliEngine:
    """The stand-in for an executable of that name, put into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / name
    program.write_text(f"#!{sys.executable} -IS\n{FAKE.read_text()}")
    program.chmod(0o755)
    return CondaCliEngine(name, str(program), "26.7.1", native=name != "conda")


def real() -> CondaCliEngine:
    """The conda of this machine."""
    return CondaCliEngine("conda", REAL_CONDA, "")


@dataclass
class CondaBench:
    """A home, an engine, and what happened."""

    home: Path
    engine: CondaCliEngine
    environ: dict[str, str] = field(default_factory=dict)
    payloads: list[Payload] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def prefix(self) -> Path:
        """Where the environment is to be."""
        return self.home / "environment"

    @property
    def progress(self) -> list[Progress]:
        """What was said about how far it is."""
        return [payload for payload in self.payloads if isinstance(payload, Progress)]

    def plan(self, *specs: str, channel: str = "", **changes: Any) -> CondaPlanRequest:
        """A request for these specs from that channel."""
        workdir = self.home / "workdir"
        workdir.mkdir(exist_ok=True, mode=0o700)
        environ = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "CONDA_PKGS_DIRS": str(self.home / "pkgs"),
            "CONDA_REMOTE_MAX_RETRIES": "0",
            **self.environ,
        }
        made = CondaPlanRequest(
            prefix=self.prefix,
            specs=specs,
            channels=(channel,) if channel else (),
            environ=environ,
            workdir=workdir,
            cache=self.home / "cache",
            home=self.home,
        )
        return replace(made, **changes)

    def create(self, plan: CondaPlanRequest) -> EnvMgrError | None:
        """Make the environment; the error of the step that failed."""
        return self.carry_out(plan, self.engine.create(plan))

    def change(self, plan: CondaPlanRequest) -> EnvMgrError | None:
        """Change the environment; the error of the step that failed."""
        return self.carry_out(plan, self.engine.change(plan))

    def solve(self, plan: CondaPlanRequest) -> Solution:
        """What would be done. Raises why it cannot be."""
        work = self.engine.solve(plan)
        before = len(self.outcomes)
        error = self.carry_out(plan, work)
        if error is not None:
            raise error
        return self.engine.read_solution(plan, work, self.outcomes[before:])

    def carry_out(self, plan: CondaPlanRequest, work: EngineWork) -> EnvMgrError | None:
        """Run all steps as the service does."""
        for name, text in work.files.items():
            (plan.workdir / name).write_text(text)
        for step in work.steps:
            error = self.engine.failure(step, self.run(step), plan)
            if error is not None:
                return error
        return None

    def run(self, step: Step) -> Outcome:
        """Run one step, keeping what it said."""
        self.commands.append(step.command)
        outcome = run(
            step.command,
            on_line=lambda stream, line: self.payloads.extend(step.read(stream, line)),
            cancelled=lambda: False,
            timeout=120,
        )
        self.outcomes.append(outcome)
        return outcome

    def packages(self) -> dict[str, str]:
        """Name and version of what is installed, by the records."""
        found = {}
        for file in (self.prefix / "conda-meta").glob("*.json"):
            record = json.loads(file.read_text())
            found[record["name"]] = record["version"]
        return found
