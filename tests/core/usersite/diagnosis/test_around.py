"""Commands, kernels and extensions: what others than Python find in the user base."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.diagnosis import JupyterPlaces
from tests.core.packages.trees import dist_info, write

from .sites import Sites


def test_a_dead_command_says_which_one_it_hides(sites: Sites) -> None:
    sites.command("ls", "#!/opt/gone/bin/python3.9")
    assert sites.only("dead-script").wins == "/usr/bin/ls"


@pytest.mark.parametrize(
    ("first", "rest", "is_dead"),
    [
        (f"#!{sys.executable}", "", False),
        (f"#! {sys.executable} -E", "", False),
        ("#!/usr/bin/env sh", "", False),
        ("#!/usr/bin/env -S sh -e", "", False),
        ("#!/usr/bin/env no-such-program", "", True),
        ("#!/bin/sh", f"'''exec' {sys.executable} \"$0\" \"$@\"\n' '''\n", False),
        ("#!/bin/sh", "'''exec' \"/a very/long path/python3.9\" \"$0\" \"$@\"\n' '''\n", True),
        (f"#!{sys.executable}\r", "", True),
        ("not a script", "", False),
        ("#!", "", False),
    ],
)
def test_a_command_is_dead_if_what_it_starts_with_is_not_there(
    sites: Sites, first: str, rest: str, is_dead: bool
) -> None:
    sites.command("mine", first, rest=rest)
    assert sites.codes() == (["dead-script"] if is_dead else [])


def test_a_command_whose_package_was_removed(sites: Sites) -> None:
    """By hand, for instance: pip removes both. Only for the interpreter that is asked about."""
    target = sites.ground().target.interpreter
    sites.command("mine", f"#!{target}", rest="from mine.cli import main\nmain()\n")
    # That interpreter is not there itself.
    assert sites.codes() == ["dead-script"]


def test_commands_that_people_type_are_named_alone(sites: Sites) -> None:
    for name in ("jupyter-lab", "some-tool"):
        sites.command(name, f"#!{sys.executable}", image=True)
        sites.command(name, f"#!{sys.executable}")
    found = {one.subject: one.severity for one in sites.of("hides-command")}
    assert found == {"jupyter-lab": "risk", "some-tool": "note"}


def _package(place: Path, name: str, **fields: object) -> None:
    write(place / "labextensions" / name / "package.json", json.dumps({"name": name, **fields}))


def test_an_extension_for_another_jupyterlab(sites: Sites) -> None:
    dist_info(sites.image, "jupyterlab", "4.2.5")
    user = sites.base / "share" / "jupyter"
    _package(user, "old", version="1.0", dependencies={"@jupyterlab/application": "^3.1.0"})
    _package(user, "both", version="1.0", dependencies={"@jupyterlab/application": "^3.1 || ^4.0"})
    _package(user, "new", version="1.0", dependencies={"@jupyterlab/application": "^4.0.0"})
    sites.places = JupyterPlaces((str(user),))
    found = sites.only("labextension")
    assert found.subject == "old"
    assert "JupyterLab 3" in found.detail


def test_a_front_half_without_its_server_half(sites: Sites) -> None:
    dist_info(sites.image, "jupyterlab", "4.2.5")
    user = sites.base / "share" / "jupyter"
    discovery = {"discovery": {"server": {"base": {"name": "jupyterlab_git"}}}}
    _package(user, "@jupyterlab/git", version="0.50", jupyterlab=discovery)
    sites.places = JupyterPlaces((str(user),))
    assert "jupyterlab-git" in sites.only("labextension").detail
    dist_info(sites.user, "jupyterlab_git", "0.50")
    assert sites.codes() == []


def test_a_server_extension_is_there_if_its_module_is(sites: Sites) -> None:
    config = sites.base / "etc" / "jupyter"
    wanted = {"ServerApp": {"jpserver_extensions": {"mine.sub": True}}}
    write(config / "jupyter_server_config.d" / "mine.json", json.dumps(wanted))
    sites.places = JupyterPlaces(config=(str(config),))
    assert sites.codes() == ["server-extension"]
    dist_info(sites.image, "mine", files={"mine/__init__.py": b""})
    assert sites.codes() == []


@pytest.mark.parametrize(
    "text", ["", "[]", "{", '{"ServerApp": []}', '{"ServerApp": {"jpserver_extensions": 1}}']
)
def test_a_configuration_that_says_nothing_is_passed_over(sites: Sites, text: str) -> None:
    config = sites.base / "etc" / "jupyter"
    write(config / "jupyter_server_config.d" / "mine.json", text)
    write(sites.base / "share" / "jupyter" / "labextensions" / "x" / "package.json", text)
    sites.places = JupyterPlaces((str(sites.base / "share" / "jupyter"),), (), (str(config),))
    assert sites.codes() == []


# -- real files -------------------------------------------------------------------------------

REAL = Path(sys.prefix)


def _real(sites: Sites, lab: str) -> None:
    """The extensions that these tests run beside, as the user's, for a JupyterLab of a version."""
    dist_info(sites.image, "jupyterlab", lab)
    for module in ("jupyter_lsp", "jupyter_server_terminals", "jupyterlab", "notebook_shim"):
        dist_info(sites.image, f"real-{module}", files={f"{module}/__init__.py": b""})
    for name in ("notebook", "jupyter_envmgr"):
        dist_info(sites.image, name, files={f"{name}/__init__.py": b""})
    config = REAL / "etc" / "jupyter"
    sites.places = JupyterPlaces((str(REAL / "share" / "jupyter"),), (), (str(config),))


def _there(path: Path) -> bool:
    return path.is_dir() and any(path.iterdir())


@pytest.mark.skipif(not _there(REAL / "share/jupyter/labextensions"), reason="no extensions")
def test_real_extensions_fit_the_jupyterlab_that_they_were_made_for(sites: Sites) -> None:
    _real(sites, "4.4.0")
    assert sites.of("labextension") == []
    assert sites.of("server-extension") == []


@pytest.mark.skipif(not _there(REAL / "share/jupyter/labextensions"), reason="no extensions")
def test_real_extensions_do_not_fit_another_one(sites: Sites) -> None:
    _real(sites, "3.6.8")
    found = sites.of("labextension")
    assert found
    assert all("this is 3" in one.detail for one in found)


@pytest.mark.skipif(not _there(REAL / "share/jupyter/labextensions"), reason="no extensions")
def test_an_older_copy_of_a_real_extension_hides_the_images(sites: Sites) -> None:
    _real(sites, "4.4.0")
    package = next((REAL / "share/jupyter/labextensions").glob("**/package.json"))
    fields = json.loads(package.read_text())
    user = sites.base / "share" / "jupyter"
    fields["version"] = "0.0.1"
    rel = package.parent.relative_to(REAL / "share" / "jupyter")
    write(user / rel / "package.json", json.dumps(fields))
    sites.places = JupyterPlaces((str(user),), (str(REAL / "share" / "jupyter"),))
    (found,) = sites.of("labextension")
    assert found.subject == fields["name"]
    assert "0.0.1" in found.detail


def test_a_real_configuration_without_its_package(sites: Sites) -> None:
    """As a reset of the packages alone leaves it."""
    config = REAL / "etc" / "jupyter"
    names = [p for p in config.glob("jupyter_server_config.d/*.json") if "lsp" in p.name]
    if not names:
        pytest.skip("jupyter_lsp is not installed")
    place = sites.base / "etc" / "jupyter"
    write(place / "jupyter_server_config.d" / names[0].name, names[0].read_text())
    sites.places = JupyterPlaces(config=(str(place),))
    assert sites.only("server-extension").subject == "jupyter_lsp"
    dist_info(sites.user, "jupyter-lsp", files={"jupyter_lsp/__init__.py": b""})
    assert sites.codes() == []
