"""Packages go where they were meant to, by the tools that people would use themselves."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import CreateRequest, Environment
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.model import InstallRequest
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import installing
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system.store import Store
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
BASE_PYTHON = Path(sys.base_prefix) / "bin" / f"python{MINOR}"


@pytest.fixture
def image(
    settings: Settings, make_context: Callable[[Settings], Context], local_index: LocalIndex
) -> Context:
    """An image whose Python looks at the user site, and a small index."""
    local_index.add(wheel("alpha"), wheel("alpha", "2.0"), wheel("beta"))
    return make_context(
        replace(
            settings,
            image_prefix=Path(sys.base_prefix),
            image_interpreter=BASE_PYTHON,
            index_url=local_index.url,
        )
    )


def user_site(context: Context) -> Path:
    return context.settings.home / ".local" / "lib" / f"python{MINOR}" / "site-packages"


def done(context: Context, request: InstallRequest) -> str:
    plan = installing.plan_install(context, request)
    job = ended(context, installing.install(context, request, plan.digest))
    return job.state if job.problem is None else job.problem.code


def imports(interpreter: Path, context: Context, program: str) -> str:
    environ = {**context.settings.environ}
    ran = subprocess.run(
        [str(interpreter), "-c", program], env=environ, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_into_the_user_site_of_the_image(image: Context) -> None:
    request = InstallRequest("user", ("alpha<2",))
    plan = installing.plan_install(image, request)
    assert not plan.refusal
    assert ("Into", str(user_site(image))) in plan.facts
    assert done(image, request) == "succeeded"
    assert [p.name for p in user_site(image).glob("alpha-*.dist-info")] == ["alpha-1.0.dist-info"]
    found = imports(BASE_PYTHON, image, "import alpha; print(alpha.__file__)")
    assert found.startswith(str(user_site(image)))


def test_the_pip_configuration_of_the_image_does_not_lead_it_elsewhere(
    image: Context, make_context: Callable[[Settings], Context], tmp_path: Path
) -> None:
    bent = {
        "PIP_TARGET": str(tmp_path / "elsewhere"),
        "PIP_CONSTRAINT": str(tmp_path / "gone.txt"),
        "PYTHONNOUSERSITE": "",
    }
    settings = image.settings
    context = make_context(replace(settings, environ={**settings.environ, **bent}))
    assert done(context, InstallRequest("user", ("alpha",))) == "succeeded"
    assert (user_site(context) / "alpha-2.0.dist-info").exists()
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("nothing-of-that-name", "no-such-package"),
        ("alpha==9", "no-such-version"),
    ],
)
def test_what_pip_cannot_do_is_explained(image: Context, line: str, code: str) -> None:
    assert done(image, InstallRequest("user", (line,))) == code
    assert not list(user_site(image).glob("*.dist-info"))


@pytest.mark.parametrize("line", ["--index-url=http://evil", "-e .", "; rm -rf /", ""])
def test_options_are_no_requirements(image: Context, line: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        installing.plan_install(image, InstallRequest("user", (line,)))
    assert caught.value.code == "bad-requirement"


def test_a_python_that_is_not_here_is_a_refusal(image: Context) -> None:
    request = InstallRequest("user", ("alpha",), python="2.6")
    assert "Python 2.6" in installing.plan_install(image, request).refusal
    with pytest.raises(EnvMgrError):
        installing.install(image, request)


def test_a_python_that_does_not_look_there_is_a_refusal(context: Context) -> None:
    """The Python that runs these tests is a virtual environment's."""
    user_site(context).mkdir(parents=True)
    refusal = installing.plan_install(context, InstallRequest("user", ("alpha",))).refusal
    assert "does not look at the user site" in refusal


def copied_image(image: Context, tmp_path: Path) -> Settings:
    """A virtual environment as the image: something whose packages may be written."""
    prefix = tmp_path / "writable"
    subprocess.run([str(BASE_PYTHON), "-m", "venv", str(prefix)], check=True)
    return replace(image.settings, image_prefix=prefix, image_interpreter=prefix / "bin" / "python")


def test_into_the_image_and_not_into_the_user_site(
    image: Context, make_context: Callable[[Settings], Context], tmp_path: Path
) -> None:
    context = make_context(copied_image(image, tmp_path))
    request = InstallRequest("system", ("alpha",))
    plan = installing.plan_install(context, request)
    assert any("gone when the container ends" in warning for warning in plan.warnings)
    assert done(context, request) == "succeeded"
    assert imports(context.settings.image_interpreter, context, "import alpha") == ""
    assert not user_site(context).exists()


@pytest.mark.parametrize("answer", [0, 1])
def test_without_the_right_to_write_sudo_is_asked_and_never_for_a_password(
    image: Context,
    make_context: Callable[[Settings], Context],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answer: int,
) -> None:
    settings = copied_image(image, tmp_path)
    programs = tmp_path / "programs"
    programs.mkdir()
    said = tmp_path / "said"
    fake = programs / "sudo"
    fake.write_text(
        f'#!/bin/sh\necho "said $*" >> {said}\n[ {answer} = 0 ] || exit 1\n'
        'while [ "$1" != -- ] && [ "$1" != true ]; do shift; done\n'
        '[ "$1" = true ] && exit 0\nshift\nexec "$@"\n'
    )
    fake.chmod(0o755)
    environ = {**settings.environ, "PATH": f"{programs}:{settings.environ['PATH']}"}
    context = make_context(replace(settings, environ=environ))
    access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK and access(path, mode))
    request = InstallRequest("system", ("alpha",))
    if answer:
        assert "sudo" in installing.plan_install(context, request).refusal
    else:
        assert done(context, request) == "succeeded"
        assert imports(context.settings.image_interpreter, context, "import alpha") == ""
    assert all(line.startswith("said -n ") for line in said.read_text().splitlines())


def made(context: Context) -> Environment:
    ended(context, environments.create(context, CreateRequest("training", packages=("alpha<2",))))
    return context.catalogue.environment("training")


def test_into_an_environment_whose_record_then_knows_it(image: Context) -> None:
    made(image)
    request = InstallRequest("environment", ("beta", "alpha"), environment="training")
    assert done(image, request) == "succeeded"
    record = Store(image.settings.default_location).read("training")
    assert record.request.packages == ("beta", "alpha")
    assert {"alpha==1.0", "beta==1.0"} <= set(record.lock)
    assert record.changing == ""


def test_an_install_that_was_killed_leaves_an_environment_that_says_so(image: Context) -> None:
    """A cut install leaves packages that every tool calls fine and that do not import."""
    environment = made(image)
    store = Store(image.settings.default_location)
    store.write(replace(store.read("training"), changing="Installing alpha", job="gone-for-good"))
    image.catalogue.forget()
    site = next(Path(environment.path).glob("lib/python3*/site-packages"))
    (site / "alpha" / "__init__.py").unlink()
    cut = image.catalogue.environment("training")
    assert cut.status == "broken"
    assert "Installing alpha was not finished" in cut.reason
    assert done(image, InstallRequest("environment", ("alpha<2",), environment="training")) == (
        "succeeded"
    )
    assert (site / "alpha" / "__init__.py").exists()
    assert image.catalogue.environment("training").status == "ready"


def test_an_install_that_finds_nothing_leaves_the_environment_as_it_was(image: Context) -> None:
    made(image)
    request = InstallRequest("environment", ("nothing-of-that-name",), environment="training")
    assert done(image, request) == "no-such-package"
    assert image.catalogue.environment("training").status == "ready"


def test_an_environment_that_was_not_made_here_is_not_changed(image: Context) -> None:
    own = next(e for e in image.catalogue.environments().environments if e.kind == "image")
    request = InstallRequest("environment", ("alpha",), environment=own.id)
    with pytest.raises(EnvMgrError) as caught:
        installing.plan_install(image, request)
    assert caught.value.code == "read-only"


def test_a_plan_that_has_changed_is_not_carried_out(image: Context) -> None:
    with pytest.raises(EnvMgrError) as caught:
        installing.install(image, InstallRequest("user", ("alpha",)), digest="another")
    assert caught.value.code == "plan-changed"


def test_what_has_hashes_is_checked_by_pip_too(image: Context, local_index: LocalIndex) -> None:
    one, two = wheel("alpha", requires=["beta"]), wheel("beta")
    local_index.add(one)
    lines = tuple(f"{w.project}==1.0 --hash=sha256:{w.sha256}" for w in (one, two))
    plan = installing.plan_install(image, InstallRequest("user", lines))
    assert [step.target for step in plan.steps] == ["alpha==1.0", "beta==1.0"]
    assert "Hashes" in dict(plan.facts)
    with pytest.raises(EnvMgrError) as caught:
        installing.plan_install(image, InstallRequest("user", (lines[0], "beta==1.0")))
    assert [error.line for error in caught.value.errors] == [2]
    wrong = (lines[0], f"beta==1.0 --hash=sha256:{'0' * 64}")
    for asked, code in ((wrong, "hash-mismatch"), (lines[:1], "hash-missing")):
        plan = installing.plan_install(image, InstallRequest("user", asked))
        problem = ended(
            image, installing.install(image, InstallRequest("user", asked), plan.digest)
        ).problem
        assert problem is not None
        assert problem.code == code, problem.detail
        assert "beta" in problem.detail
        assert not list(user_site(image).glob("alpha*"))
    assert done(image, InstallRequest("user", lines)) == "succeeded"
    assert len(list(user_site(image).glob("*.dist-info"))) == 2
