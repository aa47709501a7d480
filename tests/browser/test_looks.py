"""How it looks and reads: themes, a narrow panel, a screen reader; and the README's picture."""

from __future__ import annotations

import importlib.resources
import json
import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Theme, Visit, installing_from
from tests.browser.jupyter import Jupyter
from tests.browser.screen import (
    LONG,
    create,
    fill_in,
    form,
    job_page,
    open_row,
    picture,
    row,
    run_cell,
    sidebar,
    tree,
)
from tests.index.server import LocalIndex

SCREENSHOT = Path(__file__).parents[2] / "docs/screenshot.png"

_CONTENT = (importlib.resources.files("axe_playwright_python") / "axe.min.js").read_text()
# JupyterLab's own toolbar buttons, which are the same everywhere in it, are not ours to mend.
_AXE = """
async selector => {
  const context = { include: [selector], exclude: ['jp-button'] };
  const { violations } = await axe.run(context, {
    runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa']
  });
  return violations.map(v => [v.id, v.help, v.nodes.map(n => n.target + ': ' + n.html)]);
}
"""
_OVERFLOW = """
panel => [...panel.querySelectorAll('*')]
  .filter(e => e.clientWidth > 0 && !e.closest('svg'))
  .filter(e => {
    const box = e.getBoundingClientRect();
    return box.width > 0 && box.right > panel.getBoundingClientRect().right + 0.5;
  })
  .map(e => `${e.tagName}.${e.className}: ${e.textContent}`)
"""
_NARROW = """
() => {
  const split = document.querySelector('#jp-main-split-panel');
  const handle = split.querySelector('.lm-SplitPanel-handle:not(.lm-mod-hidden)');
  const panel = document.querySelector('#jupyter-envmgr-sidebar').getBoundingClientRect();
  const box = handle.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2, panel.left];
}
"""


def violations(page: Page, selector: str) -> str:
    """What axe-core has to object to a part of the page, to be read; empty if nothing."""
    expect(page.locator(selector)).to_be_visible()
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_CONTENT)
    return json.dumps(page.evaluate(_AXE, selector), indent=1).strip("[]")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_in_sidebar_form_and_page_of_a_job(
    workshop: Jupyter, visit: Visit, theme: Theme
) -> None:
    page = visit(workshop, theme=theme)
    open_row(page, "my-training")
    tree(page).get_by_role("treeitem", name="Asked for").click()
    expect(tree(page)).to_contain_text("42.0")
    picture(page, f"sidebar-{theme}")
    assert violations(page, "#jupyter-envmgr-sidebar") == ""
    fill_in(page, "Bad Name", "numpy\n--index-url x\n")
    form(page).get_by_role("button", name="More", exact=False).click()
    expect(form(page).get_by_role("textbox", name="Remarks")).to_be_visible()
    expect(form(page)).to_contain_text("Lower-case letters, digits")
    picture(page, f"form-{theme}")
    assert violations(page, ".jp-EnvMgr-form") == ""
    activity = sidebar(page).get_by_role("list", name="Activity")
    activity.get_by_role("button", name="my-training").first.click()
    expect(job_page(page)).to_contain_text("Ready in")
    job_page(page).get_by_role("region", name="Log").get_by_role("button", name="Log").click()
    expect(job_page(page).get_by_role("log")).to_contain_text("answers")
    picture(page, f"job-{theme}")
    assert violations(page, ".jp-EnvMgr-page:not(.jp-EnvMgr-form)") == ""


def test_roles_names_and_levels_are_those_of_a_tree(workshop: Jupyter, visit: Visit) -> None:
    page = visit(workshop)
    line = open_row(page, "my-training")
    expect(line).to_have_attribute("aria-level", "1")
    part = tree(page).locator("[role=treeitem]", has_text="Asked for")
    expect(part).to_have_attribute("aria-level", "2")
    expect(part).to_have_attribute("aria-expanded", "false")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(part).to_be_focused()
    page.keyboard.press("ArrowRight")
    expect(part).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(line).to_be_focused()
    page.keyboard.press("ArrowLeft")
    expect(line).to_have_attribute("aria-expanded", "false")
    inside = tree(page).locator("[role=treeitem][tabindex='0']")
    expect(inside).to_have_count(1)


def test_the_keyboard_goes_through_the_sections_as_they_are_seen_and_is_never_lost(
    workshop: Jupyter, visit: Visit
) -> None:
    page = visit(workshop)
    line = row(page, "my-training")
    expect(line).to_be_visible()
    titles = sidebar(page).locator(".lm-AccordionPanel-title")
    expect(titles).to_have_count(3)
    seen = titles.evaluate_all("all => all.map(e => e.getBoundingClientRect().top)")
    assert seen == sorted(seen)
    tree(page).locator("[role=treeitem][tabindex='0']").focus()
    page.keyboard.press("/")
    page.keyboard.type("my-tr")
    expect(tree(page).locator(".jp-EnvMgr-environment")).to_have_count(1)
    page.keyboard.press("ArrowDown")
    expect(line).to_be_focused()
    page.keyboard.press("Shift+F10")
    expect(page.get_by_role("menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    expect(line).to_be_focused()


def test_250_pixels_are_enough(workshop: Jupyter, visit: Visit) -> None:
    page = visit(workshop, width=900, height=900)
    open_row(page, "my-training")
    for part in ("Asked for", "Details"):
        tree(page).get_by_role("treeitem", name=part).click()
    expect(tree(page).locator(".jp-EnvMgr-factTable")).to_be_visible()
    x, y, left = page.evaluate(_NARROW)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(left + 250, y, steps=5)
    page.mouse.up()
    panel = page.locator("#jupyter-envmgr-sidebar")
    box = panel.bounding_box()
    assert box is not None
    assert 245 <= box["width"] <= 255
    picture(page, "narrow")
    assert panel.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert panel.evaluate(_OVERFLOW) == []


def test_readme_screenshot_is_what_the_browser_shows(
    start: Callable[..., Jupyter], visit: Visit, index: LocalIndex
) -> None:
    """``REFRESH_SCREENSHOT=1``, as root, writes docs/screenshot.png with a home that is kept."""
    refresh = bool(os.environ.get("REFRESH_SCREENSHOT"))
    mounted = Path("/home/ada") if refresh else None
    jupyter = start("lab", mounted=mounted, **installing_from(index))
    jupyter.create("qwen-eval", "torch", "transformers>=4.57", labels={"team": "language"})
    jupyter.create("old-experiments", "numpy")
    page = visit(jupyter)
    launcher = page.locator(".lm-TabBar-tab", has_text="Launcher")
    fill_in(page, "my-training", "torch>=2.9\ntransformers\nnumpy\n")
    launcher.locator(".lm-TabBar-tabCloseIcon").click()
    expect(create(page)).to_contain_text("Ready in", timeout=LONG)
    job_page(page).get_by_role("button", name="Open notebook").click()
    printed = run_cell(page, "import sys, torch\nprint(torch.__version__, sys.prefix, sep='\\n')")
    assert printed.startswith("2.9.1\n")
    assert printed.endswith("/.envmgr/environments/my-training")
    expect(row(page, "old-experiments")).to_be_visible()
    open_row(page, "my-training")
    tree(page).get_by_role("treeitem", name="Asked for").click()
    expect(tree(page)).to_contain_text("4.57.3")
    page.locator(".jp-NotebookPanel:visible .jp-CodeCell .cm-content").last.click()
    page.mouse.move(700, 600)
    picture(page, "screenshot")
    if refresh:
        page.screenshot(path=SCREENSHOT)
    assert SCREENSHOT.read_bytes().startswith(b"\x89PNG")
    assert SCREENSHOT.stat().st_size < 300_000
    readme = (SCREENSHOT.parents[1] / "README.md").read_text()
    assert re.search(r"!\[[^\]]{10,}\]\(docs/screenshot\.png\)", readme)
