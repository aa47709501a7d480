"""What a person asked for and cannot have: each by the real uv, and the sentence it becomes."""

from __future__ import annotations

import pytest

from tests.engines.bench import Bench, code_and_detail
from tests.index.server import LocalIndex
from tests.index.wheels import sdist, wheel


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
