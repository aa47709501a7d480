"""Locked packages: first, alone and by their hashes; then the rest, bound by them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from jupyter_envmgr.core.commands import Outcome
from jupyter_envmgr.core.packages.indexes import Indexes
from jupyter_envmgr.engines.uv import LOCKED, REQUIREMENTS, PipPlan, UvEngine
from jupyter_envmgr.engines.uv_lock import LockPlan, find_files, unknown_names

ENGINE = UvEngine("/opt/uv", "1", Path("/pythons"))
SIX = f"six==1.16.0 --hash=sha256:{'0' * 64}"
IPYKERNEL = f"ipykernel==7.0 --hash=sha256:{'1' * 64}"


def plan(*requirements: str, **changes: object) -> PipPlan:
    made = PipPlan(
        prefix=Path("/e"),
        python="/usr/bin/python3",
        download=False,
        requirements=requirements,
        indexes=Indexes(),
        workdir=Path("/w"),
        environ={},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_what_is_locked_is_installed_apart_with_every_hash_required() -> None:
    work = ENGINE.create(plan("polars", "ipykernel", locked=(SIX,)))
    assert [step.name for step in work.steps] == ["venv", "locked", "install"]
    _, locked, rest = (step.command.argv for step in work.steps)
    assert work.files[LOCKED] == f"{SIX}\n"
    assert {"--require-hashes", f"/w/{LOCKED}"} <= set(locked)
    assert "--no-deps" not in locked
    assert set(work.files[REQUIREMENTS].split()) == {"pip", "ipykernel", "polars"}
    assert "--require-hashes" not in rest
    assert rest[rest.index("--constraints") + 1] == f"/w/{LOCKED}"


def test_what_a_lock_has_anyway_is_not_asked_for_again() -> None:
    pip = f"pip==26.0 --hash=sha256:{'2' * 64}"
    work = ENGINE.create(plan("ipykernel", locked=(SIX, IPYKERNEL, pip), complete=True))
    assert [step.name for step in work.steps] == ["venv", "locked"]
    assert "--no-deps" in work.steps[1].command.argv
    assert list(work.files) == [LOCKED]
    elsewhere = IPYKERNEL.replace(" --hash", " ; sys_platform == 'win32' --hash")
    work = ENGINE.create(plan("ipykernel", locked=(elsewhere, pip)))
    assert work.files[REQUIREMENTS].split() == ["ipykernel"]


def test_without_hashes_nothing_is_different() -> None:
    work = ENGINE.create(plan("ipykernel"))
    assert [step.name for step in work.steps] == ["venv", "install"]
    assert not {"--constraints", "--require-hashes"} & set(work.steps[1].command.argv)


def lock_plan(**changes: object) -> LockPlan:
    made = LockPlan(
        interpreter=Path("/e/bin/python"),
        python="3.12",
        lines=("six==1.16.0",),
        indexes=Indexes(default="https://ada:geheim@i/simple"),
        workdir=Path("/w"),
        environ={"PYTHONPATH": "/x"},
    )
    return replace(made, **changes)  # type: ignore[arg-type]


def test_looking_up_files_installs_nothing_and_shows_no_credentials() -> None:
    (step,) = find_files(ENGINE, lock_plan()).steps
    command = step.command
    assert command.argv[1:3] == ("pip", "compile")
    assert {"--no-deps", "--universal", "--no-python-downloads", "--no-config"} <= set(command.argv)
    assert "geheim" not in " ".join(command.argv)
    assert "geheim" in " ".join(command.secrets)
    assert "UV_OFFLINE" not in command.environ
    assert "PYTHONPATH" not in command.environ
    (offline,) = find_files(ENGINE, lock_plan(offline=True, all_wheels=False)).steps
    assert offline.command.environ["UV_OFFLINE"] == "1"
    assert "--universal" not in offline.command.argv


def test_what_no_index_has_is_named() -> None:
    said = (
        "error: No solution found when resolving dependencies\n"
        "  cause: Because {0} and you require {1}, we can conclude that your requirements are "
        "unsatisfiable.\n"
    )
    for why, what in (
        ("home-made was not found in the package registry", "home-made==1.0"),
        ("there is no version of home-made==1.0", "home-made==1.0"),
        ("home-made==1.0 has no usable wheels", "home-made==1.0"),
    ):
        outcome = Outcome(1, "", said.format(why, what), 0.1)
        assert unknown_names(outcome) == ("home-made",)
    assert unknown_names(Outcome(2, "", "error: Failed to fetch: https://i/simple/x/\n", 1)) == ()
