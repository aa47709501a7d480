"""Jobs on the disk are found again, whole, in order, and nobody else's files are."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Event, Output
from jupyter_envmgr.core.jobs.log import encode
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.system.jobstore import JobStore, new_id
from tests.fakes import HOLDER


@pytest.fixture
def store(tmp_path: Path) -> JobStore:
    return JobStore(tmp_path / "jobs")


def _job(store: JobStore, state: str = "running") -> Job:
    job = Job(new_id(), "environments.create", "demo", "Create demo", "queued", "2026", HOLDER)
    store.create(job)
    if state != "queued":
        job = replace(job, state=state)  # type: ignore[arg-type]
        store.write(job)
    return job


def _event(seq: int) -> Event:
    return Event(seq, "t", Output(f"line {seq}"))


def test_ids_sort_by_time_and_are_never_the_same() -> None:
    made: list[list[str]] = [[] for _ in range(4)]

    def make(ids: list[str]) -> None:
        ids.extend(new_id() for _ in range(500))

    threads = [threading.Thread(target=make, args=(ids,)) for ids in made]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(ids == sorted(ids) for ids in made)
    assert len({i for ids in made for i in ids}) == 2000


def test_the_newest_job_comes_first(store: JobStore) -> None:
    made = [_job(store).id for _ in range(5)]
    assert store.ids() == made[::-1]


def test_without_a_directory_there_are_no_jobs(store: JobStore, tmp_path: Path) -> None:
    assert store.ids() == []
    assert store.read(new_id()) is None
    assert os.listdir(tmp_path) == []


@pytest.mark.parametrize("job_id", ["..", "../x", "", "a/b", "x\0y", ".trash", "A" * 20, "a" * 99])
def test_an_id_cannot_lead_elsewhere(store: JobStore, job_id: str) -> None:
    assert store.read(job_id) is None
    for verb in (store.remove, store.ask_cancel, store.cancel_asked, store.open_log):
        with pytest.raises(EnvMgrError) as caught:
            verb(job_id)
        assert caught.value.code == "no-such-job"


def test_an_id_is_used_once(store: JobStore) -> None:
    job = _job(store)
    with pytest.raises(EnvMgrError) as caught:
        store.create(job)
    assert caught.value.code == "wrong-state"


def test_events_are_read_as_they_come_and_half_a_line_is_waited_for(
    store: JobStore, tmp_path: Path
) -> None:
    job = _job(store)
    path = tmp_path / "jobs" / job.id / "events.jsonl"
    assert store.events(job.id) == []
    lines = [encode(_event(n)) for n in range(1, 4)]
    path.write_bytes(lines[0] + lines[1][:10])
    assert store.events(job.id) == [_event(1)]
    with open(path, "ab") as file:
        file.write(lines[1][10:] + lines[2])
    assert store.events(job.id) == [_event(1), _event(2), _event(3)]


def test_a_writer_that_comes_back_cuts_what_is_not_whole_and_goes_on(
    store: JobStore, tmp_path: Path
) -> None:
    job = _job(store)
    path = tmp_path / "jobs" / job.id / "events.jsonl"
    torn = encode(Event(2, "t", Output("much longer than what follows" * 9)))[:-5]
    path.write_bytes(encode(_event(1)) + torn)
    assert len(store.events(job.id)) == 1
    log = store.open_log(job.id)
    log.open()
    assert log.events == [_event(1)]
    log.append_events([_event(2), _event(3)])
    log.close()
    assert path.read_bytes() == b"".join(encode(_event(n)) for n in (1, 2, 3))
    assert store.events(job.id) == [_event(1), _event(2), _event(3)]


def test_a_request_to_cancel_is_seen_by_every_process(store: JobStore, tmp_path: Path) -> None:
    job = _job(store)
    assert not store.cancel_asked(job.id)
    JobStore(tmp_path / "jobs").ask_cancel(job.id)
    assert store.cancel_asked(job.id)
    read = store.read(job.id)
    assert read is not None
    assert read.cancelling


def test_silence_is_measured_by_the_clock_of_the_disk(store: JobStore, tmp_path: Path) -> None:
    job = _job(store)
    assert store.silence(job.id) < 5
    heartbeat = tmp_path / "jobs" / job.id / "heartbeat"
    past = time.time() - 90
    os.utime(heartbeat, (past, past))
    assert 85 < store.silence(job.id) < 95
    store.beat(job.id)
    assert store.silence(job.id) < 5


def test_a_removed_job_leaves_nothing(store: JobStore, tmp_path: Path) -> None:
    job = _job(store, "succeeded")
    store.events(job.id)
    store.remove(job.id)
    store.remove(job.id)
    assert store.read(job.id) is None
    assert store.ids() == []
    assert os.listdir(tmp_path / "jobs" / ".trash") == []


@pytest.mark.parametrize("content", ["", "{", "[]", '{"id": "x"}', "\0" * 50])
def test_a_job_that_cannot_be_read_is_none(store: JobStore, tmp_path: Path, content: str) -> None:
    job = _job(store)
    (tmp_path / "jobs" / job.id / "job.json").write_text(content)
    assert store.read(job.id) is None


def test_tidying_removes_only_old_directories_that_never_became_a_job(
    store: JobStore, tmp_path: Path
) -> None:
    kept, old, young = (_job(store).id for _ in range(3))
    for job_id in (old, young):
        (tmp_path / "jobs" / job_id / "job.json").unlink()
    os.utime(tmp_path / "jobs" / old, (0, 0))
    os.utime(tmp_path / "jobs" / kept, (0, 0))
    store.tidy()
    assert sorted(store.ids()) == sorted([kept, young])


@pytest.mark.timeout(10)
@pytest.mark.parametrize("name", ["job.json", "events.jsonl", "cancel"])
def test_a_fifo_in_the_place_of_a_file_is_not_waited_for(tmp_path: Path, name: str) -> None:
    store = JobStore(tmp_path)
    job = Job(new_id(), "environments.create", "demo", "Create demo", "running", "2026", HOLDER)
    store.create(job)
    file = tmp_path / job.id / name
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    assert (store.read(job.id) is None) == (name == "job.json")
    assert store.events(job.id) == []
    assert not store.cancel_asked(job.id)
