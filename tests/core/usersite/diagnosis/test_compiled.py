"""Compiled modules: what this interpreter cannot load, and whether the package needs it."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from tests.core.packages.trees import dist_info

from .elves import elf
from .scenarios import NEW_NUMPY, NUMPY, OLD_NUMPY, SUFFIX
from .sites import CPU, TAG, Sites

MACHINE = platform.machine()
MISSING = elf(needed=["libthing.so.1"])


@pytest.mark.parametrize(
    ("tag", "fits"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", True),
        (f"{TAG}-{TAG}-manylinux_2_17_{MACHINE}.manylinux2014", True),
        (f"cp36-abi3-manylinux2014_{MACHINE}", True),
        (f"{TAG}-{TAG}-linux_{MACHINE}", True),
        (f"{TAG}-{TAG}-musllinux_1_1_{MACHINE}", False),
        (f"{TAG}-{TAG}-manylinux_2_99_{MACHINE}", False),
        (f"{TAG}-{TAG}-manylinux2014_sparc64", False),
        (f"{TAG}-{TAG}t-linux_{MACHINE}", False),
        ("cp27-cp27mu-manylinux1_x86_64", False),
        ("cp399-abi3-any", False),
        ("nonsense", True),
    ],
)
def test_a_wheel_for_something_else_is_told_by_its_tags(sites: Sites, tag: str, fits: bool) -> None:
    dist_info(sites.user, "mine", extra={"WHEEL": f"Wheel-Version: 1.0\nTag: {tag}\n"})
    assert sites.codes() == ([] if fits else ["wrong-platform"])


def test_an_image_with_musl_takes_none_that_were_made_for_glibc(sites: Sites) -> None:
    sites.is_musl = True
    for name, kind in (("one", "manylinux_2_17"), ("two", "musllinux_1_2")):
        tag = f"Tag: {TAG}-{TAG}-{kind}_{MACHINE}\n"
        dist_info(sites.user, name, extra={"WHEEL": f"Wheel-Version: 1.0\n{tag}"})
    (found,) = sites.of("wrong-platform")
    assert found.subject == "one"
    assert "with musl" in found.detail


def test_a_module_that_was_made_for_musl_is_not_said_to_lack_a_library(sites: Sites) -> None:
    content = elf(needed=[f"libc.musl-{MACHINE}.so.1"])
    dist_info(sites.user, "mine", files={f"mine{SUFFIX}": content})
    assert "musl (Alpine)" in sites.only("wrong-platform").detail


def test_a_module_of_another_python_that_has_a_fellow_for_this_one_is_fine(sites: Sites) -> None:
    files = {f"mine/a{SUFFIX}": elf(), "mine/a.cpython-38-x86_64-linux-gnu.so": elf()}
    dist_info(sites.user, "mine", files={**files, "mine/__init__.py": b""})
    assert sites.codes() == []


def test_modules_of_another_python_alone_are_not(sites: Sites) -> None:
    files = {"mine/a.cpython-38-x86_64-linux-gnu.so": elf(), "mine/__init__.py": b""}
    dist_info(sites.user, "mine", files=files)
    assert sites.only("wrong-platform").severity == "will-fail"


def test_a_module_that_needs_a_newer_system(sites: Sites) -> None:
    """By a real module, once as it is and once with versions that no system has yet."""
    import _ctypes

    content = Path(_ctypes.__file__).read_bytes()
    dist_info(sites.user, "mine", files={"mine.so": content})
    assert sites.codes() == []
    newer = content.replace(b"GLIBC_2.", b"GLIBC_9.")
    dist_info(sites.user, "mine", files={"mine.so": newer})
    assert "GLIBC_9." in sites.only("glibc-too-old").detail


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 200, b"x" * 99]
)
def test_a_file_that_only_looks_like_a_module_is_passed_over(sites: Sites, content: bytes) -> None:
    dist_info(sites.user, "mine", files={"mine.so": content})
    assert sites.codes() == []


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 200, elf()[:-9], b"<html>"]
)
def test_a_module_by_its_name_must_be_one(sites: Sites, content: bytes) -> None:
    dist_info(sites.user, "mine", files={f"mine{SUFFIX}": content})
    assert sites.only("damaged-module").fix


@pytest.mark.parametrize("content", [b"", b"from . import _speed\n"])
def test_an_accelerator_that_nobody_must_have_is_a_risk_alone(sites: Sites, content: bytes) -> None:
    """markupsafe and many more go on without theirs; who imports it plainly does not."""
    guarded = b"try:\n    from mine import _speed\nexcept ImportError:\n    pass\n"
    files = {
        "mine/__init__.py": content or guarded,
        f"mine/_speed{SUFFIX}": MISSING,
    }
    dist_info(sites.user, "mine", files=files)
    (found,) = sites.of("library-missing")
    assert found.severity == ("will-fail" if content else "risk")


@pytest.mark.parametrize(
    ("name", "runpath", "is_found"),
    [
        ("mine.libs/libthing.so.1", "$ORIGIN/mine.libs", True),
        ("mine.libs/libthing.so.1", "${ORIGIN}/mine.libs", True),
        ("libthing.so.1", "$ORIGIN", True),
        ("mine.libs/libother.so.1", "$ORIGIN/mine.libs", False),
        ("mine.libs/libthing.so.1", "", True),
    ],
)
def test_libraries_are_looked_for_as_the_loader_does(
    sites: Sites, name: str, runpath: str, is_found: bool
) -> None:
    module = elf(needed=["libthing.so.1"], runpath=runpath)
    dist_info(sites.user, "mine", files={"mine.so": module, name: elf()})
    assert sites.codes() == ([] if is_found else ["library-missing"])


def test_ld_library_path_counts(sites: Sites) -> None:
    dist_info(sites.user, "mine", files={"mine.so": MISSING})
    (sites.root / "libraries").mkdir()
    (sites.root / "libraries" / "libthing.so.1").write_bytes(elf())
    sites.environ["LD_LIBRARY_PATH"] = f"/gone:{sites.root}/libraries"
    assert sites.codes() == []


def test_the_driver_of_a_gpu_may_be_absent_here(sites: Sites) -> None:
    content = elf(needed=["libcuda.so.1", "libnvidia-ml.so.1"])
    dist_info(sites.user, "mine", files={"mine.so": content})
    assert sites.codes() == []


def test_what_of_the_image_cannot_be_loaded_is_not_the_user_sites_fault(sites: Sites) -> None:
    dist_info(sites.image, "theirs", files={"theirs.so": MISSING})
    assert sites.codes() == []


# -- numpy ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("user", "image", "content", "fails"),
    [
        ("2.0.2", "1.26.4", OLD_NUMPY, True),
        ("2.0.2", "1.26.4", NEW_NUMPY, False),
        ("2.0.2", "1.26.4", elf(), False),
        ("1.26.4", "2.0.2", OLD_NUMPY, False),
        ("1.21.6", "1.26.4", OLD_NUMPY, False),
    ],
)
def test_a_module_for_numpy_1_fails_under_numpy_2_alone(
    sites: Sites, user: str, image: str, content: bytes, fails: bool
) -> None:
    sites.both("numpy", user, image)
    dist_info(sites.image, "pandas", "2.1", head=NUMPY, files={"pandas/lib.so": content})
    found = sites.of("numpy-abi")
    assert bool(found) == fails
    if fails:
        assert found[0].subject == "pandas"
        assert found[0].fix
        assert found[0].fix.packages == ("numpy",)


def test_the_older_of_two_is_to_be_set_aside_where_the_image_has_numpy_2(sites: Sites) -> None:
    dist_info(sites.image, "numpy", "2.0.2")
    dist_info(sites.user, "pandas", "2.1", head=NUMPY, files={"pandas/lib.so": OLD_NUMPY})
    (found,) = sites.of("numpy-abi")
    assert found.fix
    assert found.fix.packages == ("pandas",)


def test_pyarrow_does_not_say_that_it_uses_numpy(sites: Sites) -> None:
    sites.both("numpy", "2.0.2", "1.26.4")
    dist_info(sites.image, "pyarrow", "14.0", files={"pyarrow/lib.so": OLD_NUMPY})
    assert len(sites.of("numpy-abi")) == 1


# -- the processor ----------------------------------------------------------------------------


@pytest.mark.skipif(MACHINE != "x86_64", reason="levels of x86-64")
@pytest.mark.parametrize(
    ("isa", "level"),
    [(1, ""), (3, ""), (7, "x86-64-v3"), (15, "x86-64-v3"), (8, "x86-64-v4"), (16, "x86-64-v5")],
)
def test_a_module_says_which_level_of_processor_it_needs(
    sites: Sites, isa: int, level: str
) -> None:
    dist_info(sites.user, "mine", files={"mine.so": elf(isa=isa)})
    if not level:
        assert sites.codes() == []
        return
    found = sites.only("cpu-too-old")
    assert level in found.detail
    assert "avx" in dict(found.evidence)["Not in the flags of /proc/cpuinfo"].split()


@pytest.mark.skipif(MACHINE != "x86_64", reason="levels of x86-64")
def test_nothing_is_said_of_a_processor_that_is_not_known(sites: Sites) -> None:
    sites.cpu = frozenset()
    dist_info(sites.user, "mine", files={"mine.so": elf(isa=15)})
    dist_info(sites.user, "tensorflow", "2.16", files={"tensorflow/core.so": elf()})
    assert sites.codes() == []


@pytest.mark.skipif(MACHINE != "x86_64", reason="instructions of x86-64")
@pytest.mark.parametrize(
    ("name", "version", "cpu", "severity"),
    [
        ("tensorflow", "2.16.1", CPU, "will-fail"),
        ("tensorflow", "1.5.0", CPU, ""),
        ("jaxlib", "0.4.30", CPU, "will-fail"),
        ("jaxlib", "0.1.60", CPU, ""),
        ("numpy", "2.4.0", CPU, ""),
        ("numpy", "2.4.0", CPU - {"popcnt"}, "will-fail"),
        ("numpy", "2.3.5", CPU - {"popcnt"}, ""),
        ("polars", "1.9.0", CPU, "risk"),
        ("pandas", "2.2", frozenset({"sse2"}), ""),
    ],
)
def test_some_wheels_are_known_to_need_a_newer_processor(
    sites: Sites, name: str, version: str, cpu: frozenset[str], severity: str
) -> None:
    sites.cpu = cpu
    dist_info(sites.user, name, version, files={f"{name}/core.so": elf()})
    found = sites.of("cpu-too-old")
    assert [one.severity for one in found] == ([severity] if severity else [])
