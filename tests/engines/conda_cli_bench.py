"""A place to run conda, mamba and micromamba in: the fake ones, and the real ones if there are."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.commands import Command, Outcome, Step
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Payload, Progress
from jupyter_envmgr.engines.conda_cli import CondaCliEngine
from jupyter_envmgr.engines.conda_cli_find import NAMES, ExecutableName
from jupyter_envmgr.engines.conda_plan import CondaPlanRequest, Solution
from jupyter_envmgr.engines.uv import EngineWork
from jupyter_envmgr.system.process import run

FAKE = Path(__file__).with_name("fake_conda.py")


def _executable(name: ExecutableName) -> str:
    for variable in ("CONDA_EXE", "MAMBA_EXE"):
        named = os.environ.get(variable, "")
        if os.path.basename(named) == name:
            return named
    return shutil.which(name) or ""


# The tests take CONDA_* and MAMBA_* out of their own environment; this is from before.
REAL = {name: _executable(name) for name in NAMES}

KINDS = (*NAMES, *(f"real {name}" for name in NAMES))
NATIVE_KINDS = tuple(kind for kind in KINDS if kind.endswith("mamba"))


def fake(directory: Path, name: ExecutableName) -> CondaCliEngine:
    """The stand-in for an executable of that name, put into ``directory``."""
    directory.mkdir(parents=True, exist_ok=True)
    program = directory / name
    program.write_text(f"#!{sys.executable} -IS\n{FAKE.read_text()}")
    program.chmod(0o755)
    return CondaCliEngine(name, str(program), "26.7.1", native=name != "conda")


def real(name: ExecutableName) -> CondaCliEngine:
    """That of this machine."""
    return CondaCliEngine(name, REAL[name], "", native=name != "conda")


def bench_of(directory: Path, kind: str) -> CondaBench:
    """A bench for one of `KINDS`. Skips the test if this machine has no such executable."""
    name = next(name for name in NAMES if kind.split()[-1] == name)
    if kind == name:
        return CondaBench(directory, fake(directory / "bin", name))
    if not REAL[name]:
        variable = "CONDA_EXE" if name == "conda" else "MAMBA_EXE"
        pytest.skip(f"there is no {name} on PATH, and {variable} names none")
    return CondaBench(directory, real(name))


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
    def is_real(self) -> bool:
        """Whether it is no stand-in."""
        return self.engine.executable in REAL.values()

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

    def must_change(self, plan: CondaPlanRequest) -> None:
        """Change the environment. Raises why it cannot be, as soon as that is known."""
        error = self.change(plan)
        if error is not None:
            raise error

    def pretend(self, *packages: str) -> None:
        """Write records of packages (``name-version-build``) that are not there."""
        meta = self.prefix / "conda-meta"
        meta.mkdir(parents=True, exist_ok=True)
        for package in packages:
            name, version, build = package.rsplit("-", 2)
            record = {"name": name, "version": version, "build": build}
            (meta / f"{package}.json").write_text(json.dumps(record))

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
