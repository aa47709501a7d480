"""Sizes: what ``du`` says, for trees and for packages, whatever their lists of files claim."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jupyter_envmgr.core.packages.sizes import (
    measure,
    size_of_conda_package,
    size_of_distribution,
)

from .trees import conda_record, dist_info, site_of, write


def du(*paths: Path) -> int:
    """Bytes on the disk, hard links once, by the tool that everybody knows."""
    command = ["du", "-c", "-s", "--block-size=1", *map(str, paths)]
    answer = subprocess.run(command, capture_output=True, text=True, check=True)
    return int(answer.stdout.splitlines()[-1].split()[0])


def blocks(*paths: Path) -> int:
    return sum(os.lstat(path).st_blocks * 512 for path in paths)


def size_of(directory: Path, root: Path) -> int | None:
    return size_of_distribution(str(directory.parent), directory.name, str(root))


def test_a_tree_has_the_size_that_du_says(tmp_path):
    tree = tmp_path / "tree"
    write(tree / "a" / "one", b"x" * 10_000)
    write(tree / "b" / "two", b"x" * 100)
    os.link(tree / "a" / "one", tree / "b" / "again")
    (tree / "link").symlink_to("/usr")
    (tree / "loop").symlink_to(".")
    os.mkfifo(tree / "fifo")
    with (tree / "sparse").open("wb") as file:
        file.truncate(10**9)
    found = measure(tree)
    assert found.size == du(tree)
    assert found.shared == blocks(tree / "a" / "one")
    assert (found.files, found.unreadable) == (7, 0)


def test_a_tree_that_is_not_there_is_unreadable_and_empty(tmp_path):
    found = measure(tmp_path / "not here")
    assert (found.size, found.files, found.unreadable) == (0, 0, 1)


def test_a_tree_behind_a_link_is_measured(tmp_path):
    write(tmp_path / "tree" / "file", b"x" * 5000)
    (tmp_path / "link").symlink_to("tree")
    assert measure(tmp_path / "link").size == du(tmp_path / "tree")


def test_a_very_deep_tree_is_measured_as_far_as_it_can_be(tmp_path):
    path = tmp_path
    here = os.getcwd()
    try:
        os.chdir(tmp_path)
        for _ in range(60):
            os.mkdir("d" * 200)
            os.chdir("d" * 200)
    finally:
        os.chdir(here)
    assert measure(path).unreadable == 1
    subprocess.run(["rm", "-rf", str(tmp_path / ("d" * 200))], check=True)


def test_a_package_has_the_size_of_the_files_that_it_lists(prefix):
    site = site_of(prefix)
    files = {"pkg/a.py": b"x" * 9000, "pkg/b.so": b"x" * 50_000, "../../../bin/run": b"x" * 10}
    directory = dist_info(site, "pkg", files=files)
    there = [Path(os.path.normpath(site / path)) for path in files]
    assert size_of(directory, prefix) == du(*there, directory / "METADATA")


def test_hard_links_count_once_and_missing_files_not_at_all(prefix):
    site = site_of(prefix)
    directory = dist_info(site, "pkg", files={"pkg/a": b"x" * 9000})
    os.link(site / "pkg/a", site / "pkg/b")
    with (directory / "RECORD").open("a") as file:
        file.write("pkg/b,,\npkg/not-here,sha256=x,123456789\n")
    assert size_of(directory, prefix) == blocks(site / "pkg/a", directory / "METADATA")


def test_lists_with_other_line_ends_quotes_and_no_hashes_are_read(prefix):
    site = site_of(prefix)
    directory = dist_info(site, "pkg")
    rows = [b"plain.py", b"hash.py,sha256=x", b'"with, comma.py",sha256=x,5', b"twice.py,,", b""]
    names = ["plain.py", "hash.py", "with, comma.py", "twice.py"]
    there = [write(site / name, b"x" * 5000) for name in names]
    (directory / "RECORD").write_bytes(b"\r\n".join([*rows, b"twice.py,,", b'"', b",,,", b"\xff"]))
    assert size_of(directory, prefix) == blocks(*there)


def test_files_outside_the_environment_do_not_count(prefix, tmp_path):
    site = site_of(prefix)
    directory = dist_info(site, "pkg")
    outside = write(tmp_path / "outside", b"x" * 9000)
    beside = write(tmp_path / "prefix-2" / "file", b"x" * 9000)
    inside = write(prefix / "share" / "file", b"x" * 5000)
    rows = [
        str(outside),
        os.path.relpath(outside, site),
        os.path.relpath(beside, site),
        str(inside),
        "a\0b",
        "../" * 50 + "etc/passwd",
        "x/" * 5000,
    ]
    (directory / "RECORD").write_text("".join(f"{row},,\n" for row in rows))
    assert size_of(directory, prefix) == blocks(inside)


@pytest.mark.timeout(10)
def test_a_list_that_is_a_fifo_is_not_waited_for(prefix):
    directory = dist_info(site_of(prefix), "pkg")
    (directory / "RECORD").unlink()
    os.mkfifo(directory / "RECORD")
    assert size_of(directory, prefix) is None


@pytest.mark.timeout(20)
def test_a_list_of_100_mb_is_read_up_to_its_limit(prefix):
    site = site_of(prefix)
    directory = dist_info(site, "pkg")
    there = write(site / "a.py", b"x" * 5000)
    with (directory / "RECORD").open("wb") as file:
        file.write(b"a.py,,\n")
        file.truncate(100 * 1024 * 1024)
    assert size_of(directory, prefix) == blocks(there)


def test_old_packages_have_sizes_by_their_own_lists(prefix):
    site = site_of(prefix)
    listed = site / "one-1.egg-info"
    module = write(site / "one.py", b"x" * 5000)
    write(listed / "installed-files.txt", "../one.py\n../../../../../../etc/passwd\n")
    assert size_of(listed, prefix) == blocks(module)
    named = site / "two-1.egg-info"
    write(site / "two" / "__init__.py", b"x" * 7000)
    write(named / "top_level.txt", "two\n_two\nno/name\n..\n")
    assert size_of(named, prefix) == du(site / "two", named)
    nothing = site / "three-1.egg-info"
    write(nothing / "PKG-INFO", "Name: three\n")
    assert size_of(nothing, prefix) is None


def test_conda_packages_have_the_size_of_their_files(prefix):
    one = write(prefix / "lib" / "libone.so", b"x" * 9000)
    os.link(one, prefix / "lib" / "libone.so.1")
    files = ["lib/libone.so", "lib/libone.so.1", "lib/gone", "../outside", "/etc/passwd", 5]
    record = conda_record(prefix, "one", files=files)
    assert size_of_conda_package(str(record), str(prefix)) == blocks(one)
    empty = conda_record(prefix, "two")
    assert size_of_conda_package(str(empty), str(prefix)) is None
