"""The real command line killed with -9 while it creates and removes, and who comes after it."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.cli.exits import EXITS
from tests.cli.home import Home
from tests.fakes import eventually
from tests.index.server import LocalIndex
from tests.index.wheels import wheel

NAME = "training"
PACKAGES = ("alpha", "beta")
SLOWEST = 3.0
"""Seconds that a create takes here on a bad day: random kills fall into these."""


@pytest.fixture
def home(tmp_path: Path, local_index: LocalIndex) -> Home:
    (tmp_path / "home").mkdir()
    local_index.add(*(wheel(name, size=300_000) for name in PACKAGES))
    return Home(tmp_path / "home")


def create(home: Home, index: LocalIndex) -> subprocess.Popen[str]:
    argv = ("env", "create", NAME, *PACKAGES, "--index-url", index.url)
    return home.start(*argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def _some(home: Home, pattern: str, number: int = 1) -> bool:
    return len(list((home.environments / NAME).glob(pattern))) >= number


def _said(home: Home, words: str) -> bool:
    return any(words in log.read_text() for log in home.path.glob(".envmgr/jobs/*/events.jsonl"))


SITE = "lib/python3*/site-packages"
MOMENTS: dict[str, Callable[[Home], bool]] = {
    "the name is taken": lambda home: (home.location / "records" / f"{NAME}.json").exists(),
    "the job is written": lambda home: any(home.path.glob(".envmgr/jobs/*/job.json")),
    "it is locked": lambda home: (home.location / "locks" / f"{NAME}.lock").exists(),
    "it is staged": lambda home: (home.location / "staging").exists(),
    "its directory is there": lambda home: (home.environments / NAME).exists(),
    "the first step has begun": lambda home: _said(home, "step-started"),
    "it is a venv": lambda home: _some(home, "pyvenv.cfg"),
    "the second step has begun": lambda home: _said(home, "Installing packages"),
    "one package is there": lambda home: _some(home, f"{SITE}/*.dist-info"),
    "five packages are there": lambda home: _some(home, f"{SITE}/*.dist-info", 5),
    "all packages are there": lambda home: _some(home, f"{SITE}/ipykernel/__init__.py"),
    "pip is told": lambda home: _some(home, "pip.conf"),
    "the kernel is registered": lambda home: bool(home.kernels),
    "the last step has begun": lambda home: _said(home, "Starting its Python"),
}


def expect_nobody(home: Home) -> None:
    eventually(lambda: not home.processes(), "all that it started ends", 3)


def expect_sound(home: Home) -> None:
    """It is ready, and what was asked for imports in a fresh interpreter."""
    shown = home.data("env", "show", NAME)
    assert shown["status"] == "ready"
    assert [kernel["name"] for kernel in shown["kernels"]] == [f"envmgr-{NAME}"]
    program = "import ipykernel, pip, " + ", ".join(PACKAGES)
    subprocess.run([shown["interpreter"], "-c", program], check=True)


def expect_what_a_kill_leaves(home: Home, index: LocalIndex, *, retried: bool) -> str:
    """Whatever was cut: it says so, can be made after all or removed, and leaves no trace."""
    expect_nobody(home)
    found = [e for e in home.data("env", "list", "--managed")["environments"] if e["id"] == NAME]
    jobs = home.data("jobs", "list")["jobs"]
    status = found[0]["status"] if found else "absent"
    if status == "absent":
        assert not jobs
        return status
    if status == "ready":
        expect_sound(home)
    else:
        assert status == "failed"
        assert "did not finish" in found[0]["reason"]
        assert [job["state"] for job in jobs] in ([], ["interrupted"])
        if retried:
            home.data("env", "retry", NAME)
            expect_sound(home)
    home.data("env", "remove", NAME, "--yes")
    assert home.left(NAME) == []
    return str(status)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("moment", list(MOMENTS))
def test_a_create_killed_at_any_step_is_never_taken_for_a_good_one(
    home: Home, local_index: LocalIndex, moment: str
) -> None:
    reached = MOMENTS[moment]
    process = create(home, local_index)
    deadline = time.monotonic() + 60
    while not reached(home) and process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.001)
    assert reached(home), f"{moment} was never seen"
    process.kill()
    process.wait()
    retried = list(MOMENTS).index(moment) % 2 == 0
    status = expect_what_a_kill_leaves(home, local_index, retried=retried)
    assert status != "absent"


@pytest.mark.timeout(120)
@pytest.mark.parametrize("seed", range(6))
def test_a_create_killed_at_a_random_moment_is_never_taken_for_a_good_one(
    home: Home, local_index: LocalIndex, seed: int
) -> None:
    process = create(home, local_index)
    time.sleep(random.Random(seed).uniform(0.3, SLOWEST))
    process.kill()
    process.wait()
    expect_what_a_kill_leaves(home, local_index, retried=seed % 2 == 0)


@pytest.mark.timeout(120)
@pytest.mark.parametrize("part", ["kernel", "directory", "half"])
def test_a_remove_that_was_killed_is_finished_by_the_next(
    home: Home, local_index: LocalIndex, part: str
) -> None:
    process = create(home, local_index)
    assert process.wait(timeout=60) == 0
    trash = home.location / "trash"
    gone: dict[str, Callable[[], bool]] = {
        "kernel": lambda: not home.kernels,
        "directory": lambda: not (home.environments / NAME).exists(),
        "half": lambda: trash.exists() and any(trash.iterdir()),
    }
    argv = ("env", "remove", NAME, "--yes")
    process = home.start(*argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not gone[part]() and process.poll() is None:
        time.sleep(0.001)
    process.kill()
    process.wait()
    expect_nobody(home)
    listed = home.data("env", "list", "--managed")["environments"]
    for environment in listed:
        if environment["status"] != "ready":
            assert environment["reason"]
        home.data("env", "remove", environment["id"], "--yes")
    assert home.left(NAME) == []


@pytest.mark.timeout(120)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_who_is_asked_to_stop_has_ended_all_and_left_nothing_within_a_second(
    home: Home, local_index: LocalIndex, number: int
) -> None:
    held = wheel("slow", size=2_000_000)
    local_index.add(held)
    local_index.hold(held.filename)
    process = home.start("env", "create", NAME, "slow", "--index-url", local_index.url)
    assert local_index.is_held.wait(60)
    started = time.monotonic()
    process.send_signal(number)
    process.communicate(timeout=30)
    assert time.monotonic() - started < 1
    assert process.returncode == EXITS["cancelled"]
    assert home.processes() == []
    assert home.left(NAME) == []


@pytest.mark.timeout(120)
def test_who_presses_twice_leaves_at_once_and_the_tools_end_too(
    home: Home, local_index: LocalIndex
) -> None:
    held = wheel("slow", size=2_000_000)
    local_index.add(held)
    local_index.hold(held.filename)
    process = home.start("env", "create", NAME, "slow", "--index-url", local_index.url)
    assert local_index.is_held.wait(60)
    process.send_signal(signal.SIGINT)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=30)
    assert process.returncode == EXITS["cancelled"]
    expect_nobody(home)
    left = home.data("env", "list", "--managed")["environments"]
    assert all(e["status"] == "failed" and e["reason"] for e in left)
    for environment in left:
        home.data("env", "remove", environment["id"], "--yes")
    assert home.left(NAME) == []


@pytest.mark.timeout(120)
def test_a_job_of_another_process_is_cancelled_within_two_seconds(
    home: Home, local_index: LocalIndex
) -> None:
    held = wheel("slow", size=2_000_000)
    local_index.add(held)
    local_index.hold(held.filename)
    process = home.start("env", "create", NAME, "slow", "--index-url", local_index.url)
    assert local_index.is_held.wait(60)
    (job,) = home.data("jobs", "list")["jobs"]
    home.run("jobs", "cancel", job["id"])
    process.communicate(timeout=2)
    assert process.returncode == EXITS["cancelled"]
    assert home.processes() == []
    assert home.left(NAME) == []
