"""The packages of a conda environment: its records, and what pip did to them."""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

from jupyter_envmgr.core.packages.inventory import Memory, list_packages
from tests.core.packages.listed import rows

from .trees import conda_record, dist_info, site_of, write


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
    conda_record(prefix, "i", requested_spec="i==1=0")
    for name in "efgh":
        conda_record(prefix, name)
    history = """==> 2026-01-31 12:00:00 <==
# cmd: conda create e
# update specs: ["e[version='>=1,<2']", 'conda-forge::f']
==> 2026-02-01 12:00:00 <==
# install specs: g, d=1
# update specs: [not python
# update specs: ['h']
# remove specs: ['f', 'd', 'i']
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
