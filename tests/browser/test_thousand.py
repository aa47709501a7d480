"""A home in which somebody has worked for years: 1,000 environments."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from benchmarks.homes import make_home
from tests.browser.conftest import Visit
from tests.browser.jupyter import Jupyter, running
from tests.browser.screen import choose, picture, row, sidebar, tree


@pytest.fixture(scope="module")
def crowd(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Jupyter]:
    """A JupyterLab in a home with 600 managed environments, 200 others and 200 of conda."""
    root: Path = tmp_path_factory.mktemp("crowd")
    make_home(root, 1000)
    with running("lab", root / "home") as jupyter:
        yield jupyter


def test_a_thousand_environments_open_at_once_and_are_filtered(
    crowd: Jupyter, visit: Visit
) -> None:
    page = visit(crowd)
    began = time.monotonic()
    panel = sidebar(page)
    expect(row(page, "env-0000")).to_be_visible()
    took = time.monotonic() - began
    assert took < 5, took
    # Only what is in sight is drawn.
    assert tree(page).get_by_role("treeitem").count() < 150
    choose(page, "env-0000")
    page.keyboard.press("End")
    last = tree(page).locator("[role=treeitem]:focus")
    expect(last).to_be_visible()
    page.keyboard.press("/")
    began = time.monotonic()
    page.keyboard.type("env-0777")
    expect(row(page, "env-0777")).to_be_visible()
    took = time.monotonic() - began
    assert took < 5, took
    expect(tree(page).locator(".jp-EnvMgr-environment")).to_have_count(1)
    expect(panel.get_by_role("status").first).to_contain_text("1 environment found")
    picture(page, "thousand")
    page.keyboard.press("Escape")
    expect(panel.get_by_role("searchbox", name="Filter by name")).to_have_value("")
    page.keyboard.press("Escape")
    expect(last).to_be_visible()
    page.keyboard.press("Home")
    expect(row(page, "env-0000")).to_be_focused()
