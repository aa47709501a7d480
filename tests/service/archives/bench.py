"""Archives for tests: packed from an environment, made by hand, and what an import leaves."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path

from jupyter_envmgr.core.archives.model import MANIFEST, ExportRequest, ImportRequest
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.catalogue import Catalogue
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.jobs import Jobs
from tests.service.conftest import ended


class here:
    """The service of a person who has a conda environment at ``prefix``."""

    def __init__(self, place: Path, prefix: Path) -> None:
        home = place / "home"
        (home / ".conda").mkdir(parents=True)
        (home / ".conda/environments.txt").write_text(f"{prefix}\n")
        self._settings = settings_of(home)

    def __enter__(self) -> Context:
        self._jobs = Jobs(self._settings)
        return Context(self._settings, Catalogue(self._settings), self._jobs)

    def __exit__(self, *_: object) -> None:
        self._jobs.close()


def settings_of(home: Path) -> Settings:
    data = home / ".local/share/jupyter/kernels"
    return Settings(
        root=home / ".envmgr",
        home=home,
        locations=(Location("home", home / ".envmgr/environments"),),
        image_prefix=Path(sys.prefix),
        image_interpreter=Path(sys.executable),
        kernel_dirs=(data,),
        user_kernels=data,
        image_kernels=home / "image/kernels",
        environ={"HOME": str(home), "PATH": os.environ["PATH"]},
        door="server",
    )


def request_for(context: Context, prefix: Path, path: Path) -> ExportRequest:
    found = context.catalogue.environments().environments
    (identifier,) = [e.id for e in found if e.path == str(prefix)]
    return ExportRequest(identifier, str(path))


def traces(context: Context) -> list[str]:
    """Everything that an import could have left, without jobs and cache."""
    root = context.settings.root
    inside = [*root.glob("environments/*"), *root.glob("environments/.envmgr/*/*")]
    inside += [entry for place in context.settings.kernel_dirs for entry in place.glob("*")]
    return sorted(str(path) for path in inside if path.name != ".envmgr")


def failed(context: Context, request: ImportRequest) -> Job:
    """The job of an import that fails, having left its record and nothing else."""
    before = traces(context)
    job = ended(context, archives.import_(context, request))
    assert job.state == "failed"
    left = {Path(path).name for path in set(traces(context)) - set(before)}
    assert left == {f"{request.name}.json"}
    assert context.catalogue.environment(request.name).status == "failed"
    return job


def run(prefix: Path, *argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={"PATH": "/bin"})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def small(path: Path, *more: tarfile.TarInfo) -> Path:
    """An archive as conda-pack makes it, of an environment that does nothing."""
    record = {"name": "python", "version": "3.11.9", "build": "0", "subdir": "noarch"}
    files = {
        "bin/python": os.urandom(200_000),
        "conda-meta/history": b"",
        "conda-meta/python-3.11.9-0.json": json.dumps(record).encode(),
        "lib/data": os.urandom(200_000),
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in more:
            archive.addfile(info)
    return path


def manifest_only(path: Path, **changes: object) -> Path:
    """An archive that begins with a manifest; nothing else is read before it is judged."""
    fields = {
        "name": "net",
        "kind": "conda",
        "manager": "conda",
        "python": "3.11.9",
        "platform": "noarch",
        **changes,
    }
    data = json.dumps(fields).encode()
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return path
