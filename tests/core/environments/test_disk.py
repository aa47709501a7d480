"""Looking at the disk: bounded, never stuck, and never behind."""

import os
import socket
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.disk import Disk, read_bytes, real_path, shown
from tests.machine import LONG_AGO, settle


def test_what_is_no_regular_file_is_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(tmp_path / "socket"))
    for name in ("fifo", "socket", ".", "missing", "nul\0"):
        with pytest.raises(OSError):
            read_bytes(f"{tmp_path}/{name}")
    with pytest.raises(OSError):
        read_bytes("/dev/zero")
    server.close()


def test_a_huge_file_is_read_only_as_far_as_asked(tmp_path: Path) -> None:
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(1 << 40)
    assert len(read_bytes(str(tmp_path / "huge"), 1000)) == 1000


def test_a_settled_file_is_read_once_and_again_when_it_changes(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("one")
    settle(tmp_path)
    disk, made = Disk(), []

    def make() -> str:
        made.append(file.read_text())
        return made[-1]

    for _ in range(3):
        disk.look_again()
        assert disk.remember("key", make, lambda _: (str(file),)) == "one"
    assert made == ["one"]
    file.write_text("two")
    disk.look_again()
    assert disk.remember("key", make, lambda _: (str(file),)) == "two"


def test_a_file_changed_just_now_is_not_trusted_although_its_time_stays(tmp_path: Path) -> None:
    """Two changes within one tick of the file system's clock have the same mtime."""
    file = tmp_path / "file"
    disk = Disk(clock_ns=lambda: LONG_AGO * 10**9 + 10**8)
    for content in ("one", "two"):
        file.write_text(content)
        os.utime(file, (LONG_AGO, LONG_AGO))
        disk.look_again()
        assert disk.remember("key", file.read_text, lambda _: (str(file),)) == content


def test_a_look_after_which_nothing_changed_says_so(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    settle(tmp_path)
    disk = Disk()
    assert not disk.look_again()
    disk.listing(str(tmp_path))
    disk.exists(str(tmp_path / "missing"))
    assert disk.look_again()
    (tmp_path / "missing").touch()
    assert not disk.look_again()
    assert disk.exists(str(tmp_path / "missing"))


def test_one_look_asks_for_each_path_once(tmp_path: Path) -> None:
    disk = Disk()
    disk.look_again()
    assert not disk.exists(str(tmp_path / "late"))
    (tmp_path / "late").touch()
    assert not disk.exists(str(tmp_path / "late"))
    disk.look_again()
    assert disk.exists(str(tmp_path / "late"))


def test_a_directory_of_many_names_is_cut_and_says_so(tmp_path: Path) -> None:
    for number in range(30):
        (tmp_path / str(number)).touch()
    assert Disk().listing(str(tmp_path), 10).cut
    whole = Disk().listing(str(tmp_path), 100)
    assert (len(whole.names), whole.cut, whole.directories) == (30, False, ())


def test_what_cannot_be_listed_is_empty_with_a_reason(tmp_path: Path) -> None:
    assert Disk().listing(str(tmp_path / "missing")).error == "no such file or directory"
    assert Disk().listing("a\0b").error
    (tmp_path / "loop").symlink_to("loop")
    assert Disk().listing(str(tmp_path / "loop")).names == ()
    assert real_path(Disk(), str(tmp_path / "loop" / "x"))


@pytest.mark.parametrize("text", ["plain", "caf\udce9", "\ud800", "\udcff\ud800"])
def test_any_name_can_be_shown(text: str) -> None:
    shown(text).encode()
    assert shown("plain") == "plain"


def test_what_is_no_longer_asked_for_is_forgotten(tmp_path: Path) -> None:
    disk = Disk()
    for number in range(500):
        (tmp_path / str(number)).mkdir()
        assert not disk.look_again()
        disk.exists(str(tmp_path / str(number + 1)))
        disk.listing(str(tmp_path / str(number)))
    assert len(disk._remembered) <= 200
