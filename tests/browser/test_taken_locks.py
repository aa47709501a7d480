"""A lock of somebody who is gone: said where it is in the way, and taken once a person says so."""

from __future__ import annotations

import json

from playwright.sync_api import Locator, Page, expect

from jupyter_envmgr.core.clock import now
from jupyter_envmgr.core.jobs.model import Holder
from jupyter_envmgr.core.wire import to_wire
from jupyter_envmgr.system.locks import Claim
from tests.browser.conftest import Visit
from tests.browser.jupyter import Jupyter
from tests.browser.screen import (
    LONG,
    SHORT,
    choose,
    execute,
    job_page,
    menu,
    pick,
    picture,
    row,
    until,
)


def take(jupyter: Jupyter, name: str) -> None:
    """The lock of an environment, in the hands of a container of another machine."""
    gone = Holder("node-of-last-week", "boot", "pid:[1]", 42, 1, "server")
    claim = Claim(gone, now(), "removing", "0123456789abcdef")
    locks = jupyter.home / ".envmgr/environments/.envmgr/locks"
    locks.mkdir(parents=True, exist_ok=True)
    (locks / f"{name}.lock").write_text(json.dumps(to_wire(claim)))


def fail(jupyter: Jupyter, name: str) -> None:
    """An environment that could not be made; its name can be taken over."""
    body = {"name": name, "packages": ["no-such-package-here"], "kernel": False}
    job = jupyter.ask("POST", "environments", body)["id"]
    after, state = 0, {"state": "running"}
    while state["state"] in ("queued", "running"):
        answer = jupyter.ask("GET", f"jobs/{job}/events?after={after}&wait=5")
        after = max([after, *(event["seq"] for event in answer["events"])])
        state = jupyter.ask("GET", f"jobs/{job}")
    assert state["state"] == "failed"


def failures(jupyter: Jupyter, name: str) -> int:
    """How many jobs about an environment have failed."""
    jobs = jupyter.ask("GET", "jobs")["jobs"]
    return sum((job["subject"], job["state"]) == (name, "failed") for job in jobs)


def go_on(page: Page, button: str) -> Locator:
    """Go on although somebody has the lock: only after it is said that they are gone."""
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("alert")).to_contain_text("node-of-last-week", timeout=SHORT)
    tick = dialog.get_by_role("checkbox", name="Take the lock: its holder is gone for good")
    expect(tick).to_be_focused()
    accept = dialog.get_by_role("button", name=button, exact=True)
    expect(accept).to_have_attribute("aria-disabled", "true")
    accept.click(force=True)
    expect(tick).to_be_focused()
    picture(page, f"lock-{button.lower()}")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(accept).to_be_focused()
    page.keyboard.press("Enter")
    return dialog


def test_a_clone_takes_the_lock_of_who_is_gone(lab: Jupyter, visit: Visit) -> None:
    lab.create("original", "answers", kernel=False)
    fail(lab, "original-copy")
    take(lab, "original-copy")
    page = visit(lab)
    choose(page, "original")
    pick(page, "original", "Clone…")
    for button in ("Continue", "Clone"):
        page.get_by_role("dialog").get_by_role("button", name=button, exact=True).click()
    go_on(page, "Clone")
    expect(job_page(page)).to_contain_text("Ready in", timeout=LONG)
    assert lab.environment("original-copy")["status"] == "ready"


def test_an_import_takes_the_lock_of_who_is_gone(lab: Jupyter, visit: Visit) -> None:
    lab.create("packed", "answers", kernel=False)
    file = lab.root / "packed.tar.gz"
    lab.wait_for(lab.ask("POST", "archives", {"environment": "packed", "path": str(file)})["id"])
    fail(lab, "unpacked")
    take(lab, "unpacked")
    page = visit(lab)
    execute(page, "envmgr:import-archive", path=str(file))
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("textbox", name="Name", exact=True).fill("unpacked")
    for button in ("Continue", "Import"):
        dialog.get_by_role("button", name=button, exact=True).click()
    go_on(page, "Import")
    expect(job_page(page)).to_contain_text("Done in", timeout=LONG)
    assert lab.environment("unpacked")["status"] == "ready"


def test_retrying_and_removing_take_it_too(lab: Jupyter, visit: Visit) -> None:
    fail(lab, "locked-up")
    take(lab, "locked-up")
    page = visit(lab)
    choose(page, "locked-up")
    menu(page, "locked-up").get_by_role("menuitem", name="Retry", exact=True).click()
    expect(go_on(page, "Retry")).to_have_count(0)
    until(page, lambda: failures(lab, "locked-up") == 2, LONG)
    take(lab, "locked-up")
    pick(page, "locked-up", "Remove…")
    page.get_by_role("dialog").get_by_role("button", name="Remove", exact=True).click()
    # The job finds the lock; then it is asked again.
    go_on(page, "Remove")
    expect(row(page, "locked-up")).to_have_count(0, timeout=LONG)
    assert lab.environment("locked-up") is None
