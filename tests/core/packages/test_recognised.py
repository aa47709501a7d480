"""What people paste is recognised by what is in it, whatever the file is called."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.model import Recognised
from jupyter_envmgr.core.packages.recognised import recognise
from jupyter_envmgr.core.packages.requirements import decode
from jupyter_envmgr.core.wire import to_wire
from tests.core.conda.test_lock_files import CONDA_LOCK, PIXI_6, PIXI_7

FORGE = "https://conda.anaconda.org/conda-forge"
FILES = Path(__file__).parent.parent / "conda" / "files"

ENVIRONMENT = """\
name: My Training
channels: [conda-forge]
dependencies:
  - python=3.11
  - numpy>=2
  - pip:
    - rich==13.7.1
variables: {OMP_NUM_THREADS: 4}
prefix: /home/ada/envs/x
"""
EXPLICIT = """\
# platform: linux-64
@EXPLICIT
https://conda.anaconda.org/conda-forge/noarch/tzdata-2024a-h0c530f3_0.conda
"""
CONDA_LIST = """\
# packages in environment at /opt/conda/envs/x:
#
# Name                    Version                   Build  Channel
_libgcc_mutex             0.1                 conda_forge    conda-forge
mine                      0.1                      dev_0    <develop>
numpy                     2.1.0           py311h71ddf71_1    conda-forge
python                    3.11.9          hb806964_0_cpython    conda-forge
rich                      13.7.1                   pypi_0    pypi
six                       1.16.0             pyhd3eb1b0_1
"""
MAMBA_LIST = """\
List of packages in environment: "/opt/conda/envs/x"

  Name           Version  Build               Channel
──────────────────────────────────────────────────────────
  numpy          2.1.0    py311h71ddf71_1     conda-forge
  python         3.11.9   hb806964_0_cpython  conda-forge
"""
EXPORT = """\
# This file may be used to create an environment using:
# $ conda create --name <env> --file <this file>
# platform: linux-64
_libgcc_mutex=0.1=main
numpy=2.1.0=py311h71ddf71_1
python=3.11.9=hb806964_0_cpython
rich=13.7.1=pypi_0
"""
PIP_LIST = """\
Package    Version     Editable project location
---------- ----------- -------------------------
mine       0.1         /home/ada/mine
numpy      2.1.0
torch      2.5.0+cu124

[notice] A new release of pip is available: 24.0 -> 25.0
"""
HASH = "0123456789abcdef" * 4
PYLOCK = """\
lock-version = "1.0"
requires-python = ">=3.11"
default-groups = ["main"]

[[packages]]
name = "numpy"
version = "2.1.0"
wheels = [{ url = "https://h.example/x.whl", hashes = { sha256 = "HASH" } }]

[[packages]]
name = "tomli"
version = "2.0.1"
marker = "python_version < '3.11'"
wheels = [{ url = "https://h.example/x.whl", hashes = { sha256 = "HASH" } }]

[[packages]]
name = "pytest"
version = "8.0"
marker = "'dev' in dependency_groups"
wheels = [{ url = "https://h.example/x.whl", hashes = { sha256 = "HASH" } }]

[[packages]]
name = "mkdocs"
version = "1.6"
marker = "'main' in dependency_groups or 'docs' in extras"
sdist = { url = "https://h.example/x.tar.gz", hashes = { sha256 = "HASH" } }

[[packages]]
name = "here"
directory = { path = "." }
""".replace("HASH", HASH)
PYPROJECT = """\
[build-system]
requires = ["hatchling"]

[project]
name = "My.Project"
requires-python = ">=3.10"
dependencies = [
  "numpy>=2",
  "rich[jupyter]>=13; python_version >= '3.9'",
]

[project.optional-dependencies]
dev = ["pytest"]

[dependency-groups]
docs = ["mkdocs"]
"""
POETRY = """\
[tool.poetry]
name = "mine"

[tool.poetry.dependencies]
python = "^3.10"
numpy = "^2.1"
scipy = "~1.14"
pandas = "*"
six = "1.16.0"
zero = "^0.3.1"
tilde = "~2"
torch = { version = ">=2.4,<3", extras = ["opt-einsum"], python = ">=3.11", platform = "linux" }
left = { version = "1.0", optional = true }

[tool.poetry.dependencies.rich]
version = "13.*"
markers = "os_name == 'posix'"
"""
FREEZE = "numpy==2.1.0\ntorch==2.5.0\nsix @ file:///croot/six_16/work\n"


def good(text: str, filename: str = "") -> Recognised:
    """What a text is that has nothing wrong in it."""
    found = recognise(text, filename, platform="linux-64")
    assert found.errors == ()
    return found


@pytest.mark.parametrize(
    ("text", "kind", "packages", "pip"),
    [
        ("numpy>=2\n# x\nscipy\n", "requirements", ["numpy>=2", "scipy"], []),
        (FREEZE, "requirements", ["numpy==2.1.0", "torch==2.5.0", "six"], []),
        (ENVIRONMENT, "environment-yml", ["python=3.11", "numpy>=2"], ["rich==13.7.1"]),
        (
            CONDA_LIST,
            "conda-list",
            [
                "_libgcc_mutex=0.1=conda_forge",
                "numpy=2.1.0=py311h71ddf71_1",
                "python=3.11.9=hb806964_0_cpython",
                "six=1.16.0=pyhd3eb1b0_1",
            ],
            ["rich==13.7.1"],
        ),
        (
            MAMBA_LIST,
            "conda-list",
            ["numpy=2.1.0=py311h71ddf71_1", "python=3.11.9=hb806964_0_cpython"],
            [],
        ),
        (
            EXPORT,
            "conda-export",
            [
                "_libgcc_mutex=0.1=main",
                "numpy=2.1.0=py311h71ddf71_1",
                "python=3.11.9=hb806964_0_cpython",
            ],
            ["rich==13.7.1"],
        ),
        ("numpy=2.1\nconda-forge::scipy\n", "conda-specs", ["numpy=2.1", "conda-forge::scipy"], []),
        (PIP_LIST, "pip-list", ["numpy==2.1.0", "torch==2.5.0+cu124"], []),
        (
            "numpy      2.1.0\nscipy      1.14.1\ntorch      2.5.0\n",
            "pip-list",
            ["numpy==2.1.0", "scipy==1.14.1", "torch==2.5.0"],
            [],
        ),
        (
            PYLOCK,
            "pylock",
            [
                "numpy==2.1.0",
                'tomli==2.0.1; python_version < "3.11"',
                'mkdocs==1.6; python_version >= "0" or python_version < "0"',
            ],
            [],
        ),
        (
            PYPROJECT,
            "pyproject",
            ["numpy>=2", 'rich[jupyter]>=13; python_version >= "3.9"'],
            [],
        ),
        (
            POETRY,
            "pyproject",
            [
                "numpy<3,>=2.1",
                "scipy<1.15,>=1.14",
                "pandas",
                "six==1.16.0",
                "zero<0.4,>=0.3.1",
                "tilde<3,>=2",
                'torch[opt-einsum]<3,>=2.4; python_version >= "3.11" and sys_platform == "linux"',
                'rich==13.*; os_name == "posix"',
            ],
            [],
        ),
        ("", "empty", [], []),
        ("# a comment\n\n", "empty", [], []),
    ],
    ids=lambda value: value if isinstance(value, str) and value.isprintable() else "",
)
def test_what_is_in_a_text_comes_out(
    text: str, kind: str, packages: list[str], pip: list[str]
) -> None:
    found = good(text)
    assert found.kind == kind
    assert list(found.packages) == packages
    assert list(found.pip) == pip


def test_lock_files_and_explicit_lists_come_out_as_addresses() -> None:
    for text, kind, count in (
        (PIXI_6, "pixi-lock", 2),
        (PIXI_7, "pixi-lock", 1),
        (CONDA_LOCK, "conda-lock", 1),
        (EXPLICIT, "conda-explicit", 1),
    ):
        found = good(text)
        assert (found.kind, found.manager, len(found.packages)) == (kind, "conda", count)
        assert all(p.startswith("https://conda.anaconda.org/") for p in found.packages)
    assert good(PIXI_6).pip == ("rich==13.7.1",)


def test_an_explicit_list_of_mamba_has_no_mark() -> None:
    text = 'List of packages in environment: "/x"\n\n' + EXPLICIT.replace("@EXPLICIT\n", "")
    found = good(text)
    assert (found.kind, len(found.packages)) == ("conda-explicit", 1)


def test_the_index_of_a_lock_file_is_taken_over() -> None:
    text = PIXI_6.replace("https://pypi.org/simple", "https://index.example/simple")
    assert good(text).index_url == "https://index.example/simple"
    assert good(PIXI_6).index_url == ""


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("numpy==2.0\nscipy==1.14\npandas=2.2\n", "requirements"),
        ("numpy=2.0\nscipy==1.14\npandas=2.2\n", "conda-specs"),
        ("numpy=2.0\nrich[jupyter]\n", "requirements"),
        ("conda-forge::numpy >=2\n", "conda-specs"),
    ],
)
def test_a_single_equals_sign_among_many_is_a_mistake(text: str, kind: str) -> None:
    found = recognise(text)
    assert found.kind == kind
    assert bool(found.errors) == (kind == "requirements")


def test_lists_in_json_come_out_too() -> None:
    conda = [
        {"name": "numpy", "version": "2.1.0", "build_string": "h0_0", "channel": "conda-forge"},
        {"name": "rich", "version": "13", "build_string": "pypi_0", "channel": "pypi"},
    ]
    found = good(json.dumps(conda, indent=2))
    assert (found.kind, found.packages, found.pip) == (
        "conda-json",
        ("numpy=2.1.0=h0_0",),
        ("rich==13",),
    )
    assert found.channels == ("conda-forge",)
    pip = [{"name": "numpy", "version": "2.1.0"}]
    assert good(json.dumps(pip)).packages == ("numpy==2.1.0",)


def test_all_that_an_environment_file_says_is_there() -> None:
    found = good(ENVIRONMENT)
    assert found.manager == "conda"
    assert found.what == "a conda environment.yml"
    assert found.name == "my-training"
    assert found.channels == ("conda-forge",)
    assert found.python == "3.11"
    assert found.variables == {"OMP_NUM_THREADS": "4"}
    assert any("prefix" in notice for notice in found.notices)
    to_wire(found)


@pytest.mark.parametrize(
    ("text", "filename", "is_said"),
    [
        (ENVIRONMENT, "requirements_train.txt", True),
        (ENVIRONMENT, "environment.yml", False),
        (ENVIRONMENT, "C:\\Users\\ada\\environment.yaml", False),
        (ENVIRONMENT, "environment", False),
        (FREEZE, "environment.yml", True),
        (FREEZE, "requirements.txt", False),
        (PIXI_6, "pixi.lock", False),
        (PIXI_6, "pixi.yml", True),
        (EXPLICIT, "spec-file.txt", False),
        (EXPLICIT, "requirements.txt", True),
        (PYPROJECT, "pyproject.toml", False),
    ],
)
def test_a_name_that_misleads_is_said(text: str, filename: str, is_said: bool) -> None:
    found = good(text, filename)
    assert any("whatever its name says" in n for n in found.notices) == is_said
    assert found.packages == good(text).packages


@pytest.mark.parametrize(
    "wrap",
    [
        lambda text: text.encode(),
        lambda text: text.encode("utf-8-sig"),
        lambda text: text.encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode("utf-16"),
        lambda text: text.replace("\n", "\r\n").encode(),
        lambda text: text.replace("\n", "\r").encode(),
        lambda text: ("\n\n" + text + "\n\n").encode(),
    ],
    ids=["UTF-8", "BOM", "UTF-16", "PowerShell", "Windows", "old Mac", "blank lines"],
)
@pytest.mark.parametrize(
    "text", [ENVIRONMENT, FREEZE, EXPORT, CONDA_LIST, PIP_LIST, PYPROJECT, EXPLICIT, PIXI_6]
)
def test_encodings_and_line_ends_make_no_difference(text: str, wrap: object) -> None:
    assert callable(wrap)
    found = recognise(decode(wrap(text)), platform="linux-64")
    assert (found.kind, found.packages, found.errors) == (
        good(text).kind,
        good(text).packages,
        (),
    )


def test_the_file_of_a_training_platform_is_seen_through() -> None:
    text = (FILES / "requirements_pytorch.txt").read_text()
    begun = time.process_time()
    found = good(text, "requirements_pytorch.txt")
    assert time.process_time() - begun < 2
    assert (found.kind, found.manager, found.name) == ("environment-yml", "conda", "pytorch-1.13")
    assert (len(found.packages), len(found.pip), found.python) == (175, 28, "3.8")
    assert found.channels == ("pytorch", "nvidia", "defaults")
    assert found.platform == "linux-64"
    assert found.extra_index_urls == ("https://download.pytorch.org/whl/cu117",)
    said = "\n".join(found.notices)
    for words in ("whatever its name says", "prefix in line", "NCCL_DEBUG", "cu117"):
        assert words in said


def test_an_export_of_windows_says_where_it_is_from() -> None:
    found = good((FILES / "environment_windows.yml").read_text(), "environment_windows.yml")
    assert found.platform == "win-64"
    assert found.index_url == "https://mirrors.aliyun.com/pypi/simple/"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[project]\nname = "x"\ndynamic = ["dependencies"]\n', "dynamic"),
        (PYPROJECT, "extras are left out: dev"),
        (PYPROJECT, "groups are left out: docs"),
        (PYPROJECT + "[tool.uv.sources]\nnumpy = { git = 'x' }\n", "[tool.uv]"),
        (PYPROJECT + "[tool.pixi.dependencies]\ngdal = '*'\n", "[tool.pixi]"),
        (PYLOCK, "directory beside the lock file is left out: here"),
        (CONDA_LIST, "being developed are left out: mine"),
        (PIP_LIST, "Editable packages are left out: mine"),
    ],
)
def test_what_is_left_out_is_said(text: str, words: str) -> None:
    assert any(words in notice for notice in good(text).notices)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("lock-version = '1.0'\npackages = 3\n", "[[packages]] is expected"),
        ("lock-version = '1.0'\n[[packages]]\nversion = '1'\n", "without a name"),
        ("lock-version = '1.0'\n" + "[[packages]]\nname='a'\n" * 5_001, "5,000 at most"),
        ("[project]\ndependencies = 'numpy'\n", "takes a list"),
        ("[project]\ndependencies = [" + "'a'," * 5_001 + "]\n", "5,000 at most"),
        ("[tool.poetry.dependencies]\nnumpy = 3\n", "has no version"),
        ("[tool.poetry.dependencies]\nnumpy = { version = 3 }\n", "has no version"),
        ("[project]\nx = '\n", "it is not TOML"),
        ("[project]\nx = [1,\n", "it is not TOML"),
    ],
)
def test_toml_of_the_wrong_form_is_refused(text: str, words: str) -> None:
    found = recognise(text)
    assert words in found.errors[0].detail
    assert found.packages == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"name": "numpy", "version": 3}]', "no list of packages"),
        ('[{"name": "numpy", "version": "3"}, 4]', "no list of packages"),
        ('[{"name": "num py", "version": "3"}]', "these are 2 requirements"),
        ('[{"name": "num py", "version": "3", "build_string": "0"}]', "is no version"),
        ('{"name": "x", "build_string": "y"}', "no list of packages"),
    ],
)
def test_json_of_the_wrong_form_is_refused(text: str, words: str) -> None:
    assert words in recognise(text).errors[0].detail


def test_lists_of_other_versions_of_conda_are_read_too() -> None:
    micromamba = json.dumps(
        {"packages": [{"name": "numpy", "version": "2", "build_string": "h0_0", "channel": "c"}]}
    )
    assert good(micromamba).packages == ("numpy=2=h0_0",)
    address = CONDA_LIST.replace("conda-forge\n", f"{FORGE}/linux-64\n")
    assert good(address).channels == ("conda-forge",)


@pytest.mark.parametrize(
    ("constraint", "python"),
    [
        ("=3.11", "3.11"),
        ("==3.11.4", "3.11"),
        ("=3.8.17=h955ad1f_0", "3.8"),
        (">=3.9,<3.12", ">=3.9,<3.12"),
        ("", ""),
    ],
)
def test_the_python_is_a_minor_version_where_it_is_decided(constraint: str, python: str) -> None:
    assert good(f"dependencies: ['python{constraint}']\n").python == python


@pytest.mark.parametrize(
    ("name", "expected"),
    [("base", ""), ("My Env!", "my-env"), ("é", ""), ("a" * 80, "a" * 63), ("", "")],
)
def test_the_name_can_name_an_environment(name: str, expected: str) -> None:
    assert good(f"name: {name}\ndependencies: [numpy]\n").name == expected


WRONG = [
    ("numpy\n-e .\nscipy\n/x\n", "requirements", [(2, 1), (4, 1)], "-e is an option"),
    (ENVIRONMENT.replace("rich==13.7.1", "rich=13"), "environment-yml", [(7, 7)], "rich==13"),
    (ENVIRONMENT.replace("numpy>=2", "numpy >>2"), "environment-yml", [(5, 12)], "a version"),
    ("dependencies:\n\t- numpy\n", "environment-yml", [(2, 1)], "tab"),
    ("dependencies: [a]\ndependencies: [b]\n", "environment-yml", [(2, 1)], "second time"),
    ("dependencies: !!python/name:os.x\n", "environment-yml", [(1, 15)], "the tag"),
    (EXPLICIT + "numpy\n", "conda-explicit", [(4, 1)], "addresses"),
    ("a=1=0\nb=2=0\nc=3=0\nwhat is this\n", "conda-export", [(4, 1)], "no package of the list"),
    (PIP_LIST + "?? 1\n", "pip-list", [(8, 1)], "no package of the list"),
    (PYPROJECT.replace('"numpy>=2"', '"-e ."'), "pyproject", [(8, 4)], "-e is an option"),
    (PYPROJECT.replace('"numpy>=2",', '"numpy>=2"'), "pyproject", [(9, 3)], "it is not TOML"),
    (PYPROJECT.replace('"numpy>=2"', "3"), "pyproject", [(7, 1)], "a dependency is a text"),
    (POETRY.replace('"*"', '{ git = "x" }'), "pyproject", [(8, 1)], "comes from a git"),
    (POETRY.replace('"*"', '"1 || 2"'), "pyproject", [(8, 1)], "alternatives"),
    (PYLOCK.replace('"1.0"', '"9"'), "pylock", [(1, 1)], "lock-version"),
    (PYLOCK.replace('version = "1.6"\n', ""), "pylock", [(22, 1)], "has no version"),
    (PIXI_6.replace("linux-64", "win-64"), "pixi-lock", [(9, 7)], "not for linux-64"),
    ("[tool.poetry\n", "requirements", [(1, 1)], "is not a requirement"),
    ("[1, 2]\n", "unusable", [(1, 1)], "JSON"),
    ("{}\n", "unusable", [(1, 1)], "JSON"),
    ('{"cells": [], "nbformat": 4}\n', "unusable", [(1, 1)], "notebook"),
    ("<!DOCTYPE html>\n", "unusable", [(1, 1)], "web page"),
    ('[project]\nname = "x"\nchannels = ["a"]\n', "pyproject", [(1, 1)], "pixi.lock"),
    ("git+https://a:b@h.example/x/dll.git\n", "requirements", [(1, 1)], "as in dll @ git+"),
    ("dependencies:\n- -r x.txt\n", "environment-yml", [(2, 3)], "names another file"),
    ("[workspace]\nchannels = []\n", "unusable", [(1, 1)], "pixi.lock"),
    ("version = 1\n\n[[package]]\nname = 'x'\n", "unusable", [(3, 1)], "uv export"),
    (
        "# This file is automatically @generated by Poetry 1.8\n\n[[package]]\n",
        "unusable",
        [(3, 1)],
        "poetry export",
    ),
    ("[packages]\nnumpy = '*'\n", "unusable", [(1, 1)], "pipenv requirements"),
    ("from setuptools import setup\nsetup()\n", "unusable", [(1, 1)], "install_requires"),
    ("[package]\nname = 'x'\n", "unusable", [(1, 1)], "TOML"),
    ("--extra-index-url https://a:b@h/x\n", "requirements", [(1, 19)], "credentials"),
    ("--index-url ftp://h/x\n", "requirements", [(1, 13)], "scheme"),
]


@pytest.mark.parametrize(("text", "kind", "places", "words"), WRONG)
def test_what_is_wrong_has_a_line_a_column_and_words(
    text: str, kind: str, places: list[tuple[int, int]], words: str
) -> None:
    found = recognise(text, platform="linux-64")
    assert found.kind == kind
    assert [(e.line, e.column) for e in found.errors] == places
    assert words in found.errors[0].detail
    assert {e.field for e in found.errors} == {"requirements"}
    to_wire(found)


def test_yaml_that_is_no_environment_is_said_to_be_none() -> None:
    for text in ("services:\n  web:\n    image: x\n", "$schema: https://x\nname: y\n"):
        found = recognise(text, "some.yml")
        assert (found.kind, found.manager) == ("unusable", None)
        assert "no `dependencies:`" in found.errors[0].detail


def test_hashes_and_indexes_of_a_file_are_understood() -> None:
    text = (
        "--index-url https://index.example/simple\n"
        "--extra-index-url=https://extra.example/simple  # GPU\n"
        "-i https://other.example/simple\n"
        "--prefer-binary\n"
        f"numpy==2.1.0 \\\n    --hash=sha256:{HASH} \\\n    --hash=sha512:{HASH * 2}\n"
        "    # via scipy --hash=sha256:00\n"
        f"scipy==1.14 ; python_version >= '3' \\\n  --hash sha256:{HASH.upper()} # via x\n"
    )
    found = good(text)
    names = ("numpy==2.1.0", 'scipy==1.14; python_version >= "3"')
    assert found.packages == names
    assert found.hashed == 2
    assert found.index_url == "https://other.example/simple"
    assert found.extra_index_urls == ("https://extra.example/simple",)
    written = recognise(text, hashes=True)
    assert written.packages == (
        f"{names[0]} --hash=sha256:{HASH} --hash=sha512:{HASH * 2}",
        f"{names[1]} --hash=sha256:{HASH}",
    )
    assert recognise("\n".join(written.packages), hashes=True).packages == written.packages


@pytest.mark.parametrize(
    ("text", "places", "words"),
    [
        (f"a==1 --hash=sha256:{HASH}\n\nb==1\nc\n", [(3, 1), (4, 1)], "has no hash"),
        ("--require-hashes\n  a==1\n", [(2, 3)], "--require-hashes is asked for"),
        (f"a>=1 --hash=sha256:{HASH}\n", [(1, 1)], "write a==VERSION"),
        (f"a==1.* --hash=sha256:{HASH}\n", [(1, 1)], "no exact version"),
        (f"a --hash=sha256:{HASH}\n", [(1, 1)], "no exact version"),
        ("a==1 --hash=sha256:00aa\n", [(1, 1)], "64 hexadecimal digits, and this one 4"),
        (f"a==1 \\\n --hash=md5:{HASH[:32]}\n", [(1, 1)], "'md5' are not used here"),
        ("a==1 --hash=whatever\n", [(1, 1)], "is no hash"),
        ("a==1 --hash\n", [(1, 1)], "nothing behind --hash"),
    ],
)
def test_hashes_that_prove_nothing_are_errors(
    text: str, places: list[tuple[int, int]], words: str
) -> None:
    found = recognise(text)
    assert [(e.line, e.column) for e in found.errors] == places
    assert words in found.errors[0].detail


def test_hashes_of_hundreds_of_files_are_no_long_text() -> None:
    lines = "".join(
        f"p{n}==1 \\\n" + " \\\n".join([f"    --hash=sha256:{HASH}"] * 30) + "\n"
        for n in range(300)
    )
    assert len(good(lines).packages) == 300


def test_hashes_for_pip_in_a_conda_environment_are_there_too() -> None:
    text = f"dependencies:\n  - pip:\n    - rich==13 --hash=sha256:{HASH}\n    - x\n"
    found = good(text)
    assert (found.pip, found.hashed) == (("rich==13", "x"), 1)
    assert recognise(text, hashes=True).pip == (f"rich==13 --hash=sha256:{HASH}", "x")


def test_urls_in_requirements_are_allowed_only_if_configured() -> None:
    text = "dependencies:\n  - pip:\n    - x @ https://h.example/x-1-py3-none-any.whl\n"
    assert recognise(text).errors[0].line == 3
    assert recognise(text, allowed_schemes=["https"]).pip != ()


def test_a_repository_with_its_egg_is_a_requirement_where_that_is_allowed() -> None:
    text = "-e git+https://git.example/a.git@main#egg=taming\ngit+https://git.example/b#egg=b[x]\n"
    found = recognise(text, allowed_schemes=["git+https"])
    assert found.errors == ()
    # packaging before 23 writes no blank before the @.
    assert [p.replace(" ", "") for p in found.packages] == [
        "taming@git+https://git.example/a.git@main",
        "b[x]@git+https://git.example/b",
    ]
    assert any("not editable: taming" in notice for notice in found.notices)
    assert [e.line for e in recognise(text).errors] == [1, 2]


def test_secrets_in_a_file_are_not_repeated() -> None:
    text = (
        "dependencies:\n"
        "  - https://ada:geheim@h/c/linux-64/a-1-0.conda\n"
        "  - pip:\n"
        "    - --extra-index-url https://ada:geheim@h/simple\n"
        "    - x @ https://ada:geheim@h/x.whl\n"
    )
    found = recognise(text, allowed_schemes=["https"])
    assert [e.line for e in found.errors] == [2, 4, 5]
    assert "geheim" not in repr(found)


ADDRESS = "https://ada:ge:heim@h.example/t/tk-geheim-1/x"
LINES = [
    f"numpy @{ADDRESS}",
    f"numpy={ADDRESS}",
    f"numpy=={ADDRESS}",
    f"numpy {ADDRESS}",
    f"numpy; {ADDRESS}",
    f"numpy[{ADDRESS}]",
    f"numpy[version={ADDRESS}]",
    f"numpy[build={ADDRESS}]",
    f"numpy[channel={ADDRESS}]",
    ADDRESS,
    f"{ADDRESS} x",
    f"{ADDRESS}::numpy bad bad bad",
    f"-i {ADDRESS}",
    f"--find-links {ADDRESS}",
    f"--{ADDRESS}",
    f"pip install -i {ADDRESS} x",
    f"conda install -c {ADDRESS} x",
    f"a b {ADDRESS}",
    "x" * 40 + ADDRESS,
    "ada:geheim@h.example/x",
]
PLACES = [
    "{}\n",
    "numpy=1\nscipy=1\n{}\n",
    "a=1=0\nb=1=0\nc=1=0\n{}\n",
    "Package Version\n{}\n",
    "@EXPLICIT\n{}\n",
    "dependencies:\n - '{}'\n",
    "dependencies:\n - '{}': x\n",
    "dependencies:\n - pip:\n   - '{}'\n",
    "channels: ['{}']\ndependencies: []\n",
    "variables: {{'{}': x}}\ndependencies: []\n",
    "name: ['{}']\ndependencies: []\n",
    "'{}': x\ndependencies: []\n",
    "'{0}': x\n'{0}': x\ndependencies: []\n",
    "dependencies: !<{}> x\n",
    "version: '{}'\nenvironments: {{}}\n",
    "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n      - conda: '{}'\n",
    "version: 6\nenvironments:\n  default:\n    packages:\n      linux-64:\n      - pypi: '{}'\n",
    "[project]\ndependencies = ['{}']\n",
    "[tool.poetry.dependencies]\n'{}' = 3\n",
    "lock-version = '{}'\n[[packages]]\n",
    "lock-version = '1.0'\n[[packages]]\nname = '{}'\n",
]


@pytest.mark.parametrize("place", PLACES)
def test_no_error_repeats_a_password_or_a_token(place: str) -> None:
    for line in LINES:
        found = recognise(place.format(line), platform="linux-64", allowed_schemes=["https"])
        said = repr(found.errors) + repr(found.notices)
        assert "heim" not in said, line


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("numpy\n" * 60_000, "requirements"),
        ("dependencies:\n" + "  - numpy\n" * 40_000, "environment-yml"),
        ("@EXPLICIT\n" + "x\n" * 200_000, "conda-explicit"),
        ("[project]\n" + "#\n" * 200_000, "pyproject"),
        (PIXI_6 + "#\n" * 2_200_000, "pixi-lock"),
        ("lock-version = '1.0'\n" + "#\n" * 1_100_000, "pylock"),
    ],
)
def test_what_is_too_large_is_refused_unread(text: str, kind: str) -> None:
    begun = time.process_time()
    found = recognise(text)
    assert found.kind == kind
    assert [e.code for e in found.errors] == ["too-large"]
    assert time.process_time() - begun < 5


@pytest.mark.parametrize(
    "text",
    [
        "dependencies: " + "[" * 200_000,
        "dependencies:\n" + "- {a: " * 30_000,
        "[project]\nx = " + "[" * 100_000,
        "[project]\n" + ".".join("a" * 60_000) + " = 1\n",
        "[project]\n" + "".join(f"[a{'.b' * n}]\n" for n in range(400)),
        "[" * 200_000,
        '[{"name": ' + "[" * 100_000,
        "@EXPLICIT\n" + "https://h/linux-64/" + "a-" * 900 + "\n",
        "a" * 200_000,
        "a" * 1_999 + "\n" + "- " * 1_000,
        "numpy" + " --hash=sha256:0" * 10_000,
        ("x @ file:///" + "croot" * 390 + "\n") * 100,
        "\n".join(["a  1" + " " * 1_900 + "!"] * 100),
        "\n".join(["a=" + "=" * 1_900] * 100),
        "Package Version\n" + "a 1" + " " * 100_000 + "\x00\n",
        "name: x\n" * 20_000 + "dependencies: []\n",
        "a;" + "(" * 1_900 + "os_name=='x'",
        "dependencies:\n - pip:\n" + ("   - a; " + "(" * 1_900 + "\n") * 100,
        "numpy" + " " * 200_000 + "x",
        "[project]\n" + ("a" * 256 + ".") * 900 + "a=1",
        "[tool.poetry.dependencies]\n" + "".join(f'a{n}="^1"\n' for n in range(20_000)),
        "lock-version='1.0'\n" + ("a" * 256 + ".") * 8_000 + "a=1",
        "version: 6\nenvironments:\n" + "".join(f" e{n}: {{}}\n" for n in range(90_000)),
        "metadata: {}\npackage:\n" + "- {name: a, manager: conda}\n" * 60_000,
    ],
)
def test_a_hostile_text_is_answered_at_once(text: str) -> None:
    begun = time.process_time()
    found = recognise(text, platform="linux-64")
    assert time.process_time() - begun < 5
    assert found.errors or len(found.packages) <= 1
    assert all(e.line and e.line >= 1 for e in found.errors)


@given(st.text(max_size=200))
def test_any_text_has_an_answer(text: str) -> None:
    found = recognise(text, platform="linux-64")
    to_wire(found)
    if found.manager is None:
        assert found.packages == ()


@given(st.lists(st.sampled_from((ENVIRONMENT + EXPORT + PYPROJECT + PIXI_6).split("\n"))))
def test_any_mixture_of_such_lines_has_an_answer(lines: list[str]) -> None:
    found = recognise("\n".join(lines), platform="linux-64")
    assert found.errors or found.manager or found.kind == "empty"


def test_only_a_missing_parser_is_raised(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(EnvMgrError, match="PyYAML"):
        recognise(ENVIRONMENT)
    monkeypatch.setitem(sys.modules, "tomllib", None)
    monkeypatch.setitem(sys.modules, "tomli", None)
    with pytest.raises(EnvMgrError, match="TOML"):
        recognise(PYPROJECT)
    assert recognise(FREEZE).errors == ()
