"""Findings about names that can be imported from two places: strays, namespaces, two owners."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import partial

from ...packages.files import read_regular
from ..model import Finding, Severity
from .codes import finding, set_aside, set_aside_one
from .distributions import Distribution
from .ground import Ground
from .modules import Module
from .sources import read_names

_STYLE = re.compile(rb"extend_path|declare_namespace")
_SHOWN = 6
_DEEPEST = 3
_MOST = 100
_LARGEST = 1 << 16
_LARGEST_RECORD = 1 << 24
# What careless wheels install at the top, and everybody's is as good as the other's.
_CARELESS = frozenset(
    {
        *("test", "tests", "testing", "doc", "docs", "example", "examples", "benchmarks"),
        *("scripts", "bin", "tools", "build", "dist", "src", "lib", "py"),
    }
)


def strays(ground: Ground) -> Iterator[Finding]:
    """Modules that no package owns: those that hide one of the image, and the others."""
    unowned = []
    for site in ground.user_sites:
        owned = _owned(ground, site)
        for name, module in sorted(ground.directories.modules(site).items()):
            if name in owned or module.kind == "namespace":
                continue
            if name in ("usercustomize", "sitecustomize"):
                continue
            theirs = ground.directories.find(name, ground.image_path)
            if theirs is None or name in ground.runtime.stdlib:
                unowned.append(module)
            else:
                yield _stray(ground, site, module, theirs)
    if unowned:
        names = sorted(m.name for m in unowned)
        yield finding(
            "unowned",
            f"{len(names)} modules" if len(names) > 1 else names[0],
            "No package lists it. It was copied here, or is what is left of an installation "
            "that was cut.",
            evidence=tuple(("Module", m.path) for m in unowned[:_MOST]),
        )


def _owned(ground: Ground, site: str) -> set[str]:
    found: set[str] = set()
    for one in ground.user:
        if one.site != site:
            continue
        found |= ground.tops(one)
        if not ground.files(one).listed:
            found.add(one.key.replace("-", "_"))
            data = read_regular(os.path.join(one.path, "top_level.txt"), _LARGEST) or b""
            found.update(os.fsdecode(line).strip() for line in data.splitlines())
    return {*found, *(name.lower() for name in found)}


def _stray(ground: Ground, site: str, module: Module, theirs: Module) -> Finding:
    entry = os.path.relpath(module.path, site).split(os.sep, 1)[0]
    lost = _lost_names(ground, module, theirs)
    severity: Severity | None = "will-fail" if lost else None
    return finding(
        "stray-module",
        entry,
        f"{os.path.join(site, entry)} is imported instead of the image's {module.name}, and no "
        "package owns it." + (f" It lacks {', '.join(lost[:3])}, for instance." if lost else ""),
        evidence=(("Here", module.path), ("Image", theirs.path)),
        wins=module.path,
        fix=set_aside(ground, entry),
        severity=severity,
    )


def _lost_names(ground: Ground, module: Module, theirs: Module) -> list[str]:
    """Public names of the image's module that the stray lacks, if those are more than half."""
    if not module.path.endswith(".py") or not theirs.path.endswith(".py"):
        return []
    ground.watch(module.path)
    mine = read_names(module.path, ground.kept)
    wanted = read_names(theirs.path, ground.kept)
    if mine.is_open or mine.stars:
        return []
    public = {name for name in wanted.defined if not name.startswith("_")}
    lost = sorted(public - mine.defined)
    return lost if len(lost) * 2 > len(public) else []


def two_owners(ground: Ground) -> Iterator[Finding]:
    """Packages of different names that install the same modules (opencv-python, -headless)."""
    pairs: dict[tuple[str, str], tuple[Distribution, Distribution, list[str]]] = {}
    for (_, path), owners in ground.owners.items():
        if len(owners) < 2 or not path.endswith((".py", ".so")):
            continue
        first, last = owners[0], owners[-1]
        if first.key == last.key or path.partition("/")[0].removesuffix(".py") in _CARELESS:
            continue
        one, other = (ground.files(each).inside[path] for each in (first, last))
        if one == other or _is_namespace_style(os.path.join(first.site, path)):
            continue
        pairs.setdefault((first.key, last.key), (first, last, []))[2].append(path)
    for first, last, paths in pairs.values():
        yield finding(
            "two-owners",
            first.name,
            f"{first.label} and {last.label} both install {paths[0]}: what is there is of the "
            "one that was installed last, and removing one breaks the other.",
            evidence=tuple(("File", os.path.join(first.site, path)) for path in paths[:_SHOWN]),
            fix=set_aside(ground, first.name, last.name),
        )
    yield from _owners_in_image(ground)


def _owners_in_image(ground: Ground) -> Iterator[Finding]:
    for key, one in ground.mine.items():
        if key in ground.image_effective:
            continue
        for top in sorted(ground.tops(one) - _CARELESS):
            mine = ground.directories.modules(one.site).get(top)
            theirs = ground.directories.find(top, ground.image_path)
            if mine is None or theirs is None or "namespace" in (mine.kind, theirs.kind):
                continue
            if _is_namespace_style(mine.path) or top in ground.runtime.stdlib:
                continue
            other = next(iter(image_owners(ground, top)), None)
            if other is None or other.key in ground.mine or other.key == key:
                continue
            yield finding(
                "two-owners",
                one.name,
                f"{one.label} of the user site and {other.label} of the image both are "
                f"`import {top}`: the image's is hidden, whatever pip says of it.",
                evidence=(("User site", mine.path), ("Image", theirs.path)),
                wins=one.label,
                fix=set_aside_one(ground, one),
            )
            break


def image_owners(ground: Ground, top: str) -> Iterator[Distribution]:
    """The image's distributions that install something below this name."""
    start, single = f"{top}/".encode(), f"{top}.".encode()
    for one in ground.image_effective.values():
        name = "RECORD" if one.entry.endswith(".dist-info") else "installed-files.txt"
        path = os.path.join(one.path, name)
        data = ground.kept.get("record", path, partial(_record, path))
        if data.startswith((start, single)) or b"\n" + start in data or b"\n" + single in data:
            yield one


def _record(path: str) -> bytes:
    return read_regular(path, _LARGEST_RECORD) or b""


def namespaces(ground: Ground) -> Iterator[Finding]:
    """Regular packages that hide a namespace package's other parts (PEP 420), either way."""
    for site in ground.user_sites:
        for name, module in sorted(ground.directories.modules(site).items()):
            if module.kind in ("package", "namespace"):
                yield from _below(ground, name, (site,), ground.image_path, 1)


def _below(
    ground: Ground, name: str, mine: Sequence[str], theirs: Sequence[str], depth: int
) -> Iterator[Finding]:
    last = name.rpartition(".")[2]
    own = ground.directories.find(last, mine)
    image = [m for p in theirs if (m := ground.directories.modules(p).get(last))]
    image = [m for m in image if m.kind in ("package", "namespace")]
    if own is None or own.kind not in ("package", "namespace") or not image:
        return
    regular = next((m for m in image if m.kind == "package"), None)
    own_is_open = own.kind == "namespace" or _is_namespace_style(own.path)
    image_is_open = regular is None or _is_namespace_style(regular.path)
    if own_is_open and image_is_open:
        if depth < _DEEPEST:
            below = [m.directory for m in image]
            for child in sorted(ground.directories.modules(own.directory)):
                yield from _below(ground, f"{name}.{child}", (own.directory,), below, depth + 1)
    elif not own_is_open and regular is None:
        lost = {c for m in image for c in ground.directories.modules(m.directory)}
        lost -= ground.directories.modules(own.directory).keys()
        if lost:
            yield _hides(ground, name, own, image[0], sorted(lost))
    elif own_is_open and own.kind == "namespace" and regular is not None:
        lost = set(ground.directories.modules(own.directory))
        lost -= ground.directories.modules(regular.directory).keys()
        if lost:
            yield _is_hidden(ground, name, own, regular, sorted(lost))


def _hides(ground: Ground, name: str, own: Module, image: Module, lost: Sequence[str]) -> Finding:
    site = next(s for s in ground.user_sites if own.path.startswith(s + os.sep))
    owners = ground.owners.get((site, os.path.relpath(own.path, site)), ())
    top = name.partition(".")[0]
    hurt = [
        o.label
        for c in lost[:_SHOWN]
        for o in image_owners(ground, f"{name}.{c}".replace(".", "/"))
    ]
    hurt = list(dict.fromkeys(hurt))
    return finding(
        "namespace-hidden",
        owners[0].name if owners else name,
        f"{own.path} makes {name} a package of its own: {_dotted(name, lost)} of the image cannot "
        "be imported.",
        evidence=(
            ("Hides", own.path),
            ("Image", image.path),
            *((("Packages that lose modules", ", ".join(hurt[:_SHOWN])),) if hurt else ()),
        ),
        wins=own.path,
        fix=set_aside_one(ground, owners[0]) if owners else set_aside(ground, top),
    )


def _is_hidden(
    ground: Ground, name: str, own: Module, image: Module, lost: Sequence[str]
) -> Finding:
    site = next(s for s in ground.user_sites if own.path.startswith(s + os.sep))
    prefix = os.path.relpath(own.directory, site) + "/"
    owners = [
        one
        for one in ground.user
        if one.site == site and any(f.startswith(prefix) for f in ground.files(one).inside)
    ]
    return finding(
        "namespace-hidden",
        owners[0].name if owners else name,
        f"The image's {image.path} makes {name} a package of its own: "
        f"{_dotted(name, lost)} of the user site cannot be imported.",
        evidence=(("Hides", image.path), ("Hidden", own.path)),
        wins=image.path,
        fix=set_aside(ground, *(one.name for one in owners[:_SHOWN])) if owners else None,
        # The directory alone may be what an uninstall has left.
        severity=None if owners else "note",
    )


def _dotted(name: str, lost: Sequence[str]) -> str:
    words = ", ".join(f"{name}.{child}" for child in lost[:3])
    return f"{words} and others" if len(lost) > 3 else words


def _is_namespace_style(path: str) -> bool:
    """Whether an ``__init__.py`` joins the other parts (pkgutil, pkg_resources)."""
    return bool(_STYLE.search(read_regular(path, _LARGEST) or b""))
