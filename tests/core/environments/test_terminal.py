"""A terminal for an environment: active in the person's own shell, with conda here or without."""

from __future__ import annotations

import json
import os
import pty
import select
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.terminal import shell_of, terminal_start
from jupyter_envmgr.core.kernels.spec import KernelTarget
from tests.prefixes import conda_prefix

SHELLS = ("bash", "sh", "zsh", "fish")


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """The path of a shell that is here."""
    path: str | None = shutil.which(request.param)
    if path is None:
        pytest.skip(f"there is no {request.param} here")
    return path


def target(prefix: Path, kind: str) -> KernelTarget:
    return KernelTarget("x", prefix, prefix / "bin/python", kind, "3.11.1", "", "")  # type: ignore[arg-type]


def venv(prefix: Path) -> Path:
    command = [sys.executable, "-m", "venv", "--without-pip", str(prefix)]
    subprocess.run(command, check=True)
    return prefix


def open_terminal(
    made: KernelTarget, home: Path, shell: str, typed: str, **environ: str
) -> dict[str, str]:
    """Open a terminal as Jupyter does, type a line into it, and read what that wrote."""
    home.mkdir(exist_ok=True)
    place = home / ".envmgr/it's a cache"
    place.mkdir(parents=True, exist_ok=True)
    variables = {"HOME": str(home), "SHELL": shell, "PATH": os.environ["PATH"], "TERM": "dumb"}
    variables.update(environ)
    start = terminal_start(made, "training", place, variables)
    for name, text in start.files.items():
        (place / name).write_text(text)
    answer = home / "answer"
    answer.unlink(missing_ok=True)
    lines = f"{typed}; env -0 >'{answer}.part'; mv '{answer}.part' '{answer}'; exit\n"
    said = _on_a_terminal(start.command.argv, variables, lines, answer)
    assert answer.exists(), said
    rows = answer.read_bytes().decode().split("\0")
    return dict(row.split("=", 1) for row in rows if "=" in row)


def _on_a_terminal(
    argv: tuple[str, ...], environ: Mapping[str, str], typed: str, answer: Path
) -> str:
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            os.execve(argv[0], argv, dict(environ))
        finally:
            os._exit(127)
    os.write(terminal, typed.encode())
    said, end = b"", time.monotonic() + 30
    try:
        while not answer.exists() and time.monotonic() < end:
            if select.select([terminal], [], [], 0.05)[0]:
                try:
                    said += os.read(terminal, 65536)
                except OSError:
                    break
    finally:
        os.close(terminal)
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return said.decode("utf-8", "replace")


def test_a_venv_is_active(tmp_path: Path, shell: str) -> None:
    prefix = venv(tmp_path / "it's $HOME `x`")
    found = open_terminal(
        target(prefix, "venv"), tmp_path / "home", shell, "true", PYTHONPATH="/no"
    )
    assert found["VIRTUAL_ENV"] == str(prefix)
    assert shutil.which("python", path=found["PATH"]) == str(prefix / "bin/python")
    assert (found["PYTHONNOUSERSITE"], found["PIP_USER"]) == ("1", "0")
    assert "PYTHONPATH" not in found


def test_a_venv_that_was_moved_is_the_one_that_is_active(tmp_path: Path, shell: str) -> None:
    prefix = venv(tmp_path / "before").rename(tmp_path / "after")
    found = open_terminal(target(prefix, "venv"), tmp_path / "home", shell, "true")
    assert found["VIRTUAL_ENV"] == str(prefix)
    assert shutil.which("python", path=found["PATH"]) == str(prefix / "bin/python")


def test_a_conda_environment_is_active_without_conda(tmp_path: Path, shell: str) -> None:
    ending = "fish" if shell.endswith("fish") else "sh"
    script = "set -gx A $MY_STATE" if ending == "fish" else 'export A="$MY_STATE"'
    prefix = conda_prefix(
        tmp_path / "envs" / "it's x",
        scripts={f"a b.{ending}": script},
        state={"my_state": "it's \\ here", "GONE": None, "bad-name": "1"},
    )
    server = {"GONE": "1", "VIRTUAL_ENV": "/opt/jupyter"}
    found = open_terminal(target(prefix, "conda"), tmp_path / "home", shell, "true", **server)
    assert "VIRTUAL_ENV" not in found
    assert found["CONDA_PREFIX"] == str(prefix)
    assert (found["CONDA_DEFAULT_ENV"], found["CONDA_SHLVL"]) == ("it's x", "1")
    assert found["A"] == found["MY_STATE"] == "it's \\ here"
    assert "GONE" not in found
    assert found["PYTHONNOUSERSITE"] == "1"
    assert shutil.which("python", path=found["PATH"]) == str(prefix / "bin/python")


CONDA = """\
conda() {
  [ "$1" = activate ] || return 1
  export CONDA_PREFIX="$2" BY_CONDA=1 PATH="$2/bin:$PATH"
}
export PATH="/opt/base/bin:$PATH" CONDA_PREFIX=/opt/base CONDA_SHLVL=1
"""


@pytest.mark.parametrize("name", [".bashrc", ".bash_profile", ".profile"])
def test_a_conda_that_the_person_has_set_up_does_it(tmp_path: Path, name: str) -> None:
    """`conda deactivate` works then as they know it."""
    home = tmp_path / "home"
    home.mkdir()
    (home / name).write_text(CONDA)
    prefix = conda_prefix(tmp_path / "x", scripts={"a.sh": "export A=ours"})
    found = open_terminal(target(prefix, "conda"), home, "/bin/bash", "true")
    assert (found["BY_CONDA"], found["CONDA_PREFIX"]) == ("1", str(prefix))
    assert "A" not in found  # that conda would have run it


def test_a_conda_that_fails_is_made_up_for(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / ".bashrc").write_text("conda() { echo broken; return 1; }\n")
    prefix = conda_prefix(tmp_path / "x", scripts={"a.sh": "export A=ours"})
    found = open_terminal(target(prefix, "conda"), home, "/bin/bash", "true")
    assert (found["A"], found["CONDA_PREFIX"]) == ("ours", str(prefix))


def test_what_the_persons_own_files_set_is_there(tmp_path: Path, shell: str) -> None:
    home = tmp_path / "home"
    (home / ".config/fish").mkdir(parents=True)
    (home / ".config/fish/config.fish").write_text("set -gx MINE 1\nset -gx PATH /mine $PATH\n")
    for name in (".bash_profile", ".profile", ".zshrc"):
        (home / name).write_text("export MINE=1 PATH=/mine:$PATH\n")
    prefix = venv(tmp_path / "x")
    found = open_terminal(target(prefix, "venv"), home, shell, "true")
    assert found["MINE"] == "1"
    assert found["PATH"].split(":")[:2] == [str(prefix / "bin"), "/mine"]
    assert "ENVMGR_ZDOTDIR" not in found
    assert "ZDOTDIR" not in found
    assert "ENV" not in found


def test_a_venv_can_be_left_again(tmp_path: Path, shell: str) -> None:
    prefix = venv(tmp_path / "x")
    found = open_terminal(target(prefix, "venv"), tmp_path / "home", shell, "deactivate")
    assert "VIRTUAL_ENV" not in found
    assert str(prefix / "bin") not in found["PATH"].split(":")


def test_the_images_python_comes_first_and_keeps_its_user_site(tmp_path: Path, shell: str) -> None:
    prefix = venv(tmp_path / "x")
    image = target(prefix, "image")
    found = open_terminal(image, tmp_path / "home", shell, "true", PYTHONPATH="/of/the/image")
    assert found["PYTHONPATH"] == "/of/the/image"
    assert found["PATH"].split(":")[0] == str(prefix / "bin")
    assert "PYTHONNOUSERSITE" not in found


def test_a_shell_that_is_not_known_or_not_here_gives_way_to_bash() -> None:
    assert shell_of({"SHELL": "/bin/tcsh"})[0] == "bash"
    assert shell_of({"SHELL": "/nowhere/zsh"})[0] == "bash"
    assert shell_of({"SHELL": "/bin/sh"}) == ("sh", "/bin/sh")


def test_the_line_activates_in_a_shell_that_is_open(tmp_path: Path) -> None:
    prefix = conda_prefix(tmp_path / "x", state={"A": "1"})
    place = tmp_path / "it's here"
    place.mkdir()
    start = terminal_start(target(prefix, "conda"), "x", place, {"SHELL": "/bin/bash"})
    for name, text in start.files.items():
        (place / name).write_text(text)
    show = f'{start.command.line}; command -v python; echo "$A"'
    done = subprocess.run(["bash", "-c", show], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [str(prefix / "bin/python"), "1"]
    assert json.dumps(start.command.argv)  # plain words, for the body of a request
