"""A machine that refuses: each by the real uv, and the one sentence that it becomes."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Command
from tests.engines.bench import Bench, code_and_detail
from tests.index.server import LocalIndex
from tests.index.wheels import wheel


def test_an_interpreter_that_is_not_there(bench: Bench, small_index: LocalIndex) -> None:
    error = bench.error(small_index.url, python="/nowhere/bin/python3")
    assert code_and_detail(error) == (
        "interpreter-missing",
        "there is no Python at /nowhere/bin/python3",
    )


@pytest.mark.parametrize("program", ["/bin/ls", "/etc/passwd"])
def test_an_interpreter_that_is_none(bench: Bench, small_index: LocalIndex, program: str) -> None:
    error = bench.error(small_index.url, python=program)
    assert code_and_detail(error) == (
        "interpreter-missing",
        f"{program} does not start as a Python",
    )


def test_a_python_that_cannot_be_fetched(bench: Bench, small_index: LocalIndex) -> None:
    bench.environ = {"HTTPS_PROXY": "http://127.0.0.1:9"}
    code, detail = code_and_detail(bench.error(small_index.url, python="3.12.9", download=True))
    assert code == "python-download-failed"
    assert "Python 3.12.9 could not be fetched" in detail
    assert detail.endswith("through the proxy http://127.0.0.1:9: the connection was refused")


def test_a_python_that_uv_does_not_know(bench: Bench, small_index: LocalIndex) -> None:
    error = bench.error(small_index.url, python="3.12.999", download=True)
    assert error.code == "python-download-failed"


def test_a_path_that_is_taken(bench: Bench, small_index: LocalIndex) -> None:
    (bench.home / "environment").write_text("a file")
    error = bench.error(small_index.url)
    assert error.code == "directory-exists"
    assert str(bench.home / "environment") in error.detail


def _mounted(directory: Path, options: str) -> tuple[str, ...]:
    """Words before a command that give it a file system of its own at ``directory``."""
    script = f'mount -t tmpfs -o {options} none "$0" && exec "$@"'
    return ("unshare", "--map-root-user", "--mount", "sh", "-c", script, str(directory))


def _can_mount(directory: Path) -> bool:
    if not shutil.which("unshare"):
        return False
    words = (*_mounted(directory, "size=1m"), "true")
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize("where", ["environments", "cache"])
def test_a_full_disk(bench: Bench, small_index: LocalIndex, where: str) -> None:
    small = bench.home / "small"
    small.mkdir()
    if not _can_mount(small):
        pytest.skip("no file system can be mounted here; test_causes has the recorded output")
    small_index.add(wheel("alpha", size=4_000_000))
    bench.wrap = lambda command: replace(
        command, argv=(*_mounted(small, "size=3m"), *_after_the_venv(bench, command))
    )
    if where == "cache":
        bench.cache = small / "cache"
    prefix = small / "environment" if where == "environments" else bench.home / "environment"
    error = bench.error(small_index.url, ["alpha"], prefix=prefix)
    code, detail = code_and_detail(error)
    assert code == "disk-full"
    assert detail.startswith(f"there is no space left at {small}")
    assert ".tmp" not in detail
    assert ("UV_CACHE_DIR" in error.hint) == (where == "cache")


def _after_the_venv(bench: Bench, command: Command) -> tuple[str, ...]:
    """A command's words, the venv made before it: a file system lasts for one command only."""
    if "install" not in command.argv:
        return command.argv
    earlier = bench.commands[-1].argv
    venv = shlex.join(earlier[earlier.index(command.argv[0]) :])
    return ("sh", "-c", f'{venv} >/dev/null 2>&1; exec "$0" "$@"', *command.argv)


def test_a_read_only_disk(bench: Bench, small_index: LocalIndex) -> None:
    small = bench.home / "small"
    small.mkdir()
    if not _can_mount(small):
        pytest.skip("no file system can be mounted here; test_causes has the recorded output")
    bench.wrap = lambda command: replace(command, argv=(*_mounted(small, "ro"), *command.argv))
    error = bench.error(small_index.url, prefix=small / "environment")
    assert code_and_detail(error) == (
        "read-only-disk",
        f"nothing can be written at {small}/environment",
    )


def test_a_directory_that_may_not_be_written(bench: Bench, small_index: LocalIndex) -> None:
    locked = bench.home / "locked"
    locked.mkdir(mode=0o555)
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write anywhere, and there is no setpriv to give that up")
        # Root without the right to pass over permissions.
        without = ("setpriv", "--bounding-set=-dac_override,-dac_read_search")
        bench.wrap = lambda command: replace(command, argv=(*without, *command.argv))
    error = bench.error(small_index.url, prefix=locked / "environment")
    assert code_and_detail(error) == (
        "not-permitted",
        f"{locked}/environment cannot be written",
    )
