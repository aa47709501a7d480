"""A home whose user site breaks a program, and the pages of the lab that lead out of that."""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

from tests.browser.jupyter import App, Jupyter, running
from tests.browser.screen import execute, run_cell
from tests.images import MINOR, make_image, site_of
from tests.index.wheels import wheel
from tests.labs import facts

KERNEL = "workbench"


def install(
    site: Path, name: str, version: str, text: str = "", requires: Iterable[str] = ()
) -> None:
    """Unpack a wheel of one module."""
    archive = wheel(name, version, requires=requires, files={f"{name}/__init__.py": text})
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


@contextlib.contextmanager
def bench_at(home: Path, app: App = "lab", **options: Any) -> Iterator[Bench]:
    """Serve a home with a user site, and a kernel of another Python, which loads it."""
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
    with running(app, home, **options) as jupyter:
        yield Bench(jupyter, site)


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
