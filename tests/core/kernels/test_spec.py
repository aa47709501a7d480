"""A kernelspec starts its own environment and nothing of the server's or the user site."""

from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.kernels.spec import (
    KernelTarget,
    display_name,
    kernel_environ,
    kernel_json,
    started_with,
)


def target(prefix: str = "/home/a/.envmgr/environments/x", kind: str = "venv") -> KernelTarget:
    return KernelTarget(
        id="x",
        prefix=Path(prefix),
        interpreter=Path(prefix) / "bin/python",
        kind=kind,  # type: ignore[arg-type]
        python="3.12.1",
        image="pytorch-25.03-py3",
        host="node1",
    )


def test_the_interpreter_is_absolute_and_the_connection_file_is_filled_in_by_jupyter() -> None:
    argv = kernel_json(target(), "X")["argv"]
    assert argv[0] == "/home/a/.envmgr/environments/x/bin/python"
    assert argv[-2:] == ["-f", "{connection_file}"]


def test_what_the_server_has_does_not_reach_the_kernel() -> None:
    server = {
        "PATH": "/usr/bin",
        "PYTHONPATH": "/evil",
        "PIP_USER": "1",
        "PIP_CONSTRAINT": "/etc/pip/constraint.txt",
        "PIP_TARGET": "/t",
        "OMP_NUM_THREADS": "8",
    }
    environ = started_with(kernel_json(target(), "X"), server)
    assert environ["PATH"] == "/home/a/.envmgr/environments/x/bin:/usr/bin"
    assert environ["PIP_USER"] == "0"
    assert environ["PYTHONNOUSERSITE"] == "1"
    assert not environ["PYTHONPATH"]
    assert not environ["PIP_CONSTRAINT"]
    assert not environ["PIP_TARGET"]
    assert environ["OMP_NUM_THREADS"] == "8"


def test_a_dollar_in_the_path_is_not_taken_for_a_variable() -> None:
    environ = started_with(kernel_json(target("/home/a$PATH/x"), "X"), {"PATH": "/usr/bin"})
    assert environ["PATH"] == "/home/a$PATH/x/bin:/usr/bin"
    assert environ["VIRTUAL_ENV"] == "/home/a$PATH/x"


def test_each_kind_says_which_environment_it_is() -> None:
    assert "CONDA_PREFIX" in kernel_environ(target(kind="conda"))
    assert "VIRTUAL_ENV" not in kernel_environ(target(kind="conda"))
    assert "VIRTUAL_ENV" in kernel_environ(target(kind="venv"))
    assert "VIRTUAL_ENV" not in kernel_environ(target(kind="image"))


def test_the_display_name_has_the_minor_version() -> None:
    assert display_name("3.12.1", "my-training") == "Python 3.12 (my-training)"
    assert display_name("", "x") == "Python (x)"


def test_metadata_names_environment_image_and_host() -> None:
    metadata = kernel_json(target(), "X")["metadata"]["envmgr"]
    assert metadata["environment"] == "x"
    assert metadata["image"] == "pytorch-25.03-py3"
    assert metadata["host"] == "node1"


@pytest.mark.parametrize(("python", "emptied"), [("3.6.15", False), ("3.7.16", True)])
def test_a_python_that_takes_an_empty_pythonhome_for_a_directory_gets_none(
    python: str, emptied: bool
) -> None:
    environ = kernel_environ(replace(target(), python=python))
    assert ("PYTHONHOME" in environ) == emptied


def test_pip_is_not_sent_to_another_python_root_or_constraint() -> None:
    names = ("PIP_PYTHON", "PIP_ROOT", "PIP_BUILD_CONSTRAINT")
    environ = started_with(kernel_json(target(), "X"), dict.fromkeys(names, "/elsewhere"))
    assert [environ[name] for name in names] == ["", "", ""]


def test_a_conda_kernel_is_started_by_a_launcher_beside_it_with_its_interpreter_first() -> None:
    """Who reads kernelspecs knows a kernel by argv[0]."""
    conda = target("/home/a/miniconda3/envs/x", "conda")
    argv = kernel_json(conda, "X")["argv"]
    assert argv[:2] == ["/home/a/miniconda3/envs/x/bin/python", "{resource_dir}/activate.py"]
    assert argv[-4:] == ["-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert not any("activate" in word for word in kernel_json(target(), "X")["argv"])
    environ = kernel_environ(conda)
    assert (environ["CONDA_DEFAULT_ENV"], environ["CONDA_SHLVL"]) == ("x", "1")


def test_a_dollar_in_a_conda_path_is_not_taken_for_a_variable() -> None:
    conda = target("/home/a$PATH/envs/$HOME", "conda")
    environ = started_with(kernel_json(conda, "X"), {"PATH": "/usr/bin", "HOME": "/home/a"})
    assert environ["CONDA_PREFIX"] == "/home/a$PATH/envs/$HOME"
    assert environ["CONDA_DEFAULT_ENV"] == "$HOME"
