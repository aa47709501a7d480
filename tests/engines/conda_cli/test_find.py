"""Executables are found where people have them; what only bears their name is told apart."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.engines.conda_cli import CondaCliEngine
from jupyter_envmgr.engines.conda_cli_find import ExecutableName, find_executable
from tests import fakes

ELF = b"\x7fELF\x02\x01\x01" + bytes(64)
SCRIPT = f"#!{sys.executable}\nfrom conda.cli import main\n".encode()


def settings(home: Path, **environ: str) -> Settings:
    return fakes.settings(home, environ={"PATH": "/nowhere", "HOME": str(home), **environ})


def program(path: Path, content: bytes = SCRIPT) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    path.chmod(0o755)
    return str(path)


@pytest.fixture(autouse=True)
def no_system_bases(monkeypatch: pytest.MonkeyPatch) -> None:
    """What this machine has in /opt is no matter."""
    monkeypatch.setattr("jupyter_envmgr.core.environments.conda_roots._SYSTEM_BASES", ())


def found(home: Path, name: ExecutableName = "conda", **environ: str) -> str:
    executable = find_executable(settings(home, **environ), name)
    return executable.path if executable else ""


def test_there_is_none(tmp_path: Path) -> None:
    assert find_executable(settings(tmp_path), "conda") is None
    with pytest.raises(EnvMgrError) as caught:
        CondaCliEngine.find(settings(tmp_path), "conda")
    assert caught.value.code == "engine-missing"
    assert caught.value.detail == "conda is not on this machine"


def test_the_variable_counts_more_than_path_and_path_more_than_usual_places(
    tmp_path: Path,
) -> None:
    usual = program(tmp_path / "miniforge3" / "bin" / "conda")
    assert found(tmp_path) == usual
    path = program(tmp_path / "bin" / "conda")
    assert found(tmp_path, PATH=str(tmp_path / "bin")) == path
    named = program(tmp_path / "lab" / "condabin" / "conda")
    assert found(tmp_path, PATH=str(tmp_path / "bin"), CONDA_EXE=named) == named
    gone = str(tmp_path / "gone" / "bin" / "conda")
    assert found(tmp_path, PATH=str(tmp_path / "bin"), CONDA_EXE=gone) == path


def test_a_variable_names_one_tool_and_its_neighbour(tmp_path: Path) -> None:
    conda = program(tmp_path / "lab" / "bin" / "conda")
    mamba = program(tmp_path / "lab" / "bin" / "mamba", ELF)
    micromamba = program(tmp_path / "elsewhere" / "micromamba", ELF)
    assert found(tmp_path, "mamba", CONDA_EXE=conda) == mamba
    assert found(tmp_path, "micromamba", MAMBA_EXE=micromamba) == micromamba
    assert found(tmp_path, "mamba", MAMBA_EXE=micromamba) == ""
    assert found(tmp_path, "micromamba", CONDA_EXE=conda) == ""


def test_the_version_is_that_of_the_record_beside_it(tmp_path: Path) -> None:
    base = tmp_path / "miniforge3"
    program(base / "bin" / "conda")
    program(base / "condabin" / "mamba", ELF)
    meta = base / "conda-meta"
    meta.mkdir()
    for name in ("conda-26.7.1-py312_0", "conda-libmamba-solver-26.4.1-py_0", "mamba-2.8.1-h1_0"):
        (meta / f"{name}.json").write_text("{}")
    conda = CondaCliEngine.find(settings(tmp_path), "conda")
    mamba = CondaCliEngine.find(settings(tmp_path), "mamba")
    assert (conda.version, conda.native) == ("26.7.1", False)
    assert (mamba.version, mamba.native) == ("2.8.1", True)


def test_a_lone_micromamba_has_no_version_and_is_no_conda(tmp_path: Path) -> None:
    path = program(tmp_path / ".local" / "bin" / "micromamba", ELF)
    engine = CondaCliEngine.find(settings(tmp_path), "micromamba")
    assert engine == CondaCliEngine("micromamba", path, "", native=True)


def test_a_link_leads_to_the_installation(tmp_path: Path) -> None:
    real = program(tmp_path / "lab" / "bin" / "conda")
    (tmp_path / "lab" / "conda-meta").mkdir()
    (tmp_path / "lab" / "conda-meta" / "conda-26.7.1-py312_0.json").write_text("{}")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "conda").symlink_to(real)
    engine = CondaCliEngine.find(settings(tmp_path, PATH=str(tmp_path / "bin")), "conda")
    assert engine.version == "26.7.1"
    assert engine.executable == str(tmp_path / "bin" / "conda")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        (
            "conda",
            f"#!{sys.executable}\nfrom conda.cli.main_pip import main\n",
            "pip installed it",
        ),
        ("conda", "#!/gone/bin/python\nfrom conda.cli import main\n", "/gone/bin/python"),
        ("mamba", f"#!{sys.executable}\nfrom mamba.cli import main\n", "runs tests"),
    ],
)
def test_what_cannot_do_the_work_is_passed_over_and_said(
    tmp_path: Path, name: ExecutableName, content: str, words: str
) -> None:
    path = program(tmp_path / "bin" / name, content.encode())
    environ = {"PATH": str(tmp_path / "bin")}
    with pytest.raises(EnvMgrError) as caught:
        CondaCliEngine.find(settings(tmp_path, **environ), name)
    assert path in caught.value.detail
    assert words in caught.value.detail
    good = program(tmp_path / "miniforge3" / "bin" / name, ELF)
    assert found(tmp_path, name, **environ) == good


def test_what_may_not_be_run_is_said(tmp_path: Path) -> None:
    path = program(tmp_path / "miniforge3" / "bin" / "conda")
    os.chmod(path, 0o644)
    executable = find_executable(settings(tmp_path), "conda")
    assert executable is not None
    assert executable.why_not == "it may not be run"


def test_a_shim_of_pyenv_is_not_conda(tmp_path: Path) -> None:
    program(tmp_path / ".pyenv" / "shims" / "conda", b"#!/bin/sh\nexec pyenv exec conda\n")
    assert found(tmp_path, PATH=str(tmp_path / ".pyenv" / "shims")) == ""


def test_a_directory_of_that_name_is_nothing(tmp_path: Path) -> None:
    (tmp_path / "miniforge3" / "bin" / "conda").mkdir(parents=True)
    assert found(tmp_path) == ""


def test_a_standalone_conda_answers_as_conda_does(tmp_path: Path) -> None:
    program(tmp_path / "miniforge3" / "bin" / "conda", ELF)
    assert not CondaCliEngine.find(settings(tmp_path), "conda").native
