"""The extension is there and alive in both hosts, on the server and in the page."""

from __future__ import annotations

import pytest

from tests.browser.conftest import Visit
from tests.browser.jupyter import Jupyter

_FEDERATED = """
() => JSON.parse(document.getElementById('jupyter-config-data').textContent)
  .federated_extensions.map(extension => extension.name)
"""
_OURS = "jupyterapp.listPlugins().filter(id => id.startsWith('jupyter_envmgr:'))"


def test_the_server_extension_answers(jupyter: Jupyter) -> None:
    status, body = jupyter.get("envmgr/api/status")
    assert status == 200, body


def test_the_plugins_are_activated(jupyter: Jupyter, visit: Visit) -> None:
    page = visit(jupyter)
    assert "jupyter_envmgr" in page.evaluate(_FEDERATED)
    assert page.evaluate(f"() => {_OURS}.filter(id => jupyterapp.isPluginActivated(id))") != []


def test_every_plugin_is_activated_in_lab(lab: Jupyter, visit: Visit) -> None:
    page = visit(lab)
    assert page.evaluate(f"() => {_OURS}.filter(id => !jupyterapp.isPluginActivated(id))") == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_page_has_the_theme_that_was_asked_for(lab: Jupyter, visit: Visit, theme) -> None:
    page = visit(lab, theme=theme, width=900, height=600)
    assert page.get_attribute("body", "data-jp-theme-light") == str(theme == "light").lower()
    assert page.viewport_size == {"width": 900, "height": 600}
