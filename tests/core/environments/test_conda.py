"""Conda environments and where they are kept, from conda's own files."""

from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.condarc_files import expanded
from jupyter_envmgr.core.environments.conda_prefix import read_conda
from jupyter_envmgr.core.environments.conda_roots import envs_dirs, find_conda_roots
from jupyter_envmgr.core.environments.disk import Disk
from tests.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_conda_environment_is_ready_with_version_and_maker(machine: Machine) -> None:
    facts = read_conda(Disk(), str(machine.conda(machine.home / "c")))
    assert facts is not None
    assert (facts.status, facts.python, facts.engine) == ("ready", "3.12.1", "mamba")
    assert facts.engine_version == "24.1.0"
    assert facts.package_count == 4
    assert facts.created is not None
    assert facts.created.startswith("2026-01-3")
    assert facts.interpreter == str(machine.home / "c/bin/python")


def test_one_without_python_is_ready_and_says_that_it_has_none(machine: Machine) -> None:
    facts = read_conda(Disk(), str(machine.conda(machine.home / "r", python=None)))
    assert facts is not None
    assert (facts.status, facts.python, facts.interpreter) == ("ready", "", None)
    assert facts.reason == "it has no Python"


def test_one_without_history_is_half_made(machine: Machine) -> None:
    prefix = machine.conda(machine.home / "c")
    (prefix / "conda-meta/history").unlink()
    facts = read_conda(Disk(), str(prefix))
    assert facts is not None
    assert facts.status == "broken"
    assert "half-made" in facts.reason


def test_pixi_needs_no_history(machine: Machine) -> None:
    prefix = machine.conda(machine.home / "c")
    (prefix / "conda-meta/history").unlink()
    (prefix / "conda-meta/pixi").touch()
    facts = read_conda(Disk(), str(prefix))
    assert facts is not None
    assert (facts.status, facts.engine) == ("ready", "pixi")


def test_one_whose_python_is_gone_is_broken(machine: Machine) -> None:
    prefix = machine.conda(machine.home / "c")
    (prefix / "bin/python3.12").unlink()
    facts = read_conda(Disk(), str(prefix))
    assert facts is not None
    assert facts.status == "broken"


def test_a_package_that_only_begins_like_python_is_not_python(machine: Machine) -> None:
    prefix = machine.conda(machine.home / "c", python=None)
    for name in ("python-dateutil-2.9.0-pyh_0", "python_abi-3.12-5_cp312", "x", "a-b"):
        (prefix / f"conda-meta/{name}.json").touch()
    facts = read_conda(Disk(), str(prefix))
    assert facts is not None
    assert facts.python == ""


def test_pypy_is_told_by_its_build(machine: Machine) -> None:
    prefix = machine.conda(machine.home / "c", python=None)
    (prefix / "conda-meta/python-3.9.18-0_73_pypy.json").touch()
    machine.interpreter(prefix, "3.9.18")
    facts = read_conda(Disk(), str(prefix))
    assert facts is not None
    assert facts.implementation == "PyPy"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ()),
        ("envs_dirs:\n  - /a\n  - ~/b   # mine\n", ("/a", "~/b")),
        ("envs_dirs:\n- /a\n# comment\n\n- '/b c'\npkgs_dirs:\n- /pkgs\n", ("/a", "/b c")),
        ('"envs_dirs": ["/a", /b,\n  \'/c\']\n', ("/a", "/b", "/c")),
        ("envs_dirs: [/a, /b#c] # d\n", ("/a", "/b#c")),
        ("envs_path: /a\n", ("/a",)),
        ("pkgs_dirs:\n  - /pkgs\nchannels: [defaults]\n", ()),
        ("  envs_dirs:\n  - /nested\n", ()),
        ("envs_dirs:\n  - /a\nenvs_dirs: {bad yaml\n\t- /b", ("/a", "{bad yaml")),
        ("envs_dirs: [\n" + "/x,\n" * 3, ("/x",)),
        ("envs_dirs:", ()),
        ("envs_dirs: []", ()),
    ],
)
def test_the_list_of_directories_is_read_in_both_forms(
    text: str, expected: tuple[str, ...]
) -> None:
    assert envs_dirs(text) == expected


def test_a_tilde_and_variables_are_filled_in_and_relative_paths_left_out() -> None:
    environ = {"SCRATCH": "/scratch/ada"}
    assert expanded("~/envs", environ, "/home/ada") == "/home/ada/envs"
    assert expanded("$SCRATCH/e", environ, "/h") == "/scratch/ada/e"
    assert expanded("${SCRATCH}/../e", environ, "/h") == "/scratch/e"
    assert expanded("$UNKNOWN/e", environ, "/h") == ""
    assert expanded("relative", environ, "/h") == ""
    assert expanded("", environ, "/h") == ""


def test_every_file_and_variable_of_conda_is_heard(machine: Machine) -> None:
    home = machine.home
    (home / ".condarc").write_text("envs_dirs:\n  - $SCRATCH/from-condarc\n")
    (home / ".conda").mkdir()
    (home / ".conda/condarc").write_text("envs_dirs: [/from/conda-condarc]\n")
    (home / ".conda/environments.txt").write_text("/noted/one\n\nrelative\n/noted/one\n")
    base = machine.root / "opt/forge"
    (base / "condarc.d").mkdir(parents=True)
    (base / "condarc.d/site.yml").write_text("envs_dirs:\n- /from/site\n")
    (machine.root / "my.rc").write_text("envs_dirs:\n- /from/condarc-variable\n")
    environ = {
        "SCRATCH": "/scratch",
        "CONDA_ENVS_PATH": "/from/path:/from/path2",
        "CONDA_ENVS_DIRS": "/from/dirs",
        "CONDA_EXE": str(base / "bin/conda"),
        "MAMBA_ROOT_PREFIX": "/from/mamba",
        "CONDARC": str(machine.root / "my.rc"),
    }
    roots = find_conda_roots(machine.settings(environ=environ), Disk())
    directories = {path for path, _ in roots.directories}
    assert directories >= {
        "/scratch/from-condarc",
        "/from/conda-condarc",
        "/from/site",
        "/from/condarc-variable",
        "/from/path",
        "/from/path2",
        "/from/dirs",
        "/from/mamba/envs",
        str(base / "envs"),
        str(home / "miniconda3/envs"),
    }
    assert roots.noted == ("/noted/one",)
    assert str(base) in roots.bases
