"""What a conda environment was asked for holds in its copies, and when one goes back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.history import parse_history, requested_specs
from jupyter_envmgr.core.environments.model import CloneRequest, CreateRequest, RevertRequest
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.packages.model import ChangeRequest
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import (
    changing,
    cloning,
    history,
    recreating,
    reverting,
)
from jupyter_envmgr.service.environments import verbs as environments
from tests.channel.build import Channel
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended


@pytest.fixture
def home(
    settings: Settings,
    make_context: Callable[[Settings], Context],
    conda_channel: Channel,
    local_index: LocalIndex,
) -> Context:
    """A home with an environment of conda's, of an older greeter than there is."""
    local_index.add(wheel("alpha"))
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    context = make_context(replace(settings, index_url=local_index.url))
    wanted = ("greeter=1.0", "left", "base-library")
    minor = ".".join(conda_channel.python.split(".")[:2])
    request = CreateRequest("one", manager="conda", python=minor, packages=wanted, kernel=False)
    done(context, environments.create(context, request))
    return context


def done(context: Context, job: Job) -> None:
    job = ended(context, job)
    assert job.problem is None, job.problem


def versions(context: Context, name: str) -> dict[str, str]:
    return {p.name: p.version for p in context.catalogue.packages(name).packages}


def said(context: Context, name: str) -> dict[str, str]:
    """What conda's own history of an environment says was asked for."""
    prefix = Path(context.catalogue.environment(name).path)
    text = (prefix / "conda-meta" / "history").read_text()
    return requested_specs(parse_history(text))


def change(context: Context, name: str, request: ChangeRequest) -> None:
    done(context, changing.change(context, name, request))


def test_going_back_takes_out_what_conda_has_installed_since(home: Context) -> None:
    change(home, "one", ChangeRequest(uninstall=("left", "base-library")))
    second = versions(home, "one")
    change(home, "one", ChangeRequest(install=("left",)))
    assert "base-library" in versions(home, "one")
    done(home, reverting.revert(home, "one", RevertRequest(2)))
    assert versions(home, "one") == second
    newest = history.history(home, "one").revisions[0]
    assert [gone.name for gone in newest.removed] == ["base-library", "left"]


def test_who_goes_back_asks_for_what_was_asked_for_then(home: Context) -> None:
    before = said(home, "one")
    change(home, "one", ChangeRequest(install=("greeter=2.0",)))
    done(home, reverting.revert(home, "one", RevertRequest(1)))
    assert versions(home, "one")["greeter"] == "1.0"
    assert said(home, "one") == before
    plan = changing.plan_change(home, "one", ChangeRequest(update=("*",)))
    assert plan.steps == ()


def test_a_clone_holds_to_what_its_original_was_asked_for(
    home: Context, local_index: LocalIndex
) -> None:
    change(home, "one", ChangeRequest(pip=("alpha",)))
    done(home, cloning.clone(home, "one", CloneRequest("two")))
    assert said(home, "two") == said(home, "one")
    plan = changing.plan_change(home, "two", ChangeRequest(update=("*",)))
    assert [(step.target, step.detail) for step in plan.steps] == [("alpha", "by pip")]
    plan = changing.plan_change(home, "two", ChangeRequest(uninstall=("left",)))
    assert [step.target for step in plan.steps] == ["left"]


def test_a_clone_that_goes_back_is_still_asked_for_no_files(home: Context) -> None:
    done(home, cloning.clone(home, "one", CloneRequest("two")))
    asked = home.catalogue.environment("two").asked_for
    change(home, "two", ChangeRequest(install=("greeter=2.0",)))
    done(home, reverting.revert(home, "two", RevertRequest(1)))
    assert home.catalogue.environment("two").asked_for == asked


def test_one_made_anew_holds_to_what_it_was_asked_for(home: Context) -> None:
    before = said(home, "one")
    plan = recreating.plan_recreate(home, "one")
    done(home, recreating.recreate(home, "one", plan.digest))
    assert said(home, "one") == before


def test_lines_of_a_file_are_asked_for_again_after_going_back(home: Context) -> None:
    request = CreateRequest("pip", requirements="alpha\n", kernel=False)
    done(home, environments.create(home, request))
    change(home, "pip", ChangeRequest(uninstall=("alpha",)))
    assert home.catalogue.environment("pip").asked_for == ()
    done(home, reverting.revert(home, "pip", RevertRequest(1)))
    assert home.catalogue.environment("pip").asked_for == ("alpha",)
