"""Disks that are full, read-only or somebody else's, as py-rattler meets them."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from tests.channel.build import Channel
from tests.engines.rattler_bench import RattlerBench


def mounted(directory: Path, options: str) -> tuple[str, ...]:
    """The beginning of a command that sees a small file system of its own at ``directory``."""
    script = f'mount -t tmpfs -o {options} none "$0" && exec "$@"'
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", script, str(directory))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A directory that another file system can be mounted on."""
    directory = tmp_path / "small"
    directory.mkdir()
    words = (*mounted(directory, "size=1m"), "true")
    if not shutil.which("unshare") or subprocess.run(words, check=False).returncode:
        pytest.skip("no file system can be mounted here; test_rattler_words has the words")
    return directory


def failure(bench: RattlerBench, url: str, *specs: str, **changes: object) -> tuple[str, str]:
    with pytest.raises(EnvMgrError) as caught:
        bench.create(url, *specs, **changes)
    return caught.value.problem.code, caught.value.problem.detail


def test_a_full_disk_of_the_environment(
    rattler_bench: RattlerBench, conda_channel: Channel, small: Path
) -> None:
    rattler_bench.create(conda_channel.url, "heavy")
    rattler_bench.wrap = lambda c: replace(c, argv=(*mounted(small, "size=4m"), *c.argv))
    prefix = small / "environment"
    code, detail = failure(rattler_bench, conda_channel.url, "heavy", prefix=prefix)
    assert (code, detail) == ("disk-full", f"there is no space left at {prefix}")


def test_a_full_disk_of_the_cache(
    rattler_bench: RattlerBench, conda_channel: Channel, small: Path
) -> None:
    rattler_bench.cache = small / "cache"
    rattler_bench.wrap = lambda c: replace(c, argv=(*mounted(small, "size=4m"), *c.argv))
    code, detail = failure(rattler_bench, conda_channel.url, "heavy")
    assert code == "disk-full"
    assert f"{small}/cache" in detail


def test_a_read_only_disk(rattler_bench: RattlerBench, conda_channel: Channel, small: Path) -> None:
    rattler_bench.wrap = lambda c: replace(c, argv=(*mounted(small, "ro"), *c.argv))
    code, detail = failure(rattler_bench, conda_channel.url, "left", prefix=small / "environment")
    assert code == "read-only-disk"
    assert str(small) in detail


@pytest.mark.parametrize("where", ["environment", "cache"])
def test_a_directory_that_may_not_be_written(
    tmp_path: Path, conda_channel: Channel, where: str
) -> None:
    bench = RattlerBench(tmp_path, tmp_path / "cache")
    if os.getuid() == 0:
        # Root may write anywhere, unless it gives that up.
        if not shutil.which("setpriv"):
            pytest.skip("root cannot be told from anybody here")
        nobody = ("setpriv", "--bounding-set=-all", "--inh-caps=-all", "--")
        bench.wrap = lambda command: replace(command, argv=(*nobody, *command.argv))
    locked = tmp_path / "locked"
    locked.mkdir(mode=0o500)
    try:
        if where == "cache":
            bench.cache = locked / "cache"
            code, detail = failure(bench, conda_channel.url, "left")
        else:
            code, detail = failure(bench, conda_channel.url, "left", prefix=locked / "environment")
    finally:
        locked.chmod(0o700)
    assert code == "not-permitted"
    assert str(locked) in detail
