"""Conda environments by clicks: from a pasted file to an archive that runs under another name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Theme, Visit, installing_from
from tests.browser.jupyter import Jupyter, running
from tests.browser.screen import (
    LONG,
    SHORT,
    choose,
    create,
    execute,
    figure,
    form,
    job_page,
    open_row,
    pick,
    picture,
    reload,
    row,
    run_cell,
    sidebar,
    tree,
    until,
)
from tests.browser.test_looks import violations
from tests.channel.archives import CondaPackage
from tests.channel.build import Channel, write_channel
from tests.channel.server import ChannelServer
from tests.index.server import LocalIndex


@pytest.fixture(scope="module")
def conda_lab(
    browser: Browser,
    tmp_path_factory: pytest.TempPathFactory,
    index: LocalIndex,
    conda_channel: Channel,
) -> Iterator[Jupyter]:
    """A JupyterLab in a home whose .condarc names the channel of this machine."""
    home = tmp_path_factory.mktemp("conda-home")
    (home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    with running("lab", home, **installing_from(index)) as jupyter:
        yield jupyter


def environment_yml(channel: Channel, name: str, *more: str) -> str:
    """What people paste: with channels, a Python, and a section for pip."""
    minor = ".".join(channel.python.split(".")[:2])
    lines = [
        f"name: {name}",
        "channels:",
        f"  - {channel.url}",
        "dependencies:",
        f"  - python={minor}",
        "  - greeter=1.0",
        *more,
        "  - pip",
        "  - pip:",
        "      - answers==42.0",
        "prefix: /home/somebody/envs/old",
    ]
    return "\n".join(lines) + "\n"


def paste(page: Page, text: str) -> Locator:
    """Open an empty form and put a text into its editor."""
    sidebar(page).get_by_role("button", name="New environment").click()
    shown = form(page)
    shown.locator(".cm-content").click()
    page.keyboard.insert_text(text)
    return shown


def accept(page: Page, button: str) -> None:
    """Press a button of the dialog in front, once it is there."""
    page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()


IMPORTED = (
    "import sys, greeter, answers\nprint(greeter.__version__, answers.__version__, sys.prefix)"
)


def test_a_pasted_environment_yml_runs_and_its_archive_runs_under_another_name(
    conda_lab: Jupyter, conda_channel: Channel, visit: Visit
) -> None:
    page = visit(conda_lab, height=1000)
    shown = paste(page, environment_yml(conda_channel, "from-a-file"))
    expect(shown).to_contain_text("This is a conda environment.yml: 3 packages, 1 for pip")
    expect(shown.get_by_role("radio", name="conda")).to_be_checked()
    expect(shown.get_by_role("textbox", name="Name", exact=True)).to_have_value("from-a-file")
    expect(shown.get_by_role("textbox", name="Channels")).to_have_value(conda_channel.url)
    shown.get_by_role("button", name="Show what will be installed").click()
    solution = shown.get_by_role("region", name="What will be installed")
    table = solution.get_by_role("table", name="Packages")
    greeter = table.get_by_role("row").filter(has_text="greeter")
    expect(greeter.get_by_role("cell")).to_have_text(
        ["install", "greeter", "1.0", conda_channel.url, re.compile("kB$")], timeout=SHORT
    )
    expect(table.get_by_role("row").last).to_contain_text(re.compile(r"\d+ packages [\d.]+ MB"))
    expect(table.get_by_role("row").last).to_be_in_viewport()
    expect(solution).to_contain_text("On the disk")
    picture(page, "conda-form")
    expect(create(page)).to_contain_text("Ready in", timeout=LONG)
    job_page(page).get_by_role("button", name="Open notebook").click()
    printed = run_cell(page, IMPORTED)
    assert printed == f"1.0 42.0 {conda_lab.prefix('from-a-file')}"

    pick(page, "from-a-file", "Pack…")
    file = conda_lab.root / "from-a-file.tar.gz"
    path = page.get_by_role("dialog").get_by_role("textbox", name="File")
    expect(path).to_have_value(re.compile(r"/from-a-file\.tar\.gz$"))
    accept(page, "Continue")
    accept(page, "Pack")
    expect(job_page(page)).to_contain_text("Done in", timeout=LONG)
    assert file.is_file()
    reload(page)
    activity = sidebar(page).get_by_role("list", name="Activity")
    packed = activity.get_by_role("listitem").filter(has_text="Pack from-a-file")
    for place in (packed, job_page(page)):
        with page.expect_download() as download:
            place.get_by_role("button", name="Download").click()
        assert download.value.suggested_filename == file.name
        assert Path(download.value.path()).stat().st_size == file.stat().st_size
    picture(page, "packed")
    job_page(page).get_by_role("button", name="Show in file browser").click()
    listed = page.locator(".jp-DirListing-item").filter(has=page.get_by_text(file.name, exact=True))
    expect(listed).to_be_visible(timeout=SHORT)
    expect(listed).to_have_class(re.compile("jp-mod-selected"))
    listed.click(button="right")
    page.get_by_role("menuitem", name="Create Environment from This File").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("conda")
    name = dialog.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_have_value("from-a-file")
    accept(page, "Continue")
    # The name is taken: that is said where another one can be typed.
    expect(dialog.get_by_role("alert")).to_contain_text("from-a-file", timeout=SHORT)
    name.fill("carried")
    picture(page, "import")
    accept(page, "Continue")
    accept(page, "Import")
    opening = job_page(page).get_by_role("button", name="Open notebook")
    expect(opening).to_be_visible(timeout=LONG)
    opening.click()
    assert run_cell(page, IMPORTED) == f"1.0 42.0 {conda_lab.prefix('carried')}"
    expect(row(page, "carried")).to_be_visible()
    # What is no longer the file that was packed is not sent.
    file.write_bytes(b"something else")
    packed.get_by_role("button", name="Download").click()
    expect(packed.get_by_role("alert")).to_contain_text("This is not the archive that was packed")
    expect(packed.get_by_role("button", name="Download")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_plan_tells_warnings_from_what_is_good_to_know_and_fits_a_narrow_tab(
    conda_lab: Jupyter, conda_channel: Channel, visit: Visit, theme: Theme
) -> None:
    page = visit(conda_lab, theme=theme, width=560, height=1200)
    text = environment_yml(conda_channel, "narrow") + "variables:\n  DATA_ROOT: /data\n"
    shown = paste(page, text)
    forecast = shown.get_by_role("region", name="What will happen")
    for word, sentence in (
        ("Warning", "is lost with the container."),
        ("Note", "The prefix in line 10 is left out: the location decides."),
        ("Note", "It sets environment variables: DATA_ROOT."),
    ):
        remark = forecast.locator(".jp-EnvMgr-remark", has_text=sentence)
        expect(remark).to_have_count(1, timeout=SHORT)
        expect(remark.get_by_role("img", name=word, exact=True)).to_be_visible()
    # That it is lost is a fact and a warning, and no more.
    expect(forecast.get_by_text("lost with the container")).to_have_count(2)
    shown.get_by_role("button", name="Show what will be installed").click()
    table = shown.get_by_role("table", name="Packages")
    greeter = table.get_by_role("row").filter(has_text="greeter")
    expect(greeter).to_contain_text("install greeter 1.0", timeout=SHORT)
    # What is in the cache has nothing to download.
    for cell in greeter.get_by_role("cell").all()[:4]:
        expect(cell).to_be_visible()
    picture(shown, f"conda-plan-narrow-{theme}")
    assert shown.evaluate("e => e.scrollWidth <= e.clientWidth")
    assert violations(page, ".jp-EnvMgr-form") == ""


def test_the_user_site_is_kept_out_unless_its_box_is_ticked(
    conda_lab: Jupyter, visit: Visit
) -> None:
    page = visit(conda_lab, height=1300)
    sidebar(page).get_by_role("button", name="New environment").click()
    shown = form(page)
    shown.get_by_role("textbox", name="Name", exact=True).fill("seeing")
    shown.get_by_role("button", name="More").click()
    box = shown.get_by_role("checkbox", name="Let its programs see ~/.local")
    expect(box).to_have_count(0)  # those of pip never do
    shown.get_by_role("radio", name="conda").check()
    expect(box).not_to_be_checked()
    facts = shown.locator(".jp-EnvMgr-factTable")
    expect(facts).to_contain_text("~/.local is kept out, also of what runs", timeout=SHORT)
    box.focus()
    page.keyboard.press("Space")
    expect(facts).to_contain_text("its programs see ~/.local, but for its kernel", timeout=SHORT)
    picture(page, "conda-user-site")
    shown.get_by_role("checkbox", name="Add ipykernel").uncheck()
    expect(create(page)).to_contain_text("Ready in", timeout=LONG)
    assert conda_lab.environment("seeing")["user_site"]
    pick(page, "seeing", "Clone…")
    accept(page, "Continue")
    expect(page.get_by_role("dialog")).to_contain_text("its programs see ~/.local", timeout=SHORT)
    page.keyboard.press("Escape")


_OF_A_MAC = """\
name: mac
dependencies:
  - python=3.11.5=h47c9636_0_cpython
  - libcxx=16.0.6=h4653b0c_0
  - numpy=1.26.0=py311hb8f3215_0  # pinned
  - pip:
      - answers
"""


def test_a_file_under_a_misleading_name_is_recognised_and_its_builds_are_relaxed(
    conda_lab: Jupyter, visit: Visit, tmp_path: Path
) -> None:
    page = visit(conda_lab, height=1000)
    sidebar(page).get_by_role("button", name="New environment").click()
    shown = form(page)
    file = tmp_path / "requirements_x.txt"
    file.write_text(_OF_A_MAC)
    with page.expect_file_chooser() as chooser:
        shown.get_by_role("button", name="Choose a file").click()
    chooser.value.set_files(file)
    expect(shown).to_contain_text("This is a conda environment.yml")
    conda = shown.get_by_role("radio", name="conda")
    expect(conda).to_be_checked()
    shown.get_by_role("button", name="Undo").click()
    expect(conda).not_to_be_checked()
    conda.check()
    builds = shown.get_by_role("group", name="Builds for osx-64 cannot be had here")
    lines = builds.get_by_label("The lines that change")
    expect(lines.locator("del")).to_have_count(3)
    expect(lines.locator("ins")).to_contain_text(["numpy==1.26.0"])
    figure(builds, "environments-builds")
    assert violations(page, ".jp-EnvMgr-form") == ""
    builds.get_by_role("button", name="Change the text").click()
    editor = shown.locator(".cm-content")
    expect(editor).to_contain_text("numpy==1.26.0  # pinned")
    expect(editor).not_to_contain_text("libcxx")
    expect(builds).to_have_count(0)


def test_what_is_wrong_with_a_file_is_marked_in_its_line_and_column(
    conda_lab: Jupyter, visit: Visit
) -> None:
    page = visit(conda_lab)
    shown = paste(page, "name: wrong\ndependencies:\n  - pip\n  - numpy=>1\n")
    expect(shown).to_contain_text("Line 4, column 11:")
    expect(shown.locator(".jp-EnvMgr-wrongPlace")).to_have_text(">1")
    button = shown.get_by_role("button", name="Create", exact=True)
    expect(button).to_have_attribute("aria-disabled", "true")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_form_offers_exactly_the_pythons_of_its_channels(
    conda_lab: Jupyter, conda_channel: Channel, visit: Visit, tmp_path: Path, theme: Theme
) -> None:
    page = visit(conda_lab, theme=theme, height=900)
    sidebar(page).get_by_role("button", name="New environment").click()
    shown = form(page)
    shown.get_by_role("radio", name="conda").check()
    offers = shown.get_by_role("group", name="Versions of Python").get_by_role("button")
    expect(offers).to_have_text(minors(conda_channel.pythons), timeout=SHORT)
    python = shown.get_by_label("Python", exact=True)
    assert set(conda_channel.pythons) <= set(versions(python))
    without_kernel = minors(conda_channel.pythons[1:])
    if without_kernel:
        offers.filter(has_text=without_kernel[0]).click()
        expect(python).to_have_value(without_kernel[0])
        expect(shown).to_contain_text(f"no kernel can run on Python {without_kernel[0]}")
    main = minors(conda_channel.pythons[:1])[0]
    offers.filter(has_text=main).click()
    expect(python).to_have_value(main)
    expect(shown).not_to_contain_text("no kernel can run")
    picture(page, f"pythons-{theme}")
    assert violations(page, ".jp-EnvMgr-form") == ""

    channels = shown.get_by_role("textbox", name="Channels")
    own = write_channel(tmp_path / "own", [CondaPackage("python", "3.7.1")])
    channels.fill(own.as_uri())
    expect(offers).to_have_text(["3.7"], timeout=SHORT)
    with ChannelServer({"slow": own}) as server:
        server.hold("repodata")
        channels.fill(f"{server.base}/slow")
        expect(shown).to_contain_text("Asking the channels which versions they offer…")
        picture(page, f"pythons-asking-{theme}")
        assert violations(page, ".jp-EnvMgr-form") == ""
        server.release()
        expect(shown).not_to_contain_text("Asking the channels", timeout=SHORT)
    channels.fill("http://127.0.0.1:9/nobody")
    expect(shown).to_contain_text("What the channels offer is not known:", timeout=SHORT)
    expect(offers.filter(has_text="3.12")).to_be_visible()
    picture(page, f"pythons-unknown-{theme}")
    assert violations(page, ".jp-EnvMgr-form") == ""
    # Any version can be typed, offered or not.
    python.fill("3.6.15")
    expect(python).to_have_value("3.6.15")
    expect(shown.get_by_role("button", name="Create", exact=True)).to_have_attribute(
        "title", re.compile("name")
    )


def minors(pythons: Iterable[str]) -> list[str]:
    """The minor versions, the newest first."""
    numbers = {tuple(map(int, version.split(".")[:2])) for version in pythons}
    return [f"{major}.{minor}" for major, minor in sorted(numbers, reverse=True)]


def versions(field: Locator) -> list[str]:
    """What a field offers to complete what is typed."""
    found = field.evaluate("input => Array.from(input.list.options, option => option.value)")
    return [str(each) for each in found]


@pytest.fixture(scope="module")
def made(conda_lab: Jupyter, conda_channel: Channel) -> Jupyter:
    """That JupyterLab with ``science`` in it, from names alone."""
    minor = ".".join(conda_channel.python.split(".")[:2])
    conda_lab.create("science", "greeter=1.0", manager="conda", python=minor)
    return conda_lab


def version(jupyter: Jupyter, environment: str, name: str) -> str:
    """The version of a package; empty if it is not there."""
    listed = jupyter.ask("GET", f"environments/{environment}/packages")["packages"]
    return next((each["version"] for each in listed if each["name"] == name), "")


def test_packages_change_as_planned_and_go_back(made: Jupyter, visit: Visit) -> None:
    page = visit(made, height=900)
    choose(page, "science")
    pick(page, "science", "Install Packages…")
    dialog = page.get_by_role("dialog")
    # Enter begins a new line; it does not press the dialog's button.
    dialog.get_by_role("textbox", name="Packages, one per line").press_sequentially("grows=2\n\n")
    accept(page, "Continue")
    expect(dialog).to_contain_text("install grows 2.0", timeout=SHORT)
    expect(dialog).to_contain_text("To download")
    assert version(made, "science", "grows") == ""
    accept(page, "Change")
    until(page, lambda: version(made, "science", "grows") == "2.0", LONG)

    open_row(page, "science")
    tree(page).get_by_role("treeitem", name="All packages").click()
    tree(page).get_by_label("Search packages").fill("two-versions")
    line = tree(page).locator("[data-package=two-versions]")
    line.click()
    expect(line).to_be_focused()
    page.keyboard.press("Delete")
    # What nobody has asked for has to be ticked; until then neither button nor key goes on.
    tick = dialog.get_by_role("checkbox", name="Change these too: grows")
    expect(tick).to_be_focused(timeout=SHORT)
    button = dialog.get_by_role("button", name="Uninstall", exact=True)
    expect(button).to_have_attribute("title", "First tick: Change these too: grows")
    page.keyboard.press("Enter")
    expect(tick).to_be_focused()
    button.click(force=True)  # as a person does, whom nobody has told
    expect(tick).to_be_focused()
    plan = page.locator(".jp-Dialog-content")
    figure(plan, "environments-plan")
    page.keyboard.press("Space")
    expect(button).not_to_have_attribute("aria-disabled", "true")
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)
    until(page, lambda: version(made, "science", "grows") == "", LONG)
    assert version(made, "science", "two-versions") == ""
    expect(line).to_have_count(0)

    pick(page, "science", "History")
    history = page.get_by_role("region", name="History")
    expect(history.locator("li")).to_have_count(3)
    expect(history).to_contain_text("+ grows 2.0")
    expect(history).to_contain_text("− grows 2.0")
    figure(history, "environments-history")
    history.get_by_role("button", name="Go back").first.click()
    expect(dialog).to_contain_text("install grows 2.0")
    accept(page, "Go back")
    until(page, lambda: version(made, "science", "grows") == "2.0", LONG)
    expect(history.locator("li")).to_have_count(4)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_says_whether_it_works_and_how_it_is_used_elsewhere(
    made: Jupyter, visit: Visit, theme: Theme
) -> None:
    page = visit(made, theme=theme, height=1000)
    choose(page, "science")
    pick(page, "science", "Verify")
    verified = page.get_by_role("region", name="Verify")
    expect(verified.locator("li", has_text="greeter 1.0")).to_be_visible(timeout=LONG)
    expect(verified.get_by_role("button", name="Verify again")).to_be_visible(timeout=LONG)
    if theme == "light":
        figure(verified, "environments-verify")
    pick(page, "science", "Use Elsewhere")
    elsewhere = page.get_by_role("region", name="Use elsewhere")
    expect(elsewhere).to_contain_text(f"conda activate {made.prefix('science')}")
    expect(elsewhere).to_contain_text("conda_env")
    pick(page, "science", "Export")
    export = page.get_by_role("region", name="Export")
    export.get_by_role("combobox", name="Format").select_option("environment-yml-no-builds")
    expect(export).to_contain_text("greeter=1.0")
    picture(page, f"page-{theme}")
    assert violations(page, ".jp-EnvMgr-environmentPage") == ""
    export.get_by_role("button", name="Save in the file browser").click()
    expect(export).to_contain_text("Saved as")
    saved = sorted(made.root.glob("*.yml"))
    assert "greeter=1.0" in saved[0].read_text()
    pick(page, "science", "Install Packages…")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert violations(page, ".jp-EnvMgr-dialog") == ""
    page.keyboard.press("Escape")


def test_a_clone_has_the_same_packages_and_a_terminal_in_which_it_is_active(
    made: Jupyter, visit: Visit
) -> None:
    page = visit(made)
    choose(page, "science")
    pick(page, "science", "Clone…")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox", name="Name", exact=True)).to_have_value("science-copy")
    accept(page, "Continue")
    accept(page, "Clone")
    expect(job_page(page)).to_contain_text("Ready in", timeout=LONG)
    assert version(made, "science-copy", "greeter") == "1.0"
    job_page(page).get_by_role("button", name="Open terminal").click()
    expect(page.locator(".jp-Terminal .xterm-helper-textarea")).to_be_focused(timeout=SHORT)
    file = made.root / "active.txt"
    line = "python -c 'import os, sys; print(sys.prefix, os.environ[\"CONDA_PREFIX\"])'"
    page.keyboard.type(f"{line} > {file}\n")
    until(page, lambda: file.exists() and file.read_text().strip())
    prefix = made.prefix("science-copy")
    assert file.read_text().strip() == f"{prefix} {prefix}"


def test_a_name_is_changed_and_an_environment_made_anew(made: Jupyter, visit: Visit) -> None:
    made.create("misnamed", "answers")
    page = visit(made)
    choose(page, "misnamed")
    pick(page, "misnamed", "Change Name and Directory…")
    dialog = page.get_by_role("dialog")
    name = dialog.get_by_role("textbox", name="Name", exact=True)
    name.fill("science")
    accept(page, "Continue")
    # What is against it is said where another name can be typed.
    expect(dialog.get_by_role("alert")).to_contain_text("science", timeout=SHORT)
    name.fill("well-named")
    accept(page, "Continue")
    accept(page, "Change name")
    expect(row(page, "well-named")).to_be_visible(timeout=LONG)
    expect(row(page, "misnamed")).to_have_count(0)
    assert made.environment("well-named")["status"] == "ready"
    pick(page, "well-named", "Recreate…")
    accept(page, "Recreate")
    expect(job_page(page)).to_contain_text("Done in", timeout=LONG)
    assert version(made, "well-named", "answers") == "42.0"


def test_an_archive_of_ones_own_computer_is_uploaded_and_imported(
    made: Jupyter, visit: Visit, tmp_path: Path
) -> None:
    made.create("small", "answers")
    file = tmp_path / "small.tar.gz"
    made.wait_for(made.ask("POST", "archives", {"environment": "small", "path": str(file)})["id"])
    page = visit(made)
    sidebar(page)
    execute(page, "envmgr:import-archive")
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Or one on your own computer").set_input_files(file)
    accept(page, "Continue")
    name = dialog.get_by_role("textbox", name="Name", exact=True)
    expect(name).to_have_value("small", timeout=SHORT)
    name.fill("uploaded")
    accept(page, "Continue")
    accept(page, "Import")
    expect(job_page(page).get_by_role("button", name="Open notebook")).to_be_visible(timeout=LONG)
    assert version(made, "uploaded", "answers") == "42.0"
    # It was only lent, whether it was imported or not.
    uploads = made.home / ".envmgr/cache/uploads"
    assert list(uploads.iterdir()) == []
    execute(page, "envmgr:import-archive")
    dialog.get_by_label("Or one on your own computer").set_input_files(file)
    accept(page, "Continue")
    expect(name).to_have_value("small", timeout=SHORT)
    page.keyboard.press("Escape")
    until(page, lambda: list(uploads.iterdir()) == [])
    # A file that is no archive is refused in words.
    other = tmp_path / "other.tar.gz"
    other.write_bytes(b"no archive at all")
    execute(page, "envmgr:import-archive", path=str(other))
    expect(dialog).to_contain_text("The archive cannot be imported")
    expect(dialog.get_by_role("alert")).to_contain_text("other.tar.gz")
    accept(page, "Close")


def test_a_file_of_the_file_browser_fills_the_form(jupyter: Jupyter, visit: Visit) -> None:
    (jupyter.root / "wanted.txt").write_text("answers==42.0\n")
    (jupyter.root / "picture.png").write_bytes(b"\x89PNG")
    (jupyter.root / "hollow.tar.gz").write_bytes(b"no archive at all")
    page = visit(jupyter)
    browser = page.get_by_role("tab", name=re.compile("File Browser"))
    if jupyter.app == "lab" and browser.get_attribute("aria-selected") != "true":
        browser.click()
    entry = page.get_by_role("menuitem", name="Create Environment from This File")
    listed = page.locator(".jp-DirListing-item:visible")
    listed.filter(has_text="picture.png").click(button="right")
    expect(page.get_by_role("menu").last).to_be_visible()
    expect(entry).to_have_count(0)
    page.keyboard.press("Escape")
    listed.filter(has_text="hollow.tar.gz").click(button="right")
    entry.click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("This file is no archive of an environment")
    accept(page, "Close")
    listed.filter(has_text="wanted.txt").click(button="right")
    entry.click()
    expect(form(page).locator(".cm-content")).to_contain_text("answers==42.0")
    expect(form(page)).to_contain_text("1 requirement")
