"""Run by a test in a real terminal: the program on a fake service. Arguments: scene, then argv."""

from __future__ import annotations

import os
import sys
from typing import Any

from jupyter_envmgr.cli.program import run
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.answers import LoggedEvent
from tests.cli.fakes import FakeCatalogue, FakeContext, FakeJobs, environment, job

TIME = "2026-05-02T10:00:00+00:00"


def bar() -> FakeContext:
    """A job that reports its progress in ten looks."""
    steps = [LoggedEvent(1, TIME, "step-started", title="Installing [red]", number=1, total=1)]
    looks = [
        [LoggedEvent(n + 2, TIME, "progress", fraction=n / 10, label=f"package {n} [bold]")]
        for n in range(10)
    ]
    ended = job(state="succeeded", seq=11, ended="2026-05-02T10:00:41+00:00", progress=1.0)
    return FakeContext(jobs=FakeJobs(batches=[steps, *looks], ended=ended))


def listing() -> FakeContext:
    """Environments with long paths and wide names."""
    names = ("my-training", "qwen-eval")
    made = [environment(name, path=f"/home/ada/{'deep/' * 20}{name}") for name in names]
    made.append(environment("wide", path="/home/环境/训练", status="broken", reason="[bold]oh"))
    return FakeContext(FakeCatalogue(tuple(made)))


SCENES = {"bar": bar, "listing": listing}

if __name__ == "__main__":
    scene: Any = SCENES[sys.argv[1]]()

    def open_context(settings: Settings) -> Any:
        return scene

    sys.exit(run(sys.argv[2:], open_context=open_context, leave=os._exit))
