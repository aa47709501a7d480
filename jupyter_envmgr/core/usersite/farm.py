"""What of a user site can be hidden, and the tree of links that shows the rest.

A farm is a user base whose site directory holds links into the real one: without those of what is
hidden. So a program can be run as if packages were set aside, and nothing of them is touched.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ..packages.metadata import normal, read_regular
from .records import Installed, metadata_entries, read_installed

_METADATA = re.compile(r"(?P<name>.+?)(-(?P<version>[^-]+).*)?\.(dist-info|egg-info|egg|egg-link)")
_MODULE = re.compile(r"(?P<name>[A-Za-z_]\w*)(\.py|\.pyc|(\.[\w-]+)*\.so)?")
_MAPPING = re.compile(rb"^MAPPING[^=\n]*=\s*(\{.*\})", re.MULTILINE)
_QUOTED = re.compile(rb"'(/[^'\n]+)'|\"(/[^\"\n]+)\"")
_LARGEST = 1 << 20
_MOST_NAMES = 500

Shadow = Literal["", "same", "other", "far"]
"""Whether the image has it too: not at all, in the same version, in another one, in another major
one (the first number differs, or the second of ``0.x``)."""


@dataclass(frozen=True)
class Unit:
    """The least that can be hidden: a distribution, or an entry that none lists.

    ``token`` is how requests name it: a distribution's name, or the entry's path relative to the
    site directory. ``label`` says its version too. ``modules`` are what can be imported of it,
    ``sources`` the directories elsewhere that it puts on the path (editable installs).
    """

    token: str
    label: str
    version: str = ""
    modules: frozenset[str] = frozenset()
    shadows: Shadow = ""
    sources: tuple[str, ...] = ()
    is_distribution: bool = True


@dataclass(frozen=True)
class _Node:
    """An entry of the site directory, whose it is, and its parts where it is several units'."""

    owners: frozenset[str]
    parts: Mapping[str, _Node] = field(default_factory=dict)


@dataclass(frozen=True)
class Layout:
    """What a farm consists of, relative to it: directories, links and small files."""

    directories: tuple[str, ...]
    links: Mapping[str, str]
    files: Mapping[str, bytes]


@dataclass(frozen=True)
class UserTree:
    """A site directory in its user base, taken apart into units."""

    base: str
    site: str
    units: tuple[Unit, ...]
    _nodes: Mapping[str, _Node]

    def unit(self, token: str) -> Unit:
        """The unit of that token."""
        return next(unit for unit in self.units if unit.token == token)

    def owners(self, path: str) -> frozenset[str]:
        """The tokens of the units that a file belongs to, inside the site or in their sources."""
        if path.startswith(self.site + os.sep):
            return self._owners_inside(path[len(self.site) + 1 :])
        return frozenset(
            unit.token
            for unit in self.units
            if any(path == s or path.startswith(s + os.sep) for s in unit.sources)
        )

    def _owners_inside(self, rel: str) -> frozenset[str]:
        nodes, owners = self._nodes, frozenset[str]()
        for name in rel.split(os.sep):
            node = nodes.get(name)
            if node is None:
                break
            owners, nodes = node.owners, node.parts
        return owners

    def layout(self, hidden: Collection[str]) -> Layout:
        """The farm without these units; everything else of the base is there as it is."""
        planned = _Planned(self, frozenset(hidden))
        planned.base()
        planned.entries(self._nodes, self.site, os.path.relpath(self.site, self.base))
        return Layout(tuple(planned.directories), planned.links, planned.files)


class _Planned:
    def __init__(self, tree: UserTree, hidden: frozenset[str]) -> None:
        self._tree = tree
        self._hidden = hidden
        self.directories: list[str] = []
        self.links: dict[str, str] = {}
        self.files: dict[str, bytes] = {}

    def base(self) -> None:
        """All of the base that leads not to the site directory: links, level by level."""
        here, rel = self._tree.base, ""
        for part in os.path.relpath(self._tree.site, self._tree.base).split(os.sep):
            for name in _names(here):
                if name != part:
                    self.links[os.path.join(rel, name)] = os.path.join(here, name)
            here, rel = os.path.join(here, part), os.path.join(rel, part)
            self.directories.append(rel)

    def entries(self, nodes: Mapping[str, _Node], real: str, rel: str) -> None:
        for name, node in nodes.items():
            path, shown = os.path.join(real, name), os.path.join(rel, name)
            going = node.owners & self._hidden
            if going and going == node.owners:
                continue
            if going and node.parts:
                self.directories.append(shown)
                self.entries(node.parts, path, shown)
                continue
            changed = self._path_file(path) if real == self._tree.site else None
            if changed is None:
                self.links[shown] = path
            else:
                self.files[shown] = changed

    def _path_file(self, path: str) -> bytes | None:
        """A .pth file without the lines that lead to what is hidden; None if it stays as it is."""
        if not path.endswith(".pth"):
            return None
        data = read_regular(path, _LARGEST)
        if data is None:
            return None
        lines = data.splitlines(keepends=True)
        kept = [line for line in lines if not self._leads_to_hidden(line)]
        return b"".join(kept) if len(kept) != len(lines) else None

    def _leads_to_hidden(self, line: bytes) -> bool:
        target = _target(self._tree.site, line)
        if target is None:
            return False
        # The real site directory itself would bring everything back that is hidden.
        if os.path.realpath(target) == os.path.realpath(self._tree.site) and self._hidden:
            return os.path.isabs(os.fsdecode(line.strip()))
        owners = self._tree.owners(target)
        return bool(owners) and owners <= self._hidden


def read_tree(
    base: str, site: str, image: Iterable[str] = (), paths: Iterable[str] = ()
) -> UserTree:
    """The units of a site directory. ``image`` are the directories that come after it on the path.

    ``paths`` are other entries of the path in the base, by PYTHONPATH: each is a unit.

    Metadata says what belongs together; what none lists is a unit by itself. A directory that
    several share, such as a namespace package, is taken apart below that level.
    """
    installed = read_installed(site, whole=True)
    groups: dict[str, list[Installed]] = {}
    for one in installed:
        groups.setdefault(one.key, []).append(one)
    claims = {
        token: [path.split("/") for one in group for path in one.inside]
        for token, group in groups.items()
    }
    nodes, strays = _split(site, "", claims)
    below = _Below(image)
    units = [_distribution(site, token, group, claims, below) for token, group in groups.items()]
    # What is called like a distribution that lists no files is taken for its own.
    units += [_stray(site, rel, below) for rel in strays if rel not in groups]
    for path in paths:
        found = frozenset(_modules_in(path))
        units.append(Unit(path, path, "", found, "far", (path,), False))
    return UserTree(base, site, tuple(units), nodes)


def _split(
    directory: str, rel: str, claims: Mapping[str, list[list[str]]]
) -> tuple[dict[str, _Node], list[str]]:
    """The entries of a directory, and those of them that nobody lists."""
    below: dict[str, dict[str, list[list[str]]]] = {}
    for token, paths in claims.items():
        for path in paths:
            rests = below.setdefault(path[0], {}).setdefault(token, [])
            if len(path) > 1:
                rests.append(path[1:])
    nodes: dict[str, _Node] = {}
    strays: list[str] = []
    libraries = {f"{token}.libs": token for token in claims}
    for name in _names(directory):
        entry = os.path.join(rel, name)
        owners = below.get(name, {})
        if name == "__pycache__":
            nodes[name] = _Node(frozenset())
        elif not owners and normal(name[:-5]) + ".libs" in libraries and name.endswith(".libs"):
            # Left empty by some wheels: what auditwheel would have put shared libraries into.
            nodes[name] = _Node(frozenset({libraries[normal(name[:-5]) + ".libs"]}))
        elif not owners:
            nodes[name] = _Node(frozenset({entry}))
            strays.append(entry)
        elif len(owners) == 1 or not os.path.isdir(os.path.join(directory, name)):
            nodes[name] = _Node(frozenset(owners))
        else:
            parts, more = _split(os.path.join(directory, name), entry, owners)
            strays += more
            nodes[name] = _Node(frozenset(owners) | frozenset(more), parts)
    return nodes, strays


def _distribution(
    site: str,
    token: str,
    group: list[Installed],
    claims: Mapping[str, list[list[str]]],
    below: _Below,
) -> Unit:
    version = group[0].package.version
    modules: set[str] = set()
    sources: list[str] = []
    for path in claims[token]:
        modules |= _modules_of(path)
        if len(path) == 1:
            sources += _sources(site, path[0])
            if path[0].endswith(".egg"):
                modules |= _modules_in(os.path.join(site, path[0]))
    for source in sources:
        modules |= _modules_of([os.path.basename(source)]) | _modules_in(source)
    return Unit(
        token,
        group[0].label,
        version,
        frozenset(modules),
        below.shadows(token, version),
        tuple(dict.fromkeys(sources)),
    )


def _stray(site: str, rel: str, below: _Below) -> Unit:
    modules = _modules_of(rel.split("/"))
    shadows: Shadow = "far" if any(below.has(module) for module in modules) else ""
    sources = _sources(site, rel) if "/" not in rel else []
    return Unit(rel, rel, "", frozenset(modules), shadows, tuple(sources), False)


def _modules_of(path: list[str]) -> set[str]:
    """``a`` and ``a.b`` of ``a/b/c.py``: what a traceback names first."""
    found = set()
    first = _MODULE.fullmatch(path[0])
    if first:
        found.add(first["name"])
        second = _MODULE.fullmatch(path[1]) if len(path) > 1 else None
        if second and second["name"] != "__init__":
            found.add(f"{first['name']}.{second['name']}")
    return found


def _modules_in(directory: str) -> set[str]:
    found: set[str] = set()
    for name in _names(directory)[:_MOST_NAMES]:
        found |= _modules_of([name])
    return found


def _sources(site: str, entry: str) -> list[str]:
    """Where an editable install has its code: by a path line, an egg-link or a finder's mapping."""
    path = os.path.join(site, entry)
    found: list[str | None] = []
    if entry == "easy-install.pth":
        return []
    if entry.endswith(".egg-link"):
        data = read_regular(path, _LARGEST) or b""
        found = [_target(site, line) for line in data.splitlines()[:1]]
    elif entry.endswith(".pth"):
        data = read_regular(path, _LARGEST) or b""
        found = [_target(site, line) for line in data.splitlines()]
    elif entry.startswith("__editable__") and entry.endswith("_finder.py"):
        mapping = _MAPPING.search(read_regular(path, _LARGEST) or b"")
        quoted = _QUOTED.findall(mapping[1]) if mapping else []
        found = [os.fsdecode(one or other) for one, other in quoted]
    return [path for path in found if path and not path.startswith(site + os.sep) and path != site]


def _target(site: str, line: bytes) -> str | None:
    """The directory that a line of a .pth file adds (`site.addpackage`); None if it adds none."""
    text = os.fsdecode(line.strip())
    if not text or text.startswith(("#", "import ", "import\t")):
        return None
    return os.path.normpath(os.path.join(site, text))


class _Below:
    """What comes after the user site on the path: names and versions by directory names alone."""

    def __init__(self, directories: Iterable[str]) -> None:
        self._versions: dict[str, str] = {}
        self._modules: set[str] = set()
        for directory in directories:
            for entry in metadata_entries(directory):
                match = _METADATA.fullmatch(entry)
                if match:
                    self._versions.setdefault(normal(match["name"]), match["version"] or "")
            for name in _names(directory):
                module = _MODULE.fullmatch(name)
                if module:
                    self._modules.add(module["name"])

    def shadows(self, key: str, version: str) -> Shadow:
        if key not in self._versions:
            return ""
        theirs = self._versions[key]
        if _plain(theirs) == _plain(version):
            return "same"
        return "other" if _major(theirs) == _major(version) else "far"

    def has(self, module: str) -> bool:
        return module in self._modules


def _plain(version: str) -> str:
    """Directory names have ``_`` for ``-``; and eggs for ``+``."""
    return version.replace("_", "-").replace("+", "-")


def _major(version: str) -> list[str]:
    numbers = re.findall(r"\d+", version)
    return numbers[:2] if numbers[:1] == ["0"] else numbers[:1]


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))
    except OSError:
        return []
