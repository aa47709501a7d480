"""Findings about distributions that are not whole: missing files, two or half metadata."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from ..model import Finding, Severity
from ..records import metadata_entries
from .codes import by_hand, finding, install_again, set_aside_one
from .distributions import Distribution
from .ground import Ground

_SHOWN = 5
_UNIMPORTANT = re.compile(
    r"(^|/)(tests?|testing|docs?|examples?|benchmarks?|_?vendor_tests|__pycache__)/"
    r"|\.(pyc|pyi|pyx|pxd|c|h|cpp|hpp|md|rst|txt|a|lib|map)$|\.dist-info/|\.egg-info/"
)


def missing_files(ground: Ground) -> Iterator[Finding]:
    """Distributions whose listed files are not there."""
    for one in ground.user:
        files = ground.files(one)
        missing, total = _missing(ground, one, tuple(files.inside))
        if not missing:
            continue
        code = [path for path in missing if path.endswith((".py", ".so"))]
        fix = install_again(ground, one)
        theirs = ground.image_effective.get(one.key)
        if theirs is not None:
            fix = set_aside_one(ground, one)
        severity: Severity | None = None if code else "risk"
        words = f"{len(missing)} of the files of {one.label} are not there."
        if len(missing) == total and theirs is not None:
            severity = "risk"
            words = (
                f"Nothing is left of {one.label} but its metadata: the image's {theirs.version} "
                "is imported, and pip thinks otherwise."
            )
        yield finding(
            "missing-files",
            one.name,
            words,
            evidence=(
                *(("Missing", os.path.join(one.site, path)) for path in (code or missing)[:_SHOWN]),
                ("Listed in", os.path.join(one.path, "RECORD")),
            ),
            wins=theirs.label if theirs and len(missing) == total else one.label,
            fix=fix,
            severity=severity,
        )


def _missing(ground: Ground, one: Distribution, paths: tuple[str, ...]) -> tuple[list[str], int]:
    """The files that are not there, and how many count. A directory is read once."""
    by_directory: dict[str, list[str]] = {}
    for path in paths:
        directory, _, name = path.rpartition("/")
        by_directory.setdefault(directory, []).append(name)
    missing: list[str] = []
    total = 0
    for directory, names in by_directory.items():
        place = os.path.join(one.site, directory) if directory else one.site
        there = _names(ground, place)
        for name in names:
            path = f"{directory}/{name}" if directory else name
            if _UNIMPORTANT.search(path) is None:
                total += 1
                if there is not None and name not in there:
                    missing.append(path)
    return missing, total


def _names(ground: Ground, place: str) -> frozenset[str] | None:
    """The names in a directory; None where it cannot be read, and nothing can be said of it."""
    if place in ground.listed:
        return ground.listed[place]
    ground.watch(place)
    found: frozenset[str] | None
    try:
        found = frozenset(os.listdir(place))
    except (FileNotFoundError, NotADirectoryError):
        found = frozenset()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        ground.skip(f"{place} cannot be read: {reason}")
        found = None
    ground.listed[place] = found
    return found


def odd_metadata(ground: Ground) -> Iterator[Finding]:
    """Distributions with two metadata directories, with half of one, or without a list of files."""
    seen: dict[tuple[str, str], list[Distribution]] = {}
    for one in ground.user:
        seen.setdefault((one.site, one.key), []).append(one)
        files = ground.files(one)
        if one.fault and not one.source:
            yield finding(
                "no-metadata",
                one.name,
                f"{one.entry}: {one.fault}. An installation was cut, or somebody deleted files.",
                evidence=(("Metadata", one.path),),
                fix=set_aside_one(ground, one),
            )
        elif not files.listed and one.entry.endswith(".dist-info"):
            why = files.fault or "It has no RECORD"
            yield finding(
                "no-record",
                one.name,
                f"{why}: pip cannot uninstall or replace {one.label}.",
                evidence=(("Metadata", one.path),),
                fix=set_aside_one(ground, one),
            )
    for several in seen.values():
        if len(several) > 1:
            versions = " and ".join(one.version or "?" for one in several)
            yield finding(
                "duplicate",
                several[0].name,
                f"{several[0].name} has the metadata of {versions}. Its files are of one of them, "
                "and which one tools name is left to chance.",
                evidence=tuple(("Metadata", one.path) for one in several),
                fix=set_aside_one(ground, several[0]),
            )


def leftovers(ground: Ground) -> Iterator[Finding]:
    """What pip renamed and did not come to delete."""
    for site in ground.user_sites:
        try:
            names = sorted(n for n in os.listdir(site) if n[0] == "~")
        except OSError:
            names = []
        if not names:
            continue
        entries = [n for n in metadata_entries(site) if n[0] == "~"]
        yield finding(
            "leftover",
            (entries or names)[0],
            "pip was interrupted here while it replaced or removed a package. Nothing loads "
            + ("what it left; pip warns of it each time." if entries else "what it left."),
            evidence=tuple(("Left over", os.path.join(site, name)) for name in names[:_SHOWN]),
            fix=by_hand("Delete it", "rm", "-r", *(os.path.join(site, n) for n in names[:20])),
        )


def other_pythons(ground: Ground) -> Iterator[Finding]:
    """Packages that this interpreter does not look at, because they are another Python's."""
    for site in ground.base.sites:
        if site.label == ground.python or site.path in ground.user_sites:
            continue
        count = sum(1 for e in metadata_entries(site.path) if e[0] not in "~-")
        ground.watch(site.path)
        if count:
            yield finding(
                "other-python",
                f"Python {site.label}",
                f"{count} packages are for Python {site.label}; Python {ground.python} does not "
                "see them, and they do no harm.",
                evidence=(("Site directory", site.path),),
            )
