"""Findings about compiled modules: another Python, machine, C library; missing libraries."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial

from ...packages.files import read_regular
from ..model import Finding, Severity
from .codes import finding, install_again, set_aside_one
from .distributions import Distribution
from .elf import Elf, read_elf
from .ground import Ground
from .importing import Importing
from .libraries import names_of
from .processor import lacks, too_old
from .reach import is_needed, is_tried
from .tags import read_tags, runs_here

_NAMED = re.compile(r"\.(?:cpython|cp|pypy)-?\d|\.abi3\.so$")
_GLIBC = re.compile(r"GLIBC_(\d+(?:\.\d+)+)")
_SHOWN = 4
_MOST = 5000
_MOST_SOURCES = 300
_LARGEST_SOURCE = 1 << 20
# What loads all the others.
_LOADER = ("ld-linux", "linux-vdso")


@dataclass
class _Wrong:
    """The modules of one distribution that cannot be loaded, by the reason."""

    damaged: list[tuple[str, str]] = field(default_factory=list)
    machine: list[tuple[str, str]] = field(default_factory=list)
    python: list[str] = field(default_factory=list)
    libc: list[tuple[str, str]] = field(default_factory=list)
    older: list[tuple[str, str, str, str]] = field(default_factory=list)
    missing: list[tuple[str, str]] = field(default_factory=list)
    processor: list[tuple[str, str]] = field(default_factory=list)
    right: int = 0


def misfits(ground: Ground, importing: Importing) -> Iterator[Finding]:
    """What of the user's compiled modules this interpreter cannot load, by package and reason."""
    left = _MOST
    for one in ground.mine.values():
        files = [f for f in ground.files(one).inside if ".so" in f and _is_object(f)]
        tags = read_tags(os.path.join(one.path, "WHEEL"))
        fits = not tags or any(runs_here(tag, ground) for tag in tags)
        if not files and fits:
            continue
        left -= len(files)
        if left < 0:
            ground.skip(f"Only the first {_MOST} compiled modules were looked at.")
            return
        wrong = _look(ground, one, files)
        yield from _platform(ground, importing, one, wrong, tags, fits)
        yield from _others(ground, importing, one, wrong)


def _is_object(rel: str) -> bool:
    return ".so" in os.path.basename(rel)


def _look(ground: Ground, one: Distribution, files: Iterable[str]) -> _Wrong:
    wrong = _Wrong()
    for rel in files:
        path = os.path.join(one.site, rel)
        name = os.path.basename(rel)
        ground.watch(path)
        is_module = bool(_NAMED.search(name)) or name.endswith(".so")
        elf = ground.kept.get("elf", path, partial(read_elf, path))
        if elf is None:
            continue
        if elf.fault:
            # A linker's script is a text; only what Python would load has to be a module.
            if _NAMED.search(name) or elf.machine:
                wrong.damaged.append((rel, elf.fault))
        elif elf.machine != ground.runtime.machine:
            wrong.machine.append((rel, elf.machine))
        elif _NAMED.search(name) and not ground.runtime.loads(name):
            wrong.python.append(rel)
        elif level := lacks(elf.isa, ground):
            wrong.processor.append((rel, level))
        else:
            before = len(wrong.libc) + len(wrong.older) + len(wrong.missing)
            _libraries(ground, rel, path, elf, wrong)
            after = len(wrong.libc) + len(wrong.older) + len(wrong.missing)
            wrong.right += is_module and before == after
    return wrong


def _libraries(ground: Ground, rel: str, path: str, elf: Elf, wrong: _Wrong) -> None:
    libraries = ground.libraries
    found: dict[str, str] = {}
    for name in elf.needed:
        if name.startswith(_LOADER):
            continue
        there = libraries.find(name, elf, path, frozenset())
        if there is None and name.startswith("libc.musl-"):
            wrong.machine.append((rel, "musl (Alpine)"))
            return
        if there is None:
            there = libraries.find(name, elf, path, bundled(ground))
        if there is None:
            wrong.missing.append((rel, name))
        else:
            found[name] = there
    for name, version in elf.needs:
        there = found.get(name, "")
        known = libraries.versions(there) if there else frozenset()
        if known and version not in known:
            # libm and the others are of one version with it.
            if version.startswith("GLIBC_"):
                wrong.libc.append((rel, version))
            else:
                wrong.older.append((rel, name, version, there))


def bundled(ground: Ground) -> frozenset[str]:
    """The names of the shared libraries that any package carries, and that are there."""
    known = ground.once.get("bundled")
    if known is None:
        names: set[str] = set()
        for one in ground.effective.values():
            inside = ground.files(one).inside
            there = (f for f in inside if ".so" in f and os.path.exists(os.path.join(one.site, f)))
            names |= names_of(there)
        known = ground.once["bundled"] = frozenset(names)
    assert isinstance(known, frozenset)
    return known


def _platform(
    ground: Ground,
    importing: Importing,
    one: Distribution,
    wrong: _Wrong,
    tags: tuple[str, ...],
    fits: bool,
) -> Iterator[Finding]:
    files = [rel for rel, _ in wrong.machine] + _without_twin(one, wrong.python, ground)
    if fits and not wrong.machine and not (files and not wrong.right and _is_binary(one)):
        return
    here = f"Python {ground.runtime.minor} on {ground.runtime.machine}"
    if ground.system.is_musl:
        here += " with musl"
    evidence = [("Compiled module", os.path.join(one.site, rel)) for rel in files[:_SHOWN]]
    if tags:
        evidence.append(("Tags of its wheel", ", ".join(tags[:6])))
    evidence.append(("Here", here))
    made_for = tags[0] if tags and not fits else ""
    if wrong.machine and not made_for:
        made_for = wrong.machine[0][1]
    severity = _severity(ground, importing, one, files, wrong.right)
    yield finding(
        "wrong-platform",
        one.name,
        f"{one.label} was made for {made_for or 'another Python'}; this is {here}.",
        evidence=tuple(evidence),
        wins=one.label,
        fix=set_aside_one(ground, one),
        severity=severity,
    )


def _is_binary(one: Distribution) -> bool:
    data = read_regular(os.path.join(one.path, "WHEEL"), 1 << 16) or b""
    return b"Root-Is-Purelib: true" not in data


def _without_twin(one: Distribution, files: Iterable[str], ground: Ground) -> list[str]:
    """Those of another Python's modules that have no fellow which this one can load."""
    found = []
    for rel in files:
        directory, name = os.path.split(os.path.join(one.site, rel))
        module = ground.directories.modules(directory).get(name.partition(".")[0])
        if module is None:
            found.append(rel)
    return found


def _others(
    ground: Ground, importing: Importing, one: Distribution, wrong: _Wrong
) -> Iterator[Finding]:
    def severity(files: Iterable[str]) -> Severity:
        return _severity(ground, importing, one, list(files), wrong.right)

    yield from too_old(ground, one, wrong.processor, severity)
    if wrong.damaged:
        yield finding(
            "damaged-module",
            one.name,
            f"{os.path.basename(wrong.damaged[0][0])} of {one.label} cannot be loaded: "
            f"{wrong.damaged[0][1]}.",
            evidence=_listed(one, wrong.damaged, "Compiled module", lambda row: row[1]),
            wins=one.label,
            fix=install_again(ground, one),
            # Whoever tries to load one that was cut is killed, and has no time to do without.
            severity=None
            if any("cut" in fault for _, fault in wrong.damaged)
            else severity(rel for rel, _ in wrong.damaged),
        )
    if wrong.libc:
        wanted = max((_numbers(version), version) for _, version in wrong.libc)[1]
        yield finding(
            "glibc-too-old",
            one.name,
            f"{one.label} needs {wanted}, and this system has glibc {ground.system.libc}.",
            evidence=_listed(one, wrong.libc, "Compiled module", lambda row: f"needs {row[1]}"),
            wins=one.label,
            fix=set_aside_one(ground, one),
            severity=severity(rel for rel, _ in wrong.libc),
        )
    if wrong.older:
        _, library, version, there = wrong.older[0]
        yield finding(
            "library-too-old",
            one.name,
            f"{one.label} needs {version} of {library}, which {there} does not have.",
            evidence=_listed(one, wrong.older, "Compiled module", lambda row: f"needs {row[2]}"),
            wins=there,
            fix=set_aside_one(ground, one),
            severity=severity(rel for rel, *_ in wrong.older),
        )
    if wrong.missing:
        names = ", ".join(dict.fromkeys(name for _, name in wrong.missing))
        own = {name for _, name in wrong.missing} & names_of(ground.files(one).inside)
        yield finding(
            "library-missing",
            one.name,
            f"{one.label} needs {names}, which neither the system nor a package has.",
            evidence=_listed(one, wrong.missing, "Compiled module", lambda row: f"needs {row[1]}"),
            wins=one.label,
            fix=install_again(ground, one) if own else set_aside_one(ground, one),
            severity=severity(rel for rel, _ in wrong.missing),
        )


def _numbers(version: str) -> tuple[int, ...]:
    match = _GLIBC.match(version)
    return tuple(map(int, match.group(1).split("."))) if match else ()


def _listed(
    one: Distribution,
    rows: list[tuple[str, ...]] | list[tuple[str, str]] | list[tuple[str, str, str, str]],
    label: str,
    words: Callable[[tuple[str, ...]], str],
) -> tuple[tuple[str, str], ...]:
    shown = [(label, f"{os.path.join(one.site, row[0])}: {words(row)}") for row in rows[:_SHOWN]]
    if len(rows) > _SHOWN:
        shown.append(("And", f"{len(rows) - _SHOWN} more"))
    return tuple(shown)


def _severity(
    ground: Ground, importing: Importing, one: Distribution, files: list[str], right: int
) -> Severity:
    """Whether the package cannot be imported without these modules, or may do without them.

    Many have an accelerator that they miss silently (markupsafe), or a part for which a system
    lacks the libraries and which nobody asks for (PyQt5.QtBluetooth).
    """
    if not files:
        return "risk"
    if any("/" not in rel for rel in files):
        return "will-fail"
    stems = {os.path.basename(rel).partition(".")[0] for rel in files}
    if any(os.path.basename(os.path.dirname(rel)) in stems for rel in files):
        return "will-fail"
    if is_needed(ground, importing, one, files):
        return "will-fail"
    if len(files) <= right or _is_guarded(ground, one, stems):
        return "risk"
    return "will-fail"


def _is_guarded(ground: Ground, one: Distribution, stems: set[str]) -> bool:
    """Whether every import of these modules is indented: in a ``try``, or in a function.

    Or that of the module which imports it (yaml.cyaml).
    """
    words = b"|".join(re.escape(os.fsencode(stem)) for stem in sorted(stems))
    pattern = re.compile(
        rb"^([ \t]*)(?:from[ \t]+[.\w]*\.?(?:" + words + rb")[ \t]+import"
        rb"|from[ \t]+[.\w]+[ \t]+import[ \t]+[^\n]*\b(?:" + words + rb")\b"
        rb"|import[ \t]+[.\w, ]*\b(?:" + words + rb")\b)",
        re.MULTILINE,
    )
    sources = [f for f in ground.files(one).inside if f.endswith(".py")]
    seen = False
    for rel in sources[:_MOST_SOURCES]:
        data = read_regular(os.path.join(one.site, rel), _LARGEST_SOURCE) or b""
        for match in pattern.finditer(data):
            seen = True
            if not match.group(1) and not is_tried(ground, one, rel):
                return False
    return seen
