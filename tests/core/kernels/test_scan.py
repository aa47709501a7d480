"""The kernelspecs that Jupyter finds, and whether they would start."""

import os
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.disk import Disk
from jupyter_envmgr.core.kernels.model import Kernel
from jupyter_envmgr.core.kernels.scan import FoundKernel, scan_kernels
from tests.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def scan(machine: Machine, image: str = "") -> dict[str, FoundKernel]:
    found = scan_kernels(machine.settings(), Disk(), image).kernels
    return {kernel.kernel.name: kernel for kernel in found}


def one(machine: Machine, image: str = "") -> Kernel:
    (kernel,) = scan(machine, image).values()
    return kernel.kernel


def test_a_kernel_is_listed_with_what_it_starts(machine: Machine) -> None:
    venv = machine.venv(machine.home / "v")
    directory = machine.kernel("mine", [f"{venv}/bin/python", "-m", "ipykernel_launcher"])
    found = scan(machine)["mine"]
    assert found.kernel == Kernel(
        name="mine",
        display_name="The mine",
        path=str(directory),
        managed=False,
        status="ok",
        language="python",
        interpreter=f"{venv}/bin/python",
    )
    assert found.prefix == str(venv)


def test_the_first_directory_wins_and_names_ignore_case(machine: Machine) -> None:
    machine.kernel("Python3", [str(machine.python)])
    other = machine.kernel("python3", ["/nowhere"], where=machine.image / "share/jupyter/kernels")
    assert one(machine).name == "python3"
    assert one(machine).path != str(other)


@pytest.mark.parametrize("program", ["python", "python3", "python3.11"])
def test_the_servers_own_python_is_taken_as_jupyter_takes_it(
    machine: Machine, program: str
) -> None:
    (machine.bin / program).symlink_to("/bin/true")
    machine.kernel("k", [program, "-m", "ipykernel_launcher"])
    assert one(machine).interpreter == str(machine.python)


def test_other_programs_are_looked_for_on_path(machine: Machine) -> None:
    machine.kernel("r", ["R", "--slave"], language="R")
    assert (one(machine).status, one(machine).reason) == ("dead", "R is not on PATH")
    (machine.bin / "R").touch(mode=0o755)
    kernel = one(machine)
    assert (kernel.status, kernel.language, kernel.interpreter) == ("ok", "R", None)


def test_another_minor_on_path_is_no_part_of_the_image(machine: Machine) -> None:
    program = machine.interpreter(machine.root / "opt/x", "3.12.1")
    (machine.bin / "python3.12").symlink_to(program)
    machine.kernel("k", ["python3.12"])
    assert one(machine).interpreter == str(machine.bin / "python3.12")


def test_a_missing_interpreter_is_dead_and_one_of_another_image_foreign(machine: Machine) -> None:
    gone = machine.home / "gone"
    venv = machine.venv(machine.home / "v", base=machine.interpreter(gone, "3.11.7"))
    os.rename(gone, machine.home / "moved")
    machine.kernel("dead", [f"{machine.home}/nowhere/bin/python"])
    machine.kernel("dangling", [f"{venv}/bin/python"])
    mark = {"envmgr": {"image": "torch:1", "prefix": "/opt/e", "version": 1}}
    machine.kernel("ours", ["/opt/e/bin/python"], metadata=mark)
    found = {name: k.kernel.status for name, k in scan(machine, "torch:2").items()}
    assert found == {"dead": "dead", "dangling": "foreign", "ours": "foreign"}
    assert "torch:1" in scan(machine, "torch:2")["ours"].kernel.reason
    assert scan(machine, "torch:1")["ours"].kernel.status == "dead"


def test_ours_are_managed_and_name_their_prefix(machine: Machine) -> None:
    mark = {"envmgr": {"prefix": "/opt/e"}}
    machine.kernel("ours", [str(machine.python)], metadata=mark)
    assert one(machine).managed
    assert scan(machine)["ours"].owner == "/opt/e"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'{"argv": "python"}',
        b'{"argv": []}',
        b'{"argv": [1]}',
        b'{"display_name": "x"}',
        b"\xff\xfe{}",
        b"[" * 200_000,
        b'{"argv": ["/bin/true"], "metadata": ' + b"9" * 10_000 + b"}",
    ],
)
def test_a_kernel_json_that_jupyter_could_not_use_is_broken_with_a_reason(
    machine: Machine, content: bytes
) -> None:
    (machine.kernel("k", []) / "kernel.json").write_bytes(content)
    assert one(machine).status == "broken"
    assert one(machine).reason


def test_strange_values_do_no_harm(machine: Machine) -> None:
    machine.kernel("a", ["/x\0y"], display_name="\ud800", language=7, metadata=[1])
    machine.kernel("b", [f"{machine.home}/\udcff/bin/python"], metadata={"envmgr": "yes"})
    machine.kernel("c", ["/x/\ud800/bin/python"], display_name="n" * 10_000)
    machine.kernel("d d", [str(machine.python)])
    for found in scan(machine).values():
        kernel = found.kernel
        for text in (kernel.name, kernel.display_name, kernel.reason, kernel.interpreter or ""):
            text.encode()
        assert len(kernel.display_name) <= 300
    assert scan(machine)["d d"].kernel.status == "broken"


def test_what_is_no_regular_file_is_not_opened(machine: Machine) -> None:
    (machine.kernels / "fifo").mkdir()
    os.mkfifo(machine.kernels / "fifo/kernel.json")
    (machine.kernels / "loop").symlink_to("loop")
    (machine.kernels / "file").touch()
    (machine.kernels / "empty").mkdir()
    assert (one(machine).name, one(machine).status) == ("fifo", "broken")


def test_a_provisioner_needs_no_argv(machine: Machine) -> None:
    metadata = {"kernel_provisioner": {"provisioner_name": "remote"}}
    machine.kernel("k", [], metadata=metadata)
    assert one(machine).status == "ok"


def test_a_kernel_changed_in_place_is_seen_at_the_next_look(machine: Machine) -> None:
    machine.kernel("k", ["/nowhere/python"])
    disk = Disk()
    assert scan_kernels(machine.settings(), disk).kernels[0].kernel.status == "dead"
    machine.kernel("k", [str(machine.python)])
    disk.look_again()
    assert scan_kernels(machine.settings(), disk).kernels[0].kernel.status == "ok"
