"""User sites that real pips and setuptools made, of several Pythons: there and back."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from tests.homes import Home, everything_with_times
from tests.index.server import LocalIndex
from tests.index.wheels import wheel

_ENTRY = "[console_scripts]\nshared = {module}:main\n"


def _pythons() -> Iterator[Path]:
    """This Python, and another minor version if the machine has one with pip."""
    yield Path(os.path.realpath(sys.executable))
    for minor in ("3.8", "3.9", "3.10", "3.12", "3.13"):
        found = shutil.which(f"python{minor}") or ""
        roots = sorted(Path.home().glob(f".pyenv/versions/{minor}.*/bin/python{minor}"))
        for program in filter(None, (found, *map(str, roots))):
            own = f"{sys.version_info[0]}.{sys.version_info[1]}"
            ask = [program, "-m", "pip", "--version"]
            if minor != own and subprocess.run(ask, capture_output=True).returncode == 0:
                yield Path(os.path.realpath(program))
                return


def _pip(python: Path, settings: Settings, index: LocalIndex, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "install", "--user", "--quiet", "--index-url", index.url]
    flags = ["--disable-pip-version-check", "--no-warn-script-location", "--no-cache-dir"]
    environ = {
        **settings.environ,
        "PIP_BREAK_SYSTEM_PACKAGES": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
    }
    done = subprocess.run(
        [*command, *flags, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_real_pips_installed_goes_and_comes_back_as_it_was(
    tmp_path: Path, local_index: LocalIndex
) -> None:
    home = Home(tmp_path / "home")
    settings = home.settings()
    for name in ("tool-a", "tool-b"):
        module = name.replace("-", "_")
        info = f"{module}-1.0"
        local_index.add(
            wheel(
                name,
                files={
                    f"{module}/cli.py": "def main(): pass\n",
                    f"{info}.dist-info/entry_points.txt": _ENTRY.format(module=f"{module}.cli"),
                    f"{info}.data/data/share/jupyter/kernels/{name}/kernel.json": "{}",
                    f"{info}.data/headers/{module}.h": "h",
                    f"{info}.data/scripts/{name}-plain": "#!python\nprint()\n",
                },
            )
        )
    pythons = list(_pythons())
    for python, package in zip(pythons, ("tool-a", "tool-b"), strict=False):
        _pip(python, settings, local_index, package)
    home.file("bin/mine", "#!/bin/sh\n")
    before = everything_with_times(home.base)
    image = replace(settings, image_prefix=pythons[0].parents[1], image_interpreter=pythons[0])
    for number, request in enumerate((ResetRequest("all"), ResetRequest("minor"))):
        name = f"snapshot-{number}"
        made = usersite.reset(image, replace(request, name=name))
        assert "tool-a" in {package.name for package in made.packages}
        if request.scope == "all":
            left = [p for p in home.base.rglob("*") if p.is_file()]
            assert [str(p.relative_to(home.base)) for p in left] == ["bin/mine"]
        elif len(pythons) > 1:
            assert (home.base / "bin/shared").exists(), "the other Python's pip wrote it last"
        usersite.restore(image, name, RestoreRequest())
        assert everything_with_times(home.base) == before


def test_pip_installs_into_the_emptied_user_site_at_once(
    tmp_path: Path, local_index: LocalIndex
) -> None:
    """A process that was started meanwhile finds it too: the directory was there, if empty."""
    python = next(_pythons())
    home = Home(tmp_path / "home")
    settings = replace(home.settings(), image_prefix=python.parents[1], image_interpreter=python)
    local_index.add(wheel("first-one"))
    local_index.add(wheel("second-one"))
    _pip(python, settings, local_index, "first-one")
    usersite.reset(settings, ResetRequest("minor", name="first"))
    code = "import importlib, sys\nsys.stdin.readline()\nimport second_one, first_one"
    running = subprocess.Popen(
        [str(python), "-c", code],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(settings.environ),
        text=True,
    )
    _pip(python, settings, local_index, "second-one")
    _, error = running.communicate("\n", timeout=60)
    assert error.strip().endswith("No module named 'first_one'"), error
