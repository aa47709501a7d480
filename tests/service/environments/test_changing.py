"""Packages of an environment made here: installed, updated and removed by its own engine."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.model import ChangeRequest
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import changing, history
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system.store import Store
from tests.channel.build import Channel
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended


@pytest.fixture
def both(
    settings: Settings,
    make_context: Callable[[Settings], Context],
    conda_channel: Channel,
    local_index: LocalIndex,
) -> Context:
    """A home with a conda environment and a pip environment that hold a little."""
    local_index.add(wheel("alpha"), wheel("alpha", "2.0"), wheel("beta"))
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    context = make_context(replace(settings, index_url=local_index.url))
    requests = (
        CreateRequest("by-pip", packages=("alpha<2",), kernel=False),
        CreateRequest(
            "by-conda",
            manager="conda",
            packages=("greeter=1.0", "grows=1.0"),
            python=".".join(conda_channel.python.split(".")[:2]),
            kernel=False,
        ),
    )
    for request in requests:
        job = ended(context, environments.create(context, request))
        assert job.problem is None, job.problem
    return context


def versions(context: Context, name: str) -> dict[str, str]:
    return {p.name: p.version for p in context.catalogue.packages(name).packages}


def done(context: Context, name: str, request: ChangeRequest) -> str:
    plan = changing.plan_change(context, name, request)
    job = ended(context, changing.change(context, name, request, plan.digest))
    return job.state if job.problem is None else job.problem.code


def test_packages_come_change_and_go(both: Context) -> None:
    assert done(both, "by-pip", ChangeRequest(install=("beta",), update=("*",))) == "succeeded"
    assert versions(both, "by-pip")["alpha"] == "1.0", "what was asked for holds"
    assert "beta" in versions(both, "by-pip")
    assert done(both, "by-pip", ChangeRequest(install=("alpha",), update=("alpha",))) == "succeeded"
    assert versions(both, "by-pip")["alpha"] == "2.0"
    assert done(both, "by-pip", ChangeRequest(uninstall=("beta",))) == "succeeded"
    assert "beta" not in versions(both, "by-pip")
    record = Store(both.settings.default_location).read("by-pip")
    assert record.request.packages == ("alpha",)
    assert "alpha==2.0" in record.lock
    assert record.changing == ""


def test_a_conda_environment_is_changed_by_its_solver_as_it_was_shown(both: Context) -> None:
    request = ChangeRequest(install=("greeter=2.0",), uninstall=("grows",), pip=("alpha",))
    plan = changing.plan_change(both, "by-conda", request)
    shown = {(step.action, step.target) for step in plan.steps}
    assert {("replace", "greeter"), ("remove", "grows"), ("install", "alpha")} <= shown
    assert plan.warnings == ()
    assert versions(both, "by-conda")["greeter"] == "1.0"
    assert done(both, "by-conda", request) == "succeeded"
    found = versions(both, "by-conda")
    assert (found["greeter"], found["alpha"]) == ("2.0", "2.0")
    assert "grows" not in found


def test_what_nobody_asked_for_is_said_before(both: Context) -> None:
    assert done(both, "by-conda", ChangeRequest(install=("grows=2.0",))) == "succeeded"
    plan = changing.plan_change(both, "by-conda", ChangeRequest(uninstall=("two-versions",)))
    assert ("remove", "grows") in {(step.action, step.target) for step in plan.steps}
    assert plan.warnings == ("More than was asked for: grows 2.0 is removed.",)


def test_a_solver_that_finds_something_else_than_was_shown_changes_nothing(both: Context) -> None:
    before = versions(both, "by-conda")
    request = ChangeRequest(install=("greeter=2.0",))
    job = ended(both, changing.change(both, "by-conda", request, digest="another"))
    assert job.problem
    assert job.problem.code == "plan-changed"
    assert versions(both, "by-conda") == before
    assert both.catalogue.environment("by-conda").status == "ready"


@pytest.mark.parametrize(
    ("name", "request_", "code"),
    [
        ("by-conda", ChangeRequest(install=("nothing-of-that-name",)), "no-such-package"),
        ("by-conda", ChangeRequest(install=("left", "right")), "requirements-conflict"),
        ("by-conda", ChangeRequest(uninstall=("absent",)), "no-such-package"),
        ("by-conda", ChangeRequest(install=("; rm -rf /",)), "bad-requirement"),
        ("by-pip", ChangeRequest(install=("-e .",)), "bad-requirement"),
        ("by-pip", ChangeRequest(uninstall=("--yes",)), "bad-requirement"),
        ("by-pip", ChangeRequest(update=("absent",)), "no-such-package"),
        ("by-pip", ChangeRequest(pip=("alpha",)), "bad-request"),
        ("by-pip", ChangeRequest(), "bad-request"),
    ],
    ids=repr,
)
def test_what_cannot_be_done_is_explained_in_the_plan(
    both: Context, name: str, request_: ChangeRequest, code: str
) -> None:
    before = versions(both, name)
    with pytest.raises(EnvMgrError) as caught:
        changing.plan_change(both, name, request_)
    assert caught.value.code == code
    assert versions(both, name) == before


def test_taking_away_what_the_kernel_needs_is_warned_of(both: Context) -> None:
    plan = changing.plan_change(both, "by-pip", ChangeRequest(uninstall=("pip",)))
    assert "kernel will not work" in plan.warnings[0]


def test_a_create_can_be_solved_before_anything_is_made(
    both: Context, conda_channel: Channel
) -> None:
    request = CreateRequest("never", manager="conda", packages=("grows=2.0",))
    plan = environments.plan_create(both, request, solve=True)
    assert "install" in {step.action for step in plan.steps}
    assert any(step.target.startswith("two-versions") for step in plan.steps)
    assert "To download" in dict(plan.facts)
    assert not (Path(both.settings.default_location.path) / "never").exists()


def test_what_a_file_asked_for_is_updated_and_forgotten_like_anything_else(both: Context) -> None:
    text = "# for the demo\nalpha>=1\nbeta  # both\n"
    request = CreateRequest("by-file", requirements=text, kernel=False)
    assert ended(both, environments.create(both, request)).problem is None
    assert done(both, "by-file", ChangeRequest(install=("alpha<2",))) == "succeeded"
    assert versions(both, "by-file")["alpha"] == "1.0"
    assert both.catalogue.environment("by-file").asked_for == ("alpha<2", "beta")
    assert done(both, "by-file", ChangeRequest(uninstall=("beta",))) == "succeeded"
    record = Store(both.settings.default_location).read("by-file")
    assert record.request.requirements == "# for the demo\n"
    assert both.catalogue.environment("by-file").asked_for == ("alpha<2",)


def test_all_that_a_file_asked_for_is_updated(both: Context, local_index: LocalIndex) -> None:
    request = CreateRequest("by-file", requirements="beta\n", kernel=False)
    assert ended(both, environments.create(both, request)).problem is None
    local_index.add(wheel("beta", "3.0"))
    assert done(both, "by-file", ChangeRequest(update=("*",))) == "succeeded"
    assert versions(both, "by-file")["beta"] == "3.0"
    assert len(history.history(both, "by-file").revisions) == 2
    assert done(both, "by-file", ChangeRequest(update=("*",))) == "succeeded"
    assert len(history.history(both, "by-file").revisions) == 2, "nothing has changed"


def test_what_pip_has_put_into_a_conda_environment_is_changed_by_pip(
    both: Context, local_index: LocalIndex
) -> None:
    """conda knows nothing of it."""
    assert done(both, "by-conda", ChangeRequest(pip=("alpha",))) == "succeeded"
    local_index.add(wheel("alpha", "3.0"))
    plan = changing.plan_change(both, "by-conda", ChangeRequest(update=("alpha",)))
    assert [(step.action, step.target) for step in plan.steps] == [("update", "alpha")]
    for request in (ChangeRequest(update=("alpha",)), ChangeRequest(update=("*",))):
        assert done(both, "by-conda", request) == "succeeded"
        assert versions(both, "by-conda")["alpha"] == "3.0"
    request = ChangeRequest(uninstall=("alpha", "grows"))
    plan = changing.plan_change(both, "by-conda", request)
    assert {("remove", "alpha"), ("remove", "grows")} <= {(s.action, s.target) for s in plan.steps}
    assert plan.summary.startswith(f"{len(plan.steps)} packages of by-conda change")
    assert done(both, "by-conda", request) == "succeeded"
    assert not {"alpha", "grows"} & versions(both, "by-conda").keys()
    assert Store(both.settings.default_location).read("by-conda").request.pip == ()


def test_what_would_miss_a_package_is_said_before_it_goes(
    both: Context, local_index: LocalIndex
) -> None:
    local_index.add(wheel("needy", requires=["beta>=1", "alpha; python_version<'3'"]))
    for name, fields in (("by-pip", {"install": ("needy",)}), ("by-conda", {"pip": ("needy",)})):
        assert done(both, name, ChangeRequest(**fields)) == "succeeded"
        plan = changing.plan_change(both, name, ChangeRequest(uninstall=("beta",)))
        assert plan.warnings == ("What stays needs what goes: needy needs beta>=1.",)
        plan = changing.plan_change(both, name, ChangeRequest(uninstall=("beta", "needy")))
        assert plan.warnings == ()
