"""Findings about packages that do not fit together: unmet requirements, imports that fail."""

from __future__ import annotations

import re
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
_MOST_USERS = 20
# These compare versions when they are imported, and raise: what their metadata asks for is so.
_STRICT = frozenset(
    {
        *(("numba", "numpy"), ("jax", "jaxlib")),
        *(("transformers", "tokenizers"), ("transformers", "huggingface-hub")),
    }
)
# And these do if it is too old, but take a newer one.
_AT_LEAST = frozenset(
    {
        *(("numba", "llvmlite"), ("matplotlib", "numpy"), ("matplotlib", "kiwisolver")),
        *(("matplotlib", "pyparsing"), ("matplotlib", "cycler"), ("matplotlib", "python-dateutil")),
    }
)
_BELOW = re.compile(r"(?:>=|==|~=|>)\s*(\d+(?:\.\d+)*)")
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
        strict = one.found is not None and not one.extras and _is_strict(one, one.found)
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


def _is_strict(one: Unmet, found: Distribution) -> bool:
    pair = one.one.key, one.key
    if pair == ("pydantic", "pydantic-core"):
        # Before 2.12 it did not look, and was lucky as often as not.
        return numbers(one.one.version) >= (2, 12)
    least = _BELOW.search(one.requirement)
    is_below = least is not None and numbers(found.version) < numbers(least.group(1))
    return pair in _STRICT or (pair in _AT_LEAST and is_below)


def numbers(version: str) -> tuple[int, ...]:
    """The first three numbers of a version, to compare."""
    return tuple(int(n) for n in re.findall(r"\d+", version.partition("+")[0])[:3])


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
        for top in _starts(ground, importing, one, other, key):
            lacks = list(importing.lacks(importing.closure(top), tops))
            lacks = [lack for lack in lacks if _counts(ground, lack, other)]
            if lacks:
                yield (one.key, key), _finding(ground, one, other, top, lacks)
                break
        if importing.is_spent:
            ground.skip("Not all imports were followed: there are too many packages to compare.")
            return


def refused(ground: Ground) -> Iterator[Finding]:
    """jaxlib newer than its jax, which refuses it without that its requirements say so."""
    jax, jaxlib = ground.effective.get("jax"), ground.effective.get("jaxlib")
    if jax is None or jaxlib is None or not {"jax", "jaxlib"} & ground.mine.keys():
        return
    if numbers(jaxlib.version) > numbers(jax.version):
        yield finding(
            "import-breaks",
            jax.name,
            f"`import jax` of {jax.label} takes no newer jaxlib, and {jaxlib.label} is loaded.",
            evidence=(("jax", jax.path), ("jaxlib", jaxlib.path)),
            wins=jaxlib.label,
            fix=cure(ground, jax, jaxlib),
        )


def _starts(
    ground: Ground, importing: Importing, one: Distribution, other: Distribution | None, key: str
) -> list[str]:
    """The modules to begin with: what can be imported of a package.

    Where it lacks a whole package, those too that its dependents import. Of one that is half
    hidden by another version of itself, only what is not hidden (attrs 26 behind 19).
    """
    if one.key == key:
        return sorted(ground.tops(one) - (ground.tops(other) if other else frozenset()))
    tops = sorted(ground.tops(one))
    if other is not None:
        return tops
    found = dict.fromkeys(tops)
    users = [
        user
        for user in ground.effective.values()
        if any(name_of(line) == one.key for line in user.requires)
    ]
    for user in users[:_MOST_USERS]:
        for top in ground.tops(user):
            for demand in importing.closure(top):
                if demand.module.partition(".")[0] in tops:
                    found[demand.module] = None
                    below = (f"{demand.module}.{name}" for name in demand.names or ())
                    found.update(dict.fromkeys(n for n in below if importing.find(n)))
    return list(found)


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
    for key, own in mine.items():
        theirs = image.get(key)
        if theirs is not None and theirs.version != own.version:
            yield theirs, own, key
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
