"""Clones, new names, histories and exports of environments, of both managers."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.formats import OF_CONDA
from jupyter_envmgr.core.environments.model import (
    CloneRequest,
    CreateRequest,
    RenameRequest,
    RevertRequest,
)
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.packages.model import ChangeRequest
from jupyter_envmgr.core.packages.verify import VerifyRequest
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import recognising
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import (
    changing,
    cloning,
    exporting,
    history,
    renaming,
    reverting,
    verify,
)
from jupyter_envmgr.service.environments import (
    verbs as environments,
)
from jupyter_envmgr.service.requests import RecogniseRequest
from jupyter_envmgr.system.store import Store
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
    local_index.add(wheel("alpha"), wheel("beta"))
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    return make_context(replace(settings, index_url=local_index.url))


def done(context: Context, job: Job) -> None:
    job = ended(context, job)
    assert job.problem is None, job.problem


def make(context: Context, name: str, **fields: object) -> None:
    done(context, environments.create(context, CreateRequest(name, **fields)))  # type: ignore[arg-type]


def versions(context: Context, name: str) -> dict[str, str]:
    return {p.name: p.version for p in context.catalogue.packages(name).packages}


CONDA = {"manager": "conda", "packages": ("greeter=1.0",), "pip": ("alpha",)}
PIP = {"packages": ("alpha",)}


@pytest.mark.parametrize("fields", [PIP, CONDA], ids=["pip", "conda"])
def test_a_clone_has_exactly_the_same_packages_and_its_own_kernel(
    home: Context, local_index: LocalIndex, fields: dict[str, object]
) -> None:
    make(home, "one", **fields)
    local_index.add(wheel("alpha", "2.0"))
    request = CloneRequest("two")
    assert cloning.plan_clone(home, "one", request).steps
    done(home, cloning.clone(home, "one", request))
    assert versions(home, "two") == versions(home, "one")
    assert versions(home, "two")["alpha"] == "1.0"
    assert [kernel.name for kernel in home.catalogue.environment("two").kernels] == ["envmgr-two"]


def test_a_new_name_is_that_of_record_directory_and_kernel(home: Context) -> None:
    make(home, "old-name", **PIP)
    request = RenameRequest("new-name")
    plan = renaming.plan_rename(home, "old-name", request)
    assert not plan.refusal
    done(home, renaming.rename(home, "old-name", request, plan.digest))
    found = home.catalogue.environment("new-name")
    assert (found.status, Path(found.path).name) == ("ready", "new-name")
    (kernel,) = found.kernels
    assert (kernel.name, kernel.display_name.endswith("(new-name)")) == ("envmgr-new-name", True)
    registered = next(k for k in home.catalogue.kernels().kernels if k.name == kernel.name)
    spec = json.loads((Path(registered.path) / "kernel.json").read_text())
    subprocess.run([spec["argv"][0], "-c", "import alpha, ipykernel"], check=True)
    script = Path(found.path) / "bin" / "pip"
    said = subprocess.run([str(script), "--version"], capture_output=True, text=True, check=True)
    assert found.path in said.stdout
    assert not (home.settings.default_location.path / "old-name").exists()
    assert Store(home.settings.default_location).find("old-name") is None
    assert len(history.history(home, "new-name").revisions) == 1
    done(home, environments.remove(home, "new-name"))


def test_names_that_cannot_be_given(home: Context) -> None:
    make(home, "one", **PIP)
    make(home, "two", **PIP)
    for name, code in (("two", "name-taken"), ("No Good", "bad-name")):
        with pytest.raises(EnvMgrError) as caught:
            renaming.plan_rename(home, "one", RenameRequest(name))
        assert caught.value.code == code
    assert "already" in renaming.plan_rename(home, "one", RenameRequest("one")).refusal


@pytest.mark.parametrize("fields", [PIP, CONDA], ids=["pip", "conda"])
def test_one_can_go_back_to_any_revision(home: Context, fields: dict[str, object]) -> None:
    make(home, "one", **fields)
    first = versions(home, "one")
    request = ChangeRequest(install=("greeter=2.0",), pip=("beta",))
    if fields is PIP:
        request = ChangeRequest(install=("beta",), uninstall=("alpha",))
    done(home, changing.change(home, "one", request))
    assert versions(home, "one") != first
    newest, oldest = history.history(home, "one").revisions
    assert "beta" in [change.name for change in newest.added]
    assert (oldest.number, oldest.what) == (1, "create")
    plan = history.plan_revert(home, "one", RevertRequest(1))
    assert ("remove", "beta") in {(step.action, step.target) for step in plan.steps}
    done(home, reverting.revert(home, "one", RevertRequest(1), plan.digest))
    assert versions(home, "one") == first
    asked = home.catalogue.environment("one").asked_for
    assert asked == (("alpha",) if fields is PIP else ("greeter=1.0", "alpha"))
    assert len(history.history(home, "one").revisions) == 3
    assert history.plan_revert(home, "one", RevertRequest(1)).refusal
    with pytest.raises(EnvMgrError) as caught:
        history.plan_revert(home, "one", RevertRequest(99))
    assert caught.value.code == "no-such-revision"


@pytest.mark.parametrize("fields", [PIP, CONDA], ids=["pip", "conda"])
def test_what_another_tool_installed_is_seen_when_going_back_and_in_the_history(
    home: Context, local_index: LocalIndex, fields: dict[str, object]
) -> None:
    make(home, "one", **fields)
    python = str(home.catalogue.environment("one").interpreter)
    install = [python, "-m", "pip", "install", "--index-url", local_index.url, "beta"]
    subprocess.run(install, check=True, capture_output=True)
    plan = history.plan_revert(home, "one", RevertRequest(1))
    assert [(step.action, step.target) for step in plan.steps] == [("remove", "beta")]
    done(home, reverting.revert(home, "one", RevertRequest(1), plan.digest))
    assert "beta" not in versions(home, "one")
    back, outside, _ = history.history(home, "one").revisions
    assert [change.name for change in outside.added] == ["beta"]
    assert outside.what == "changed by another tool"
    done(home, reverting.revert(home, "one", RevertRequest(outside.number)))
    assert "beta" in versions(home, "one")
    assert len(history.history(home, "one").revisions) == back.number + 1


@pytest.mark.parametrize("fields", [PIP, CONDA], ids=["pip", "conda"])
def test_a_change_looks_where_the_environment_was_made_from(
    home: Context, fields: dict[str, object]
) -> None:
    with LocalIndex([wheel("gamma")]) as index:
        make(home, "one", **fields, extra_index_urls=(index.url,))
        request = ChangeRequest(install=("gamma",)) if fields is PIP else ChangeRequest()
        request = request if fields is PIP else ChangeRequest(pip=("gamma",))
        done(home, changing.change(home, "one", request))
    assert versions(home, "one")["gamma"] == "1.0"


def test_an_executable_is_told_to_take_out_what_a_revision_did_not_have(
    home: Context, make_context: Callable[[Settings], Context], tmp_path: Path
) -> None:
    make(home, "one", manager="conda", packages=("greeter=1.0",), kernel=False)
    done(home, changing.change(home, "one", ChangeRequest(install=("left",))))
    store = Store(home.settings.default_location)
    record = store.read("one")
    store.write(replace(record, engine=replace(record.engine, name="conda")))
    conda = tmp_path / "bin" / "conda"
    conda.parent.mkdir()
    conda.write_text(f'#!/bin/sh\necho "$@" >> {tmp_path}/asked\necho \'{{"success": true}}\'\n')
    conda.chmod(0o755)
    settings = replace(home.settings, environ={**home.settings.environ, "CONDA_EXE": str(conda)})
    by_conda = make_context(settings)
    done(by_conda, reverting.revert(by_conda, "one", RevertRequest(1)))
    remove, install = (tmp_path / "asked").read_text().splitlines()
    assert remove.startswith("remove ")
    assert remove.endswith(" -- base-library left")
    assert install.startswith("install ")
    assert "--file" in install


@pytest.mark.parametrize("wanted", OF_CONDA)
def test_what_is_exported_makes_the_same_environment(home: Context, wanted: str) -> None:
    make(home, "one", manager="conda", packages=("greeter=1.0",), kernel=False)
    made = exporting.export(home, "one", wanted)
    found = recognising.recognise_text(
        home.settings, RecogniseRequest(made.text, "requirements.txt")
    )
    assert (found.manager, found.errors) == ("conda", ())
    make(home, "two", manager="conda", requirements=made.text, kernel=False)
    assert versions(home, "two") == versions(home, "one")


def test_a_pip_environment_is_exported_as_requirements(home: Context) -> None:
    make(home, "one", **PIP)
    assert "alpha==1.0" in exporting.export(home, "one").text.split()
    assert exporting.export(home, "one", "requirements-asked").text == "alpha\n"
    with pytest.raises(EnvMgrError):
        exporting.export(home, "one", "explicit")


@pytest.mark.parametrize("fields", [PIP, CONDA], ids=["pip", "conda"])
def test_a_clone_was_asked_for_what_its_original_was(
    home: Context, fields: dict[str, object]
) -> None:
    make(home, "one", kernel=False, **fields)
    done(home, cloning.clone(home, "one", CloneRequest("two")))
    asked = home.catalogue.environment("one").asked_for
    assert home.catalogue.environment("two").asked_for == asked
    job = ended(home, verify.verify(home, "two", VerifyRequest()))
    assert job.result["ok"] == "yes"
