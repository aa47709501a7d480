"""Requirement lines with hashes: all of them or none, each with its place; and conda's paths."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.pip_lines import parse_hashed_lines, parse_hashed_text
from jupyter_envmgr.core.packages.recognised import recognise

HASH = "0123456789abcdef" * 4
HASHED = f"--hash=sha256:{HASH}"


def refused(*lines: str, all_or_none: bool = True) -> list[tuple[int | None, str]]:
    with pytest.raises(EnvMgrError) as caught:
        parse_hashed_lines(lines, "packages", all_or_none=all_or_none)
    assert caught.value.code == "bad-requirement"
    assert caught.value.errors[0].detail in caught.value.detail
    assert {error.field for error in caught.value.errors} == {"packages"}
    return [(error.line, error.detail) for error in caught.value.errors]


def test_lines_with_hashes_are_kept_in_normal_form_and_once() -> None:
    lines = ["A == 1 \\", f"   --hash sha256:{HASH.upper()}  # why", "", f"a==1 {HASHED}", "# b"]
    assert parse_hashed_lines(lines[:2], "x", all_or_none=True) == (f"A==1 {HASHED}",)
    assert parse_hashed_lines(lines[2:], "x", all_or_none=True) == (f"a==1 {HASHED}",)
    assert parse_hashed_lines(["a", "b<2", "a"], "x", all_or_none=True) == ("a", "b<2")
    assert parse_hashed_lines([], "x", all_or_none=True) == ()


def test_where_one_has_a_hash_the_others_are_named() -> None:
    said = refused(f"a==1 {HASHED}", "# why", "b==1", "", "c")
    assert said == [
        (3, "b==1 has no hash: others have one, and then all must"),
        (5, "c has no hash: others have one, and then all must"),
    ]
    lines = (f"a==1 {HASHED}", "b==1")
    assert parse_hashed_lines(lines, "packages") == lines


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (f"a>=1 {HASHED}", "write a==VERSION"),
        (f"a {HASHED}", "no exact version"),
        ("a==1 --hash=sha256:00", "64 hexadecimal digits"),
        ("a==1 --hash", "nothing behind"),
        (f"a==1 --hash=md5:{HASH[:32]}", "'md5' are not used"),
        (f"a==1 {HASHED} --no-deps", "--no-deps"),
    ],
)
def test_a_hash_that_proves_nothing_is_named_by_its_line(line: str, words: str) -> None:
    for all_or_none in (True, False):
        ((number, detail),) = refused("# first", line, all_or_none=all_or_none)
        assert number == 2
        assert words in detail


def test_of_many_wrong_lines_the_first_are_in_the_sentence() -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_hashed_lines([f"a {HASHED}"] * 5, "packages")
    assert caught.value.detail.endswith("; and 2 more")
    assert len(caught.value.errors) == 5


def test_a_file_of_hashes_is_read_by_its_lines() -> None:
    text = "".join(
        f"p{n}==1 \\\n" + " \\\n".join([f"    {HASHED[:-8]}{k:08x}" for k in range(20)]) + "\n"
        for n in range(400)
    )
    found = parse_hashed_text(text, "requirements")
    assert len(found) == 400
    assert found[0].count("--hash") == 20
    with pytest.raises(EnvMgrError) as caught:
        parse_hashed_text(f"{text}b==1\n", "requirements")
    assert caught.value.errors[0].line == 400 * 21 + 1
    with pytest.raises(EnvMgrError) as caught:
        parse_hashed_text(f"# {HASHED}\n" + "a\n" * 5_001, "requirements")
    assert caught.value.code == "too-large"


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("croot/build/x-1.0-py3-none-any.whl", "x==1.0"),
        ("feedstock_root/x_1/work/dist/x-1.5%2Bcu12-py3-none-any.whl#sha256=a", "x==1.5+cu12"),
        ("tmp/build/80754af9/x-1.0-1-cp39-cp39-linux_x86_64.whl?x", "x==1.0"),
        ("croot/x_1707/work/x", "x"),
        ("tmp/build/x-1.0.whl", "x"),
        ("tmp/build/x-one-py3-none-any.whl", "x"),
    ],
)
def test_a_version_in_the_name_of_a_wheel_is_not_lost(path: str, found: str) -> None:
    read = recognise(f"x[extra] @ file:///{path} ; python_version > '3'\n")
    assert read.errors == ()
    expected = found.replace("x", "x[extra]", 1)
    assert read.packages == (f'{expected}; python_version > "3"',)
    assert bool(read.notices) == ("==" not in found), "what has no version is said"
