"""Deleting, adopting, copying and renaming snapshots, killed or refused at every step."""

from __future__ import annotations

import errno
import itertools
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import ResetRequest
from jupyter_envmgr.service import usersite
from tests.crash.faults import DONE, die, in_child
from tests.crash.usersite import Scene, faults, recovered, reset_all, scene
from tests.homes import Home, state

pytestmark = pytest.mark.timeout(600)
both = pytest.mark.parametrize("fault", [die, None], ids=["kill", "errors"])


def _found(made: Scene, name: str) -> Path:
    """Where a snapshot lies: a root that fails when it is tried is not taken."""
    places = [made.path / ".envmgr/snapshots", made.path / ".local/.envmgr-snapshots"]
    return next((p / name for p in places if (p / name).exists()), places[0] / name)


def _next_change(settings: Settings) -> None:
    """Any change finishes what was cut; this one is refused and changes nothing."""
    with pytest.raises(EnvMgrError, match="no snapshot"):
        usersite.rename(settings, "nobody", "somebody")


@both
def test_a_snapshot_is_deleted_whole_or_not_at_all(
    tmp_path: Path, fault: Callable[[], None] | None
) -> None:
    made = scene(tmp_path, lambda s: usersite.delete(s, "first"), before=lambda h, s: reset_all(s))
    for number, code in faults(made, fault):
        recovered(made)
        _next_change(made.settings())
        listed = usersite.snapshots(made.settings()).snapshots
        store = made.path / ".envmgr/snapshots"
        if listed:
            assert made.everything() == made.pieces, number
            assert [one.state for one in listed] == ["complete"], number
        assert (code == DONE) <= (not listed), number
        assert made.base() == made.old, number
        left = [p for p in store.rglob("*") if p.is_file()] if not listed else []
        assert not left, f"{number}: {left}"


def _backup_by_hand(home: Home, settings: Settings) -> None:
    home.base.rename(home.home / "local_backup")
    home.base.mkdir()
    home.site()


@both
def test_a_backup_made_by_hand_is_adopted_whole_or_not_at_all(
    tmp_path: Path, fault: Callable[[], None] | None
) -> None:
    made = scene(
        tmp_path,
        lambda s: usersite.adopt(s, str(s.home / "local_backup"), "mine"),
        before=_backup_by_hand,
    )
    made.prepare()
    whole = state(made.path / "local_backup")
    for number, code in faults(made, fault):
        recovered(made)
        _next_change(made.settings())
        assert made.everything() == made.pieces, number
        there = made.path / "local_backup"
        adopted = _found(made, "mine") / "tree"
        assert there.exists() != adopted.exists(), number
        assert state(there if there.exists() else adopted) == whole, number
        assert adopted.exists() or code != DONE
        assert adopted.exists() == bool(usersite.snapshots(made.settings()).snapshots), number


@both
def test_a_copy_is_there_whole_or_not_at_all(
    tmp_path: Path, fault: Callable[[], None] | None
) -> None:
    request = ResetRequest("all", name="copy")
    made = scene(tmp_path, lambda s: usersite.backup(s, request))
    for number, code in faults(made, fault):
        recovered(made)
        _next_change(made.settings())
        assert made.base() == made.old, number
        listed = usersite.snapshots(made.settings()).snapshots
        assert (code == DONE) <= bool(listed), number
        if listed:
            site = "lib/python3.11/site-packages"
            copied = state(_found(made, "copy") / "tree" / site)
            assert copied == state(made.path / ".local" / site), number
        else:
            assert not _found(made, "copy").exists(), number
            assert made.everything() == made.pieces, number


@both
def test_a_snapshot_has_one_name_or_the_other(
    tmp_path: Path, fault: Callable[[], None] | None
) -> None:
    made = scene(
        tmp_path, lambda s: usersite.rename(s, "first", "second"), before=lambda h, s: reset_all(s)
    )
    for number, code in faults(made, fault):
        recovered(made)
        listed = usersite.snapshots(made.settings()).snapshots
        assert [one.name for one in listed] in (["first"], ["second"]), number
        assert [one.state for one in listed] == ["complete"], number
        assert listed[0].name == "second" or code != DONE
        assert made.everything() == made.pieces, number


def test_a_disk_that_stays_full_loses_nothing(tmp_path: Path) -> None:
    """From the n-th write on all fail, those of taking back too; with room again it is finished."""
    made = scene(tmp_path, reset_all)
    for number in range(1, 40, 3):
        made.prepare()
        in_child(partial(_on_a_full_disk, number, made))
        assert made.everything() == made.pieces, number
        recovered(made)
        assert made.base() in (made.old, made.new), number
        assert made.everything() == made.pieces, number


def _on_a_full_disk(number: int, made: Scene) -> None:
    real = os.write
    calls = itertools.count(1)

    def write(descriptor: int, data: bytes) -> int:
        if next(calls) >= number:
            raise OSError(errno.ENOSPC, "full")
        return real(descriptor, data)

    vars(os)["write"] = write
    made.run(made.settings())
