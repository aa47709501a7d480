"""What a person meets: each failure by the real uv, and the one sentence that it becomes."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Command
from jupyter_envmgr.core.errors import EnvMgrError
from tests.engines.bench import Bench
from tests.index.server import LocalIndex
from tests.index.wheels import sdist, wheel


def code_and_detail(error: EnvMgrError) -> tuple[str, str]:
    assert error.hint, "every failure has a hint"
    return error.code, error.detail


# --- Requirements ---


def test_no_such_package(bench: Bench, small_index: LocalIndex) -> None:
    error = bench.error(small_index.url, ["no-such-thing"])
    assert code_and_detail(error) == (
        "no-such-package",
        f"{small_index.url} has no package no-such-thing",
    )


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("sklearn", "Did you mean scikit-learn?"),
        ("cv2", "Did you mean opencv-python?"),
        ("pandsa", "Did you mean pandas?"),
        ("sqlite3", "sqlite3 is a part of Python itself: leave it out."),
    ],
)
def test_a_name_that_was_meant_otherwise_gets_a_hint(
    bench: Bench, small_index: LocalIndex, name: str, hint: str
) -> None:
    error = bench.error(small_index.url, [name])
    assert (error.code, error.hint) == ("no-such-package", hint)


def test_a_package_that_another_one_needs_is_missing(bench: Bench, small_index: LocalIndex) -> None:
    small_index.add(wheel("alpha", requires=["no-such-thing>=2"]))
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "no-such-package"
    assert detail.endswith("has no package no-such-thing, which alpha needs")


def test_an_index_that_lacks_what_every_environment_needs(bench: Bench) -> None:
    with LocalIndex([wheel("alpha"), wheel("pip")]) as index:
        code, detail = code_and_detail(bench.error(index.url, ["alpha"]))
    assert code == "no-such-package"
    assert detail.endswith("has no package ipykernel, which every environment needs")


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("alpha==7", "has no alpha==7"),
        ("alpha>=3", "has no alpha>=3: there is nothing newer than 2.0"),
        ("alpha<0.5", "has no alpha<0.5: there is nothing older than 1.0"),
        ("beta>1", "has no beta>1: there is only 1.0"),
        ("alpha>1,<2", "has no alpha<2,>1: there is nothing between 1 and 2"),
        ("alpha!=1.0,<2", "has no alpha!=1.0,<2: there is only 1.0, >=2"),
        ("alpha[x]>=9", "has no alpha[x]>=9: there is nothing newer than 2.0"),
    ],
)
def test_no_such_version(bench: Bench, small_index: LocalIndex, line: str, words: str) -> None:
    small_index.add(wheel("alpha", "1.0"), wheel("alpha", "2.0"), wheel("beta", "1.0"))
    code, detail = code_and_detail(bench.error(small_index.url, [line]))
    assert code == "no-such-version"
    assert words in detail


def test_no_such_version_of_what_another_one_needs(bench: Bench, small_index: LocalIndex) -> None:
    small_index.add(
        wheel("alpha", "1.0"),
        wheel("beta", "1.0", requires=["alpha>7"]),
        wheel("beta", "2.0", requires=["alpha>9"]),
    )
    code, detail = code_and_detail(bench.error(small_index.url, ["beta"]))
    assert code == "no-such-version"
    assert "has no alpha>" in detail
    assert "which beta" in detail


@pytest.mark.parametrize("line", ["alpha", "alpha==1.0"])
def test_no_version_for_this_python(bench: Bench, small_index: LocalIndex, line: str) -> None:
    small_index.add(wheel("alpha", "1.0", requires_python=">=3.99"))
    code, detail = code_and_detail(bench.error(small_index.url, [line]))
    assert code == "no-version-for-python"
    assert detail.startswith("alpha==1.0 needs Python >=3.99, and this is Python 3.")


def test_no_wheel_for_this_python(bench: Bench, small_index: LocalIndex) -> None:
    small_index.add(wheel("alpha", tag="cp36-cp36m-manylinux_2_17_x86_64"))
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "no-version-for-python"
    assert detail == "alpha==1.0 has no build for this Python: there are only ones for cp36m"


def test_no_wheel_for_this_machine(bench: Bench, small_index: LocalIndex) -> None:
    small_index.add(wheel("alpha", tag="py3-none-win_amd64"))
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "no-wheel-for-platform"
    assert detail == "alpha==1.0 has no build for this machine: there are only ones for win_amd64"


@pytest.mark.parametrize(
    ("lines", "detail"),
    [
        (["alpha==1.0", "alpha==2.0"], "you ask for alpha==1.0 and for alpha==2.0"),
        (["alpha<2", "alpha>=2"], "you ask for alpha<2 and for alpha>=2"),
        (["beta", "alpha==2.0"], "beta needs alpha<2, but you ask for alpha==2.0"),
        (["beta==1.0", "alpha>=2"], "beta needs alpha<2, but you ask for alpha>=2"),
        (["beta", "gamma"], "gamma needs alpha>=2, but beta needs alpha<2"),
    ],
)
def test_a_conflict_names_both_sides(
    bench: Bench, small_index: LocalIndex, lines: list[str], detail: str
) -> None:
    small_index.add(
        wheel("alpha", "1.0"),
        wheel("alpha", "2.0"),
        wheel("beta", requires=["alpha<2"]),
        wheel("gamma", requires=["alpha>=2"]),
    )
    error = bench.error(small_index.url, lines)
    assert code_and_detail(error) == ("requirements-conflict", detail)


def test_a_requirement_that_uv_cannot_read(bench: Bench, small_index: LocalIndex) -> None:
    plan = bench.plan(small_index.url, requirements=("alpha===what", "ipykernel"))
    error = bench.carry_out(plan)
    assert error
    assert error.code == "bad-requirement"
    assert "alpha===what" in error.detail


# --- The index ---


def test_an_index_that_nobody_runs(bench: Bench, small_index: LocalIndex) -> None:
    with LocalIndex() as gone:
        url = gone.url
    error = bench.error(url)
    assert code_and_detail(error) == (
        "index-unreachable",
        f"{url} cannot be reached: the connection was refused",
    )


def test_an_index_whose_host_is_not_known(bench: Bench) -> None:
    code, detail = code_and_detail(bench.error("https://no-such-host.invalid/simple"))
    assert code == "index-unreachable"
    assert detail == (
        "https://no-such-host.invalid/simple cannot be reached: no such host is known"
    )


def test_a_proxy_that_does_not_answer_is_named_without_its_password(bench: Bench) -> None:
    bench.environ = {"HTTP_PROXY": "http://me:geheimnis@127.0.0.1:9", "NO_PROXY": ""}
    code, detail = code_and_detail(bench.error("http://index.example/simple"))
    assert code == "index-unreachable"
    assert "through the proxy http://127.0.0.1:9" in detail
    assert "geheimnis" not in detail


def test_an_index_that_answers_404_for_everything(bench: Bench, small_index: LocalIndex) -> None:
    small_index.status = 404
    error = bench.error(small_index.url, ["alpha==1.0", "beta"])
    assert code_and_detail(error) == (
        "index-not-found",
        f"{small_index.url} answers 404 for every package",
    )


def test_a_web_page_is_not_an_index(bench: Bench, small_index: LocalIndex) -> None:
    small_index.garbage = True
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "index-not-found"
    assert detail.startswith(small_index.url)


def test_a_wrong_version_in_a_web_page_asks_whether_the_index_is_right(
    bench: Bench, small_index: LocalIndex
) -> None:
    small_index.garbage = True
    error = bench.error(small_index.url, ["alpha==1.0"])
    assert error.code in ("no-such-version", "index-not-found")
    assert "index" in error.hint


@pytest.mark.parametrize(
    ("status", "words"), [(401, "wants valid credentials (401)"), (403, "refuses access (403)")]
)
def test_an_index_that_refuses_us(
    bench: Bench, small_index: LocalIndex, status: int, words: str
) -> None:
    small_index.status = status
    error = bench.error(small_index.url)
    assert code_and_detail(error) == ("index-unauthorised", f"{small_index.url} {words}")


def test_wrong_credentials_are_said_without_the_password(
    bench: Bench, small_index: LocalIndex
) -> None:
    small_index.credentials = ("me", "right")
    error = bench.error(small_index.url_with("me", "wrongword"))
    assert error.code == "index-unauthorised"
    assert "wrongword" not in repr(error.problem)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_an_index_in_trouble(bench: Bench, small_index: LocalIndex, status: int) -> None:
    small_index.status = status
    code, detail = code_and_detail(bench.error(small_index.url))
    assert code == "index-unreachable"
    assert detail.startswith(f"{small_index.url} answers {status}")


def test_a_certificate_that_nobody_trusts(bench: Bench) -> None:
    with LocalIndex([wheel("ipykernel"), wheel("pip")], tls=True) as index:
        code, detail = code_and_detail(bench.error(index.url))
        assert code == "tls-failed"
        assert detail.startswith(f"the certificate of {index.url} is not trusted")


def test_https_where_http_is_spoken(bench: Bench, small_index: LocalIndex) -> None:
    url = small_index.url.replace("http:", "https:")
    code, detail = code_and_detail(bench.error(url))
    assert code == "index-unreachable"
    assert "http may be right" in detail


def test_no_network_by_configuration(bench: Bench, small_index: LocalIndex) -> None:
    bench.environ = {"UV_OFFLINE": "1"}
    bench.cache = bench.home / "empty"
    code, detail = code_and_detail(bench.error(small_index.url))
    assert code == "index-unreachable"
    assert "UV_OFFLINE" in detail


def test_a_download_that_was_changed_on_its_way(bench: Bench, small_index: LocalIndex) -> None:
    package = wheel("alpha")
    small_index.add(package)
    small_index.damage.add(package.filename)
    error = bench.error(small_index.url, ["alpha"])
    assert code_and_detail(error) == ("download-damaged", "the download of alpha 1.0 is damaged")


def test_a_download_that_stalls(bench: Bench, small_index: LocalIndex) -> None:
    package = wheel("alpha", size=2_000_000)
    small_index.add(package)
    small_index.held.add(package.filename)
    bench.environ = {"UV_HTTP_TIMEOUT": "1", "UV_HTTP_RETRIES": "0"}
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "index-unreachable"
    assert detail == "the download of alpha 1.0 broke off: it did not answer in time"


def test_a_tool_that_is_killed(bench: Bench, small_index: LocalIndex) -> None:
    package = wheel("alpha", size=2_000_000)
    small_index.add(package)
    small_index.held.add(package.filename)
    killer = threading.Thread(target=_kill_when_held, args=(small_index, bench.home))
    killer.start()
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    killer.join()
    assert (code, "memory" in detail) == ("killed", True)


def _kill_when_held(index: LocalIndex, home: Path) -> None:
    """End the uv that works for this bench, as the kernel does when memory is short."""
    index.is_held.wait()
    for process in Path("/proc").iterdir():
        if process.name.isdigit():
            try:
                words = (process / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if words[0].endswith(b"/uv") and any(os.fsencode(home) in word for word in words):
                os.kill(int(process.name), 9)


# --- The machine ---


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


# --- Builds ---

COMPILE = """
import shlex, subprocess, sysconfig
compiler = shlex.split(sysconfig.get_config_var("CC"))
subprocess.run([*compiler, "-c", "alpha.c", "-o", "alpha.o"], check=True)
"""


def test_a_build_without_a_compiler(bench: Bench, small_index: LocalIndex) -> None:
    small_index.add(sdist("alpha", backend=COMPILE))
    bench.environ = {"PATH": str(bench.home / "empty")}
    code, detail = code_and_detail(bench.error(small_index.url, ["alpha"]))
    assert code == "no-compiler"
    assert detail.startswith("alpha 1.0 must be compiled, and this is missing here: ")


def test_a_build_that_fails_says_its_last_words(bench: Bench, small_index: LocalIndex) -> None:
    small_index.add(sdist("alpha", backend="raise ValueError('the moon is not full')"))
    error = bench.error(small_index.url, ["alpha"])
    assert code_and_detail(error) == (
        "build-failed",
        "alpha 1.0 could not be built: ValueError: the moon is not full",
    )
