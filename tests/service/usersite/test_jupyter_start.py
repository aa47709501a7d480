"""Whether Jupyter starts with a user site: what importing it in real interpreters says."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.usersite.jupyter_start import why_jupyter_fails
from tests.homes import Home

PYTHON = Path(os.path.realpath(sys.executable))
MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
SERVER = "try:\n    import extra\nexcept ModuleNotFoundError:\n    pass\n"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def _settings(home: Home, image: Path | None = None) -> Settings:
    """Of an image that has a Jupyter which takes something from the user site, if it is there."""
    environ = {}
    if image is not None:
        (image / "jupyter_server").mkdir(parents=True)
        (image / "jupyter_server/__init__.py").touch()
        (image / "jupyter_server/serverapp.py").write_text(SERVER)
        environ["PYTHONPATH"] = str(image)
    return replace(home.settings(python=MINOR, **environ), image_interpreter=PYTHON)


def test_a_package_that_breaks_jupyter_is_proven_and_what_finds_it_is_said(
    home: Home, tmp_path: Path
) -> None:
    text = "from collections import MutableMapping\n"
    home.package("extra", python=MINOR, files={"extra.py": text})
    found = why_jupyter_fails(_settings(home, tmp_path / "image"))
    assert found is not None
    assert (found.code, found.severity) == ("jupyter-broken", "proven")
    assert "MutableMapping" in found.detail
    assert ("Without the user site", "it starts") in found.evidence
    assert found.fix is not None
    command = "jupyter envmgr usersite probe -m jupyter_server.serverapp"
    assert found.fix.command == command


def test_a_jupyter_that_starts_is_no_finding(home: Home, tmp_path: Path) -> None:
    home.package("extra", python=MINOR)
    assert why_jupyter_fails(_settings(home, tmp_path / "image")) is None


def test_what_fails_without_the_user_site_too_is_not_its_fault(home: Home, tmp_path: Path) -> None:
    home.package("extra", python=MINOR)
    settings = _settings(home, tmp_path / "image")
    (tmp_path / "image/jupyter_server/serverapp.py").write_text("1 / 0\n")
    assert why_jupyter_fails(settings) is None


def test_a_broken_jupyter_that_is_in_the_user_site_alone_is_said_to_be(home: Home) -> None:
    files = {"jupyter_server/__init__.py": "", "jupyter_server/serverapp.py": "1 / 0\n"}
    home.package("jupyter-server", python=MINOR, files=files)
    found = why_jupyter_fails(_settings(home))
    assert found is not None
    assert ("Without the user site", "there is no Jupyter") in found.evidence


def test_what_ends_python_at_its_start_is_seen(home: Home, tmp_path: Path) -> None:
    settings = _settings(home, tmp_path / "image")
    home.file(f"lib/python{MINOR}/site-packages/sitecustomize.py", "raise SystemExit('no')\n")
    assert why_jupyter_fails(settings) is not None


def test_an_image_without_jupyter_has_nothing_that_could_fail(home: Home) -> None:
    home.package("extra", python=MINOR, files={"extra.py": "1 / 0\n"})
    assert why_jupyter_fails(_settings(home)) is None
