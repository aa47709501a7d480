"""From an empty home to a notebook that runs in an environment made by clicks."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import ARTIFACTS, Visit
from tests.browser.jupyter import Jupyter, running
from tests.index.server import LocalIndex
from tests.index.wheels import Archive, wheel

LONG = 120_000


@pytest.fixture(scope="module")
def index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    """An index on this machine with ipykernel, pip, and two packages of our own."""
    slow = wheel("slow-one", "1.0")
    with LocalIndex([*kernel_archives, wheel("answers", "42.0"), slow]) as index:
        index.held.add(slow.filename)
        yield index


@pytest.fixture(scope="module")
def lab(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, index: LocalIndex
) -> Iterator[Jupyter]:
    """A JupyterLab in an empty home, that installs from the index on this machine."""
    home = tmp_path_factory.mktemp("create-home")
    with running("lab", home, arguments=[f"--EnvMgr.index_url={index.url}"]) as jupyter:
        yield jupyter


def sidebar(page: Page) -> Locator:
    """The side panel, opened if it is not."""
    page.evaluate("() => window.jupyterapp.commands.execute('envmgr:show-panel')")
    panel = page.locator("#jupyter-envmgr-sidebar")
    expect(panel).to_be_visible()
    return panel


def row(page: Page, name: str) -> Locator:
    """The line of an environment in the side panel."""
    return sidebar(page).get_by_role("treeitem", name=name).first


def fill_in(page: Page, name: str, packages: str = "") -> None:
    """Open the form and fill it in."""
    page.evaluate("() => window.jupyterapp.commands.execute('envmgr:create')")
    page.get_by_role("textbox", name="Name", exact=True).fill(name)
    if packages:
        page.locator(".jp-EnvMgr-form .cm-content").click()
        page.keyboard.insert_text(packages)


def create(page: Page) -> None:
    """Press the button, once it can be pressed."""
    button = page.get_by_role("button", name="Create", exact=True)
    expect(button).to_be_enabled()
    button.click()


def picture(page: Page, name: str) -> None:
    """Keep a screenshot to be looked at."""
    (ARTIFACTS / "screenshots").mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTIFACTS / "screenshots" / f"{name}.png")


def run_cell(page: Page, code: str) -> str:
    """Run the first cell of the notebook in front; what it printed."""
    editor = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-Cell .cm-content").first
    editor.click()
    page.keyboard.insert_text(code)
    page.keyboard.press("Shift+Enter")
    output = page.locator(".jp-NotebookPanel:not(.lm-mod-hidden) .jp-OutputArea-output").first
    expect(output).to_be_visible(timeout=60_000)
    return output.inner_text()


def test_an_empty_home_teaches_what_an_environment_is_for(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab)
    expect(sidebar(page)).to_contain_text("No environments of your own yet.")
    sidebar(page).get_by_role("button", name="Create one").click()
    expect(page.get_by_role("heading", name="New environment")).to_be_visible()


def test_a_notebook_runs_in_an_environment_made_by_clicks(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab, width=1280, height=860)
    sidebar(page)
    fill_in(page, "my-training", "answers\n")
    forecast = page.get_by_role("region", name="What will happen")
    expect(forecast).to_contain_text("because you chose pip")
    expect(forecast).to_contain_text(str(lab.home / ".envmgr"))
    picture(page, "form")
    create(page)
    ready = page.get_by_role("button", name="Open notebook").last
    expect(ready).to_be_visible(timeout=LONG)
    expect(page.locator(".jp-EnvMgr-page")).to_contain_text("Ready in")
    picture(page, "ready")
    page.locator(".jp-EnvMgr-page").get_by_role("button", name="Open notebook").click()
    printed = run_cell(page, "import sys, answers; print(sys.prefix)")
    assert printed.strip() == str(lab.home / ".envmgr/environments/my-training")
    expect(page.get_by_role("button", name="Switch kernel")).to_contain_text("my-training")
    picture(page, "notebook")
    page.evaluate("() => window.jupyterapp.commands.execute('launcher:create')")
    expect(page.locator(".jp-Launcher").get_by_text("(my-training)").first).to_be_visible()
    expect(row(page, "my-training")).to_be_visible()


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_created(
    lab: Jupyter, visit: Visit
) -> None:
    page = visit(lab)
    fill_in(page, "Bad Name", "numpy\n--index-url http://evil\n")
    form = page.locator(".jp-EnvMgr-form")
    expect(form).to_contain_text("characters that cannot be used")
    expect(form).to_contain_text("Line 2", ignore_case=True)
    expect(page.get_by_role("button", name="Create", exact=True)).to_be_disabled()
    picture(page, "invalid")
    page.get_by_role("textbox", name="Name", exact=True).fill("my-training")
    expect(form).to_contain_text("created")
    status, body = lab.get("envmgr/api/environments")
    assert status == 200
    managed = [e["name"] for e in json.loads(body)["environments"] if e["managed"]]
    assert managed == ["my-training"]


def test_a_failure_is_explained_where_it_happened_and_stays(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab)
    fill_in(page, "will-fail", "no-such-package-here\n")
    create(page)
    shown = page.locator(".jp-EnvMgr-page")
    expect(shown).to_contain_text("No such package", timeout=LONG)
    expect(shown).to_contain_text("no-such-package-here")
    expect(shown).to_contain_text("Check the spelling")
    picture(page, "failure")
    page.reload()
    expect(page.locator(".jp-EnvMgr-page")).to_contain_text("No such package", timeout=60_000)
    expect(row(page, "will-fail")).to_contain_text("failed")
    page.get_by_role("button", name="Edit and retry").click()
    expect(page.get_by_role("textbox", name="Name", exact=True)).to_have_value("will-fail")
    expect(page.locator(".jp-EnvMgr-form .cm-content")).to_contain_text("no-such-package-here")


def test_a_cancelled_create_leaves_nothing_and_a_reload_changes_nothing(
    lab: Jupyter, visit: Visit, index: LocalIndex
) -> None:
    page = visit(lab)
    fill_in(page, "cut-short", "slow-one\n")
    create(page)
    assert index.is_held.wait(60)
    page.reload()
    shown = page.locator(".jp-EnvMgr-page")
    expect(shown).to_contain_text("Creating cut-short", timeout=60_000)
    expect(row(page, "cut-short")).to_contain_text("%")
    picture(page, "working")
    pressed = time.monotonic()
    shown.get_by_role("button", name="Cancel").click()
    expect(shown).to_contain_text("Cancelled", timeout=5_000)
    assert time.monotonic() - pressed < 3
    assert not (lab.home / ".envmgr/environments/cut-short").exists()
    expect(sidebar(page).get_by_role("treeitem", name="cut-short")).to_have_count(0)


def test_an_environment_is_removed_after_its_plan_was_shown(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab)
    line = row(page, "will-fail")
    line.click()
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Remove")
    picture(page, "remove")
    dialog.get_by_role("button", name="Remove").click()
    expect(sidebar(page).get_by_role("treeitem", name="will-fail")).to_have_count(0, timeout=30_000)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_sidebar_shows_packages_on_expanding(lab: Jupyter, visit: Visit, theme: str) -> None:
    page = visit(lab, theme="dark" if theme == "dark" else "light")
    line = row(page, "my-training")
    line.click()
    page.keyboard.press("ArrowRight")
    expect(sidebar(page)).to_contain_text("packages")
    page.get_by_role("treeitem", name="Asked for").first.click()
    expect(sidebar(page)).to_contain_text("answers")
    picture(page, f"sidebar-{theme}")


def test_slash_goes_to_the_filter_and_finds_what_was_asked_for(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab)
    row(page, "my-training").click()
    page.keyboard.press("/")
    page.keyboard.type("answers")
    expect(row(page, "my-training")).to_be_visible()
    page.keyboard.press("Control+A")
    page.keyboard.type("nothing-like-it")
    expect(sidebar(page)).to_contain_text("No environment fits")


def test_below_a_base_url_it_works_the_same(
    start: Callable[..., Jupyter], visit: Visit, tmp_path: Path
) -> None:
    jupyter = start("lab", tmp_path / "home", base_url="/user/ada/")
    page = visit(jupyter)
    expect(sidebar(page)).to_contain_text("No environments of your own yet.")


def test_notebook_7_has_the_sidebar_and_the_form(notebook: Jupyter, visit: Visit) -> None:
    page = visit(notebook)
    page.evaluate("() => window.jupyterapp.commands.execute('envmgr:show-panel')")
    expect(page.locator("#jupyter-envmgr-sidebar")).to_contain_text("No environments of your own")
    fill_in(page, "in-notebook")
    expect(page.get_by_role("region", name="What will happen")).to_contain_text("in-notebook")
    picture(page, "notebook-7")


def test_a_server_killed_in_the_middle_leaves_what_can_be_retried(
    start: Callable[..., Jupyter], visit: Visit, tmp_path: Path, index: LocalIndex
) -> None:
    home = tmp_path / "home"
    arguments = [f"--EnvMgr.index_url={index.url}"]
    first = start("lab", home, arguments=arguments)
    page = visit(first)
    index.is_held.clear()
    fill_in(page, "survivor", "slow-one\n")
    create(page)
    assert index.is_held.wait(60)
    first.kill()
    second = start("lab", home, arguments=arguments)
    page = visit(second)
    expect(row(page, "survivor")).to_contain_text("failed", timeout=60_000)
    index.held.clear()
    index.release()
    row(page, "survivor").click()
    page.evaluate(
        "() => window.jupyterapp.commands.execute('envmgr:retry', { environment: 'survivor' })"
    )
    deadline = time.monotonic() + 90
    with contextlib.suppress(StopIteration):
        while time.monotonic() < deadline:
            _, body = second.get("envmgr/api/environments/survivor")
            if json.loads(body)["status"] == "ready":
                break
            page.wait_for_timeout(200)
    assert json.loads(second.get("envmgr/api/environments/survivor")[1])["status"] == "ready"
    expect(row(page, "survivor")).not_to_contain_text("failed")


@pytest.mark.network
def test_real_packages_of_the_package_index_are_imported_in_a_notebook(
    start: Callable[..., Jupyter], visit: Visit, tmp_path: Path
) -> None:
    jupyter = start("lab", tmp_path / "home")
    page = visit(jupyter)
    fill_in(page, "numbers", "numpy>=1.24\npackaging\n")
    create(page)
    expect(page.locator(".jp-EnvMgr-page")).to_contain_text("Ready in", timeout=240_000)
    page.locator(".jp-EnvMgr-page").get_by_role("button", name="Open notebook").click()
    printed = run_cell(page, "import numpy; print(numpy.arange(3).sum(), numpy.__file__)")
    assert printed.startswith("3 ")
    assert "/environments/numbers/" in printed
