"""Packages installed into what is there by lines with hashes: these files and no others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from jupyter_envmgr.core.environments.asked import FORMER
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.model import ChangeRequest
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import changing, recreating
from jupyter_envmgr.service.environments.change_plans import about_hashes
from jupyter_envmgr.system.store import Store
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended
from tests.service.environments.test_pylock import ALPHA, BETA, locked, made, tampered, versions
from tests.service.environments.test_pylock import forgetful as forgetful
from tests.service.environments.test_pylock import index as index

BOTH = (locked(ALPHA).strip(), locked(BETA).strip())


def change(context: Context, **fields: tuple[str, ...]) -> str:
    """What becomes of a change: ``succeeded``, or the code of its problem and what it says."""
    request = ChangeRequest(**fields)
    plan = changing.plan_change(context, "old", request)
    job = ended(context, changing.change(context, "old", request, plan.digest))
    return job.state if job.problem is None else f"{job.problem.code}: {job.problem.detail}"


def test_what_has_hashes_is_checked_and_remembered_with_them(
    forgetful: Context, index: LocalIndex
) -> None:
    made(forgetful, "old", requirements="pip\n", kernel=False)
    plan = changing.plan_change(forgetful, "old", ChangeRequest(install=BOTH))
    assert [step.target for step in plan.steps] == ["alpha==1.0", "beta==1.0"]
    assert "nothing else is installed" in dict(plan.facts)["Hashes"]
    index.add(tampered(BETA))
    before = versions(forgetful, "old")
    said = change(forgetful, install=BOTH)
    assert said.startswith("hash-mismatch: ")
    assert "beta 1.0" in said
    assert versions(forgetful, "old") == before
    index.add(BETA)
    assert change(forgetful, install=BOTH) == "succeeded"
    assert versions(forgetful, "old") == {**before, "alpha": "1.0", "beta": "1.0"}
    asked = Store(forgetful.settings.default_location).read("old").request
    assert asked.requirements.splitlines() == list(BOTH)
    assert asked.packages == ("pip",)
    assert forgetful.catalogue.environment("old").asked_for == ("pip", "alpha==1.0", "beta==1.0")


def test_what_is_needed_besides_is_not_installed_unchecked(
    forgetful: Context, index: LocalIndex
) -> None:
    made(forgetful, "old", kernel=False)
    said = change(forgetful, install=BOTH[:1])
    assert said.startswith("hash-missing: ")
    assert "beta" in said
    assert "alpha" not in versions(forgetful, "old")


def test_the_line_without_a_hash_is_named(forgetful: Context, index: LocalIndex) -> None:
    made(forgetful, "old", kernel=False)
    with pytest.raises(EnvMgrError) as caught:
        changing.plan_change(forgetful, "old", ChangeRequest(install=(BOTH[0], "beta==1.0")))
    assert caught.value.code == "bad-requirement"
    (error,) = caught.value.errors
    assert (error.field, error.line) == ("packages", 2)
    assert "beta==1.0 has no hash" in error.detail


def test_what_else_is_updated_at_once_is_bound_by_it(forgetful: Context, index: LocalIndex) -> None:
    index.add(wheel("gamma"))
    made(forgetful, "old", packages=("gamma",), kernel=False)
    index.add(wheel("gamma", "2.0", requires=["beta"]), wheel("beta", "2.0"))
    assert change(forgetful, install=BOTH[1:], update=("gamma",)) == "succeeded"
    found = versions(forgetful, "old")
    assert (found["beta"], found["gamma"]) == ("1.0", "2.0")


def test_what_was_installed_by_its_hash_is_put_in_place_again_by_it(
    forgetful: Context, index: LocalIndex
) -> None:
    """An install that was cut has all put in place again, from whatever the index has by then."""
    made(forgetful, "old", requirements=locked(BETA), kernel=False)
    store = Store(forgetful.settings.default_location)
    store.write(replace(store.read("old"), changing="Changing packages (install alpha)"))
    forgetful.catalogue.forget()
    index.add(tampered(BETA))
    for fields in ({"update": ("*",)}, {"install": BOTH[1:]}):
        environ = {**forgetful.settings.environ}
        environ["UV_CACHE_DIR"] += "-other"
        settings = replace(forgetful.settings, environ=environ)
        context = Context(settings, forgetful.catalogue, forgetful.jobs)
        assert change(context, **fields).startswith("hash-mismatch: ")


def test_what_was_removed_or_replaced_does_not_come_back(
    forgetful: Context, index: LocalIndex
) -> None:
    index.add(wheel("beta", "2.0"), wheel("gamma"))
    made(forgetful, "old", requirements=locked(BETA) + locked(wheel("gamma")), kernel=False)
    assert change(forgetful, uninstall=("gamma",)) == "succeeded"
    assert change(forgetful, install=("beta>=2",)) == "succeeded"
    assert change(forgetful, update=("*",)) == "succeeded"
    found = versions(forgetful, "old")
    assert found["beta"] == "2.0"
    assert "gamma" not in found
    assert forgetful.catalogue.environment("old").asked_for == ("beta>=2",)
    text = Store(forgetful.settings.default_location).read("old").request.requirements
    known = [f"{FORMER}{locked(one).strip()}" for one in (BETA, wheel("gamma"))]
    assert text.splitlines() == known
    assert recreating.plan_recreate(forgetful, "old").refusal == ""


def test_it_is_made_anew_by_the_same_hashes(forgetful: Context, index: LocalIndex) -> None:
    made(forgetful, "old", kernel=False)
    assert change(forgetful, install=BOTH) == "succeeded"
    index.add(tampered(BETA))
    environ = {**forgetful.settings.environ}
    environ["UV_CACHE_DIR"] += "-other"
    settings = replace(forgetful.settings, environ=environ)
    context = Context(settings, forgetful.catalogue, forgetful.jobs)
    plan = recreating.plan_recreate(context, "old")
    problem = ended(context, recreating.recreate(context, "old", plan.digest)).problem
    assert problem is not None
    assert problem.code == "hash-mismatch"


def test_a_plan_says_what_is_checked() -> None:
    assert about_hashes(("beta==1.0",)) == ()
    assert about_hashes(BOTH) == (
        ("Hashes", "checked for what is named; nothing else is installed"),
    )
    assert about_hashes(BOTH, "not so") == (("Hashes", "checked for what is named; not so"),)
