"""conda environments: planned, made and listed, against py-rattler's own calls and conda."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import sys
import tempfile
from pathlib import Path

from jupyter_envmgr.core.commands import Outcome
from jupyter_envmgr.core.packages.inventory import list_packages
from jupyter_envmgr.engines.conda_plan import CondaPlanRequest
from jupyter_envmgr.engines.rattler import RattlerEngine
from jupyter_envmgr.engines.uv import EngineWork
from jupyter_envmgr.system.process import run as run_step
from tests import fakes
from tests.channel import build

from .figures import Subject, Work, in_turn
from .tools import environ, run

AIM = 1.3
OURS = "ours: progress, history, supervised"
THEIRS = "py-rattler's calls alone"
THE_CONDA = "conda"

# What somebody would write who uses py-rattler alone: a process of its own here too, since it
# cannot be trusted with another's end.
_ALONE = """
import asyncio, os, sys
from pathlib import Path
from rattler import Gateway, MatchSpec, Subdir, VirtualPackage, solve, install
channel, cache, prefix, *specs = sys.argv[1:]
async def main():
    records = await solve(
        [channel],
        [MatchSpec(spec) for spec in specs],
        gateway=Gateway(cache_dir=Path(cache)),
        platforms=[Subdir.current(), Subdir("noarch")],
        virtual_packages=VirtualPackage.detect(),
    )
    if prefix != "-":
        await install(records, prefix, cache_dir=Path(cache) / "pkgs", show_progress=False)
asyncio.run(main())
os._exit(0)
"""


def subjects(rounds: int) -> list[Subject]:
    """Three tables: a plan, a create from a warm cache, a list of packages."""
    channel = build.channel()
    specs = (f"python={channel.python}", "ipykernel", "pip")
    with tempfile.TemporaryDirectory(prefix="envmgr-conda-") as directory:
        bench = _Bench(Path(directory), channel.url, specs)
        count = len(bench.solve_with_us().splitlines())
        plan = Subject(f"Planning a conda environment of {count} packages", THEIRS)
        plan.times = in_turn(bench.plans(), rounds * 3)
        create = Subject(f"Creating a conda environment of {count} packages, warm cache", THEIRS)
        create.times = in_turn(bench.creates(), rounds, os.sync)
        listing = Subject(f"Listing the {count} packages of a conda environment", "ours")
        listing.times = in_turn(bench.lists(), rounds)
    for subject in (plan, create):
        subject.aim_against(OURS, THEIRS, AIM)
    if not shutil.which("conda"):
        for subject in (plan, create, listing):
            subject.notes.append("there is no conda on this machine to compare with")
    return [plan, create, listing]


class _Bench:
    """One cache and one channel for all competitors; each environment is a new one."""

    def __init__(self, root: Path, channel: str, specs: tuple[str, ...]) -> None:
        self._root = root
        self._channel = channel
        self._specs = specs
        self._numbers = itertools.count()
        self._engine = RattlerEngine.find(fakes.settings(root))
        self._conda = shutil.which("conda") or ""

    def plans(self) -> dict[str, Work]:
        works: dict[str, Work] = {OURS: self.solve_with_us, THEIRS: lambda: self._alone("-")}
        if self._conda:
            works[THE_CONDA] = lambda: self._with_conda("--dry-run")
        return works

    def creates(self) -> dict[str, Work]:
        works: dict[str, Work] = {
            OURS: self._create_with_us,
            THEIRS: lambda: self._alone(str(self._new())),
        }
        if self._conda:
            works[THE_CONDA] = self._with_conda
        return works

    def lists(self) -> dict[str, Work]:
        prefix = self._create_with_us()
        works: dict[str, Work] = {"ours": lambda: list_packages(prefix, "conda")}
        if self._conda:
            command = (self._conda, "list", "--json", "--prefix", str(prefix))
            works[THE_CONDA] = lambda: run(command, environ())
        return works

    def solve_with_us(self) -> str:
        """The names of the packages that a plan adds, one a line."""
        plan = self._plan()
        outcome = self._carry_out(plan, self._engine.solve(plan))
        return "\n".join(change.name for change in self._engine.read_solution(outcome).changes)

    def _create_with_us(self) -> Path:
        plan = self._plan()
        self._carry_out(plan, self._engine.create(plan))
        return plan.prefix

    def _plan(self) -> CondaPlanRequest:
        workdir = self._new()
        workdir.mkdir()
        return CondaPlanRequest(
            prefix=self._new(),
            specs=self._specs,
            channels=(self._channel,),
            environ=environ(),
            workdir=workdir,
            cache=self._root / "cache",
            home=self._root,
        )

    def _carry_out(self, plan: CondaPlanRequest, work: EngineWork) -> Outcome:
        for name, text in work.files.items():
            (plan.workdir / name).write_text(text)
        (step,) = work.steps
        outcome = run_step(
            step.command,
            on_line=lambda stream, line: list(step.read(stream, line)),
            cancelled=lambda: False,
        )
        if not outcome.ok:
            raise RuntimeError(self._engine.explain(step, outcome, plan))
        return outcome

    def _alone(self, prefix: str) -> None:
        words = (self._channel, str(self._root / "cache"), prefix, *self._specs)
        run((sys.executable, "-I", "-c", _ALONE, *words), environ())

    def _with_conda(self, *options: str) -> None:
        words = ("--yes", "--json", "--override-channels", "--channel", self._channel)
        command = (self._conda, "create", "--prefix", str(self._new()), *words, *options)
        run((*command, *self._specs), environ(CONDA_PKGS_DIRS=str(self._root / "conda")))

    def _new(self) -> Path:
        return self._root / str(next(self._numbers))


if __name__ == "__main__":
    print(json.dumps([subject.plain() for subject in subjects(5)], indent=2))
