"""A lock has one holder, says who it is, and outlives no process that can be seen to be gone."""

from __future__ import annotations

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Holder
from jupyter_envmgr.core.wire import to_wire
from jupyter_envmgr.system import durable, holder
from jupyter_envmgr.system.locks import Claim, Lock, read
from tests.fakes import eventually

ME = holder.current("cli")
DEAD = replace(ME, start_time=ME.start_time - 1)
FOREIGN = replace(ME, host="node2", boot_id="another")


def _held_by(path: Path, who: Holder) -> None:
    path.parent.mkdir(exist_ok=True)
    claim = Claim(who, "2026-05-02T10:00:00.000Z", "creating", "0123456789abcdef")
    path.write_text(json.dumps(to_wire(claim)))


def _taken(path: Path, **options: bool) -> EnvMgrError | None:
    try:
        with Lock(path, ME, "test", **options):
            return None
    except EnvMgrError as error:
        return error


def test_a_held_lock_names_who_holds_it_since_when_and_for_what(tmp_path: Path) -> None:
    path = tmp_path / "locks" / "demo.lock"
    with Lock(path, ME, "creating"):
        error = _taken(path)
    assert error is not None
    assert error.code == "locked"
    assert error.detail.startswith(f"demo is being worked on by cli (process {os.getpid()} on ")
    assert error.detail.endswith(": creating")


def test_a_released_lock_is_free_and_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    for _ in range(2):
        with Lock(path, ME, "test"):
            assert os.listdir(tmp_path) == ["demo.lock"]
        assert os.listdir(tmp_path) == []


def test_a_lock_is_released_when_its_block_fails(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError), Lock(tmp_path / "demo.lock", ME, "test"):
        raise RuntimeError
    assert _taken(tmp_path / "demo.lock") is None


def test_the_lock_of_a_dead_process_is_taken_over(tmp_path: Path) -> None:
    _held_by(tmp_path / "demo.lock", DEAD)
    assert _taken(tmp_path / "demo.lock") is None
    assert os.listdir(tmp_path) == []


def test_the_lock_of_a_foreign_host_is_never_taken_unless_it_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    _held_by(path, FOREIGN)
    before = path.read_bytes()
    error = _taken(path)
    assert error is not None
    assert "node2" in error.detail
    assert path.read_bytes() == before
    assert _taken(path, break_lock=True) is None
    assert os.listdir(tmp_path) == []


def test_the_lock_of_a_living_process_is_not_broken(tmp_path: Path) -> None:
    with Lock(tmp_path / "demo.lock", ME, "creating"):
        error = _taken(tmp_path / "demo.lock", break_lock=True)
    assert error is not None
    assert error.code == "locked"


@pytest.mark.parametrize("content", ["", "{", "[]", "null", '{"holder": 1}', "\0" * 300])
def test_a_lock_that_says_nothing_is_somebodys_until_it_is_broken(
    tmp_path: Path, content: str
) -> None:
    path = tmp_path / "demo.lock"
    path.write_text(content)
    error = _taken(path)
    assert error is not None
    assert error.code == "locked"
    assert str(path) in error.detail
    assert _taken(path, break_lock=True) is None


def test_who_lost_the_lock_does_not_release_that_of_the_next(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    lock = Lock(path, ME, "first")
    lock.acquire()
    _held_by(path, FOREIGN)
    lock.release()
    found = read(path)
    assert isinstance(found, Claim)
    assert found.holder == FOREIGN


def test_a_successor_that_died_is_succeeded_in_turn(tmp_path: Path) -> None:
    """Killed between claiming a dead holder's lock and replacing it."""
    path = tmp_path / "demo.lock"
    _held_by(path, DEAD)
    _held_by(tmp_path / "demo.lock.0123456789abcdef", DEAD)
    assert _taken(path) is None
    assert os.listdir(tmp_path) == []


def test_a_lock_that_a_living_successor_is_replacing_is_not_taken(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    _held_by(path, DEAD)
    _held_by(tmp_path / "demo.lock.0123456789abcdef", ME)
    before = path.read_bytes()
    assert _taken(path) is not None
    assert path.read_bytes() == before


def test_who_waits_gets_the_lock_when_it_is_free(tmp_path: Path) -> None:
    path = tmp_path / "demo.lock"
    first = Lock(path, ME, "first")
    first.acquire()
    got = threading.Event()

    def wait() -> None:
        with Lock(path, ME, "second").held(timeout=30):
            got.set()

    thread = threading.Thread(target=wait)
    thread.start()
    assert not got.is_set()
    first.release()
    eventually(got.is_set, "the lock is handed over")
    thread.join()


def test_a_full_disk_does_not_keep_a_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "demo.lock"
    lock = Lock(path, ME, "test")
    lock.acquire()

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(durable, "write_new", full)
    lock.release()
    assert os.listdir(tmp_path) == []


def test_a_place_that_cannot_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(durable, "write_new", refuse)
    error = _taken(tmp_path / "demo.lock")
    assert error is not None
    assert error.code == "not-permitted"
