"""Which modules of a package are run whenever it is imported, for certain."""

from __future__ import annotations

import ast
import os
from collections.abc import Iterable, Iterator

from ..model import Severity
from .distributions import Distribution
from .ground import Ground
from .importing import Importing, absolute, with_parents
from .sources import Import, parsed

_MOST = 300
_CATCHING = frozenset({"ImportError", "ModuleNotFoundError", "Exception", "BaseException"})


def is_needed(
    ground: Ground, importing: Importing, one: Distribution, files: Iterable[str]
) -> bool:
    """Whether ``import`` of the package runs one of these files of it, whatever happens.

    What is in a ``try`` that goes on without, in a condition or in a function may not be run.
    """
    names = {_dotted(rel) for rel in files}
    if any("." not in name for name in names):
        return True
    known = ground.once.get("needed " + one.path)
    if known is None:
        known = frozenset(_needed(ground, importing, one))
        ground.once["needed " + one.path] = known
    assert isinstance(known, frozenset)
    return bool(names & known)


def severity_of(
    ground: Ground, importing: Importing, one: Distribution, files: list[str]
) -> Severity:
    """Of files that are missing: a part that is left out, or the package."""
    code = [f for f in ground.files(one).inside if f.endswith((".py", ".so"))]
    if is_needed(ground, importing, one, files) or len(files) * 2 >= len(code):
        return "will-fail"
    return "risk"


def _dotted(rel: str) -> str:
    directory, _, name = rel.rpartition("/")
    stem = name.partition(".")[0]
    parts = [*directory.split("/"), stem] if directory else [stem]
    return ".".join(parts[:-1] if stem == "__init__" and directory else parts)


def _needed(ground: Ground, importing: Importing, one: Distribution) -> Iterator[str]:
    waiting = sorted(ground.tops(one))
    seen = set(waiting)
    left = _MOST
    while waiting and left:
        name = waiting.pop()
        found = importing.find(name)
        if found is None or not found.path.endswith(".py"):
            continue
        left -= 1
        ground.watch(found.path)
        package = name if found.kind == "package" else name.rpartition(".")[0]
        for statement in ground.kept.get("certain", found.path, lambda p=found.path: _read(p)):  # type: ignore[misc]
            module = absolute(statement, package)
            if module.partition(".")[0] != name.partition(".")[0]:
                continue
            below = [f"{module}.{n}" for n in statement.names or () if n != "*"]
            for inner in (*with_parents(module), *below):
                yield inner
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)


def _read(path: str) -> tuple[Import, ...]:
    tree = parsed(path)
    return tuple(_certain(tree.body)) if tree else ()


def _certain(body: Iterable[ast.stmt]) -> Iterator[Import]:
    for node in body:
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(node.lineno, alias.name, 0, None, "")
        elif isinstance(node, ast.ImportFrom):
            names = tuple(alias.name for alias in node.names)
            yield Import(node.lineno, node.module or "", node.level, names, "")
        elif isinstance(node, ast.Try):
            if all(map(_lets_through, node.handlers)):
                yield from _certain(node.body)
            yield from _certain(node.finalbody)
        elif isinstance(node, ast.With):
            yield from _certain(node.body)
        elif isinstance(node, ast.If) and "SETUP" in getattr(node.test, "id", ""):
            # numpy and scipy ask whether they are being built just now.
            yield from _certain(node.orelse)


def _lets_through(handler: ast.ExceptHandler) -> bool:
    """Whether a failed import goes on to whoever asked for it."""
    caught = ast.walk(handler.type) if handler.type else ()
    names = {getattr(n, "id", "") or getattr(n, "attr", "") for n in caught}
    if handler.type is not None and not names & _CATCHING:
        return True
    return any(isinstance(statement, ast.Raise) for statement in handler.body)


def is_tried(ground: Ground, one: Distribution, name: str) -> bool:
    """Whether a module of the package is imported in an indented line somewhere."""
    stem = name.rpartition("/")[2].partition(".")[0]
    words = (f"import {stem}".encode(), f".{stem} import".encode())
    for rel in list(ground.files(one).inside)[: _MOST * 10]:
        if not rel.endswith(".py"):
            continue
        tree = parsed(os.path.join(one.site, rel), having=words)
        if tree is None:
            continue
        at_margin = set(map(id, tree.body))
        for node in ast.walk(tree):
            if id(node) not in at_margin and isinstance(node, ast.ImportFrom):
                last = (node.module or "").rpartition(".")[2]
                if last == stem or any(alias.name == stem for alias in node.names):
                    return True
    return False
