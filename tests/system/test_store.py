"""Records are exclusive, survive every version, and never stop a listing."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.environments.model import RECORD_VERSION
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Location
from jupyter_envmgr.system import store as module
from jupyter_envmgr.system.store import Store, UnreadableRecord
from tests.fakes import record


@pytest.fixture
def location(tmp_path: Path) -> Location:
    return Location("default", tmp_path / "envmgr" / "environments")


@pytest.fixture
def store(location: Location) -> Store:
    return Store(location)


def _edit(location: Location, name: str, **fields: Any) -> Path:
    path = location.records / f"{name}.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))
    return path


def test_a_location_that_is_not_there_has_no_records_and_is_not_made(
    store: Store, location: Location
) -> None:
    assert store.records() == ()
    assert store.find("demo") is None
    assert not location.path.exists()


def test_a_record_comes_back_as_it_was_written(store: Store) -> None:
    store.reserve(record("demo", remarks="für später", lock=("numpy==2.0",)))
    assert store.read("demo").remarks == "für später"
    changed = record("demo", status="ready")
    store.write(changed)
    assert store.records() == (changed,)
    store.delete("demo")
    store.delete("demo")
    assert store.records() == ()


def test_a_new_location_is_the_persons_own(store: Store, location: Location) -> None:
    store.reserve(record("demo"))
    assert stat.S_IMODE(location.path.stat().st_mode) == 0o700
    assert stat.S_IMODE(location.records.stat().st_mode) == 0o700


def test_a_name_is_taken_once_and_the_next_is_told_by_whom(store: Store) -> None:
    store.reserve(record("demo"))
    with pytest.raises(EnvMgrError) as caught:
        store.reserve(record("demo", status="ready"))
    error = caught.value
    assert error.code == "name-taken"
    assert error.errors[0].field == "name"
    for said in ("cli (process 42 on node1)", "2026-05-02T10:00:00.000Z", "abcdefgh"):
        assert said in error.detail
    assert store.read("demo").status == "creating"


def test_a_taken_name_is_a_conflict_even_if_its_record_cannot_be_read(
    store: Store, location: Location
) -> None:
    store.reserve(record("demo"))
    (location.records / "demo.json").write_text("{")
    with pytest.raises(EnvMgrError) as caught:
        store.reserve(record("demo"))
    assert caught.value.code == "name-taken"


def test_a_change_by_another_process_is_seen(store: Store, location: Location) -> None:
    store.reserve(record("demo"))
    store.records()
    other = Store(location)
    other.write(record("demo", status="ready"))
    other.reserve(record("more"))
    assert [(r.name, getattr(r, "status", None)) for r in store.records()] == [
        ("demo", "ready"),
        ("more", "creating"),
    ]
    other.delete("demo")
    assert [r.name for r in store.records()] == ["more"]


def test_an_unchanged_record_is_not_read_again(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(20):
        store.reserve(record(f"demo{number}"))
    assert len(store.records()) == 20

    def no_reading(path: Path) -> None:
        raise AssertionError(f"read {path}")

    monkeypatch.setattr(module, "_read_regular", no_reading)
    assert len(store.records()) == 20


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"{}",
        b"[" * 100_000,
        b'{"name": "demo"}',
        b'{"version": "x"}',
        b'{"version": -1}',
        b"\0" * 4096,
    ],
)
def test_a_broken_record_is_listed_with_the_reason_and_hides_no_other(
    store: Store, location: Location, content: bytes
) -> None:
    store.reserve(record("good"))
    (location.records / "demo.json").write_bytes(content)
    broken, good = store.records()
    assert isinstance(broken, UnreadableRecord)
    assert broken.name == "demo"
    assert broken.why
    assert good == record("good")
    with pytest.raises(EnvMgrError) as caught:
        store.read("demo")
    assert caught.value.code == "bad-record"


def test_links_pipes_directories_and_strange_names_neither_hang_nor_fool_it(
    store: Store, location: Location, tmp_path: Path
) -> None:
    store.reserve(record("good"))
    secret = tmp_path / "secret.json"
    secret.write_text(json.dumps({"name": "link"}))
    (location.records / "link.json").symlink_to(secret)
    os.mkfifo(location.records / "pipe.json")
    (location.records / "directory.json").mkdir()
    (location.records / "Bad Name.json").write_text("{}")
    (location.records / ".hidden.json").write_text("{}")
    (location.records / "note.txt").write_text("{}")
    (location.records / "renamed.json").write_bytes((location.records / "good.json").read_bytes())
    found = store.records()
    assert sorted(r.name for r in found if isinstance(r, UnreadableRecord)) == [
        *("Bad Name", "directory", "link", "pipe", "renamed")
    ]
    assert [r for r in found if not isinstance(r, UnreadableRecord)] == [record("good")]


def test_a_record_that_is_too_large_is_not_read(store: Store, location: Location) -> None:
    store.reserve(record("demo"))
    with open(location.records / "demo.json", "r+b") as file:
        file.truncate(10 * 1024 * 1024)
    (found,) = store.records()
    assert isinstance(found, UnreadableRecord)
    assert "too large" in found.why


@pytest.mark.parametrize("name", ["../evil", "/etc/passwd", "a/b", "", ".", "UPPER"])
def test_a_name_cannot_lead_elsewhere(store: Store, name: str) -> None:
    for verb in (store.find, store.read, store.delete):
        with pytest.raises(EnvMgrError) as caught:
            verb(name)
        assert caught.value.code == "bad-name"


def test_a_newer_version_is_read_as_far_as_it_goes_and_never_written_over(
    store: Store, location: Location
) -> None:
    store.reserve(record("demo"))
    path = _edit(location, "demo", version=RECORD_VERSION + 1, mood="sunny")
    before = path.read_bytes()
    assert store.read("demo").engine.name == "uv"
    with pytest.raises(EnvMgrError) as caught:
        store.write(record("demo"))
    assert caught.value.code == "bad-record"
    assert path.read_bytes() == before


def test_an_older_version_is_migrated_step_by_step(
    store: Store, location: Location, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.reserve(record("demo"))
    path = _edit(location, "demo", version=1, note="old words")
    before = path.read_bytes()
    monkeypatch.setattr(module, "RECORD_VERSION", 3)
    monkeypatch.setattr(
        module,
        "MIGRATIONS",
        {
            1: lambda fields: {**fields, "remark": fields["note"]},
            2: lambda fields: {**fields, "remarks": fields["remark"] + "!"},
        },
    )
    assert store.read("demo").remarks == "old words!"
    assert path.read_bytes() == before, "reading changes nothing"


def test_there_is_a_migration_from_every_older_version() -> None:
    assert set(module.MIGRATIONS) == set(range(1, RECORD_VERSION))


def test_what_a_killed_writer_left_of_a_record_goes_with_it(
    store: Store, location: Location
) -> None:
    store.reserve(record("demo"))
    store.reserve(record("demo2"))
    left = [
        location.records / f".{name}.json.0123456789ab.envmgr-tmp" for name in ("demo", "demo2")
    ]
    for path in left:
        path.write_text("half of it")
    store.delete("demo")
    assert [path.exists() for path in left] == [False, True]
    assert store.find("demo2") is not None
