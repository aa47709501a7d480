"""Killed or refused at every single change of the disk: the old or the new, never a half."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Event, Output
from jupyter_envmgr.core.jobs.log import encode, read_whole
from jupyter_envmgr.core.settings import Location
from jupyter_envmgr.system import durable
from jupyter_envmgr.system.jobstore import LogFile
from jupyter_envmgr.system.store import Store, UnreadableRecord
from tests.crash.faults import DIED, DONE, FAILED, die, each_call, fail_with
from tests.fakes import record

OLD, NEW = b"old " * 5000, b"new " * 9000
FAULTS: dict[str, Callable[[], None]] = {
    "kill": die,
    "ENOSPC": fail_with(errno.ENOSPC),
    "EDQUOT": fail_with(errno.EDQUOT),
    "EIO": fail_with(errno.EIO),
    "ESTALE": fail_with(errno.ESTALE),
    "EACCES": fail_with(errno.EACCES),
    "EROFS": fail_with(errno.EROFS),
}
every_fault = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS.keys())


def _clear(directory: Path) -> Path:
    for file in directory.iterdir():
        file.unlink()
    return directory


def _leftovers(directory: Path) -> list[str]:
    return [name for name in os.listdir(directory) if name.endswith(durable.TEMPORARY_SUFFIX)]


@every_fault
def test_a_replaced_file_is_the_old_or_the_new_one(
    tmp_path: Path, fault: Callable[[], None]
) -> None:
    path = tmp_path / "record.json"
    for _, code in each_call(
        lambda: (_clear(tmp_path) / path.name).write_bytes(OLD),
        lambda: durable.write_file(path, NEW),
        fault,
    ):
        assert path.read_bytes() in (OLD, NEW)
        if code == DONE:
            assert path.read_bytes() == NEW
        if code != DIED:
            assert len(_leftovers(tmp_path)) <= (1 if code == FAILED else 0)


@every_fault
def test_a_new_file_is_whole_or_not_there(tmp_path: Path, fault: Callable[[], None]) -> None:
    path = tmp_path / "record.json"
    for _, code in each_call(lambda: _clear(tmp_path), lambda: durable.write_new(path, NEW), fault):
        if code == DONE or path.exists():
            assert path.read_bytes() == NEW


def test_what_crashed_writers_leave_is_swept_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    path.write_bytes(OLD)
    for _ in each_call(lambda: None, lambda: durable.write_file(path, OLD), die):
        pass
    assert _leftovers(tmp_path)
    (tmp_path / "mine.tmp").write_text("keep")
    durable.sweep(tmp_path, older_than=3600)
    assert _leftovers(tmp_path), "a writer may be at work on them"
    durable.sweep(tmp_path, older_than=-1)
    assert sorted(os.listdir(tmp_path)) == ["mine.tmp", "record.json"]


@every_fault
def test_a_record_is_whole_whenever_its_store_is_killed_or_refused(
    tmp_path: Path, fault: Callable[[], None]
) -> None:
    location = Location("default", tmp_path / "environments")
    before, after = record("demo"), record("demo", status="ready", python="3.12.1")

    def prepare() -> None:
        store = Store(location)
        store.delete("demo")
        store.reserve(before)

    def change() -> None:
        try:
            Store(location).write(after)
        except EnvMgrError as error:
            # Only what a person can be told comes out of the store.
            raise SystemExit(error.code) from error

    for _, code in each_call(prepare, change, fault):
        found = Store(location).read("demo")
        assert found in (before, after)
        if code == DONE:
            assert found == after
        assert not any(isinstance(r, UnreadableRecord) for r in Store(location).records())


@every_fault
def test_a_name_is_taken_or_free_whenever_a_reservation_is_cut(
    tmp_path: Path, fault: Callable[[], None]
) -> None:
    location = Location("default", tmp_path / "environments")
    for _, code in each_call(
        lambda: Store(location).delete("demo") if location.records.exists() else None,
        lambda: Store(location).reserve(record("demo")),
        fault,
    ):
        found = Store(location).find("demo")
        assert found in (None, record("demo"))
        if code == DONE:
            assert found is not None


def _grow(path: Path) -> None:
    deep = path / "lib" / "site-packages" / "numpy"
    deep.mkdir(parents=True, exist_ok=True)
    for number in range(3):
        (deep / f"{number}.py").write_text("x")
    if not (path / "lib64").is_symlink():
        (path / "lib64").symlink_to("lib")


def test_a_removal_killed_anywhere_is_finished_by_the_next(tmp_path: Path) -> None:
    path, trash = tmp_path / "env", tmp_path / ".envmgr" / "trash"
    whole = {"lib", "lib64"}

    def remove() -> None:
        durable.remove_tree(path, made_by=durable.identity(path), trash=trash)

    for _, code in each_call(lambda: _grow(path), remove, die):
        if code == DIED and path.exists():
            assert set(os.listdir(path)) == whole, "in its place it is whole or not there"
            assert (path / "lib" / "site-packages" / "numpy" / "2.py").exists()
            remove()
        durable.empty_trash(trash)
        assert not path.exists()
        assert not trash.exists() or os.listdir(trash) == []


@pytest.mark.parametrize("number", [errno.EIO, errno.EBUSY, errno.EACCES], ids=errno.errorcode.get)
def test_a_removal_refused_anywhere_leaves_it_whole_or_in_the_trash(
    tmp_path: Path, number: int
) -> None:
    path, trash = tmp_path / "env", tmp_path / ".envmgr" / "trash"
    for _, code in each_call(
        lambda: _grow(path),
        lambda: durable.remove_tree(path, made_by=durable.identity(path), trash=trash),
        fail_with(number),
    ):
        if path.exists():
            assert code == FAILED
            assert (path / "lib" / "site-packages" / "numpy" / "2.py").exists()
        durable.empty_trash(trash)
        assert not trash.exists() or os.listdir(trash) == []


@every_fault
def test_a_log_cut_while_it_grows_goes_on_without_a_gap(
    tmp_path: Path, fault: Callable[[], None]
) -> None:
    path = tmp_path / "events.jsonl"
    events = [Event(n, "t", Output("x" * 100 * n)) for n in range(1, 9)]

    def write() -> None:
        file = LogFile(path)
        file.open()
        for event in events[len(file.events) :]:
            file.append(encode(event))
        file.append_events([])
        file.close()

    for _, code in each_call(lambda: path.unlink(missing_ok=True), write, fault):
        seen, size = read_whole(path.read_bytes(), 0) if path.exists() else ([], 0)
        assert seen == events[: len(seen)]
        if code == FAILED and path.exists():
            assert path.stat().st_size - size <= 1000
        write()
        assert read_whole(path.read_bytes(), 0) == (events, path.stat().st_size)
