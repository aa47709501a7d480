"""A pasted text of any kind has an answer, at once, that repeats no secret."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jupyter_envmgr.core.packages.recognised import recognise
from jupyter_envmgr.core.wire import to_wire
from tests.core.conda.test_lock_files import PIXI_6
from tests.core.packages.pasted_texts import ENVIRONMENT, EXPORT, PYPROJECT


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
