"""A machine made of files, with a person's home: interpreters, environments, kernels, records."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.environments.model import CreateRequest, EngineChoice, Record
from jupyter_envmgr.core.jobs.model import Holder
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.system.store import Store

LONG_AGO = 1_700_000_000


class Machine:
    """Everything lies below ``root``; `settings` describe it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.home = root / "home"
        self.kernels = self.home / ".local/share/jupyter/kernels"
        self.location = Location("home", self.home / ".envmgr/environments")
        self.bin = root / "bin"
        self.image = root / "image"
        self.python = self.interpreter(self.image, "3.11.7")
        for directory in (self.home, self.bin, self.kernels):
            directory.mkdir(parents=True)

    def settings(self, *, environ: Mapping[str, str] | None = None, **changes: Any) -> Settings:
        settings = Settings(
            root=self.home / ".envmgr",
            home=self.home,
            locations=(self.location,),
            image_prefix=self.image,
            image_interpreter=self.python,
            kernel_dirs=(self.kernels, self.image / "share/jupyter/kernels"),
            user_kernels=self.kernels,
            image_kernels=self.image / "share/jupyter/kernels",
            environ={"PATH": str(self.bin), "HOME": str(self.home), **(environ or {})},
        )
        return replace(settings, **changes)

    def interpreter(self, prefix: Path, version: str, *, headers: bool = True) -> Path:
        """A binary that says its version as CPython does, with or without its headers."""
        minor = ".".join(version.split(".")[:2])
        program = prefix / "bin" / f"python{minor}"
        program.parent.mkdir(parents=True, exist_ok=True)
        program.write_bytes(b"\x7fELF" + bytes(5000) + b"Python \0" + version.encode() + b"\0")
        program.chmod(0o755)
        for name in ("python3", "python"):
            if not (prefix / "bin" / name).exists():
                (prefix / "bin" / name).symlink_to(program.name)
        (prefix / "lib" / f"python{minor}" / "site-packages").mkdir(parents=True, exist_ok=True)
        (prefix / "lib" / f"python{minor}" / "os.py").touch()
        if headers:
            include = prefix / "include" / f"python{minor}"
            include.mkdir(parents=True, exist_ok=True)
            (include / "patchlevel.h").write_text(f'#define PY_VERSION      \t"{version}"\n')
        return program

    def venv(
        self, prefix: Path, *, base: Path | None = None, packages: int = 3, **lines: Any
    ) -> Path:
        """A virtual environment as `venv` makes it, its interpreter a link to ``base``."""
        base = base or self.python
        version = lines.get("version", "3.11.7")
        minor = ".".join(version.split(".")[:2])
        (prefix / "bin").mkdir(parents=True)
        (prefix / "bin/python3").symlink_to(base)
        (prefix / "bin/python").symlink_to("python3")
        site = prefix / "lib" / f"python{minor}" / "site-packages"
        site.mkdir(parents=True)
        for number in range(packages):
            (site / f"package_{number}-1.0.dist-info").mkdir()
        content = {
            "home": str(base.parent),
            "include-system-site-packages": "false",
            "version": version,
            **{key.replace("_", "-"): value for key, value in lines.items() if key != "uv"},
        }
        if "uv" in lines:
            content["version_info"] = content.pop("version")
            content["uv"] = lines["uv"]
        text = "".join(f"{key} = {value}\n" for key, value in content.items())
        (prefix / "pyvenv.cfg").write_text(text)
        return prefix

    def conda(self, prefix: Path, *, python: str | None = "3.12.1", packages: int = 3) -> Path:
        """A conda environment, with Python or without."""
        meta = prefix / "conda-meta"
        meta.mkdir(parents=True)
        for number in range(packages):
            (meta / f"lib-{number}-1.0-h{number}_0.json").write_text("{}")
        if python:
            (meta / f"python-{python}-hab00c5b_0_cpython.json").write_text("{}")
            self.interpreter(prefix, python)
        (meta / "history").write_text(
            "==> 2026-01-31 12:00:00 <==\n"
            "# cmd: /opt/conda/bin/mamba create -n x\n# conda version: 24.1.0\n"
        )
        return prefix

    def kernel(
        self, name: str, argv: list[str], *, where: Path | None = None, **more: object
    ) -> Path:
        """A kernelspec; ``more`` are further keys of kernel.json."""
        directory = (where or self.kernels) / name
        directory.mkdir(parents=True, exist_ok=True)
        spec = {"argv": argv, "display_name": f"The {name}", "language": "python", **more}
        (directory / "kernel.json").write_text(json.dumps(spec))
        return directory

    def record(self, name: str, status: str = "ready", **changes: Any) -> Record:
        """A record in the default location, without a directory."""
        record = Record(
            name=name,
            status=status,  # type: ignore[arg-type]
            created="2026-01-31T12:00:00.000Z",
            maker=Holder("elsewhere", "boot", "pid:[1]", 7, 7, "server"),
            request=CreateRequest(name, packages=("numpy",), requirements="# mine\npandas>=2\n"),
            engine=EngineChoice("uv", "0.13.8", "it is here"),
            display_name=f"Python 3.11 ({name})",
            python="3.11.7",
        )
        record = replace(record, **changes)
        Store(self.location).reserve(record)
        return record

    def managed(self, name: str, **changes: Any) -> Path:
        """A managed environment that is ready: record and directory."""
        self.record(name, **changes)
        return self.venv(self.location.path / name)


def settle(root: Path) -> None:
    """Make everything below ``root`` look as if it had not been changed for long."""
    for directory, directories, files in os.walk(root):
        for name in (*directories, *files, "."):
            os.utime(os.path.join(directory, name), (LONG_AGO, LONG_AGO), follow_symlinks=False)
