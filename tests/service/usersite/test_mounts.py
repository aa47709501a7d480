"""Real mounts: where a rename does not work, nothing is moved, or it is moved inside."""

from __future__ import annotations

import functools
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]


@functools.cache
def _why_not() -> str:
    """Why mounts cannot be made here; empty if they can."""
    if shutil.which("unshare") is None:
        return "there is no unshare"
    done = subprocess.run(
        ["unshare", "-m", "mount", "-t", "tmpfs", "none", "/mnt"], capture_output=True, text=True
    )
    return done.stderr.strip() if done.returncode else ""


def _in(scene: str, root: Path) -> dict[str, Any]:
    if _why_not():
        pytest.skip(f"mounts cannot be made here: {_why_not()}")
    done = subprocess.run(
        ["unshare", "-m", sys.executable, "-m", "tests.service.usersite.mounted", scene, str(root)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if "unknown filesystem type" in done.stderr or "wrong fs type" in done.stderr:
        pytest.skip(f"this kernel cannot mount it: {done.stderr.strip().splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    said: dict[str, Any] = json.loads(done.stdout)
    assert said["same"], said
    assert said["left"] == [], said
    return said


@pytest.mark.parametrize("scene", ["bind", "tmpfs"])
def test_where_the_base_is_a_mount_the_snapshot_lies_inside(scene: str, tmp_path: Path) -> None:
    said = _in(scene, tmp_path)
    assert said["is_mount"] is True
    assert said["where"] == ".local/.envmgr-snapshots/first"
    assert said["moved"] is True


@pytest.mark.parametrize("scene", ["part-elsewhere", "site", "overlay"])
def test_what_cannot_be_renamed_stays_as_it_was(scene: str, tmp_path: Path) -> None:
    said = _in(scene, tmp_path)
    assert said.get("error") == "not-one-disk", said


def test_a_read_only_home_is_named(tmp_path: Path) -> None:
    assert _in("read-only", tmp_path)["error"] == "read-only-disk"


def test_a_full_disk_moves_nothing_and_a_snapshot_on_it_can_be_deleted(tmp_path: Path) -> None:
    said = _in("full", tmp_path)
    assert said["error"] == "disk-full"
    assert said["freed"] == "old"
