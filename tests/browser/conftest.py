"""The harness: Chromium, real Jupyter servers, and what is kept of a test that failed."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, Protocol

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.jupyter import App, Jupyter, running
from tests.index.server import LocalIndex
from tests.index.wheels import Archive, wheel

ARTIFACTS = Path(__file__).parents[2] / ".artifacts"

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_FLAGS = [
    "--no-sandbox",  # root in a container has no user namespaces to build a sandbox from
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-gpu",
    "--disable-quic",
    "--disable-sync",
    "--no-first-run",
]
_FAILED = pytest.StashKey[bool]()
_MISSING = "Chromium is missing: install it, or set CHROMIUM to its path"

Theme = Literal["light", "dark"]


class Visit(Protocol):
    """Opens a page of a server, logged in and ready; all that it opened is closed with the test."""

    def __call__(
        self,
        jupyter: Jupyter,
        path: str = "",
        *,
        theme: Theme = "light",
        width: int = 1280,
        height: int = 800,
    ) -> Page: ...


def chromium() -> str | None:
    """The executable that is used, or None."""
    return shutil.which(os.environ.get("CHROMIUM", "")) or next(
        filter(None, map(shutil.which, _NAMES)), None
    )


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All tests in this directory drive a browser, whether they say so or not."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker("browser")
            item.add_marker(pytest.mark.timeout(300))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """A person who has no Chromium is told, in a way that cannot be overlooked."""
    if chromium() is None:
        terminalreporter.section("THE BROWSER TESTS DID NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(_MISSING)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Any:
    """Let the fixtures know, when they are torn down, whether their test failed."""
    report = yield
    item.stash[_FAILED] = item.stash.get(_FAILED, False) or report.failed
    return report


@pytest.fixture(scope="session")
def executable() -> str:
    """Chromium's. None here: skipped loudly, under CI a failure."""
    found = chromium()
    if found is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(_MISSING)
    return found


@pytest.fixture(scope="module")
def browser(executable: str) -> Iterator[Browser]:
    """A headless Chromium, one for each module.

    Playwright runs a loop in this thread as long as it is open, in which the tests of the server
    could not run theirs.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    """An index on this machine with ipykernel, pip, and packages of our own."""
    with LocalIndex(_packages(), cached=kernel_archives) as index:
        yield index


def _packages() -> Iterator[Archive]:
    yield wheel("answers", "42.0")
    for name, version in (("numpy", "2.3.5"), ("torch", "2.9.1"), ("transformers", "4.57.3")):
        yield wheel(name, version)  # empty, but called like what people install


@pytest.fixture
def slow(index: LocalIndex) -> Iterator[str]:
    """A requirement whose download stops halfway, until ``index.release()``."""
    # A new name each time: uv keeps what it once had.
    archive = wheel(f"slow-{secrets.token_hex(4)}")
    index.add(archive)
    index.hold(archive.filename)
    yield archive.project
    index.held.discard(archive.filename)
    index.release()


def installing_from(index: LocalIndex) -> dict[str, Any]:
    """What a server is started with to install from this index."""
    return {"arguments": [f"--EnvMgr.index_url={index.url}", "--EnvMgr.allow_downloads=False"]}


@pytest.fixture(scope="module")
def lab(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, index: LocalIndex
) -> Iterator[Jupyter]:
    """A JupyterLab in an empty home, shared by the tests of a module."""
    home = tmp_path_factory.mktemp("lab-home")
    with running("lab", home, **installing_from(index)) as jupyter:
        yield jupyter


@pytest.fixture(scope="session")
def workshop(
    executable: str, tmp_path_factory: pytest.TempPathFactory, index: LocalIndex
) -> Iterator[Jupyter]:
    """A JupyterLab with ``my-training`` in it, shared by all tests that leave that as it is."""
    home = tmp_path_factory.mktemp("workshop-home")
    with running("lab", home, **installing_from(index)) as jupyter:
        jupyter.create("my-training", "answers", "numpy>=2")
        yield jupyter


@pytest.fixture(scope="module")
def notebook(
    browser: Browser, tmp_path_factory: pytest.TempPathFactory, index: LocalIndex
) -> Iterator[Jupyter]:
    """A Notebook 7 in an empty home, shared by the tests of a module."""
    home = tmp_path_factory.mktemp("notebook-home")
    with running("notebook", home, **installing_from(index)) as jupyter:
        yield jupyter


@pytest.fixture(scope="module", params=["lab", "notebook"])
def jupyter(request: pytest.FixtureRequest) -> Jupyter:
    """First JupyterLab, then Notebook 7: for what must hold in both."""
    app: App = request.param
    server: Jupyter = request.getfixturevalue(app)
    return server


@pytest.fixture
def visit(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """See `Visit`. When the test fails, screenshots, console and server log go to .artifacts."""
    contexts: list[BrowserContext] = []
    pages: list[tuple[Page, Jupyter, list[str]]] = []

    def visit(
        jupyter: Jupyter,
        path: str = "",
        *,
        theme: Theme = "light",
        width: int = 1280,
        height: int = 800,
    ) -> Page:
        context = browser.new_context(
            viewport={"width": width, "height": height}, color_scheme=theme, locale="en-US"
        )
        contexts.append(context)
        page = context.new_page()
        console: list[str] = []
        page.on("console", lambda message: console.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: console.append(f"uncaught: {error}"))
        pages.append((page, jupyter, console))
        address = path or _START[jupyter.app].format(secrets.token_hex(4))
        joint = "&" if "?" in address else "?"
        page.goto(f"{jupyter.url}{address}{joint}token={jupyter.token}")
        wait_until_ready(page)
        _set_theme(page, theme)
        return page

    yield visit

    if request.node.stash.get(_FAILED, False):
        for number, (page, jupyter, console) in enumerate(pages):
            _keep(request.node.nodeid, number, page, jupyter, console)
    for context in contexts:
        context.close()


# The server remembers the tabs of a workspace; a page begins in one of its own, without any.
_START: dict[App, str] = {"lab": "lab/workspaces/{}", "notebook": "tree"}


def wait_until_ready(page: Page) -> None:
    """Wait until the application has started and put back what was open."""
    page.wait_for_function("window.jupyterapp !== undefined", timeout=60_000)
    page.evaluate("() => window.jupyterapp.restored")
    page.wait_for_selector("#jupyterlab-splash", state="detached")
    # JupyterLab opens its launcher last, and gives it the focus.
    page.wait_for_function("() => !window.jupyterapp.shell.isEmpty?.('main')")


def _set_theme(page: Page, theme: Theme) -> None:
    """Through JupyterLab's own command: the server remembers it, so each page asks for its own."""
    light = "true" if theme == "light" else "false"
    if page.get_attribute("body", "data-jp-theme-light") == light:
        return
    name = f"JupyterLab {theme.title()}"
    page.evaluate(
        "theme => window.jupyterapp.commands.execute('apputils:change-theme', { theme })", name
    )
    page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")


def _keep(test: str, number: int, page: Page, jupyter: Jupyter, console: list[str]) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    stem = ARTIFACTS / (
        re.sub(r"[^\w.-]+", "-", test).strip("-") + (f"-{number}" if number else "")
    )
    stem.with_name(stem.name + ".console.txt").write_text("\n".join(console) + "\n")
    shutil.copyfile(jupyter.log, stem.with_name(stem.name + ".server.log"))
    if not page.is_closed():
        page.screenshot(path=stem.with_name(stem.name + ".png"))


@pytest.fixture
def start(browser: Browser, tmp_path: Path) -> Iterator[Callable[..., Jupyter]]:
    """Starts a server for one test alone: ``start("lab", home=…, base_url=…, environ=…)``."""
    with contextlib.ExitStack() as stack:

        def start(app: App, home: Path | None = None, **options: Any) -> Jupyter:
            return stack.enter_context(running(app, home or tmp_path / "home", **options))

        yield start
