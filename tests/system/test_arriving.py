"""Files that arrive in pieces."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_envmgr.system import arriving


def test_a_piece_is_written_where_the_last_has_ended_and_nowhere_else(tmp_path: Path) -> None:
    path = arriving.begin(tmp_path / "uploads" / "one", "a.tar")
    assert arriving.add(path, 0, b"abc", size=5) == 3
    assert arriving.add(path, 0, b"xyz", size=5) == 3
    assert arriving.add(path, 4, b"z", size=5) == 3
    assert arriving.add(path, 3, b"defg", size=5) == 3
    assert arriving.add(path, 3, b"de", size=5) == 5
    assert path.read_bytes() == b"abcde"


def test_no_link_is_followed_and_nothing_is_begun_twice(tmp_path: Path) -> None:
    directory = tmp_path / "uploads" / "one"
    path = arriving.begin(directory, "a.tar")
    with pytest.raises(FileExistsError):
        arriving.begin(directory, "b.tar")
    other = tmp_path / "other"
    other.write_bytes(b"")
    path.unlink()
    path.symlink_to(other)
    with pytest.raises(OSError, match="symbolic links"):
        arriving.add(path, 0, b"abc", size=5)
    assert other.read_bytes() == b""
    with pytest.raises(FileNotFoundError):
        arriving.find(directory)


def test_only_what_has_got_nothing_for_long_is_swept(tmp_path: Path) -> None:
    old = arriving.begin(tmp_path / "old", "a.tar")
    young = arriving.begin(tmp_path / "young", "a.tar")
    (tmp_path / "a file").write_text("of somebody else")
    os.utime(old, (0, 0))
    arriving.sweep(tmp_path, older_than=60)
    assert sorted(os.listdir(tmp_path)) == ["a file", "young"]
    assert young.exists()


def test_what_a_kill_left_without_a_file_is_swept_too(tmp_path: Path) -> None:
    """Killed between making the directory and its file, or between removing the two."""
    for name in ("old", "young"):
        arriving.begin(tmp_path / name, "a.tar").unlink()
    os.utime(tmp_path / "old", (0, 0))
    (tmp_path / "of others").mkdir()
    (tmp_path / "of others" / "directory").mkdir()
    os.utime(tmp_path / "of others", (0, 0))
    arriving.sweep(tmp_path, older_than=60)
    assert sorted(os.listdir(tmp_path)) == ["of others", "young"]


def test_who_begins_sweeps_what_others_gave_up(tmp_path: Path) -> None:
    os.utime(arriving.begin(tmp_path / "old", "a.tar"), (0, 0))
    arriving.begin(tmp_path / "new", "b.tar")
    assert os.listdir(tmp_path) == ["new"]


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    path = arriving.begin(tmp_path / "one", "a.tar")
    before = len(os.listdir("/proc/self/fd"))
    for offset in range(20):
        arriving.add(path, offset, b"x", size=20)
    assert len(os.listdir("/proc/self/fd")) == before
