"""Environments made anew: exactly as they were, and the old one is lost at no moment."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import CloneRequest, CreateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import recovery
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import cloning, making, recreating
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system.store import Store
from tests.channel.build import Channel
from tests.homes import state
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended


@pytest.fixture
def made(
    settings: Settings,
    make_context: Callable[[Settings], Context],
    local_index: LocalIndex,
    conda_channel: Channel,
) -> Context:
    """A home with an environment that asked for less than what the index has by now."""
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    local_index.add(wheel("alpha"))
    context = make_context(replace(settings, index_url=local_index.url))
    job = ended(context, environments.create(context, CreateRequest("old", packages=("alpha",))))
    assert job.problem is None
    local_index.add(wheel("alpha", "2.0"))
    return context


def place(context: Context) -> Path:
    return context.settings.default_location.path


def anew(context: Context, name: str = "old") -> str:
    plan = recreating.plan_recreate(context, name)
    job = ended(context, recreating.recreate(context, name, plan.digest))
    return job.state if job.problem is None else job.problem.code


def version(context: Context, name: str, package: str) -> str:
    packages = context.catalogue.packages(name).packages
    return next(p.version for p in packages if p.name == package)


def left_aside(context: Context) -> list[str]:
    return [p.name for p in (place(context) / ".envmgr" / "aside").glob("*")]


def test_it_has_the_same_versions_although_there_are_newer_ones(made: Context) -> None:
    shutil.rmtree(place(made) / "old" / "bin")
    made.catalogue.environments(fresh=True)
    assert made.catalogue.environment("old").status != "ready"
    assert anew(made) == "succeeded"
    environment = made.catalogue.environment("old")
    assert (environment.status, version(made, "old", "alpha")) == ("ready", "1.0")
    assert [kernel.name for kernel in environment.kernels] == ["envmgr-old"]
    assert environment.asked_for
    assert left_aside(made) == []


def test_a_conda_environment_too(made: Context) -> None:
    request = CreateRequest("science", manager="conda", packages=("greeter=1.0",), kernel=False)
    ended(made, environments.create(made, request))
    shutil.rmtree(place(made) / "science" / "share", ignore_errors=True)
    assert anew(made, "science") == "succeeded"
    assert version(made, "science", "greeter") == "1.0"


def test_what_does_not_work_leaves_the_old_one_as_it_was(
    made: Context, local_index: LocalIndex
) -> None:
    before = state(place(made) / "old")
    record = Store(made.settings.default_location).read("old")
    Store(made.settings.default_location).write(replace(record, lock=("gone-for-good==1",)))
    record = Store(made.settings.default_location).read("old")
    assert anew(made) == "no-such-package"
    assert state(place(made) / "old") == before
    assert Store(made.settings.default_location).read("old") == record
    assert made.catalogue.environment("old").status == "ready"
    assert [kernel.name for kernel in made.catalogue.environment("old").kernels] == ["envmgr-old"]
    assert left_aside(made) == []


@pytest.mark.parametrize("moment", ["before the new one", "after the new one"])
def test_who_was_killed_finds_one_of_the_two_whole_at_the_next_start(
    made: Context,
    make_context: Callable[[Settings], Context],
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    before = state(place(made) / "old")

    def killed(*_: object, **__: object) -> None:
        raise SystemExit("as if killed")

    with monkeypatch.context() as patch:
        if moment == "before the new one":
            patch.setattr(making, "carry_out", killed)
            patch.setattr(recreating, "restore", lambda *_: False)
        else:
            patch.setattr(recreating, "_forget", killed)
        plan = recreating.plan_recreate(made, "old")
        ended(made, recreating.recreate(made, "old", plan.digest))
    assert left_aside(made)
    context = make_context(made.settings)
    recovery.recover(context)
    assert left_aside(context) == []
    assert context.catalogue.environment("old").status == "ready"
    assert version(context, "old", "alpha") == "1.0"
    if moment == "before the new one":
        assert state(place(context) / "old") == before


def test_a_disk_that_refuses_to_set_it_aside_leaves_it_as_it_was(
    made: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(place(made) / "old")
    record = Store(made.settings.default_location).read("old")
    plan = recreating.plan_recreate(made, "old")

    def refuse(source: Path, target: Path) -> None:
        raise PermissionError("not here")

    with monkeypatch.context() as patch:
        patch.setattr(
            "jupyter_envmgr.service.environments.recreating.durable.rename_no_replace", refuse
        )
        job = ended(made, recreating.recreate(made, "old", plan.digest))
    assert job.state == "failed"
    assert state(place(made) / "old") == before
    assert Store(made.settings.default_location).read("old") == record
    assert left_aside(made) == []


def test_who_removes_what_was_cut_removes_the_old_one_too(
    made: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object, **__: object) -> None:
        raise SystemExit("as if killed")

    with monkeypatch.context() as patch:
        patch.setattr(making, "carry_out", killed)
        patch.setattr(recreating, "restore", lambda *_: False)
        plan = recreating.plan_recreate(made, "old")
        ended(made, recreating.recreate(made, "old", plan.digest))
    with pytest.raises(EnvMgrError) as caught:
        environments.retry(made, "old")
    assert caught.value.code == "wrong-state"
    assert made.catalogue.environment("old").status == "ready"
    assert ended(made, environments.remove(made, "old")).state == "succeeded"
    assert left_aside(made) == []
    assert not (place(made) / "old").exists()


def test_what_was_never_made_is_no_case_for_it(made: Context) -> None:
    ended(made, environments.create(made, CreateRequest("never", packages=("no-such-thing",))))
    with pytest.raises(EnvMgrError) as caught:
        recreating.plan_recreate(made, "never")
    assert caught.value.code == "wrong-state"


def test_one_whose_python_has_gone_gets_another_of_the_same_minor_version(made: Context) -> None:
    """The image's own interpreter goes with the image: the reason to make it anew at all."""
    store = Store(made.settings.default_location)
    record = store.read("old")
    gone = replace(record.request, python="/gone/with/the/image/bin/python3")
    store.write(replace(record, request=gone))
    assert anew(made) == "succeeded"
    again = store.read("old")
    assert again.python.split(".")[:2] == record.python.split(".")[:2]
    assert version(made, "old", "alpha") == "1.0"
    job = ended(made, cloning.clone(made, "old", CloneRequest("other")))
    assert job.problem is None, job.problem
