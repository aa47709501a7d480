"""A Jupyter that runs from the user site, and this program in it: nobody is left without a way."""

from __future__ import annotations

import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import ResetRequest
from jupyter_envmgr.service import usersite
from jupyter_envmgr.service.usersite import in_use
from jupyter_envmgr.service.usersite.restore import way_back
from tests.homes import Home

TORNADO = ResetRequest("packages", packages=("tornado",), name="first")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A user site with a Jupyter, and something else."""
    home = Home(tmp_path / "home")
    home.package("jupyter-server", "2.0", requires=["tornado"])
    home.package("tornado", "6.4")
    home.package("numpy", "2.1", scripts=["f2py"])
    home.package("black", "24.1", scripts=["black", "blackd"])
    return home


@pytest.fixture
def server() -> Iterator[int]:
    """The pid of a process that looks like a server, and waits."""
    argv = [sys.executable, "-c", "input()", "jupyter-server"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE) as process:
        yield process.pid
        assert process.stdin
        process.stdin.close()


def _note(directory: Path, pid: int) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / f"jpserver-{pid}.json").write_text("{}")


def _in_image(home: Home, settings: Settings, name: str) -> None:
    info = settings.image_prefix / f"lib/python3.11/site-packages/{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")


def test_what_a_running_jupyter_has_from_nowhere_else_is_refused(home: Home, server: int) -> None:
    _note(home.base / "share/jupyter/runtime", server)
    settings = home.settings()
    plan = usersite.plan_reset(settings, TORNADO)
    assert str(server) in plan.refusal
    with pytest.raises(EnvMgrError) as error:
        usersite.reset(settings, TORNADO)
    assert error.value.code == "server-in-user-site"
    assert "command line while no server runs" in error.value.hint
    assert "--keep-jupyter" not in error.value.hint, "of one package nothing is left to keep"
    assert "command line" not in error.value.detail, "the hint says it, once"
    with pytest.raises(EnvMgrError) as error:
        usersite.reset(settings, ResetRequest("all"))
    assert "--keep-jupyter" in error.value.hint


def test_servers_are_found_where_they_note_themselves(
    home: Home, server: int, tmp_path: Path
) -> None:
    _note(tmp_path / "runtime", server)
    assert usersite.plan_reset(home.settings(), TORNADO).refusal == ""
    settings = home.settings(JUPYTER_RUNTIME_DIR=str(tmp_path / "runtime"))
    assert str(server) in usersite.plan_reset(settings, TORNADO).refusal


def test_what_the_image_has_too_may_go_and_jupyter_has_to_be_started_again(
    home: Home, server: int
) -> None:
    _note(home.base / "share/jupyter/runtime", server)
    settings = home.settings()
    _in_image(home, settings, "tornado")
    plan = usersite.plan_reset(settings, TORNADO)
    assert plan.refusal == ""
    assert any(f"process {server}" in w and "restart it" in w for w in plan.warnings)


def test_what_jupyter_does_not_need_is_nobodys_business(home: Home, server: int) -> None:
    _note(home.base / "share/jupyter/runtime", server)
    request = ResetRequest("packages", packages=("numpy",))
    plan = usersite.plan_reset(home.settings(), request)
    assert plan.refusal == ""
    assert not any(str(server) in warning for warning in plan.warnings)


def test_without_a_server_the_whole_jupyter_may_go(home: Home) -> None:
    assert usersite.plan_reset(home.settings(), ResetRequest("all")).refusal == ""


def test_who_sets_this_program_aside_is_told_how_it_comes_back(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.package("jupyter-envmgr", files={"jupyter_envmgr/rescue.py": "# what brings it back"})
    ours = home.site() / "jupyter_envmgr/rescue.py"
    monkeypatch.setattr(in_use, "RESCUE", str(ours))
    settings = home.settings()
    request = ResetRequest("all", name="first")
    assert any(
        "jupyter envmgr itself" in w for w in usersite.plan_reset(settings, request).warnings
    )
    back = way_back(usersite.reset(settings, request))
    assert back.is_program_gone
    python, isolated, program, *words = shlex.split(back.command)
    assert (python, isolated) == (sys.executable, "-I")
    assert Path(program).read_text() == "# what brings it back"
    assert words == ["usersite", "restore", "first"]


def test_a_program_that_stays_is_called_by_its_name(home: Home) -> None:
    settings = home.settings()
    snapshot = usersite.reset(settings, ResetRequest("all", name="first"))
    assert way_back(snapshot).command == "jupyter envmgr usersite restore first"


def test_what_other_packages_keep_is_a_line_for_each_directory(home: Home) -> None:
    home.file("bin/mine", "#!/bin/sh\n")
    request = ResetRequest("packages", packages=("numpy",))
    plan = usersite.plan_reset(home.settings(), request)
    kept = {step.target: step.detail for step in plan.steps if step.action == "keep"}
    bin_directory = str(home.base / "bin")
    assert kept[bin_directory] == "of packages that stay, 2 script files: black, blackd"
    assert not any("f2py" in detail for detail in kept.values())
    assert set(kept) == {bin_directory, f"{bin_directory}/mine"}
    assert ("Stays", "1 thing of other programs and of yours") in plan.facts
