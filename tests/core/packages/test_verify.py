"""What a verification says in words, and the program that looks, in any Python."""

from __future__ import annotations

import json
import subprocess

import pytest

from jupyter_envmgr.core.packages.verify import VerifiedPackage, concluded
from jupyter_envmgr.core.packages.verify_program import PROGRAM
from tests.prefixes import python_of

GOOD = VerifiedPackage("torch", "2.8.0", True, facts=("CUDA 12.8", "GPU not visible"))
BAD = VerifiedPackage("bad", "1.0", False, error="ImportError: no")
NOTHING = VerifiedPackage("zlib", "1.3", None)


def test_one_line_says_version_and_gpu_or_the_error() -> None:
    assert GOOD.words == "torch 2.8.0, CUDA 12.8, GPU not visible"
    assert BAD.words == "bad 1.0: ImportError: no"
    assert NOTHING.words == "zlib 1.3"


@pytest.mark.parametrize(
    ("packages", "ok", "summary"),
    [
        ((), True, "Python 3.12.1 starts; there is no package to import that was asked for."),
        ((NOTHING,), True, "Python 3.12.1 starts; there is no package to import"),
        ((GOOD,), True, "Python 3.12.1 starts, and 1 package can be imported."),
        ((GOOD, GOOD), True, "Python 3.12.1 starts, and 2 packages can be imported."),
        ((GOOD, BAD, NOTHING), False, "1 of 2 cannot be imported: bad."),
        ((BAD,) * 7, False, "7 of 7 cannot be imported: bad, bad, bad, bad, bad and 2 more."),
    ],
)
def test_the_summary_counts_what_can_be_imported(
    packages: tuple[VerifiedPackage, ...], ok: bool, summary: str
) -> None:
    made = concluded("x", "job", "now", "3.12.1", packages, complete=True)
    assert made.ok is ok
    assert made.summary.startswith(summary)
    assert made.lines == tuple(package.words for package in packages)


def test_as_long_as_it_is_not_complete_it_is_neither_good_nor_bad() -> None:
    made = concluded("x", "job", "now", "3.12.1", (BAD,), complete=False)
    assert (made.ok, made.complete) == (None, False)


@pytest.mark.parametrize("minor", ["2.7", "3.6", "3.8", "3.13"])
def test_the_program_runs_in_older_and_newer_pythons(minor: str) -> None:
    prefix = python_of(minor)
    if prefix is None:
        pytest.skip(f"there is no Python {minor}")
    items = json.dumps([[0, ["json"]], [1, ["nowhere_at_all"]], [2, ["this"]]])
    argv = [str(prefix / "bin" / f"python{minor}"), "-c", PROGRAM, "MARK:", "20", items]
    done = subprocess.run(argv, capture_output=True, text=True, check=True)
    lines = [line for line in done.stdout.splitlines() if line]
    facts = [json.loads(line.removeprefix("MARK:")) for line in lines]
    assert facts[0]["python"].startswith(f"{minor}.")
    ends = [fact for fact in facts if "end" in fact]
    assert [bool(fact["error"]) for fact in ends] == [False, True, False]
    assert "nowhere_at_all" in ends[1]["error"]
    assert "Zen of Python" in done.stderr
