"""The packages of an environment: the truth that pip, uv and importlib tell."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.packages import memory
from jupyter_envmgr.core.packages.inventory import site_directories
from tests.core.packages.listed import as_pip_says, pip_list, rows
from tests.machine import settle

from .trees import conda_record, dist_info, site_of, write

PREFIX = Path(sys.prefix)


def test_the_packages_here_are_those_that_pip_and_uv_list():
    ours = as_pip_says(rows(PREFIX))
    assert len(ours) > 50
    arguments = ("list", "--format", "json", "--disable-pip-version-check")
    assert ours == pip_list(sys.executable, "-I", "-m", "pip", *arguments)
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    assert uv is not None
    command = (uv, "pip", "list", "--format", "json", "--python", sys.executable)
    assert ours == pip_list(*command)


def test_every_form_of_metadata_is_listed_as_pip_lists_it(tmp_path):
    prefix = tmp_path / "venv"
    subprocess.run(
        [sys.executable, "-m", "venv", "--without-pip", str(prefix)], check=True, timeout=120
    )
    site = site_of(prefix, f"{sys.version_info[0]}.{sys.version_info[1]}")
    editable = {"url": f"file://{tmp_path}/mine", "dir_info": {"editable": True}}
    dist_info(site, "mine", "0.1", extra={"direct_url.json": json.dumps(editable)})
    dist_info(site, "Plain.Name", "2.0", extra={"REQUESTED": ""})
    write(
        site / "old-0.9-py3.8.egg-info/PKG-INFO", "Metadata-Version: 1.1\nName: old\nVersion: 0.9\n"
    )
    write(site / "file-0.8.egg-info", "Metadata-Version: 1.1\nName: file\nVersion: 0.8\n")
    write(tmp_path / "src/linked.egg-info/PKG-INFO", "Name: linked\nVersion: 3.0\n")
    write(site / "linked.egg-link", f"{tmp_path}/src\n.")
    write(site / "easy-install.pth", f"{tmp_path}/src\n")
    write(site / "~umpy-1.0.dist-info/METADATA", "Name: numpy\nVersion: 1.0\n")
    write(prefix / "conda-meta/history", "")
    python = str(prefix / "bin/python")
    pip = str(importlib.metadata.distribution("pip").locate_file("pip"))
    found = rows(prefix)
    command = (sys.executable, "-I", pip, "--python", python, "list", "--format", "json")
    truth = pip_list(*command, "--disable-pip-version-check")
    assert as_pip_says(found) == truth
    assert set(truth) == {"mine", "plain-name", "old", "file", "linked"}
    assert found["~umpy"].problem


def test_what_somebody_asked_for_is_told_from_dependencies(prefix):
    site = site_of(prefix)
    dist_info(site, "by-pip", extra={"REQUESTED": ""})
    dist_info(site, "by_record")
    dist_info(site, "dependency")
    dist_info(site, "by-uv", extra={"REQUESTED": "", "INSTALLER": "uv"})  # as it marks every one
    found = rows(prefix, asked_for=["By.Record[extra]>=1; python_version>'3'", "", "[", "else"])
    assert [p.name for p in found.values() if p.asked_for] == ["by-pip", "by_record"]


def test_sizes_are_given_where_they_are_asked_for(prefix):
    site = site_of(prefix)
    dist_info(site, "one", files={"one.py": b"x" * 9000})
    library = write(prefix / "lib/libtwo.so", b"x" * 5000)
    conda_record(prefix, "two", files=["lib/libtwo.so"])
    assert [p.size for p in rows(prefix).values()] == [None, None]
    found = rows(prefix, "conda", size=True)
    own = (site / "one.py", site / "one-1.0.dist-info/METADATA")
    assert found["one"].size == sum(p.stat().st_blocks * 512 for p in own)
    assert found["two"].size == library.stat().st_blocks * 512


def test_only_directories_of_that_python_are_looked_at(prefix):
    for python in ("3.9", "3.11", "3.13"):
        dist_info(site_of(prefix, python), f"of-{python.replace('.', '-')}")
    assert list(rows(prefix, interpreter_version="3.11.4")) == ["of-3-11"]
    assert len(rows(prefix)) == 3
    assert rows(prefix, interpreter_version="3.12.1") == {}


def test_free_threaded_pypy_and_lib64_are_looked_at_and_links_not_twice(prefix):
    dist_info(site_of(prefix, "3.13t"), "free")
    dist_info(prefix / "lib/pypy3.13/site-packages", "pypy")
    dist_info(prefix / "lib64/python3.13/site-packages", "wide")
    assert list(rows(prefix, interpreter_version="3.13.0")) == ["free", "pypy", "wide"]
    shutil.rmtree(prefix / "lib64")
    (prefix / "lib64").symlink_to("lib")
    assert len(site_directories(prefix, "venv", "3.13.0")) == 2


@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="there is no system Python here")
def test_the_directories_of_the_systems_python_are_those_on_its_path():
    program = "import sys; print(sys.version.split()[0], *sys.path)"
    answer = subprocess.run(
        ["/usr/bin/python3", "-I", "-S", "-c", "import site; site.main(); " + program],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    version, *path = answer.stdout.split()
    truth = [p for p in path if p.endswith("-packages") and os.path.isdir(p)]
    found = [str(p) for p in site_directories(Path("/usr"), "image", version)]
    assert [p for p in found if p in truth] == truth


def test_two_metadata_directories_of_one_package_are_a_problem_that_is_named(prefix):
    site = site_of(prefix)
    dist_info(site, "numpy", "2.0")
    dist_info(site, "numpy", "1.26")
    dist_info(site, "Num.Py", "9")
    dist_info(site, "num_py", "9.1")
    settle(prefix)
    os.utime(site / "numpy-1.26.dist-info", (2_000_000_000 - 10**9, 1_700_000_500))
    package = rows(prefix)["numpy"]
    assert package.version == "1.26"  # what was installed last
    assert package.problem == "its metadata is there twice: 1.26 and 2.0"


@pytest.mark.timeout(20)
def test_loops_links_to_nowhere_and_devices_are_walked_around(prefix):
    site = site_of(prefix)
    dist_info(site, "fine")
    (site / "loop-1.0.dist-info").symlink_to("loop-1.0.dist-info")
    (site / "up-1.0.dist-info").symlink_to("..")
    (site / "gone-1.0.egg-info").symlink_to("/not/here")
    (site / "null-1.0.egg-info").symlink_to("/dev/null")
    os.mkfifo(site / "fifo-1.0.egg-info")
    os.mkfifo(site / "fifo.egg-link")
    (prefix / "lib/python3.12").symlink_to("python3.12")
    (prefix / "lib64").symlink_to(".")
    write(site / ".dist-info")
    write(site / "-.dist-info")
    write(site / "~.dist-info")
    found = rows(prefix, size=True)
    assert found["fine"].problem == ""
    assert all(found[name].problem for name in ("loop", "up", "gone", "null", "fifo"))


def test_a_library_that_is_a_file_or_absent_has_no_packages(tmp_path):
    assert rows(tmp_path / "not here") == {}
    write(tmp_path / "lib")
    write(tmp_path / "conda-meta")
    assert rows(tmp_path) == {}
    assert rows(Path("/dev/null")) == {}


@pytest.mark.skipif(os.geteuid() == 0 and not shutil.which("setpriv"), reason="root reads all")
def test_directories_that_may_not_be_read_have_no_packages(prefix, tmp_path):
    site = site_of(prefix)
    dist_info(site, "closed").chmod(0)
    dist_info(site, "fine")
    dist_info(site_of(tmp_path / "other"), "hidden")
    (tmp_path / "other/lib").chmod(0o600)
    program = (
        "import json, sys; from pathlib import Path; sys.path.insert(0, sys.argv[1])\n"
        "from jupyter_envmgr.core.packages.inventory import list_packages\n"
        "for p in sys.argv[2:]:\n"
        "  print(json.dumps({p.name: p.problem for p in list_packages(Path(p), 'venv')}))\n"
    )
    project = str(Path(memory.__file__).parents[3])
    drop = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"] if os.geteuid() == 0 else []
    command = [*drop, sys.executable, "-S", "-c", program, project, str(prefix)]
    answer = subprocess.run(
        [*command, str(tmp_path / "other")], capture_output=True, text=True, check=False
    )
    (site / "closed-1.0.dist-info").chmod(0o700)
    (tmp_path / "other/lib").chmod(0o700)
    assert answer.returncode == 0, answer.stderr
    first, second = map(json.loads, answer.stdout.splitlines())
    assert first == {"closed": "its metadata cannot be read", "fine": ""}
    assert second == {}


@pytest.mark.timeout(60)
def test_thousands_of_entries_are_listed(prefix):
    site = site_of(prefix)
    for number in range(5000):
        (site / f"package_{number}-1.{number}.dist-info").mkdir()
    assert len(rows(prefix)) == 5000
