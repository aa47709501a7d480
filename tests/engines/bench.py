"""A place to run the real uv in: plans made and carried out as the service does it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.commands import Command, Outcome, Step
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Payload
from jupyter_envmgr.core.packages.indexes import find_indexes
from jupyter_envmgr.core.packages.requirements import parse_lines
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.engines.uv import PipPlan, UvEngine
from jupyter_envmgr.system.process import run
from tests import fakes

PYTHON = str(Path(sys.executable).resolve())
Wrap = Callable[[Command], Command]


@dataclass
class Bench:
    """A home, and what happened in it. ``wrap`` may put each command into another world."""

    home: Path
    cache: Path
    environ: dict[str, str] = field(default_factory=dict)
    wrap: Wrap = lambda command: command
    payloads: list[Payload] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def settings(self) -> Settings:
        environ = {
            "HOME": str(self.home),
            "PATH": os.environ["PATH"],
            "PIP_CONFIG_FILE": os.devnull,
            "UV_CACHE_DIR": str(self.cache),
            **self.environ,
        }
        return fakes.settings(self.home, environ=environ)

    def plan(self, url: str, packages: Sequence[str] = (), **changes: Any) -> PipPlan:
        """The plan of an environment with these packages and ipykernel from the index at url."""
        workdir = self.home / "workdir"
        workdir.mkdir(exist_ok=True, mode=0o700)
        made = PipPlan(
            prefix=self.home / "environment",
            python=PYTHON,
            download=False,
            requirements=(*(r.text for r in parse_lines(packages)), "ipykernel"),
            indexes=find_indexes(self.settings, url),
            workdir=workdir,
            environ=self.settings.environ,
            prompt="bench",
        )
        return replace(made, **changes)

    def carry_out(self, plan: PipPlan) -> EnvMgrError | None:
        """Run all steps; the error of the one that failed."""
        engine = UvEngine.find(self.settings)
        work = engine.create(plan)
        for name, text in work.files.items():
            (plan.workdir / name).write_text(text)
        for step in work.steps:
            outcome = self.run(step)
            if not outcome.ok:
                return engine.explain(step, outcome, plan)
        return None

    def run(self, step: Step) -> Outcome:
        """Run one step, keeping what it said."""
        command = self.wrap(step.command)
        self.commands.append(command)
        outcome = run(
            command,
            on_line=lambda stream, line: self.payloads.extend(step.read(stream, line)),
            cancelled=lambda: False,
            timeout=120,
        )
        self.outcomes.append(outcome)
        return outcome

    def error(self, url: str, packages: Sequence[str] = (), **changes: Any) -> EnvMgrError:
        """The error of a plan that must fail."""
        error = self.carry_out(self.plan(url, packages, **changes))
        assert error is not None, "it did not fail"
        return error


def code_and_detail(error: EnvMgrError) -> tuple[str, str]:
    assert error.hint, "every failure has a hint"
    return error.code, error.detail
