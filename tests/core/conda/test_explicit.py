"""Explicit lists: addresses, one platform, hashes kept."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.conda.explicit import parse_explicit, write_explicit
from jupyter_envmgr.core.errors import EnvMgrError

BASE = "https://conda.anaconda.org/conda-forge"
PYTHON = f"{BASE}/linux-64/python-3.12.4-h194c7f8_0_cpython.conda"
TZDATA = f"{BASE}/noarch/tzdata-2024a-h0c530f3_0.tar.bz2"
MD5 = "d73490214f536cccb5819e9873048c92"


def test_a_list_is_read_with_platform_and_hashes() -> None:
    text = f"# This file may be used\n# platform: linux-64\n@EXPLICIT\n{TZDATA}\n{PYTHON}#{MD5}\n"
    found = parse_explicit(text)
    assert [s.text for s in found.specs] == [TZDATA, f"{PYTHON}#{MD5}"]
    assert found.platform == "linux-64"
    assert [s.line for s in found.specs] == [4, 5]


def test_what_is_written_is_read_back() -> None:
    urls = [TZDATA, f"{PYTHON}#{MD5}"]
    found = parse_explicit(write_explicit(urls, "linux-64", ["made here"]))
    assert [s.text for s in found.specs] == urls
    assert found.platform == "linux-64"


@pytest.mark.parametrize(
    ("lines", "line", "words"),
    [
        ([], 1, "there are no packages"),
        ([TZDATA, "numpy"], 3, "addresses of packages only"),
        ([TZDATA, "-n x"], 3, "is an option"),
        ([PYTHON, PYTHON.replace("linux-64", "osx-64").replace("python", "abc")], 3, "osx-64"),
        ([PYTHON, PYTHON.replace("3.12.4", "3.12.5")], 3, "second time: see line 2"),
        ([PYTHON.replace("//", "//ada:geheim@")], 2, "credentials"),
        (["ftp://h/linux-64/a-1-0.conda"], 2, "not allowed"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(lines: list[str], line: int, words: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_explicit("\n".join(["@EXPLICIT", *lines]))
    assert caught.value.code == "bad-environment-file"
    assert words in caught.value.errors[0].detail
    assert caught.value.errors[0].line == line
    assert "geheim" not in str(caught.value.problem)


def test_lines_for_pip_in_comments_are_said_to_be_left_out() -> None:
    text = f"@EXPLICIT\n{TZDATA}\n# pip rich @ https://h/rich-1-py3-none-any.whl\n"
    assert parse_explicit(text).notices == ("Lines for pip in comments are left out (1).",)


def test_a_token_that_conda_has_hidden_is_no_part_of_an_address() -> None:
    hidden = TZDATA.replace("anaconda.org/", "anaconda.org/t/<TOKEN>/")
    found = parse_explicit(f"@EXPLICIT\n{hidden}\n")
    assert [s.text for s in found.specs] == [TZDATA]
    assert any("<TOKEN>" in notice for notice in found.notices)
