"""Who needs whom: what breaks when packages go, and what Jupyter itself needs of them.

Works without `packaging`, which may be what is broken: then by names alone.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ..packages.metadata import normal, read_head, read_regular

_LINE = re.compile(rb"^requires-dist:[ \t]*(.+)$", re.IGNORECASE | re.MULTILINE)
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[([^\]]*)\])?")
_EXTRA = re.compile(r"extra\s*==\s*['\"]([^'\"]+)['\"]")

JUPYTER = (
    *("jupyter-envmgr", "jupyter-server", "jupyterlab", "notebook", "nbclassic", "jupyter-core"),
    *("jupyter-client", "jupyterhub", "ipykernel", "nbconvert", "voila"),
)
"""What a Jupyter server is started from; with what these require, it is Jupyter's closure."""


@dataclass(frozen=True)
class Needs:
    """An installed distribution and its requirements, as text."""

    key: str
    label: str
    version: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Breakage:
    """A package that stays, and a requirement of it that only what goes satisfies."""

    package: str
    requirement: str
    satisfied_by: str


def read_needs(site: str, entry: str, *, key: str, label: str, version: str) -> Needs:
    """The requirements of the distribution whose metadata is ``entry``. Never raises."""
    path = os.path.join(site, entry)
    if entry.endswith(".dist-info"):
        head = read_head(os.path.join(path, "METADATA")) or b""
        lines = [match.decode("utf-8", "replace").strip() for match in _LINE.findall(head)]
        return Needs(key, label, version, tuple(lines))
    lines = []
    for place in ("requires.txt", "EGG-INFO/requires.txt"):
        data = read_regular(os.path.join(path, place), 1 << 20)
        if data is not None:
            # Sections are extras and markers: what is above the first one is always needed.
            for line in data.decode("utf-8", "replace").splitlines():
                if line.startswith("["):
                    break
                if line.strip():
                    lines.append(line.strip())
    return Needs(key, label, version, tuple(lines))


def name_of(requirement: str) -> str:
    """The normal name of the package that a requirement line asks for."""
    match = _NAME.match(requirement)
    return normal(match.group(1)) if match else ""


def closure(
    roots: Iterable[str], effective: Mapping[str, Needs], *, more: Iterable[str] = ()
) -> set[str]:
    """The names that these need, themselves included, among what is effective.

    Too much rather than too little: markers other than extras are taken to apply.
    """
    waiting = [(key, frozenset[str]()) for key in (*roots, *more) if key in effective]
    seen: set[tuple[str, frozenset[str]]] = set()
    while waiting:
        key, extras = waiting.pop()
        if (key, extras) in seen or key not in effective:
            continue
        seen.add((key, extras))
        for line in effective[key].lines:
            wanted = {normal(extra) for extra in _EXTRA.findall(line)}
            if wanted and not wanted & extras:
                continue
            match = _NAME.match(line)
            if match:
                asked = frozenset(normal(e.strip()) for e in (match.group(2) or "").split(",") if e)
                waiting.append((normal(match.group(1)), asked))
    return {key for key, _ in seen}


def breakages(
    staying: Iterable[Needs], before: Mapping[str, Needs], after: Mapping[str, Needs], python: str
) -> list[Breakage]:
    """Requirements of what stays that are satisfied ``before`` and not ``after``."""
    satisfied = _satisfaction(python)
    found: dict[Breakage, None] = {}
    for one in staying:
        for line in one.lines:
            if _EXTRA.search(line):
                continue
            key = name_of(line)
            old, new = before.get(key), after.get(key)
            if old is None or (new is not None and new.version == old.version):
                continue
            if satisfied(line, old) and not satisfied(line, new):
                found[Breakage(one.label, line.partition(";")[0].strip(), old.label)] = None
    return list(found)


def _satisfaction(python: str) -> Callable[[str, Needs | None], bool]:
    try:
        from packaging.markers import default_environment
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.version import InvalidVersion
    except Exception:  # a broken one raises anything
        return lambda line, one: one is not None or ";" in line

    environment = {key: str(value) for key, value in default_environment().items()}
    environment |= {"python_version": python, "python_full_version": f"{python}.0", "extra": ""}

    def satisfied(line: str, one: Needs | None) -> bool:
        try:
            requirement = Requirement(line)
            if requirement.marker and not requirement.marker.evaluate(environment):
                return True
            if one is None:
                return False
            return requirement.specifier.contains(one.version, prereleases=True)
        except (InvalidRequirement, InvalidVersion, ValueError):
            return one is not None

    return satisfied


def by_key(needs: Iterable[Needs]) -> dict[str, Needs]:
    """The first of each name: the order is that of ``sys.path``."""
    found: dict[str, Needs] = {}
    for one in needs:
        found.setdefault(one.key, one)
    return found


def roots_among(needs: Iterable[Needs]) -> Iterator[str]:
    """The names that no other of these requires, by which old pips leave what was asked for."""
    everything = list(needs)
    required = {
        name_of(line)
        for one in everything
        for line in one.lines
        if not _EXTRA.search(line) and name_of(line) != one.key
    }
    yield from (one.key for one in everything if one.key not in required)
