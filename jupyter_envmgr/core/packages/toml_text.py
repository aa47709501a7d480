"""TOML of strangers: read with the place of what is wrong, and bounded."""

from __future__ import annotations

import bisect
import importlib
import re
from dataclasses import dataclass
from typing import Any

from ..errors import EnvMgrError

LARGEST_LOCK = 2 * 1024 * 1024
_AT = re.compile(r"\s*\(at (?:line (\d+), column (\d+)|end of document)\)$")
# tomllib takes a minute for a key of 60,000 parts (a.a.a…).
_STRING = re.compile(r"""\"[^"\\\n]*(?:\\.[^"\\\n]*)*\"|'[^'\n]*'""")
_PART = re.compile(r"[\w-]+[ \t]*(\.?)[ \t]*")
_MOST_PARTS = 64
_KEY = re.compile(
    r"""^[ \t]*["']?([\w-]{1,255})["']?[ \t]*=|^[ \t]*\[[\w. -]{0,255}\.([\w-]{1,255})\]""",
    re.MULTILINE,
)


class TomlError(Exception):
    """What is wrong with a text, and where: ``line`` and ``column`` count from 1."""

    def __init__(self, detail: str, line: int, column: int = 1) -> None:
        super().__init__(detail)
        self.detail = detail
        self.line = line
        self.column = column


@dataclass(frozen=True)
class TomlLine:
    """A requirement line, and where it stands in the file."""

    text: str
    line: int
    column: int


def parse_toml(text: str, largest: int = LARGEST_LOCK) -> dict[str, Any]:
    """The tables of a TOML text. Raises TomlError, and ``engine-missing`` without a parser.

    Python has one since 3.11. On 3.10 JupyterLab itself depends on tomli, which is the same code;
    pip's own copy is private to pip, and newer pips have it no more.
    """
    toml = _parser()
    if len(text) > largest:
        raise TomlError(f"{len(text):,} characters: {largest:,} at most", 1)
    _check_keys(_STRING.sub("q", text))
    try:
        tables: dict[str, Any] = toml.loads(text)
    except toml.TOMLDecodeError as error:
        words = str(error)
        at = _AT.search(words)
        last = text.count("\n") + 1
        line, column = (int(at.group(1) or last), int(at.group(2) or 1)) if at else (1, 1)
        raise TomlError(f"it is not TOML: {_AT.sub('', words)[:200]}", line, column) from None
    except RecursionError:
        raise TomlError("it is nested too deeply", 1) from None
    return tables


def _check_keys(text: str) -> None:
    """Refuse keys of very many parts, in a text without its strings."""
    parts = end = 0
    for match in _PART.finditer(text):
        parts = parts + 1 if match.start() == end and parts else 1
        end = match.end() if match.group(1) else -1
        if parts > _MOST_PARTS:
            raise TomlError("a key has too many parts", text.count("\n", 0, end) + 1)


def _parser() -> Any:
    for name in ("tomllib", "tomli"):
        try:
            return importlib.import_module(name)
        except ImportError:
            continue
    raise EnvMgrError(
        "engine-missing",
        "reading TOML needs Python 3.11, or tomli, which this Python does not have",
        hint="Paste the requirements one per line, or install tomli where Jupyter runs.",
    )


class Places:
    """Where texts and keys stand in a file: asked for in the order of the file, it is fast."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._starts = [0, *(m.end() for m in re.finditer("\n", text))]
        self._at = 0
        self._keys: dict[str, int] = {}
        for match in _KEY.finditer(text):
            name = match.group(1) or match.group(2)
            self._keys.setdefault(name, match.start(match.lastindex or 0))

    def of_text(self, text: str) -> tuple[int, int]:
        """Line and column of a quoted text, behind the one before; the first if it is nowhere."""
        quoted = [q + text + q for q in "\"'"]
        found = [at for q in quoted if (at := self._text.find(q, self._at)) >= 0]
        if not found:
            return 1, 1
        self._at = min(found) + 1
        return self._place(self._at)

    def of_key(self, name: str) -> tuple[int, int]:
        """Line and column of the first ``name =`` or ``[….name]``."""
        return self._place(self._keys.get(name, 0))

    def _place(self, at: int) -> tuple[int, int]:
        line = bisect.bisect_right(self._starts, at)
        return line, at - self._starts[line - 1] + 1


def texts_of(value: object) -> tuple[str, ...]:
    return tuple(v for v in value if isinstance(v, str)) if isinstance(value, list) else ()
