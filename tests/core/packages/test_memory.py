"""What is remembered of packages is never older than what lies on the disk."""

from __future__ import annotations

import os
import shutil
import threading
from typing import Any

import pytest

from jupyter_envmgr.core.packages import memory
from jupyter_envmgr.core.packages.inventory import Memory, list_packages
from tests.core.packages.listed import rows
from tests.machine import settle

from .trees import conda_record, dist_info, site_of, write


def test_the_same_memory_does_not_mix_up_who_asked(prefix):
    dist_info(site_of(prefix), "one")
    settle(prefix)
    kept = Memory()
    assert not rows(prefix, memory=kept)["one"].asked_for
    assert rows(prefix, memory=kept, asked_for=["one"])["one"].asked_for
    assert not rows(prefix, memory=kept)["one"].asked_for


class _Reads:
    """Counts what is read anew."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self.names: list[str] = []
        for module, name in ((memory, "read_distribution"), (memory, "read_conda_record")):
            patch.setattr(module, name, self._counting(getattr(module, name)))

    def _counting(self, read: Any) -> Any:
        def counted(*arguments: Any) -> Any:
            self.names.append(os.path.basename(arguments[1] if arguments[1:] else arguments[0]))
            return read(*arguments)

        return counted

    def take(self) -> list[str]:
        names, self.names = self.names, []
        return sorted(names)


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> _Reads:
    return _Reads(monkeypatch)


def test_what_has_not_changed_is_not_read_again(prefix, reads):
    site = site_of(prefix)
    dist_info(site, "one")
    conda_record(prefix, "two")
    settle(prefix)
    kept = Memory()
    first = list_packages(prefix, "conda", memory=kept)
    assert reads.take() == ["one-1.0.dist-info", "two-1.0-h0_0.json"]
    assert list_packages(prefix, "conda", memory=kept) is first
    assert reads.take() == []


def test_only_what_has_changed_is_read_again(prefix, reads):
    site = site_of(prefix)
    dist_info(site, "one")
    dist_info(site, "two")
    settle(prefix)
    kept = Memory()
    assert set(rows(prefix, memory=kept)) == {"one", "two"}
    reads.take()
    dist_info(site, "three")
    shutil.rmtree(site / "one-1.0.dist-info")
    settle(prefix)
    os.utime(site, (1_700_000_100, 1_700_000_100))
    assert set(rows(prefix, memory=kept)) == {"two", "three"}
    assert reads.take() == ["three-1.0.dist-info"]


def test_a_mark_that_is_put_into_a_metadata_directory_is_seen(prefix):
    directory = dist_info(site_of(prefix), "one")
    settle(prefix)
    kept = Memory()
    assert not rows(prefix, memory=kept)["one"].asked_for
    write(directory / "REQUESTED")
    assert rows(prefix, memory=kept)["one"].asked_for


def test_what_may_be_changing_still_is_read_again(prefix, reads):
    """Within one tick of the clock a second change leaves the time of the first."""
    directory = dist_info(site_of(prefix), "one")
    kept = Memory()
    rows(prefix, memory=kept)
    before = directory.stat()
    write(directory / "REQUESTED")
    os.utime(directory, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert rows(prefix, memory=kept)["one"].asked_for


def test_a_package_that_goes_while_it_is_listed_again_is_gone(prefix):
    site = site_of(prefix)
    dist_info(site, "one")
    dist_info(site, "two")
    settle(prefix)
    kept = Memory()
    assert set(rows(prefix, memory=kept)) == {"one", "two"}
    shutil.rmtree(site / "two-1.0.dist-info")
    os.utime(site, (1_700_000_000, 1_700_000_000))  # even if the directory's time says nothing
    assert set(rows(prefix, memory=kept)) == {"one"}


def test_the_memory_is_bounded(tmp_path):
    kept = Memory()
    for number in range(200):
        dist_info(site_of(tmp_path / str(number)), "one")
        assert list(rows(tmp_path / str(number), memory=kept)) == ["one"]
    assert len(kept._known) <= 64
    assert len(kept._lists) <= 64


def test_many_threads_get_the_same_answer(prefix):
    site = site_of(prefix)
    for number in range(100):
        dist_info(site, f"package-{number:03}")
    kept = Memory()
    answers: list[int] = []

    def ask() -> None:
        answers.extend(len(rows(prefix, memory=kept)) for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [100] * 40
