"""The user site in the lab: a failing notebook, the hint, the proof, the cure, and the way back."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Theme, Visit, wait_until_ready
from tests.browser.screen import (
    LONG,
    SHORT,
    execute,
    figure,
    palette,
    picture,
    run_cell,
    sidebar,
    until,
)
from tests.browser.test_looks import violations
from tests.browser.usersite import (
    KERNEL,
    Bench,
    bench_at,
    dialog,
    fail_in_a_notebook,
    guide,
    install,
    step,
)


@pytest.fixture(scope="module")
def served(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with bench_at(tmp_path_factory.mktemp("ada")) as bench:
        yield bench


@pytest.fixture
def bench(served: Bench) -> Bench:
    """With the broken package in it, whatever the test before has left."""
    served.break_it()
    return served


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
    page = visit(bench.jupyter, width=1000, height=640)
    fail_in_a_notebook(page)
    toast = page.locator(".Toastify__toast", has_text="passes through ~/.local")
    expect(toast).to_contain_text("engine 2.11")
    expect(toast.get_by_role("button", name="Diagnose")).to_be_in_viewport(ratio=1)
    figure(page, "usersite-hint")
    before = bench.files()
    toast.get_by_role("button", name="Diagnose").click()
    page.set_viewport_size({"width": 1100, "height": 1000})

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
    found = step(page, "Found")
    expect(found.get_by_role("list", name="proven").get_by_role("listitem")).to_have_count(1)
    figure(found, "usersite-found")
    figure(prove, "usersite-proof")
    figure(cure, "usersite-cure")
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
    expect(after.get_by_role("checkbox", name="engine==2.11")).not_to_be_checked()
    expect(after).to_contain_text("the culprit")
    picture(page, "usersite-works-again")
    assert not (bench.site / "engine").exists()
    assert (bench.site / "bystander").exists()

    after.get_by_role("button", name="Run my notebook again").click()
    dialog(page).get_by_role("button", name="Confirm Kernel Restart").click()
    output = page.locator(".jp-NotebookPanel:visible .jp-CodeCell .jp-OutputArea-output").first
    expect(output).to_have_text("runs", timeout=LONG)

    page.get_by_role("tab", name="User packages").click()
    after.get_by_role("button", name="Undo: restore").click()
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


def test_the_palette_leads_to_all_of_it(bench: Bench, visit: Visit) -> None:
    page = visit(bench.jupyter)
    for words in ("Diagnose User Packages", "Set User Packages Aside", "Show Snapshots of User"):
        expect(palette(page, words)).to_contain_text(words)
        page.keyboard.press("Escape")


def test_a_script_is_proven_by_its_path(bench: Bench, visit: Visit) -> None:
    script = bench.jupyter.root / "train.py"
    script.write_text("import engine\nprint(engine.WORD)\n")
    page = visit(bench.jupyter, height=900)
    execute(page, "envmgr:diagnose-user-site", kernel=KERNEL)
    prove = step(page, "Prove")
    prove.get_by_role("radio", name="A script").check()
    path = prove.get_by_role("textbox", name="Path of the script")
    path.fill("train.py")
    expect(prove.get_by_role("alert")).to_contain_text("The whole path")
    run = prove.get_by_role("button", name="Run", exact=True)
    expect(run).to_have_attribute("aria-disabled", "true")
    path.fill(str(script))
    run.click()
    expect(prove).to_contain_text("The user packages are the cause", timeout=LONG)


def test_what_is_wrong_stands_beside_its_python_and_leads_to_the_page(
    bench: Bench, visit: Visit
) -> None:
    dead = bench.jupyter.home / ".local/share/jupyter/kernels/gone"
    dead.mkdir(exist_ok=True)
    argv = ["/opt/gone/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Gone", "language": "python"}
    (dead / "kernel.json").write_text(json.dumps(spec))
    page = visit(bench.jupyter, height=900)
    badges = sidebar(page).get_by_role("button", name=re.compile("1 will fail.*: diagnose"))
    badges.click()
    found = step(page, "Found")
    expect(found).to_contain_text("A kernel that cannot start")
    found.get_by_role("button", name="Unregister it").click()
    dialog(page).get_by_role("checkbox", name="Unregister it all the same").check()
    dialog(page).get_by_role("button", name="Unregister").click()
    expect(found).not_to_contain_text("A kernel that cannot start", timeout=SHORT)
    assert not dead.exists()


def test_activity_leads_back_to_the_page(bench: Bench, visit: Visit) -> None:
    page = visit(bench.jupyter, height=900)
    execute(page, "envmgr:diagnose-user-site", kernel=KERNEL, module="engine")
    step(page, "Prove").get_by_role("button", name="Run", exact=True).click()
    expect(step(page, "Prove")).to_contain_text("are the cause", timeout=LONG)
    job = sidebar(page).get_by_role("list", name="Activity").get_by_role("button", name="Prove")
    page.get_by_role("tab", name="Launcher").click()
    job.first.click()
    expect(guide(page)).to_be_visible()
    page.locator(".jp-mod-current .lm-TabBar-tabCloseIcon:visible").click()
    expect(guide(page)).to_have_count(0)
    job.first.click()
    expect(step(page, "Prove")).to_contain_text("are the cause", timeout=SHORT)
    expect(step(page, "Prove").get_by_role("textbox", name="Module")).to_have_value("engine")


def test_what_cannot_be_read_is_said_and_not_shown_as_nothing(bench: Bench, visit: Visit) -> None:
    library = bench.jupyter.home / ".local/lib"
    away = library.rename(library.with_name("lib-away"))
    library.write_text("no directory")
    try:
        page = visit(bench.jupyter)
        expect(sidebar(page)).to_contain_text(f"{library} cannot be read", timeout=SHORT)
        assert "There are no user packages." not in sidebar(page).inner_text()
    finally:
        library.unlink()
        away.rename(library)
