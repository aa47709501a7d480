"""Fixtures: the jobs of a home, a runner that runs nothing, and what listeners were told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.jobs import Jobs
from tests.fakes import FakeRunner, settings


@pytest.fixture
def home(tmp_path: Path) -> Settings:
    return settings(tmp_path)


@pytest.fixture
def runner() -> FakeRunner:
    return FakeRunner()


@pytest.fixture
def changes() -> list[Job]:
    return []


@pytest.fixture
def jobs(home: Settings, runner: FakeRunner, changes: list[Job]) -> Iterator[Jobs]:
    made = Jobs(home, changes.append, runner=runner)
    yield made
    made.close()
