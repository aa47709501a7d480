"""What every test gets: a home of its own, and a check that it left the process as it found it."""

from __future__ import annotations

import functools
import inspect
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest_plugins = [
    "pytest_jupyter.jupyter_server",
    "tests.channel.fixtures",
    "tests.index.fixtures",
]

# What says where the package index and its certificates are. Everything else that could lead a
# test to the real home, or bend pip and Jupyter, is taken away.
_KEPT_PREFIXES = ("UV_INDEX", "UV_DEFAULT_INDEX", "UV_FIND_LINKS", "UV_HTTP_TIMEOUT")
_BENDING_PREFIXES = ("CONDA", "IPYTHON", "JUPYTER", "MAMBA", "PIP_", "PYTHON", "UV_", "XDG_")
_BENDING = ("VIRTUAL_ENV",)


def _bends(name: str) -> bool:
    if name.startswith(_KEPT_PREFIXES):
        return False
    return name in _BENDING or name.startswith(_BENDING_PREFIXES)


def pytest_configure() -> None:
    """Hear the signals that tests send to what they start, and that it would else ignore.

    A shell starts with Ctrl-C ignored what runs beside it (POSIX, sh), nohup with SIGHUP.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)


@pytest.fixture(autouse=True, scope="session")
def _home_of_the_tests(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """No test reads or writes the home of the person who runs it; only caches are shared."""
    cache = os.environ.get("UV_CACHE_DIR") or _uv_cache()
    yarn = os.environ.get("YARN_GLOBAL_FOLDER") or str(Path.home() / ".yarn/berry")
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if _bends(name):
                patch.delenv(name)
        home = tmp_path_factory.mktemp("home")
        patch.setenv("HOME", str(home))
        if cache:
            patch.setenv("UV_CACHE_DIR", cache)
        patch.setenv("YARN_GLOBAL_FOLDER", yarn)
        yield home


def _uv_cache() -> str:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        return ""
    answer = subprocess.run([uv, "cache", "dir"], capture_output=True, text=True, check=False)
    return answer.stdout.strip()


@pytest.fixture(autouse=True)
def _process_left_as_found() -> Iterator[None]:
    """A test that changes the working directory or the environment for the next one fails."""
    before = _process()
    yield
    assert _process() == before, "the test changed the working directory or os.environ"


def _process() -> tuple[str, dict[str, str]]:
    ours = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    return os.getcwd(), ours


# pytest-jupyter makes an event loop and a ServerApp for every single test. That costs each unit
# test several milliseconds, and breaks the browser tests, where Playwright's loop is running.


def _uses_a_server(request: pytest.FixtureRequest) -> bool:
    function = getattr(request, "function", None)
    asked = set(request.fixturenames) - {"jp_asyncio_loop", "jp_server_cleanup"}
    return (
        inspect.iscoroutinefunction(function)
        or any(name.startswith("jp_") for name in asked)
        or (function is not None and "jp_asyncio_loop" in inspect.signature(function).parameters)
    )


@pytest.fixture(autouse=True)
def jp_asyncio_loop(request: pytest.FixtureRequest) -> Any:
    """pytest-jupyter's loop, for the tests that have something to run in it."""
    return request.getfixturevalue("jp_asyncio_loop") if _uses_a_server(request) else None


@pytest.fixture(autouse=True)
def jp_server_cleanup(request: pytest.FixtureRequest) -> Any:
    """pytest-jupyter's cleaning up, after the tests that had a server."""
    return request.getfixturevalue("jp_server_cleanup") if _uses_a_server(request) else None


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Without a package index its tests are skipped, saying so; under CI they run, and fail."""
    if item.get_closest_marker("network") and not os.environ.get("CI") and not _index_answers():
        pytest.skip("the package index does not answer")


@functools.cache
def _index_answers() -> bool:
    uv = shutil.which("uv", path=str(Path(sys.executable).parent))
    if uv is None:
        return False
    question = [uv, "pip", "compile", "--python", sys.executable, "--no-cache", "--quiet", "-"]
    try:
        answer = subprocess.run(
            question, input="iniconfig", text=True, capture_output=True, check=False, timeout=60
        )
    except subprocess.TimeoutExpired:
        return False
    return answer.returncode == 0
