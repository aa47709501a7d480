"""Creating an environment with ipykernel: through the service, by uv alone, by venv and pip."""

from __future__ import annotations

import itertools
import os
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.service.context import open_context
from jupyter_envmgr.service.environments import verbs as environments

from .figures import Subject, Work, in_turn
from .homes import make_home
from .tools import environ, run, uv

REQUIREMENTS = ("requests", "rich")
AIM = 1.2
_UV = "uv venv, uv pip install"
# We say ready when the kernel's interpreter has imported ipykernel, which compiles it: whoever
# uses uv alone waits for that at the first start of the kernel.
_SAME = f"{_UV}, first import"


def subjects(rounds: int) -> list[Subject]:
    """The table of creating; an empty one with the reason where no index answers."""
    title = f"Creating an environment: {', '.join(REQUIREMENTS)}, ipykernel, pip; warm cache"
    subject = Subject(title, _UV)
    with tempfile.TemporaryDirectory(prefix="envmgr-creating-") as directory:
        root = Path(directory)
        env = environ(UV_CACHE_DIR=str(root / "cache"))
        wanted = (*REQUIREMENTS, "ipykernel", "pip")
        numbers = itertools.count()
        made: list[Path] = []

        def with_uv() -> None:
            prefix = root / f"uv-{next(numbers)}"
            made.append(prefix)
            run((uv(), "venv", "--quiet", "--python", sys.executable, str(prefix)), env)
            python = str(prefix / "bin" / "python")
            run((uv(), "pip", "install", "--quiet", "--python", python, *wanted), env)

        def with_pip() -> None:
            prefix = root / f"pip-{next(numbers)}"
            run((sys.executable, "-m", "venv", str(prefix)), env)
            python = str(prefix / "bin" / "python")
            run((python, "-m", "pip", "install", "--quiet", *wanted), env)

        try:
            with_uv()
        except RuntimeError as error:
            subject.notes.append(f"skipped: {error}")
            return [subject]
        settings = make_home(root / "home", 0)
        settings = replace(
            settings,
            link_mode="hardlink",  # the default, and uv's own
            index_url=env.get("UV_DEFAULT_INDEX"),
            image_kernels=root / "image" / "kernels",  # never those of the Python that runs this
            kernel_dirs=(settings.user_kernels, root / "image" / "kernels"),
            environ={**settings.environ, **_reaching(env), "HOME": str(settings.home)},
        )
        context = open_context(settings)

        def with_uv_and_proof() -> None:
            with_uv()
            run((str(made[-1] / "bin" / "python"), "-c", "import ipykernel"), env)

        def with_us() -> None:
            request = CreateRequest(f"ours-{next(numbers)}", packages=REQUIREMENTS)
            job = environments.create(context, request)
            context.jobs.wait(job.id, 10**9, 600.0)
            ended = context.jobs.show(job.id)
            if ended.state != "succeeded":
                raise RuntimeError(f"{ended.state}: {ended.problem}")

        works: dict[str, Work] = {
            "ours, kernel registered and proven": with_us,
            _SAME: with_uv_and_proof,
            _UV: with_uv,
            "python -m venv, pip install": with_pip,
        }
        # What one leaves to be written would be waited for by the next one's fsync.
        subject.times = in_turn(works, rounds, os.sync)
    subject.aim_against("ours, kernel registered and proven", _SAME, AIM)
    return [subject]


def _reaching(env: dict[str, str]) -> dict[str, str]:
    """What it takes to reach the index."""
    wanted = ("UV_CACHE_DIR", "SSL_CERT_FILE", "UV_HTTP_TIMEOUT", "HTTPS_PROXY", "HTTP_PROXY")
    return {name: env[name] for name in wanted if name in env}
