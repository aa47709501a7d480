"""The index of the tests is itself an honest one: pip's rules, pip's own tool agrees."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
import zipfile
from importlib.metadata import distribution
from io import BytesIO
from pathlib import Path

import pytest
from packaging.utils import parse_wheel_filename
from uv import find_uv_bin

from tests.index import server
from tests.index.repack import closure, kernel_wheels, repack
from tests.index.server import LocalIndex
from tests.index.wheels import Archive, sdist, wheel


def test_a_repacked_wheel_has_every_file_and_no_script(kernel_archives: list[Archive]) -> None:
    packed = repack(distribution("ipykernel"))
    names = zipfile.ZipFile(BytesIO(packed.content)).namelist()
    assert "ipykernel/__init__.py" in names
    assert any(name.endswith("data/share/jupyter/kernels/python3/kernel.json") for name in names)
    assert not any("__pycache__" in name or name.startswith("..") for name in names)
    assert parse_wheel_filename(packed.filename)[0] == "ipykernel"


def test_the_kernels_wheels_are_complete_and_quickly_made(kernel_archives: list[Archive]) -> None:
    started = time.monotonic()
    projects = {archive.project for archive in kernel_wheels()}
    assert time.monotonic() - started < 30
    assert {"ipykernel", "ipython", "pyzmq", "tornado", "traitlets"} <= projects
    assert projects >= {d.metadata["Name"].lower() for d in closure(["traitlets"])}


def test_compiled_wheels_keep_their_tag(kernel_archives: list[Archive]) -> None:
    (zmq,) = [archive for archive in kernel_archives if archive.project == "pyzmq"]
    _, _, _, tags = parse_wheel_filename(zmq.filename)
    assert all(tag.interpreter.startswith("cp") for tag in tags)
    assert not any(tag.platform == "any" for tag in tags)
    assert sys.implementation.name == "cpython"


def test_a_project_page_names_its_files_with_their_hashes() -> None:
    package = wheel("Alpha.Beta", "1.0", requires_python=">=3.99")
    with LocalIndex([package]) as index:
        page = urllib.request.urlopen(f"{index.url}/alpha-beta/").read().decode()
        assert f"#sha256={package.sha256}" in page
        assert 'data-requires-python="&gt;=3.99"' in page
        file = f"http://{index.host}/files/{package.filename}"
        assert urllib.request.urlopen(file).read() == package.content
        assert b"Name: Alpha.Beta" in urllib.request.urlopen(f"{file}.metadata").read()
        with pytest.raises(urllib.error.HTTPError, match="404"):
            urllib.request.urlopen(f"{index.url}/nope/")
    assert "/simple/alpha-beta/" in index.requests


def test_archives_are_the_same_whenever_they_are_made() -> None:
    assert wheel("alpha", size=100) == wheel("alpha", size=100)
    assert sdist("alpha", backend="pass") == sdist("alpha", backend="pass")


def test_of_two_indexes_in_turn_uv_knows_only_what_is_to_be_cached(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with LocalIndex() as index:
        port = int(index.host.partition(":")[2])
    monkeypatch.setattr(server, "_PORTS", range(port, port + 1))
    environ = {"HOME": str(tmp_path), "UV_CACHE_DIR": str(tmp_path / "cache")}
    same = wheel("same")
    for number, expected in enumerate(({"same", "own"}, {"own"})):
        own = wheel("own", files={"own/number.txt": f"{number}"})
        target = tmp_path / f"target-{number}"
        argv = [find_uv_bin(), "pip", "install", "--no-config", "--python", sys.executable]
        with LocalIndex([own], cached=[same]) as index:
            argv += ["--default-index", index.url, "--target", str(target), "same", "own"]
            subprocess.run(argv, check=True, capture_output=True, env=environ)
            files = [path for path in index.requests if path.endswith(".whl")]
        assert (target / "own/number.txt").read_text() == f"{number}"
        assert (target / "same").is_dir()
        assert {path.removeprefix("/files/").partition("-")[0] for path in files} == expected


def test_two_indexes_at_once_have_two_addresses() -> None:
    same = wheel("same")
    with LocalIndex(cached=[same]) as one, LocalIndex(cached=[same]) as two:
        assert one.host != two.host


def test_an_index_with_cached_wheels_has_no_name_for_a_source_distribution() -> None:
    index = LocalIndex(cached=[wheel("same")])
    with pytest.raises(ValueError, match="no wheel"):
        index.add(sdist("alpha", backend="pass"))
