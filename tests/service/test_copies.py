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
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import (
    changing,
    cloning,
    environments,
    exporting,
    history,
    recognising,
    renaming,
    reverting,
)
from jupyter_envmgr.service.context import Context
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
    make(home, "science", **CONDA)
    for name, code in (("two", "name-taken"), ("No Good", "bad-name")):
        with pytest.raises(EnvMgrError) as caught:
            renaming.plan_rename(home, "one", RenameRequest(name))
        assert caught.value.code == code
    assert "clone it" in renaming.plan_rename(home, "science", RenameRequest("art")).refusal


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


@pytest.mark.parametrize("wanted", OF_CONDA)
def test_what_is_exported_makes_the_same_environment(home: Context, wanted: str) -> None:
    make(home, "one", manager="conda", packages=("greeter=1.0",), kernel=False)
    made = exporting.export(home, "one", wanted)
    found = recognising.recognise_text(
        home.settings, recognising.RecogniseRequest(made.text, "requirements.txt")
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
