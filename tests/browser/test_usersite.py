"""The user site in the lab: a failing notebook, the hint, the proof, the cure, and the way back."""

from __future__ import annotations

import io
import json
import re
import shutil
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import Theme, Visit, wait_until_ready
from tests.browser.jupyter import Jupyter, running
from tests.browser.screen import LONG, execute, palette, picture, run_cell, sidebar, until
from tests.browser.test_looks import violations
from tests.images import MINOR, make_image, site_of
from tests.index.wheels import wheel
from tests.labs import facts

KERNEL = "workbench"


def install(site: Path, name: str, version: str, text: str = "") -> None:
    """Unpack a wheel of one module."""
    archive = wheel(name, version, files={f"{name}/__init__.py": text})
    with zipfile.ZipFile(io.BytesIO(archive.content)) as file:
        file.extractall(site)


@dataclass
class Bench:
    """A server whose home has a user site, and a kernel of another Python that loads it."""

    jupyter: Jupyter
    site: Path

    def break_it(self) -> None:
        """An old package in the user site, in front of one of the image that works."""
        install(self.site, "engine", "2.11", "from markup import soft\n")
        install(self.site, "bystander", "1.0", "WORD = 'here'\n")

    def files(self) -> dict[str, tuple[object, ...]]:
        """Every file of the user site: mode, inode, time, size, hash."""
        found = facts(self.site)
        return {
            path: what for path, what in found.items() if what[-1] and "__pycache__" not in path
        }

    @property
    def snapshots(self) -> list[str]:
        listed = self.jupyter.ask("GET", "usersite/snapshots")["snapshots"]
        return [each["name"] for each in listed if each["state"] == "complete"]


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    home = tmp_path_factory.mktemp("usersite-home")
    program = make_image(home.with_name(f"{home.name}-python"))
    image = site_of(program)
    install(image, "markup", "2.1", "def escape(): pass\n")
    install(image, "engine", "3.1", "from markup import escape\nWORD = 'runs'\n")
    # What the kernel itself needs comes last on its path.
    own = [path for path in map(Path, sys.path) if path.name == "site-packages"]
    (image / "zz_kernel.pth").write_text("".join(f"{path}\n" for path in own))
    spec = {
        "argv": [str(program), "-m", "ipykernel_launcher", "-f", "{connection_file}"],
        "display_name": "Workbench",
        "language": "python",
    }
    kernel = home / ".local/share/jupyter/kernels" / KERNEL
    kernel.mkdir(parents=True)
    (kernel / "kernel.json").write_text(json.dumps(spec))
    site = home / f".local/lib/python{MINOR}/site-packages"
    site.mkdir(parents=True)
    (home / "work").mkdir()
    (home / "work/beside.py").write_text("")  # a module that lies beside the notebook
    with running("lab", home) as jupyter:
        yield Bench(jupyter, site)


@pytest.fixture
def bench(served: Bench) -> Bench:
    """With the broken package in it, whatever the test before has left."""
    served.break_it()
    return served


def guide(page: Page) -> Locator:
    """The guided page."""
    return page.locator(".jp-EnvMgr-guide:visible")


def step(page: Page, title: str) -> Locator:
    """A step of the page, by its heading."""
    return guide(page).get_by_role("region", name=re.compile(rf"^\d\s*{title}"))


def dialog(page: Page) -> Locator:
    return page.locator(".jp-Dialog")


def fail_in_a_notebook(page: Page) -> None:
    execute(page, "notebook:create-new", kernelName=KERNEL)
    error = run_cell(page, "import beside, engine; print(engine.WORD)")
    assert "cannot import name 'soft'" in error
    page.evaluate("() => window.jupyterapp.shell.currentWidget.context.save()")


def wait_until_kept(page: Page, word: str) -> None:
    """Until JupyterLab has noted what the page is about."""
    look = """
    async ([url, word]) => {
      const answer = await fetch(url.replace('/workspaces/', '/api/workspaces/'));
      const { data = {} } = answer.ok ? await answer.json() : {};
      const kept = Object.entries(data).filter(([key]) => key.startsWith('envmgr-usersite:'));
      const layout = JSON.stringify(data['layout-restorer:data']?.main ?? {});
      return JSON.stringify(kept).includes(word) && layout.includes('envmgr-usersite:');
    }
    """
    until(page, lambda: page.evaluate(look, [page.url, word]))


def test_from_a_failing_notebook_to_one_that_runs_and_back(bench: Bench, visit: Visit) -> None:
    page = visit(bench.jupyter, height=1000)
    fail_in_a_notebook(page)
    toast = page.locator(".Toastify__toast", has_text="passes through ~/.local")
    expect(toast).to_contain_text("engine 2.11")
    expect(toast.get_by_role("button", name="Diagnose")).to_be_in_viewport(ratio=1)
    picture(page, "usersite-hint")
    before = bench.files()
    toast.get_by_role("button", name="Diagnose").click()

    prove = step(page, "Prove")
    expect(prove.locator(".cm-content")).to_contain_text("import beside, engine")
    expect(prove.get_by_role("combobox")).to_have_value(KERNEL)
    expect(step(page, "Choose a cure").get_by_role("radio")).to_have_count(0)
    prove.get_by_role("button", name="Run", exact=True).click()
    expect(prove).to_contain_text("The user packages are the cause", timeout=LONG)
    runs = prove.get_by_role("list", name="Runs").get_by_role("listitem")
    expect(runs.nth(0)).to_contain_text("as it is: fails")
    expect(runs.nth(1)).to_contain_text("without the user packages: works")
    expect(prove.locator(".jp-EnvMgr-culprit")).to_have_text("engine")
    assert bench.files() == before

    cure = step(page, "Choose a cure")
    expect(cure.get_by_role("radio", name="Set aside only engine")).to_be_checked()
    expect(cure).to_contain_text("1 package")
    picture(page, "usersite-cure")
    wait_until_kept(page, "engine")
    page.reload()
    wait_until_ready(page)
    expect(step(page, "Prove")).to_contain_text("The user packages are the cause")
    carry = step(page, "Carry it out")
    carry.get_by_role("textbox", name="Name of the snapshot").fill("engine-aside")
    carry.get_by_role("button", name="Set aside").click()

    after = step(page, "Afterwards")
    expect(carry).to_contain_text("Set aside as engine-aside", timeout=LONG)
    expect(after).to_contain_text("It works as it is", timeout=LONG)
    expect(after.get_by_role("checkbox", name="engine==2.11")).to_be_checked()
    picture(page, "usersite-after")
    assert not (bench.site / "engine").exists()
    assert (bench.site / "bystander").exists()

    after.get_by_role("button", name="Run my notebook again").click()
    dialog(page).get_by_role("button", name="Confirm Kernel Restart").click()
    output = page.locator(".jp-NotebookPanel:visible .jp-CodeCell .jp-OutputArea-output").first
    expect(output).to_have_text("runs", timeout=LONG)

    page.get_by_role("tab", name="User packages").click()
    after.get_by_role("button", name="Undo: restore").click()
    dialog(page).get_by_role("button", name="Restore").click()
    expect(step(page, "Afterwards").get_by_role("button")).to_have_count(0, timeout=LONG)
    assert bench.files() == before
    assert bench.snapshots == []


def test_the_hint_comes_once_per_kernel_session(bench: Bench, visit: Visit) -> None:
    page = visit(bench.jupyter)
    fail_in_a_notebook(page)
    toasts = page.locator(".Toastify__toast", has_text="passes through ~/.local")
    expect(toasts).to_have_count(1)
    run_cell(page, "import engine")
    run_cell(page, "1 / 0")
    assert toasts.count() == 1


def test_a_kernel_is_isolated_and_that_is_undone(bench: Bench, visit: Visit) -> None:
    spec = bench.jupyter.home / ".local/share/jupyter/kernels" / KERNEL / "kernel.json"
    before = spec.read_bytes()
    page = visit(bench.jupyter)
    execute(page, "envmgr:diagnose-user-site", kernel=KERNEL, module="engine")
    prove = step(page, "Prove")
    prove.get_by_role("button", name="Run", exact=True).click()
    expect(prove).to_contain_text("The user packages are the cause", timeout=LONG)
    step(page, "Choose a cure").get_by_role("radio", name="Have Workbench load nothing").check()
    step(page, "Carry it out").get_by_role("button", name="Change Workbench").click()
    after = step(page, "Afterwards")
    expect(after).to_contain_text("as it is: works", timeout=LONG)
    assert json.loads(spec.read_text())["env"]["PYTHONNOUSERSITE"] == "1"
    after.get_by_role("button", name="Undo the change").click()
    expect(after.get_by_role("button")).to_have_count(0)
    assert spec.read_bytes() == before
    assert (bench.site / "engine").exists()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_page_and_snapshots_read_well_in_both_themes(
    bench: Bench, visit: Visit, theme: Theme
) -> None:
    page = visit(bench.jupyter, theme=theme, height=1100)
    execute(page, "envmgr:diagnose-user-site", kernel=KERNEL, module="engine")
    prove = step(page, "Prove")
    prove.get_by_role("button", name="Run", exact=True).click()
    expect(prove).to_contain_text("The user packages are the cause", timeout=LONG)
    expect(step(page, "Carry it out").get_by_role("button", name="Set aside")).to_be_enabled()
    step(page, "Choose a cure").get_by_role("button", name="What changes").click()
    picture(page, f"usersite-guide-{theme}")
    step(page, "Found").scroll_into_view_if_needed()
    picture(page, f"usersite-found-{theme}")
    assert violations(page, ".jp-EnvMgr-guide") == ""


def test_400_pixels_are_enough(bench: Bench, visit: Visit) -> None:
    page = visit(bench.jupyter, width=480, height=900)
    execute(page, "application:toggle-left-area")
    execute(page, "envmgr:diagnose-user-site", kernel=KERNEL, module="engine")
    step(page, "Prove").get_by_role("button", name="Go on without a proof").click()
    step(page, "Choose a cure").get_by_role("radio", name=re.compile("Python packages")).check()
    expect(step(page, "Carry it out").get_by_role("button", name="Set aside")).to_be_visible()
    picture(page, "usersite-narrow")
    tab = page.locator(".jp-EnvMgr-tab:visible")
    assert tab.evaluate("e => e.clientWidth") < 420
    assert tab.evaluate("e => e.scrollWidth <= e.clientWidth")


def test_a_plan_that_has_changed_is_shown_again(bench: Bench, visit: Visit) -> None:
    page = visit(bench.jupyter)
    execute(page, "envmgr:set-user-packages-aside")
    carry = step(page, "Carry it out")
    expect(carry.get_by_role("button", name="Set aside")).to_be_enabled()
    install(bench.site, "newcomer", "1.0")
    carry.get_by_role("button", name="Set aside").click()
    expect(carry.get_by_role("alert")).to_be_visible()
    expect(carry).to_contain_text("look at it again")
    assert (bench.site / "engine").exists()


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
    picture(page, "usersite-snapshots")
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
    dialog(page).get_by_role("textbox").fill("one")
    dialog(page).get_by_role("button", name="Delete for good").click()
    expect(dialog(page)).to_contain_text("That was not its name")
    dialog(page).get_by_role("textbox").fill("two")
    dialog(page).get_by_role("button", name="Delete for good").click()
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


def test_the_palette_leads_to_all_of_it(bench: Bench, visit: Visit) -> None:
    page = visit(bench.jupyter)
    for words in ("Diagnose User Packages", "Set User Packages Aside", "Show Snapshots of User"):
        expect(palette(page, words)).to_contain_text(words)
        page.keyboard.press("Escape")
