"""environment.yml: every mistake has its place, and what is written is read back."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.conda.environment_yml import EnvironmentFile, parse_environment_yml
from jupyter_envmgr.core.conda.environment_yml_writer import write_environment_yml
from jupyter_envmgr.core.errors import EnvMgrError

FILES = Path(__file__).parent / "files"

WHOLE = """\
# exported
name: training
channels:
  - conda-forge
  - nodefaults
  - https://conda.example/team
dependencies:
  - python=3.12
  - numpy >=2,<3   # fast
  - "scipy=1.14.*"
  - pytorch=2.5=*cuda*
  - pip
  - pip:
      - torchmetrics==1.4
      - 'rich[jupyter]>=13 ; python_version >= "3.9"'
variables:
  OMP_NUM_THREADS: 4
  EMPTY:
  VERSION: 3.10
prefix: /home/ada/envs/training
"""


def test_all_that_a_file_can_say_is_read() -> None:
    file = parse_environment_yml(WHOLE)
    assert file.name == "training"
    assert file.channels == ("conda-forge", "https://conda.example/team")
    assert [s.text for s in file.specs] == [
        "python=3.12",
        "numpy>=2,<3",
        "scipy=1.14",
        "pytorch=2.5=*cuda*",
        "pip",
    ]
    assert [(line.text, line.line, line.column) for line in file.pip] == [
        ("torchmetrics==1.4", 14, 9),
        ('rich[jupyter]>=13 ; python_version >= "3.9"', 15, 10),
    ]
    assert file.variables == (("OMP_NUM_THREADS", "4"), ("EMPTY", ""), ("VERSION", "3.10"))
    assert file.prefix == "/home/ada/envs/training"
    assert any("prefix in line 20 is left out" in notice for notice in file.notices)


@pytest.mark.parametrize(
    "text",
    [
        "dependencies: [numpy, scipy]\n",
        "dependencies:\n- numpy\n- scipy\n",
        "\ufeffdependencies:\r\n  - numpy\r\n  - scipy\r\n",
        "x: &d [numpy, scipy]\ndependencies: *d\n",
        '{"dependencies": ["numpy", "scipy", "numpy"]}',
        "dependencies:\n  - numpy\t# a tab before a comment\n  - scipy\n",
    ],
    ids=["flow", "no indentation", "Windows", "anchor", "JSON", "tab"],
)
def test_the_same_file_may_be_written_in_many_ways(text: str) -> None:
    assert [s.text for s in parse_environment_yml(text).specs] == ["numpy", "scipy"]


WRONG = [
    ("", 1, 1, "there is nothing in it"),
    ("- numpy\n", 1, 1, "entries such as"),
    ("numpy\n", 1, 1, "entries such as"),
    ("dependencies: numpy\n", 1, 15, "takes a list"),
    ("dependencies:\n  numpy: 1\n", 2, 3, "takes a list"),
    ("dependencies:\n  - numpy >>1\n", 2, 12, "a version is expected"),
    ("dependencies:\n  - 'numpy >>1'\n", 2, 13, "a version is expected"),
    ("dependencies:\n  -\n  - scipy\n", 2, 4, "nothing behind the dash"),
    ("dependencies:\n  - [numpy]\n", 2, 5, "one text"),
    ("dependencies:\n  - numpy: 1.2\n", 2, 5, "write numpy=1.2"),
    ("dependencies:\n  - pip: numpy\n", 2, 10, "takes a list"),
    ("dependencies:\n  - pip:\n    - {a: b}\n", 3, 7, "one text"),
    ("dependencies:\n  - pip:\n    - \n", 3, 6, "one text"),
    ("channels: {a: b}\ndependencies: []\n", 1, 11, "takes a list"),
    ("channels: [[a]]\ndependencies: []\n", 1, 12, "one text"),
    ("channels:\n  - ftp://x/y\ndependencies: []\n", 2, 5, "not allowed"),
    ("channels:\n  - a b\ndependencies: []\n", 2, 5, "neither the name nor the address"),
    ("name: [x]\ndependencies: []\n", 1, 7, "one text"),
    ('name: "a\\tb"\ndependencies: []\n', 1, 7, "cannot be used"),
    ("variables: [A]\ndependencies: []\n", 1, 12, "takes entries"),
    ("variables: {1A: x}\ndependencies: []\n", 1, 13, "cannot be the name of a variable"),
    ("variables: {A: [x]}\ndependencies: []\n", 1, 16, "one text"),
    ("variables:\n  A: " + "x" * 9000 + "\ndependencies: []\n", 2, 6, "too long"),
    ("dependancies:\n  - numpy\n", 1, 1, "write `dependencies:`"),
    ("1: x\ndependencies: []\n", 1, 1, "is no text"),
    ("true: x\ndependencies: []\n", 1, 1, "is no text"),
    ("dependencies:\n  - numpy\n\t- scipy\n", 3, 1, "tab"),
    ("dependencies:\n  - a\ndependencies:\n  - b\n", 3, 1, "second time"),
    ("dependencies: !!python/object/apply:os.system [id]\n", 1, 15, "the tag"),
    ("dependencies:\n  - conda-forge:numpy\n", 2, 16, "cannot follow"),
    ("dependencies:\n  - https://a:b@h/c/linux-64/x-1-0.conda\n", 2, 5, "credentials"),
]


@pytest.mark.parametrize(("text", "line", "column", "words"), WRONG)
def test_a_mistake_is_named_with_line_and_column(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        parse_environment_yml(text)
    assert caught.value.code == "bad-environment-file"
    (error,) = caught.value.errors
    assert words in error.detail
    assert (error.line, error.column) == (line, column)
    assert f"line {line}, column {column}" in caught.value.detail


def test_all_mistakes_are_said_at_once_in_their_order() -> None:
    text = "name: [x]\ndependencies:\n  - >>1\n  - a b c\n  - pip: 1\nvariables: 3\n"
    with pytest.raises(EnvMgrError) as caught:
        parse_environment_yml(text.replace(">>1", "'>>1'"))
    assert [e.line for e in caught.value.errors] == [1, 3, 4, 5, 6]
    assert "and 2 more" in caught.value.detail


def test_an_entry_that_is_not_known_is_left_out_and_said() -> None:
    file = parse_environment_yml("platforms: [linux-64]\ndependencies: [numpy]\n")
    assert any("'platforms' in line 1 is left out" in notice for notice in file.notices)


def test_the_packages_of_other_systems_are_left_out() -> None:
    text = "dependencies:\n  - sel(linux): gdb\n  - sel(osx): lldb\n  - sel(win): vc\n"
    assert [s.text for s in parse_environment_yml(text).specs] == ["gdb"]


@pytest.mark.parametrize(
    ("text", "platform"),
    [
        ("# platform: osx-arm64\ndependencies: []\n", "osx-arm64"),
        ("dependencies: []\nprefix: C:\\Users\\ada\\envs\\x\n", "win-64"),
        ("dependencies: []\nprefix: /Users/ada/envs/x\n", "osx-64"),
        ("dependencies: []\nprefix: /home/ada/envs/x\n", ""),
        ("dependencies: []\n", ""),
    ],
)
def test_where_a_file_was_exported_is_seen(text: str, platform: str) -> None:
    assert parse_environment_yml(text).platform == platform


def test_the_file_of_a_training_platform_is_read_whole() -> None:
    file = parse_environment_yml((FILES / "requirements_pytorch.txt").read_text())
    assert len(file.specs) == 175
    assert len(file.pip) == 29
    assert file.channels == ("pytorch", "nvidia", "defaults")
    pytorch = next(s for s in file.specs if s.name == "pytorch")
    assert (pytorch.version, pytorch.build) == ("==1.13.1", "py3.8_cuda11.7_cudnn8.5.0_0")


_words = st.text(max_size=20).filter(lambda t: t.strip() == t and t.isprintable())
_names = st.from_regex(r"[a-z_][a-z0-9-]{0,6}[a-z0-9]", fullmatch=True)
_specs = st.builds(
    "{}{}".format,
    _names,
    st.sampled_from(["", "=1.2", "==1.2", ">=1,<2", "=1.2=py_0", "[version='>=1',build='*a*']"]),
)
_values = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=30)


@given(
    name=_words,
    specs=st.lists(_specs, max_size=5, unique=True),
    pip=st.lists(_words.filter(bool), max_size=5),
    variables=st.dictionaries(
        st.from_regex(r"[A-Za-z_][A-Za-z0-9_]{0,10}", fullmatch=True), _values, max_size=3
    ),
)
def test_what_is_written_is_read_back(
    name: str, specs: list[str], pip: list[str], variables: dict[str, str]
) -> None:
    text = write_environment_yml(name, ["conda-forge", "https://h/x"], specs, pip, variables)
    file = parse_environment_yml(text)
    assert file.name == name
    assert file.channels == ("conda-forge", "https://h/x")
    assert [s.text for s in file.specs] == specs
    assert [line.text for line in file.pip] == pip
    assert dict(file.variables) == variables


@given(name=_words, variables=st.dictionaries(_names, _values, max_size=3))
def test_conda_reads_what_is_written_as_it_is_meant(name: str, variables: dict[str, str]) -> None:
    import yaml

    specs = ["7zip=1", "numpy=1.10", "yes", "tzdata[version='>=2024a']"]
    text = write_environment_yml(name, ["pytorch"], specs, ["a==1.0", "#x", "- y"], variables)
    found = yaml.safe_load(text)
    assert found.get("name", "") == name
    assert found["dependencies"] == [*specs, {"pip": ["a==1.0", "#x", "- y"]}]
    assert found.get("variables", {}) == variables


def test_a_file_with_nothing_in_it_is_a_file() -> None:
    assert parse_environment_yml(write_environment_yml("", [], [])) == EnvironmentFile()
