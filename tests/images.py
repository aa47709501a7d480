"""A real Python in a prefix of its own, with nothing installed: the image of the tests."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


def make_image(root: Path, base: Path | None = None, minor: str = MINOR) -> Path:
    """A CPython tree that is no venv, with a site-packages of its own; its interpreter.

    The standard library is that of ``base``, by links; the program is a copy, because Python
    looks for its prefix from where the program really lies.
    """
    base = base or Path(sys.base_prefix)
    (root / "bin").mkdir(parents=True)
    program = root / "bin" / f"python{minor}"
    shutil.copy2((base / "bin" / f"python{minor}").resolve(), program)
    for name in ("python", "python3"):
        (root / "bin" / name).symlink_to(program.name)
    library = root / "lib" / f"python{minor}"
    (library / "site-packages").mkdir(parents=True)
    for name in os.listdir(base / "lib" / f"python{minor}"):
        if name not in ("site-packages", "dist-packages"):
            (library / name).symlink_to(base / "lib" / f"python{minor}" / name)
    for path in (base / "lib").glob("libpython*"):
        (root / "lib" / path.name).symlink_to(path)
    return program


def site_of(program: Path) -> Path:
    """The site directory of such an image."""
    return program.parents[1] / "lib" / program.name / "site-packages"
