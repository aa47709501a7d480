"""The pictures of the docs: each is shown, and taken by a browser test (DOCS_IMAGES=1)."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
IMAGES = DOCS / "images"
SHOWN = {
    name
    for page in DOCS.glob("*.md")
    for name in re.findall(r"!\[[^\]]{10,}\]\(images/([a-z-]+)\.png\)", page.read_text("utf-8"))
}
"""Those that a page shows, with words for who does not see them."""


def test_what_is_shown_is_taken_by_a_browser_test() -> None:
    tests = (file.read_text("utf-8") for file in (ROOT / "tests/browser").glob("*.py"))
    taken = {name for text in tests for name in re.findall(r'figure\(\w+, "([a-z-]+)"\)', text)}
    assert taken == SHOWN


def test_what_lies_there_is_shown() -> None:
    assert {path.stem for path in IMAGES.iterdir()} == SHOWN


@pytest.mark.parametrize("name", sorted(SHOWN))
def test_none_makes_a_clone_heavy(name: str) -> None:
    assert 0 < (IMAGES / f"{name}.png").stat().st_size <= 100_000
