"""What an archive needs is read from its packages; what a machine lacks is said in a sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.facts import (
    Machine,
    conda_facts,
    read_conda_meta,
    this_machine,
    wheel_facts,
    why_not,
)

HERE = Machine("linux-64", "2.31")


@pytest.mark.parametrize(
    ("platform", "glibc", "why"),
    [
        ("linux-64", "", ""),
        ("linux-64", "2.31", ""),
        ("linux-64", "2.9", ""),
        ("noarch", "", ""),
        ("noarch", "2.99", ""),
        ("linux-64", "2.34", "It needs glibc 2.34, and this machine has 2.31."),
        ("linux-aarch64", "", "It was made for linux-aarch64, and this machine is linux-64."),
        ("win-64", "", "It was made for win-64, and this machine is linux-64."),
    ],
)
def test_what_a_machine_lacks_is_a_sentence(platform: str, glibc: str, why: str) -> None:
    assert why_not(HERE, platform, glibc) == why


def test_a_machine_without_glibc_is_told_so() -> None:
    assert "another C library" in why_not(Machine("linux-64", ""), "linux-64", "2.17")


def test_this_machine_is_known() -> None:
    assert "-" in this_machine().platform
    assert why_not(this_machine(), this_machine().platform, this_machine().glibc) == ""


def test_conda_records_say_python_platform_glibc_and_channels_without_credentials() -> None:
    facts = conda_facts(
        [
            {"name": "python", "version": "3.12.1", "build": "h1", "subdir": "linux-64",
             "depends": ["__glibc >=2.17,<3.0.a0", "openssl"],
             "channel": "https://me:pw@conda.example.org/t/tk-1/conda-forge/linux-64"},
            {"name": "new", "version": "1", "build": "0", "subdir": "linux-64",
             "constrains": ["__glibc >=2.28"],
             "channel": "https://conda.example.org/conda-forge/"},
            {"name": "pure", "version": "2", "build": "py_0", "subdir": "noarch", "depends": 7},
            {},
        ]
    )  # fmt: skip
    assert (facts.python, facts.platform, facts.glibc) == ("3.12.1", "linux-64", "2.28")
    assert facts.channels == ("https://conda.example.org/conda-forge",)
    assert "python=3.12.1=h1" in facts.lock


def test_records_that_cannot_be_read_say_nothing(tmp_path: Path) -> None:
    meta = tmp_path / "conda-meta"
    meta.mkdir()
    (meta / "a-1-0.json").write_text("{")
    (meta / "b-1-0.json").write_text("[]")
    record = {"name": "python", "version": "3.9.1", "build": "x", "subdir": "osx-arm64"}
    (meta / "python-3.9.1-x.json").write_text(json.dumps(record))
    assert read_conda_meta(tmp_path).platform == "osx-arm64"
    assert read_conda_meta(tmp_path / "nothing").python == ""


@pytest.mark.parametrize(
    ("names", "platform", "glibc"),
    [
        (["a-1-py3-none-any.whl"], "noarch", ""),
        (["a-1-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"], "linux-64", "2.17"),
        (["a-1-cp311-cp311-manylinux_2_28_aarch64.whl"], "linux-aarch64", "2.28"),
        (["a-1-cp39-cp39-manylinux1_i686.whl"], "linux-32", "2.5"),
        (["a-1-cp311-cp311-linux_x86_64.whl"], "linux-64", ""),
        (["a-1-cp311-cp311-macosx_11_0_arm64.whl"], "osx-arm64", ""),
        (["a-1-cp311-cp311-macosx_10_9_x86_64.whl"], "osx-64", ""),
        (["a-1-cp311-cp311-musllinux_1_1_x86_64.whl"], "linux-64", ""),
        (
            [
                "a-1-cp311-cp311-manylinux_2_17_x86_64.whl",
                "b-1-cp311-abi3-manylinux_2_34_x86_64.whl",
            ],
            "linux-64",
            "2.34",
        ),
    ],
)
def test_wheels_say_by_their_names_what_they_need(
    names: list[str], platform: str, glibc: str
) -> None:
    assert wheel_facts(names) == (platform, glibc)
