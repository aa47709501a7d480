"""A home with a user site that has some of everything."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.homes import Home, rich_home


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Packages of two Pythons, and much that is not pip's."""
    return rich_home(tmp_path / "home")
