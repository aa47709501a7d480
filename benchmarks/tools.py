"""The tools that this project is measured against: run quietly, installed where it is allowed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

BESIDE = Path(sys.executable).parent


def environ(**more: str) -> dict[str, str]:
    """The variables of this process without those that bend pip and uv; told of pip's index."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("CONDA", "PYTHON", "JUPYTER")) and name != "VIRTUAL_ENV"
    }
    for variable, settings in (
        ("UV_DEFAULT_INDEX", ("PIP_INDEX_URL", "global.index-url")),
        ("SSL_CERT_FILE", ("PIP_CERT", "global.cert")),
    ):
        if not kept.get(variable) and (found := _pip_says(*settings)):
            kept[variable] = found
    return {**kept, **more}


def _pip_says(variable: str, option: str) -> str:
    if variable in os.environ:
        return os.environ[variable]
    command = (sys.executable, "-m", "pip", "config", "get", option)
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""


def uv() -> str:
    """The uv that the project brings."""
    return shutil.which("uv", path=str(BESIDE)) or "uv"


def run(
    command: Sequence[str], env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> str:
    """The standard output of a tool. Raises RuntimeError with its last words if it fails."""
    answer = subprocess.run(
        command, capture_output=True, text=True, check=False, env=env, cwd=cwd, timeout=600
    )
    if answer.returncode:
        words = answer.stderr.strip().splitlines() or [f"exit {answer.returncode}"]
        raise RuntimeError(f"{Path(command[0]).name}: {words[-1]}")
    return answer.stdout


def scratch_environment(directory: Path, *packages: str) -> Path:
    """The interpreter of a new environment with these packages. Raises RuntimeError."""
    env = environ()
    run((uv(), "venv", "--quiet", "--python", sys.executable, str(directory)), env)
    python = directory / "bin" / "python"
    run((uv(), "pip", "install", "--quiet", "--python", str(python), *packages), env)
    return python
