"""Findings about what happens at the start of Python: ``.pth`` lines, editables, PYTHONPATH."""

from __future__ import annotations

import ast
import os
import re
import warnings
from collections.abc import Iterator

from ...packages.files import read_regular
from ..model import Finding, Fix
from .codes import finding, set_aside, set_aside_one
from .distributions import Distribution
from .ground import Ground
from .sources import parsed

_SITE = re.compile(r"/python(\d+\.\d+t?)/(?:site|dist)-packages/?$")
_NAMESPACE = re.compile(r"find_spec\('([\w.]+)',\s*\[os\.path\.dirname\(p\)\]\)")
_PARTS = re.compile(r"\*\(((?:'[\w.]+',?\s*)+)\)\)")
_MAPPING = re.compile(rb"^MAPPING[^=\n]*=\s*(\{.*?\})\s*$", re.MULTILINE | re.DOTALL)
_LARGEST = 1 << 20
_MOST = 50
# Without these nothing starts, or whatever is imported next fails.
_VITAL = frozenset(
    {
        *("abc", "ast", "asyncio", "codecs", "collections", "contextlib", "copy"),
        *("encodings", "enum", "functools", "importlib", "inspect", "io", "json", "logging", "os"),
        *("pathlib", "random", "re", "site", "socket", "stat", "string", "subprocess", "threading"),
        *("time", "tokenize", "traceback", "types", "typing", "warnings", "weakref"),
    }
)


def path_lines(ground: Ground) -> Iterator[Finding]:
    """Lines of ``.pth`` files that raise at each start, and those that lead nowhere."""
    editable = {line for one in ground.user if one.source for line in (one.source,)}
    for path, number, line in ground.path_lines[: _MOST * 20]:
        if line.startswith(("import ", "import\t")):
            why = _why_it_raises(ground, path, line)
            if why:
                yield _raising(ground, path, number, line, why)
        elif "\udc80" <= max(line) <= "\udcff":
            why = "it is not UTF-8"
            yield _raising(ground, path, number, line, why)
        else:
            place = os.path.normpath(os.path.join(os.path.dirname(path), line.strip()))
            ground.watch(place)
            if "\0" in line or os.path.exists(place) or place in editable:
                continue
            yield finding(
                "dead-path-line",
                os.path.basename(path),
                f"{os.path.basename(path)} puts {place} on the path, which is not there.",
                evidence=(("File", path), (f"Line {number}", line)),
            )


def _raising(ground: Ground, path: str, number: int, line: str, why: str) -> Finding:
    name = os.path.basename(path)
    owners = ground.owners.get((os.path.dirname(path), name), ())
    fix = set_aside_one(ground, owners[0]) if owners else set_aside(ground, name)
    return finding(
        "path-line-fails",
        name,
        f"Each start of Python says that line {number} of {name} fails: {why}.",
        evidence=(("File", path), (f"Line {number}", line[:300])),
        fix=fix,
    )


def _why_it_raises(ground: Ground, path: str, line: str) -> str:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(line)
    except SyntaxError as error:
        return f"SyntaxError: {error.msg}"
    except (ValueError, RecursionError, MemoryError):
        return ""
    match, parts = _NAMESPACE.search(line), _PARTS.search(line)
    if match and parts:
        names = re.findall(r"'([\w.]+)'", parts.group(1))
        directory = os.path.join(os.path.dirname(path), *names)
        ground.watch(directory)
        if not os.path.isdir(directory):
            return f"there is no {directory}"
    # The image's own site directories are not on the path yet.
    places = (*ground.path.first, *ground.path.before, *ground.user_sites, *ground.added)
    for name in _imported(tree):
        top = name.partition(".")[0]
        if top in ground.runtime.stdlib:
            continue
        if ground.directories.find(top, [p for p in places if os.path.isdir(p)]) is None:
            return f"No module named '{top}'"
    return ""


def _imported(tree: ast.Module) -> Iterator[str]:
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            yield from (alias.name for alias in statement.names)
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id == "__import__"
            and node.args
            and isinstance(node.args[0], ast.Constant)
            and isinstance(node.args[0].value, str)
        ):
            yield node.args[0].value


def dead_editables(ground: Ground) -> Iterator[Finding]:
    """Editable installs whose sources are gone, in all three forms that there are."""
    for one in ground.user:
        gone = _gone(ground, one)
        if gone:
            theirs = ground.image_effective.get(one.key)
            yield finding(
                "dead-editable",
                one.name,
                f"{one.name} was installed from sources in {gone}, which is not there.",
                evidence=(("Metadata", one.path), ("Sources", gone)),
                wins=theirs.label if theirs else "",
                fix=set_aside_one(ground, one),
            )


def _gone(ground: Ground, one: Distribution) -> str:
    if not one.source:
        return ""
    ground.watch(one.source)
    if not os.path.isabs(one.source) or not os.path.isdir(one.source):
        return one.source
    for rel in ground.files(one).inside:
        name = os.path.basename(rel)
        if name.startswith("__editable__") and name.endswith("_finder.py"):
            for place in _mapped(os.path.join(one.site, rel)):
                ground.watch(place)
                suffixes = ("", ".py", *ground.runtime.suffixes)
                if not any(os.path.exists(place + suffix) for suffix in suffixes):
                    return place
        elif name.startswith("__editable__") and name.endswith(".pth"):
            data = read_regular(os.path.join(one.site, rel), _LARGEST) or b""
            for line in os.fsdecode(data).splitlines():
                if line.startswith("/") and not os.path.isdir(line.strip()):
                    return line.strip()
    return ""


def _mapped(path: str) -> list[str]:
    """The places that setuptools' finder looks into."""
    match = _MAPPING.search(read_regular(path, _LARGEST) or b"")
    try:
        mapping = ast.literal_eval(match.group(1).decode()) if match else {}
        return [place for place in mapping.values() if isinstance(place, str)][:_MOST]
    except (ValueError, SyntaxError, AttributeError, RecursionError, MemoryError):
        return []


def at_start(ground: Ground) -> Iterator[Finding]:
    """What runs at each start and that no package brought: it can change anything."""
    found = []
    for site in ground.user_sites:
        modules = ground.directories.modules(site)
        found += [modules[n].path for n in ("usercustomize", "sitecustomize") if n in modules]
    for path, number, line in ground.path_lines:
        name = os.path.basename(path)
        owned = ground.owners.get((os.path.dirname(path), name))
        if line.startswith(("import ", "import\t")) and not owned:
            found.append(f"{path}, line {number}")
    if found:
        yield finding(
            "runs-at-start",
            os.path.basename(found[0].partition(",")[0]),
            "No package brought it, and every Python of this version runs it when it starts.",
            evidence=tuple(("File", path) for path in found[:_MOST]),
        )


def pythonpath(ground: Ground) -> Iterator[Finding]:
    """PYTHONPATH that leads into packages: those of another Python, or of the user site."""
    value = ("PYTHONPATH", ground.system.environ.get("PYTHONPATH", ""))
    fix = Fix("repair", "Unset PYTHONPATH", command="unset PYTHONPATH")
    for place in ground.path.first:
        match = _SITE.search(os.path.realpath(place)) or _SITE.search(place)
        if not os.path.isdir(place) or not (match or ground.is_users(place)):
            continue
        yield from _stdlib_hidden(ground, place, value, fix)
        if match and match.group(1) != ground.python:
            modules = _not_for_here(ground, place)
            yield finding(
                "pythonpath-other",
                place,
                f"PYTHONPATH makes Python {ground.python} load the packages of Python "
                f"{match.group(1)} first, before its own library.",
                evidence=(value, *(("Cannot be loaded", path) for path in modules[:5])),
                wins=place,
                fix=fix,
                severity=None if modules else "risk",
            )
        elif ground.is_users(place):
            yield finding(
                "pythonpath-user",
                place,
                "PYTHONPATH leads into the user site: it comes before Python's own library, and "
                "neither a virtual environment nor PYTHONNOUSERSITE keeps it out.",
                evidence=(value,),
                wins=place,
                fix=fix,
            )


def _not_for_here(ground: Ground, place: str) -> list[str]:
    """Compiled modules that only another Python can load, in the packages at ``place``."""
    found = []
    for one in ground.user if ground.is_users(place) else ground.effective.values():
        if one.site != place:
            continue
        for rel in ground.files(one).inside:
            name = os.path.basename(rel)
            is_named = ".cpython-" in name and name.endswith(".so")
            if is_named and not ground.runtime.loads(name):
                found.append(os.path.join(place, rel))
                break
    return found


def _is_python(path: str) -> bool:
    """Whether it is no source of Python 2."""
    return not path.endswith(".py") or parsed(path) is not None


def _stdlib_hidden(
    ground: Ground, place: str, value: tuple[str, str], fix: Fix
) -> Iterator[Finding]:
    for name, module in sorted(ground.directories.modules(place).items()):
        if name not in ground.runtime.stdlib or module.kind == "namespace":
            continue
        if name in ground.runtime.fixed:
            continue
        owner = next(
            (
                one
                for one in ground.effective.values()
                if one.site == place and name in ground.tops(one)
            ),
            None,
        )
        whose = f" of {owner.label}" if owner else ""
        yield finding(
            "stdlib-hidden",
            name,
            f"PYTHONPATH makes {name}{whose} hide Python's own module of that name.",
            evidence=(value, ("Hides it", module.path)),
            wins=module.path,
            fix=fix,
            severity=None if name in _VITAL or not _is_python(module.path) else "risk",
        )
