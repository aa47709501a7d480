"""A kernel of a conda environment gets what activation sets, whatever the scripts do."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.kernels.activation import (
    LAUNCHER_NAME,
    activation_scripts,
    default_name,
    environment_variables,
    start_words,
)
from jupyter_envmgr.core.kernels.launcher import LAUNCHER
from jupyter_envmgr.core.kernels.spec import KernelTarget, kernel_json, started_with
from tests.fakes import eventually
from tests.prefixes import conda_prefix, python_of

SHOW = "import json, os; print(json.dumps(dict(os.environ)))"


def target(prefix: Path) -> KernelTarget:
    python = ".".join(map(str, sys.version_info[:3]))
    return KernelTarget("x", prefix, prefix / "bin/python", "conda", python, "image", "node1")


def started(prefix: Path, **environ: str) -> Any:
    """A program started as its kernel would be, by the argv and env of its kernelspec."""
    server = {"PATH": "/usr/local/bin:/usr/bin:/bin", **environ}
    spec = kernel_json(target(prefix), "X")
    resources = prefix.parent / f"{prefix.name}-kernel"
    resources.mkdir(exist_ok=True)
    (resources / LAUNCHER_NAME).write_text(LAUNCHER)
    argv = [word.replace("{resource_dir}", str(resources)) for word in spec["argv"]]
    argv = [*argv[: argv.index("-m")], "-c", SHOW]
    errors = resources / "errors"  # a file: what a script leaves running may keep a pipe open
    with errors.open("w") as file:
        done = subprocess.run(
            argv,
            env=started_with(spec, server),
            stdout=subprocess.PIPE,
            stderr=file,
            text=True,
            check=False,
            timeout=60,
            cwd=prefix,
        )
    done.stderr = errors.read_text()
    return done


def variables(prefix: Path, **environ: str) -> dict[str, str]:
    """The variables that the program saw."""
    done = started(prefix, **environ)
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout)
    return found


def test_scripts_and_both_kinds_of_variables_reach_the_kernel(tmp_path: Path) -> None:
    prefix = conda_prefix(
        tmp_path / "envs" / "x",
        scripts={
            "b.sh": 'export ORDER="${ORDER}b"; export GDAL_DATA="$CONDA_PREFIX/share/gdal"',
            "a.sh": 'export ORDER="a"; export FROM_STATE="$MY_STATE"',
            "c.fish": "set -gx FISH 1",
        },
        packages={"p.json": json.dumps({"PACKAGE": "1", "BOTH": "package"})},
        state={"my_state": "of the environment", "BOTH": "state", "NUMBER": 3},
    )
    found = variables(prefix, GDAL_DATA="/image/gdal")
    assert found["ORDER"] == "ab"
    assert found["GDAL_DATA"] == f"{prefix}/share/gdal"
    assert found["MY_STATE"] == found["FROM_STATE"] == "of the environment"
    assert (found["PACKAGE"], found["BOTH"], found["NUMBER"]) == ("1", "state", "3")
    assert "FISH" not in found
    assert found["CONDA_PREFIX"] == str(prefix)
    assert (found["CONDA_DEFAULT_ENV"], found["CONDA_SHLVL"]) == ("x", "1")
    assert found["CONDA_PROMPT_MODIFIER"] == "(x) "
    assert found["PATH"] == f"{prefix}/bin:/usr/local/bin:/usr/bin:/bin"


def test_what_a_script_adds_to_is_the_servers_of_that_very_moment(tmp_path: Path) -> None:
    add = 'export LD_LIBRARY_PATH="$CONDA_PREFIX/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}"'
    prefix = conda_prefix(tmp_path / "x", scripts={"a.sh": add + '; PATH="/mine:$PATH"'})
    assert variables(prefix)["LD_LIBRARY_PATH"] == f"{prefix}/lib"
    found = variables(prefix, LD_LIBRARY_PATH="/usr/local/cuda/lib64")
    assert found["LD_LIBRARY_PATH"] == f"{prefix}/lib:/usr/local/cuda/lib64"
    assert found["PATH"].startswith(f"/mine:{prefix}/bin:")


def test_a_variable_set_after_the_kernel_was_registered_is_there_at_the_next_start(
    tmp_path: Path,
) -> None:
    prefix = conda_prefix(tmp_path / "x")
    before = kernel_json(target(prefix), "X")
    assert "LATER" not in variables(prefix)
    (prefix / "conda-meta/state").write_text(json.dumps({"env_vars": {"LATER": "yes"}}))
    assert variables(prefix)["LATER"] == "yes"
    assert kernel_json(target(prefix), "X") == before


def test_a_token_that_activation_sets_is_in_no_kernelspec(tmp_path: Path) -> None:
    prefix = conda_prefix(
        tmp_path / "x", scripts={"a.sh": "export TOKEN=s3cret"}, state={"KEY": "s3cret"}
    )
    found = variables(prefix)
    assert (found["TOKEN"], found["KEY"]) == ("s3cret", "s3cret")
    assert "s3cret" not in json.dumps(kernel_json(target(prefix), "X"))


def test_activation_does_not_bring_the_user_site_back(tmp_path: Path) -> None:
    prefix = conda_prefix(
        tmp_path / "x",
        scripts={"a.sh": "unset PYTHONNOUSERSITE; export PIP_USER=1 PYTHONPATH=/theirs"},
        state={"PYTHONNOUSERSITE": ""},
    )
    found = variables(prefix)
    assert (found["PYTHONNOUSERSITE"], found["PIP_USER"]) == ("1", "0")
    assert found["PYTHONPATH"] == "/theirs"


def test_what_is_unset_is_gone(tmp_path: Path) -> None:
    prefix = conda_prefix(
        tmp_path / "x",
        scripts={"a.sh": "unset OF_THE_SERVER"},
        state={"ALSO": None, "UNTOUCHED": "***unset***"},
    )
    found = variables(prefix, OF_THE_SERVER="1", ALSO="1", UNTOUCHED="1")
    assert "OF_THE_SERVER" not in found
    assert "ALSO" not in found
    assert found["UNTOUCHED"] == "1"


def test_the_environment_that_the_server_runs_in_is_left_first(tmp_path: Path) -> None:
    """As conda does it: else the data of its libraries lead those of the kernel astray."""
    outer = conda_prefix(tmp_path / "base")
    (outer / "etc/conda/deactivate.d").mkdir(parents=True)
    for name, text in (
        ("a.sh", "export LEFT=${LEFT}a$CONDA_PREFIX"),
        ("b.sh", "LEFT=b; unset PROJ"),
    ):
        (outer / "etc/conda/deactivate.d" / name).write_text(text + "\nexport LEFT")
    prefix = conda_prefix(tmp_path / "x", scripts={"a.sh": "export SAW=$LEFT-$CONDA_PREFIX"})
    found = variables(prefix, CONDA_PREFIX=str(outer), PROJ="/opt/base/proj")
    assert "PROJ" not in found
    assert found["SAW"] == f"ba{outer}-{prefix}"
    assert found["CONDA_PREFIX"] == str(prefix)
    assert "ENVMGR_OUTER_PREFIX" not in found
    assert "VIRTUAL_ENV" not in variables(prefix, VIRTUAL_ENV="/opt/jupyter")
    same = variables(outer, CONDA_PREFIX=str(outer), PROJ="/opt/base/proj")
    assert same["PROJ"] == "/opt/base/proj"


def test_odd_values_and_names_come_through_whole(tmp_path: Path) -> None:
    value = "a'b\"c$HOME `x` \\ \n\x1b[1m é\u20ac="
    prefix = conda_prefix(
        tmp_path / "it's $HOME `x`",
        scripts={
            "it's a $(touch no).sh": "export ODD; CONDA_HERE=$CONDA_PREFIX; export CONDA_HERE"
        },
        state={"ODD": value, "A=B": "no", "": "no"},
    )
    found = variables(prefix, **{"dotted.name": "kept"})
    assert found["ODD"] == value
    assert found["CONDA_HERE"] == str(prefix)
    assert found["dotted.name"] == "kept"
    assert not list(tmp_path.rglob("no"))


@pytest.mark.parametrize(
    "bad",
    [
        "exit 3",
        "set -e; false",
        "set -u; echo $NOT_THERE_AT_ALL",
        "if true; then\n",
        "echo loud; echo noise >&2; printf '\\0\\0A=B\\0'",
        "cd /; exec 3>&-",
        "read line; cat",
        "trap '' INT; trap - EXIT",
        "PATH=",
        "sleep 20 & export STARTED=1",
    ],
)
def test_a_script_that_misbehaves_does_not_keep_the_kernel_from_starting(
    tmp_path: Path, bad: str
) -> None:
    prefix = conda_prefix(
        tmp_path / "x", scripts={"a.sh": "export BEFORE=1", "b.sh": bad}, state={"STATE": "1"}
    )
    begun = time.monotonic()
    done = started(prefix)
    assert time.monotonic() - begun < 15
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)  # nothing else was printed there
    assert (found["BEFORE"], found["STATE"]) == ("1", "1")
    assert "A" not in found


@pytest.mark.parametrize("bad", ["exec sleep 300", "while :; do :; done", "kill -9 $$"])
def test_a_script_that_hangs_or_dies_is_left_out_and_said_so(tmp_path: Path, bad: str) -> None:
    prefix = conda_prefix(tmp_path / "x", scripts={"a.sh": bad}, state={"STATE": "1"})
    done = started(prefix, ENVMGR_ACTIVATION_SECONDS="1")
    found = json.loads(done.stdout)
    assert found["STATE"] == "1"
    assert "ENVMGR_ACTIVATION_SECONDS" not in found
    assert "left out" in done.stderr


def test_files_that_are_no_json_are_named_and_the_kernel_starts(tmp_path: Path) -> None:
    prefix = conda_prefix(
        tmp_path / "x", packages={"a.json": "{", "b.json": "[1]", "c.json": '{"GOOD": "1"}'}
    )
    (prefix / "conda-meta/state").write_text('{"env_vars": 3}')
    os.mkfifo(prefix / "etc/conda/env_vars.d/d.json")
    done = started(prefix)
    assert json.loads(done.stdout)["GOOD"] == "1"
    assert "a.json" in done.stderr


def test_the_process_that_jupyter_started_is_the_kernel_and_hears_its_signals(
    tmp_path: Path,
) -> None:
    prefix = conda_prefix(tmp_path / "x", scripts={"a.sh": "trap '' INT; export A=1"})
    sleep = (
        "import os, time\ntry:\n    print(os.getpid(), flush=True)\n    time.sleep(60)\n"
        "except KeyboardInterrupt:\n    print('interrupted')\n"
    )
    words = start_words("conda", str(prefix / "bin/python"), "-c", sleep)
    environ = started_with(kernel_json(target(prefix), ""), {"PATH": "/usr/bin:/bin"})
    with subprocess.Popen(words, env=environ, stdout=subprocess.PIPE, text=True) as kernel:
        assert kernel.stdout is not None
        assert int(kernel.stdout.readline()) == kernel.pid
        kernel.send_signal(signal.SIGINT)
        assert kernel.stdout.readline() == "interrupted\n"


def test_a_daemon_that_a_script_starts_does_not_hold_the_kernel_up(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    prefix = conda_prefix(tmp_path / "x", scripts={"a.sh": f"sleep 300 & echo $! >'{pid}'"})
    try:
        assert "CONDA_PREFIX" in variables(prefix, ENVMGR_ACTIVATION_SECONDS="10")
    finally:
        os.kill(int(eventually(pid.read_text, "the script ran")), signal.SIGKILL)


@pytest.mark.parametrize("minor", ["2.7", "3.6", "3.13"])
def test_older_and_newer_pythons_start_so_too(tmp_path: Path, minor: str) -> None:
    python = python_of(minor)
    if python is None:
        pytest.skip(f"there is no Python {minor}")
    prefix = conda_prefix(
        tmp_path / "x", python=python, scripts={"a.sh": "export A=1"}, state={"B": "é"}
    )
    program = "import os, sys; print('%d.%d' % sys.version_info[:2] + os.environ['A'])"
    words = start_words("conda", str(prefix / "bin/python"), "-c", program)
    environ = {"PATH": "/usr/bin:/bin", "CONDA_PREFIX": str(prefix), "LC_ALL": "C.UTF-8"}
    done = subprocess.run(words, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"{minor}1\n"


def test_conda_calls_them_by_name_below_envs_by_path_elsewhere_and_base(tmp_path: Path) -> None:
    assert default_name("/home/a/miniconda3/envs/x") == "x"
    assert default_name("/home/a/.envmgr/environments/x") == "/home/a/.envmgr/environments/x"
    (tmp_path / "condabin").mkdir()
    (tmp_path / "condabin/conda").write_text("")
    assert default_name(str(tmp_path)) == "base"


def test_the_same_is_read_without_running_anything(tmp_path: Path) -> None:
    prefix = conda_prefix(
        tmp_path / "x",
        scripts={"b.sh": "", "a.sh": "", "c.fish": ""},
        packages={"p.json": '{"PATH": "/no", "a": "1"}', "q.json": "{"},
        state={"NONE": None, "OFF": "***unset***"},
    )
    names = [Path(path).name for path in activation_scripts(str(prefix))]
    assert names == ["a.sh", "b.sh"]
    assert environment_variables(str(prefix)) == {"A": "1", "NONE": None}
    assert environment_variables(str(tmp_path)) == {}
