"""Whether an error in a notebook may come from the user site: for a quiet hint, no false alarm.

Most errors that pass through a package of the user site are the person's own: a wrong argument, a
missing file. Four kinds are not: a package that cannot be imported, a compiled one that does not
fit, two packages that miss something in one another, and a name that only the image's copy has.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from ..lines import without_escapes
from ..packages.metadata import read_regular
from .base import SiteDirectory, UserBase
from .farm import Unit, read_tree
from .suspects import providers
from .traceback import CELL, Frame, frame_of, read_frames

_NEVER = frozenset({"KeyboardInterrupt", "SystemExit", "MemoryError", "GeneratorExit"})
_DEMANDS = ("ImportError", "VersionConflict", "ContextualVersionConflict", "RuntimeError")
_NUMPY = re.compile(
    r"numpy\.\w+ size changed|numpy\.core\.multiarray failed to import|_ARRAY_API not found"
    r"|compiled using NumPy|compiled against (?:NumPy )?(?:ABI|API) version"
    r"|numpy\.core\._multiarray_umath"
)
_BINARY = (
    (
        re.compile(r"undefined symbol|size changed, may indicate binary incompat"),
        "a compiled package does not fit the library that it finds",
    ),
    (
        re.compile(r"GLIBC\w*_[\d.]+['’]? not found|version [`'‘][^'’]+['’] not found"),
        "a compiled package was built for a newer system than this one",
    ),
    (
        re.compile(r"cannot open shared object file"),
        "a compiled package needs a library that is not here",
    ),
    (
        re.compile(r"invalid ELF header|wrong ELF class|file too short|does not define module exp"),
        "a compiled package was built for another machine or another Python",
    ),
    (
        re.compile(
            r"no kernel image is available|driver on your system is too old"
            r"|driver version is insufficient"
        ),
        "a package was built for another CUDA than this machine has",
    ),
)
_ATTRIBUTE = re.compile(r"module '(?P<module>\w+(?:\.\w+)*)' has no attribute '(?P<name>\w+)'")
_NAME = re.compile(
    r"cannot import name '?(?P<name>\w+)'? from (?:partially initialized module )?"
    r"'(?P<module>\w+(?:\.\w+)*)'"
)
_MISSING = re.compile(r"No module named ['\"]?(?P<module>\w+(?:\.\w+)+)")
_REMOVED = re.compile(r"`np\.\w+` was removed in the NumPy")
_KEYWORD = re.compile(r"unexpected keyword argument '(?P<name>\w+)'")
_FOUND = re.compile(
    r"(?:but found|The ['\"]?)\s*(?P<name>[\w.-]+?)\s*(?:==|\s)\s*(?P<version>\d\S*)"
)
_SYNTAX = re.compile(r"\((?P<file>[^()]+\.py), line \d+\)")
_PATH = re.compile(r"/[^\s'\":;,()]+")
_MINOR = re.compile(r"/python(\d+\.\d+t?)/")
_SITES = ("/site-packages/", "/dist-packages/")
_MOST_FILES = 60
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Hint:
    """A package of the user site that an error may come from, and a sentence that says so."""

    distribution: str
    version: str
    sentence: str


def hint(
    ename: str,
    evalue: str,
    lines: Iterable[str],
    base: UserBase,
    *,
    home: str = "",
    python: str = "",
    image: Sequence[str] = (),
) -> Hint | None:
    """What to tell a person about an error that a kernel reported; None for most errors.

    ``python`` is the kernel's ``3.11``, ``image`` the directories that come after the user site
    on its path, to tell a name that this version lacks from one that was mistyped.
    """
    kind = ename.rpartition(".")[2]
    if kind in _NEVER or not base.sites:
        return None
    text = [line for part in lines for line in without_escapes(part).splitlines()]
    error = _Error(kind, without_escapes(evalue), text, base, home, python, image)
    kinds = (error.binary, error.importing, error.naming, error.expiring, error.calling)
    for look in (*kinds, error.demanding):
        found = look()
        if found is not None:
            return found
    return None


class _Error:
    def __init__(
        self,
        kind: str,
        message: str,
        lines: list[str],
        base: UserBase,
        home: str,
        python: str,
        image: Sequence[str],
    ) -> None:
        self._kind = kind
        self._message = message
        self._lines = lines
        self._base = base
        self._home = home
        self._image = image
        self._frames = read_frames(lines, home)
        minors = [python] if python else _MINOR.findall(" ".join(f.path for f in self._frames))
        self._sites = [s for s in base.sites if not minors or s.label in minors]

    # -- the kinds of errors ----------------------------------------------------------------------

    def binary(self) -> Hint | None:
        """A compiled package that does not fit, wherever it lies itself."""
        if _NUMPY.search(self._message):
            why = "a compiled package was built for another numpy than it finds"
            return self._of_module("numpy", why) or self._of_frames(why)
        for pattern, why in _BINARY:
            if pattern.search(self._message):
                return self._of_message(why) or self._of_frames(why)
        return None

    def importing(self) -> Hint | None:
        """Whatever goes wrong while a package is imported is not the person's doing."""
        inner = self._inside_import()
        if self._kind in ("SyntaxError", "IndentationError", "TabError"):
            match = _SYNTAX.search(self._message)
            name = os.path.basename(self._frames[-1].path) if self._frames else ""
            if not match or match["file"] != name:
                return None
            inner = self._frames[-1:]
        for frame in reversed(inner):
            if self._site_of(frame.path):
                return self._of_path(frame.path, "it cannot be imported here")
        return None

    def naming(self) -> Hint | None:
        """A module lacks a name, or a part, that whoever asks for it expects."""
        for pattern in (_ATTRIBUTE, _NAME, _MISSING):
            match = pattern.search(self._message)
            if match is None:
                continue
            module = match["module"]
            # A module's own __getattr__ (PEP 562) is not who asks.
            frames = [frame for frame in self._frames if frame.function != "__getattr__"]
            asking = frames[-1] if frames else Frame(CELL)
            why = "another package expects something that it does not have"
            if _is_library(asking.path):
                found = self._of_message(why) or self._of_module(module, why)
                why = "it expects something that another package does not have"
                return found or self._of_path(asking.path, why)
            name = match.groupdict().get("name") or ""
            return self._of_copies(module, name)
        return None

    def expiring(self) -> Hint | None:
        """NumPy 2 names what it has no more; worth a hint where the image has NumPy 1."""
        if not _REMOVED.search(self._message):
            return None
        for site in self._sites:
            tree = read_tree(self._base.path, site.path, self._image)
            for unit in tree.units:
                if unit.token == "numpy" and unit.shadows == "far":
                    return self._hint(unit, "it hides another version in the image, which has that")
        return None

    def calling(self) -> Hint | None:
        """A package of the user site calls another one with an argument that that has not."""
        match = _KEYWORD.search(self._message) if self._kind == "TypeError" else None
        if match is None or not self._frames or not self._site_of(self._frames[-1].path):
            return None
        word = re.compile(rf"\b{match['name']}\b")
        if any(word.search(text) for frame, text in self._texts() if not _is_library(frame.path)):
            return None
        given = re.compile(rf"\b{match['name']}\s*=".encode())
        for frame in reversed(self._frames):
            source = self._site_of(frame.path) and read_regular(frame.path, _LARGEST)
            if source and given.search(source):
                why = "it calls another package with an argument that that does not know"
                return self._of_path(frame.path, why)
        return None

    def demanding(self) -> Hint | None:
        """A package says itself that it wants another version of one."""
        match = _FOUND.search(self._message) if self._kind in _DEMANDS else None
        if match is None:
            return None
        wanted = match["version"].rstrip(".,;)")
        for unit in self._units(self._sites):
            if unit.token == match["name"].lower().replace("_", "-") and unit.version == wanted:
                return self._hint(unit, "another package wants another version of it")
        return None

    # -- whose it is ------------------------------------------------------------------------------

    def _inside_import(self) -> tuple[Frame, ...]:
        """The frames of libraries below the person's last one, if it was importing."""
        own = [i for i, f in enumerate(self._frames) if f.path == CELL or self._is_own(f.path)]
        below = self._frames[own[-1] + 1 :] if own else self._frames
        below = tuple(f for f in below if not f.path.startswith("<frozen"))
        if below and _is_library(below[0].path) and below[0].is_importing:
            return below
        # A package may import a part of it only when that is used.
        last = below[-1:] if below and below[-1].is_importing else ()
        return last if last and _is_library(last[0].path) else ()

    def _is_own(self, path: str) -> bool:
        return not _is_library(path) and not _MINOR.search(path) and not path.startswith("<")

    def _of_frames(self, why: str) -> Hint | None:
        last = [frame for frame in self._frames if _is_library(frame.path)][-1:]
        return self._of_path(last[0].path, why) if last else None

    def _of_message(self, why: str) -> Hint | None:
        for path in _PATH.findall(self._message):
            if self._site_of(path):
                return self._of_path(path, why)
        return None

    def _of_path(self, path: str, why: str) -> Hint | None:
        site = self._site_of(path)
        if site is None:
            return None
        tree = read_tree(self._base.path, site.path)
        rel = path[len(site.path if path.startswith(site.path) else site.real_path) :]
        owners = sorted(tree.owners(site.path + rel))
        return self._hint(tree.unit(owners[0]), why) if owners else None

    def _of_module(self, module: str, why: str) -> Hint | None:
        for site in self._sites:
            if _has(site.path, module.split(".")[0]):
                tree = read_tree(self._base.path, site.path)
                tokens = providers(tree, module)
                if tokens:
                    return self._hint(tree.unit(tokens[0]), why)
        return None

    def _of_copies(self, module: str, name: str) -> Hint | None:
        """The person asks for something: only what the image's copy has is worth a hint."""
        top, _, rest = module.partition(".")
        ours = [site.path for site in self._sites if _has(site.path, top)]
        theirs = [place for place in self._image if _has(place, top)]
        if not ours or not theirs:
            return None
        if not name:
            part = rest.replace(".", os.sep)
            there, here = (_has(os.path.join(p, top), part) for p in (theirs[0], ours[0]))
        else:
            there, here = (_speaks_of(place, module, name) for place in (theirs[0], ours[0]))
        if not there or here:
            return None
        return self._of_module(module, "it hides another one in the image, which has that")

    def _site_of(self, path: str) -> SiteDirectory | None:
        for site in self._sites:
            if path.startswith((site.path + os.sep, site.real_path + os.sep)):
                return site
        return None

    def _units(self, sites: Iterable[SiteDirectory]) -> Iterable[Unit]:
        for site in sites:
            yield from read_tree(self._base.path, site.path).units

    def _hint(self, unit: Unit, why: str) -> Hint:
        name = unit.label.rpartition(" ")[0] if unit.version else unit.label
        sentence = f"{unit.label} comes from {self._base.path}: {why}."
        return Hint(name, unit.version, sentence)

    def _texts(self) -> list[tuple[Frame, str]]:
        """The frames with the lines of code that are shown of each."""
        found: list[tuple[Frame, list[str]]] = []
        for line in self._lines:
            frame = frame_of(line, self._home)
            if frame is not None:
                found.append((frame, []))
            elif found and (line[:1] in " -" or line[:1].isdigit()):
                found[-1][1].append(line)
        return [(frame, "\n".join(texts)) for frame, texts in found]


def _is_library(path: str) -> bool:
    return any(part in path for part in _SITES)


def _has(directory: str, module: str) -> bool:
    path = os.path.join(directory, module)
    if os.path.isdir(path) or os.path.isfile(path + ".py"):
        return True
    parent, name = os.path.split(path)
    try:
        return any(n.startswith(name + ".") and n.endswith(".so") for n in os.listdir(parent))
    except OSError:
        return False


def _speaks_of(directory: str, module: str, name: str) -> bool:
    """Whether the source of a module, or of the parts right in it, has a word."""
    path = os.path.join(directory, *module.split("."))
    files = [path + ".py"]
    with contextlib.suppress(OSError), os.scandir(path) as entries:
        for entry in islice(entries, 500):
            if entry.name.partition(".")[0] == name:
                return True
            if entry.name.endswith((".py", ".pyi")):
                files.append(entry.path)
    word = re.compile(rb"\b" + re.escape(name.encode()) + rb"\b")
    files.sort(key=lambda file: not file.endswith("__init__.py"))
    return any(word.search(read_regular(file, _LARGEST) or b"") for file in files[:_MOST_FILES])
