"""Synthetic home directories: managed, virtual and conda environments made of real files."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from jupyter_envmgr.core.environments.model import CreateRequest, EngineChoice, Record
from jupyter_envmgr.core.jobs.model import Holder
from jupyter_envmgr.core.kernels.spec import KernelTarget, kernel_json
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.core.wire import to_wire

SIZES = (20, 100, 1000)
PACKAGES = 30
_BASE = Path(os.path.realpath(sys.executable))
_MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
_VERSION = ".".join(map(str, sys.version_info[:3]))
_MAKER = Holder("host", "boot", "pid:[1]", 1, 1, "cli")


def make_home(root: Path, count: int) -> Settings:
    """A home with ``count`` environments: 3 of 5 managed with kernels, 1 venv, 1 conda.

    ``root`` must be empty; everything lies below it. The settings see this home only.
    """
    home = root / "home"
    location = Location("home", home / ".envmgr" / "environments")
    kernels = home / ".local" / "share" / "jupyter" / "kernels"
    for directory in (location.records, kernels, home / ".conda", root / "bin"):
        directory.mkdir(parents=True)
    noted = []
    for number in range(count):
        name = f"env-{number:04d}"
        if number % 5 < 3:
            make_venv(location.path / name)
            _write(location.records / f"{name}.json", to_wire(_record(name)))
            _write(kernels / f"envmgr-{name}" / "kernel.json", _kernel(location.path / name))
        elif number % 5 == 3:
            make_venv(home / ".virtualenvs" / name)
        else:
            make_conda(home / "miniconda3" / "envs" / name)
            noted.append(str(home / "miniconda3" / "envs" / name))
    (home / ".conda" / "environments.txt").write_text("".join(f"{line}\n" for line in noted))
    return Settings(
        root=home / ".envmgr",
        home=home,
        locations=(location,),
        image_prefix=Path(sys.prefix),
        image_interpreter=Path(sys.executable),
        kernel_dirs=(kernels, Path(sys.prefix) / "share" / "jupyter" / "kernels"),
        user_kernels=kernels,
        image_kernels=Path(sys.prefix) / "share" / "jupyter" / "kernels",
        environ={"PATH": f"{root / 'bin'}:/usr/local/bin:/usr/bin:/bin", "HOME": str(home)},
    )


def make_venv(prefix: Path) -> None:
    """A virtual environment as uv leaves it, on the Python that runs this."""
    (prefix / "bin").mkdir(parents=True)
    (prefix / "bin" / "python").symlink_to(_BASE)
    (prefix / "pyvenv.cfg").write_text(
        f"home = {_BASE.parent}\nimplementation = CPython\nuv = 0.13.8\n"
        f"version_info = {_VERSION}\ninclude-system-site-packages = false\nprompt = {prefix.name}\n"
    )
    site = prefix / "lib" / f"python{_MINOR}" / "site-packages"
    site.mkdir(parents=True)
    for number in range(PACKAGES):
        (site / f"package_{number}").mkdir()
        (site / f"package_{number}-1.{number}.dist-info").mkdir()


def make_conda(prefix: Path) -> None:
    """A conda environment: its metadata, and a link in the place of its interpreter."""
    meta = prefix / "conda-meta"
    meta.mkdir(parents=True)
    (prefix / "bin").mkdir()
    (prefix / "bin" / "python").symlink_to(_BASE)
    (prefix / "lib" / f"python{_MINOR}" / "site-packages").mkdir(parents=True)
    (meta / "history").write_text(
        "==> 2026-01-31 12:00:00 <==\n# cmd: /opt/conda/bin/conda create\n"
    )
    _write(meta / f"python-{_VERSION}-h0_0_cpython.json", {"name": "python", "version": _VERSION})
    for number in range(PACKAGES - 1):
        package = {"name": f"package-{number}", "version": f"1.{number}", "files": ["x"] * 50}
        _write(meta / f"package-{number}-1.{number}-h0_0.json", package)


def _record(name: str) -> Record:
    return Record(
        name=name,
        status="ready",
        created="2026-01-31T12:00:00.000Z",
        maker=_MAKER,
        request=CreateRequest(name, packages=("numpy", "pandas")),
        engine=EngineChoice("uv", "0.13.8", "a benchmark"),
        display_name=f"Python {_MINOR} ({name})",
        python=_VERSION,
        directory="1:1",
        lock=tuple(f"package-{number}==1.{number}" for number in range(PACKAGES)),
        kernel=f"envmgr-{name}",
    )


def _kernel(prefix: Path) -> dict[str, object]:
    interpreter = prefix / "bin" / "python"
    target = KernelTarget(prefix.name, prefix, interpreter, "venv", _VERSION, "image", "host")
    return kernel_json(target, f"Python {_MINOR} ({prefix.name})")


def _write(file: Path, data: object) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(data))
