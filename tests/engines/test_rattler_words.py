"""The rattler worker's words: progress, explanations and errors, without running it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.commands import Outcome
from jupyter_envmgr.core.events import Notice, Progress
from jupyter_envmgr.engines.conda_plan import CondaPlanRequest
from jupyter_envmgr.engines.rattler_causes import explain
from jupyter_envmgr.engines.rattler_graph import after_removal, roots
from jupyter_envmgr.engines.rattler_progress import WorkerReader
from jupyter_envmgr.engines.rattler_talk import Talk, unpacked
from jupyter_envmgr.engines.rattler_unsolvable import explain_unsolvable, names_in, unmet_in

FORGE = "https://conda.anaconda.org/conda-forge"


def plan(*specs: str) -> CondaPlanRequest:
    here = Path("/home/me")
    return CondaPlanRequest(
        here / "environment", specs, ("conda-forge", FORGE), {}, here, here / "cache", here
    )


# -- progress ----------------------------------------------------------------


def install(got: int, linked: int, name: str = "python") -> str:
    row = {"name": name, "got": got, "bytes": 100, "linked": linked, "packages": 4}
    return json.dumps({"at": "install", **row})


def test_progress_never_falls_and_counts_what_is_waited_for() -> None:
    read = WorkerReader()
    lines = [
        '{"at": "solve", "label": "Reading the channels"}',
        install(10, 0),
        install(60, 2),
        install(40, 1),
        install(100, 3),
        install(100, 4),
        '{"at": "finish", "label": "Writing its history"}',
        "+packed",
    ]
    found = [p for line in lines for p in read("stdout", line) if isinstance(p, Progress)]
    fractions = [p.fraction for p in found]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    assert found[1] == Progress(found[1].fraction, "Downloading python", 10, 100, "bytes")
    assert any(p.label == "Linking: 3 of 4 packages" and p.unit == "packages" for p in found)


def test_an_error_is_no_progress() -> None:
    assert list(WorkerReader()("stdout", "!packed")) == []


@pytest.mark.parametrize(
    "line", ["", "{", "[]", "{}", '{"at": "***"}', '{"at": "install", "got": "x"}', "plain words"]
)
def test_lines_that_say_nothing_are_no_error(line: str) -> None:
    assert all(isinstance(p, Progress) for p in WorkerReader()("stdout", line))
    assert list(WorkerReader()("stderr", install(1, 1))) == []


def test_notices_are_passed_on() -> None:
    line = json.dumps({"at": "notice", "level": "warning", "text": "a script failed"})
    assert list(WorkerReader()("stdout", line)) == [Notice("a script failed", "warning")]


def test_secrets_are_in_no_last_line(capsys: pytest.CaptureFixture[str]) -> None:
    Talk(["geheimnis", "0000"]).end({"error": {"text": "at http://me:geheimnis@host"}})
    said = capsys.readouterr().out
    assert unpacked(said) == {"error": {"text": "at http://me:***@host"}}
    assert "0000" not in said


def test_a_secret_that_the_packed_answer_happens_to_have_does_not_break_it(
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Whoever reads the output masks secrets in it, wherever they stand."""
    answer: dict[str, object] = {"result": {"changes": 7}}
    Talk(()).end(answer)
    chance = capsys.readouterr().out[20:26]
    Talk([chance]).end(answer)
    said = capsys.readouterr().out
    assert chance not in said
    assert unpacked(said) == answer


@pytest.mark.parametrize("text", ["", "+", "+!!!", "plain", "{}", "+" + "x" * 40])
def test_a_last_line_that_did_not_come_is_nothing(text: str) -> None:
    assert unpacked(text) == {}


# -- what goes with a package ----------------------------------------------------------------

NEEDS = {
    "app": ["library >=1", "python"],
    "tool": ["library", "__glibc >=2.17"],
    "library": ["base"],
    "base": [],
    "python": ["base", "pip"],
    "pip": ["python"],
    "lone": [],
}


@pytest.mark.parametrize(
    ("removed", "requested", "gone"),
    [
        (["app"], ["app", "tool", "python"], {"app"}),
        (["app"], ["app", "tool"], {"app", "python", "pip"}),
        (["library"], ["app", "tool", "python"], {"library", "app", "tool"}),
        (["library"], [], {"library", "app", "tool", "base", "python", "pip"}),
        (["lone"], [], {"lone"}),
        (["nobody"], [], set()),
    ],
)
def test_what_goes_with_a_package(removed: list[str], requested: list[str], gone: set[str]) -> None:
    assert set(NEEDS) - after_removal(NEEDS, removed, requested) == gone


def test_what_nobody_needs_is_asked_for_again() -> None:
    assert set(roots(NEEDS, ["app"])) == {"tool", "lone"}
    assert set(roots(NEEDS, [])) == {"app", "tool", "lone"}
    assert set(roots({"a": ["b"], "b": ["a"]}, [])) == {"a", "b"}
    assert roots({}, ["gone"]) == []


# -- explanations ----------------------------------------------------------------

BOTH = """\
Cannot solve the request because of: The following packages are incompatible
├─ right * can be installed with any of the following options:
│  └─ right 1.0 would require
│     └─ base-library >=2, which can be installed with any of the following options:
│        └─ base-library 2.0
└─ left * cannot be installed because there are no viable options:
   └─ left 1.0 would require
      └─ base-library >=1,<2, which cannot be installed because there are no viable options:
         ├─ base-library 1.5, which conflicts with the versions reported above.
         └─ base-library 1.0, which conflicts with the versions reported above.
"""
DEEP = """\
Cannot solve the request because of: ipykernel * cannot be installed because there are no viable options:
└─ ipykernel 7.4.0 would require
   └─ debugpy >=1.6.5, which cannot be installed because there are no viable options:
      └─ debugpy 1.8.22 would require
         └─ python 3.11.*, for which no candidates were found.
"""  # noqa: E501
NOBODY = "Cannot solve the request because of: No candidates were found for numpie 9.*.\n"
CUDA = """\
Cannot solve the request because of: jaxlib * cannot be installed because there are no viable options:
└─ jaxlib 0.4 would require
   └─ __cuda >=12, for which no candidates were found.
"""  # noqa: E501


def test_a_conflict_names_both_sides() -> None:
    error = explain_unsolvable(BOTH, {"specs": ["left", "right"]}, ["conda-forge"]).problem
    assert error.code == "requirements-conflict"
    assert error.detail == (
        "right 1.0 needs base-library >=2, but left 1.0 needs base-library >=1,<2"
    )
    assert (error.context or {})["explanation"] == BOTH


def test_a_conflict_with_what_was_asked_for_names_that() -> None:
    facts = {"specs": ["python=3.13", "ipykernel"], "met": ["python 3.11.*"]}
    error = explain_unsolvable(DEEP, facts, ["conda-forge"]).problem
    assert error.code == "no-version-for-python"
    assert error.detail == (
        "ipykernel cannot be installed: debugpy 1.8.22 needs python 3.11.*, "
        "but you ask for python=3.13"
    )


def test_a_version_that_no_channel_has_comes_with_those_it_has() -> None:
    facts = {"versions": {"numpie": ["2.1", "2.0"]}}
    error = explain_unsolvable(NOBODY, facts, ["conda-forge", "mine"]).problem
    assert (error.code, error.detail) == (
        "no-such-version",
        "conda-forge and mine have no numpie 9.*; there is 2.1, 2.0",
    )


def test_a_name_that_no_channel_has_comes_with_those_that_are_close() -> None:
    error = explain_unsolvable(NOBODY, {"close": {"numpie": ["numpy"]}}, ["conda-forge"]).problem
    assert (error.code, error.hint) == ("no-such-package", "Did you mean numpy?")
    torch = NOBODY.replace("numpie 9.*", "torch *")
    assert "pytorch" in explain_unsolvable(torch, {}, ["conda-forge"]).problem.hint


def test_what_the_machine_lacks_is_said() -> None:
    error = explain_unsolvable(CUDA, {}, ["conda-forge"]).problem
    assert error.code == "no-wheel-for-platform"
    assert error.detail.startswith("jaxlib 0.4 needs __cuda >=12 (an NVIDIA driver)")


def test_names_and_unmet_demands_are_found() -> None:
    assert set(names_in(DEEP)) == {"ipykernel", "debugpy", "python"}
    assert unmet_in(DEEP) == ["python 3.11.*"]
    assert unmet_in(NOBODY) == ["numpie 9.*"]
    assert unmet_in(BOTH) == []


def test_an_explanation_of_another_form_is_still_a_conflict() -> None:
    error = explain_unsolvable("It just does not work", {}, ["conda-forge"]).problem
    assert (error.code, error.detail) == ("requirements-conflict", "It just does not work")


# -- errors ----------------------------------------------------------------


def outcome(text: str, kind: str = "GatewayError", code: int = 1) -> Outcome:
    import base64
    import zlib

    last = json.dumps({"last": {"error": {"kind": kind, "text": text}}})
    packed = base64.b85encode(zlib.compress(last.encode())).decode()
    return Outcome(code, f'{{"at": "solve"}}\n!{packed}\n', "", 1.0)


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        (
            "failed to write\nCaused by: failed to link '/home/me/environment/lib/x': "
            "No space left on device (os error 28)",
            "disk-full",
            "/home/me/environment",
        ),
        (
            "could not open '/home/me/cache/pkgs/.cache.lock': Disk quota exceeded (os error 122)",
            "quota-exceeded",
            "/home/me/cache, the cache of packages",
        ),
        ("[Errno 13] Permission denied: '/srv/x'", "not-permitted", "/srv/x"),
        (
            "failed to create '/srv/x/bin': Read-only file system (os error 30)",
            "read-only-disk",
            "/srv",
        ),
        (
            f"Request failed\nCaused by: error sending request for url ({FORGE}/noarch/x)\n"
            "Caused by: operation timed out",
            "index-unreachable",
            f"{FORGE} cannot be reached: it did not answer in time",
        ),
        (
            "failed to fetch x-1-0.conda\nCaused by: failed to extract: invalid Zip archive",
            "download-damaged",
            "x-1-0.conda",
        ),
        ("something entirely new\nmore", "tool-failed", "something entirely new"),
    ],
)
def test_what_py_rattler_says_is_understood(text: str, code: str, words: str) -> None:
    problem = explain(outcome(text), plan("left")).problem
    assert problem.code == code
    assert words in problem.detail


@pytest.mark.parametrize(
    ("ended", "code", "words"),
    [
        (Outcome(-9, "", "", 1.0), "killed", "SIGKILL"),
        (Outcome(-11, '{"at": "solve"}', "", 1.0), "killed", "SIGSEGV"),
        (Outcome(1, "", "Traceback\nKeyError: 'x'", 1.0), "tool-failed", "KeyError"),
        (Outcome(1, "", "", 1.0), "tool-failed", "said nothing"),
        (
            Outcome(1, "", "ModuleNotFoundError: No module named 'rattler'", 1.0),
            "engine-missing",
            "cannot be imported",
        ),
    ],
)
def test_a_worker_without_last_words_is_explained(ended: Outcome, code: str, words: str) -> None:
    problem = explain(ended, plan("left")).problem
    assert (problem.code, words in problem.detail) == (code, True)


def test_certificates_that_no_client_can_be_made_with_are_named() -> None:
    made = replace(plan("left"), ssl_verify="/etc/own.pem")
    problem = explain(outcome("error: client could not be built: builder error"), made).problem
    assert problem.code == "tls-failed"
    assert "/etc/own.pem, which ssl_verify in .condarc names," in problem.detail


def test_a_cache_that_nobody_may_write_to_is_named() -> None:
    made = replace(plan("left"), packages_dir=Path("/shared/pkgs"))
    problem = explain(outcome("failed to acquire global cache lock"), made).problem
    assert problem.code == "not-permitted"
    assert "/shared/pkgs, the cache of packages" in problem.detail
    assert "pkgs_dirs" in str(problem.hint)
