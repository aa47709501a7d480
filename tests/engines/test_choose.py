"""An engine is chosen with a reason, or its absence is said plainly."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import EngineChoice, Manager
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.engines.choose import choose_engine, engines
from jupyter_envmgr.engines.rattler import RattlerEngine
from tests import fakes


@pytest.fixture(autouse=True)
def no_system_bases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine has in /opt is no matter."""
    monkeypatch.setattr("jupyter_envmgr.core.environments.conda_roots._SYSTEM_BASES", ())


@pytest.fixture
def without_rattler(monkeypatch: pytest.MonkeyPatch) -> None:
    def find(settings: Settings) -> RattlerEngine:
        raise EnvMgrError("engine-missing", "py-rattler is not installed")

    monkeypatch.setattr(RattlerEngine, "find", find)


def settings(home: Path, *names: str) -> Settings:
    """A home with a miniforge3 that has these executables."""
    base = home / "miniforge3"
    (base / "bin").mkdir(parents=True)
    (base / "conda-meta").mkdir()
    for name in names:
        program = base / "bin" / name
        program.write_text(f"#!{sys.executable}\nfrom {name}.cli import go\n")
        program.chmod(0o755)
        (base / "conda-meta" / f"{name}-26.7.1-py312_0.json").write_text("{}")
    return fakes.settings(home, environ={"PATH": "/nowhere", "HOME": str(home)})


def said(choice: EngineChoice) -> str:
    return f"Made by {choice.name}, {choice.reason}."


def refused(
    settings: Settings, manager: Manager = "conda", *, wanted: str = "", made_by: str = ""
) -> EnvMgrError:
    with pytest.raises(EnvMgrError) as caught:
        choose_engine(manager, settings, wanted=wanted, made_by=made_by)
    return caught.value


def test_pip_means_uv_and_says_why(tmp_path: Path) -> None:
    choice = choose_engine("pip", settings(tmp_path))
    assert choice.name == "uv"
    assert choice.version
    assert said(choice) == "Made by uv, because you chose pip."


def test_conda_means_rattler_though_a_conda_is_there(tmp_path: Path) -> None:
    choice = choose_engine("conda", settings(tmp_path, "conda"))
    assert choice.version
    assert said(choice) == (
        "Made by rattler, because you chose conda: it needs no conda on the machine."
    )


def test_the_person_may_choose_an_executable(tmp_path: Path) -> None:
    here = settings(tmp_path, "conda", "mamba")
    choice = choose_engine("conda", here, wanted="mamba")
    assert (choice.name, choice.version) == ("mamba", "26.7.1")
    assert said(choice) == "Made by mamba, because you chose it."
    assert choose_engine("conda", here, wanted="rattler", made_by="conda").name == "rattler"


def test_an_executable_that_is_not_here_is_refused_at_its_field(tmp_path: Path) -> None:
    error = refused(settings(tmp_path, "conda"), wanted="micromamba")
    assert error.code == "engine-missing"
    assert error.detail == "micromamba is not on this machine"
    assert [row.field for row in error.errors] == ["engine"]


@pytest.mark.parametrize("wanted", ["uv", "poetry", "--help"])
def test_an_engine_of_another_manager_is_refused(tmp_path: Path, wanted: str) -> None:
    error = refused(settings(tmp_path), wanted=wanted)
    assert error.code == "bad-request"
    assert "rattler, conda, mamba, micromamba" in error.detail
    assert error.errors[0].field == "engine"


def test_what_made_an_environment_changes_it(tmp_path: Path) -> None:
    here = settings(tmp_path, "conda", "mamba")
    for name in ("conda", "mamba", "rattler"):
        choice = choose_engine("conda", here, made_by=name)
        assert choice.name == name
        assert choice.reason == "because it made this environment"


def test_without_what_made_it_its_like_changes_an_environment(tmp_path: Path) -> None:
    choice = choose_engine("conda", settings(tmp_path, "conda"), made_by="micromamba")
    assert choice.name == "conda"
    assert choice.reason == (
        "because micromamba, which made this environment, is not here, and it writes the same"
        " records"
    )


def test_without_any_executable_rattler_changes_what_conda_made(tmp_path: Path) -> None:
    choice = choose_engine("conda", settings(tmp_path), made_by="conda")
    assert choice.name == "rattler"
    assert choice.reason == "because conda, which made this environment, is not here"


def test_what_pixi_made_is_left_to_pixi(tmp_path: Path) -> None:
    error = refused(settings(tmp_path, "conda"), made_by="pixi")
    assert error.code == "read-only"
    assert "pixi" in error.hint


@pytest.mark.usefixtures("without_rattler")
def test_an_executable_stands_in_for_rattler(tmp_path: Path) -> None:
    here = settings(tmp_path, "mamba")
    choice = choose_engine("conda", here)
    assert said(choice) == (
        "Made by mamba, because py-rattler, the usual engine, is not installed."
    )
    assert [offer.name for offer in engines(here) if offer.default] == ["uv", "mamba"]


@pytest.mark.usefixtures("without_rattler")
def test_without_any_engine_that_is_said(tmp_path: Path) -> None:
    for made_by in ("", "conda", "rattler"):
        error = refused(settings(tmp_path / f"x{made_by}"), made_by=made_by)
        assert error.code == "engine-missing"
        assert error.detail == "py-rattler is not installed"


def test_all_engines_are_listed_with_what_is_wrong(tmp_path: Path) -> None:
    here = settings(tmp_path, "conda", "mamba")
    (tmp_path / "miniforge3" / "bin" / "mamba").write_text("#!/gone/python\n")
    offers = {offer.name: offer for offer in engines(here)}
    assert list(offers) == ["uv", "rattler", "conda", "mamba", "micromamba"]
    assert offers["uv"].available
    assert offers["uv"].path
    assert offers["rattler"].available
    assert offers["conda"].available
    assert offers["conda"].version == "26.7.1"
    assert offers["conda"].path == str(tmp_path / "miniforge3" / "bin" / "conda")
    assert not offers["mamba"].available
    assert "/gone/python" in offers["mamba"].why_not
    assert offers["micromamba"].why_not == "micromamba is not on this machine"
    assert [name for name, offer in offers.items() if offer.default] == ["uv", "rattler"]
    assert {offer.manager for offer in offers.values()} == {"pip", "conda"}
