"""What a module imports whenever it is imported itself, and which names it has: by its source.

Only statements that begin at the left margin count: what is indented may depend on something.
"""

from __future__ import annotations

import ast
import re
import warnings
from dataclasses import dataclass

from ...packages.files import read_regular
from .dynamic import is_dynamic
from .kept import Kept

_LARGEST = 2 << 20
_IMPORT = re.compile(
    rb"^(?:from[ \t]+(?P<origin>[.\w]+)[ \t]+import[ \t]*"
    rb"(?P<names>\([^()]*\)|[^\n;#\\]*(?:\\\r?\n[^\n;#\\]*)*)"
    rb"|import[ \t]+(?P<modules>[^\n;#(]+))",
    re.MULTILINE,
)
_COMMENT = re.compile(rb"#[^\n]*")
_BOUND = re.compile(
    rb"^(?:(?:async[ \t]+)?def[ \t]+|class[ \t]+)(\w+)|^(\w+)[ \t]*(?::[^=\n]*)?=(?!=)",
    re.MULTILINE,
)
# Searched for one by one: that is much faster than any pattern.
_MOVING = (b"sys.modules", b"__path__", b"meta_path", b"path_hooks", b"extend_path")
_MAKING = (b"meta_path", b"setattr(sys.modules", b"sys.modules.update", b"sys.modules.setdefault")
_ASSIGNED = re.compile(rb"sys\.modules\[[^\]\n]*\]\s*=[^=]")


@dataclass(frozen=True)
class Import:
    """An import at the left margin. ``names`` are None for ``import module``.

    ``level`` counts the dots before ``module``; ``bound`` are the names that it makes.
    """

    line: int
    module: str
    level: int
    names: tuple[str, ...] | None
    text: str
    bound: tuple[str, ...] = ()


@dataclass(frozen=True)
class Source:
    """What a source says. ``is_moving``: it changes where submodules come from by itself.

    ``is_making``: it makes modules, or fills others.
    """

    imports: tuple[Import, ...] = ()
    is_moving: bool = False
    is_making: bool = False


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
    line, at = 1, 0
    for match in _IMPORT.finditer(data):
        line += data.count(b"\n", at, match.start())
        at = match.start()
        found += _imports(match, line)
    is_making = any(word in data for word in _MAKING) or bool(_ASSIGNED.search(data))
    return Source(tuple(found), any(word in data for word in _MOVING), is_making)


def _imports(match: re.Match[bytes], line: int) -> list[Import]:
    if match["modules"] is not None:
        words = match["modules"].decode("utf-8", "replace").replace("\\\n", " ").split(",")
        modules = [word.split(" as ")[0].strip() for word in words]
        return [Import(line, m, 0, None, f"import {m}") for m in modules if _is_dotted(m)]
    origin = match["origin"].decode("utf-8", "replace")
    module = origin.lstrip(".")
    inner = _COMMENT.sub(b"", match["names"]).strip(b"() \t\r\n").replace(b"\\", b" ")
    words = re.split(r"[,\n]", inner.decode("utf-8", "replace"))
    parts = [word.partition(" as ") for word in words]
    names = tuple(name for part in parts if (name := part[0].strip()))
    if (module and not _is_dotted(module)) or not all(n == "*" or n.isidentifier() for n in names):
        return []
    bound = tuple((other or name).strip() for name, _, other in parts)
    text = f"from {origin} import {', '.join(names)}"
    return [Import(line, module, len(origin) - len(module), names, text, bound)]


def _is_dotted(text: str) -> bool:
    return bool(text) and all(part.isidentifier() for part in text.split("."))


def is_statement(path: str, line: int) -> bool:
    """Whether there is an import at this line and not a text that looks like one."""
    tree = parsed(path)
    if tree is None:
        return False
    return any(isinstance(n, ast.Import | ast.ImportFrom) and n.lineno == line for n in tree.body)


def parsed(path: str, *, having: tuple[bytes, ...] = ()) -> ast.Module | None:
    """A source as a tree; None for what is none, is too large, or has none of these words."""
    data = read_regular(path, _LARGEST)
    if data is None or len(data) >= _LARGEST:
        return None
    if having and not any(word in data for word in having):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def read_bound(path: str, kept: Kept) -> frozenset[str]:
    """Names that a module has for certain, though not all of them: much faster than all."""
    return kept.get("bound", path, lambda: _bound(path, kept))


def _bound(path: str, kept: Kept) -> frozenset[str]:
    data = read_regular(path, _LARGEST) or b""
    found = {name.decode("utf-8", "replace") for pair in _BOUND.findall(data) for name in pair}
    return frozenset(found.union(*(one.bound for one in read_source(path, kept).imports)))


def read_names(path: str, kept: Kept) -> Names:
    """The names of a module, wherever at its top level they are bound. Open if in doubt."""
    return kept.get("names", path, lambda: _names(path))


def _names(path: str) -> Names:
    tree = parsed(path)
    if tree is None or is_dynamic(tree):
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
