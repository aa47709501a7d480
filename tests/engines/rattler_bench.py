"""A place to run the real py-rattler in: plans made and carried out as the service does it."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.commands import Command, Outcome, Step
from jupyter_envmgr.core.conda.relocated import mapped
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Notice, Payload, Progress
from jupyter_envmgr.engines.conda_plan import CondaPlanRequest, Solution
from jupyter_envmgr.engines.rattler import RattlerEngine
from jupyter_envmgr.engines.uv import EngineWork
from jupyter_envmgr.system.process import run
from tests import fakes
from tests.engines.bench import Wrap


@dataclass
class RattlerBench:
    """A home with an environment in it, and what happened."""

    home: Path
    cache: Path
    environ: dict[str, str] = field(default_factory=dict)
    wrap: Wrap = lambda command: command
    payloads: list[Payload] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)

    @property
    def prefix(self) -> Path:
        return self.home / "environment"

    @property
    def engine(self) -> RattlerEngine:
        return RattlerEngine.find(fakes.settings(self.home))

    @property
    def notices(self) -> list[str]:
        return [payload.text for payload in self.payloads if isinstance(payload, Notice)]

    @property
    def progress(self) -> list[Progress]:
        return [payload for payload in self.payloads if isinstance(payload, Progress)]

    def plan(self, url: str, *specs: str, **changes: Any) -> CondaPlanRequest:
        """A plan for this home's environment with these specs from the channel at ``url``."""
        workdir = self.home / "workdir"
        workdir.mkdir(exist_ok=True, mode=0o700)
        environ = {"HOME": str(self.home), "PATH": os.environ["PATH"], **self.environ}
        made = CondaPlanRequest(
            prefix=self.prefix,
            specs=specs,
            channels=(url,),
            environ=environ,
            workdir=workdir,
            cache=self.cache,
            home=self.home,
        )
        return replace(made, **changes)

    def create(self, url: str, *specs: str, **changes: Any) -> Solution:
        plan = self.plan(url, *specs, **changes)
        return self.carry_out(plan, self.engine.create(plan))

    def change(self, url: str, *specs: str, **changes: Any) -> Solution:
        plan = self.plan(url, *specs, **changes)
        return self.carry_out(plan, self.engine.change(plan))

    def solve(self, url: str, *specs: str, **changes: Any) -> Solution:
        plan = self.plan(url, *specs, **changes)
        return self.carry_out(plan, self.engine.solve(plan))

    def carry_out(self, plan: CondaPlanRequest, work: EngineWork) -> Solution:
        """Run the work; raises the error that the engine makes of a failure."""
        for name, text in work.files.items():
            path = plan.workdir / name
            path.touch(mode=0o600)
            path.write_text(text)
        (step,) = work.steps
        outcome = self.run(step)
        if not outcome.ok:
            raise self.engine.explain(step, outcome, plan)
        return self.engine.read_solution(outcome)

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

    def python(self, *arguments: str) -> str:
        """What the environment's interpreter prints, started as a kernel would be."""
        environ = {"PATH": os.environ["PATH"], "HOME": str(self.home), "PYTHONNOUSERSITE": "1"}
        program = str(self.prefix / "bin" / "python")
        return subprocess.run(
            [program, *arguments], env=environ, capture_output=True, text=True, check=True
        ).stdout.strip()

    def installed(self) -> dict[str, str]:
        """The versions in ``conda-meta``, by name."""
        return {record["name"]: record["version"] for record in records(self.prefix)}

    def history(self) -> str:
        return (self.prefix / "conda-meta" / "history").read_text()


def records(prefix: Path) -> list[dict[str, Any]]:
    """What ``conda-meta`` says is installed."""
    files = sorted((prefix / "conda-meta").glob("*.json"))
    return [json.loads(file.read_text()) for file in files]


def bad_files(prefix: Path) -> list[str]:
    """The files of packages that are not there, or not as their packages had them."""
    bad = []
    site = next(prefix.glob("lib/python3*/site-packages"), prefix)
    for record in records(prefix):
        for row in record["paths_data"]["paths"]:
            # conda notes the files of noarch packages as the packages have them.
            path = prefix / mapped(row["_path"], str(site.relative_to(prefix)))
            expected = row.get("sha256_in_prefix") or row.get("sha256")
            if row["path_type"] == "softlink":
                is_good = path.is_symlink()
            elif not path.is_file():
                is_good = False
            else:
                # An entry point and the like has no hash.
                is_good = expected in (None, hashlib.sha256(path.read_bytes()).hexdigest())
            if not is_good:
                bad.append(row["_path"])
    return bad


def errors_of(bench: RattlerBench, url: str, specs: Sequence[str], **changes: Any) -> EnvMgrError:
    """The error of a create that must fail."""
    try:
        bench.create(url, *specs, **changes)
    except EnvMgrError as error:
        return error
    raise AssertionError("it did not fail")
