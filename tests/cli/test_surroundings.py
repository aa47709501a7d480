"""Creates under everything that a server's surroundings can do to pip, uv and Python."""

from __future__ import annotations

import json
import os
import string
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.home import Home
from tests.index.server import LocalIndex
from tests.index.wheels import wheel

BENT = """
[global]
user = true
target = {home}/target
prefix = {home}/prefix
constraint = {home}/is-not-there.txt
require-virtualenv = true
[install]
user = yes
"""


@pytest.fixture
def home(tmp_path: Path, local_index: LocalIndex) -> Home:
    made = Home(tmp_path / "home")
    made.path.mkdir()
    (made.path / "constraints.txt").write_text("alpha==0.1\n")
    leak = made.path / "leak/ipykernel/__init__.py"
    leak.parent.mkdir(parents=True)
    leak.write_text("raise RuntimeError('PYTHONPATH has leaked')")
    local_index.add(wheel("alpha"), wheel("beta"), wheel("gamma"))
    return made


def variables(home: Home) -> dict[str, str]:
    """What would send pip, uv or Python elsewhere."""
    elsewhere, gone = str(home.path / "elsewhere"), "/is/not/there"
    constraints = str(home.path / "constraints.txt")
    return {
        **dict.fromkeys(("PIP_USER", "PIP_REQUIRE_VIRTUALENV", "PIP_NO_DEPS"), "1"),
        **dict.fromkeys(("PIP_TARGET", "PIP_PREFIX", "PIP_ROOT"), elsewhere),
        "PIP_PYTHON": "/usr/bin/python3",
        "PIP_CONSTRAINT": constraints,
        "PYTHONPATH": str(home.path / "leak"),
        "PYTHONUSERBASE": elsewhere,
        "PYTHONSTARTUP": gone,
        **dict.fromkeys(("UV_SYSTEM_PYTHON", "UV_NO_BINARY", "UV_REQUIRE_HASHES"), "1"),
        **dict.fromkeys(("UV_TARGET", "UV_PREFIX", "UV_PROJECT_ENVIRONMENT"), elsewhere),
        **dict.fromkeys(("UV_CONSTRAINT", "UV_OVERRIDE"), constraints),
        **dict.fromkeys(("UV_CONFIG_FILE", "UV_ENV_FILE", "UV_WORKING_DIRECTORY"), gone),
        "UV_PYTHON": "3.8",
        "UV_EXCLUDE_NEWER": "2010-01-01",
        "CONDA_PREFIX": elsewhere,
        "CONDA_DEFAULT_ENV": "base",
        "VIRTUAL_ENV": elsewhere,
    }


def kernel_environ(spec: dict[str, Any], environ: dict[str, str]) -> dict[str, str]:
    """The environment that a server running with ``environ`` gives to this kernel."""
    own = {k: string.Template(v).safe_substitute(environ) for k, v in spec["env"].items()}
    return {**environ, **own}


@pytest.mark.timeout(180)
@pytest.mark.parametrize("bent", ["variables", "pip.conf", "both"])
def test_what_bends_pip_breaks_neither_the_create_nor_pip_in_the_kernel(
    home: Home, local_index: LocalIndex, bent: str
) -> None:
    if bent != "variables":
        (home.path / ".config/pip").mkdir(parents=True)
        (home.path / ".config/pip/pip.conf").write_text(BENT.format(home=home.path))
    home.environ = variables(home) if bent != "pip.conf" else {}
    code, _out, err = home.run("env", "create", "upright", "alpha", "--index-url", local_index.url)
    assert code == 0, err
    prefix = home.environments / "upright"
    (kernel,) = home.kernels
    spec = json.loads((kernel / "kernel.json").read_text())
    outside = {**os.environ, "HOME": str(home.path), **home.environ}
    inside = kernel_environ(spec, {**outside, "PIP_INDEX_URL": local_index.url})

    python = str(prefix / "bin/python")
    subprocess.run([python, "-m", "pip", "install", "beta"], env=inside, check=True)
    subprocess.run(["pip", "install", "gamma"], env=inside, check=True)
    program = "import alpha, beta, gamma, ipykernel; print(gamma.__file__, ipykernel.__file__)"
    ran = subprocess.run(
        [python, "-c", program], env=inside, check=True, capture_output=True, text=True
    )
    assert all(path.startswith(str(prefix)) for path in ran.stdout.split())
    for name in ("elsewhere", "target", "prefix", ".local/lib"):
        assert not (home.path / name).exists()


@pytest.mark.timeout(180)
def test_pip_outside_of_the_kernel_is_not_bent_by_pip_conf_either(
    home: Home, local_index: LocalIndex
) -> None:
    (home.path / ".config/pip").mkdir(parents=True)
    (home.path / ".config/pip/pip.conf").write_text(BENT.format(home=home.path))
    assert home.run("env", "create", "upright", "--index-url", local_index.url)[0] == 0
    pip = [str(home.environments / "upright/bin/python"), "-m", "pip", "install", "beta"]
    environ = {**os.environ, "HOME": str(home.path), "PIP_INDEX_URL": local_index.url}
    subprocess.run(pip, env=environ, check=True)
    assert list((home.environments / "upright").glob("lib/python3*/site-packages/beta"))


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"[global\nuser", b"user = true\n"])
def test_a_pip_conf_that_cannot_be_read_is_left_out_and_said(home: Home, content: bytes) -> None:
    (home.path / ".config/pip").mkdir(parents=True)
    (home.path / ".config/pip/pip.conf").write_bytes(content)
    code, out, err = home.run("env", "create", "upright", "alpha", "--dry-run")
    assert code == 0
    assert "pip.conf is left out" in out + err


@pytest.mark.timeout(120)
def test_an_index_with_a_password_is_spoken_to_and_the_password_is_nowhere_seen(
    home: Home, local_index: LocalIndex
) -> None:
    password = "geheimnis-7c2d"
    local_index.credentials = ("frieda", password)
    held = wheel("slow", size=2_000_000)
    local_index.add(held)
    local_index.hold(held.filename)
    home.environ["PIP_INDEX_URL"] = local_index.url_with("frieda", password)
    process = home.start("env", "create", "secret", "slow", "--log", stderr=subprocess.STDOUT)
    assert local_index.is_held.wait(60)
    running = home.processes()
    assert any("/uv " in words for words in running)
    assert password not in "\n".join(running)
    local_index.release()
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    local_index.credentials = ("frieda", "another")
    _code, out, err = home.run("env", "create", "refused", "no-such-thing", "--log", "--json")
    assert json.loads(out)["error"]["code"] == "index-unauthorised"
    assert password not in said + out + err
    places = [home.path / ".envmgr", *home.kernels]
    files = [file for place in places for file in place.rglob("*") if file.is_file()]
    assert not [str(file) for file in files if password.encode() in file.read_bytes()]
