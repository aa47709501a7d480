"""Kernels are registered for what can run one, and only ours are ever taken away."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.kernels.model import RegisterRequest
from jupyter_envmgr.service import kernels
from jupyter_envmgr.service.context import Context, RunningKernel
from jupyter_envmgr.service.environments import verbs as environments
from tests.service.conftest import ended


def theirs(context: Context, name: str = "theirs") -> Path:
    """A kernelspec that somebody else made."""
    directory = context.settings.user_kernels / name
    directory.mkdir(parents=True)
    spec = {"argv": ["/usr/bin/R"], "display_name": "Their R", "language": "R"}
    (directory / "kernel.json").write_text(json.dumps(spec))
    return directory


def test_the_images_own_python_gets_a_kernel(context: Context) -> None:
    request = RegisterRequest("image", display_name="The image's")
    assert "launcher" in kernels.plan_register(context, request).summary
    kernel = kernels.register(context, request)
    assert (kernel.name, kernel.display_name, kernel.managed) == (
        "envmgr-image",
        "The image's",
        True,
    )
    assert kernel.interpreter == sys.executable
    spec = json.loads((Path(kernel.path) / "kernel.json").read_text())
    assert spec["env"]["PYTHONNOUSERSITE"] == "1"
    assert [k.name for k in context.catalogue.environment("image").kernels] == ["envmgr-image"]


def test_an_environment_without_ipykernel_gets_none(context: Context) -> None:
    venv = context.settings.home / "venvs" / "bare"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
    found = next(e for e in context.catalogue.environments().environments if e.path == str(venv))
    with pytest.raises(EnvMgrError) as caught:
        kernels.register(context, RegisterRequest(found.id))
    assert caught.value.code == "ipykernel-missing"
    assert not context.settings.user_kernels.exists()


def test_a_created_environment_without_kernel_can_be_given_one_later(indexed: Context) -> None:
    request = CreateRequest("late", packages=("ipykernel",), kernel=False)
    ended(indexed, environments.create(indexed, request))
    assert indexed.catalogue.environment("late").kernels == ()
    kernel = kernels.register(indexed, RegisterRequest("late"))
    assert kernel.environment == "late"
    plan = kernels.plan_unregister(indexed, kernel.name)
    assert [step.action for step in plan.steps] == ["delete"]
    kernels.unregister(indexed, kernel.name, plan.digest)
    assert indexed.catalogue.environment("late").kernels == ()
    assert indexed.catalogue.environment("late").status == "ready"


def test_a_kernel_name_that_somebody_has_is_refused(context: Context) -> None:
    directory = theirs(context, "envmgr-image")
    with pytest.raises(EnvMgrError) as caught:
        kernels.register(context, RegisterRequest("image"))
    assert caught.value.code == "kernel-taken"
    assert "Their R" in (directory / "kernel.json").read_text()


@pytest.mark.parametrize("name", ["../evil", "A", "a b", "-x"])
def test_a_bad_kernel_name_is_refused(context: Context, name: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        kernels.register(context, RegisterRequest("image", name=name))
    assert caught.value.code == "bad-name"


def test_a_kernelspec_that_is_not_ours_goes_only_by_force_and_can_be_put_back(
    context: Context,
) -> None:
    directory = theirs(context)
    plan = kernels.plan_unregister(context, "theirs")
    assert plan.refusal
    assert plan.forceable
    with pytest.raises(EnvMgrError) as caught:
        kernels.unregister(context, "theirs", plan.digest)
    assert caught.value.code == "read-only"
    kernels.unregister(context, "theirs", plan.digest, force=True)
    assert not directory.exists()
    (aside,) = (directory.parent.parent / "envmgr" / "set-aside").iterdir()
    aside.rename(directory)
    assert [k.display_name for k in context.catalogue.kernels().kernels] == ["Their R"]


def test_a_running_kernel_is_not_unregistered_unless_forced(context: Context) -> None:
    kernels.register(context, RegisterRequest("image"))
    busy = replace(context, running_kernels=lambda: (RunningKernel("1", "envmgr-image"),))
    with pytest.raises(EnvMgrError) as caught:
        kernels.unregister(busy, "envmgr-image")
    assert caught.value.code == "kernel-running"
    kernels.unregister(busy, "envmgr-image", force=True)
    assert context.catalogue.kernels().kernels == ()


def test_a_kernel_that_is_not_there_is_said_so(context: Context) -> None:
    with pytest.raises(EnvMgrError) as caught:
        kernels.unregister(context, "nobody")
    assert caught.value.code == "no-such-kernel"


@pytest.mark.parametrize(
    ("host", "replaced"), [("this", True), ("another", False)], ids=["this host", "another host"]
)
def test_a_kernel_of_ours_whose_environment_is_gone_gives_its_name_back(
    context: Context, host: str, replaced: bool
) -> None:
    """What another host has cannot be seen from here: there it may be alive."""
    register = RegisterRequest("image", name="my-kernel")
    file = Path(kernels.register(context, register).path) / "kernel.json"
    spec = json.loads(file.read_text())
    mark = spec["metadata"]["envmgr"]
    mark["prefix"] = str(context.settings.home / "gone")
    mark["host"] = mark["host"] if host == "this" else "node7"
    file.write_text(json.dumps(spec))
    if replaced:
        assert kernels.register(context, register).interpreter == sys.executable
        return
    with pytest.raises(EnvMgrError) as caught:
        kernels.register(context, register)
    assert caught.value.code == "kernel-taken"
    assert "kernels remove my-kernel" in caught.value.detail
