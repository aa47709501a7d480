"""After a reset: what is installed again, deleted for good, cut by a crash; another image."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import Visit, installing_from
from tests.browser.jupyter import Jupyter, running
from tests.browser.screen import LONG, SHORT, execute, figure, picture, run_cell, sidebar
from tests.browser.usersite import (
    KERNEL,
    Bench,
    bench_at,
    install,
    step,
)
from tests.images import MINOR
from tests.index.server import LocalIndex
from tests.index.wheels import wheel


@pytest.fixture(scope="module")
def served(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, index: LocalIndex
) -> Iterator[Bench]:
    index.add(wheel("bystander", "1.0"))
    with bench_at(tmp_path_factory.mktemp("ada"), **installing_from(index)) as bench:
        yield bench


@pytest.fixture
def bench(served: Bench) -> Bench:
    """With the broken package in it, whatever the test before has left."""
    served.break_it()
    return served


def test_what_was_set_aside_is_installed_into_an_environment(bench: Bench, visit: Visit) -> None:
    bench.jupyter.create("my-training")
    page = visit(bench.jupyter, height=1000)
    execute(page, "envmgr:diagnose-user-site", kernel=KERNEL, module="engine")
    step(page, "Prove").get_by_role("button", name="Run", exact=True).click()
    expect(step(page, "Prove")).to_contain_text("are the cause", timeout=LONG)
    step(page, "Choose a cure").get_by_role("radio", name="Set aside all Python packages").check()
    step(page, "Carry it out").get_by_role("button", name="Set aside").click()
    after = step(page, "Afterwards")
    expect(after).to_contain_text("It works as it is", timeout=LONG)
    expect(after.get_by_role("checkbox", name="bystander==1.0")).to_be_checked()
    expect(after.get_by_role("checkbox", name="engine==2.11")).not_to_be_checked()
    after.get_by_role("radio", name="The image").check()
    expect(after).to_contain_text("gone when the container ends")
    after.get_by_role("radio", name="An environment").check()
    expect(after).not_to_contain_text("gone when the container ends")
    figure(after, "usersite-after")
    after.get_by_role("button", name="Install 1 package").click()
    expect(after).to_contain_text("Installed in", timeout=LONG)
    assert list(bench.jupyter.prefix("my-training").glob("lib/python3*/site-packages/bystander"))
    after.get_by_role("button", name="Log").click()
    expect(after.get_by_role("region", name="Log")).to_contain_text("bystander")
    picture(page, "usersite-installed")
    after.get_by_role("button", name="Undo: restore").click()
    expect(step(page, "Afterwards").get_by_role("button")).to_have_count(0, timeout=LONG)
    assert (bench.site / "engine").exists()


def test_a_whole_environment_is_isolated_and_that_is_undone(visit: Visit, tmp_path: Path) -> None:
    home = tmp_path / "conda-home"
    prefix = home.with_name(f"{home.name}-python")
    (prefix / "conda-meta").mkdir(parents=True)
    (prefix / "conda-meta/history").write_text("")
    python = {"name": "python", "version": f"{MINOR}.0", "build": "0", "channel": ""}
    (prefix / f"conda-meta/python-{MINOR}.0-0.json").write_text(json.dumps(python))
    (home / ".conda").mkdir(parents=True)
    (home / ".conda/environments.txt").write_text(f"{prefix}\n")
    with bench_at(home) as bench:
        bench.break_it()
        page = visit(bench.jupyter, height=900)
        execute(page, "envmgr:diagnose-user-site", kernel=KERNEL, module="engine")
        step(page, "Prove").get_by_role("button", name="Run", exact=True).click()
        expect(step(page, "Prove")).to_contain_text("are the cause", timeout=LONG)
        cure = step(page, "Choose a cure")
        cure.get_by_role("radio", name=f"Have all of the environment {prefix.name}").check()
        step(page, "Carry it out").get_by_role("button", name=f"Change {prefix.name}").click()
        after = step(page, "Afterwards")
        expect(after).to_contain_text("as it is: works", timeout=LONG)
        assert (prefix / "pyvenv.cfg").exists()
        after.get_by_role("button", name="Undo the change").click()
        expect(after.get_by_role("button")).to_have_count(0)
        assert not (prefix / "pyvenv.cfg").exists()


def test_packages_are_deleted_only_once_their_name_was_typed(bench: Bench, visit: Visit) -> None:
    install(bench.site, "ballast", "1.0")
    page = visit(bench.jupyter, height=900)
    execute(page, "envmgr:diagnose-user-site", kernel=KERNEL)
    step(page, "Prove").get_by_role("button", name="Go on without a proof").click()
    cure = step(page, "Choose a cure")
    removal = cure.get_by_role("radio", name="Delete user packages")
    expect(removal).to_have_count(0)
    cure.get_by_role("button", name="Delete for good…").click()
    removal.check()
    cure.get_by_role("combobox", name="How much").select_option("packages")
    cure.get_by_role("textbox", name="Packages").fill("ballast")
    carry = step(page, "Carry it out")
    button = carry.get_by_role("button", name="Delete for good")
    expect(cure).to_contain_text("There is no undo")
    expect(button).to_have_attribute("aria-disabled", "true")
    picture(page, "usersite-remove")
    carry.get_by_role("textbox").fill("ballast")
    button.click()
    expect(carry).to_contain_text("Deleted for good: ballast", timeout=SHORT)
    after = step(page, "Afterwards")
    expect(after.get_by_role("button", name="Undo: restore")).to_have_count(0)
    assert not (bench.site / "ballast").exists()
    assert bench.snapshots == []
    after.get_by_role("button", name="Done").click()
    expect(page.locator(".jp-EnvMgr-guide")).to_have_count(0)


CUT = """
import os, signal, sys
from dataclasses import replace
from pathlib import Path
from jupyter_envmgr.core.usersite.model import ResetRequest
from jupyter_envmgr.service import usersite
from jupyter_envmgr.system import holder, relocation
from tests.homes import Home

here = holder.current("cli")
holder._of_process = lambda pid: replace(here, host="another-node", boot_id="another boot")
move = relocation.move

def cut(*arguments, **options):
    move(*arguments, **options)
    os.kill(os.getpid(), signal.SIGKILL)

relocation.move = cut
settings = Home(Path(sys.argv[1])).settings(python=sys.argv[2])
usersite.reset(settings, ResetRequest("packages", packages=("engine",), python=sys.argv[2]))
"""
"""A reset in another container, which is killed after the first of its renames."""


def test_what_a_killed_container_has_left_is_finished_from_the_banner(
    start: Callable[..., Jupyter], visit: Visit, tmp_path: Path
) -> None:
    home = tmp_path / "crash-home"
    with bench_at(home) as bench:
        bench.break_it()
        bench.jupyter.kill()
    whole = set(bench.files())
    died = subprocess.run([sys.executable, "-c", CUT, str(home), MINOR], cwd=Path.cwd())
    assert died.returncode == -signal.SIGKILL
    assert set(bench.files()) < whole

    again = start("lab", home)
    page = visit(again, height=900)
    banner = sidebar(page).get_by_role("group").filter(has_text="Not finished")
    expect(banner).to_be_visible(timeout=SHORT)
    picture(page, "usersite-unfinished")
    banner.get_by_role("button", name="Finish").click()
    # The other container may be at work still, for all that can be seen from here.
    expect(banner.get_by_role("alert")).to_be_visible()
    banner.get_by_role("button", name="Take the lock and finish").click()
    expect(banner).to_have_count(0, timeout=SHORT)
    left = {Path(path).relative_to(bench.site).parts[0] for path in bench.files()}
    assert left == {"bystander", "bystander-1.0.dist-info"}
    [snapshot] = again.ask("GET", "usersite/snapshots")["snapshots"]
    assert snapshot["state"] == "complete"
    assert [package["name"] for package in snapshot["packages"]] == ["engine"]


def test_another_image_is_told_once_with_what_clashes_there(
    visit: Visit, tmp_path: Path, index: LocalIndex
) -> None:
    home = tmp_path / "traveller"
    first = {"JUPYTER_IMAGE": "tensorflow:19.02-py3"}
    with bench_at(home, environ=first) as bench:
        install(bench.site, "lonely", "1.0", requires=["numpy<1"])
        page = visit(bench.jupyter)
        expect(sidebar(page)).to_contain_text("1 package", timeout=SHORT)
        assert page.locator(".Toastify__toast").count() == 0
        page.context.close()
    second = {"JUPYTER_IMAGE": "pytorch:25.03-py3"}
    with running("lab", home, environ=second) as jupyter:
        page = visit(jupyter, width=1000, height=640)
        toast = page.locator(".Toastify__toast", has_text="another image")
        expect(toast).to_contain_text("pytorch:25.03-py3", timeout=SHORT)
        expect(toast).to_contain_text("lonely")
        figure(page, "usersite-arrival")
        toast.get_by_role("button", name="Use a profile for this image").click()
        carry = step(page, "Carry it out")
        name = carry.get_by_role("textbox", name="Name of the profile")
        expect(name).to_have_value(re.compile("pytorch"))
        page.context.close()
        page = visit(jupyter)
        expect(sidebar(page)).to_contain_text("1 package", timeout=SHORT)
        assert page.locator(".Toastify__toast").count() == 0


def test_the_hint_leads_to_the_page_from_notebook_7_too(visit: Visit, tmp_path: Path) -> None:
    with bench_at(tmp_path / "notebook-home", app="notebook") as bench:
        bench.break_it()
        page = visit(bench.jupyter, f"notebooks/{notebook(bench)}")
        assert "cannot import name 'soft'" in run_cell(page, "import engine")
        toast = page.locator(".Toastify__toast", has_text="passes through ~/.local")
        expect(toast).to_contain_text("engine 2.11")
        toast.get_by_role("button", name="Diagnose").click()
        expect(step(page, "Prove").locator(".cm-content")).to_contain_text("import engine")
        picture(page, "usersite-notebook-7")


def notebook(bench: Bench) -> str:
    """An empty notebook of the kernel."""
    kernel = {"name": KERNEL, "display_name": "Workbench", "language": "python"}
    document = {"cells": [], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (bench.jupyter.root / "paper.ipynb").write_text(json.dumps(document))
    return "paper.ipynb"
