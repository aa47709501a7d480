"""What a person looks at and presses: the sidebar, the form, a job's page, a notebook."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import ARTIFACTS, wait_until_ready

LONG = 120_000
"""Milliseconds that an environment may take on a machine that is busy with other things."""
SHORT = 30_000
"""Milliseconds that a page may take for what takes an idle machine a moment."""

expect.set_options(timeout=15_000)


def execute(page: Page, command: str, **arguments: object) -> None:
    """Begin a command of the application; it may wait for an answer to a dialog."""
    page.evaluate(
        "([command, args]) => { void window.jupyterapp.commands.execute(command, args); }",
        [command, arguments],
    )


def until(page: Page, condition: Callable[[], object], timeout: float = SHORT) -> None:
    """Wait until something outside of the page is as it should be."""
    deadline = time.monotonic() + timeout / 1000
    while not condition():
        assert time.monotonic() < deadline, "it did not come to that"
        page.wait_for_timeout(50)


def sidebar(page: Page) -> Locator:
    """The side panel, opened by its tab if it is not open."""
    panel = page.locator("#jupyter-envmgr-sidebar")
    if not panel.is_visible():
        tab = page.locator(".jp-SideBar [data-id=jupyter-envmgr-sidebar]")
        if tab.is_visible():
            tab.click()
        else:  # Notebook 7 has no tabs there
            execute(page, "envmgr:show-panel")
    expect(panel).to_be_visible()
    return panel


def tree(page: Page) -> Locator:
    """The tree of environments."""
    return sidebar(page).get_by_role("tree", name="Environments")


def row(page: Page, name: str) -> Locator:
    """The line of an environment, by what a screen reader says of it."""
    return tree(page).get_by_role("treeitem", name=re.compile(rf"^{re.escape(name)}, "))


def choose(page: Page, name: str) -> Locator:
    """Click on the line of an environment; it has the focus then."""
    line = row(page, name)
    line.click(position={"x": 60, "y": 12})
    expect(line).to_be_focused()
    return line


def open_row(page: Page, name: str) -> Locator:
    """Open the line of an environment by keyboard."""
    line = choose(page, name)
    if line.get_attribute("aria-expanded") != "true":
        page.keyboard.press("ArrowRight")
    expect(line).to_have_attribute("aria-expanded", "true")
    return line


def menu(page: Page, name: str) -> Locator:
    """The context menu of an environment, open."""
    row(page, name).click(button="right", position={"x": 60, "y": 12})
    shown = page.get_by_role("menu").last
    expect(shown).to_be_visible()
    return shown


def pick(page: Page, name: str, entry: str) -> None:
    """Choose an entry of an environment's context menu."""
    menu(page, name).get_by_role("menuitem", name=entry).click()


def palette(page: Page, words: str) -> Locator:
    """The command palette, opened by its keys, with what fits these words."""
    shown = page.locator(".jp-ModalCommandPalette")
    search = shown.locator("input")

    # It closes when something else takes the focus, as a kernel that ends does.
    def has_opened() -> bool:
        if not shown.is_visible():
            page.keyboard.press("Control+Shift+C")
        return bool(search.evaluate("e => e === document.activeElement"))

    until(page, has_opened)
    page.keyboard.type(words)
    expect(search).to_have_value(words)
    return shown


def form(page: Page) -> Locator:
    """The form for a new environment."""
    return page.locator(".lm-Widget:not(.lm-mod-hidden) > .jp-EnvMgr-form, .jp-EnvMgr-form").last


def fill_in(page: Page, name: str, packages: str = "") -> Locator:
    """Open the form by the sidebar's button and fill it in."""
    sidebar(page).get_by_role("button", name="New environment").click()
    shown = form(page)
    shown.get_by_role("textbox", name="Name", exact=True).fill(name)
    if packages:
        shown.locator(".cm-content").click()
        page.keyboard.insert_text(packages)
    return shown


def create(page: Page) -> Locator:
    """Press the button once the server has nothing to object; the page of the job."""
    shown = form(page)
    expect(shown.get_by_role("region", name="What will happen")).to_contain_text("will")
    button = shown.get_by_role("button", name="Create", exact=True)
    expect(button).not_to_have_attribute("aria-disabled", "true")
    button.click()
    return job_page(page)


def job_page(page: Page) -> Locator:
    """The page of the job in front."""
    return page.locator(".jp-EnvMgr-page:not(.jp-EnvMgr-form):visible")


_KEPT = """
async url => {
  const answer = await fetch(url.replace('/workspaces/', '/api/workspaces/'));
  const { data = {} } = answer.ok ? await answer.json() : {};
  const isKept = ([key, tab]) => key.startsWith('envmgr-tab:') && tab.data?.job;
  const layout = JSON.stringify(data['layout-restorer:data']?.main ?? {});
  return Object.entries(data).some(isKept) && layout.includes('envmgr-tab:');
}
"""


def reload(page: Page) -> None:
    """Reload the page, once JupyterLab has noted the job's tab, which it does within a second."""
    until(page, lambda: page.evaluate(_KEPT, page.url))
    page.reload()
    wait_until_ready(page)


def picture(what: Page | Locator, name: str) -> Path:
    """Keep a screenshot to be looked at."""
    (ARTIFACTS / "screenshots").mkdir(parents=True, exist_ok=True)
    path = ARTIFACTS / "screenshots" / f"{name}.png"
    what.screenshot(path=path)
    return path


IMAGES = Path(__file__).parents[2] / "docs" / "images"


def figure(what: Page | Locator, name: str) -> None:
    """A picture of the docs: kept to be looked at, and with DOCS_IMAGES=1 written there anew."""
    path = picture(what, name)
    if os.environ.get("DOCS_IMAGES"):
        IMAGES.mkdir(exist_ok=True)
        (IMAGES / path.name).write_bytes(path.read_bytes())


_IDLE = """
() => {
  const { shell } = window.jupyterapp;
  const context = shell.currentWidget?.sessionContext;
  return context?.isReady && context.session?.kernel?.status === 'idle';
}
"""


def run_cell(page: Page, code: str) -> str:
    """Run code in the last cell of the notebook in front; what it printed."""
    cells = page.locator(".jp-NotebookPanel:visible .jp-CodeCell")
    expect(cells.last).to_be_visible(timeout=LONG)
    page.wait_for_function(_IDLE, timeout=LONG)
    cell = cells.nth(cells.count() - 1)
    cell.locator(".cm-content").click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    # A number in the prompt: it has been executed, and all that it printed has come.
    expect(cell.locator(".jp-InputPrompt")).to_have_text(re.compile(r"\[\d+\]"), timeout=LONG)
    return "\n".join(cell.locator(".jp-OutputArea-output").all_inner_texts()).strip()
