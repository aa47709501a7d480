"""What people type and paste: every bad line is named, and nothing bad gets through."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packaging.requirements import Requirement as Parsed

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.limits import LARGEST_FILE
from jupyter_envmgr.core.packages.requirements import (
    Requirement,
    decode,
    parse_lines,
    parse_text,
)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("numpy", "numpy"),
        ("  numpy >= 2 , < 3  ", "numpy<3,>=2"),
        ("requests[socks,security]", "requests[security,socks]"),
        ("Foo.Bar_baz==1.0", "Foo.Bar_baz==1.0"),
        ("tomli; python_version < '3.11'", 'tomli; python_version < "3.11"'),
        ("torch==2.8.0+cu128", "torch==2.8.0+cu128"),
        ("numpy  # because", "numpy"),
        ("numpy===2.0", "numpy===2.0"),
    ],
)
def test_a_good_line_is_passed_on_in_its_normal_form(line: str, text: str) -> None:
    assert [r.text for r in parse_lines([line])] == [text]


@pytest.mark.parametrize("line", ["", "   ", "# a comment", "\t# another"])
def test_a_line_with_nothing_in_it_is_no_requirement(line: str) -> None:
    assert parse_lines([line]) == ()


BAD = [
    ("--index-url http://evil.example/simple", "--index-url is an option"),
    ("--extra-index-url=http://evil.example", "--extra-index-url is an option"),
    ("-i http://evil.example/simple", "-i is an option"),
    ("-ihttp://evil.example/simple", "is an option"),
    ("-f /tmp/wheels", "-f is an option"),
    ("-e .", "-e is an option"),
    ("-e git+https://github.com/a/b", "-e is an option"),
    ("--editable=.", "--editable is an option"),
    ("-r other.txt", "names another file"),
    ("-c constraints.txt", "names another file"),
    ("--requirement=/etc/passwd", "names another file"),
    ("--hash=sha256:00", "--hash is an option"),
    ("numpy --hash=sha256:00", "--hash is an option"),
    ("numpy==2.0 --index-url http://evil.example", "--index-url is an option"),
    ("numpy; python_version<'3' --hash=sha256:00", "--hash is an option"),
    ("--prefix=/tmp/evil", "--prefix is an option"),
    ("-t/tmp/evil", "is an option"),
    ("--", "is an option"),
    ("numpy; rm -rf /", "not an environment marker: 'rm -rf /'"),
    ("numpy && rm -rf /", "is an option"),
    ("$(touch /tmp/x)", "a path is not a requirement"),
    ("`id`", "is not a requirement"),
    ("foo.whl", "the name of a file"),
    ("foo-1.0-py3-none-any.whl", "the name of a file"),
    ("foo.tar.gz", "the name of a file"),
    ("foo.TAR.GZ>=1", "the name of a file"),
    ("foo.zip[extra]", "the name of a file"),
    ("foo.tar.bz2", "the name of a file"),
    ("./foo", "a path is not"),
    ("../foo", "a path is not"),
    ("/etc/passwd", "a path is not"),
    ("~/foo", "a path is not"),
    ("foo/bar", "a path is not"),
    ("C:\\wheels\\foo", "a path is not"),
    (".", "a path is not"),
    ("https://example.org/foo.whl", "a URL alone"),
    ("git+https://example.org/foo", "a URL alone"),
    ("file:///etc/passwd", "a URL alone"),
    ("foo @ https://example.org/foo.whl", "a URL (https) in place of a version"),
    ("foo @ git+ssh://git@example.org/foo", "a URL (git+ssh) in place of a version"),
    ("foo @ file:///etc/passwd", "a URL (file) in place of a version"),
    ("foo @ ../bar", "a path in place of a version"),
    ("numpy @ file:///croot/numpy_and_more/work", "where conda's numpy was built"),
    ("six @ file:///home/conda/feedstock_root/build_artifacts/six/work", "conda's six was built"),
    ("numpy=1.26", "write numpy==1.26"),
    ("numpy=1.26.4=py312h_0", "write numpy==1.26.4"),
    ("numpy 1.26", "write numpy==1.26"),
    ("numpy pandas", "these are 2 requirements"),
    ("numpy, pandas>=2, scipy", "these are 3 requirements"),
    ("pip install numpy", "leave out the words"),
    ("!pip install numpy", "leave out the words"),
    ("%pip install -U numpy", "leave out the words"),
    ("$ python3 -m pip install numpy", "leave out the words"),
    ("uv pip install numpy", "leave out the words"),
    ("conda install numpy", "leave out the words"),
    ("- numpy", "leave out the dash"),
    ("'numpy'", "leave out the quotation marks"),
    ("numpy==", "is not a requirement"),
    ("numpy_==1", "must end with a letter or a digit"),
    ("numpy[extra", "is not a requirement"),
    ("numpy===a/b", "a/b is not a version"),
    ("numpy===${HOME}", "is not a version"),
    ("numpy\nevil", "a line break"),
    ("numpy\revil", "a carriage return"),
    ("numpy\0evil", "NUL"),
    ("numpy\x1b[31m", "has no place"),
    ("numpy\u00a0>=2", "has no place"),
    ("numpy \u2265 2", "has no place"),
    ("\ud800", "has no place"),
    ("n" * 2001, "2,001 characters"),
    ("numpy; " + "(" * 1900, "nested too deeply"),
]


@pytest.mark.parametrize(("line", "words"), BAD)
def test_a_bad_line_is_refused_and_says_what_to_do(line: str, words: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_lines(["scipy", line])
    assert caught.value.code == "bad-requirement"
    (error,) = caught.value.errors
    assert (error.field, error.line) == ("packages", 2)
    assert words in error.detail
    caught.value.detail.encode("ascii")


@given(st.text(max_size=60))
def test_whatever_gets_through_is_one_line_that_is_a_requirement(line: str) -> None:
    found: tuple[Requirement, ...] = ()
    with contextlib.suppress(EnvMgrError):
        found = parse_lines([line])
    for requirement in found:
        assert "\n" not in requirement.text
        assert not requirement.text.startswith(("-", "/", ".", "~"))
        parsed = Parsed(requirement.text)
        assert parsed.url is None
        assert not parsed.name.lower().endswith((".whl", ".zip", ".tar.gz"))


def test_every_bad_line_is_listed_with_its_number() -> None:
    text = "numpy\n-e .\n\n# fine\n./here\nscipy>=1\nfoo bar baz\n"
    with pytest.raises(EnvMgrError) as caught:
        parse_text(text)
    assert [(e.field, e.line) for e in caught.value.errors] == [
        ("requirements", 2),
        ("requirements", 5),
        ("requirements", 7),
    ]


def test_order_is_kept_with_the_lines() -> None:
    found = parse_text("scipy\n\nnumpy\nnumpy>=2\n")
    assert [(r.text, r.line) for r in found] == [("scipy", 1), ("numpy", 3), ("numpy>=2", 4)]


def test_a_requirement_may_go_on_in_the_next_line() -> None:
    found = parse_text("numpy \\\n  >=2 \\\n  ,<3\nscipy\n")
    assert [(r.text, r.line) for r in found] == [("numpy<3,>=2", 1), ("scipy", 4)]


def test_line_ends_of_windows_and_a_bom_are_no_mistake() -> None:
    assert [r.text for r in parse_text("\ufeffnumpy\r\nscipy\r\n")] == ["numpy", "scipy"]


def test_a_url_is_allowed_if_its_scheme_is_configured() -> None:
    line = "foo @ https://example.org/foo-1.0-py3-none-any.whl"
    (found,) = parse_lines([line], allowed_schemes=["https"])
    assert found.text == line
    with pytest.raises(EnvMgrError, match="only URLs of https are"):
        parse_lines(["foo @ http://example.org/foo.whl"], allowed_schemes=["https"])


def test_credentials_in_a_url_are_refused() -> None:
    line = "foo @ https://me:geheim@example.org/foo.whl"
    with pytest.raises(EnvMgrError, match="netrc") as caught:
        parse_lines([line], allowed_schemes=["https"])
    assert "geheim" not in caught.value.detail


def test_a_variable_is_never_left_for_a_tool_to_fill_in() -> None:
    line = "foo @ https://example.org/${SECRET}/foo.whl"
    with pytest.raises(EnvMgrError, match="variables"):
        parse_lines([line], allowed_schemes=["https"])


@pytest.mark.parametrize(
    ("text", "words", "line"),
    [
        (
            "name: base\nchannels:\n  - conda-forge\ndependencies:\n  - numpy\n",
            "environment.yml",
            2,
        ),
        ("# env\ndependencies: [numpy]\n", "environment.yml", 2),
        ("# platform: linux-64\n@EXPLICIT\nhttps://conda.example/a.conda\n", "@EXPLICIT", 2),
        ("a=1.0=0\nb=2.0=py_0\nc=3=h1\n", "name=version=build", 1),
        ("Package    Version\n---------- -------\nnumpy      2.0\n", "pip list", 1),
        ("[project]\nname = 'x'\n", "TOML", 1),
        ("[build-system]\nrequires = []\n", "TOML", 1),
        ("lock-version = '1.0'\n[[packages]]\nname = 'numpy'\n", "lock file", 1),
        ('{"cells": []}', "JSON", 1),
        ('[{"name": "numpy", "version": "2.0"}]', "JSON", 1),
        ("<!DOCTYPE html>\n<html></html>", "web page", 1),
    ],
)
def test_what_is_not_a_requirements_file_is_recognised(text: str, words: str, line: int) -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_text(text)
    (error,) = caught.value.errors
    assert words in error.detail
    assert error.line == line


def test_a_megabyte_of_text_is_refused_by_its_size() -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_text("numpy\n" * 200_000)
    assert caught.value.code == "too-large"
    assert caught.value.errors[0].field == "requirements"


@pytest.mark.parametrize(
    "lines", [["numpy"] * 5001, ["n" * 1000] * 300], ids=["too many", "too long together"]
)
def test_too_many_packages_are_refused(lines: list[str]) -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_lines(lines)
    assert caught.value.code == "too-large"


def test_five_thousand_lines_are_read_and_one_more_is_not() -> None:
    assert len(parse_text("a\n" * 5000)) == 5000
    with pytest.raises(EnvMgrError, match=r"5,001|5,002"):
        parse_text("a\n" * 5001)


@pytest.mark.parametrize(
    "data",
    [
        "numpy\nscipy # größer\n".encode(),
        "numpy\nscipy # größer\n".encode("utf-8-sig"),
        "numpy\r\nscipy # größer\r\n".encode("utf-16"),
        b"\xfe\xff" + "numpy\nscipy # größer\n".encode("utf-16-be"),
        "numpy\nscipy # größer\n".encode("utf-32"),
    ],
    ids=["UTF-8", "with BOM", "UTF-16 of PowerShell", "UTF-16 big-endian", "UTF-32"],
)
def test_a_file_is_read_in_any_unicode_that_says_what_it_is(data: bytes) -> None:
    assert [r.text for r in parse_text(decode(data))] == ["numpy", "scipy"]


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        ("numpy\nscipy # größer\n".encode("latin-1"), 2, "0xf6"),
        ("numpy\n".encode("utf-16-le"), 1, "UTF-16 without its BOM"),
        (b"\x89PNG\r\n\x1a\n\0\0", 1, "0x89"),
        (b"\xff\xfen", 1, "UTF-16"),
    ],
    ids=["Latin-1", "UTF-16 without BOM", "a picture", "cut UTF-16"],
)
def test_a_file_in_another_encoding_is_refused_at_its_line(
    data: bytes, line: int, words: str
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        decode(data)
    assert caught.value.code == "bad-encoding"
    assert caught.value.errors[0].line == line
    assert words in caught.value.detail


def test_a_huge_file_is_refused_before_it_is_decoded() -> None:
    with pytest.raises(EnvMgrError) as caught:
        decode(b"\xff" * (LARGEST_FILE + 1))
    assert caught.value.code == "too-large"


def test_who_has_too_many_lines_is_not_told_to_write_shorter_ones() -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_text("a\n" * 6_000)
    assert caught.value.code == "too-large"
    assert "KiB" not in caught.value.hint
