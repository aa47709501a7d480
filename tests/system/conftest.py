"""Fixture: the directory that an archive is unpacked into."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def target(tmp_path: Path) -> Path:
    made = tmp_path / "inside" / "target"
    made.mkdir(parents=True)
    return made
