"""A user base and an image for each test."""

from __future__ import annotations

from pathlib import Path

import pytest

from .sites import Sites


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    """Nothing in either yet."""
    return Sites(tmp_path)
