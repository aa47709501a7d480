"""Fixtures: an index on this machine that has what a new environment needs."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.index.repack import kernel_wheels
from tests.index.server import LocalIndex
from tests.index.wheels import Archive


@pytest.fixture(scope="session")
def kernel_archives() -> list[Archive]:
    """ipykernel, pip and what they require, for the Python that runs the tests."""
    return kernel_wheels()


@pytest.fixture
def local_index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    """An index with ipykernel and pip in it; a test adds what it needs."""
    with LocalIndex(cached=kernel_archives) as index:
        yield index
