"""What people paste is recognised by what is in it, whatever the file is called."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.recognised import recognise
from jupyter_envmgr.core.packages.requirements import decode
from jupyter_envmgr.core.wire import to_wire
from tests.core.conda.test_lock_files import CONDA_LOCK, PIXI_6, PIXI_7
from tests.core.packages.pasted_texts import (
    CONDA_LIST,
    ENVIRONMENT,
    EXPLICIT,
    EXPORT,
    FORGE,
    FREEZE,
    MAMBA_LIST,
    PIP_LIST,
    POETRY,
    PYLOCK,
    PYPROJECT,
    good,
)

FILES = Path(__file__).parent.parent / "conda" / "files"


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
