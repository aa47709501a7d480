"""The index of the tests is itself an honest one: pip's rules, pip's own tool agrees."""

from __future__ import annotations

import sys
import time
import urllib.error
import urllib.request
import zipfile
from importlib.metadata import distribution
from io import BytesIO

import pytest
from packaging.utils import parse_wheel_filename

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
