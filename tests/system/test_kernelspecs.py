"""A kernelspec is there whole or not at all, and what is not ours can be put back."""

import errno
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system import durable, kernelspecs


def content(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir()}


@pytest.fixture
def spec(tmp_path: Path) -> Path:
    return tmp_path / "jupyter" / "kernels" / "envmgr-x"


def test_a_replaced_kernelspec_has_the_new_files_and_none_of_the_old(spec: Path) -> None:
    kernelspecs.install(spec, {"kernel.json": b"old", "logo.png": b"old"})
    kernelspecs.install(spec, {"kernel.json": b"new"})
    assert content(spec) == {"kernel.json": b"new"}


def test_where_names_cannot_be_exchanged_it_is_replaced_all_the_same(
    spec: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_exchange(one: Path, other: Path) -> None:
        raise OSError(errno.EINVAL, "no renameat2")

    kernelspecs.install(spec, {"kernel.json": b"old"})
    monkeypatch.setattr(durable, "exchange", no_exchange)
    kernelspecs.install(spec, {"kernel.json": b"new"})
    assert content(spec) == {"kernel.json": b"new"}


def test_a_full_disk_leaves_the_old_kernelspec(spec: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: Path, data: bytes, *, mode: int | None = None) -> None:
        raise OSError(errno.ENOSPC, "full", str(path))

    kernelspecs.install(spec, {"kernel.json": b"old"})
    monkeypatch.setattr(durable, "write_file", full)
    with pytest.raises(EnvMgrError) as caught:
        kernelspecs.install(spec, {"kernel.json": b"new"})
    assert caught.value.code == "disk-full"
    assert content(spec) == {"kernel.json": b"old"}


def test_jupyter_never_sees_anything_else_in_its_kernels_directory(spec: Path) -> None:
    kernelspecs.install(spec, {"kernel.json": b"{}"})
    kernelspecs.install(spec, {"kernel.json": b"{}"})
    assert [entry.name for entry in spec.parent.iterdir()] == ["envmgr-x"]
    kernelspecs.uninstall(spec)
    assert list(spec.parent.iterdir()) == []


def test_uninstalling_a_link_leaves_what_it_points_to(spec: Path, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.mkdir()
    (real / "kernel.json").write_text("{}")
    spec.parent.mkdir(parents=True)
    spec.symlink_to(real)
    kernelspecs.uninstall(spec)
    assert not spec.is_symlink()
    assert (real / "kernel.json").exists()


def test_uninstalling_what_is_gone_is_no_error(spec: Path) -> None:
    kernelspecs.uninstall(spec)


def test_what_is_set_aside_is_whole_and_can_be_put_back(spec: Path) -> None:
    kernelspecs.install(spec, {"kernel.json": b"theirs"})
    aside = kernelspecs.set_aside(spec, "now")
    assert not spec.exists()
    aside.rename(spec)
    assert content(spec) == {"kernel.json": b"theirs"}
