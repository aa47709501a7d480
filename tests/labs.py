"""A home with a user site, an image whose Python really runs, and the service that sees both."""

from __future__ import annotations

import hashlib
import io
import json
import os
import stat
import textwrap
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.jobs.model import ENDED, Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import ProbeRequest, Proof
from jupyter_envmgr.service.catalogue import Catalogue
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.jobs import Jobs
from jupyter_envmgr.service.usersite import probes, proofs
from tests.homes import Home
from tests.images import MINOR, make_image, site_of
from tests.index.wheels import wheel


class Lab:
    """A home with a user site, an image with packages, and the service that looks at both."""

    def __init__(self, root: Path) -> None:
        self.home = Home(root / "home")
        self.site = self.home.site(MINOR)
        self.program = make_image(root / "image")
        self.image = site_of(self.program)
        self.kernels = self.home.base / "share/jupyter/kernels"
        self.environ = {"HOME": str(self.home.home), "PATH": os.environ["PATH"]}
        self._jobs: list[Jobs] = []

    @property
    def settings(self) -> Settings:
        settings = self.home.settings(python=MINOR)
        prefix = self.program.parents[1]
        return replace(
            settings,
            image_prefix=prefix,
            image_interpreter=self.program,
            kernel_dirs=(self.kernels,),
            environ=self.environ,
        )

    def in_image(self, name: str, version: str = "1.0", **files: str) -> None:
        install(self.image, name, version, **files)

    def in_user(self, name: str, version: str = "1.0", **files: str) -> None:
        install(self.site, name, version, **files)

    def context(self) -> Context:
        jobs = Jobs(self.settings)
        self._jobs.append(jobs)
        return Context(self.settings, Catalogue(self.settings), jobs)

    def start(self, code: str = "", **request: Any) -> tuple[Context, Job]:
        context = self.context()
        return context, probes.start(context, ProbeRequest(code=textwrap.dedent(code), **request))

    def prove(self, code: str = "", **request: Any) -> Proof:
        """Run it to its end; the user site must be what it was, and nothing may be left."""
        before = facts(self.home.base)
        context, job = self.start(code, **request)
        job = wait(context, job)
        assert job.state == "succeeded", job.problem
        assert facts(self.home.base) == before
        assert self.workplaces() == []
        assert job.result["proof"] == job.id
        return proofs.proof(self.settings, job.id)

    def workplaces(self) -> list[str]:
        place = self.settings.cache / "probes"
        return os.listdir(place) if place.exists() else []

    def kernel(self, name: str, argv: list[str], env: dict[str, str] | None = None) -> None:
        directory = self.kernels / name
        directory.mkdir(parents=True)
        spec = {"argv": argv, "display_name": name, "language": "python", "env": env or {}}
        (directory / "kernel.json").write_text(json.dumps(spec))

    def close(self) -> None:
        for jobs in self._jobs:
            jobs.close()


def install(site: Path, name: str, version: str, **files: str) -> None:
    """Unpack a wheel. ``files`` are named by module: ``a`` is a.py, ``a__b`` is a/b.py."""
    content = {f"{module.replace('__', '/')}.py": text for module, text in files.items()}
    archive = wheel(name, version, files=content)
    with zipfile.ZipFile(io.BytesIO(archive.content)) as file:
        file.extractall(site)
    if content:
        # The wheel's own module is in nobody's way, but is not part of the story.
        (site / name.replace("-", "_") / "__init__.py").unlink(missing_ok=True)


def facts(root: Path) -> dict[str, tuple[object, ...]]:
    """Names, times, sizes and hashes of everything, directories too."""
    found: dict[str, tuple[object, ...]] = {}
    for directory, directories, files in os.walk(root):
        for name in [*directories, *files, "."]:
            path = os.path.join(directory, name)
            status = os.lstat(path)
            content = ""
            if stat.S_ISREG(status.st_mode):
                content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
            found[path] = (
                status.st_mode,
                status.st_ino,
                status.st_mtime_ns,
                status.st_size,
                content,
            )
    return found


def wait(context: Context, job: Job, seconds: float = 120) -> Job:
    seq = 0
    while True:
        answer = context.jobs.wait(job.id, seq, seconds)
        if answer.job.state in ENDED:
            return answer.job
        assert answer.events, "it said nothing for long"
        seq = answer.events[-1].seq
