"""What the tests of conda, mamba and micromamba share: a channel, and each tool in turn."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engines.conda_cli_bench import KINDS, NATIVE_KINDS, CondaBench, bench_of
from tests.engines.conda_cli_channel import ChannelServer
from tests.engines.conda_cli_packages import PACKAGES


@pytest.fixture(scope="module")
def channel() -> Iterator[ChannelServer]:
    """A channel that no test changes."""
    with ChannelServer(PACKAGES) as server:
        yield server


@pytest.fixture
def own_channel() -> Iterator[ChannelServer]:
    """A channel for a test to break."""
    with ChannelServer(PACKAGES) as server:
        yield server


@pytest.fixture(params=KINDS)
def bench(request: pytest.FixtureRequest, tmp_path: Path) -> CondaBench:
    """Each of the tools in turn."""
    return bench_of(tmp_path, request.param)


@pytest.fixture(params=("conda", "real conda"))
def conda(request: pytest.FixtureRequest, tmp_path: Path) -> CondaBench:
    """What is conda's alone."""
    return bench_of(tmp_path, request.param)


@pytest.fixture(params=NATIVE_KINDS)
def native(request: pytest.FixtureRequest, tmp_path: Path) -> CondaBench:
    """What is mamba's alone."""
    return bench_of(tmp_path, request.param)


@pytest.fixture
def fake_conda(tmp_path: Path) -> CondaBench:
    return bench_of(tmp_path, "conda")
