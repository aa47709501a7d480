"""A tree is removed whole, and nothing but that tree."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system import durable, trees
from tests.crash.faults import DONE, in_child


def _remove(path: Path) -> None:
    durable.remove_tree(path, made_by=durable.identity(path), trash=path.parent / "trash")


def _is_clean(directory: Path) -> bool:
    return not (directory / "trash").exists() or os.listdir(directory / "trash") == []


def test_a_tree_is_removed_whatever_is_in_it(tmp_path: Path) -> None:
    env = tmp_path / "env"
    (env / "a" / "b").mkdir(parents=True)
    (env / "a" / "b" / os.fsdecode(b"\xff\n")).write_text("x")
    (env / "dangling").symlink_to("nowhere")
    (env / "loop").symlink_to(".")
    os.mkfifo(env / "fifo")
    os.link(env / "a" / "b" / os.fsdecode(b"\xff\n"), env / "hard")
    (env / "locked" / "inside").mkdir(parents=True)
    (env / "locked" / "inside" / "file").write_text("x")
    (env / "locked" / "inside").chmod(0o000)
    (env / "locked").chmod(0o555)
    env.chmod(0o555)
    _remove(env)
    assert not env.exists()
    assert _is_clean(tmp_path)


def test_directories_without_permissions_are_removed_by_their_owner_too() -> None:
    """Root may do everything, so this is done as somebody else."""
    home = Path(tempfile.mkdtemp())
    nobody = 65534

    def as_owner() -> None:
        if os.getuid() == 0:
            os.chown(home, nobody, nobody)
            os.setgroups([])
            os.setgid(nobody)
            os.setuid(nobody)
        (home / "env" / "locked" / "inside").mkdir(parents=True)
        (home / "env" / "locked" / "inside" / "file").write_text("x")
        for path in ("env/locked/inside", "env/locked"):
            (home / path).chmod(0o000 if path == "env/locked/inside" else 0o555)
        (home / "env").chmod(0o555)
        _remove(home / "env")
        assert not (home / "env").exists()
        assert _is_clean(home)

    try:
        assert in_child(as_owner) == DONE
    finally:
        shutil.rmtree(home)


def test_what_a_link_leads_to_is_never_touched(tmp_path: Path) -> None:
    precious = tmp_path / "precious"
    precious.mkdir(mode=0o555)
    env = tmp_path / "env"
    env.mkdir()
    (env / "link").symlink_to(precious)
    identity = durable.identity(precious)
    _remove(env)
    assert durable.identity(precious) == identity
    assert stat.S_IMODE(precious.stat().st_mode) == 0o555


@pytest.mark.parametrize("kind", ["link", "file", "another directory"])
def test_what_is_not_the_directory_that_was_made_is_refused(tmp_path: Path, kind: str) -> None:
    env = tmp_path / "env"
    env.mkdir()
    made_by = durable.identity(env)
    env.rename(tmp_path / "moved")
    if kind == "link":
        env.symlink_to("moved")
    elif kind == "file":
        env.write_text("x")
    else:
        env.mkdir()
    with pytest.raises(EnvMgrError) as caught:
        durable.remove_tree(env, made_by=made_by, trash=tmp_path / "trash")
    assert caught.value.code == "wrong-state"
    assert (tmp_path / "moved").is_dir()
    assert os.path.lexists(env)


def test_a_directory_that_takes_its_place_in_that_moment_is_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / "env"
    env.mkdir()
    made_by = durable.identity(env)
    rename = os.rename

    def swap_first(source: Path, target: Path) -> None:
        monkeypatch.setattr(os, "rename", rename)
        env.rename(tmp_path / "moved")
        env.mkdir()
        (env / "precious").write_text("x")
        rename(source, target)

    monkeypatch.setattr(os, "rename", swap_first)
    with pytest.raises(EnvMgrError):
        durable.remove_tree(env, made_by=made_by, trash=tmp_path / "trash")
    assert (env / "precious").exists()


def test_what_is_gone_already_is_no_error_and_finishes_what_a_crash_left(tmp_path: Path) -> None:
    trash = tmp_path / "trash"
    left = trash / "left"
    left.mkdir(parents=True)
    device, inode = durable.identity(left)
    left.rename(trash / f"env.{device}-{inode}.0123456789ab")
    (trash / "somebody's").mkdir()
    (trash / "env.1-2.0123456789ab").mkdir()
    durable.remove_tree(tmp_path / "gone", made_by=(1, 1), trash=trash)
    assert sorted(os.listdir(trash)) == ["env.1-2.0123456789ab", "somebody's"]


def test_a_trash_on_another_file_system_is_done_without(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / "env"
    (env / "a").mkdir(parents=True)
    rename = os.rename

    def other_device(source: Path, target: Path) -> None:
        if target.parent.name == "trash":
            raise OSError(errno.EXDEV, "cross-device")
        rename(source, target)

    monkeypatch.setattr(os, "rename", other_device)
    _remove(env)
    assert [name for name in os.listdir(tmp_path) if name != "trash"] == []


def test_a_tree_deeper_than_descriptors_and_stack_allow_is_removed() -> None:
    """Not in tmp_path: shutil.rmtree, which cleans that up, cannot."""
    home = Path(tempfile.mkdtemp())
    env = home / "env"
    env.mkdir()
    descriptor = os.open(env, os.O_RDONLY)
    for _ in range(2500):
        os.mkdir("d", dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=below))
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    try:
        _remove(env)
        assert _is_clean(home)
    finally:
        subprocess.run(["rm", "-rf", str(home)], check=True)


def test_a_directory_swapped_for_a_link_while_it_is_deleted_leads_nowhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "file").write_text("x")
    env = tmp_path / "env"
    (env / "sub").mkdir(parents=True)
    scandir_done = trees._open_directory

    def swap(path: str | Path, parent: int | None = None) -> int:
        if path == "sub":
            os.rmdir("sub", dir_fd=parent)
            os.symlink(precious, "sub", dir_fd=parent)
        return scandir_done(path, parent)

    monkeypatch.setattr(trees, "_open_directory", swap)
    _remove(env)
    assert (precious / "file").exists()
    assert _is_clean(tmp_path)


def test_two_removals_of_one_tree_at_once_are_no_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / "env"
    for number in range(5):
        (env / str(number)).mkdir(parents=True)
        (env / str(number) / "file").write_text("x")
    made_by = durable.identity(env)
    first = os.unlink

    def other_is_faster(name: str, *, dir_fd: int | None = None) -> None:
        monkeypatch.setattr(os, "unlink", first)
        trees.delete_tree(env, made_by=made_by)
        first(name, dir_fd=dir_fd)

    monkeypatch.setattr(os, "unlink", other_is_faster)
    trees.delete_tree(env, made_by=made_by)
    assert not env.exists()


def test_a_file_that_a_network_file_system_still_holds_is_left_for_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    env = tmp_path / "env"
    env.mkdir()
    (env / ".nfs0001").write_text("x")
    unlink = os.unlink

    def busy(name: str, *, dir_fd: int | None = None) -> None:
        raise OSError(errno.EBUSY, "in use")

    monkeypatch.setattr(os, "unlink", busy)
    _remove(env)
    assert not env.exists()
    assert not _is_clean(tmp_path)
    monkeypatch.setattr(os, "unlink", unlink)
    durable.empty_trash(tmp_path / "trash")
    assert _is_clean(tmp_path)
