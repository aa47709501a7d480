"""What the tests of the engines share: one cache of uv, and a bench for each test."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.bench import Bench
from tests.engines.rattler_bench import RattlerBench
from tests.index.server import LocalIndex
from tests.index.wheels import wheel


@pytest.fixture(scope="session")
def uv_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache that no test of anything else sees."""
    return tmp_path_factory.mktemp("uv-cache")


@pytest.fixture
def bench(tmp_path: Path, uv_cache: Path) -> Bench:
    """A home to make an environment in."""
    return Bench(tmp_path, uv_cache)


@pytest.fixture(scope="session")
def conda_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache of conda packages, warm after the first test."""
    return tmp_path_factory.mktemp("conda-cache")


@pytest.fixture
def rattler_bench(tmp_path: Path, conda_cache: Path) -> RattlerBench:
    """A home to make a conda environment in."""
    return RattlerBench(tmp_path, conda_cache)


@pytest.fixture
def small_index() -> Iterator[LocalIndex]:
    """An index with nothing but stand-ins for what every environment gets."""
    with LocalIndex([wheel("ipykernel"), wheel("pip", "99.0")]) as index:
        yield index
