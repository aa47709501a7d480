"""Conda prefixes made by hand: a Python, conda-meta, and what activation finds."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path


def conda_prefix(
    prefix: Path,
    *,
    python: Path | None = None,
    scripts: Mapping[str, str] | None = None,
    state: Mapping[str, object] | None = None,
    packages: Mapping[str, str] | None = None,
) -> Path:
    """A conda environment with the Python of ``python`` (a prefix) in it, by a wrapper.

    ``scripts`` are those of activate.d, ``state`` the variables of conda-meta/state, ``packages``
    the texts of files in env_vars.d.
    """
    base = python or Path(sys.base_prefix)
    interpreter = base / "bin" / ("python3" if (base / "bin" / "python3").exists() else "python")
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python").symlink_to(interpreter.resolve())
    meta = prefix / "conda-meta"
    meta.mkdir()
    (meta / "history").write_text("==> 2026-05-02 10:00:00 <==\n# cmd: conda create\n")
    version = ".".join(map(str, sys.version_info[:3]))
    record = {"name": "python", "version": version, "build": "h1", "files": []}
    (meta / f"python-{version}-h1.json").write_text(json.dumps(record))
    if state is not None:
        (meta / "state").write_text(json.dumps({"version": 1, "env_vars": state}))
    for folder, texts in (("activate.d", scripts), ("env_vars.d", packages)):
        for name, text in (texts or {}).items():
            file = prefix / "etc/conda" / folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
    return prefix


def python_of(minor: str) -> Path | None:
    """The prefix of an installed Python ``X.Y``: beside that of the tests, or on PATH."""
    beside = sorted(Path(sys.base_prefix).parent.glob(f"*/bin/python{minor}"))
    on_path = shutil.which(f"python{minor}")
    if beside or on_path:
        return (beside[0] if beside else Path(str(on_path))).parent.parent
    return None
