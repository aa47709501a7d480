"""The page of snapshots: all that can be done with them, and backups that were made by hand."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.conftest import Visit
from tests.browser.screen import execute, figure, picture, sidebar, until
from tests.browser.test_looks import violations
from tests.browser.usersite import Bench, bench_at, dialog, install


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench_at(tmp_path_factory.mktemp("ada")) as bench:
        yield bench


@pytest.fixture
def bench(served: Bench) -> Bench:
    """With the broken package in it, whatever the test before has left."""
    served.break_it()
    return served


def test_snapshots_are_renamed_compared_exported_restored_and_deleted(
    bench: Bench, visit: Visit, tmp_path: Path
) -> None:
    before = bench.files()
    page = visit(bench.jupyter, height=900)
    for name in ("one", "two"):
        body = {"scope": "packages", "packages": [{"one": "engine", "two": "bystander"}[name]]}
        plan = bench.jupyter.ask("POST", "usersite/reset?plan=1", body)
        body["name"] = name
        job = bench.jupyter.ask("POST", f"usersite/reset?digest={plan['digest']}", body)
        bench.jupyter.wait_for(job["id"])
    sidebar(page).get_by_role("button", name=re.compile("^Snapshots")).click()
    shelf = page.get_by_role("list", name="Snapshots")

    def item(name: str) -> Locator:
        heading = page.locator(".jp-EnvMgr-snapshotTitle strong", has_text=name)
        return shelf.get_by_role("listitem").filter(has=heading)

    item("one").get_by_role("button", name="Rename").focus()
    page.keyboard.press("F2")
    dialog(page).get_by_role("textbox").fill("engine-old")
    page.keyboard.press("Enter")
    old = item("engine-old")
    old.get_by_role("button", name="Compare").click()
    old.get_by_role("combobox", name="Compare with").select_option("present")
    expect(old.get_by_role("table")).to_contain_text("2.11")
    figure(shelf, "usersite-snapshots")
    with page.expect_download() as download:
        old.get_by_role("button", name="Export requirements").click()
    download.value.save_as(tmp_path / "r.txt")
    assert download.value.suggested_filename == "requirements-engine-old.txt"
    assert "engine==2.11" in (tmp_path / "r.txt").read_text()
    assert violations(page, ".jp-EnvMgr-shelf") == ""

    for name in ("engine-old", "two"):
        item(name).get_by_role("button", name="Restore…").click()
        dialog(page).get_by_role("button", name="Restore").click()
        expect(item(name)).to_contain_text("restored")
    assert bench.files() == before

    item("two").get_by_role("button", name="Delete").click()
    field = dialog(page).get_by_role("textbox")
    button = dialog(page).get_by_role("button", name="Delete for good")
    expect(field).to_be_focused()
    page.keyboard.type("one")
    expect(dialog(page)).to_contain_text("That is not its name.")
    picture(page, "usersite-delete")
    # Neither key nor button does anything but lead to what is missing.
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    button.click(force=True)
    expect(field).to_be_focused()
    expect(button).to_have_attribute("title", "Type two first.")
    field.fill("two")
    page.keyboard.press("Enter")
    expect(button).to_be_focused()
    expect(item("two")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(item("two")).to_have_count(0)


def test_what_is_in_the_way_is_swapped_and_a_backup_by_hand_adopted(
    bench: Bench, visit: Visit
) -> None:
    backup = bench.jupyter.home / "local_backup"
    shutil.copytree(bench.jupyter.home / ".local/lib", backup / "lib")
    body = {"scope": "packages", "packages": ["engine"], "name": "old-engine"}
    plan = bench.jupyter.ask("POST", "usersite/reset?plan=1", body)
    job = bench.jupyter.ask("POST", f"usersite/reset?digest={plan['digest']}", body)
    bench.jupyter.wait_for(job["id"])
    install(bench.site, "engine", "2.12")
    page = visit(bench.jupyter, height=900)
    execute(page, "envmgr:show-snapshots")
    shelf = page.locator(".jp-EnvMgr-shelf:visible")
    old = shelf.get_by_role("listitem").filter(
        has=page.locator("strong", has_text=re.compile("^old-engine$"))
    )
    old.get_by_role("button", name="Restore…").click()
    expect(dialog(page).get_by_role("button", name="Swap")).to_be_visible()
    picture(page, "usersite-swap")
    dialog(page).get_by_role("button", name="Swap").click()
    version = bench.site / "engine-2.12.dist-info"
    until(page, lambda: not version.exists() and (bench.site / "engine-2.11.dist-info").exists())
    expect(shelf).to_contain_text("made when another was restored")

    shelf.get_by_role("listitem").filter(has_text=str(backup)).get_by_role("button").click()
    dialog(page).get_by_role("button", name="Adopt").click()
    until(page, lambda: not backup.exists())
    expect(shelf.get_by_role("listitem").filter(has_text="made by hand")).to_have_count(1)
