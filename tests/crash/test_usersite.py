"""The user site, killed or refused at every change of the disk: all as it was, or all done."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from tests.crash.faults import DIED, DONE, die, in_child, install
from tests.crash.usersite import (
    Scene,
    check_whole,
    faults,
    reset_all,
    restore_first,
    scene,
)
from tests.homes import Home

pytestmark = pytest.mark.timeout(900)


def _reset(tmp_path: Path) -> Scene:
    return scene(tmp_path, reset_all)


def _restore(tmp_path: Path) -> Scene:
    return scene(tmp_path, restore_first, before=lambda home, s: reset_all(s))


def _new_packages(home: Home, settings: Settings) -> None:
    reset_all(settings)
    home.package("alpha", "2.0", scripts=["alpha"])
    home.package("other", "3.0")
    home.grow_old()


def _swap(tmp_path: Path) -> Scene:
    def swap(settings: Settings) -> None:
        usersite.restore(settings, "first", RestoreRequest(swap=True))

    return scene(tmp_path, swap, before=_new_packages)


def _hide(tmp_path: Path) -> Scene:
    def hide(settings: Settings) -> None:
        usersite.reset(settings, ResetRequest("packages", ("alpha", "ns-one"), name="first"))

    return scene(tmp_path, hide)


def _unhide(tmp_path: Path) -> Scene:
    def before(home: Home, settings: Settings) -> None:
        usersite.reset(settings, ResetRequest("packages", ("alpha", "ns-one"), name="first"))

    return scene(tmp_path, restore_first, before=before)


def _restore_one(tmp_path: Path) -> Scene:
    def restore_one(settings: Settings) -> None:
        usersite.restore(settings, "first", RestoreRequest(packages=("ns-one",)))

    return scene(tmp_path, restore_one, before=lambda home, s: reset_all(s))


SCENES: dict[str, Callable[[Path], Scene]] = {
    "reset": _reset,
    "restore": _restore,
    "swap": _swap,
    "hide": _hide,
    "unhide": _unhide,
    "restore-one": _restore_one,
}
every_scene = pytest.mark.parametrize("make", SCENES.values(), ids=SCENES.keys())


@every_scene
def test_a_kill_at_any_step_loses_nothing(tmp_path: Path, make: Callable[[Path], Scene]) -> None:
    made = make(tmp_path)
    for number, code in faults(made, die):
        check_whole(made, code, where=f"killed at {number}")


@every_scene
def test_a_disk_that_fails_at_any_step_loses_nothing(
    tmp_path: Path, make: Callable[[Path], Scene]
) -> None:
    made = make(tmp_path)
    for number, code in faults(made):
        assert code != DIED
        check_whole(made, code, where=f"refused at {number}")


@every_scene
def test_a_kill_at_any_step_of_a_recovery_loses_nothing(
    tmp_path: Path, make: Callable[[Path], Scene]
) -> None:
    """The operation is killed at every n-th step, its recovery at every m-th; all, if asked for."""
    made = make(tmp_path)
    all_of_them = bool(os.environ.get("ENVMGR_ALL_FAULTS"))
    for first in itertools.count(1, 1 if all_of_them else 11):
        for second in itertools.count(1 + first % 5, 1 if all_of_them else 5):
            made.prepare()
            if in_child(partial(_broken, first, lambda: made.run(made.settings()))) == DONE:
                return
            code = in_child(partial(_broken, second, lambda: _recover(made)))
            check_whole(made, DIED, where=f"killed at {first}, then at {second}")
            if code == DONE:
                break


def _broken(number: int, function: Callable[[], object]) -> None:
    install(number, die)
    function()


def _recover(made: Scene) -> None:
    usersite.recover(made.settings())
