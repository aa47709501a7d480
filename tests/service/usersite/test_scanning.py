"""The scan: what is there, whose it is, and who loads it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import usersite
from jupyter_envmgr.service.context import Context
from tests.homes import Home, state


def test_a_scan_shows_sites_scripts_and_what_is_left_alone(home: Home) -> None:
    before = state(home.base)
    found = usersite.scan(home.settings(), size=True)
    assert state(home.base) == before
    assert [(site.python, site.package_count) for site in found.sites] == [("3.11", 7), ("3.8", 1)]
    scripts = [f.path for site in found.sites for f in site.outside if f.kind == "script"]
    assert [Path(path).name for path in scripts] == ["f2py", "f2py-old"]
    assert found.sites[0].bytes
    assert found.sites[0].strays == ("dangling", "hard.py", "yaml.py")
    reasons = {str(Path(row.path).relative_to(home.base)): row.why for row in found.left_alone}
    assert "pipx" in reasons["bin/black"]
    assert reasons["share/jupyter/runtime"].startswith("connection files")
    assert "uv" in reasons["share/uv"]
    assert "bin/mine" in reasons


def test_pips_configuration_is_shown_without_credentials(home: Home) -> None:
    (home.home / ".config/pip").mkdir(parents=True)
    (home.home / ".config/pip/pip.conf").write_text(
        "[global]\nindex-url = https://me:secret@index.example/simple\n[install]\nuser = true\n"
    )
    settings = home.settings(PIP_CONSTRAINT="/etc/pip/constraint.txt")
    (settings.image_prefix / "lib/python3.11/EXTERNALLY-MANAGED").touch()
    pip = usersite.scan(settings).pip
    assert pip.user is True
    assert pip.index_urls == ("https://index.example/simple",)
    assert pip.constraint == ("/etc/pip/constraint.txt",)
    assert pip.externally_managed.endswith("EXTERNALLY-MANAGED")
    assert "secret" not in repr(pip)
    assert ("constraint", "/etc/pip/constraint.txt", "PIP_CONSTRAINT") in pip.sources


def test_who_loads_the_user_site_is_said_with_the_reason(
    settings: Settings, make_context: Callable[[Settings], Context]
) -> None:
    def kernel(name: str, *flags: str, **env: str) -> None:
        directory = settings.user_kernels / name
        directory.mkdir(parents=True)
        argv = [str(settings.image_interpreter.resolve()), *flags, "-m", "ipykernel_launcher"]
        spec = {"argv": argv, "display_name": name, "language": "python", "env": env}
        (directory / "kernel.json").write_text(json.dumps(spec))

    kernel("plain")
    kernel("isolated", PYTHONNOUSERSITE="1")
    kernel("flagged", "-s")
    kernel("profiled", PYTHONUSERBASE="/profiles/x")
    kernel("empty", PYTHONNOUSERSITE="")
    context = make_context(replace(settings))
    found = usersite.scan(settings, catalogue=context.catalogue)
    rows = {row.id: row for row in found.visibility if row.kind == "kernel"}
    assert rows["isolated"].visible is False
    assert "PYTHONNOUSERSITE" in rows["isolated"].why
    assert rows["flagged"].visible is False
    assert "/profiles/x" in rows["profiled"].why
    assert rows["plain"].visible is rows["empty"].visible is True
    assert any(row.kind == "environment" and row.id == "image" for row in found.visibility)


def test_an_empty_home_has_nothing(home: Home, tmp_path: Path) -> None:
    settings = replace(home.settings(), home=tmp_path / "nobody", environ={})
    found = usersite.scan(settings)
    assert (found.exists, found.sites, found.left_alone) == (False, (), ())
    assert usersite.snapshots(settings).snapshots == ()
    assert usersite.recover(settings) == ()
    assert not (tmp_path / "nobody").exists()
