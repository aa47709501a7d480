"""Fixtures: a real conda channel on this machine, as files and over HTTP."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.channel import build
from tests.channel.build import Channel
from tests.channel.server import ChannelServer


@pytest.fixture(scope="session")
def conda_channel() -> Channel:
    """Python, ipykernel, pip and the packages of edges.py: ``conda_channel.url`` is ``file://``."""
    return build.channel()


@pytest.fixture
def conda_server(conda_channel: Channel) -> Iterator[ChannelServer]:
    """That channel over HTTP, by the name ``conda-forge``: ``conda_server.url``, ``.base``."""
    with ChannelServer({"conda-forge": conda_channel.path}) as server:
        yield server
