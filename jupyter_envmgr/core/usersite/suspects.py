"""Which units of the user site an error speaks of, the likeliest first."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..packages.metadata import normal
from .farm import UserTree
from .traceback import Trace

_SIZE_CHANGED = re.compile(r"\b([A-Za-z_]\w*)(?:\.\w+)* size changed")
_NAMED = re.compile(
    r"""from\ '(?P<origin>\w+(?:\.\w+)*)'
    |module\ '(?P<module>\w+(?:\.\w+)*)'
    |No\ module\ named\ ['"]?(?P<missing>\w+(?:\.\w+)*)""",
    re.VERBOSE,
)
_IMPORT = re.compile(
    r"^\s*(?:from\s+(?P<origin>\w+(?:\.\w+)*)\s+import|import\s+(?P<names>\w[\w., ]*))"
)
_PATH = re.compile(r"/[^\s'\":;,()]+")
_WORD = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
_NUMPY = re.compile(
    r"numpy\.core\.multiarray failed to import|_ARRAY_API|compiled using NumPy"
    r"|compiled against (?:NumPy )?ABI|compiled against API version"
    r"|numpy\.core\._multiarray_umath|importing the numpy"
)


def suspects(trace: Trace, tree: UserTree) -> tuple[str, ...]:
    """Tokens of units: named by the message, then those whose files the error passed.

    An error of an extension module says what it does not fit (numpy) and not where that is; an
    import that fails names the module; else the innermost file is the likeliest.
    """
    found: dict[str, None] = {}
    for module in _of_message(trace):
        _add(found, providers(tree, module))
    for path in _PATH.findall(trace.message):
        _add(found, tree.owners(path))
    for frame in trace.all_frames:
        _add(found, tree.owners(frame.path))
    for frame in trace.all_frames:
        for module in _imported(frame.code):
            _add(found, providers(tree, module))
    tokens = {unit.token for unit in tree.units if unit.is_distribution}
    _add(found, [t for word in _WORD.findall(trace.error) if (t := normal(word)) in tokens])
    return tuple(found)


def providers(tree: UserTree, module: str) -> list[str]:
    """The units that have a module, by the longest part of its name that any has."""
    parts = module.split(".")[:2]
    while parts:
        name = ".".join(parts)
        found = [unit.token for unit in tree.units if name in unit.modules]
        if found:
            return found
        parts.pop()
    return []


def _of_message(trace: Trace) -> list[str]:
    found = _SIZE_CHANGED.findall(trace.message)
    if _NUMPY.search(trace.message):
        found.append("numpy")
    for match in _NAMED.finditer(trace.message):
        found.append(match["origin"] or match["module"] or match["missing"])
    return found


def _imported(code: str) -> list[str]:
    match = _IMPORT.match(code)
    if match is None:
        return []
    if match["origin"]:
        return [match["origin"]]
    return [name.split(" as ")[0].strip() for name in match["names"].split(",")]


def _add(found: dict[str, None], tokens: Iterable[str]) -> None:
    for token in tokens:
        found.setdefault(token)
