"""What it takes to lock what is installed, whatever its installer has noted of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envmgr.core.packages.lockable import Lockable, find_lockable
from jupyter_envmgr.core.packages.locked import (
    LockedFile,
    Target,
    fits,
    public_address,
    read_resolution,
)
from tests.core.packages.trees import conda_record, dist_info

HASH = "0123456789abcdef" * 4


def installed(prefix: Path, direct_url: object, name: str = "demo") -> Lockable:
    site = prefix / "lib" / "python3.12" / "site-packages"
    dist_info(site, name, extra={"direct_url.json": json.dumps(direct_url)})
    (prefix / "bin").mkdir(exist_ok=True)
    (prefix / "bin" / "python").touch()
    (prefix / "pyvenv.cfg").write_text("version = 3.12.4\n")
    return find_lockable(prefix, "venv", "3.12.4")


@pytest.mark.parametrize(
    "direct_url",
    [
        {"url": "https://[bad/demo-1.0-py3-none-any.whl", "archive_info": {}},
        {"url": "https://[bad", "vcs_info": {"vcs": "git", "commit_id": "a" * 40}},
        {"url": "file:///home/ada/demo-1.0-py3-none-any.whl", "archive_info": {}},
        {"url": "ssh://git@h.example/x", "archive_info": {}},
        {"url": "https://h.example/x\ny", "archive_info": {}},
        {"url": "https://h.example/x", "vcs_info": {"vcs": "rm", "commit_id": "a"}},
        {"url": "https://h.example/x", "vcs_info": {"vcs": "git", "commit_id": "a;b"}},
        {"url": "https://h.example/x", "vcs_info": {"vcs": "git"}},
    ],
    ids=repr,
)
def test_what_nobody_else_can_get_is_left_out_by_name(tmp_path: Path, direct_url: object) -> None:
    found = installed(tmp_path, direct_url)
    assert (found.pins, found.addresses, found.packages) == ({}, {}, [])
    assert any("left out: demo." in notice for notice in found.notices)


def test_a_commit_and_a_hashed_file_need_no_index(tmp_path: Path) -> None:
    vcs = {
        "vcs": "git",
        "commit_id": "a" * 40,
        "requested_revision": "ma\u0007in",
    }
    (package,) = installed(
        tmp_path, {"url": "ssh://git@h.example/x", "vcs_info": vcs, "subdirectory": "lib"}
    ).packages
    assert package.vcs == {
        "type": "git",
        "url": "ssh://git@h.example/x",
        "commit-id": "a" * 40,
        "subdirectory": "lib",
    }
    url = "https://h.example/demo-1.0-py3-none-any.whl"
    named = {"hash": f"sha256={HASH}", "hashes": {"md5": "0" * 32}}
    (package,) = installed(tmp_path, {"url": f"{url}#egg=x", "archive_info": named}).packages
    file = LockedFile("demo-1.0-py3-none-any.whl", url, (f"sha256:{HASH}",))
    assert (package.version, package.archive) == ("1.0", file)


def test_a_file_without_a_hash_or_a_part_of_it_has_to_be_fetched(tmp_path: Path) -> None:
    url = "https://h.example/demo-1.0.tar.gz"
    archives: tuple[object, ...] = ({}, [], {"hash": 5}, {"hash": "x"}, {"hashes": ["sha256"]})
    for archive in archives:
        found = installed(tmp_path, {"url": url, "archive_info": archive})
        assert found.addresses == {"demo": f"demo @ {url}"}
    named = {"hashes": {"sha256": HASH}}
    part = {"url": url, "archive_info": named, "subdirectory": "lib"}
    assert installed(tmp_path, part).packages == []


@pytest.mark.parametrize(
    "file",
    [
        f'{{ url = "https://[bad", hashes = {{ sha256 = "{HASH}" }} }}',
        f'{{ url = "ftp://h/a-1-py3-none-any.whl", hashes = {{ sha256 = "{HASH}" }} }}',
        f'{{ url = 3, hashes = {{ sha256 = "{HASH}" }} }}',
        '{ url = "https://h/a-1-py3-none-any.whl", hashes = { md5 = "00" } }',
        '{ url = "https://h/a-1-py3-none-any.whl" }',
    ],
)
def test_what_is_no_file_to_get_and_to_know_again_is_none(file: str) -> None:
    for line in (f"sdist = {file}", f"wheels = [{file}]"):
        text = f'[[packages]]\nname = "a"\nversion = "1"\n{line}\n'
        assert read_resolution(text, Target("3.12", "x86_64")) == ([], ["a"])


@pytest.mark.parametrize(
    ("name", "target", "does"),
    [
        ("a-1-py3-none-macosx_11_0_x86_64.whl", Target("3.12", "x86_64"), False),
        ("a-1-py313-none-any.whl", Target("3.12", "x86_64"), False),
        ("a-1-py312-none-any.whl", Target("3.12", "x86_64"), True),
        ("a-1-py3-none-any.whl", Target("3.12", "arm64", "darwin"), True),
        ("a-1-py3-none-macosx_11_0_arm64.whl", Target("3.12", "arm64", "darwin"), True),
        ("a-1-py3-none-macosx_11_0_universal2.whl", Target("3.12", "arm64", "darwin"), True),
        ("a-1-py3-none-macosx_11_0_x86_64.whl", Target("3.12", "arm64", "darwin"), False),
        ("a-1-py3-none-linux_arm64.whl", Target("3.12", "arm64", "darwin"), False),
    ],
)
def test_wheels_are_for_one_system(name: str, target: Target, does: bool) -> None:
    assert fits(name, target) is does


def test_the_user_git_is_no_secret_of_ssh_alone() -> None:
    assert public_address("ssh://git@h.example/x") == "ssh://git@h.example/x"
    assert public_address("ssh://ada@h.example/x") == "ssh://h.example/x"
    assert public_address("https://git@h.example/x#egg=x") == "https://h.example/x"


def test_a_revision_that_was_asked_for_is_kept_and_no_part_is_made_up(tmp_path: Path) -> None:
    vcs = {"vcs": "git", "commit_id": "b" * 40, "requested_revision": "main"}
    (package,) = installed(tmp_path, {"url": "https://h.example/x", "vcs_info": vcs}).packages
    assert package.vcs == {
        "type": "git",
        "url": "https://h.example/x",
        "requested-revision": "main",
        "commit-id": "b" * 40,
    }


def test_what_conda_brought_is_not_for_pip_to_lock(tmp_path: Path) -> None:
    site = tmp_path / "lib" / "python3.12" / "site-packages"
    conda_record(tmp_path, "python", "3.12.4")
    conda_record(tmp_path, "numpy", "2.0")
    dist_info(site, "numpy", "2.0", extra={"INSTALLER": "conda\n"})
    dist_info(site, "peft", "1.5")
    found = find_lockable(tmp_path, "conda", "3.12.4")
    assert found.pins == {"peft": "peft==1.5"}
    assert found.notices == []


@pytest.mark.parametrize(("name", "version"), [("a\x07b", "1"), ("-a", "1"), ("ab", "one")])
def test_what_says_nothing_usable_of_itself_is_damaged(
    tmp_path: Path, name: str, version: str
) -> None:
    dist_info(tmp_path / "lib" / "python3.12" / "site-packages", name, version)
    found = find_lockable(tmp_path, "venv", "3.12.4")
    assert found.pins == {}
    assert [notice.startswith("Packages with damaged") for notice in found.notices] == [True]


def test_of_files_that_lie_here_and_those_of_an_index_the_latter_are_named() -> None:
    hashes = f'hashes = {{ sha256 = "{HASH}" }}'
    sdist = f'sdist = {{ url = "file:///w/a-1.tar.gz", {hashes} }}\n'
    wheel = f'wheels = [{{ url = "%s/a-1-py3-none-any.whl", {hashes} }}]\n'
    head = '[[packages]]\nname = "a"\nversion = "1"\n'
    target = Target("3.12", "x86_64")
    ((package,), _) = read_resolution(head + sdist + wheel % "https://h", target)
    assert [file.url for file in package.files] == ["https://h/a-1-py3-none-any.whl"]
    ((package,), _) = read_resolution(head + sdist + wheel % "file:///w", target)
    assert len(package.files) == 2
