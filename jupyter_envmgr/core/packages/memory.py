"""What was read of packages, remembered until the files change: one stat each to ask again."""

from __future__ import annotations

import os
import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

from .conda_records import CondaRecord, asked_for_by_history, read_conda_record
from .metadata import METADATA_ENDINGS, Distribution, normal, read_distribution
from .model import Package

T = TypeVar("T")
_Stamp = tuple[int, int, int]
_GONE: _Stamp = (0, 0, 0)
_YOUNG: _Stamp = (-1, -1, -1)
# A change within one tick of the file system's clock after we looked leaves the time as it was;
# 2 s is the coarsest clock in use (vfat).
_UNSETTLED_NS = 2_000_000_000
_MOST = 64
_BREATH = 100


@dataclass(frozen=True)
class SitePackage:
    """A package of a site directory: where, and by which metadata entry, as the disk has them."""

    directory: str
    entry: str
    package: Package


SitePackages = Mapping[str, SitePackage]
"""The packages of one site directory by normal name."""


@dataclass(frozen=True)
class CondaMeta:
    """The records of a ``conda-meta``, each with its path; and what its history says of names."""

    records: tuple[tuple[str, CondaRecord], ...] = ()
    asked_for: Mapping[str, bool] = field(default_factory=dict)


_NO_SITE: SitePackages = MappingProxyType({})
_NO_CONDA = CondaMeta()


@dataclass(frozen=True)
class _Known:
    """A directory as it was: its stamp, and that of each entry with what was read of it."""

    stamp: _Stamp
    entries: Mapping[str, tuple[_Stamp, Any]]
    answer: Any


class Memory:
    """What was read before. Trusted while every metadata directory has the same stamp.

    pip, uv and conda replace a metadata directory as a whole, which changes the stamp of its
    parent; REQUESTED, INSTALLER and direct_url.json are written into it, which changes its own.
    Only a METADATA file that somebody edits in place, which no tool does, is not seen anew.
    What changed within the last seconds is read again: it may be changing still.
    Holds the sites asked for last. Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: OrderedDict[str, _Known] = OrderedDict()
        self._lists: OrderedDict[object, tuple[tuple[object, ...], tuple[Package, ...]]]
        self._lists = OrderedDict()

    def site(self, directory: str) -> SitePackages:
        """The packages of one site directory, each once. The same object while unchanged."""
        stamp = _stamp(directory)
        if stamp == _GONE:
            return _NO_SITE
        known = self._get(self._known, directory)
        if known and _is_as_it_was(directory, stamp, known):
            answer: SitePackages = known.answer
            return answer
        before = known.entries if known else {}
        entries: dict[str, tuple[_Stamp, Any]] = {}
        descriptor = _open_directory(directory)
        try:
            for number, entry in enumerate(_names(directory, METADATA_ENDINGS)):
                at = _stamp(entry if descriptor else f"{directory}/{entry}", descriptor)
                old = before.get(entry)
                if old is None or old[0] != at:
                    old = _trusted(at), read_distribution(directory, entry, descriptor)
                entries[entry] = old
                _breathe(number)
        finally:
            if descriptor is not None:
                os.close(descriptor)
        answer = MappingProxyType(_by_name(directory, entries))
        self._put(self._known, directory, _Known(_trusted(stamp), entries, answer))
        return answer

    def conda(self, meta: str) -> CondaMeta:
        """The records of a ``conda-meta`` directory. The same object while unchanged."""
        stamp = _stamp(meta)
        if stamp == _GONE:
            return _NO_CONDA
        known = self._get(self._known, meta)
        if known and _is_as_it_was(meta, stamp, known):
            found: CondaMeta = known.answer
            return found
        before = known.entries if known else {}
        entries: dict[str, tuple[_Stamp, Any]] = {
            "history": (_trusted(_stamp(f"{meta}/history")), None)
        }
        records = []
        for number, name in enumerate(_names(meta, (".json",))):
            path = f"{meta}/{name}"
            at = _stamp(path)
            old = before.get(name)
            if old is None or old[0] != at:
                old = _trusted(at), read_conda_record(path)
            entries[name] = old
            records.append((path, old[1]))
            _breathe(number)
        found = CondaMeta(tuple(records), asked_for_by_history(meta))
        self._put(self._known, meta, _Known(_trusted(stamp), entries, found))
        return found

    def listed(self, key: object, sources: tuple[object, ...]) -> tuple[Package, ...] | None:
        """A list that was made of the very same ``sources``; None if there is none."""
        known = self._get(self._lists, key)
        if known is None or len(known[0]) != len(sources):
            return None
        same = all(a is b for a, b in zip(known[0], sources, strict=True))
        return known[1] if same else None

    def keep(self, key: object, sources: tuple[object, ...], packages: tuple[Package, ...]) -> None:
        """Remember a list for `listed`."""
        self._put(self._lists, key, (sources, packages))

    def _get(self, kept: OrderedDict[Any, T], key: object) -> T | None:
        with self._lock:
            value = kept.get(key)
            if value is not None:
                kept.move_to_end(key)
            return value

    def _put(self, kept: OrderedDict[Any, T], key: object, value: T) -> None:
        with self._lock:
            kept[key] = value
            kept.move_to_end(key)
            if len(kept) > _MOST:
                kept.popitem(last=False)


def _is_as_it_was(directory: str, stamp: _Stamp, known: _Known) -> bool:
    if known.stamp != stamp:
        return False
    stat = os.stat
    try:
        for entry, (at, _) in known.entries.items():
            status = stat(f"{directory}/{entry}")
            if (status.st_mtime_ns, status.st_size, status.st_ino) != at:
                return False
    except (OSError, ValueError):
        return all(_stamp(f"{directory}/{entry}") == at for entry, (at, _) in known.entries.items())
    return True


def _trusted(stamp: _Stamp) -> _Stamp:
    """A stamp as it is remembered: one that is too young to tell of a change equals no other."""
    return stamp if abs(time.time_ns() - stamp[0]) > _UNSETTLED_NS else _YOUNG


def _stamp(path: str, directory: int | None = None) -> _Stamp:
    try:
        status = os.stat(path, dir_fd=directory)
    except (OSError, ValueError):
        return _GONE
    return status.st_mtime_ns, status.st_size, status.st_ino


def _open_directory(path: str) -> int | None:
    try:
        return os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except (OSError, ValueError):
        return None


def _names(directory: str, endings: tuple[str, ...]) -> list[str]:
    try:
        names = os.listdir(directory)
    except (OSError, ValueError):
        return []
    return sorted(n for n in names if n.endswith(endings) and n not in endings)


def _breathe(number: int) -> None:
    """Let other threads have their turn, a server's loop among them."""
    if number % _BREATH == _BREATH - 1:
        time.sleep(0)


def _by_name(
    directory: str, entries: Mapping[str, tuple[_Stamp, Distribution]]
) -> dict[str, SitePackage]:
    """Each package once. Of several metadata directories that of the last install is the one.

    That there are several is its problem: which version other tools name is left to chance.
    """
    several: dict[str, list[tuple[_Stamp, Distribution]]] = {}
    for at, distribution in entries.values():
        several.setdefault(normal(distribution.package.name), []).append((at, distribution))
    rows = {}
    for name in sorted(several):
        found = several[name]
        if len(found) > 1:
            found.sort(key=lambda pair: pair[0][0])
            versions = " and ".join(sorted({d.package.version or "?" for _, d in found}))
            problem = f"its metadata is there {_times(len(found))}: {versions}"
            last = found[-1][1]
            package = replace(last.package, problem=last.package.problem or problem)
        else:
            last, package = found[0][1], found[0][1].package
        rows[name] = SitePackage(directory, last.entry, package)
    return rows


def _times(count: int) -> str:
    return "twice" if count == 2 else f"{count} times"
