"""What the command line says about a file, and what becomes of builds in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.home import Home

_OF_ANOTHER = """\
name: theirs
dependencies:
  - python=3.11.5=h0000000_0_cpython
  - numpy=1.26.0=py311haa95532_0
  - pywin32=305=py311h2bbff1b_0
"""


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    (tmp_path / "home/requirements_gpu.txt").write_text(_OF_ANOTHER)
    return Home(tmp_path / "home")


def plan(home: Home, *options: str) -> tuple[str, str]:
    """What a dry run with that file prints, and what it says besides."""
    file = str(home.path / "requirements_gpu.txt")
    code, out, err = home.run("env", "create", "demo", "--dry-run", "-f", file, *options)
    assert code == 0, err
    return out, err


def test_a_file_is_named_for_what_it_is_and_its_builds_are_said(home: Home) -> None:
    out, said = plan(home)
    assert "requirements_gpu.txt is a conda environment.yml: 3 packages" in said
    assert "--builds relax" in said
    assert "numpy=1.26.0=py311haa95532_0" in out


@pytest.mark.parametrize("choice", ["relax", "drop"])
def test_builds_are_relaxed_and_each_change_is_shown(home: Home, choice: str) -> None:
    out, said = plan(home, "--builds", choice)
    assert "- numpy=1.26.0=py311haa95532_0" in said
    assert "+ numpy==1.26.0" in said
    assert "numpy==1.26.0" in out
    assert "pywin32" not in out


def test_builds_that_are_kept_are_kept_without_a_word(home: Home) -> None:
    out, said = plan(home, "--builds", "keep")
    assert "--builds" not in said
    assert "pywin32=305=py311h2bbff1b_0" in out


def test_builds_of_this_platform_can_be_dropped_too(home: Home) -> None:
    text = "dependencies:\n  - python=3.11.5=h1_0_cpython\n  - left=1.0=0\n  - right\n"
    (home.path / "requirements_gpu.txt").write_text(text)
    out, said = plan(home)
    assert "--builds" not in said
    assert "left=1.0=0" in out
    out, said = plan(home, "--builds", "drop")
    assert "+ left==1.0" in said
    assert "python==3.11.5 left==1.0 right" in out


def test_what_is_said_about_a_file_is_no_part_of_the_envelope(home: Home) -> None:
    file = str(home.path / "requirements_gpu.txt")
    assert home.data("env", "create", "demo", "--dry-run", "-f", file)["steps"]
