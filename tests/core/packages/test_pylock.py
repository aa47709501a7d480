"""Lock files: every entry is held to its hashes, left out by name, or wrong at its line."""

from __future__ import annotations

import sys
import time
from datetime import datetime, timezone

import pytest

from jupyter_envmgr.core.packages.hashes import (
    COMPLETE,
    hashed_where_known,
    known_hashes,
    relocked,
)
from jupyter_envmgr.core.packages.locked import (
    LockedFile,
    LockedPackage,
    Target,
    fits,
    public_address,
    read_resolution,
)
from jupyter_envmgr.core.packages.model import Recognised
from jupyter_envmgr.core.packages.pylock_writer import write_pylock
from jupyter_envmgr.core.packages.recognised import recognise
from jupyter_envmgr.core.packages.toml_text import parse_toml

HASH = "0123456789abcdef" * 4
OTHER = "f" * 64
HEAD = 'lock-version = "1.0"\ncreated-by = "x"\n'
HASHES = f'hashes = {{ sha256 = "{HASH}" }}'
WHEEL = f'wheels = [{{ url = "https://h.example/a-1-py3-none-any.whl", {HASHES} }}]\n'
LINUX = Target("3.12", "x86_64")


def package(name: str, *lines: str) -> str:
    return "\n".join(["", "[[packages]]", f'name = "{name}"', *lines, ""])


def read(text: str, **options: object) -> Recognised:
    return recognise(HEAD + text, hashes=True, **options)  # type: ignore[arg-type]


def test_every_file_of_a_package_counts() -> None:
    found = read(
        package(
            "a",
            'version = "1"',
            f'sdist = {{ url = "https://h/a-1.tar.gz", hashes = {{ sha256 = "{OTHER}" }} }}',
            "[[packages.wheels]]",
            'name = "a-1-py3-none-any.whl"',
            'path = "wheels/a-1-py3-none-any.whl"',
            f"hashes = {{ md5 = '00', sha256 = '{HASH.upper()}' }}",
        )
    )
    assert found.errors == ()
    assert found.packages == (f"a==1 --hash=sha256:{HASH} --hash=sha256:{OTHER}",)
    assert found.hashed == 1


def test_a_version_that_is_not_said_is_in_the_name_of_the_wheel() -> None:
    wheel = (
        f'{{ url = "https://h/a-1.5%2Bcu12-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}'
    )
    found = read(package("a", f"wheels = [{wheel}]"))
    assert found.packages[0].startswith("a==1.5+cu12 --hash")


def test_repositories_and_archives_are_taken_from_where_they_are() -> None:
    text = (
        package(
            "of-git",
            'vcs = { type = "git", url = "https://g/x", commit-id = "abc", subdirectory = "s" }',
        )
        + package(
            "of-url",
            f'archive = {{ url = "https://h.example/u-1.0.tar.gz", {HASHES} }}',
        )
        + package("of-path", 'vcs = { type = "git", path = "../x", commit-id = "abc" }')
        + package("project", 'directory = { path = ".", editable = true }')
    )
    found = read(text, allowed_schemes=["https", "git+https"])
    assert found.errors == ()
    assert [p.replace(" @ ", "@") for p in found.packages] == [
        "of-git@git+https://g/x@abc#subdirectory=s",
        f"of-url@https://h.example/u-1.0.tar.gz --hash=sha256:{HASH}",
    ]
    assert any("left out: of-path, project." in notice for notice in found.notices)
    assert [e.line for e in read(text).errors] == [4, 8]


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (['version = "1"'], "nowhere"),
        (['version = "1"', WHEEL, 'directory = { path = "." }'], "one place"),
        (['version = "1"', "wheels = []"], "no files"),
        (['version = "1"', "wheels = 3"], "files are tables"),
        (['version = "1"', 'wheels = [{ url = "https://h/a.whl" }]'], "no sha256"),
        (
            ['version = "1"', 'wheels = [{ url = "https://h/a.whl", hashes = { md5 = "00" } }]'],
            "'md5'",
        ),
        (
            ['version = "1"', 'wheels = [{ url = "https://h/a.whl", hashes = { sha256 = "00" } }]'],
            "64 hexadecimal",
        ),
        (['archive = { url = "https://h/a.zip" }'], "no sha256"),
        (["archive = { }"], "neither a url nor a path"),
        (['vcs = { type = "git", url = "https://h/a" }'], "commit-id"),
        (['vcs = "git"'], "is a table"),
        ([WHEEL.replace("a-1-py3-none-any", "x")], "no version"),
        (['version = "1"', "marker = 3", WHEEL], "its marker"),
    ],
)
def test_an_entry_that_cannot_be_held_to_anything_is_wrong_at_its_line(
    lines: list[str], words: str
) -> None:
    text = package("good", 'version = "1"', WHEEL) + package("a", *lines)
    found = read(text + package("also-wrong"), allowed_schemes=["https", "git+https"])
    first = (HEAD + text).split("\n").index('name = "a"')
    assert found.errors[0].line == first
    assert words in found.errors[0].detail
    assert len(found.errors) == 2, "what is wrong further down is said too"


def test_packages_in_one_line_have_their_lines_too() -> None:
    one = '{ name = "a", version = "1" }'
    text = f'packages = [\n  {{ name = "b", version = "1" }},\n  {one},\n]\n'
    assert [e.line for e in read(text).errors] == [4, 5]


@pytest.mark.parametrize(
    "text",
    [
        "packages = [{}]\n",
        package(
            "a", 'version = "1"', "index = 3", "wheels = [{ hashes = 3, url = 4 }]", "sdist = []"
        ),
        "extras = 3\ndefault-groups = 'x'\nenvironments = 'x'\nrequires-python = []\n"
        + package("a"),
        "packages = [" + "{name = 'a', version = '1'}," * 5_000 + "]\n",
        "environments = ['(((', 'os_name']\n" + package("a", "version = 3", WHEEL),
        package("a", 'version = "1"', "marker = '" + "'b' in extras or " * 9_000 + "'", WHEEL),
        package("a", 'version = "1\\n2"', WHEEL) + package("a\\n-e .", 'version = "1"', WHEEL),
    ],
    ids=range(7),
)
def test_a_hostile_lock_is_answered_at_once_by_its_lines(text: str) -> None:
    begun = time.process_time()
    assert read(text).errors
    assert time.process_time() - begun < 3


def test_extras_and_groups_that_nobody_chose_stay_away() -> None:
    text = (
        'extras = ["gpu"]\ndependency-groups = ["dev", "main"]\ndefault-groups = ["main"]\n'
        + package("a", 'version = "1"', "marker = \"'main' in dependency_groups\"", WHEEL)
        + package("b", 'version = "1"', "marker = \"'gpu' in extras\"", WHEEL)
        + package("c", 'version = "1"', "marker = \"'dev' in dependency_groups\"", WHEEL)
        + package("d", 'version = "1"', "marker = \"'dev' not in dependency_groups\"", WHEEL)
    )
    found = read(text)
    assert [p.partition("==")[0] for p in found.packages] == ["a", "d"]
    assert any("extras are left out: gpu" in notice for notice in found.notices)
    assert "Its dependency groups are left out: dev." in found.notices


@pytest.mark.parametrize(
    ("markers", "is_ours"),
    [
        (["sys_platform == 'win32'"], False),
        (["sys_platform == 'win32'", f"sys_platform == '{sys.platform}'"], True),
        ([f"sys_platform == '{sys.platform}' and python_full_version >= '3.12'"], True),
        (["python_version < '3'"], False),
        (["platform_machine == 'vax'"], False),
    ],
)
def test_a_lock_for_other_machines_says_so(markers: list[str], is_ours: bool) -> None:
    text = "environments = [" + ", ".join(f'"{marker}"' for marker in markers) + "]\n"
    found = read(text + package("a", 'version = "1"', WHEEL))
    assert [e.line for e in found.errors] == ([] if is_ours else [3])
    if not is_ours:
        assert "other machines" in found.errors[0].detail


def test_an_index_besides_pypi_is_looked_in_without_its_credentials() -> None:
    text = (
        package("a", 'version = "1"', 'index = "https://pypi.org/simple/"', WHEEL)
        + package("b", 'version = "1"', 'index = "https://ada:geheim@torch.example/whl"', WHEEL)
        + package("c", 'version = "1"', 'index = "https://torch.example/whl/"', WHEEL)
    )
    found = read(text)
    assert found.errors == ()
    assert found.extra_index_urls == ("https://torch.example/whl",)


def test_a_requires_python_that_is_none_has_its_line() -> None:
    found = read("requires-python = 'new'\n" + package("a", 'version = "1"', WHEEL))
    assert [(e.line, e.column) for e in found.errors] == [(3, 1)]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a-1-py3-none-any.whl", True),
        ("a-1-py2.py3-none-any.whl", True),
        ("a-1-py2-none-any.whl", False),
        ("a-1-cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64.whl", True),
        ("a-1-cp312-cp312-musllinux_1_2_x86_64.whl", True),
        ("a-1-cp312-cp312-manylinux_2_17_aarch64.whl", False),
        ("a-1-cp312-cp312-macosx_11_0_universal2.whl", False),
        ("a-1-cp312-cp312-win_amd64.whl", False),
        ("a-1-cp313-cp313-manylinux_2_17_x86_64.whl", False),
        ("a-1-cp312-cp312t-manylinux_2_17_x86_64.whl", False),
        ("a-1-cp39-abi3-manylinux_2_28_x86_64.whl", True),
        ("a-1-cp313-abi3-manylinux_2_28_x86_64.whl", False),
        ("a-1-pp310-pypy310_pp73-manylinux_2_17_x86_64.whl", False),
        ("a-1-py3-none-manylinux2014_x86_64.whl", True),
        ("no wheel", False),
    ],
)
def test_wheels_for_this_python_and_machine(name: str, expected: bool) -> None:
    assert fits(name, LINUX) == expected


def test_wheels_of_a_mac() -> None:
    mac = Target("3.12", "arm64", "darwin")
    assert fits("a-1-cp312-cp312-macosx_11_0_universal2.whl", mac)
    assert not fits("a-1-cp312-cp312-manylinux_2_17_aarch64.whl", mac)


def resolution(*wheels: str, name: str = "a") -> str:
    rows = [f'    {{ url = "{url}", hashes = {{ sha256 = "{HASH}" }} }},' for url in wheels]
    return HEAD + package(name, 'version = "1"', "wheels = [", *rows, "]")


def test_of_a_resolution_stays_what_others_can_get() -> None:
    text = resolution(
        "https://ada:geheim@h/a-1-cp312-cp312-manylinux_2_17_x86_64.whl?token=geheim#x",
        "https://h/a-1-cp312-cp312-win_amd64.whl",
        "file:///opt/wheels/a-1-py3-none-any.whl",
    )
    text += resolution("file:///opt/wh%20eels/b-1-py3-none-any.whl", name="b").removeprefix(HEAD)
    text += resolution("https://h/c-1-cp312-cp312-win_amd64.whl", name="c").removeprefix(HEAD)
    (found, b), lost = read_resolution(text, LINUX)
    assert [w.url for w in found.wheels] == ["https://h/a-1-cp312-cp312-manylinux_2_17_x86_64.whl"]
    assert lost == ["c"]
    (wheel,) = b.wheels
    assert wheel.is_local
    written = parse_toml(write_pylock([b], python="3.12"))["packages"][0]["wheels"][0]
    assert (written["path"], "url" in written) == ("/opt/wh eels/b-1-py3-none-any.whl", False)


@pytest.mark.parametrize(
    ("url", "public"),
    [
        ("https://ada:geheim@h/x.whl", "https://h/x.whl"),
        ("https://h/x.whl?X-Amz-Signature=geheim&a=b", "https://h/x.whl"),
        ("https://h/x.whl?download=1", "https://h/x.whl?download=1"),
        ("https://h/x.whl?private_token=geheim", "https://h/x.whl"),
        ("ssh://git@h/x.git", "ssh://git@h/x.git"),
        ("ssh://ada:geheim@h/x.git", "ssh://h/x.git"),
    ],
)
def test_addresses_travel_without_what_lets_their_reader_in(url: str, public: str) -> None:
    assert public_address(url) == public


def test_what_is_written_is_read_again() -> None:
    time = datetime(2024, 1, 2, tzinfo=timezone.utc).isoformat()
    wheel = LockedFile(
        "b-1+c-py3-none-any.whl", "https://h/b-1%2Bc-py3-none-any.whl", (f"sha256:{HASH}",), 5, time
    )
    commit = {"type": "git", "url": "https://g/x", "commit-id": "abc"}
    text = write_pylock(
        [
            LockedPackage("b", "1+c", (wheel,)),
            LockedPackage(
                "a", "1", archive=LockedFile("a.zip", "https://h/a.zip", (f"sha256:{HASH}",))
            ),
            LockedPackage("z", "1", vcs=commit),
        ],
        python="3.12",
        environment=LINUX.marker,
        comments=["Left out:\nx"],
    )
    tables = parse_toml(text)
    assert text.startswith("# Left out: x\nlock-version")
    assert tables["requires-python"] == "==3.12.*"
    assert [p["name"] for p in tables["packages"]] == ["a", "b", "z"]
    _, b, z = tables["packages"]
    assert b["wheels"][0]["name"] == wheel.name
    assert (b["wheels"][0]["size"], z["vcs"]) == (5, commit)
    assert "version" not in z
    found = recognise(text, hashes=True, allowed_schemes=["https", "git+https"])
    assert [p.split()[0] for p in found.packages] == ["a", "b==1+c", "z"]
    assert found.python == "3.12"


def test_pip_agrees_that_it_is_a_lock() -> None:
    """packaging, which pip brings too, knows the format since 26.0."""
    pylock = pytest.importorskip("packaging.pylock")
    file = LockedFile("a-1-py3-none-any.whl", "https://h/a-1-py3-none-any.whl", (f"sha256:{HASH}",))
    text = write_pylock([LockedPackage("a", "1", (file,))], python="3.12", environment=LINUX.marker)
    pylock.Pylock.from_dict(parse_toml(text))


RECORD = f"a==1.0 --hash=sha256:{HASH}\nb==2 ; python_version > '3' --hash=sha256:{OTHER}\nc>=1\n"


def test_hashes_are_known_again_for_the_same_versions_alone() -> None:
    known = known_hashes(RECORD + "!\nd==3\n! --hash=sha256:00\n")
    assert known == {"a==1.0": (f"sha256:{HASH}",), "b==2": (f"sha256:{OTHER}",)}
    lines = ("A==1.0", "b==3")
    assert hashed_where_known(lines, known) == (f"A==1.0 --hash=sha256:{HASH}", "b==3")
    assert relocked(lines, (), RECORD) == (("b==3",), f"A==1.0 --hash=sha256:{HASH}\n")
    assert relocked(lines, (), "a\n") == ((), "A==1.0\nb==3\n")
    complete = relocked(("b==3",), ("a==1.0",), f"{COMPLETE}\n{RECORD}")
    assert complete == (("b==3",), f"{COMPLETE}\na==1.0 --hash=sha256:{HASH}\n")
