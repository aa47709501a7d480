"""What is said to fail fails, what works is not said to: real packages, by running them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from .truth import Truth

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]

PANDAS = ("pytz==2024.1", "python-dateutil==2.9.0", "six==1.16.0", "tzdata==2024.1")
PLOTS = (
    *("kiwisolver==1.4.5", "cycler==0.12.1", "pillow==10.4.0", "fonttools==4.53.1"),
    *("packaging==24.1", "pyparsing==3.1.2"),
)


@dataclass(frozen=True)
class Case:
    """Packages of an image and of a user site over it, and a program of the image.

    ``fails``: the code and the subject of the finding that says so; nothing if it works.
    """

    image: tuple[str, ...]
    user: tuple[str, ...]
    program: str
    fails: tuple[str, str] | None = None
    dependencies: bool = False


CASES = {
    "numpy 2 over pandas for numpy 1": Case(
        ("numpy==1.26.4", "pandas==2.1.4", *PANDAS),
        ("numpy==2.0.2",),
        "import pandas",
        ("numpy-abi", "pandas"),
    ),
    "numpy 2 over scipy for numpy 1": Case(
        ("numpy==1.26.4", "scipy==1.11.4"),
        ("numpy==2.0.2",),
        "import scipy.special",
        ("numpy-abi", "scipy"),
    ),
    "pandas for numpy 1 over numpy 2": Case(
        ("numpy==2.0.2",), ("pandas==2.1.4", *PANDAS), "import pandas", ("numpy-abi", "pandas")
    ),
    "numpy 1 over pandas for both": Case(
        ("numpy==2.0.2", "pandas==2.2.3", *PANDAS), ("numpy==1.26.4",), "import pandas"
    ),
    "jinja2 2 over markupsafe 2.1": Case(
        ("markupsafe==2.1.5", "jinja2==3.1.4"),
        ("jinja2==2.11.3",),
        "import jinja2",
        ("import-breaks", "jinja2"),
    ),
    "markupsafe 3 over jinja2 3": Case(
        ("markupsafe==2.1.5", "jinja2==3.1.4"), ("markupsafe==3.0.2",), "import jinja2"
    ),
    "werkzeug 3 over flask 2.2": Case(
        ("flask==2.2.2", "werkzeug==2.2.3"),
        ("werkzeug==3.0.4",),
        "import flask",
        ("import-breaks", "flask"),
        True,
    ),
    "toolz, that makes its modules itself, over dask": Case(
        ("dask==2024.5.0", "toolz==0.12.1", "distributed==2024.5.0"),
        ("toolz==1.0.0",),
        "import dask",
        None,
        True,
    ),
    "typing_extensions 4.0 over pydantic 2": Case(
        ("pydantic==2.11.7",),
        ("typing-extensions==4.0.1",),
        "import pydantic; pydantic.BaseModel",
        ("import-breaks", "pydantic_core"),
        True,
    ),
    "attrs 19 over jsonschema 4": Case(
        ("jsonschema==4.23.0", "attrs==24.2.0"),
        ("attrs==19.3.0",),
        "import jsonschema",
        ("import-breaks", "attrs"),
        True,
    ),
    "pydantic-core of another pydantic": Case(
        ("pydantic==2.12.0",),
        ("pydantic-core==2.33.2",),
        "import pydantic",
        ("requirement-broken", "pydantic"),
        True,
    ),
    "pydantic-core of another pydantic that does not look": Case(
        ("pydantic==2.8.2",), ("pydantic-core==2.33.2",), "import pydantic", dependencies=True
    ),
    "pyparsing 2.2 over matplotlib": Case(
        ("matplotlib==3.9.2", "numpy==1.26.4", "contourpy==1.2.1", *PLOTS, *PANDAS),
        ("pyparsing==2.2.2",),
        "import matplotlib",
        ("requirement-broken", "matplotlib"),
    ),
    "protobuf 4 over what protoc 3 made": Case(
        ("googleapis-common-protos==1.53.0", "protobuf==3.20.3"),
        ("protobuf==4.25.3",),
        "from google.rpc import status_pb2",
        ("generated-code", "googleapis-common-protos"),
    ),
    "protobuf 4 over what a newer protoc made for it too": Case(
        ("googleapis-common-protos==1.66.0", "protobuf==5.29.3"),
        ("protobuf==4.25.3",),
        "from google.rpc import status_pb2",
    ),
    "grpcio older than what was generated for it": Case(
        ("grpcio-health-checking==1.70.0", "grpcio==1.70.0", "protobuf==5.29.3"),
        ("grpcio==1.60.0",),
        "from grpc_health.v1 import health_pb2_grpc",
        ("generated-code", "grpcio-health-checking"),
    ),
    "traitlets 4 without what it needs": Case(
        ("ipython==8.20.0",),
        ("traitlets==4.3.3",),
        "import IPython",
        ("import-breaks", "traitlets"),
        True,
    ),
    "urllib3 2 over requests": Case(
        ("requests==2.31.0", "urllib3==1.26.18"), ("urllib3==2.2.3",), "import requests", None, True
    ),
    "markdown-it 3 over rich": Case(
        ("rich==13.7.1", "markdown-it-py==2.2.0"),
        ("markdown-it-py==3.0.0",),
        "import rich.markdown",
        None,
        True,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_what_is_said_is_what_happens(tmp_path: Path, name: str) -> None:
    case = CASES[name]
    truth = Truth(tmp_path)
    truth.put(truth.image, *case.image, dependencies=case.dependencies)
    # Dependencies are the image's, as pip leaves those alone that it finds there.
    truth.put(truth.user, *case.user)
    needs_image = all(word not in name for word in ("over numpy 2",))
    if needs_image:
        assert truth.error(case.program, PYTHONNOUSERSITE="1") == ""
    worst = truth.worst()
    if case.fails is None:
        assert truth.error(case.program) == ""
        assert worst == set()
    else:
        assert truth.error(case.program) != ""
        assert case.fails in worst


# -- damage ---------------------------------------------------------------------------------------


def _one(directory: Path, pattern: str) -> Path:
    (found,) = directory.glob(pattern)
    return found


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _no_module(path: Path) -> None:
    path.write_bytes(b"<html>" + path.read_bytes())


def _half(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _kilobyte(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:1000])


def _without_tables(path: Path) -> None:
    """Nothing that is loaded: the tables of sections at the end."""
    path.write_bytes(path.read_bytes()[:-3000])


def _newer_libc(path: Path) -> None:
    data = path.read_bytes()
    for old in (b"GLIBC_2.2.5\0", b"GLIBC_2.17\0"):
        data = data.replace(old, old.replace(b"GLIBC_2", b"GLIBC_9"))
    path.write_bytes(data)


def _gone(path: Path) -> None:
    path.unlink()


SPEEDUPS = "markupsafe/_speedups*.so"
UMATH = "numpy/core/_multiarray_umath*.so"


@pytest.mark.parametrize(
    ("package", "pattern", "damage", "program", "fails"),
    [
        ("markupsafe==2.1.5", SPEEDUPS, _empty, "import markupsafe", ""),
        ("markupsafe==2.1.5", SPEEDUPS, _no_module, "import markupsafe", ""),
        ("markupsafe==2.1.5", SPEEDUPS, _gone, "import markupsafe", ""),
        ("markupsafe==2.1.5", SPEEDUPS, _newer_libc, "import markupsafe", ""),
        ("markupsafe==2.1.5", SPEEDUPS, _kilobyte, "import markupsafe", "damaged-module"),
        ("markupsafe==2.1.5", SPEEDUPS, _without_tables, "import markupsafe", ""),
        ("markupsafe==2.1.5", "markupsafe/_native.py", _gone, "import markupsafe", ""),
        ("pyyaml==6.0.2", "yaml/_yaml*.so", _newer_libc, "import yaml", ""),
        ("numpy==1.26.4", UMATH, _empty, "import numpy", "damaged-module"),
        ("numpy==1.26.4", UMATH, _half, "import numpy", "damaged-module"),
        ("numpy==1.26.4", UMATH, _newer_libc, "import numpy", "glibc-too-old"),
        ("numpy==1.26.4", UMATH, _gone, "import numpy", "missing-files"),
        ("numpy==1.26.4", "numpy.libs/libopenblas*", _gone, "import numpy", "library-missing"),
        ("numpy==1.26.4", "numpy/f2py/crackfortran.py", _gone, "import numpy", ""),
        ("numpy==1.26.4", "numpy/core/numeric.py", _gone, "import numpy", "missing-files"),
        ("numpy==1.26.4", "numpy/core/_simd*.so", _empty, "import numpy", ""),
    ],
)
def test_damage_is_told_by_whether_the_package_can_do_without(
    tmp_path: Path,
    package: str,
    pattern: str,
    damage: Callable[[Path], None],
    program: str,
    fails: str,
) -> None:
    truth = Truth(tmp_path)
    truth.put(truth.user, package)
    assert truth.error(program) == ""
    assert truth.findings() == ()
    damage(_one(truth.user, pattern))
    assert bool(truth.error(program)) == bool(fails)
    assert {code for code, _ in truth.worst()} == ({fails} if fails else set())
