"""User packages deleted for good: only what was confirmed, and whole or not at all."""

from __future__ import annotations

import os

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.usersite.model import RemoveRequest, ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from jupyter_envmgr.service.usersite import remove as module
from jupyter_envmgr.service.usersite.remove import plan_remove, remove
from jupyter_envmgr.service.usersite.reset import reset
from tests.homes import Home, everything_with_times, state

ALL = RemoveRequest("all", confirm="all Python packages")


def test_what_is_confirmed_is_gone_and_nothing_else(home: Home) -> None:
    settings = home.settings()
    plan = plan_remove(settings, ALL)
    assert {step.action for step in plan.steps} == {"delete", "keep"}
    assert "no undo" in plan.summary
    assert "Snapshot in" not in dict(plan.facts)
    remove(settings, ALL, plan.digest)
    left = state(home.base)
    assert usersite.snapshots(settings).snapshots == ()
    for python in ("3.8", "3.11"):
        assert os.listdir(home.site(python)) == []
    assert "bin/mine" in left
    assert "share/jupyter/kernels/mine/kernel.json" in left


def test_only_chosen_packages(home: Home) -> None:
    settings = home.settings()
    request = RemoveRequest("packages", ("numpy",), confirm="numpy")
    remove(settings, request, plan_remove(settings, request).digest)
    assert not (home.site("3.11") / "numpy").exists()
    assert (home.site("3.8") / "numpy").is_dir()


@pytest.mark.parametrize("typed", ["", "yes", "All Python packages", "all Python packages "])
def test_anything_else_typed_changes_nothing(home: Home, typed: str) -> None:
    before = state(home.base)
    request = RemoveRequest("all", confirm=typed)
    with pytest.raises(EnvMgrError) as caught:
        remove(home.settings(), request)
    assert caught.value.code == "bad-request"
    assert "confirm" in [row.field for row in caught.value.errors]
    assert state(home.base) == before


def test_the_plan_of_a_reset_is_no_leave_to_delete(home: Home) -> None:
    settings = home.settings()
    shown = usersite.plan_reset(settings, ResetRequest("all"))
    with pytest.raises(EnvMgrError) as caught:
        remove(settings, ALL, shown.digest)
    assert caught.value.code == "plan-changed"


def test_who_is_stopped_between_the_two_halves_has_everything_still(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "delete", stop)
    settings = home.settings()
    before = everything_with_times(home.base)
    with pytest.raises(KeyboardInterrupt):
        remove(settings, ALL)
    (snapshot,) = usersite.snapshots(settings).snapshots
    usersite.restore(settings, snapshot.name, RestoreRequest())
    assert everything_with_times(home.base) == before


def test_what_came_between_plan_and_lock_is_not_deleted_unseen(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = home.settings()
    digest = plan_remove(settings, ALL).digest

    def slowly(*arguments: object, **options: object) -> object:
        home.package("newcomer", "1.0")
        return reset(*arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "reset", slowly)
    with pytest.raises(EnvMgrError) as caught:
        remove(settings, ALL, digest)
    assert caught.value.code == "plan-changed"
    assert (home.site() / "newcomer-1.0.dist-info").exists()
    assert (home.site() / "numpy").is_dir()
