"""Fixtures: a conda environment that somebody has, in an archive, and somebody else's home."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.context import Context
from tests.conda_prefixes import make_prefix
from tests.service.archives.bench import here, request_for
from tests.service.conftest import ended


@pytest.fixture(scope="session")
def packable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conda environment with ipykernel that somebody has."""
    return make_prefix(tmp_path_factory.mktemp("conda") / "net", "python", "ipykernel", "pip")


@pytest.fixture(scope="session")
def packed(packable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That environment in an archive of ours, with its hash beside it."""
    place = tmp_path_factory.mktemp("packed")
    with here(place, packable) as context:
        path = place / "net.tar.gz"
        job = ended(context, archives.export(context, request_for(context, packable, path)))
        assert job.state == "succeeded", job.problem
    return path


@pytest.fixture(autouse=True)
def _no_environments_stay(tmp_path: Path) -> Iterator[None]:
    """They have a hundred megabytes each, and pytest keeps what tests leave."""
    yield
    for place in ("home", "out"):
        shutil.rmtree(tmp_path / place, ignore_errors=True)
    for file in tmp_path.glob("*.tar.*"):
        file.unlink()


@pytest.fixture
def other(settings: Settings, make_context: Callable[[Settings], Context]) -> Context:
    """Another home, and one more location in it."""
    place = settings.home / "shared"
    locations = (*settings.locations, Location("shared", place))
    return make_context(replace(settings, locations=locations))
