"""From an empty home to a notebook that runs in an environment made by clicks."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.jupyter import Jupyter
from tests.browser.screen import (
    LONG,
    SHORT,
    create,
    fill_in,
    form,
    job_page,
    picture,
    reload,
    row,
    run_cell,
    sidebar,
    tree,
)
from tests.index.server import LocalIndex

_NAMES = "() => [...document.querySelectorAll('.jp-Dialog option')].map(o => o.textContent)"


def managed(jupyter: Jupyter) -> set[str]:
    """The names of the environments that were made here."""
    listed = jupyter.ask("GET", "environments?fresh=1")["environments"]
    return {each["name"] for each in listed if each["managed"]}


def test_an_empty_home_teaches_what_an_environment_is_for(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab)
    expect(sidebar(page)).to_contain_text("No environments of your own yet.")
    picture(page, "empty")
    sidebar(page).get_by_role("button", name="Create one").click()
    expect(page.get_by_role("heading", name="New environment")).to_be_visible()


def test_a_notebook_runs_in_an_environment_made_by_clicks(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab, height=860)
    shown = fill_in(page, "by-clicks", "answers==42.0\n")
    forecast = shown.get_by_role("region", name="What will happen")
    expect(forecast).to_contain_text("because you chose pip")
    expect(forecast).to_contain_text(str(lab.home / ".envmgr"))
    picture(page, "form")
    job = create(page)
    expect(job).to_contain_text("Ready in", timeout=LONG)
    job.get_by_role("region", name="Log").get_by_role("button", name="Log").click()
    expect(job.get_by_role("log")).to_contain_text("answers")
    picture(page, "ready")
    job.get_by_role("button", name="Open notebook").click()
    printed = run_cell(page, "import sys, answers\nprint(answers.__version__, sys.prefix)")
    assert printed == f"42.0 {lab.prefix('by-clicks')}"
    kernel = page.locator(".jp-NotebookPanel:visible .jp-Toolbar-kernelName")
    expect(kernel).to_contain_text("(by-clicks)")
    picture(page, "notebook")
    kernel.click()
    expect(page.get_by_role("dialog")).to_be_visible()
    picture(page, "picker")
    assert "Python 3" in " ".join(page.evaluate(_NAMES))
    assert any("(by-clicks)" in name for name in page.evaluate(_NAMES))
    page.keyboard.press("Escape")
    # The launcher that was open all the time has it too.
    page.locator(".lm-TabBar-tab", has_text="Launcher").click()
    expect(page.locator(".jp-Launcher").get_by_text("(by-clicks)").first).to_be_visible()
    expect(row(page, "by-clicks")).to_be_visible()


def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_created(
    lab: Jupyter, visit: Visit
) -> None:
    before = managed(lab)
    page = visit(lab)
    shown = fill_in(page, "Bad Name", "numpy\n--no-binary :all:\n")
    button = shown.get_by_role("button", name="Create", exact=True)
    name = shown.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_have_attribute("aria-invalid", "true")
    expect(shown).to_contain_text("Lower-case letters, digits")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    name.fill("good-name")
    expect(shown).to_contain_text("Line 2")
    expect(shown.locator(".jp-EnvMgr-wrongLine")).to_contain_text("--no-binary")
    expect(button).to_have_attribute("aria-disabled", "true")
    picture(page, "invalid")
    button.click(force=True)
    shown.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("numpy\n")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    assert managed(lab) == before


def test_a_name_that_is_taken_is_said_while_it_is_typed(workshop: Jupyter, visit: Visit) -> None:
    page = visit(workshop)
    sidebar(page)
    expect(row(page, "my-training")).to_be_visible()
    shown = fill_in(page, "my-training")
    expect(shown).to_contain_text("taken")
    button = shown.get_by_role("button", name="Create", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")
    shown.get_by_role("textbox", name="Name", exact=True).fill("my-training2")
    expect(button).not_to_have_attribute("aria-disabled", "true")


def test_requirements_are_read_from_a_file_and_one_that_is_no_text_is_refused(
    workshop: Jupyter, visit: Visit, tmp_path: Path
) -> None:
    page = visit(workshop)
    shown = fill_in(page, "from-a-file")
    file = tmp_path / "requirements.txt"
    file.write_text("# for the paper\nanswers>=42\nnumpy\n")
    with page.expect_file_chooser() as chooser:
        shown.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(shown.locator(".cm-content")).to_contain_text("answers>=42")
    expect(shown).to_contain_text("2 requirements")
    file.write_bytes(b"\xff\xfenumpy")
    with page.expect_file_chooser() as chooser:
        shown.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(shown).to_contain_text("not UTF-8")
    expect(shown.locator(".cm-content")).to_contain_text("answers>=42")


def test_a_failure_is_explained_stays_and_is_mended_by_editing(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab)
    shown = fill_in(page, "will-fail", "no-such-package-here\n")
    shown.get_by_role("button", name="More").click()
    shown.get_by_role("textbox", name="Labels").fill("team=vision")
    shown = create(page)
    problem = shown.get_by_role("alert", name="No such package")
    expect(problem).to_contain_text("no-such-package-here", timeout=LONG)
    expect(problem).to_contain_text("Check the spelling")
    problem.get_by_role("button", name="Show log").click()
    expect(shown.get_by_role("log")).to_contain_text("no-such-package-here")
    expect(shown.get_by_role("button", name="Copy log")).to_be_visible()
    picture(page, "failure")
    reload(page)
    expect(job_page(page)).to_contain_text("No such package", timeout=SHORT)
    expect(row(page, "will-fail")).to_contain_text("failed")
    job_page(page).get_by_role("button", name="Edit and retry").click()
    shown = form(page)
    expect(shown.get_by_role("textbox", name="Name", exact=True)).to_have_value("will-fail")
    expect(shown.get_by_role("textbox", name="Labels")).to_have_value("team=vision")
    editor = shown.locator(".cm-content")
    expect(editor).to_contain_text("no-such-package-here")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("answers\n")
    expect(create(page)).to_contain_text("Ready in", timeout=LONG)
    expect(row(page, "will-fail")).not_to_contain_text("failed")


def test_a_job_goes_on_over_a_reload_and_every_tab_sees_it(
    lab: Jupyter, visit: Visit, index: LocalIndex, slow: str
) -> None:
    page = visit(lab)
    fill_in(page, "seen-twice", f"{slow}\n")
    create(page)
    assert index.is_held.wait(60)
    reload(page)
    expect(job_page(page)).to_contain_text("Creating seen-twice", timeout=SHORT)
    expect(job_page(page).get_by_role("progressbar")).to_be_visible()
    other = visit(lab)
    expect(row(other, "seen-twice")).to_contain_text("%")
    picture(page, "working")
    activity = sidebar(other).get_by_role("list", name="Activity")
    activity.get_by_role("button", name="seen-twice").first.click()
    expect(job_page(other)).to_contain_text("Creating seen-twice")
    index.release()
    expect(job_page(page)).to_contain_text("Ready in", timeout=LONG)
    expect(job_page(other)).to_contain_text("Ready in", timeout=SHORT)
    expect(row(other, "seen-twice")).not_to_contain_text("%")


def test_a_cancelled_create_leaves_nothing_behind(
    lab: Jupyter, visit: Visit, index: LocalIndex, slow: str
) -> None:
    page = visit(lab)
    prefix = lab.prefix("cut-short")
    fill_in(page, "cut-short", f"{slow}\n")
    create(page)
    assert index.is_held.wait(60)
    assert prefix.exists()
    assert processes_about(prefix)
    pressed = time.monotonic()
    job_page(page).get_by_role("button", name="Cancel").click()
    expect(job_page(page)).to_contain_text("nothing is left")
    assert time.monotonic() - pressed < 3
    assert processes_about(prefix) == []
    assert not prefix.exists()
    assert "cut-short" not in managed(lab)
    expect(tree(page).get_by_role("treeitem", name="cut-short")).to_have_count(0)
    job_page(page).get_by_role("button", name="Edit and retry").click()
    expect(form(page).locator(".cm-content")).to_contain_text(slow)


def processes_about(prefix: Path) -> list[str]:
    """The command lines that name a directory."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(prefix) in line:
            found.append(line)
    return found


@pytest.mark.network
def test_real_packages_of_the_package_index_are_imported_in_a_notebook(start, visit: Visit) -> None:
    page: Page = visit(start("lab"))
    fill_in(page, "numbers", "numpy>=1.24\npackaging\n")
    expect(create(page)).to_contain_text("Ready in", timeout=240_000)
    job_page(page).get_by_role("button", name="Open notebook").click()
    printed = run_cell(page, "import numpy\nprint(numpy.arange(3).sum(), numpy.__file__)")
    assert printed.startswith("3 ")
    assert "/environments/numbers/" in printed
