"""Conda environments made for real, by py-rattler from a channel on this machine."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import CreateRequest, Environment
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import recreating
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system.store import Store
from tests.channel.build import Channel
from tests.fakes import eventually
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended


@pytest.fixture
def conda(
    settings: Settings, make_context: Callable[[Settings], Context], conda_channel: Channel
) -> Context:
    """A home whose .condarc names the channel of this machine."""
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    return make_context(settings)


def create(context: Context, request: CreateRequest) -> Environment:
    job = ended(context, environments.create(context, request))
    assert job.problem is None, job.problem
    return context.catalogue.environment(request.name)


def problem(context: Context, request: CreateRequest) -> str:
    job = ended(context, environments.create(context, request))
    assert job.problem is not None
    return job.problem.code


def output(environment: Environment, *words: str) -> str:
    assert environment.interpreter
    ran = subprocess.run(
        [environment.interpreter, *words], capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def noted(settings: Settings) -> list[str]:
    path = settings.home / ".conda" / "environments.txt"
    return path.read_text().split() if path.exists() else []


def test_specs_become_an_environment_with_a_kernel(conda: Context, conda_channel: Channel) -> None:
    request = CreateRequest(
        "science",
        manager="conda",
        python=".".join(conda_channel.python.split(".")[:2]),
        packages=("greeter=1.0", "activates"),
        variables={"MY_DATA": "/data and more"},
    )
    made = create(conda, request)
    assert (made.status, made.kind, made.manager, made.engine) == (
        "ready",
        "conda",
        "conda",
        "rattler",
    )
    assert made.python == conda_channel.python
    assert output(made, "-c", "import greeter; print(greeter.__version__)") == "1.0"
    (kernel,) = made.kernels
    assert kernel.display_name == f"Python {request.python} (science)"
    record = Store(conda.settings.default_location).read("science")
    assert any(line.startswith("file:") and "greeter-1.0" in line for line in record.lock)
    assert noted(conda.settings) == [made.path]
    state = json.loads((Path(made.path) / "conda-meta" / "state").read_text())
    assert state == {"env_vars": {"MY_DATA": "/data and more"}}
    job = ended(conda, environments.remove(conda, "science"))
    assert job.state == "succeeded"
    assert noted(conda.settings) == []
    assert not Path(made.path).exists()


def test_an_environment_yml_with_a_pip_section_under_a_misleading_name(
    conda: Context,
    settings: Settings,
    local_index: LocalIndex,
    conda_channel: Channel,
) -> None:
    local_index.add(wheel("alpha"))
    text = f"""\
name: ignored
channels:
  - {conda_channel.url}
  - nodefaults
dependencies:
  - greeter
  - pip:
      - alpha==1.0
prefix: /home/somebody/envs/ignored
variables:
  FROM_FILE: "1"
"""
    request = CreateRequest("mixed", manager="conda", requirements=text, index_url=local_index.url)
    made = create(conda, request)
    assert output(made, "-c", "import alpha, greeter; print(greeter.__version__)") == "2.0"
    record = Store(settings.default_location).read("mixed")
    assert "alpha==1.0" in record.lock
    assert (record.request.packages, record.request.pip) == (("greeter",), ("alpha==1.0",))
    assert record.request.requirements == ""
    assert made.asked_for == ("greeter", "alpha==1.0")
    names = {p.name: p.installer for p in conda.catalogue.packages("mixed").packages}
    assert names["alpha"] != "conda"
    assert names["greeter"] == "conda"


def test_a_solved_plan_names_the_packages_of_pip_too(conda: Context) -> None:
    request = CreateRequest("mixed", manager="conda", packages=("greeter=1.0",), pip=("six>=1",))
    steps = environments.plan_create(conda, request, solve=True).steps
    installed = [(step.target, step.detail) for step in steps if step.action == "install"]
    assert "greeter 1.0" in dict(installed)
    assert [row for row in installed if row[1] == "by pip"] == [("six>=1", "by pip")]
    assert installed[-1][1] == "by pip"


def test_one_that_failed_can_be_asked_for_again_as_it_was(
    conda: Context, conda_channel: Channel, local_index: LocalIndex
) -> None:
    local_index.add(wheel("alpha"))
    asked = CreateRequest(
        "mixed",
        manager="conda",
        packages=("greeter=9",),
        pip=("alpha>=1",),
        index_url=local_index.url,
        channels=(conda_channel.url,),
        variables={"A": "b"},
        user_site=True,
        kernel=False,
    )
    assert problem(conda, asked) == "no-such-version"
    again = recreating.request_of(conda, "mixed")
    assert again == replace(
        asked, packages=(), pip=(), requirements=again.requirements, location="home"
    )
    made = create(conda, replace(again, requirements=again.requirements.replace("=9", "=1.0")))
    assert made.asked_for == ("greeter=1.0", "alpha>=1")
    assert made.user_site is True


def test_an_explicit_list_has_nothing_to_solve(conda: Context, conda_channel: Channel) -> None:
    text = f"@EXPLICIT\n{conda_channel.url_of('two-versions')}\n"
    made = create(conda, CreateRequest("listed", manager="conda", requirements=text, kernel=False))
    assert [p.name for p in conda.catalogue.packages("listed").packages] == ["two-versions"]
    assert made.kernels == ()


@pytest.mark.parametrize(
    ("packages", "code"),
    [
        (("nothing-of-that-name",), "no-such-package"),
        (("greeter=9",), "no-such-version"),
        (("left", "right"), "requirements-conflict"),
    ],
)
def test_what_cannot_be_solved_is_explained_and_leaves_nothing(
    conda: Context, packages: tuple[str, ...], code: str
) -> None:
    request = CreateRequest("never", manager="conda", packages=packages)
    assert problem(conda, request) == code
    assert not (conda.settings.default_location.path / "never").exists()
    assert noted(conda.settings) == []
    assert conda.catalogue.environment("never").status == "failed"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"packages": ("; rm -rf /",)}, "packages"),
        ({"packages": ("--override-channels",)}, "packages"),
        ({"python": "/usr/bin/python3"}, "python"),
        ({"python": "3.10", "packages": ("python=3.12",)}, "python"),
        ({"channels": ("javascript:alert(1)",)}, "channels"),
        ({"variables": {"PATH": "/evil"}}, "variables"),
        ({"variables": {"A B": "x"}}, "variables"),
        ({"requirements": "dependencies:\n  - [\n"}, "requirements"),
        ({"requirements": "lock-version = '1.0'\ncreated-by='x'\npackages=[]\n"}, "requirements"),
        ({"engine": "uv"}, "engine"),
    ],
    ids=str,
)
def test_bad_input_names_its_field_and_makes_nothing(
    conda: Context, changes: dict[str, object], field: str
) -> None:
    request = CreateRequest("never", manager="conda", **changes)  # type: ignore[arg-type]
    with pytest.raises(EnvMgrError) as caught:
        environments.create(conda, request)
    assert field in {row.field for row in caught.value.errors}
    assert not (conda.settings.default_location.path / "never").exists()


def test_the_plan_says_channels_python_and_engine(conda: Context, conda_channel: Channel) -> None:
    request = CreateRequest("science", manager="conda", packages=("greeter",))
    facts = dict(environments.plan_create(conda, request).facts)
    assert conda_channel.url in facts["Channels"]
    assert facts["Engine"].startswith("rattler ")
    assert "comes with the environment" in facts["Python"]


@pytest.mark.parametrize(("channels", "times"), [((), 1), (("conda-forge",), 0)])
def test_terms_are_spoken_of_once_if_the_channels_that_are_taken_have_some(
    conda: Context, channels: tuple[str, ...], times: int
) -> None:
    text = "channels: [defaults, conda-forge]\ndependencies: [numpy]\n"
    request = CreateRequest("science", manager="conda", requirements=text, channels=channels)
    warnings = environments.plan_create(conda, request).warnings
    assert sum("its terms" in warning for warning in warnings) == times


def test_what_only_conda_has_is_refused_for_pip(conda: Context) -> None:
    for request in (
        CreateRequest("never", channels=("conda-forge",)),
        CreateRequest("never", variables={"A": "b"}),
    ):
        with pytest.raises(EnvMgrError):
            environments.plan_create(conda, request)


def test_a_create_that_is_cancelled_leaves_nothing(conda: Context) -> None:
    request = CreateRequest("science", manager="conda", packages=("many-files", "heavy"))
    job = environments.create(conda, request)
    seq, types = 0, set()
    while "progress" not in types:
        answer = conda.jobs.wait(job.id, seq, 30)
        types |= {event.type for event in answer.events}
        seq = answer.events[-1].seq
    conda.jobs.cancel(job.id)
    assert ended(conda, job).state == "cancelled"
    assert not (conda.settings.default_location.path / "science").exists()
    assert noted(conda.settings) == []
    assert Store(conda.settings.default_location).find("science") is None


def test_what_a_cancel_leaves_nothing_of_does_not_come_back(conda: Context) -> None:
    """All that ran has ended before anything is removed: a package's script as well."""
    request = CreateRequest("science", manager="conda", packages=("post-link-lasts",))
    prefix = conda.settings.default_location.path / "science"
    begun = prefix / "share" / "post-link-lasts.count"
    job = environments.create(conda, request)
    eventually(begun.exists, "the script runs", 60)
    conda.jobs.cancel(job.id)
    assert ended(conda, job).state == "cancelled"
    assert not prefix.exists()
    time.sleep(0.2)
    assert not prefix.exists()
