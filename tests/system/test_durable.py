"""Each change of the disk does what it says, and refuses what it should not touch."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.system import durable


@pytest.fixture(params=["renameat2", "without renameat2"])
def any_file_system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """NFS answers EINVAL to renameat2 with flags."""
    if request.param == "renameat2":
        return

    def refuse(source: Path, target: Path, flags: int) -> None:
        raise OSError(errno.EINVAL, "no such feature", str(source))

    monkeypatch.setattr(durable, "_renameat2", refuse)


@pytest.fixture(autouse=True)
def _umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.lstat().st_mode)


def test_a_written_file_keeps_the_permissions_of_the_one_it_replaces(tmp_path: Path) -> None:
    path = tmp_path / "file"
    durable.write_file(path, b"a")
    assert _mode(path) == 0o644
    path.chmod(0o640)
    durable.write_file(path, b"b")
    assert (path.read_bytes(), _mode(path)) == (b"b", 0o640)
    durable.write_file(path, b"c", mode=0o600)
    assert (path.read_bytes(), _mode(path)) == (b"c", 0o600)
    assert os.listdir(tmp_path) == ["file"]


def test_a_secret_file_is_never_readable_by_others_not_even_while_it_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes = []
    write = os.write

    def note_mode(fd: int, data: bytes) -> int:
        modes.append(os.fstat(fd).st_mode & 0o777)
        return write(fd, data)

    monkeypatch.setattr(os, "write", note_mode)
    durable.write_file(tmp_path / "netrc", b"secret", mode=0o600)
    assert modes == [0o600]


def test_a_link_is_replaced_and_what_it_leads_to_stays(tmp_path: Path) -> None:
    (tmp_path / "victim").write_text("precious")
    (tmp_path / "file").symlink_to("victim")
    durable.write_file(tmp_path / "file", b"new")
    assert (tmp_path / "victim").read_text() == "precious"
    assert not (tmp_path / "file").is_symlink()


def test_content_and_name_are_synced_before_it_returns(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    rename, fsync = os.rename, os.fsync

    def note_fsync(fd: int) -> None:
        calls.append("sync directory" if stat.S_ISDIR(os.fstat(fd).st_mode) else "sync file")
        fsync(fd)

    def note_rename(source: Path, target: Path) -> None:
        calls.append("rename")
        rename(source, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(os, "rename", note_rename)
    durable.write_file(tmp_path / "file", b"x")
    assert calls == ["sync file", "rename", "sync directory"]


def test_a_new_file_is_refused_where_anything_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("old")
    (tmp_path / "dangling").symlink_to("nowhere")
    (tmp_path / "directory").mkdir()
    for name in ("file", "dangling", "directory"):
        with pytest.raises(FileExistsError):
            durable.write_new(tmp_path / name, b"new")
    assert (tmp_path / "file").read_text() == "old"
    assert not (tmp_path / "nowhere").exists()
    assert sorted(os.listdir(tmp_path)) == ["dangling", "directory", "file"]


def test_a_new_file_needs_no_hard_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """vfat and some FUSE file systems answer EPERM to link."""

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, "no links here")

    monkeypatch.setattr(os, "link", refuse)
    durable.write_new(tmp_path / "file", b"new")
    assert (tmp_path / "file").read_bytes() == b"new"
    with pytest.raises(FileExistsError):
        durable.write_new(tmp_path / "file", b"other")
    assert os.listdir(tmp_path) == ["file"]


def test_a_link_whose_answer_got_lost_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    link = os.link

    def lose(source: Path, target: Path) -> None:
        link(source, target)
        raise FileExistsError(errno.EEXIST, "the server did it twice")

    monkeypatch.setattr(os, "link", lose)
    durable.write_new(tmp_path / "file", b"mine")
    assert (tmp_path / "file").read_bytes() == b"mine"


@pytest.mark.parametrize("kind", ["file", "empty directory", "dangling link"])
def test_a_rename_replaces_nothing(tmp_path: Path, any_file_system: None, kind: str) -> None:
    """os.rename onto an empty directory succeeds silently."""
    for source_kind in ("file", "directory"):
        source, target = tmp_path / f"{source_kind}-source", tmp_path / f"{source_kind}-target"
        source.mkdir() if source_kind == "directory" else source.write_text("x")
        if kind == "file":
            target.write_text("old")
        elif kind == "empty directory":
            target.mkdir()
        else:
            target.symlink_to("nowhere")
        identity = durable.identity(target)
        with pytest.raises(FileExistsError):
            durable.rename_no_replace(source, target)
        assert durable.identity(target) == identity
        assert source.exists()


def test_a_rename_moves_files_directories_and_links(tmp_path: Path, any_file_system: None) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "inside").write_text("x")
    (tmp_path / "b").write_text("y")
    (tmp_path / "c").symlink_to("nowhere")
    for name in "abc":
        identity = durable.identity(tmp_path / name)
        durable.rename_no_replace(tmp_path / name, tmp_path / f"new-{name}")
        assert durable.identity(tmp_path / f"new-{name}") == identity
    assert sorted(os.listdir(tmp_path)) == ["new-a", "new-b", "new-c"]


def test_two_directories_are_exchanged(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    before = durable.identity(one), durable.identity(other)
    durable.exchange(one, other)
    assert (durable.identity(other), durable.identity(one)) == before


def test_directories_are_made_with_those_above_and_not_over_anything(tmp_path: Path) -> None:
    durable.make_directory(tmp_path / "a" / "b", mode=0o700)
    assert (_mode(tmp_path / "a"), _mode(tmp_path / "a" / "b")) == (0o700, 0o700)
    with pytest.raises(FileExistsError):
        durable.make_directory(tmp_path / "a" / "b")
    durable.make_directory(tmp_path / "a" / "b", exist_ok=True)
    (tmp_path / "file").write_text("")
    with pytest.raises(FileExistsError):
        durable.make_directory(tmp_path / "file", exist_ok=True)


def test_a_shared_location_stays_shared(tmp_path: Path) -> None:
    (tmp_path / "team").mkdir()
    (tmp_path / "team").chmod(0o2775)
    durable.make_directory_like_parent(tmp_path / "team" / ".envmgr")
    assert _mode(tmp_path / "team" / ".envmgr") == 0o2775
    (tmp_path / "mine").mkdir(mode=0o700)
    durable.make_directory_like_parent(tmp_path / "mine" / ".envmgr")
    assert _mode(tmp_path / "mine" / ".envmgr") == 0o700


def test_a_private_directory_is_private_and_gone_afterwards(tmp_path: Path) -> None:
    with durable.private_directory(tmp_path / "cache") as work:
        assert _mode(work) == 0o700
        (work / "requirements.txt").write_text("numpy")
        with durable.private_directory(tmp_path / "cache") as other:
            assert other != work
        assert work.exists()
    assert os.listdir(tmp_path / "cache") == []


def test_a_private_directory_that_a_crash_left_goes_after_a_week(tmp_path: Path) -> None:
    left = tmp_path / "left"
    left.mkdir()
    device, inode = durable.identity(left)
    old = left.rename(tmp_path / f"work.{device}-{inode}.0123456789ab")
    (tmp_path / "theirs.1-1.0123456789ab").mkdir()
    with durable.private_directory(tmp_path):
        assert old.exists()
    os.utime(old, (0, 0))
    os.utime(tmp_path / "theirs.1-1.0123456789ab", (0, 0))
    with durable.private_directory(tmp_path):
        assert not old.exists()
    assert os.listdir(tmp_path) == ["theirs.1-1.0123456789ab"]


_LEAVE_ONE = """
import os, sys
from pathlib import Path
from jupyter_envmgr.system import durable
with durable.private_directory(Path(sys.argv[1])) as work:
    (work / "credentials.json").write_text("secret")
    os._exit(9)
"""


def test_a_private_directory_of_a_killed_process_goes_with_the_next_one(tmp_path: Path) -> None:
    with durable.private_directory(tmp_path) as mine:
        subprocess.run([sys.executable, "-c", _LEAVE_ONE, str(tmp_path)], check=False)
        (left,) = [path for path in tmp_path.iterdir() if path != mine]
        # Of another machine, or another container, nobody knows whether it runs.
        assert (left / "credentials.json").exists()
        theirs = tmp_path / "theirs"
        theirs.mkdir()
        device, inode = durable.identity(theirs)
        elsewhere = f"work-1-1-{'0' * 12}.{device}-{inode}.0123456789ab"
        theirs.rename(tmp_path / elsewhere)
        with durable.private_directory(tmp_path) as other:
            assert {path.name for path in tmp_path.iterdir()} == {mine.name, other.name, elsewhere}
