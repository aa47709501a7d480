"""Failures recognised in what real tools said, once: outputs that were recorded."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Outcome
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.indexes import Indexes
from jupyter_envmgr.engines.causes import explain
from jupyter_envmgr.engines.failure import Asked

RECORDED = Path(__file__).parent / "recorded"
MIRROR = "https://mirror.example/simple"


def explained(stderr: str, *, step: str = "install", code: int = 1, url: str = "") -> EnvMgrError:
    asked = Asked("/home/ada/environment", "/usr/bin/python3", (), Indexes(default=url or None))
    return explain(step, Outcome(code, "", stderr, 1.0), asked)


CASES = [
    ("setuptools-without-gcc", "no-compiler", "psutil 5.9.0 must be compiled*here: gcc"),
    ("meson-without-compiler", "no-compiler", "contourpy 1.3.0 must be compiled*here: c++"),
    ("cmake-without-compiler", "no-compiler", "dlib 19.24.2 must be compiled*a C compiler"),
    ("autoconf-without-compiler", "no-compiler", "pycrypto 2.6.1 must be*a C compiler"),
    ("without-rust", "no-compiler", "tokenizers 0.12.0 must be compiled*here: Rust"),
    ("without-pkg-config", "no-compiler", "mysqlclient 2.2.4 must be compiled*pkg-config"),
    ("undeclared-dependency", "build-failed", "flash-attn 2.5.0 could not be built*needs torch"),
    ("backend-crashed", "build-failed", "mpi4py 3.1.6 could not be built: TypeError: new_comp"),
    ("deprecated-name", "build-failed", "sklearn*use 'scikit-learn'"),
    ("requires-python", "no-version-for-python", "numpy==2.3.0 needs Python >=3.11*3.9.18"),
    ("no-wheel-for-python", "no-version-for-python", "tensorflow==2.15.0*cp39, cp310, cp311"),
    ("windows-only", "no-wheel-for-platform", "triton-windows*only ones for win_amd64"),
    (
        "conflict-direct",
        "requirements-conflict",
        "tensorflow==2.15.0 needs numpy>=1.23.5,<2.0.0, but you ask for numpy==2.1.0",
    ),
    (
        "conflict-torch",
        "requirements-conflict",
        "torchvision==0.19.0 needs torch==2.4.0, but you ask for torch==2.3.0",
    ),
    (
        "uv-0.9-conflict",
        "requirements-conflict",
        "tensorflow==2.15.0 needs numpy>=1.23.5,<2.0.0, but you ask for numpy==2.1.0",
    ),
    (
        "git-missing",
        "git-missing",
        "https://git.example/x.git is a repository, and there is no git",
    ),
    ("git-private", "repository-refused", "https://git.example/x.git is not there, or"),
    ("git-not-found", "repository-refused", "https://git.example/x.git is not there, or"),
    ("git-no-host", "repository-unreachable", "https://git.example/x.git does not answer"),
    ("git-refused", "repository-unreachable", "https://git.example/x.git does not answer"),
    ("git-ssh-refused", "repository-unreachable", "ssh://git.example/x.git does not answer"),
    ("git-no-tag", "no-such-version", "has no branch, tag or commit nope"),
    ("uv-0.9-no-package", "no-such-package", "has no package nunpy-zzz"),
    ("uv-0.9-refused", "index-unreachable", "https://127.0.0.1:9*connection was refused"),
]


@pytest.mark.parametrize(("name", "code", "words"), CASES, ids=[case[0] for case in CASES])
def test_what_a_real_tool_said_is_understood(name: str, code: str, words: str) -> None:
    error = explained((RECORDED / f"{name}.txt").read_text())
    assert error.code == code
    for part in words.split("*"):
        assert part in error.detail
    assert len(error.detail) < 300
    assert error.hint


_OF_OTHERS = ("conda-", "mamba-", "micromamba-")


def test_every_recording_is_used() -> None:
    ours = {p.stem for p in RECORDED.glob("*.txt") if not p.name.startswith(_OF_OTHERS)}
    assert ours == {case[0] for case in CASES}


def test_the_hints_say_what_to_do() -> None:
    assert "scikit-learn" in explained((RECORDED / "deprecated-name.txt").read_text()).hint
    hint = explained((RECORDED / "undeclared-dependency.txt").read_text()).hint
    assert "pip install --no-build-isolation flash-attn" in hint


SYSTEM = """\
error: Failed to install: big-1.0-py3-none-any.whl (big==1.0)
  cause: Failed to copy to `/home/ada/environment/lib/python3.11/site-packages/big/data.bin`
  cause: failed to copy file from /home/ada/.cache/uv/archive-v0/x/big/data.bin to \
/home/ada/environment/lib/python3.11/site-packages/big/.tmpjdqYzv: %s
"""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("No space left on device (os error 28)", "disk-full"),
        ("Disk quota exceeded (os error 122)", "quota-exceeded"),
        ("Read-only file system (os error 30)", "read-only-disk"),
        ("Permission denied (os error 13)", "not-permitted"),
        ("Operation not permitted (os error 1)", "not-permitted"),
    ],
)
def test_what_the_system_refuses_is_said_with_the_environments_path(words: str, code: str) -> None:
    error = explained(SYSTEM % words, code=2)
    assert error.code == code
    assert "/home/ada/environment" in error.detail
    assert "site-packages" not in error.detail


def test_a_cache_that_cannot_be_written_is_named() -> None:
    text = (
        "error: Failed to initialize cache at `/home/ada/.cache/uv`\n"
        "  cause: failed to create directory `/home/ada/.cache/uv`: Permission denied (os error 13)"
    )
    error = explained(text, step="venv", code=2)
    assert (error.code, error.detail) == ("not-permitted", "/home/ada/.cache/uv cannot be written")
    assert "UV_CACHE_DIR" in error.hint


@pytest.mark.parametrize(
    ("cause", "code", "words"),
    [
        ("operation timed out", "index-unreachable", "did not answer in time"),
        ("Network is unreachable (os error 101)", "index-unreachable", "there is no network"),
        ("No route to host (os error 113)", "index-unreachable", "no way to that host"),
        ("connection closed before message completed", "index-unreachable", "it hung up"),
        ("tunnel error: unsuccessful", "index-unreachable", "the proxy does not let us through"),
        ("invalid peer certificate: Expired", "tls-failed", "it has expired"),
        ("invalid peer certificate: NotValidForName", "tls-failed", "for another host"),
        ("invalid peer certificate: UnknownIssuer", "tls-failed", "nobody whom this machine"),
    ],
)
def test_what_happens_on_the_way_is_said_of_the_index(cause: str, code: str, words: str) -> None:
    text = (
        f"error: Failed to fetch: {MIRROR}/six/\n"
        f"  cause: error sending request for url ({MIRROR}/six/)\n"
        f"  cause: client error (Connect)\n  cause: {cause}"
    )
    error = explained(text, code=2, url=MIRROR)
    assert error.code == code
    assert words in error.detail
    assert MIRROR in error.detail
    assert "six" not in error.detail


def test_a_hash_that_does_not_match() -> None:
    text = "error: Failed to download `alpha==1.0`\n  cause: Hash mismatch for `alpha==1.0`\n"
    error = explained(text)
    assert error.code == "hash-mismatch"
    assert "alpha 1.0" in error.detail


def test_a_file_that_is_not_the_locked_one_says_which_hash_it_has() -> None:
    text = (
        "error: Failed to download `alpha==1.0`\n"
        "  cause: Hash mismatch for `alpha==1.0`\n\n"
        f"         Expected:\n           sha256:{'0' * 64}\n           sha512:{'1' * 128}\n\n"
        f"         Computed:\n           sha256:{'2' * 64}\n           sha512:{'3' * 128}\n\n"
        "hint: `alpha` (v1.0) was included because `beta` (v2) depends on `alpha`\n"
    )
    error = explained(text)
    assert error.code == "hash-mismatch"
    assert "alpha 1.0" in error.detail
    assert f"sha256:{'2' * 64}" in error.detail
    assert "lock the packages anew" in error.hint


@pytest.mark.parametrize(
    "text",
    [
        "error: Hash-checking is required, but no trusted hash was provided for: `beta`",
        "error: In `--require-hashes` mode, all requirements must have their versions pinned with "
        "`==`, but found: beta>=1",
    ],
)
def test_what_is_needed_and_has_no_hash(text: str) -> None:
    error = explained(text)
    assert error.code == "hash-missing"
    assert "beta" in error.detail


@pytest.mark.parametrize(("code", "words"), [(-9, "memory"), (-15, "SIGTERM"), (-11, "SIGSEGV")])
def test_a_signal_is_no_success_and_no_tool_failure(code: int, words: str) -> None:
    error = explained("Resolved 3 packages in 5ms\n", code=code)
    assert error.code == "killed"
    assert words in error.detail


@pytest.mark.parametrize(
    ("stderr", "detail"),
    [
        ("", "uv ended with code 3 and said nothing"),
        ("error: the moon is not full\n", "the moon is not full"),
        ("error: outer\n  cause: inner\n", "inner"),
        ("TRACE noise\nDEBUG more noise\n", "uv ended with code 3 and said nothing"),
    ],
)
def test_what_is_not_recognised_keeps_the_tools_own_words(stderr: str, detail: str) -> None:
    error = explained(stderr, code=3)
    assert (error.code, error.detail) == ("tool-failed", detail)


def test_a_long_list_of_versions_is_cut() -> None:
    versions = "\n".join(f"             alpha==1.{i}" for i in range(30))
    text = (
        "error: No solution found when resolving dependencies\n"
        f"  cause: Because only the following versions of alpha are available:\n{versions}\n"
        "         and you require alpha>=2, we can conclude that your requirements are "
        "unsatisfiable."
    )
    error = explained(text)
    assert error.code == "no-such-version"
    assert error.detail.endswith(
        "has no alpha>=2: there is only 1.0, 1.1, 1.2, …, 1.27, 1.28, 1.29"
    )


def test_a_404_of_one_package_among_others_is_not_a_wrong_index() -> None:
    answers = (
        f"TRACE Received response for fresh request with status 404 Not Found for: {MIRROR}/nope/\n"
        f"TRACE Received response for fresh request with status 200 OK for: {MIRROR}/pip/\n"
    )
    text = (
        "error: No solution found when resolving dependencies\n"
        "  cause: Because nope was not found in the package registry and you require nope, "
        "we can conclude that your requirements are unsatisfiable."
    )
    assert explained(answers + text, url=MIRROR).code == "no-such-package"
    assert explained(answers.replace("200 OK", "404 NF") + text, url=MIRROR).code == (
        "index-not-found"
    )
