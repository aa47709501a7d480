"""The user site: every Python of it, what it hides of the image, and which version wins."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.packages.model import UserPackage, UserSite
from jupyter_envmgr.core.usersite.listing import read_user_site
from tests.core.packages.trees import conda_record, dist_info, site_of, write


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return tmp_path / "home/.local"


@pytest.fixture
def image(tmp_path: Path) -> Path:
    site_of(tmp_path / "image")
    return tmp_path / "image"


def read(base: Path, image: Path, **more: Any) -> UserSite:
    more = {"image_python": "3.11.7", "visible": True, "why": "", **more}
    return read_user_site(base=base, image_prefix=image, **more)


def packages(found: UserSite, python: str = "3.11") -> dict[str, UserPackage]:
    (own,) = [p for p in found.pythons if p.version == python]
    return {p.package.name: p for p in own.packages}


def test_a_package_of_the_image_that_is_hidden_is_marked_with_who_wins(base, image):
    dist_info(site_of(base), "Num_Py", "1.24")
    dist_info(site_of(base), "mine", "1.0")
    there = dist_info(site_of(image), "num-py", "2.0")
    found = read(base, image)
    rows = packages(found)
    assert (rows["Num_Py"].hides, rows["Num_Py"].wins) == ("2.0", "1.24")
    assert rows["Num_Py"].hides_path == str(there)
    assert (rows["mine"].hides, rows["mine"].wins) == ("", "1.0")
    (python,) = found.pythons
    assert (python.active, python.package_count, python.hiding_count) == (True, 2, 1)


def test_where_the_user_site_is_not_visible_the_image_wins(base, image):
    dist_info(site_of(base), "numpy", "1.24")
    dist_info(site_of(base), "mine")
    dist_info(site_of(image), "numpy", "2.0")
    found = read(base, image, visible=False, why="PYTHONNOUSERSITE is set")
    rows = packages(found)
    assert (rows["numpy"].hides, rows["numpy"].wins) == ("2.0", "2.0")
    assert rows["mine"].wins == ""
    assert (found.visible, found.why) == (False, "PYTHONNOUSERSITE is set")
    assert (found.pythons[0].active, found.pythons[0].hiding_count) == (False, 0)


def test_every_python_is_listed_newest_first_and_only_one_can_hide(base, image):
    for python in ("2.7", "3.8", "3.11", "3.11t", "3.13", "3.9"):
        dist_info(site_of(base, python), "numpy", "1.0")
    dist_info(site_of(image), "numpy", "2.0")
    found = read(base, image)
    versions = [p.version for p in found.pythons]
    assert versions == ["3.13", "3.11t", "3.11", "3.9", "3.8", "2.7"]
    assert [p.version for p in found.pythons if p.active] == ["3.11"]
    assert [p.version for p in found.pythons if p.packages[0].hides] == ["3.11"]


def test_a_free_threaded_image_loads_the_free_threaded_site(base, tmp_path):
    image = tmp_path / "free"
    write(image / "lib/python3.13t/os.py")
    dist_info(site_of(image, "3.13t"), "numpy", "2.0")
    dist_info(site_of(base, "3.13"), "numpy", "1.0")
    dist_info(site_of(base, "3.13t"), "numpy", "1.0")
    found = read(base, image, image_python="3.13.1")
    assert [(p.version, p.active, p.hiding_count) for p in found.pythons] == [
        ("3.13t", True, 1),
        ("3.13", False, 0),
    ]


def test_what_conda_calls_otherwise_is_hidden_by_its_python_name(base, tmp_path):
    image = tmp_path / "conda"
    dist_info(site_of(image), "torch", "2.1")
    files = ["lib/python3.11/site-packages/torch-2.1.dist-info/METADATA"]
    conda_record(image, "pytorch", "2.1", files=files)
    dist_info(site_of(base), "torch", "1.13")
    row = packages(read(base, image))["torch"]
    assert (row.hides, row.wins) == ("2.1", "1.13")


def test_leftovers_of_an_uninstall_are_listed_and_hide_nothing(base, image):
    write(site_of(base) / "~umpy-1.0.dist-info/METADATA", "Name: numpy\nVersion: 1.0\n")
    write(site_of(image) / "~umpy-1.0.dist-info/METADATA", "Name: numpy\nVersion: 1.0\n")
    dist_info(site_of(image), "numpy", "2.0")
    found = read(base, image)
    row = packages(found)["~umpy"]
    assert (row.hides, row.wins, found.pythons[0].package_count) == ("", "", 0)
    assert row.package.problem


def test_sizes_are_given_where_they_are_asked_for(base, image):
    site = site_of(base)
    files = {"one.py": b"x" * 9000, "../../../bin/one": b"x" * 100}
    dist_info(site, "one", files=files)
    assert read(base, image).total_size is None
    assert packages(read(base, image))["one"].package.size is None
    found = read(base, image, size=True)
    own = [site / "one.py", base / "bin/one", site / "one-1.0.dist-info/METADATA"]
    assert packages(found)["one"].package.size == sum(p.stat().st_blocks * 512 for p in own)
    command = ["du", "-s", "--block-size=1", str(site)]
    du = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout.split()[0])
    assert found.pythons[0].size == found.total_size == du


def test_a_base_that_is_not_there_does_not_exist_and_an_empty_one_does(base, image):
    found = read(base, image)
    assert (found.exists, found.pythons) == (False, ())
    (base / "lib").mkdir(parents=True)
    found = read(base, image)
    assert (found.exists, found.pythons) == (True, ())


@pytest.mark.parametrize("kind", ["file", "loop", "library is a file", "site is a file"])
def test_a_base_of_another_kind_is_no_exception(base, image, kind):
    base.parent.mkdir(parents=True)
    if kind == "file":
        write(base)
    elif kind == "loop":
        base.symlink_to(base.name)
    elif kind == "library is a file":
        write(base / "lib")
    else:
        write(base / "lib/python3.11/site-packages")
        write(base / "lib/python3")
        write(base / "lib/pythonX.Y/site-packages/x")
    assert read(base, image).pythons == ()


def test_a_base_behind_links_is_read(base, image, tmp_path):
    dist_info(site_of(tmp_path / "elsewhere"), "one")
    base.parent.mkdir(parents=True)
    base.symlink_to(tmp_path / "elsewhere")
    (tmp_path / "elsewhere/lib/python3.12").symlink_to("python3.11")
    found = read(base, image)
    assert [p.version for p in found.pythons] == ["3.12", "3.11"]
    assert list(packages(found)) == ["one"]


def test_a_base_whose_name_is_not_utf_8_can_be_shown(tmp_path, image):
    base = tmp_path / os.fsdecode(b"h\xf4me")
    dist_info(site_of(base), "one")
    found = read(base, image)
    text = found.base + found.pythons[0].path + packages(found)["one"].package.path
    text.encode()  # raises for what could not be sent


def test_the_versions_that_win_are_those_that_python_loads(tmp_path):
    """The truth: an interpreter with that user base, asked which versions it finds first."""
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    interpreter = Path(os.path.realpath(sys.executable))
    image = Path(sys.base_prefix)
    base = tmp_path / "base"
    site = site_of(base, minor)
    dist_info(site, "pip", "0.1")
    dist_info(site, "only-mine", "0.2")
    program = (
        "import importlib.metadata as m, json\n"
        "print(json.dumps({n: m.version(n) for n in ('pip', 'only-mine')}))"
    )
    answer = subprocess.run(
        [str(interpreter), "-c", program],
        capture_output=True, text=True, check=True,
        env={"PYTHONUSERBASE": str(base), "PATH": os.environ["PATH"]},
    )  # fmt: skip
    truth = json.loads(answer.stdout)
    version = ".".join(map(str, sys.version_info[:3]))
    found = packages(read(base, image, image_python=version), minor)
    assert {name: row.wins for name, row in found.items()} == truth


def test_a_virtual_environments_own_packages_come_before_the_user_site(base, image):
    write(image / "pyvenv.cfg", "include-system-site-packages = true\n")
    dist_info(site_of(base), "numpy", "1.24")
    dist_info(site_of(image), "numpy", "2.0")
    found = read(base, image)
    row = packages(found)["numpy"]
    assert (row.hides, row.wins) == ("", "2.0")
    assert found.pythons[0].hiding_count == 0
