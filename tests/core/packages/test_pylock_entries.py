"""Entries of a lock file: what each says counts, and what it does not say is not made up."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.packages.locked import LockedFile, LockedPackage
from jupyter_envmgr.core.packages.pylock import Pylock, parse_pylock
from jupyter_envmgr.core.packages.pylock_writer import write_pylock
from jupyter_envmgr.core.packages.toml_text import TomlError, parse_toml

HASH = "0123456789abcdef" * 4
HEAD = 'lock-version = "1.0"\ncreated-by = "x"\n'
FILES = f'sdist = {{ name = "a-1.tar.gz", hashes = {{ sha256 = "{HASH}" }} }}'


def read(*lines: str, head: str = "") -> Pylock:
    return parse_pylock("\n".join([f"{HEAD}{head}", "[[packages]]", 'name = "a"', *lines, ""]))


def found(*lines: str, head: str = "") -> list[str]:
    lock = read(*lines, head=head)
    assert lock.wrong == ()
    return [one.text.partition(" --hash=")[0] for one in lock.requirements]


@pytest.mark.parametrize(
    ("marker", "left"),
    [
        ("", ""),
        ("python_version < '4'", " ; python_version < '4'"),
        ("'x' in extras", None),
        ("'x' not in extras", ""),
        ("'dev' in dependency_groups", None),
        ("'base' in dependency_groups", ""),
        ("'base' not in dependency_groups", None),
        ("'base' in extras", None),
    ],
)
def test_a_marker_stays_unless_it_is_decided(marker: str, left: str | None) -> None:
    lines = ('version = "1"', f'marker = "{marker}"', FILES)
    expected = [] if left is None else [f"a==1{left}"]
    assert found(*lines, head='default-groups = ["base"]\n') == expected


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ('url = "https://g/x", commit-id = "ab"', "a @ git+https://g/x@ab"),
        (
            'url = "https://g/x", commit-id = "ab", subdirectory = "s"',
            "a @ git+https://g/x@ab#subdirectory=s",
        ),
        ('url = "https://g/x", commit-id = "ab", subdirectory = 3', "a @ git+https://g/x@ab"),
        ('url = "https://g/x", commit-id = "ab", subdirectory = ""', "a @ git+https://g/x@ab"),
    ],
)
def test_a_repository_is_its_commit(fields: str, expected: str) -> None:
    assert found(f'vcs = {{ type = "git", {fields} }}') == [expected]


@pytest.mark.parametrize(
    "line",
    [
        'vcs = { type = "git", url = "https://g/x", commit-id = 3 }',
        'vcs = { type = 3, url = "https://g/x", commit-id = "ab" }',
        "vcs = { url = 3 }",
    ],
)
def test_a_repository_of_wrong_types_is_wrong(line: str) -> None:
    (error,) = read(line).wrong
    assert error.line == 4


@pytest.mark.parametrize("name", ["3", '""', "[]"])
def test_a_package_has_a_name(name: str) -> None:
    (error,) = parse_pylock(f"{HEAD}[[packages]]\nname = {name}\n{FILES}\n").wrong
    assert "without a name" in error.detail


@pytest.mark.parametrize(
    "text",
    [
        "packages = []\n",
        "lock-version = 1.0\npackages = []\n",
        'lock-version = "2.0"\npackages = []\n',
        f"{HEAD}packages = [1]\n",
        f"{HEAD}packages = 'a'\n",
        f"{HEAD}packages = [" + "{}," * 5_001 + "]\n",
    ],
)
def test_what_is_no_lock_of_this_version_is_refused(text: str) -> None:
    with pytest.raises(TomlError):
        parse_pylock(text)


@pytest.mark.parametrize(
    ("environments", "is_for_us"),
    [
        ("[]", True),
        ("[\"sys_platform == 'linux'\", \"sys_platform == 'win32'\"]", True),
        ("[\"sys_platform == 'win32'\", \"sys_platform != 'win32'\"]", True),
        ("[\"sys_platform == 'win32'\"]", False),
        ("[\"python_full_version >= '3.12.5'\"]", True),
        ('["((("]', False),
    ],
)
def test_one_environment_that_can_be_this_machine_is_enough(
    environments: str, is_for_us: bool
) -> None:
    lock = read('version = "1"', FILES, head=f"environments = {environments}\n")
    assert [error.line for error in lock.wrong] == ([] if is_for_us else [3])


def test_of_many_that_lie_beside_it_some_are_named() -> None:
    entries = "".join(
        f'[[packages]]\nname = "p{n}"\ndirectory = {{ path = "." }}\n' for n in range(7)
    )
    (notice,) = parse_pylock(HEAD + entries).notices
    assert notice.endswith("p0, p1, p2, p3, p4 and 2 more.")
    assert read('version = "1"', FILES).notices == ()


def test_names_in_one_line_of_both_kinds_of_quotes_have_their_lines() -> None:
    text = f"{HEAD}packages = [\n{{ name = 'b' }},\n{{ name = \"a\" }},\n]\n"
    assert [error.line for error in parse_pylock(text).wrong] == [4, 5]


def test_what_is_written_without_wheels_and_machine_is_read_back() -> None:
    file = LockedFile("a-1.tar.gz", "https://h.example/a-1.tar.gz", (f"sha256:{HASH}",), 7)
    other = LockedFile("b-1.tar.gz", "file:///w/b%201/b-1.tar.gz", (f"sha256:{HASH}",))
    packages = [LockedPackage("b", "1", sdist=other), LockedPackage("a", "1", sdist=file)]
    text = write_pylock(packages, python="", comments=["one\n[[packages]]", "two"])
    assert text.startswith("# one [[packages]]\n# two\n")
    assert "environments" not in text
    assert "requires-python" not in text
    lock = parse_pylock(text)
    assert lock.wrong == ()
    assert [one.text for one in lock.requirements] == [
        f"{name}==1 --hash=sha256:{HASH}" for name in "ab"
    ]
    (first, second) = parse_toml(text)["packages"]
    assert first["sdist"] == {"url": file.url, "size": 7, "hashes": {"sha256": HASH}}
    assert second["sdist"]["path"] == "/w/b 1/b-1.tar.gz"
