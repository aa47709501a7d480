"""The commands that the uv engine makes, and the environments that come of them."""

from __future__ import annotations

import itertools
import os
import subprocess
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Progress
from jupyter_envmgr.engines import uv as engine_module
from jupyter_envmgr.engines.uv import UvEngine, with_pip
from tests import fakes
from tests.engines.bench import PYTHON, Bench
from tests.index.server import AUTHORITY, LocalIndex
from tests.index.wheels import wheel


def python(bench: Bench, *arguments: str) -> str:
    """What the new environment's interpreter prints, started as a kernel would be."""
    environ = {"PATH": os.environ["PATH"], "HOME": str(bench.home), "PYTHONNOUSERSITE": "1"}
    interpreter = str(bench.home / "environment" / "bin" / "python")
    return subprocess.run(
        [interpreter, *arguments], env=environ, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_a_real_kernel_starts_in_a_new_environment(bench: Bench, local_index: LocalIndex) -> None:
    assert bench.carry_out(bench.plan(local_index.url)) is None
    assert python(bench, "-c", "import ipykernel, sys; print(sys.prefix)") == str(
        bench.home / "environment"
    )
    assert "No broken requirements" in python(bench, "-m", "pip", "check")
    assert python(bench, "-m", "ipykernel", "--version")


def test_the_environment_has_a_pip_of_its_own(bench: Bench, small_index: LocalIndex) -> None:
    assert bench.carry_out(bench.plan(small_index.url)) is None
    where = python(bench, "-c", "import pip; print(pip.__file__)")
    assert where.startswith(str(bench.home / "environment"))


def test_an_index_without_pip_gets_the_one_that_python_brings(bench: Bench) -> None:
    with LocalIndex([wheel("ipykernel")]) as index:
        assert bench.carry_out(bench.plan(index.url)) is None
    assert "environment" in python(bench, "-c", "import pip; print(pip.__file__)")


def test_a_pip_that_was_asked_for_is_the_one(bench: Bench, small_index: LocalIndex) -> None:
    small_index.add(wheel("pip", "98.0"))
    assert bench.carry_out(bench.plan(small_index.url, ["pip<99"])) is None
    assert python(bench, "-c", "import pip; print(pip.__version__)") == "98.0"
    assert with_pip(("Pip==98.0", "ipykernel")) == ("ipykernel", "Pip==98.0")


def test_nothing_that_the_server_was_started_with_leads_it_astray(
    bench: Bench, small_index: LocalIndex
) -> None:
    bench.environ = {
        "PIP_USER": "1",
        "PIP_TARGET": "/nowhere",
        "PIP_CONSTRAINT": "/nowhere/constraint.txt",
        "PIP_CONFIG_FILE": str(bench.home / "pip.conf"),
        "PYTHONPATH": "/nowhere",
        "PYTHONHOME": "/nowhere",
        "VIRTUAL_ENV": "/nowhere",
        "CONDA_PREFIX": "/nowhere",
        "UV_CONFIG_FILE": "/nowhere/uv.toml",
        "UV_SYSTEM_PYTHON": "1",
        "UV_TARGET": "/nowhere",
        "UV_CONSTRAINT": "/nowhere",
        "UV_EXCLUDE_NEWER": "2001-01-01",
    }
    (bench.home / "pip.conf").write_text("[global]\nuser = true\ntarget = /nowhere\n")
    evil = "http://127.0.0.1:9/evil"
    (bench.home / "uv.toml").write_text(f'index-url = "{evil}"\n')
    (bench.home / "pyproject.toml").write_text(
        "[project]\nname = 'x'\nversion = '1'\nrequires-python = '>=3.99'\n"
        f"[tool.uv]\nindex-url = '{evil}'\n"
    )
    (bench.home / ".config" / "uv").mkdir(parents=True)
    (bench.home / ".config" / "uv" / "uv.toml").write_text(f'index-url = "{evil}"\n')
    assert bench.carry_out(bench.plan(small_index.url)) is None
    assert python(bench, "-c", "import ipykernel; print(ipykernel.__file__)").startswith(
        str(bench.home / "environment")
    )


def test_a_directory_that_holds_our_marker_is_filled(bench: Bench, small_index: LocalIndex) -> None:
    marker = bench.home / "environment" / ".envmgr.json"
    marker.parent.mkdir()
    marker.write_text("{}")
    assert bench.carry_out(bench.plan(small_index.url)) is None
    assert marker.read_text() == "{}"


def test_credentials_are_in_no_argv_file_or_output(bench: Bench, small_index: LocalIndex) -> None:
    small_index.credentials = ("me", "geheimnis")
    plan = bench.plan(small_index.url_with("me", "geheimnis"))
    work = UvEngine.find(bench.settings).create(plan)
    assert bench.carry_out(plan) is None
    for command in bench.commands:
        assert not any("geheimnis" in word for word in command.argv)
        assert "geheimnis" in command.secrets
    assert "geheimnis" not in "".join(work.files.values())
    assert not any("geheimnis" in o.stdout + o.stderr for o in bench.outcomes)
    installed = bench.home / "environment"
    assert not any(
        b"geheimnis" in file.read_bytes()
        for file in installed.rglob("*")
        if file.is_file() and not file.is_symlink()
    )


def test_credentials_in_netrc_are_used(bench: Bench, small_index: LocalIndex) -> None:
    small_index.credentials = ("me", "geheimnis")
    netrc = bench.home / ".netrc"
    netrc.write_text("machine 127.0.0.1 login me password geheimnis\n")
    netrc.chmod(0o600)
    assert bench.carry_out(bench.plan(small_index.url)) is None


def test_certificates_of_pips_configuration_are_trusted(bench: Bench) -> None:
    bench.environ = {"PIP_CERT": str(AUTHORITY)}
    with LocalIndex([wheel("ipykernel"), wheel("pip", "99.0")], tls=True) as index:
        assert bench.carry_out(bench.plan(index.url)) is None


def test_a_trusted_host_needs_no_certificate(bench: Bench) -> None:
    with LocalIndex([wheel("ipykernel"), wheel("pip", "99.0")], tls=True) as index:
        bench.environ = {"PIP_TRUSTED_HOST": index.host}
        assert bench.carry_out(bench.plan(index.url)) is None


def test_the_best_version_of_all_indexes_is_taken_as_pip_does(
    bench: Bench, small_index: LocalIndex
) -> None:
    small_index.add(wheel("alpha", "2.0"))
    with LocalIndex([wheel("alpha", "1.0")]) as extra:
        bench.environ = {"PIP_INDEX_URL": small_index.url, "PIP_EXTRA_INDEX_URL": extra.url}
        assert bench.carry_out(bench.plan("", ["alpha"])) is None
    assert python(bench, "-c", "import alpha; print(alpha.__version__)") == "2.0"


def test_packages_of_a_directory_are_found_and_one_that_is_not_there_does_no_harm(
    bench: Bench, small_index: LocalIndex
) -> None:
    directory = bench.home / "my wheels, all"
    directory.mkdir()
    package = wheel("alpha", "3.0")
    (directory / package.filename).write_bytes(package.content)
    config = bench.home / "pip.conf"
    config.write_text(
        f"[global]\nindex-url = {small_index.url}\nextra-index-url = file:///nowhere/simple\n"
        f"find-links =\n  {directory.as_uri()}\n  /nowhere/wheels\n"
    )
    bench.environ = {"PIP_CONFIG_FILE": str(config)}
    assert bench.carry_out(bench.plan("", ["alpha"])) is None
    assert python(bench, "-c", "import alpha; print(alpha.__version__)") == "3.0"


def test_a_damaged_copy_of_one_environment_leaves_the_cache_alone(
    bench: Bench, small_index: LocalIndex
) -> None:
    assert bench.carry_out(bench.plan(small_index.url)) is None
    (module,) = (bench.home / "environment").rglob("ipykernel/__init__.py")
    assert module.stat().st_nlink == 1
    module.write_text("broken")
    again = bench.plan(small_index.url, prefix=bench.home / "another")
    assert bench.carry_out(again) is None
    (module,) = (bench.home / "another").rglob("ipykernel/__init__.py")
    assert "__version__" in module.read_text()


def test_progress_of_a_real_install_never_falls_and_ends_at_one(
    bench: Bench, small_index: LocalIndex
) -> None:
    small_index.add(wheel("alpha", size=3_000_000))
    assert bench.carry_out(bench.plan(small_index.url, ["alpha"])) is None
    progress = [p for p in bench.payloads if isinstance(p, Progress)]
    fractions = [p.fraction for p in progress]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    labels = [p.label for p in progress]
    assert any(label.startswith("Looking up packages") for label in labels)
    assert any("alpha" in label for label in labels)
    assert labels[-1] == "3 packages installed"
    assert [p.done for p in progress if p.unit == "packages"] == [1, 2, 3]


def test_commands_are_lists_of_words_that_user_text_cannot_bend(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path)
    plan = bench.plan("https://mirror.example/simple", prompt="--clear")
    work = UvEngine.find(bench.settings).create(plan)
    assert [step.name for step in work.steps] == ["venv", "install"]
    venv, install = (step.command.argv for step in work.steps)
    assert venv[-2:] == ("--", str(plan.prefix))
    assert "--prompt=--clear" in venv
    assert f"--python={PYTHON}" in venv
    for argv in (venv, install):
        assert "--no-config" in argv
        assert "--no-python-downloads" in argv
        assert not any("mirror.example" in word for word in argv)
    assert work.files["requirements.txt"].splitlines() == ["pip", "ipykernel"]


def test_a_python_is_fetched_only_when_the_plan_says_so(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path)
    engine = UvEngine.find(bench.settings)
    steps = engine.create(bench.plan("", python="3.12.5", download=True)).steps
    assert [step.name for step in steps] == ["python", "venv", "install"]
    assert str(bench.settings.root / "pythons") in steps[0].command.argv
    assert "--no-bin" in steps[0].command.argv
    assert "--managed-python" in steps[1].command.argv
    for earlier, later in itertools.pairwise(steps):
        assert (
            earlier.command.environ["UV_PYTHON_INSTALL_DIR"]
            == later.command.environ["UV_PYTHON_INSTALL_DIR"]
        )


def test_fetched_pythons_do_not_lie_below_local(tmp_path: Path) -> None:
    assert ".local" not in UvEngine.find(fakes.settings(tmp_path)).pythons.parts


def test_the_proxy_of_pips_configuration_is_used_unless_there_is_another(tmp_path: Path) -> None:
    bench = Bench(tmp_path, tmp_path, environ={"PIP_PROXY": "http://proxy.example:3128"})
    environ = UvEngine.find(bench.settings).create(bench.plan("")).steps[1].command.environ
    assert environ["HTTPS_PROXY"] == environ["HTTP_PROXY"] == "http://proxy.example:3128"
    bench.environ["https_proxy"] = "http://other.example:80"
    environ = UvEngine.find(bench.settings).create(bench.plan("")).steps[1].command.environ
    assert "HTTPS_PROXY" not in environ


def test_uv_on_path_is_found_where_none_came_with_us(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine_module, "_bundled", lambda: None)
    program = tmp_path / "bin" / "uv"
    program.parent.mkdir()
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    settings = fakes.settings(tmp_path, environ={"PATH": str(program.parent)})
    assert UvEngine.find(settings).executable == str(program)
    with pytest.raises(EnvMgrError) as caught:
        UvEngine.find(fakes.settings(tmp_path, environ={"PATH": "/nowhere"}))
    assert caught.value.code == "engine-missing"


def test_the_version_of_uv_is_known_without_starting_it(tmp_path: Path) -> None:
    engine = UvEngine.find(fakes.settings(tmp_path))
    said = subprocess.run([engine.executable, "--version"], capture_output=True, text=True).stdout
    assert engine.version
    assert engine.version in said
