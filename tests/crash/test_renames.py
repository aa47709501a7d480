"""A rename killed with -9 anywhere: the old or the new one is whole, and nothing else is left."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from jupyter_envmgr.core.environments.model import Environment, RenameRequest
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import renaming
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.service.recovery import recover
from jupyter_envmgr.system import renames
from tests.crash.faults import DIED, DONE, die, in_child, install
from tests.service.conftest import context as context
from tests.service.conftest import ended
from tests.service.conftest import make_context as make_context
from tests.service.conftest import settings as settings
from tests.service.environments.test_copies import done, make
from tests.service.environments.test_copies import home as home

MANAGERS: dict[str, dict[str, object]] = {
    "conda": {"manager": "conda", "packages": ("greeter",), "pip": ("alpha",)},
    "pip": {"packages": ("alpha", "beta")},
}


def numbers(fine: int) -> Iterator[int]:
    """Every second change of the disk at first; then, in the thousands of links, ever fewer."""
    number = 1
    while True:
        yield number
        number += 2 if number < fine else number


def killed_at(context: Context, number: int, names: tuple[str, str], *, proven: bool) -> int:
    """Rename in a process that is killed at a change of the disk, of all or of the last ones."""

    def child() -> None:
        if proven:
            real = renaming._renamed
            calls = 0

            def counted(*arguments: Any) -> Any:
                nonlocal calls
                calls += 1
                if calls == 2:
                    # The second one is the record that is written once the new one is proven.
                    install(number, die)
                return real(*arguments)

            vars(renaming)["_renamed"] = counted
        else:
            install(number, die)
        job = ended(context, renaming.rename(context, names[0], RenameRequest(names[1])))
        assert job.problem is None, job.problem

    sys.stdout.flush()
    return in_child(child)


def found(context: Context) -> list[Environment]:
    listed = context.catalogue.environments(fresh=True).environments
    return [environment for environment in listed if environment.managed]


def expect_whole(environment: Environment) -> None:
    assert environment.status == "ready"
    assert environment.interpreter
    program = "import alpha, ipykernel, sys; print(sys.prefix)"
    argv = [environment.interpreter, "-c", program]
    ran = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == environment.path
    assert [kernel.name for kernel in environment.kernels] == [f"envmgr-{environment.name}"]


@pytest.mark.timeout(600)
@pytest.mark.parametrize("proven", [False, True], ids=["anywhere", "at the end"])
@pytest.mark.parametrize("manager", list(MANAGERS))
def test_a_kill_at_any_step_leaves_the_old_or_the_new_one_whole(
    home: Context,
    make_context: Callable[[Settings], Context],
    manager: str,
    proven: bool,
) -> None:
    make(home, "one", **MANAGERS[manager])
    names, stayed, moved = ("one", "two"), 0, 0
    (place,) = home.settings.locations
    for number in numbers(24 if manager == "conda" else 60):
        code = killed_at(make_context(home.settings), number, names, proven=proven)
        assert code in (DIED, DONE)
        if manager == "conda":
            before = [e.name for e in found(make_context(home.settings)) if e.status == "ready"]
            assert before, f"killed at {number}, and neither is there until somebody sees to it"
        restarted = make_context(home.settings)
        recover(restarted)
        (left,) = found(restarted)
        expect_whole(left)
        assert [path.name for path in place.path.iterdir() if path.name[0] != "."] == [left.name]
        assert [path.stem for path in place.records.glob("[!.]*.json")] == [left.name]
        assert not renames.any_pending(place)
        if left.name == names[1]:
            names, moved = (names[1], names[0]), moved + 1
        else:
            stayed += 1
        if code == DONE:
            break
    assert stayed > 3 or proven
    assert moved > 3 or not proven


def test_what_was_cut_is_begun_anew_by_retry_and_leaves_no_second_name(
    home: Context, make_context: Callable[[Settings], Context]
) -> None:
    make(home, "one", **MANAGERS["conda"])
    assert killed_at(make_context(home.settings), 900, ("one", "two"), proven=False) == DIED
    later = make_context(home.settings)
    statuses = {e.name: e.status for e in found(later)}
    assert statuses == {"one": "ready", "two": "failed"}
    done(later, environments.retry(later, "two"))
    (left,) = found(later)
    assert left.name == "two"
    expect_whole(left)
