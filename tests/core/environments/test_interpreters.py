"""The Pythons of a machine: each once, with its full version, the image's first."""

from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.disk import Disk
from jupyter_envmgr.core.environments.interpreters import (
    Program,
    find_interpreters,
    scan_programs,
)
from jupyter_envmgr.core.environments.model import Interpreter
from jupyter_envmgr.core.environments.mounts import Mounts
from jupyter_envmgr.core.environments.versions import interpreter_version
from jupyter_envmgr.core.settings import Settings
from tests.machine import Machine, settle


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def programs(machine: Machine, settings: Settings | None = None) -> list[Program]:
    """Those of the machine made of files; the real one below it has its own."""
    found = scan_programs(settings or machine.settings(), Disk())
    return [p for p in found if p.path.startswith(str(machine.root))]


def bases(machine: Machine) -> list[Interpreter]:
    found = find_interpreters(machine.settings(), Mounts((), ""))
    return [i for i in found if (i.path or "").startswith(str(machine.root))]


def test_every_place_is_looked_at_and_each_interpreter_listed_once(machine: Machine) -> None:
    home = machine.home
    for version in ("3.9.18", "3.12.1"):
        machine.interpreter(home / ".pyenv/versions" / version, version)
    machine.interpreter(
        home / ".local/share/uv/python/cpython-3.13.0-linux-x86_64-gnu", "3.13.0", headers=False
    )
    machine.interpreter(home / ".asdf/installs/python/3.10.4", "3.10.4")
    machine.interpreter(machine.conda(home / "miniconda3"), "3.12.1")
    (machine.bin / "python3.9").symlink_to(home / ".pyenv/versions/3.9.18/bin/python3")
    (machine.bin / "python3").symlink_to(machine.python)
    found = {p.version: p.source for p in programs(machine)}
    assert [p.version for p in programs(machine)] == [
        "3.11.7",
        "3.13.0",
        "3.12.1",
        "3.12.1",
        "3.10.4",
        "3.9.18",
    ]
    assert found["3.9.18"] == "pyenv"
    assert found["3.13.0"] == "uv"
    assert {p.source for p in programs(machine) if p.version == "3.12.1"} == {"pyenv", "conda"}


def test_the_images_python_is_first_and_the_default(machine: Machine) -> None:
    machine.interpreter(machine.home / ".pyenv/versions/3.13.0", "3.13.0")
    assert [(i.version, i.default) for i in bases(machine)] == [
        ("3.11.7", True),
        ("3.13.0", False),
    ]


def test_a_python_too_old_for_environments_is_found_but_not_offered(machine: Machine) -> None:
    machine.interpreter(machine.home / ".pyenv/versions/2.7.18", "2.7.18")
    machine.interpreter(machine.home / ".pyenv/versions/3.6.15", "3.6.15")
    assert [p.version for p in programs(machine)] == ["3.11.7", "3.6.15", "2.7.18"]
    assert [i.version for i in bases(machine)] == ["3.11.7", "3.6.15"]


def test_shims_links_to_other_programs_and_venvs_are_no_interpreters(machine: Machine) -> None:
    shim = machine.bin / "python3"
    shim.write_text("#!/usr/bin/env bash\nexec pyenv exec python3\n")
    shim.chmod(0o755)
    mise = machine.root / "mise"
    mise.write_bytes(b"\x7fELF")
    mise.chmod(0o755)
    (machine.bin / "python3.12").symlink_to(mise)
    (machine.bin / "python3.10").symlink_to("python3.10")
    (machine.bin / "python").mkdir()
    plain = machine.bin / "python3.8"
    plain.write_bytes(b"\x7fELF")
    venv = machine.venv(machine.home / "v")
    settings = machine.settings(environ={"PATH": f"{machine.bin}:{venv}/bin:relative::"})
    assert [p.path for p in programs(machine, settings)] == [str(machine.python)]


def test_a_second_name_of_one_interpreter_counts_once(machine: Machine) -> None:
    program = machine.interpreter(machine.home / ".pyenv/versions/3.7.16", "3.7.16")
    (program.parent / "python3.7m").hardlink_to(program)
    assert [p.path for p in programs(machine) if p.version == "3.7.16"] == [str(program)]


def test_where_the_image_is_a_venv_what_it_stands_on_is_the_base(machine: Machine) -> None:
    venv = machine.venv(machine.root / "app")
    settings = machine.settings(image_prefix=venv, image_interpreter=venv / "bin/python")
    assert [(p.path, p.is_image) for p in programs(machine, settings)] == [
        (str(machine.python), True)
    ]


@pytest.mark.parametrize("headers", [True, False])
def test_the_version_comes_from_headers_or_the_binary_itself(
    machine: Machine, headers: bool
) -> None:
    program = machine.interpreter(machine.root / "opt/x", "3.12.10rc2", headers=headers)
    assert interpreter_version(Disk(), str(program)) == "3.12.10rc2"


def test_a_version_across_two_pieces_of_a_large_binary_is_found(machine: Machine) -> None:
    program = machine.interpreter(machine.root / "opt/x", "3.12.10", headers=False)
    program.write_bytes(b"\x7fELF" + bytes((1 << 20) - 8) + b"3.12.10\0" + bytes(100))
    assert interpreter_version(Disk(), str(program)) == "3.12.10"


def test_the_version_of_another_python_in_the_same_prefix_is_not_taken(machine: Machine) -> None:
    one = machine.interpreter(machine.root / "usr", "3.1.5")
    eleven = machine.interpreter(machine.root / "usr", "3.11.2")
    bare = machine.interpreter(machine.root / "usr", "3.12.4", headers=False)
    disk = Disk()
    assert [interpreter_version(disk, str(p)) for p in (one, eleven, bare)] == [
        "3.1.5",
        "3.11.2",
        "3.12.4",
    ]


def test_where_nothing_tells_more_the_name_tells_the_minor(machine: Machine) -> None:
    program = machine.interpreter(machine.root / "opt/x", "3.12.1", headers=False)
    program.write_bytes(b"\x7fELF")
    assert interpreter_version(Disk(), str(program)) == "3.12"


def test_an_interpreter_installed_later_is_seen_at_the_next_look(machine: Machine) -> None:
    (machine.home / ".pyenv/versions").mkdir(parents=True)
    settle(machine.root)
    disk = Disk()
    before = scan_programs(machine.settings(), disk)
    machine.interpreter(machine.home / ".pyenv/versions/3.13.0", "3.13.0")
    disk.look_again()
    after = scan_programs(machine.settings(), disk)
    assert {p.version for p in after} - {p.version for p in before} <= {"3.13.0"}
    assert str(machine.home / ".pyenv/versions/3.13.0/bin/python3.13") in {p.path for p in after}


def test_one_upgraded_in_place_is_seen_with_its_new_version(machine: Machine) -> None:
    program = machine.interpreter(machine.root / "opt/x", "3.12.1")
    settle(machine.root)
    disk = Disk()
    assert interpreter_version(disk, str(program)) == "3.12.1"
    machine.interpreter(machine.root / "opt/x", "3.12.2")
    disk.look_again()
    assert interpreter_version(disk, str(program)) == "3.12.2"
