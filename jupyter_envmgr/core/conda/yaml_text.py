"""YAML of strangers as a tree that knows lines and columns: no tags, no surprises, bounded work.

The only module that imports PyYAML, and only when a text is read: it comes with JupyterLab, but
the rescue path has to do without. It reads the parser's events and not its objects, so that
nothing is constructed, depth is counted before anything recurses, an alias is the very node that
it names (a billion laughs stay nine lines), and a key that is there twice is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

from ..citing import cited
from ..errors import EnvMgrError

LARGEST = 256 * 1024
LARGEST_LOCK = 4 * 1024 * 1024
# Without libyaml a megabyte takes ten seconds.
_LARGEST_SLOW = 512 * 1024
_DEEPEST = 24
_MOST_NODES = 200_000
_CORE_TAGS = frozenset(
    f"tag:yaml.org,2002:{name}" for name in ("str", "int", "float", "bool", "null", "seq", "map")
)
_NO_LINE_ENDS = {0x85: " ", 0x2028: " ", 0x2029: " "}
_NOT_TEXT = ("", "~", "null", "Null", "NULL")


class YamlError(Exception):
    """What is wrong with a text, and where: ``line`` and ``column`` count from 1."""

    def __init__(self, detail: str, line: int, column: int) -> None:
        super().__init__(detail)
        self.detail = detail
        self.line = line
        self.column = column


@dataclass(eq=False)
class Node:
    """A piece of a YAML text. ``text`` is a scalar's, as written: ``3.10`` stays ``3.10``."""

    kind: Literal["scalar", "list", "map"]
    line: int
    column: int
    text: str = ""
    quoted: bool = False
    items: list[Node] = field(default_factory=list)
    entries: dict[str, tuple[Node, Node]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing: YAML's null."""
        return self.kind == "scalar" and not self.quoted and self.text in _NOT_TEXT

    def get(self, key: str) -> Node | None:
        """The value of a key of a map; None if it is not there or says nothing."""
        entry = self.entries.get(key)
        return None if entry is None or entry[1].is_empty else entry[1]

    def word(self, key: str) -> str:
        """The text of a key of a map; empty if it is not there or no text."""
        value = self.get(key)
        return value.text if value is not None and value.kind == "scalar" else ""


def parse_yaml(text: str, largest: int = LARGEST) -> Node | None:
    """The tree of a text with one document; None if there is nothing in it.

    Raises YamlError, and ``engine-missing`` where there is no PyYAML.
    """
    try:
        import yaml
    except ImportError:
        raise EnvMgrError(
            "engine-missing",
            "reading this file needs PyYAML, which this Python does not have",
            hint="Install PyYAML where Jupyter runs; it is a part of jupyter_events.",
        ) from None
    fast = getattr(yaml, "CSafeLoader", None)
    largest = largest if fast else min(largest, _LARGEST_SLOW)
    if len(text) > largest:
        raise YamlError(f"{len(text):,} characters: {largest:,} at most", 1, 1)
    # YAML 1.1 ends lines at these too; editors, and who counts lines in them, do not.
    text = text.translate(_NO_LINE_ENDS)
    try:
        return _tree(yaml, yaml.parse(text, Loader=fast or yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        detail = _words(str(error.problem or error.context or "it is not YAML"))
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        lines = text.split("\n")
        # libyaml says only that a character cannot begin anything.
        if line <= len(lines) and lines[line - 1][column - 1 : column] == "\t":
            detail = "there is a tab: YAML indents with spaces"
        raise YamlError(detail, line, column) from None
    except yaml.reader.ReaderError as error:
        raise _of_character(text) or YamlError(f"it is not YAML: {error.reason}", 1, 1) from None
    except UnicodeEncodeError as error:
        before = text[: error.start]
        line, column = before.count("\n") + 1, error.start - before.rfind("\n")
        raise YamlError("there is a character that is no Unicode", line, column) from None
    except RecursionError:
        raise YamlError("it is nested too deeply", 1, 1) from None


def _of_character(text: str) -> YamlError | None:
    """The first character that YAML does not know (YAML 1.1, 5.1)."""
    line, begin = 1, 0
    for index, c in enumerate(text):
        if c == "\n":
            line, begin = line + 1, index + 1
        elif not (
            c in "\t\r\x85"
            or " " <= c <= "~"
            or "\xa0" <= c <= "\ud7ff"
            or "\ue000" <= c <= "\ufffd"
            or c >= "\U00010000"
        ):
            return YamlError(f"the character {c!a} has no place in YAML", line, index - begin + 1)
    return None


def _words(problem: str) -> str:
    """What the parser says, for people who did not write a parser."""
    if "'\\t'" in problem or "tab character" in problem:
        return "there is a tab: YAML indents with spaces"
    if "mapping values are not allowed" in problem:
        return "a colon is not expected here: check the indentation, or quote the text"
    if "did not find expected '-' indicator" in problem or "expected <block end>" in problem:
        return f"the indentation does not fit the lines above ({problem})"
    return f"it is not YAML: {problem}"


def _tree(yaml: Any, events: Iterator[Any]) -> Node | None:
    """The tree of the events of a parser, built with a stack of our own."""
    root: Node | None = None
    open_: list[_Open] = []
    anchors: dict[str, Node | None] = {}
    count = documents = 0
    begins = yaml.SequenceStartEvent, yaml.MappingStartEvent
    ends = yaml.SequenceEndEvent, yaml.MappingEndEvent
    for event in events:
        if isinstance(event, ends):
            closed = open_.pop()
            if closed.anchor:
                anchors[closed.anchor] = closed.node
            closed.finish()
            continue
        line, column = event.start_mark.line + 1, event.start_mark.column + 1
        if isinstance(event, yaml.AliasEvent):
            known = anchors.get(event.anchor)
            if known is None:
                names = "it is inside of" if event.anchor in anchors else "nobody defined"
                raise YamlError(f"*{event.anchor} names what {names}", line, column)
            node, anchor = known, None
        elif isinstance(event, yaml.NodeEvent):
            node, anchor = _node(yaml, event, line, column), event.anchor
        else:
            documents += isinstance(event, yaml.DocumentStartEvent)
            if documents > 1:
                raise YamlError("a second document begins here: one is expected", line, column)
            continue
        count += 1
        if count > _MOST_NODES:
            raise YamlError(f"more than {_MOST_NODES:,} pieces", line, column)
        if open_:
            open_[-1].add(node, line, column)
        else:
            root = node
        if isinstance(event, begins):
            if len(open_) >= _DEEPEST:
                raise YamlError(f"it is nested more than {_DEEPEST} deep", line, column)
            open_.append(_Open(node, anchor))
            if anchor:
                anchors[anchor] = None
        elif anchor:
            anchors[anchor] = node
    return None if root is None or root.is_empty else root


def _node(yaml: Any, event: Any, line: int, column: int) -> Node:
    tag = event.tag
    if tag not in (None, "!") and tag not in _CORE_TAGS:
        raise YamlError(f"the tag {cited(tag)} is not accepted: write plain text", line, column)
    if isinstance(event, yaml.ScalarEvent):
        # libyaml says "" for what has no quotes, the other parser None.
        quoted = bool(event.style) or tag == "tag:yaml.org,2002:str"
        return Node("scalar", line, column, text=event.value, quoted=quoted)
    kind: Literal["list", "map"] = "list" if isinstance(event, yaml.SequenceStartEvent) else "map"
    return Node(kind, line, column)


class _Open:
    """A list or map whose end was not seen yet."""

    def __init__(self, node: Node, anchor: str | None) -> None:
        self.node = node
        self.anchor = anchor
        self._key: tuple[Node, int, int] | None = None
        self._merged: list[tuple[Node, int, int]] = []

    def add(self, node: Node, line: int, column: int) -> None:
        if self.node.kind == "list":
            self.node.items.append(node)
        elif self._key is None:
            if node.kind != "scalar":
                raise YamlError("a key must be a text", line, column)
            self._key = node, line, column
        else:
            (key, at, where), self._key = self._key, None
            if key.text == "<<" and not key.quoted:
                self._merged.append((node, at, where))
            elif key.text in self.node.entries:
                first = self.node.entries[key.text][0].line
                detail = f"the key {cited(key.text)} is here for the second time: see line {first}"
                raise YamlError(detail, at, where)
            else:
                self.node.entries[key.text] = key, node

    def finish(self) -> None:
        """Fill in what ``<<`` refers to; what the map says itself counts more."""
        for merged, line, column in self._merged:
            for source in merged.items if merged.kind == "list" else [merged]:
                if source.kind != "map":
                    raise YamlError("<< takes the entries of a map", line, column)
                for key, entry in source.entries.items():
                    self.node.entries.setdefault(key, entry)
