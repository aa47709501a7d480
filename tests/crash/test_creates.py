"""A create killed with -9 anywhere: it is never taken for a good one, and can be retried."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import CreateRequest, Environment
from jupyter_envmgr.core.jobs.model import ENDED, Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context, open_context
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.service.recovery import recover
from jupyter_envmgr.system.durable import TEMPORARY_SUFFIX
from tests.browser.jupyter import image_of
from tests.crash.faults import DIED, DONE, die, in_child, install
from tests.fakes import eventually
from tests.index.server import LocalIndex
from tests.service.conftest import settings as settings

REQUEST = CreateRequest("training")
STRIDE = 17
"""Every so many-th change of the disk is where it is killed: a dozen places in a create."""


@pytest.fixture
def home(settings: Settings, local_index: LocalIndex) -> Settings:
    return replace(settings, index_url=local_index.url)


def follow(context: Context, job: Job) -> Job:
    seq = 0
    while True:
        answer = context.jobs.wait(job.id, seq, 60)
        if answer.job.state in ENDED:
            return answer.job
        seq = answer.job.seq


def do(home: Settings, verb: Callable[[Context], Job]) -> str:
    """Do it as another process would that comes later; how its job ended."""
    context = open_context(home)
    recover(context)
    try:
        return follow(context, verb(context)).state
    finally:
        context.jobs.close()


def seen(home: Settings) -> Environment | None:
    context = open_context(home)
    found = context.catalogue.environments(fresh=True).environments
    return next((e for e in found if e.name == REQUEST.name), None)


def remove(context: Context) -> Job:
    plan = environments.plan_remove(context, REQUEST.name)
    return environments.remove(context, REQUEST.name, digest=plan.digest)


def left(home: Settings) -> list[str]:
    """All that is there of the environment: its directory, record, kernelspec, rubbish.

    Not the temporary file of a writer that was killed, which is swept when it is old.
    """
    (location,) = home.locations
    places = (location.path, location.records, location.trash, location.staging)
    found = [str(path) for place in places if place.is_dir() for path in place.iterdir()]
    found += [str(p) for d in home.kernel_dirs for p in d.glob("*training*")]
    return [path for path in found if not path.endswith(("/.envmgr", TEMPORARY_SUFFIX))]


def tools(home: Settings) -> list[str]:
    """The processes that work on this home, by what /proc says of them."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if bytes(home.home) in (entry / "environ").read_bytes():
                found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def killed_at(home: Settings, number: int, verb: Callable[[Context], Job]) -> int:
    def child() -> None:
        install(number, die)
        context = open_context(home)
        follow(context, verb(context))

    return in_child(child)


@pytest.mark.timeout(600)
def test_a_create_killed_anywhere_can_be_retried_and_removed(home: Settings) -> None:
    number, said = 1, set()
    while killed_at(home, number, lambda c: environments.create(c, REQUEST)) == DIED:
        eventually(lambda: not tools(home), "its tools end", 5)
        environment = seen(home)
        if environment is None:
            assert do(home, lambda c: environments.create(c, REQUEST)) == "succeeded"
        elif environment.status != "ready":
            said.add(environment.status)
            assert environment.reason
            assert do(home, lambda c: environments.retry(c, REQUEST.name)) == "succeeded"
        environment = seen(home)
        assert environment is not None
        assert environment.status == "ready"
        assert [kernel.name for kernel in environment.kernels] == ["envmgr-training"]
        assert environment.interpreter
        subprocess.run([environment.interpreter, "-c", "import ipykernel, pip"], check=True)
        assert do(home, remove) == "succeeded"
        assert left(home) == []
        number += STRIDE
    assert number > 5 * STRIDE
    assert "failed" in said


@pytest.mark.timeout(300)
def test_a_create_killed_anywhere_can_be_removed_at_once(home: Settings) -> None:
    number = 5
    while killed_at(home, number, lambda c: environments.create(c, REQUEST)) == DIED:
        if seen(home) is not None:
            assert do(home, remove) == "succeeded"
        assert left(home) == []
        number += 2 * STRIDE
    assert number > 5 * STRIDE


@pytest.mark.timeout(300)
def test_a_remove_killed_anywhere_is_finished_by_the_next(home: Settings) -> None:
    number = 1
    while True:
        assert do(home, lambda c: environments.create(c, REQUEST)) == "succeeded"
        code = killed_at(home, number, remove)
        environment = seen(home)
        if environment is not None:
            assert do(home, remove) == "succeeded"
        else:
            recover(open_context(home))
        assert left(home) == []
        if code == DONE:
            break
        number *= 3  # most of its changes are unlinks
    assert number > 100


def test_the_job_of_a_killed_create_says_that_it_was_interrupted(home: Settings) -> None:
    context = open_context(home)
    number = STRIDE
    while not context.jobs.list().jobs:
        assert killed_at(home, number, lambda c: environments.create(c, REQUEST)) == DIED
        number += STRIDE
    (job,) = context.jobs.list().jobs
    assert job.state == "interrupted"
    events = context.jobs.events(job.id, 0).events
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    environment = seen(home)
    assert environment is not None
    assert environment.job == job.id
    assert str(os.getpid()) not in environment.reason


def test_of_a_crowd_of_command_lines_exactly_one_makes_the_environment(
    home: Settings, tmp_path: Path
) -> None:
    program = str(image_of(tmp_path / "home") / "bin/python")
    command = [program, "-m", "jupyter_envmgr", "env", "create", "training", "--json"]
    crowd = [
        subprocess.Popen(
            [*command, "--index-url", str(home.index_url)],
            env={**home.environ, "HOME": str(home.home)},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        for _ in range(4)
    ]
    answers = [json.loads(process.communicate(timeout=120)[0]) for process in crowd]
    assert sorted(process.returncode for process in crowd) == [0, 4, 4, 4]
    winner = next(p.pid for p in crowd if p.returncode == 0)
    for answer in answers:
        if not answer["ok"]:
            assert answer["error"]["code"] == "name-taken"
            assert f"process {winner} " in answer["error"]["detail"]
