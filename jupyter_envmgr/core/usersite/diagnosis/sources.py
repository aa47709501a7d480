"""What a module imports whenever it is imported itself, and which names it has: by its source.

Only statements that begin at the left margin count: what is indented may depend on something.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from ...packages.files import read_regular
from .kept import Kept

_LARGEST = 2 << 20
_IMPORT = re.compile(
    rb"^(?:from[ \t]+(?P<origin>[.\w]+)[ \t]+import[ \t]*"
    rb"(?P<names>\([^()]*\)|[^\n;#\\]*(?:\\\r?\n[^\n;#\\]*)*)"
    rb"|import[ \t]+(?P<modules>[^\n;#(]+))",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"#[^\n]*")
_DYNAMIC = re.compile(
    rb"sys\.modules|globals\(\)|setattr\(|__getattr__|\bexec\(|vars\(\)|locals\(\)|lazy"
    rb"|__class__\s*=|_ModuleType|import_module\("
)
_MOVING = re.compile(rb"sys\.modules|__path__|meta_path|path_hooks|extend_path")


@dataclass(frozen=True)
class Import:
    """An import at the left margin. ``names`` are None for ``import module``.

    ``level`` counts the dots before ``module``.
    """

    line: int
    module: str
    level: int
    names: tuple[str, ...] | None
    text: str


@dataclass(frozen=True)
class Source:
    """What a source says. ``is_moving``: it changes where submodules come from by itself."""

    imports: tuple[Import, ...] = ()
    is_moving: bool = False


@dataclass(frozen=True)
class Names:
    """The names that a module has. ``is_open``: it may have others. ``stars``: from these, too."""

    defined: frozenset[str]
    stars: tuple[tuple[str, int], ...] = ()
    is_open: bool = False


def read_source(path: str, kept: Kept) -> Source:
    """The imports of a source file. Nothing for one that cannot be read."""
    return kept.get("imports", path, lambda: _read(path))


def _read(path: str) -> Source:
    data = read_regular(path, _LARGEST)
    if data is None:
        return Source()
    found: list[Import] = []
    for match in _IMPORT.finditer(data):
        found += _imports(data, match)
    return Source(tuple(found), bool(_MOVING.search(data)))


def _imports(data: bytes, match: re.Match[bytes]) -> list[Import]:
    line = data.count(b"\n", 0, match.start()) + 1
    if match["modules"] is not None:
        words = match["modules"].decode("utf-8", "replace").replace("\\\n", " ").split(",")
        modules = [word.split(" as ")[0].strip() for word in words]
        return [Import(line, m, 0, None, f"import {m}") for m in modules if _is_dotted(m)]
    origin = match["origin"].decode("utf-8", "replace")
    module = origin.lstrip(".")
    inner = _COMMENT.sub(b"", match["names"]).strip(b"() \t\r\n").replace(b"\\", b" ")
    words = re.split(r"[,\n]", inner.decode("utf-8", "replace"))
    names = tuple(n for word in words if (n := word.strip().split(" as ")[0].strip()))
    if (module and not _is_dotted(module)) or not all(n == "*" or n.isidentifier() for n in names):
        return []
    text = f"from {origin} import {', '.join(names)}"
    return [Import(line, module, len(origin) - len(module), names, text)]


def _is_dotted(text: str) -> bool:
    return bool(text) and all(part.isidentifier() for part in text.split("."))


def is_statement(path: str, line: int) -> bool:
    """Whether there is an import at this line and not a text that looks like one."""
    tree = _parsed(path)
    if tree is None:
        return False
    return any(isinstance(n, ast.Import | ast.ImportFrom) and n.lineno == line for n in tree.body)


def _parsed(path: str) -> ast.Module | None:
    data = read_regular(path, _LARGEST)
    if data is None or len(data) >= _LARGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def read_names(path: str, kept: Kept) -> Names:
    """The names of a module, wherever at its top level they are bound. Open if in doubt."""
    return kept.get("names", path, lambda: _names(path))


def _names(path: str) -> Names:
    data = read_regular(path, _LARGEST)
    if data is None or _DYNAMIC.search(data):
        return Names(frozenset(), is_open=True)
    tree = _parsed(path)
    if tree is None:
        return Names(frozenset(), is_open=True)
    found = {"__name__", "__file__", "__doc__", "__path__", "__spec__", "__loader__", "__package__"}
    stars: list[tuple[str, int]] = []
    waiting: list[ast.AST] = list(tree.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
        elif isinstance(node, ast.Import):
            found.update((a.asname or a.name).partition(".")[0] for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                if alias.name == "*":
                    stars.append((node.module or "", node.level))
                else:
                    found.add(alias.asname or alias.name)
        else:
            if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store | ast.Del):
                found.add(node.id)
            elif isinstance(node, ast.ExceptHandler) and node.name:
                found.add(node.name)
            elif isinstance(node, ast.Global):
                found.update(node.names)
            waiting += ast.iter_child_nodes(node)
    # ``global x`` in a function binds it as well.
    for inner in ast.walk(tree):
        if isinstance(inner, ast.Global):
            found.update(inner.names)
    return Names(frozenset(found), tuple(stars))
