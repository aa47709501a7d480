"""What conda and mamba say when they fail is understood: recorded, and told in our words.

All were recorded; ``micromamba-next`` is what comes after 2.8.1 (mamba 03564bf). conda's own
solver has ``-classic`` in the name, the others are the solver rattler's.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Outcome
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.conda_cli_answers import find_answer
from jupyter_envmgr.engines.conda_cli_causes import explain
from jupyter_envmgr.engines.conda_cli_told import CliAsked

RECORDED = Path(__file__).parents[1] / "recorded"
LAB = "http://channel.example/lab"
PREFIX = "/home/me/environment"


def outcome(name: str) -> Outcome:
    head, _, rest = (RECORDED / f"{name}.txt").read_text().partition("\n-- stdout\n")
    stdout, _, stderr = rest.partition("-- stderr\n")
    return Outcome(int(head.removeprefix("rc ")), stdout, stderr, 1.0)


def told(name: str, *specs: str, offline: bool = False) -> EnvMgrError:
    said = outcome(name)
    tool = name.partition("-")[0]
    asked = CliAsked(tool, PREFIX, specs or ("alpha",), (LAB,), offline)
    return explain(find_answer(said.stdout), said, asked)


CASES = [
    ("no-package", "no-such-package", f"{LAB} has no nosuch"),
    ("no-package-classic", "no-such-package", f"{LAB} has no nosuch"),
    ("no-version", "no-such-version", f"{LAB} has no alpha=7"),
    ("no-dependency", "no-such-package", f"no nowhere in {LAB}, which orphan 1.0 needs"),
    (
        "no-dependency-classic",
        "no-such-package",
        f"{LAB} has no nowhere, which alpha needs",
    ),
    (
        "conflict",
        "requirements-conflict",
        "gamma 1.0 needs beta <2, and alpha 2.0 needs beta >=2",
    ),
    (
        "conflict-classic",
        "requirements-conflict",
        "gamma needs beta <2, and alpha=2 needs beta >=2",
    ),
    (
        "no-cuda",
        "no-wheel-for-platform",
        "needs-cuda 1.0 needs an NVIDIA driver of version >=12 (__cuda), which this machine does"
        " not have",
    ),
    (
        "no-cuda-classic",
        "no-wheel-for-platform",
        "alpha needs an NVIDIA driver of version >=12 (__cuda), which this machine does not have",
    ),
    ("refused", "index-unreachable", f"{LAB} cannot be reached: the connection was refused"),
    (
        "no-host",
        "index-unreachable",
        "http://no.such.host.invalid/lab cannot be reached: no such host is known",
    ),
    ("proxy", "index-unreachable", "the proxy does not let us through"),
    ("tls", "tls-failed", "is not trusted: unable to get local issuer certificate"),
    ("channel-503", "index-unreachable", f"{LAB} answers 503"),
    ("unauthorised", "index-unauthorised", f"the channel {LAB} wants valid credentials (401)"),
    (
        "download-404",
        "index-unreachable",
        f"{LAB} lists alpha-2.0-0.tar.bz2 but does not have it (404)",
    ),
    ("damaged", "hash-mismatch", "the download of alpha-2.0-0.tar.bz2 does not match its hash"),
    ("damaged-cache", "download-damaged", "alpha is damaged in the package cache"),
    ("post-link", "link-script-failed", "the post-link script of fails-1.0-0 failed: no good"),
    (
        "bad-spec",
        "bad-requirement",
        "Invalid spec 'alpha>>1': Invalid version '>>1': invalid operator",
    ),
    ("disk-full", "disk-full", f"there is no space left at {PREFIX}"),
    (
        "disk-full-cache",
        "disk-full",
        f"there is no space left at {PREFIX} or in the package cache",
    ),
    ("read-only", "not-permitted", f"{PREFIX} cannot be written"),
    ("frozen", "read-only", f"{PREFIX} is marked as frozen (conda-meta/frozen)"),
    ("not-installed", "no-such-package", f"gamma is not installed in {PREFIX}"),
    ("not-installed-update", "no-such-package", f"gamma is not installed in {PREFIX}"),
    ("no-environment", "no-such-environment", f"there is no conda environment at {PREFIX}"),
    ("bad-condarc", "bad-configuration", "while parsing a flow sequence"),
    ("bad-condarc-value", "bad-configuration", "conda cannot use its configuration"),
    ("no-solver", "bad-configuration", "solver backend (libmamba)"),
    ("denied", "not-allowed", f"the configuration of conda does not allow {LAB}"),
    ("no-package-cache", "not-permitted", "/proc/pkgs cannot be written"),
    ("terms", "terms-not-accepted", f"{LAB} has terms of service that you have not accepted"),
]

ASKED = {"no-package-classic": ("nosuch",), "no-package": ("nosuch",), "no-version": ("alpha=7",)}

MAMBA = [
    ("no-version", "no-such-version", f"no alpha =7 in {LAB}"),
    ("no-package", "no-such-package", f"no nosuch in {LAB}"),
    ("plan-no-package", "no-such-package", f"no nosuch in {LAB}"),
    ("no-dependency", "no-such-package", f"no nowhere in {LAB}, which orphan needs"),
    ("conflict", "requirements-conflict", "alpha =2 needs beta >=2, and gamma needs beta <2"),
    ("plan-conflict", "requirements-conflict", "alpha =2 needs beta >=2, and gamma needs beta <2"),
    ("two-pythons", "requirements-conflict", "you ask for python =3.12 and for python =3.13"),
    (
        "no-cuda",
        "no-wheel-for-platform",
        "needs-cuda 1.0 needs an NVIDIA driver of version >=12 (__cuda), which this machine does"
        " not have",
    ),
    (
        "channel-priority",
        "requirements-conflict",
        "alpha needs beta ==1.19.0, and that does not fit",
    ),
    ("no-environment", "no-such-environment", f"there is no conda environment at {PREFIX}"),
    ("no-host", "index-unreachable", f"{LAB} cannot be reached: no such host is known"),
    ("refused", "index-unreachable", f"{LAB} cannot be reached: the connection was refused"),
    ("unauthorised", "index-unauthorised", f"the channel {LAB} wants valid credentials (401)"),
    ("not-a-channel", "index-not-found", f"there is no channel {LAB}"),
    ("channel-503", "index-unreachable", f"{LAB} answers 503"),
    (
        "download-404",
        "index-unreachable",
        f"{LAB} lists alpha-2.0-0.tar.bz2 but does not have it (404)",
    ),
    ("damaged", "hash-mismatch", "the download of alpha-2.0-0.tar.bz2 does not match its hash"),
    (
        "tls",
        "tls-failed",
        f"the certificate of {LAB} is not trusted: self-signed certificate",
    ),
    ("in-the-way", "directory-exists", f"{PREFIX} exists already"),
    ("disk-full", "disk-full", f"there is no space left at {PREFIX}"),
    ("disk-full-cache", "disk-full", "there is no space left at /scratch/pkgs/"),
    ("read-only-cache", "not-permitted", "the package cache cannot be written"),
    ("bad-spec", "bad-requirement", 'Error parsing version ">1".'),
    ("interrupted", "interrupted", "mamba was interrupted"),
]

MAMBA_ENDED_WELL = {
    *("create", "locked", "not-installed", "nothing-to-do", "plan", "plan-change", "plan-remove"),
    *("post-link", "remove", "search", "search-nothing", "update", "update-all"),
}


@pytest.mark.parametrize(("name", "code", "words"), CASES, ids=[case[0] for case in CASES])
def test_what_conda_said_is_told_in_our_words(name: str, code: str, words: str) -> None:
    error = told(f"conda-26.7-{name}", *ASKED.get(name, ()))
    assert error.code == code, error.detail
    assert words in error.detail


@pytest.mark.parametrize(("name", "code", "words"), MAMBA, ids=[case[0] for case in MAMBA])
def test_what_mamba_says_is_told_in_our_words(name: str, code: str, words: str) -> None:
    error = told(f"mamba-2.8.1-{name}")
    assert error.code == code, error.detail
    assert words in error.detail


def test_every_answer_that_was_recorded_is_one() -> None:
    for path in RECORDED.glob("conda-26.7-*.txt"):
        if path.stem != "conda-26.7-bad-spec":
            assert find_answer(outcome(path.stem).stdout), path.stem


def test_every_recording_is_told_of() -> None:
    names = {path.stem for path in RECORDED.glob("conda-26.7-*.txt")}
    known = {f"conda-26.7-{case[0]}" for case in CASES}
    known |= {f"conda-26.7-{name}" for name in ("offline", "search", "search-like", *ENDED_WELL)}
    assert names == known
    names = {path.stem.removeprefix("mamba-2.8.1-") for path in RECORDED.glob("mamba-2.8.1-*.txt")}
    assert names == {case[0] for case in MAMBA} | MAMBA_ENDED_WELL | set(MAMBA_OFFLINE)


ENDED_WELL = ("create-on-a-terminal", "plan-create", "plan-change", "plan-remove")


@pytest.mark.parametrize("name", ENDED_WELL)
def test_an_answer_of_success_is_found_among_progress(name: str) -> None:
    answer = find_answer(outcome(f"conda-26.7-{name}").stdout)
    assert answer is not None
    assert answer["success"] is True


def test_a_cold_cache_offline_is_told() -> None:
    error = told("conda-26.7-offline", offline=True)
    assert error.code == "index-unreachable"
    assert error.detail == (f"the cache knows nothing of {LAB}, and the network is not to be used")


MAMBA_OFFLINE = {
    "offline-cold": f"no alpha in {LAB} as far as the cache knows, and the network is not to be"
    " used",
    "offline-download": "alpha-2.0-0.tar.bz2 is not in the cache, and the network is not to be"
    " used",
}


@pytest.mark.parametrize("name", MAMBA_OFFLINE)
def test_what_mamba_lacks_offline_is_told(name: str) -> None:
    error = told(f"mamba-2.8.1-{name}", offline=True)
    assert (error.code, error.detail) == ("index-unreachable", MAMBA_OFFLINE[name])


@pytest.mark.parametrize("name", sorted(MAMBA_ENDED_WELL))
def test_what_ended_well_was_no_failure(name: str) -> None:
    assert outcome(f"mamba-2.8.1-{name}").ok


def test_the_log_that_mamba_puts_into_its_answer_is_read() -> None:
    error = told("micromamba-next-plan-no-package", "nosuch")
    assert (error.code, error.detail) == ("no-such-package", f"no nosuch in {LAB}")
    error = told("micromamba-next-plan-refused")
    assert error.code == "index-unreachable"
    assert error.detail == f"{LAB} cannot be reached: the connection was refused"


def test_what_the_solver_said_goes_with_a_conflict() -> None:
    for name in ("conda-26.7-conflict", "conda-26.7-conflict-classic", "mamba-2.8.1-conflict"):
        error = told(name)
        assert error.context
        assert "beta" in error.context["explanation"]


def test_a_gpu_that_is_elsewhere_may_be_named() -> None:
    for name in ("conda-26.7-no-cuda", "conda-26.7-no-cuda-classic", "mamba-2.8.1-no-cuda"):
        assert "CONDA_OVERRIDE_CUDA" in told(name).hint


def test_strict_channel_priority_is_named_as_a_way_out() -> None:
    assert "channel_priority" in told("mamba-2.8.1-channel-priority").hint


def test_terms_offer_conda_forge_and_name_the_channel() -> None:
    error = told("conda-26.7-terms")
    assert error.context == {"channels": LAB, "use": "conda-forge"}
    assert "conda-forge" in error.hint


def test_a_kill_is_a_kill_unless_there_is_an_answer() -> None:
    asked = CliAsked("conda", PREFIX, ("alpha",), (LAB,))
    assert explain(None, Outcome(-9, "", "", 1.0), asked).detail == (
        "conda was killed (SIGKILL), most often for want of memory"
    )
    assert explain(None, Outcome(-11, "", "", 1.0), asked).detail == "conda was ended by SIGSEGV"
    said = outcome("conda-26.7-no-package")
    crashed = Outcome(-6, said.stdout, "Fatal Python error: PyGILState_Release", 1.0)
    assert explain(find_answer(said.stdout), crashed, asked).code == "no-such-package"


def test_what_nobody_knows_is_told_in_its_own_words() -> None:
    asked = CliAsked("conda", PREFIX, ("alpha",), (LAB,))
    usage = "usage: conda [-h] [-v] COMMAND ...\nconda: error: unrecognized arguments: --x\n"
    error = explain(None, Outcome(2, "", usage, 1.0), asked)
    assert (error.code, error.detail) == (
        "tool-failed",
        "conda: error: unrecognized arguments: --x",
    )
    silent = explain(None, Outcome(3, "", "", 1.0), asked)
    assert silent.detail == "conda ended with code 3 and said nothing"
    odd = {"error": "FooError: It is odd.\nReally.", "exception_name": "FooError"}
    assert explain(odd, Outcome(1, "", "", 1.0), asked).detail == "It is odd."


def test_a_library_that_is_missing_means_the_tool_does_not_run_here() -> None:
    asked = CliAsked("mamba", PREFIX, ("alpha",), (LAB,))
    said = "mamba: /lib/libc.so.6: version `GLIBC_2.38' not found (required by mamba)"
    error = explain(None, Outcome(1, "", said, 1.0), asked)
    assert (error.code, error.detail) == (
        "engine-missing",
        "mamba does not run on this image: it needs GLIBC_2.38",
    )
