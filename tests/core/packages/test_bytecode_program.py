"""The program that writes bytecode: never where an environment no longer is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from jupyter_envmgr.core.packages.bytecode_program import PROGRAM

_REMOVE_FIRST = """
import os, sys
_make = os.makedirs
def make(*words, **more):
    if os.path.exists(sys.prefix):
        os.rename(sys.prefix, sys.prefix + "-removed")
    return _make(*words, **more)
os.makedirs = make
"""


def environment(root: Path) -> tuple[Path, Path]:
    """A virtual environment with two modules: its prefix and their directory."""
    prefix = root / "environment"
    minor = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    package = prefix / "lib" / minor / "site-packages" / "package"
    package.mkdir(parents=True)
    for name in ("one", "two"):
        (package / f"{name}.py").write_text("value = 1\n")
    (prefix / "bin").mkdir()
    (prefix / "bin/python").symlink_to(Path(sys.executable).resolve())
    home = Path(sys.executable).resolve().parent
    (prefix / "pyvenv.cfg").write_text(f"home = {home}\n")
    (prefix / "mark").write_text("mine")
    return prefix, package


def run(prefix: Path) -> str:
    words = [str(prefix / "bin/python"), "-c", PROGRAM, str(prefix / "mark"), "mine"]
    done = subprocess.run(words, check=True, capture_output=True, text=True, timeout=60)
    return done.stdout.strip()


def test_all_modules_get_bytecode_that_names_their_source(tmp_path: Path) -> None:
    prefix, package = environment(tmp_path)
    assert run(prefix) == "2"
    (one, _) = sorted((package / "__pycache__").iterdir())
    assert str(package / "one.py").encode() in one.read_bytes()
    assert run(prefix) == "0"


def test_an_environment_that_is_removed_meanwhile_does_not_come_back(tmp_path: Path) -> None:
    prefix, package = environment(tmp_path)
    (package.parent / "removing.py").write_text(_REMOVE_FIRST)
    (package.parent / "removing.pth").write_text("import removing\n")
    run(prefix)
    assert not prefix.exists()
