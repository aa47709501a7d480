"""A server that dies in the middle, and surroundings that would bend pip."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import Visit, installing_from
from tests.browser.jupyter import Jupyter
from tests.browser.screen import (
    LONG,
    SHORT,
    create,
    fill_in,
    job_page,
    open_row,
    pick,
    picture,
    row,
    run_cell,
    sidebar,
)
from tests.index.server import LocalIndex


def test_what_a_killed_server_was_making_says_so_and_is_made_by_retrying(
    start: Callable[..., Jupyter], visit: Visit, index: LocalIndex, slow: str
) -> None:
    first = start("lab", **installing_from(index))
    page = visit(first)
    fill_in(page, "survivor", f"{slow}\n")
    create(page)
    assert index.is_held.wait(60)
    first.kill()
    page.context.close()
    index.release()

    second = start("lab", **installing_from(index))
    page = visit(second)
    line = row(page, "survivor")
    expect(line).to_contain_text("failed", timeout=SHORT)
    activity = sidebar(page).get_by_role("list", name="Activity")
    expect(activity.get_by_role("img", name="interrupted")).to_be_visible()
    open_row(page, "survivor")
    summary = sidebar(page).get_by_role("group", name="Interrupted")
    expect(summary).to_be_visible()
    picture(page, "interrupted")
    pick(page, "survivor", "Show Log")
    expect(job_page(page)).to_contain_text("Interrupted")
    summary.get_by_role("button", name="Retry", exact=True).click()
    expect(line).not_to_contain_text("failed", timeout=LONG)
    expect(line).to_contain_text("pip", timeout=LONG)
    created = second.environment("survivor")
    assert created["status"] == "ready"
    assert slow in " ".join(created["asked_for"])


def test_a_server_with_pip_user_and_a_bent_pip_conf_makes_sound_environments(
    start: Callable[..., Jupyter], visit: Visit, index: LocalIndex, tmp_path: Path
) -> None:
    home = tmp_path / "bent"
    (home / ".config/pip").mkdir(parents=True)
    (home / ".config/pip/pip.conf").write_text("[global]\nuser = true\n[install]\nuser = true\n")
    (home / "constraint.txt").write_text("answers<1\n")
    environ = {
        "PIP_USER": "1",
        "PIP_CONSTRAINT": str(home / "constraint.txt"),
        "PIP_INDEX_URL": index.url,
        "PYTHONNOUSERSITE": "",
    }
    page = visit(start("lab", home, environ=environ, **installing_from(index)))
    fill_in(page, "upright", "numpy\n")
    expect(create(page)).to_contain_text("Ready in", timeout=LONG)
    job_page(page).get_by_role("button", name="Open notebook").click()
    printed = run_cell(page, "%pip install answers")
    assert "Successfully installed answers-42.0" in printed, printed
    printed = run_cell(page, "import answers\nprint(answers.__file__)")
    assert printed.startswith(str(home / ".envmgr/environments/upright/lib"))
    assert not (home / ".local/lib").exists()
