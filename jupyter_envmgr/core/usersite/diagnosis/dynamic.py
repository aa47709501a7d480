"""Whether a module may have names that its source does not show."""

from __future__ import annotations

import ast
from collections.abc import Iterator

# Of these a function sets attributes without meaning the module.
_OBJECTS = frozenset(
    {*("self", "cls", "obj", "instance", "func", "fn", "f"), *("wrapper", "klass", "new")}
)
_WRITING = frozenset({"update", "setdefault", "__setitem__"})
_Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef


def is_dynamic(tree: ast.Module) -> bool:
    """Whether it answers to, or makes up, names on its own. Yes if in doubt."""
    for node, is_inner in _walk(tree, False):
        if _binds_getattr(node, is_inner) or _replaces_itself(node):
            return True
        if isinstance(node, ast.Call) and _is_writing(node, is_inner):
            return True
        if isinstance(node, ast.Subscript | ast.Attribute) and _is_of_globals(node):
            return True
        if not is_inner and _is_lazy(node):
            return True
    return False


def _walk(node: ast.AST, is_inner: bool) -> Iterator[tuple[ast.AST, bool]]:
    """All nodes, and whether each lies in a function or a class."""
    waiting = [(child, is_inner) for child in ast.iter_child_nodes(node)]
    while waiting:
        one, inner = waiting.pop()
        yield one, inner
        inner = inner or isinstance(one, _Scope)
        waiting += [(child, inner) for child in ast.iter_child_nodes(one)]


def _binds_getattr(node: ast.AST, is_inner: bool) -> bool:
    """PEP 562."""
    if is_inner:
        return False
    if isinstance(node, ast.alias):
        return "__getattr__" in (node.asname, node.name)
    name = getattr(node, "name", "") or (
        node.id if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) else ""
    )
    return name == "__getattr__"


def _replaces_itself(node: ast.AST) -> bool:
    """``sys.modules[...]`` and classes of modules."""
    if isinstance(node, ast.Subscript):
        return isinstance(node.value, ast.Attribute) and node.value.attr == "modules"
    if isinstance(node, ast.Attribute):
        return node.attr == "ModuleType" or (
            node.attr == "__class__" and isinstance(node.ctx, ast.Store)
        )
    return isinstance(node, ast.Name) and node.id.endswith("ModuleType")


def _is_writing(call: ast.Call, is_inner: bool) -> bool:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if any(_is_globals(arg) for arg in (*call.args, *(k.value for k in call.keywords))):
        return True
    if name == "exec":
        return not is_inner
    if name in ("vars", "locals"):
        return not is_inner and not call.args
    if name == "setattr" and call.args:
        first = call.args[0]
        return not is_inner or (isinstance(first, ast.Name) and first.id not in _OBJECTS)
    return False


def _is_globals(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "globals"
    )


def _is_of_globals(node: ast.Subscript | ast.Attribute) -> bool:
    if not _is_globals(node.value):
        return False
    if isinstance(node, ast.Subscript):
        return not isinstance(node.ctx, ast.Load)
    return node.attr in _WRITING


def _is_lazy(node: ast.AST) -> bool:
    """Assigned ``globals()``, or anything that calls itself lazy."""
    if isinstance(node, ast.Assign) and _is_globals(node.value):
        return True
    name = getattr(node, "id", "") or getattr(node, "attr", "")
    if isinstance(node, ast.alias):
        name = node.name
    return isinstance(name, str) and "lazy" in name.lower()
