"""An archive of ours is compared with its own list; those of others are known for what they are."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.model import MANIFEST, SUMS
from jupyter_envmgr.core.archives.packing import ArchiveWriter
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system.tarballs import look_into, unpack
from tests.system.tars import LIMITS, OURS, entry, everything, gz, put, tar


def ours(tmp_path: Path, name: str = "ours.tar.gz", **files: bytes) -> Path:
    source, path = tmp_path / "source", tmp_path / name
    source.mkdir()
    for file, data in files.items():
        (source / file).write_bytes(data)
    compression = {"gz": "gz", "zst": "zst", "tar": "none"}[name.rpartition(".")[2]]
    with (
        path.open("wb") as out,
        ArchiveWriter(out, compression, OURS, prefix=source) as writer,  # type: ignore[arg-type]
    ):
        for file in sorted(files):
            writer.add(str(source / file), f"lib/{file}")
    assert writer.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    return path


@pytest.mark.parametrize("name", ["ours.tar.gz", "ours.tar.zst", "ours.tar"])
def test_ours_says_what_it_is_first_and_is_compared_with_its_list(
    name: str, tmp_path: Path, target: Path
) -> None:
    path = ours(tmp_path, name, a=os.urandom(5_000_000), b=b"b" * 100)
    look = look_into(path, LIMITS)
    assert look.manifest is not None
    assert b'"name": "mine"' in look.manifest
    unpack(path, target, limits=LIMITS, sums=True)
    assert (target / "lib/a").read_bytes() == (tmp_path / "source/a").read_bytes()
    assert everything(target) == ["lib", "lib/a", "lib/b"], "our own members stay out"


def again(path: Path, change: Callable[[dict[str, bytes]], object]) -> None:
    """Write an archive again with members changed, added or left out."""
    with tarfile.open(path) as archive:
        members = {m.name: archive.extractfile(m).read() for m in archive}  # type: ignore[union-attr]
    change(members)
    path.write_bytes(gz(tar(*(entry(name, data) for name, data in members.items()))))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda members: members.update({"lib/a": b"other"}), "'lib/a' was changed"),
        (lambda members: members.pop("lib/a"), "'lib/a' is missing"),
        (lambda members: members.update({"lib/c": b"more"}), "'lib/c' is in it and not"),
        (lambda members: members.pop(SUMS), "ends in the middle"),
        (lambda members: members.update({MANIFEST: b"{}"}), "was changed"),
    ],
)
def test_ours_that_was_changed_is_damaged(
    change: Callable[[dict[str, bytes]], object], words: str, tmp_path: Path, target: Path
) -> None:
    path = ours(tmp_path, a=b"a", b=b"b")
    again(path, change)
    with pytest.raises(EnvMgrError, match=words) as caught:
        unpack(path, target, limits=LIMITS, sums=True)
    assert caught.value.code == "archive-damaged"


def test_an_archive_of_conda_pack_is_read_to_the_end_of_its_records_only(tmp_path: Path) -> None:
    record = b'{"name": "python", "version": "3.11.9", "build": "h1", "subdir": "linux-64"}'
    whole = tar(
        entry("bin/python3.11", b"elf"),
        entry("conda-meta/history", b""),
        entry("conda-meta/python-3.11.9-h1.json", record),
        entry("lib/large", os.urandom(3_000_000)),
    )
    look = look_into(put(tmp_path, whole[:20_000]), LIMITS)
    assert look.conda is not None
    assert (look.conda.python, look.conda.platform) == ("3.11.9", "linux-64")


def test_a_packed_venv_is_known(tmp_path: Path) -> None:
    look = look_into(put(tmp_path, tar(entry("pyvenv.cfg", b"home = /usr"))), LIMITS)
    assert look.is_venv
    assert look.conda is None
