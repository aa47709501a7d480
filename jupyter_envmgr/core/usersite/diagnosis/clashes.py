"""Findings about packages that do not fit together: unmet requirements, imports that fail."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from ..model import Finding, Fix
from ..requires import name_of
from .codes import finding, set_aside_one
from .distributions import Distribution
from .ground import Ground
from .importing import Importing, Lack
from .requirement_check import Compared, Unmet

_SHOWN = 5
# These compare versions when they are imported, and raise: what their metadata asks for is so.
_STRICT = frozenset(
    {
        *(("pydantic", "pydantic-core"), ("numba", "numpy"), ("numba", "llvmlite")),
        *(("jax", "jaxlib"), ("transformers", "tokenizers"), ("transformers", "huggingface-hub")),
        *(("matplotlib", "numpy"), ("matplotlib", "kiwisolver"), ("matplotlib", "pyparsing")),
        *(("matplotlib", "cycler"), ("matplotlib", "python-dateutil"), ("pandas", "numpy")),
    }
)
_IMPORTED_AS = {
    "pyyaml": "yaml",
    "python-dateutil": "dateutil",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "beautifulsoup4": "bs4",
    "pyzmq": "zmq",
    "msgpack-python": "msgpack",
    "attrs": "attr",
    "pyjwt": "jwt",
    "gitpython": "git",
    "python-json-logger": "pythonjsonlogger",
    "protobuf": "google.protobuf",
    "setuptools": "pkg_resources",
}


def broken_requirements(
    ground: Ground, compared: Compared, failing: frozenset[tuple[str, str]]
) -> Iterator[Finding]:
    """Requirements that the user site breaks, and those that it alone meets.

    ``failing`` are pairs of names of which an import fails for certain, which is told already.
    """
    for one in compared.caused:
        pair = one.one.key, one.key
        where = "" if one.one.key in ground.mine else " of the image"
        asked = f" ({one.extras})" if one.extras else ""
        why = f"{one.found.label} is what is loaded" if one.found else "it is not installed"
        evidence = [("Required by", f"{one.one.label}{where}: {one.one.path}")]
        evidence.append(("Requirement", one.requirement + asked))
        if one.found is not None:
            evidence.append(("Found", f"{one.found.label}: {one.found.path}"))
        theirs = ground.image_effective.get(one.key)
        if theirs is not None and theirs is not one.found:
            evidence.append(("The image's", f"{theirs.label}: {theirs.path}"))
        strict = one.found is not None and pair in _STRICT and not one.extras
        yield finding(
            "requirement-broken",
            one.one.name,
            f"{one.one.label}{where} needs {one.requirement}{asked}, and {why}.",
            evidence=tuple(evidence),
            wins=one.found.label if one.found else "",
            fix=cure(ground, one.one, one.found, one, compared),
            severity="will-fail" if strict or pair in failing else None,
        )
    for one in compared.afterwards:
        now = ground.effective.get(one.key)
        asked = f" ({one.extras})" if one.extras else ""
        rest = f"{one.found.label} is the image's" if one.found else "only the user site has that"
        yield finding(
            "needed-by-image",
            one.one.name,
            f"{one.one.label} of the image needs {one.requirement}{asked}, and {rest}: "
            "after a reset this requirement would not be met.",
            evidence=(
                ("Required by", f"{one.one.label}: {one.one.path}"),
                ("Requirement", one.requirement + asked),
                *((("Now", f"{now.label}: {now.path}"),) if now else ()),
            ),
            wins=now.label if now else "",
        )


def cure(
    ground: Ground,
    one: Distribution,
    other: Distribution | None,
    unmet: Unmet | None = None,
    compared: Compared | None = None,
) -> Fix | None:
    """What to set aside of two that clash: what the image has a fitting version of."""
    image = ground.image_effective
    if other is not None and other.key in ground.mine and other.key in image:
        theirs = image[other.key]
        fits = compared.fits(unmet.requirement, theirs) if unmet and compared else True
        if fits and theirs.version != other.version:
            return set_aside_one(ground, other)
    if one.key in ground.mine and one.key in image:
        return set_aside_one(ground, one)
    if unmet is not None:
        words = [ground.target.interpreter, "-m", "pip", "install", "--user", unmet.requirement]
        label = f"Install {unmet.requirement}"
        return Fix("reinstall", label, (unmet.key,), ground.python, "", shlex.join(words))
    for each in (one, other):
        if each is not None and each.key in ground.mine:
            return set_aside_one(ground, each)
    return None


def failing_imports(
    ground: Ground, importing: Importing, unmet: Sequence[Unmet]
) -> Iterator[tuple[tuple[str, str], Finding]]:
    """Imports that cannot work: a module, or a name in one, that another package lacks.

    Metadata does not tell of them (jinja2 2.11 and markupsafe 2.1). Followed from the package's
    own import, so that what is found happens as soon as somebody imports it.
    """
    for one, other, key in _pairs(ground, unmet):
        tops = _tops_of(ground, key, other)
        if not tops:
            continue
        for top in sorted(ground.tops(one)):
            lacks = list(importing.lacks(importing.closure(top), tops))
            lacks = [lack for lack in lacks if _counts(ground, lack, other)]
            if lacks:
                yield (one.key, key), _finding(ground, one, other, top, lacks)
                break
        if importing.is_spent:
            ground.skip("Not all imports were followed: there are too many packages to compare.")
            return


def _pairs(
    ground: Ground, unmet: Sequence[Unmet]
) -> Iterator[tuple[Distribution, Distribution | None, str]]:
    """Packages and what they need, where something is unusual; the likeliest to fail first."""
    effective, mine, image = ground.effective, ground.mine, ground.image_effective
    seen: set[tuple[str, str]] = set()
    for each in unmet:
        if not each.extras and (each.one.key, each.key) not in seen:
            seen.add((each.one.key, each.key))
            yield each.one, each.found, each.key
    groups: list[list[tuple[str, str]]] = [[], [], []]
    for key, one in effective.items():
        for line in one.requires:
            wanted = name_of(line)
            other = effective.get(wanted)
            if other is None or (key, wanted) in seen or "extra" in line:
                continue
            if key not in mine and wanted in mine:
                theirs = image.get(wanted)
                if theirs is not None and theirs.version != other.version:
                    groups[0].append((key, wanted))
            elif key in mine and wanted not in mine:
                theirs = image.get(key)
                differs = theirs is not None and theirs.version != one.version
                groups[0 if differs else 1].append((key, wanted))
            elif key in mine and wanted in mine:
                groups[2].append((key, wanted))
    for group in groups:
        for key, wanted in group:
            yield effective[key], effective[wanted], wanted


def _tops_of(ground: Ground, key: str, other: Distribution | None) -> frozenset[str]:
    if other is not None:
        return ground.tops(other)
    name = _IMPORTED_AS.get(key, key.replace("-", "_"))
    return frozenset({name.partition(".")[0], key.replace("-", "_")})


def _counts(ground: Ground, lack: Lack, other: Distribution | None) -> bool:
    """Whether it is that package which lacks something: several can share a namespace."""
    if lack.name or other is None:
        return True
    top = lack.module.partition(".")[0]
    found = ground.directories.find(top, ground.whole_path)
    return found is None or found.kind != "namespace"


def _finding(
    ground: Ground,
    one: Distribution,
    other: Distribution | None,
    top: str,
    lacks: Iterable[Lack],
) -> Finding:
    lacks = list(lacks)
    first = lacks[0]
    whose = f"{other.label} does not have" if other else "nothing here has"
    what = f"{first.name} of {first.module}" if first.name else first.module
    evidence = [
        ("Import", f"{lack.demand.file}:{lack.demand.line}: {lack.demand.text}")
        for lack in lacks[:_SHOWN]
    ]
    if first.seen_in:
        evidence.append(("Does not have it", first.seen_in))
    if other is not None:
        evidence.append(("Package", f"{other.label}: {other.path}"))
    return finding(
        "import-breaks",
        one.name,
        f"`import {top}` of {one.label} needs {what}, which {whose}.",
        evidence=tuple(evidence),
        wins=other.label if other else "",
        fix=cure(ground, one, other),
    )
