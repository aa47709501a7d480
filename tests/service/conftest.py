"""A person's home with nothing in it, and the service that works on it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.jobs.model import ENDED, Job
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.service.catalogue import Catalogue
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.jobs import Jobs


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an empty home. The index is one that answers nobody."""
    home = tmp_path / "home"
    home.mkdir()
    root = home / ".envmgr"
    data = home / ".local/share/jupyter"
    image = tmp_path / "image/share/jupyter/kernels"
    environ = {
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "UV_CACHE_DIR": os.environ.get("UV_CACHE_DIR", str(tmp_path / "cache")),
    }
    return Settings(
        root=root,
        home=home,
        locations=(Location("home", root / "environments"),),
        image_prefix=Path(sys.prefix),
        image_interpreter=Path(sys.executable),
        kernel_dirs=(data / "kernels", image),
        user_kernels=data / "kernels",
        image_kernels=image,
        environ=environ,
        index_url="http://127.0.0.1:9/simple",
        link_mode="hardlink",
        door="server",
    )


@pytest.fixture
def make_context() -> Iterator[Callable[[Settings], Context]]:
    """Makes the service for some settings; all of its jobs are ended with the test."""
    opened: list[Jobs] = []

    def make(settings: Settings) -> Context:
        jobs = Jobs(settings)
        opened.append(jobs)
        return Context(settings, Catalogue(settings), jobs)

    yield make
    for jobs in opened:
        jobs.close()


@pytest.fixture
def context(settings: Settings, make_context: Callable[[Settings], Context]) -> Context:
    """The service of an empty home without an index."""
    return make_context(settings)


@pytest.fixture
def indexed(
    settings: Settings,
    make_context: Callable[[Settings], Context],
    local_index: object,
) -> Context:
    """The service of an empty home, with an index on this machine."""
    url = local_index.url  # type: ignore[attr-defined]
    return make_context(replace(settings, index_url=url))


def ended(context: Context, job: Job, seconds: float = 120) -> Job:
    """The job when it has ended."""
    seq = 0
    while True:
        answer = context.jobs.wait(job.id, seq, seconds)
        if answer.job.state in ENDED:
            return answer.job
        assert answer.events, f"{job.title} said nothing in {seconds} seconds"
        seq = answer.events[-1].seq
