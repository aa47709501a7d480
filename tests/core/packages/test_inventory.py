"""The packages of an environment: the truth that pip, uv and importlib tell, and hostile trees."""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.packages import memory
from jupyter_envmgr.core.packages.inventory import Memory, list_packages, site_directories
from jupyter_envmgr.core.packages.metadata import normal
from jupyter_envmgr.core.packages.model import Package
from tests.machine import settle

from .trees import conda_record, dist_info, site_of, write

PREFIX = Path(sys.prefix)


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    return tmp_path / "prefix"


def rows(prefix: Path, kind: Any = "venv", **more: Any) -> dict[str, Package]:
    """The packages by name, read without anything remembered."""
    more.setdefault("memory", Memory())
    found = list_packages(prefix, kind, **more)
    assert [normal(p.name) for p in found] == sorted(normal(p.name) for p in found)
    return {package.name: package for package in found}


def pip_list(*command: str) -> dict[str, tuple[str, bool]]:
    """Version and whether it is editable, by normal name, as a tool says."""
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        normal(row["name"]): (row["version"], bool(row.get("editable_project_location")))
        for row in json.loads(answer.stdout)
    }


def as_pip_says(packages: dict[str, Package]) -> dict[str, tuple[str, bool]]:
    return {normal(p.name): (p.version, p.editable) for p in packages.values() if p.version}


# -- the truth -----------------------------------------------------------------------------------


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


def test_the_same_memory_does_not_mix_up_who_asked(prefix):
    dist_info(site_of(prefix), "one")
    settle(prefix)
    kept = Memory()
    assert not rows(prefix, memory=kept)["one"].asked_for
    assert rows(prefix, memory=kept, asked_for=["one"])["one"].asked_for
    assert not rows(prefix, memory=kept)["one"].asked_for


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


# -- conda ---------------------------------------------------------------------------------------


def python_files(entry: str, site: str = "lib/python3.11/site-packages") -> list[str]:
    return [f"{site}/{entry}/METADATA", f"{site}/module.py"]


def test_a_package_of_conda_and_its_dist_info_are_one_row(prefix):
    head = "Summary: Tensors\nLicense: BSD\nHome-page: https://pytorch.org\n"
    dist_info(site_of(prefix), "torch", "2.0", head=head, extra={"REQUESTED": ""})
    files = python_files("torch-2.0.dist-info")
    conda_record(prefix, "pytorch", "2.0", files=files, license="BSD-3-Clause", channel="pytorch")
    (package,) = rows(prefix, "conda").values()
    assert (package.name, package.version, package.installer) == ("pytorch", "2.0", "conda")
    assert (package.summary, package.home_page) == ("Tensors", "https://pytorch.org")
    assert (package.licence, package.origin) == ("BSD-3-Clause", "pytorch")
    assert not package.asked_for  # the file REQUESTED was made where conda's package was built


def test_what_pip_replaced_in_a_conda_environment_is_shown_as_it_is_now(prefix):
    dist_info(site_of(prefix), "numpy", "2.0")
    conda_record(prefix, "numpy", "1.26", files=python_files("numpy-1.26.dist-info"))
    found = rows(prefix, "conda")
    assert (found["numpy"].version, found["numpy"].installer) == ("2.0", "pip")
    assert len(found) == 1


def test_what_pip_removed_from_a_conda_environment_says_so(prefix):
    site_of(prefix)
    conda_record(prefix, "numpy", "1.26", files=python_files("numpy-1.26.dist-info"))
    assert "removed" in rows(prefix, "conda")["numpy"].problem


def test_a_library_and_a_python_package_of_one_name_are_two(prefix):
    dist_info(site_of(prefix), "zstd", "1.5.6")
    conda_record(prefix, "zstd", "1.5.5", files=["lib/libzstd.so"])
    found = list_packages(prefix, "conda", memory=Memory())
    assert [(p.version, p.installer) for p in found] == [("1.5.5", "conda"), ("1.5.6", "pip")]


def test_who_asked_conda_is_in_its_records_and_its_history(prefix):
    conda_record(prefix, "a", requested_spec="a>=1")
    conda_record(prefix, "b", requested_spec="None")
    conda_record(prefix, "c", requested_specs=["c"])
    conda_record(prefix, "d", requested_spec="", requested_specs=[])
    for name in "efgh":
        conda_record(prefix, name)
    history = """==> 2026-01-31 12:00:00 <==
# cmd: conda create e
# update specs: ["e[version='>=1,<2']", 'conda-forge::f']
==> 2026-02-01 12:00:00 <==
# install specs: g, d=1
# update specs: [not python
# update specs: ['h']
# remove specs: ['f', 'd']
"""
    write(prefix / "conda-meta/history", history)
    found = rows(prefix, "conda").values()
    assert [p.name for p in found if p.asked_for] == ["a", "c", "e", "g", "h"]


def test_summary_and_home_page_come_from_condas_cache_while_it_is_there(prefix, tmp_path):
    unpacked = tmp_path / "pkgs/zlib-1.0-h0_0"
    about = {"summary": "Compression\nlibrary", "home": ["https://zlib.net"]}
    write(unpacked / "info/about.json", json.dumps(about))
    conda_record(prefix, "zlib", files=["lib/libz.so"], extracted_package_dir=str(unpacked))
    conda_record(prefix, "gone", files=["lib/x"], extracted_package_dir="/not/here")
    found = rows(prefix, "conda")
    assert found["zlib"].summary == "Compression library"
    assert found["zlib"].home_page == "https://zlib.net"
    assert found["gone"].summary == ""


def test_tokens_of_channels_are_not_shown(prefix):
    conda_record(
        prefix, "a", channel="https://conda.anaconda.org/t/me-1234-secret/private/linux-64"
    )
    conda_record(prefix, "b", channel="https://me:secret@host/channel")
    found = rows(prefix, "conda")
    assert found["a"].origin == "https://conda.anaconda.org/private/linux-64"
    assert found["b"].origin == "https://host/channel"


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        '{"name": 5, "version": []}',
        "[" * 100_000,
        b"\xff\xfe\x00",
        '{"name": "x"}',
    ],
)
def test_a_conda_record_that_cannot_be_read_is_a_row_that_says_so(prefix, content):
    write(prefix / "conda-meta/my-package-1.0-h0_0.json", content)
    os.mkfifo(prefix / "conda-meta/fifo-2.0-0.json")
    (prefix / "conda-meta/dir-3.0-0.json").mkdir()
    found = rows(prefix, "conda")
    assert {p.name: p.version for p in found.values()} == {
        "my-package": "1.0",
        "fifo": "2.0",
        "dir": "3.0",
    }
    assert all(p.problem == "its conda record cannot be read" for p in found.values())


def test_odd_values_in_a_conda_record_are_left_out(prefix):
    odd: dict[str, Any] = {
        "license": 5,
        "channel": [],
        "files": {"a": 1},
        "requested_spec": [],
        "extra": None,
    }
    conda_record(prefix, "odd", **odd)
    conda_record(prefix, "odder", files=[1, None, "x/site-packages/a-1.dist-info/METADATA"])
    found = rows(prefix, "conda", size=True)
    assert (found["odd"].licence, found["odd"].asked_for) == ("", False)
    assert found["odder"].size == 0


# -- directories ---------------------------------------------------------------------------------


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


# -- hostile trees -------------------------------------------------------------------------------


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


# -- what is remembered --------------------------------------------------------------------------


class _Reads:
    """Counts what is read anew."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        for module, name in ((memory, "read_distribution"), (memory, "read_conda_record")):
            patch.setattr(module, name, self._counting(getattr(module, name)))

    def _counting(self, read: Any) -> Any:
        def counted(*arguments: Any) -> Any:
            self.names.append(os.path.basename(arguments[1] if arguments[1:] else arguments[0]))
            return read(*arguments)

        return counted

    def take(self) -> list[str]:
        names, self.names = self.names, []
        return sorted(names)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> _Reads:
    return _Reads(monkeypatch)


def test_what_has_not_changed_is_not_read_again(prefix, reads):
    site = site_of(prefix)
    dist_info(site, "one")
    conda_record(prefix, "two")
    settle(prefix)
    kept = Memory()
    first = list_packages(prefix, "conda", memory=kept)
    assert reads.take() == ["one-1.0.dist-info", "two-1.0-h0_0.json"]
    assert list_packages(prefix, "conda", memory=kept) is first
    assert reads.take() == []


def test_only_what_has_changed_is_read_again(prefix, reads):
    site = site_of(prefix)
    dist_info(site, "one")
    dist_info(site, "two")
    settle(prefix)
    kept = Memory()
    assert set(rows(prefix, memory=kept)) == {"one", "two"}
    reads.take()
    dist_info(site, "three")
    shutil.rmtree(site / "one-1.0.dist-info")
    settle(prefix)
    os.utime(site, (1_700_000_100, 1_700_000_100))
    assert set(rows(prefix, memory=kept)) == {"two", "three"}
    assert reads.take() == ["three-1.0.dist-info"]


def test_a_mark_that_is_put_into_a_metadata_directory_is_seen(prefix):
    directory = dist_info(site_of(prefix), "one")
    settle(prefix)
    kept = Memory()
    assert not rows(prefix, memory=kept)["one"].asked_for
    write(directory / "REQUESTED")
    assert rows(prefix, memory=kept)["one"].asked_for


def test_what_may_be_changing_still_is_read_again(prefix, reads):
    """Within one tick of the clock a second change leaves the time of the first."""
    directory = dist_info(site_of(prefix), "one")
    kept = Memory()
    rows(prefix, memory=kept)
    before = directory.stat()
    write(directory / "REQUESTED")
    os.utime(directory, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rows(prefix, memory=kept)["one"].asked_for


def test_a_package_that_goes_while_it_is_listed_again_is_gone(prefix):
    site = site_of(prefix)
    dist_info(site, "one")
    dist_info(site, "two")
    settle(prefix)
    kept = Memory()
    assert set(rows(prefix, memory=kept)) == {"one", "two"}
    shutil.rmtree(site / "two-1.0.dist-info")
    os.utime(site, (1_700_000_000, 1_700_000_000))  # even if the directory's time says nothing
    assert set(rows(prefix, memory=kept)) == {"one"}


def test_the_memory_is_bounded(tmp_path):
    kept = Memory()
    for number in range(200):
        dist_info(site_of(tmp_path / str(number)), "one")
        assert list(rows(tmp_path / str(number), memory=kept)) == ["one"]
    assert len(kept._known) <= 64
    assert len(kept._lists) <= 64


def test_many_threads_get_the_same_answer(prefix):
    site = site_of(prefix)
    for number in range(100):
        dist_info(site, f"package-{number:03}")
    kept = Memory()
    answers: list[int] = []

    def ask() -> None:
        answers.extend(len(rows(prefix, memory=kept)) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [100] * 40
