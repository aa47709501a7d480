"""Whose a file outside of the site directory is: RECORDs as pip, people, attackers leave them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.base import read_base
from jupyter_envmgr.core.usersite.records import read_installed
from jupyter_envmgr.core.usersite.scan import Inventory
from tests.homes import Home, rich_home


def _owned(home: Home) -> dict[str, str]:
    outside = Inventory(read_base(home.base)).ownership.outside
    return {one.rel: one.owner[0] if one.owner else "several" for one in outside}


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def test_a_script_of_two_pythons_is_the_one_whose_hash_it_has(home: Home) -> None:
    home.package("numpy", python="3.8", scripts=["f2py"])
    home.package("numpy", python="3.11", scripts=["f2py"])
    assert _owned(home) == {"bin/f2py": "lib/python3.11/site-packages"}
    home.package("numpy", python="3.8", scripts=["f2py"])
    assert _owned(home) == {"bin/f2py": "lib/python3.8/site-packages"}


def test_a_script_that_another_tool_put_in_its_place_is_left_alone(home: Home) -> None:
    home.package("black", scripts=["black", "blackd"])
    home.file("share/pipx/venvs/black/bin/black", "#!/x/python\n")
    (home.base / "bin/black").unlink()
    (home.base / "bin/black").symlink_to("../share/pipx/venvs/black/bin/black")
    (home.base / "bin/blackd").write_text("#!/bin/sh\nmy own wrapper\n")
    inventory = Inventory(read_base(home.base))
    assert inventory.ownership.outside == ()
    reasons = dict(inventory.ownership.refused)
    assert "pipx" in reasons["bin/black"]
    assert "content" in reasons["bin/blackd"]


def test_a_kernelspec_that_a_person_made_in_a_packages_place_is_left_alone(home: Home) -> None:
    kernel = "share/jupyter/kernels/python3"
    home.package("ipykernel", outside={f"{kernel}/kernel.json": "{}", f"{kernel}/logo.png": "x"})
    assert set(_owned(home)) == {f"{kernel}/kernel.json", f"{kernel}/logo.png"}
    (home.base / kernel / "kernel.json").write_text('{"argv": ["mine"]}')
    assert _owned(home) == {}


@pytest.mark.parametrize(
    "row",
    [
        "../../../../secret,,",
        "../../../../../../../../etc/passwd,,",
        "/etc/passwd,,",
        "../../python3.8/site-packages/other.py,,",
        "../../../share/jupyter/runtime/kernel-1.json,,",
        "../../../share/uv/tool,,",
        "../../../state/x,,",
        "../../..,,",
        "../../../bin,,",
        "../../../nothing,,",
        '"../../../bin/\nodd",,',
    ],
)
def test_a_record_cannot_claim_what_is_not_its_packages(home: Home, row: str) -> None:
    home.package("evil", rows=[row])
    home.package("other", python="3.8", files={"other.py": "x"})
    (home.home / "secret").write_text("x")
    for rel in ("share/jupyter/runtime/kernel-1.json", "share/uv/tool", "state/x", "bin/mine"):
        home.file(rel)
    assert _owned(home) == {}


def test_absolute_rows_crlf_quotes_and_missing_hashes_are_understood(home: Home) -> None:
    info = home.package("odd")
    home.file("share/odd/a,b.txt")
    home.file("share/odd/abs.txt")
    home.file("bin/odd", "#!/bin/sh\n")
    rows = f'"../../../share/odd/a,b.txt",,\r\n{home.base}/share/odd/abs.txt,,\r\n'
    (info / "RECORD").write_text(rows + "../../../bin/odd,,\r\n")
    assert set(_owned(home)) == {"share/odd/a,b.txt", "share/odd/abs.txt", "bin/odd"}
    (info / "RECORD").write_bytes(b"../../../bin/odd,,\r\n")
    assert set(_owned(home)) == {"bin/odd"}


def test_names_that_are_not_utf_8_are_found(home: Home) -> None:
    info = home.package("latin")
    name = os.fsencode(home.base) + b"/share/caf\xe9"
    os.mkdir(home.base / "share")
    Path(os.fsdecode(name)).write_text("x")
    (info / "RECORD").write_bytes(b"../../../share/caf\xe9,,\n")
    assert [os.fsencode(rel) for rel in _owned(home)] == [b"share/caf\xe9"]


def test_a_file_behind_a_link_out_of_the_base_is_left_alone(home: Home, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (home.base / "bin").symlink_to(elsewhere)
    home.package("tool", scripts=["tool"])
    inventory = Inventory(read_base(home.base))
    assert inventory.ownership.outside == ()
    assert "behind a link" in dict(inventory.ownership.refused)["bin/tool"]


@pytest.mark.parametrize("size", [0, 1, 64 * 1024 * 1024 + 1])
def test_a_record_of_any_size_is_survived(home: Home, size: int) -> None:
    info = home.package("big")
    with (info / "RECORD").open("wb") as file:
        file.truncate(size)
    found = read_installed(str(home.site()))
    assert [one.listed for one in found] == [size < 1 << 20]


def test_scripts_of_old_style_installs_are_told_by_what_is_in_them(home: Home) -> None:
    site = home.site("3.8")
    source = home.home / "src"
    (source / "dev.egg-info").mkdir(parents=True)
    (source / "dev.egg-info/PKG-INFO").write_text("Name: dev\nVersion: 0.1\n\n")
    (source / "dev.egg-info/entry_points.txt").write_text("[console_scripts]\ndev = dev:main\n")
    (site / "dev.egg-link").write_text(f"{source}\n.\n")
    (site / "easy-install.pth").write_text(f"{source}\n")
    easy = "#!/usr/bin/python3.8\n# EASY-INSTALL-ENTRY-SCRIPT: 'dev','console_scripts','dev'\n"
    home.file("bin/dev", f"{easy}__requires__ = 'dev'\n")
    home.file("bin/own", "#!/usr/bin/env python3\nimport sys\nfrom dev import main\nsys.exit(0)\n")
    home.file("bin/newer", easy.replace("3.8", "3.11"))
    assert _owned(home) == {"bin/dev": "lib/python3.8/site-packages"}


def test_strays_are_what_no_package_lists(tmp_path: Path) -> None:
    home = rich_home(tmp_path / "home")
    from jupyter_envmgr.core.usersite.scan import strays

    assert strays(str(home.site())) == ("dangling", "hard.py", "yaml.py")
