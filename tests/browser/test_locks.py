"""A lock from the page of one environment makes another one of the very same files."""

from __future__ import annotations

import re
import sys

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.jupyter import Jupyter
from tests.browser.screen import LONG, choose, create, fill_in, form, pick, picture


def test_a_lock_is_exported_pasted_and_held_to(lab: Jupyter, visit: Visit) -> None:
    lab.create("locked", "answers")
    page = visit(lab, height=1000)
    choose(page, "locked")
    pick(page, "locked", "Export")
    export = page.get_by_role("region", name="Export")
    export.get_by_role("combobox", name="Format").select_option("pylock")
    expect(export).to_contain_text("lock-version", timeout=LONG)
    expect(export).to_contain_text(re.compile(r"/answers-42\.0-\w+-py3-none-any\.whl"))
    picture(page, "lock")
    export.get_by_role("button", name="Save in the file browser").click()
    expect(export).to_contain_text("Saved as")
    (saved,) = lab.root.glob("pylock*.toml")
    fill_in(page, "from-lock", saved.read_text())
    shown = form(page)
    expect(shown).to_contain_text("a lock file (pylock.toml)")
    expect(shown).to_contain_text("their hashes are checked")
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    forecast = shown.get_by_role("region", name="What will happen")
    expect(forecast).to_contain_text(f"Python {minor}")
    picture(page, "lock-form")
    job = create(page)
    expect(job).to_contain_text("Ready in", timeout=LONG)
    assert versions(lab, "from-lock") == versions(lab, "locked")


def versions(jupyter: Jupyter, name: str) -> dict[str, str]:
    """The packages of an environment."""
    packages = jupyter.ask("GET", f"environments/{name}/packages")["packages"]
    return {package["name"]: package["version"] for package in packages}
