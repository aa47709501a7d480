"""What an archive is, is seen before anything of it is unpacked, whatever it claims."""

from __future__ import annotations

import gzip
import tarfile
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.facts import Machine
from jupyter_envmgr.core.archives.model import ImportRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.archives import looking
from jupyter_envmgr.service.context import Context
from tests.service.archives.bench import manifest_only


def test_another_machine_is_told_apart(packed: Path, context: Context) -> None:
    arm = looking.look(context, str(packed), Machine("linux-aarch64", "2.36"))
    assert "this machine is linux-aarch64" in arm.refusal


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 99},
        {"kind": "zip"},
        {"labels": ["x"]},
        {"name": 7},
        {"lock": "numpy"},
    ],
)
def test_a_manifest_that_is_not_understood_is_no_crash(
    changes: dict[str, object], context: Context, tmp_path: Path
) -> None:
    path = manifest_only(tmp_path / "net.tar.gz", **changes)
    with pytest.raises(EnvMgrError) as caught:
        archives.show(context, str(path))
    assert caught.value.code in ("not-an-archive", "archive-damaged")
    assert "net.tar.gz" in caught.value.detail


def test_a_hostile_manifest_is_shown_without_its_tricks(context: Context, tmp_path: Path) -> None:
    path = manifest_only(
        tmp_path / "net.tar.gz",
        name="../../x\x1b[2J",
        display_name="a\nb",
        lock=["x\x07y", "z" * 100_000],
        labels={"": "x"},
        bytes=-5,
    )
    manifest = archives.show(context, str(path)).manifest
    assert "\x1b" not in manifest.name
    assert "\n" not in manifest.display_name
    assert "\x07" not in manifest.lock[0]
    assert len(manifest.lock[1]) < 1000
    assert manifest.bytes == 0
    plan = archives.plan_import(context, ImportRequest(str(path)))
    assert plan.subject == "x-2j"
    assert "\x1b" not in repr(plan)


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", b"hello", gzip.compress(b"hello" * 1000, mtime=0)]
)
def test_a_file_that_is_no_archive_is_called_so(
    data: bytes, context: Context, tmp_path: Path
) -> None:
    path = tmp_path / "notes.tar.gz"
    path.write_bytes(data)
    with pytest.raises(EnvMgrError) as caught:
        archives.show(context, str(path))
    assert caught.value.code == "not-an-archive"


def test_a_packed_venv_says_why_it_cannot_move(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "venv.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("pyvenv.cfg"))
    with pytest.raises(EnvMgrError, match="cannot move") as caught:
        archives.show(context, str(path))
    assert "wheels" in caught.value.hint
