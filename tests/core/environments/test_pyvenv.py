"""Virtual environments: what their files say, and whether they run here."""

import os
import shutil
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.environments.disk import Disk
from jupyter_envmgr.core.environments.facts import Facts
from jupyter_envmgr.core.environments.pyvenv import follow, parse_pyvenv, read_venv
from tests.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def read(prefix: Path) -> Facts:
    facts = read_venv(Disk(), str(prefix))
    assert facts is not None
    return facts


def test_a_venv_is_ready_with_version_base_and_packages(machine: Machine) -> None:
    facts = read(machine.venv(machine.home / "v"))
    assert (facts.status, facts.reason, facts.engine) == ("ready", "", "venv")
    assert (facts.python, facts.implementation) == ("3.11.7", "CPython")
    assert facts.interpreter == str(machine.home / "v/bin/python")
    assert facts.base == str(machine.python)
    assert facts.package_count == 3
    assert facts.sees_system is False
    assert facts.created is not None
    assert facts.created.endswith("Z")


@pytest.mark.parametrize(
    ("lines", "engine", "version"),
    [
        ({"uv": "0.13.8"}, "uv", "3.11.7"),
        ({"virtualenv": "20.30", "version_info": "3.11.7.final.0"}, "virtualenv", "3.11.7"),
        ({"version": "3.13.0rc1"}, "venv", "3.13.0rc1"),
    ],
)
def test_each_maker_is_told_by_what_it_writes(
    machine: Machine, lines: dict[str, Any], engine: str, version: str
) -> None:
    base = machine.interpreter(machine.root / "other", version)
    prefix = machine.venv(machine.home / "v", base=base, **lines)
    if "version_info" in lines:
        text = (prefix / "pyvenv.cfg").read_text().replace("version-info", "version_info")
        (prefix / "pyvenv.cfg").write_text(text)
    facts = read(prefix)
    assert (facts.engine, facts.python, facts.status) == (engine, version, "ready")


def test_system_packages_are_seen_only_if_it_says_true(machine: Machine) -> None:
    prefix = machine.venv(machine.home / "v", include_system_site_packages="TRUE")
    assert read(prefix).sees_system is True


def test_system_packages_are_seen_where_nothing_is_said_as_python_does(machine: Machine) -> None:
    prefix = machine.venv(machine.home / "v")
    config = prefix / "pyvenv.cfg"
    lines = config.read_text().splitlines(keepends=True)
    config.write_text("".join(line for line in lines if "include-system" not in line))
    assert read(prefix).sees_system is True


def test_keys_are_read_as_python_reads_them() -> None:
    text = "\ufeffHome=/x=y\n  VERSION  =  3.1 \nnonsense\n= \nprompt = 'p'"
    assert parse_pyvenv(text.lstrip("\ufeff")) == {
        "home": "/x=y",
        "version": "3.1",
        "": "",
        "prompt": "'p'",
    }


def test_an_interpreter_outside_that_is_missing_makes_it_foreign(machine: Machine) -> None:
    prefix = machine.venv(machine.home / "v")
    shutil.rmtree(machine.image)
    facts = read(prefix)
    assert facts.status == "foreign"
    assert str(machine.python) in facts.reason
    assert facts.interpreter is None


def test_another_python_in_the_place_of_its_own_makes_it_foreign(machine: Machine) -> None:
    """The image's /usr/bin/python3 was 3.11 yesterday and is 3.12 today."""
    link = machine.bin / "python3"
    link.symlink_to(machine.python)
    prefix = machine.venv(machine.home / "v", base=link)
    assert read(prefix).status == "ready"
    link.unlink()
    link.symlink_to(machine.interpreter(machine.root / "newer", "3.12.1"))
    facts = read(prefix)
    assert facts.status == "foreign"
    assert "3.11" in facts.reason


def test_a_copied_interpreter_without_its_home_is_foreign(machine: Machine) -> None:
    prefix = machine.venv(machine.home / "v")
    for name in ("python", "python3"):
        (prefix / "bin" / name).unlink()
        shutil.copy(machine.python, prefix / "bin" / name)
    assert read(prefix).status == "ready"
    shutil.rmtree(machine.image)
    assert read(prefix).status == "foreign"


def test_one_made_on_windows_is_foreign(machine: Machine) -> None:
    prefix = machine.venv(machine.home / "v")
    shutil.move(prefix / "bin", prefix / "Scripts")
    assert read(prefix).status == "foreign"


def _no_bin(prefix: Path) -> None:
    shutil.rmtree(prefix / "bin")


def _dangling_inside(prefix: Path) -> None:
    (prefix / "bin/python3").unlink()


def _link_to_itself(prefix: Path) -> None:
    (prefix / "bin/python3").unlink()
    (prefix / "bin/python3").symlink_to("python")


def _directory_for_interpreter(prefix: Path) -> None:
    (prefix / "bin/python").unlink()
    (prefix / "bin/python").mkdir()


def _empty(prefix: Path) -> None:
    (prefix / "pyvenv.cfg").write_text("")


def _binary(prefix: Path) -> None:
    (prefix / "pyvenv.cfg").write_bytes(bytes(range(256)) * 100)


def _fifo(prefix: Path) -> None:
    (prefix / "pyvenv.cfg").unlink()
    os.mkfifo(prefix / "pyvenv.cfg")


def _huge(prefix: Path) -> None:
    os.truncate(prefix / "pyvenv.cfg", 0)
    os.truncate(prefix / "pyvenv.cfg", 100 << 20)


def _no_packages(prefix: Path) -> None:
    shutil.rmtree(prefix / "lib")


@pytest.mark.parametrize(
    "damage",
    [
        _no_bin,
        _dangling_inside,
        _link_to_itself,
        _directory_for_interpreter,
        _empty,
        _binary,
        _fifo,
        _huge,
        _no_packages,
    ],
)
def test_a_damaged_or_half_made_one_is_broken_with_a_reason(machine: Machine, damage) -> None:
    prefix = machine.venv(machine.home / "v")
    damage(prefix)
    facts = read(prefix)
    assert facts.status == "broken"
    assert facts.reason
    assert facts.interpreter is None


def test_a_directory_without_pyvenv_cfg_is_none(machine: Machine) -> None:
    assert read_venv(Disk(), str(machine.home)) is None
    assert read_venv(Disk(), str(machine.home / "missing")) is None


def test_a_chain_of_links_is_followed_to_what_is_missing(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("b")
    (tmp_path / "b").symlink_to(tmp_path / "x" / ".." / "gone")
    assert follow(str(tmp_path / "a"))[0] == str(tmp_path / "gone")
