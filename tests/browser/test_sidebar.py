"""What is done with an environment that exists: from the sidebar, by mouse and by keyboard."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.jupyter import Jupyter
from tests.browser.screen import (
    LONG,
    SHORT,
    choose,
    figure,
    menu,
    open_row,
    palette,
    pick,
    picture,
    row,
    run_cell,
    sidebar,
    tree,
    until,
)

_SPECS = "() => Object.keys(window.jupyterapp.serviceManager.kernelspecs.specs.kernelspecs)"
_TERMINAL = """
() => {
  const buffer = window.jupyterapp.shell.currentWidget?.content?._term?.buffer?.active;
  const lines = [];
  for (let i = 0; buffer && i < buffer.length; i += 1) {
    lines.push(buffer.getLine(i).translateToString(true));
  }
  return lines.join('\\n');
}
"""


@pytest.fixture
def plain(workshop: Jupyter) -> str:
    """The name of an environment that a test may do anything to; quick to make."""
    if workshop.environment("plain") is None:
        workshop.create("plain", "answers")
    return "plain"


def test_the_line_says_how_it_is_in_words_and_opens_to_its_packages(
    workshop: Jupyter, visit: Visit
) -> None:
    page = visit(workshop)
    line = open_row(page, "my-training")
    label = line.get_attribute("aria-label") or ""
    for word in ("ready", "Python 3.", "pip", "has a kernel"):
        assert word in label
    expect(sidebar(page)).to_contain_text(re.compile(r"\d+ packages"))
    sidebar(page).get_by_role("button", name="Measure size").first.click()
    expect(line.locator(".jp-EnvMgr-size")).to_have_text(re.compile(r"\d.*B"))
    tree(page).get_by_role("treeitem", name="Asked for").click()
    expect(tree(page)).to_contain_text("42.0")
    tree(page).get_by_role("treeitem", name="All packages").click()
    search = tree(page).get_by_role("searchbox", name="Search packages")
    search.fill("ipyk")
    expect(tree(page).get_by_role("treeitem", name="ipykernel")).to_be_visible()
    expect(tree(page).get_by_role("treeitem", name="numpy", exact=True)).to_have_count(0)
    picture(page, "packages")


def test_the_display_name_is_changed_by_f2(workshop: Jupyter, visit: Visit, plain: str) -> None:
    page = visit(workshop)
    choose(page, plain)
    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("The directory keeps its name")
    field = dialog.get_by_role("textbox")
    expect(field).to_be_focused()
    field.fill("Plain & simple")
    page.keyboard.press("Enter")
    line = row(page, "Plain & simple")
    expect(line).to_be_visible()
    expect(line).to_be_focused()
    assert workshop.environment(plain)["display_name"] == "Plain & simple"
    assert workshop.prefix(plain).is_dir()
    page.keyboard.press("F2")
    dialog.get_by_role("textbox").fill(f"Python 3 ({plain})")
    page.keyboard.press("Enter")
    expect(row(page, plain)).to_be_visible()


def test_a_kernel_is_unregistered_after_its_plan_and_registered_again(
    workshop: Jupyter, visit: Visit, plain: str
) -> None:
    page = visit(workshop)
    expect(row(page, plain)).to_have_attribute("aria-label", re.compile("has a kernel"))
    name = workshop.environment(plain)["kernels"][0]["name"]
    pick(page, plain, "Unregister Kernel")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(name)
    dialog.get_by_role("button", name="Cancel").click()
    assert workshop.environment(plain)["kernels"] != []
    pick(page, plain, "Unregister Kernel")
    dialog.get_by_role("button", name="Unregister").click()
    expect(row(page, plain)).not_to_have_attribute("aria-label", re.compile("has a kernel"))
    assert name not in page.evaluate(_SPECS)
    assert workshop.environment(plain)["kernels"] == []
    pick(page, plain, "Register Kernel")
    expect(row(page, plain)).to_have_attribute("aria-label", re.compile("has a kernel"))
    assert name in page.evaluate(_SPECS)


def test_a_terminal_opens_with_the_environment_activated(workshop: Jupyter, visit: Visit) -> None:
    page = visit(workshop)
    pick(page, "my-training", "Open Terminal")
    prefix = str(workshop.prefix("my-training"))
    terminal = page.locator(".jp-Terminal:visible")
    expect(terminal).to_be_visible(timeout=SHORT)
    terminal.click()
    page.keyboard.type('echo "<$VIRTUAL_ENV>" $(command -v python)')
    page.keyboard.press("Enter")
    said = f"<{prefix}> {prefix}/bin/python"
    until(page, lambda: said in page.evaluate(_TERMINAL).replace("\n", ""))
    picture(page, "terminal")


def test_copy_path_puts_the_path_into_the_clipboard(workshop: Jupyter, visit: Visit) -> None:
    page = visit(workshop)
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    pick(page, "my-training", "Copy Path")
    prefix = str(workshop.prefix("my-training"))
    until(page, lambda: page.evaluate("() => navigator.clipboard.readText()") == prefix)


def test_details_say_where_it_came_from(workshop: Jupyter, visit: Visit) -> None:
    page = visit(workshop)
    pick(page, "my-training", "Show Details")
    facts = tree(page).locator(".jp-EnvMgr-factTable")
    expect(facts).to_contain_text("uv")
    expect(facts).to_contain_text(str(workshop.prefix("my-training")))
    picture(page, "details")


def test_the_context_menu_offers_what_fits(workshop: Jupyter, visit: Visit) -> None:
    page = visit(workshop)
    entries = menu(page, "my-training").get_by_role("menuitem").all_inner_texts()
    said = "\n".join(entries)
    offered = (
        *("Open Notebook", "Open Console", "Open Terminal", "Unregister Kernel", "Copy Path"),
        *("Show Details", "Rename", "Remove"),
    )
    for entry in offered:
        assert entry in said
    assert not any(entry.startswith(("Retry", "Register Kernel", "Edit and")) for entry in entries)
    figure(page, "environments-menu")
    page.keyboard.press("Escape")
    image = tree(page).get_by_role("treeitem", name=", image, ")
    image.click(button="right", position={"x": 60, "y": 12})
    said = page.get_by_role("menu").last.inner_text()
    assert "Open Notebook" in said
    assert "Remove" not in said
    assert "Rename" not in said


def test_every_command_is_in_the_palette_and_asks_which_environment(
    workshop: Jupyter, visit: Visit
) -> None:
    page = visit(workshop)
    expect(row(page, "my-training")).to_be_visible()
    shown = palette(page, "environment")
    for entry in (
        *("New Environment", "Show Environments", "Refresh Environments", "Filter Environments"),
        *("Open Notebook with Environment", "Open Console with", "Open Terminal with"),
        *("Rename Environment", "Remove Environment", "Copy Path of", "Show Details of"),
        "Unregister Kernel of",
    ):
        expect(shown.get_by_text(entry).first).to_be_attached()
    picture(page, "palette")
    shown.get_by_text("Open Console with").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Which environment?")
    expect(dialog).to_contain_text("my-training")


def test_slash_goes_to_the_filter_which_finds_names_and_packages(
    workshop: Jupyter, visit: Visit, plain: str
) -> None:
    page = visit(workshop)
    choose(page, plain)
    page.keyboard.press("/")
    expect(page.get_by_role("searchbox", name="Filter by name")).to_be_focused()
    page.keyboard.type("numpy")
    expect(row(page, "my-training")).to_be_visible()
    expect(row(page, plain)).to_have_count(0)
    page.keyboard.press("Control+A")
    page.keyboard.type("nothing-like-it")
    expect(sidebar(page)).to_contain_text("No environment fits “nothing-like-it”.")
    page.keyboard.press("Escape")
    expect(row(page, plain)).to_be_visible()


def test_an_environment_in_use_is_removed_only_by_who_says_so_twice(
    workshop: Jupyter, visit: Visit, plain: str
) -> None:
    page = visit(workshop)
    choose(page, plain).get_by_role("button", name="Open notebook").click()
    assert run_cell(page, "import answers\nprint(answers.__version__)") == "42.0"
    pick(page, plain, "Remove")
    dialog = page.get_by_role("dialog")
    tick = dialog.get_by_role("checkbox", name="although it is in use")
    expect(tick).not_to_be_checked()
    picture(page, "in-use")
    button = dialog.get_by_role("button", name="Remove")
    expect(button).to_have_attribute("aria-disabled", "true")
    button.click(force=True)
    expect(tick).to_be_focused()
    assert workshop.environment(plain)["status"] == "ready"
    tick.check()
    button.click()
    expect(row(page, plain)).to_have_count(0, timeout=SHORT)
    assert not workshop.prefix(plain).exists()


def test_an_environment_is_made_used_and_removed_without_a_mouse(
    workshop: Jupyter, visit: Visit
) -> None:
    page = visit(workshop)
    palette(page, "New Environment")
    page.keyboard.press("Enter")
    name = page.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_be_focused()
    page.keyboard.type("by-keys")
    tab_to(page, "Packages, one requirement per line")
    page.keyboard.type("answers")
    expect(page.get_by_role("region", name="What will happen")).to_contain_text("by-keys")
    page.keyboard.press("Control+Enter")
    shown = page.locator(".jp-EnvMgr-page:visible")
    expect(shown).to_contain_text("Ready in", timeout=LONG)
    tab_to(page, "Open notebook")
    page.keyboard.press("Enter")
    assert run_cell(page, "import answers\nprint(answers.__version__)") == "42.0"
    page.keyboard.press("Escape")
    page.evaluate("() => window.jupyterapp.commands.execute('kernelmenu:shutdown')")
    until(page, lambda: b"envmgr-by-keys" not in workshop.get("api/kernels")[1])
    palette(page, "Show Environments")
    page.keyboard.press("Enter")
    expect(sidebar(page)).to_be_visible()
    tab_to_tree(page)
    page.keyboard.press("Home")
    page.keyboard.type("by-k")
    expect(row(page, "by-keys")).to_be_focused()
    page.keyboard.press("Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text(str(workshop.prefix("by-keys")))
    expect(dialog.get_by_role("button", name="Cancel")).to_be_focused()
    picture(page, "remove")
    page.keyboard.press("Tab")
    expect(dialog.get_by_role("button", name="Remove")).to_be_focused()
    page.keyboard.press("Enter")
    expect(row(page, "by-keys")).to_have_count(0, timeout=SHORT)
    assert workshop.environment("by-keys") is None
    assert not workshop.prefix("by-keys").exists()
    assert "envmgr-by-keys" not in page.evaluate(_SPECS)


def tab_to(page: Page, label: str) -> None:
    """Press Tab until the focus is on what is called that."""
    for _ in range(40):
        page.keyboard.press("Tab")
        name = page.evaluate(
            "() => document.activeElement.getAttribute('aria-label')"
            " ?? document.activeElement.textContent"
        )
        if name.strip() == label:
            return
    raise AssertionError(f"Tab never came to {label!r}")


def tab_to_tree(page: Page) -> None:
    """Press Tab until the focus is on a line of the tree."""
    for _ in range(40):
        if page.evaluate("() => document.activeElement.getAttribute('role')") == "treeitem":
            return
        page.keyboard.press("Tab")
    raise AssertionError("Tab never came to the tree")
