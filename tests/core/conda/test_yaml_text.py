"""YAML of strangers: no tag, no explosion, and a place for everything that is wrong."""

from __future__ import annotations

import contextlib
import sys
import time

import pytest

from jupyter_envmgr.core.conda.yaml_text import LARGEST, Node, YamlError, parse_yaml
from jupyter_envmgr.core.errors import EnvMgrError


def plain(node: Node | None) -> object:
    """The tree as Python's own values."""
    if node is None or node.is_empty:
        return None
    if node.kind == "list":
        return [plain(item) for item in node.items]
    if node.kind == "map":
        return {key: plain(value) for key, (_, value) in node.entries.items()}
    return node.text


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", None),
        ("# nothing\n", None),
        ("a: 1\nb: [x, 'y', \"z\"]\n", {"a": "1", "b": ["x", "y", "z"]}),
        ("v: 3.10\n", {"v": "3.10"}),
        ("v: 0x10\nw: yes\n", {"v": "0x10", "w": "yes"}),
        ("v: ~\nw: '~'\n", {"v": None, "w": "~"}),
        ("a: &x [1]\nb: *x\n", {"a": ["1"], "b": ["1"]}),
        (
            "a: &x {k: 1, l: 2}\nb:\n  <<: *x\n  k: 3\n",
            {"a": {"k": "1", "l": "2"}, "b": {"k": "3", "l": "2"}},
        ),
        ("a: |\n  one\n  two\n", {"a": "one\ntwo\n"}),
        ("a: !!str 5\n", {"a": "5"}),
    ],
)
def test_text_stays_as_it_is_written(text: str, value: object) -> None:
    assert plain(parse_yaml(text)) == value


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        ("a: 1\n\tb: 2\n", 2, 1, "tab"),
        ("a: x\u2028y\x85z\n\tb: 2\n", 2, 1, "tab"),
        ("a:\n  - b\n c: 1\n", 3, 2, ""),
        ("a: b: c\n", 1, 5, "colon"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "second time: see line 1"),
        ("? [a, b]\n: 1\n", 1, 3, "a key must be a text"),
        ("{a: 1}: 2\n", 1, 1, "a key must be a text"),
        ("a: !!python/object/apply:os.system ['id']\n", 1, 4, "the tag"),
        ("a: !!python/name:os.system x\n", 1, 4, "the tag"),
        ("a: !custom x\n", 1, 4, "the tag"),
        ("a: !!binary aGk=\n", 1, 4, "the tag"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document"),
        ("a: *x\n", 1, 4, "nobody defined"),
        ("a: &x [*x]\n", 1, 8, "it is inside of"),
        ("<<: 3\na: 1\n", 1, 1, "<< takes"),
        ("a: " + "[" * 50 + "]" * 50, 1, 27, "nested more than"),
        ("a: [1, 2\nb: 3\n", 2, 2, ""),
        ("a: 'open\n", 2, 1, ""),
        ("a: x\x07\n", 1, 5, "has no place in YAML"),
        ("a: 1\nb: \x00\n", 2, 4, "has no place in YAML"),
        ("a: 1\nb: \ud800\n", 2, 4, ""),
        ("x" * (LARGEST + 1), 1, 1, "at most"),
    ],
)
def test_what_is_wrong_has_a_line_and_a_column(
    text: str, line: int, column: int, words: str
) -> None:
    with pytest.raises(YamlError) as caught:
        parse_yaml(text)
    assert words in caught.value.detail
    assert (caught.value.line, caught.value.column) == (line, column)


@pytest.mark.parametrize(
    "text",
    [
        "a: &a [x,x,x,x,x,x,x,x,x]\n"
        + "".join(
            f"{new}: &{new} [{','.join([f'*{old}'] * 9)}]\n"
            for old, new in zip("abcdefgh", "bcdefghi", strict=True)
        ),
        "[" * 200_000,
        "{a: " * 60_000,
        "- " * 100_000,
        "a: " + "*x " * 50_000,
        "".join(f"k{i}: &a{i} v\n" for i in range(15_000)),
        "a: 1\n" + "".join(f"b{i}: &m{i}\n  <<: *m{i - 1}\n" for i in range(1, 3_000)),
        "? " * 100_000,
        "'" + "''" * 100_000,
        "a: >\n" + " x\n" * 80_000,
        "&a " * 80_000,
        "!!str " * 40_000,
        "%TAG ! tag:x,2000:\n" * 10_000,
    ],
    ids=[
        "billion laughs",
        "brackets",
        "braces",
        "dashes",
        "aliases",
        "anchors",
        "merges",
        "keys",
        "quotes",
        "folded",
        "anchors of nothing",
        "tags",
        "directives",
    ],
)
def test_a_hostile_text_is_done_with_at_once(text: str) -> None:
    begun = time.process_time()
    with contextlib.suppress(YamlError):
        parse_yaml(text)
    assert time.process_time() - begun < 5


def test_without_pyyaml_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(EnvMgrError, match="PyYAML") as caught:
        parse_yaml("a: 1\n")
    assert caught.value.code == "engine-missing"


def test_without_libyaml_the_answers_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    import yaml

    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    assert plain(parse_yaml("a: &x [1, 2]\nb: *x\n")) == {"a": ["1", "2"], "b": ["1", "2"]}
    with pytest.raises(YamlError, match="tab"):
        parse_yaml("a: 1\n\tb: 2\n")
    with pytest.raises(YamlError, match="nested"):
        parse_yaml("[" * 200_000)
