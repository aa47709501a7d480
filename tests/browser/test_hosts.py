"""The same in Notebook 7, and below a base URL."""

from __future__ import annotations

import json
from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.conftest import Visit, installing_from
from tests.browser.jupyter import Jupyter
from tests.browser.screen import LONG, create, fill_in, job_page, picture, row, run_cell, sidebar
from tests.index.server import LocalIndex


def test_below_a_base_url_an_environment_is_made_and_used(
    start: Callable[..., Jupyter], visit: Visit, index: LocalIndex
) -> None:
    page = visit(start("lab", base_url="/user/ada/", **installing_from(index)))
    expect(sidebar(page)).to_contain_text("No environments of your own yet.")
    fill_in(page, "behind-a-hub", "answers\n")
    expect(create(page)).to_contain_text("Ready in", timeout=LONG)
    expect(row(page, "behind-a-hub")).to_be_visible()
    job_page(page).get_by_role("button", name="Open notebook").click()
    assert run_cell(page, "import answers\nprint(answers.__version__)") == "42.0"


def test_notebook_7_makes_an_environment_and_opens_a_notebook_in_it(
    notebook: Jupyter, visit: Visit
) -> None:
    page = visit(notebook)
    expect(sidebar(page)).to_contain_text("No environments of your own yet.")
    fill_in(page, "in-notebook", "answers\n")
    picture(page, "notebook-7-form")
    shown = create(page)
    expect(shown).to_contain_text("Ready in", timeout=LONG)
    expect(row(page, "in-notebook")).to_be_visible()
    picture(page, "notebook-7")
    with page.context.expect_page() as opened:
        shown.get_by_role("button", name="Open notebook").click()
    document = opened.value
    printed = run_cell(document, "import answers\nprint(answers.__file__)")
    assert printed.startswith(str(notebook.prefix("in-notebook")))


def test_the_panel_is_found_beside_a_notebook_of_notebook_7_too(
    notebook: Jupyter, visit: Visit
) -> None:
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    document = {"cells": [], "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5}
    (notebook.root / "paper.ipynb").write_text(json.dumps(document))
    page = visit(notebook, "notebooks/paper.ipynb")
    fill_in(page, "beside")
    expect(page.get_by_role("heading", name="New environment")).to_be_visible()
    picture(page, "notebook-7-beside")
