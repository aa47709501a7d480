"""The snippets do what they say, in a real shell, for an environment with any name."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.environments.elsewhere import Elsewhere, elsewhere
from jupyter_envmgr.core.environments.model import Environment, Persistence
from tests.prefixes import conda_prefix

NAMES = ("training", 'it\'s $HOME `x` "q" \\ é')


def environment(prefix: Path, kind: str, **changes: Any) -> Environment:
    made = Environment(
        id="x",
        name=prefix.name,
        kind=kind,  # type: ignore[arg-type]
        managed=True,
        status="ready",
        path=str(prefix),
        python="3.11.7",
        interpreter=str(prefix / "bin/python"),
    )
    return replace(made, **changes)


def venv(prefix: Path) -> Path:
    # Of uv: the activate script of venv breaks for odd names (CPython before 3.13.1).
    uv = Path(sys.executable).with_name("uv")
    command = [str(uv), "venv", "--quiet", "--offline", "--python", sys.executable, str(prefix)]
    subprocess.run(command, check=True)
    return prefix


def text_of(found: Elsewhere, identifier: str) -> str:
    return next(snippet.text for snippet in found.snippets if snippet.id == identifier)


def in_bash(text: str, tmp_path: Path, show: str = "", **environ: str) -> list[str]:
    """The lines that a clean bash prints. What the snippets call is on its PATH, as a recorder."""
    tools = tmp_path / "tools"
    tools.mkdir(exist_ok=True)
    for name in ("srun", "spark-submit", "scontrol"):
        body = 'printf "%s\\n" "$@"' if name == "spark-submit" else 'exec "$@"'
        body = "echo node1; echo node2" if name == "scontrol" else body
        (tools / name).write_text(f"#!/bin/sh\n{body}\n")
        (tools / name).chmod(0o755)
    variables = {"PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path), **environ}
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", f"{text}\n{show}"],
        env=variables,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


@pytest.mark.parametrize("name", NAMES)
def test_a_venvs_activate_line_gives_its_python(tmp_path: Path, name: str) -> None:
    prefix = venv(tmp_path / name)
    found = elsewhere(environment(prefix, "venv"))
    text = text_of(found, "activate")
    assert in_bash(text, tmp_path, "command -v python; echo $0")[0] == str(prefix / "bin/python")


@pytest.mark.parametrize("name", NAMES)
def test_a_conda_environment_is_activated_without_conda(tmp_path: Path, name: str) -> None:
    prefix = conda_prefix(
        tmp_path / "envs" / name,
        scripts={"b.sh": "export B=$A", "a.sh": "export A=$MINE"},
        state={"mine": 'it\'s "me" $HOME', "OFF": "***unset***"},
    )
    text = text_of(elsewhere(environment(prefix, "conda")), "activate-without-conda")
    assert 'it\'s "me"' not in text
    shown = in_bash(text, tmp_path, 'command -v python; echo "$CONDA_DEFAULT_ENV"; echo "$B"')
    assert shown == [str(prefix / "bin/python"), name, 'it\'s "me" $HOME']


def test_conda_activates_it_by_its_path(tmp_path: Path) -> None:
    prefix = conda_prefix(tmp_path / NAMES[1])
    text = text_of(elsewhere(environment(prefix, "conda")), "activate")
    assert in_bash(f'conda() {{ printf "%s\\n" "$@"; }}\n{text}', tmp_path) == [
        "activate",
        str(prefix),
    ]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["venv", "conda"])
@pytest.mark.parametrize("snippet", ["slurm", "torchrun"])
def test_a_job_runs_this_python_with_what_its_kernel_has(
    tmp_path: Path, name: str, kind: str, snippet: str
) -> None:
    place = tmp_path / name
    prefix = conda_prefix(place, scripts={"a.sh": "export A=1"}) if kind == "conda" else venv(place)
    interpreter = prefix / "bin/python"
    interpreter.unlink()
    interpreter.write_text('#!/bin/sh\necho "$0|$PYTHONNOUSERSITE|${A:-}|$*|${PYTHONPATH:-}"\n')
    interpreter.chmod(0o755)
    text = text_of(elsewhere(environment(prefix, kind)), snippet)
    variables = {"SLURM_NNODES": "2", "SLURM_JOB_ID": "7", "SLURM_JOB_NODELIST": "node[1-2]"}
    variables["PYTHONPATH"] = "/of/the/image"
    for line in in_bash(text, tmp_path, **variables):
        program, isolated, activated, words, path = line.split("|")
        assert (program, isolated) == (str(interpreter), "1")
        assert "train.py" in words
        if "--standalone" not in words:
            assert path == ""
            assert activated == ("1" if kind == "conda" else "")
            assert snippet == "slurm" or "--rdzv-endpoint=node1:29500" in words
    directives = [line for line in text.splitlines() if line.startswith("#SBATCH")]
    assert snippet == "torchrun" or "'" not in "".join(directives)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["venv", "conda"])
def test_python_snippets_are_python_that_names_this_python_for_a_shell(
    tmp_path: Path, name: str, kind: str
) -> None:
    """dask-jobqueue and Ray put the text into a line for a shell."""
    place = tmp_path / name
    prefix = conda_prefix(place) if kind == "conda" else venv(place)
    found = elsewhere(environment(prefix, kind))
    for identifier, keyword in (("dask", "python"), ("ray", "py_executable")):
        tree = ast.parse(text_of(found, identifier))
        values = {
            word.arg: word.value.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            for word in node.keywords
            if isinstance(word.value, ast.Constant)
        }
        for node in ast.walk(tree):
            if isinstance(node, ast.Dict):
                pairs = zip(node.keys, node.values, strict=True)
                values.update(
                    (k.value, v.value)  # type: ignore[misc]
                    for k, v in pairs
                    if isinstance(k, ast.Constant) and isinstance(v, ast.Constant)
                )
        shown = in_bash("printf '%s\\n' " + str(values[keyword]), tmp_path)
        assert shown == [str(prefix / "bin/python")]


@pytest.mark.parametrize("name", NAMES)
def test_spark_gets_the_python_or_the_archive(tmp_path: Path, name: str) -> None:
    prefix = conda_prefix(tmp_path / name)
    found = elsewhere(environment(prefix, "conda"), archive="it's packed.tar.gz")
    shown = in_bash(text_of(found, "spark"), tmp_path, 'echo "$PYSPARK_PYTHON"')
    assert shown[-1] == str(prefix / "bin/python")
    packed = in_bash(text_of(found, "spark-archive"), tmp_path, 'echo "$PYSPARK_PYTHON"')
    assert packed[-1] == "./environment/bin/python"
    assert "it's packed.tar.gz#environment" in packed
    on_yarn = in_bash(text_of(found, "spark-yarn"), tmp_path, PYSPARK_DRIVER_PYTHON="/mine")
    assert "it's packed.tar.gz#environment" in on_yarn
    assert "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./environment/bin/python" in on_yarn
    of_a_venv = elsewhere(environment(prefix, "venv"))
    assert "spark-archive" not in {snippet.id for snippet in of_a_venv.snippets}


def test_the_field_of_a_training_system_takes_a_conda_environment_alone(tmp_path: Path) -> None:
    prefix = conda_prefix(tmp_path / "envs" / "training")
    found = {s.id: s for s in elsewhere(environment(prefix, "conda")).snippets}
    assert found["conda-env"].text == str(prefix)
    assert found["conda-env-name"].text == "training"
    ours = conda_prefix(tmp_path / "environments" / "it's mine")
    found = {s.id: s for s in elsewhere(environment(ours, "conda")).snippets}
    assert "conda-env-name" not in found
    append = found["conda-env"].note.partition("after: ")[2]
    shown = in_bash(f'conda() {{ printf "%s\\n" "$@"; }}\n{append}', tmp_path)
    assert shown == ["config", "--append", "envs_dirs", str(ours.parent)]
    found = {s.id: s for s in elsewhere(environment(prefix, "venv")).snippets}
    assert found["conda-env"].text == f"PYTHONNOUSERSITE=1 {prefix}/bin/python train.py"


def test_the_editor_gets_json_and_the_interpreter_is_given_plainly(tmp_path: Path) -> None:
    prefix = tmp_path / NAMES[1]
    found = elsewhere(environment(prefix, "conda"))
    settings = json.loads(text_of(found, "vscode"))
    assert settings == {"python.defaultInterpreterPath": str(prefix / "bin/python")}
    assert text_of(found, "interpreter") == str(prefix / "bin/python")


def test_the_images_python_is_put_first_without_hiding_its_user_site(tmp_path: Path) -> None:
    prefix = venv(tmp_path / "image")
    found = elsewhere(environment(prefix, "image"))
    shown = in_bash(text_of(found, "activate"), tmp_path, "command -v python")
    assert shown == [str(prefix / "bin/python")]
    assert not any("PYTHONNOUSERSITE" in snippet.text for snippet in found.snippets)


def test_what_keeps_it_from_being_used_elsewhere_is_said(tmp_path: Path) -> None:
    gone = Persistence(False, "the image's layer")
    made = environment(tmp_path / "x", "venv", persistence=gone, base="/usr/bin/python3.11")
    remarks = " ".join(elsewhere(made).remarks)
    assert "goes with this container" in remarks
    assert "/usr/bin/python3.11" in remarks
    broken = environment(tmp_path / "x", "venv", interpreter=None, reason="half-made")
    found = elsewhere(broken)
    assert found.snippets == ()
    assert "half-made" in found.remarks[0]


def test_each_snippet_has_an_id_of_its_own_and_no_trailing_space(tmp_path: Path) -> None:
    for kind in ("venv", "conda", "image", "interpreter"):
        found = elsewhere(environment(tmp_path / "x", kind)).snippets
        assert len({snippet.id for snippet in found}) == len(found)
        assert all(line == line.rstrip() for s in found for line in s.text.splitlines())
