"""Fixture: where an environment is to be."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return tmp_path / "prefix"
