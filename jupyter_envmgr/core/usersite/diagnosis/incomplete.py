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
from .importing import Importing
from .reach import severity_of

_SHOWN = 5
_UNIMPORTANT = re.compile(
    r"(^|/)(tests?|testing|docs?|examples?|benchmarks?|_?vendor_tests|__pycache__)/"
    r"|\.(pyc|pyi|pyx|pxd|c|h|cpp|hpp|md|rst|txt|a|lib|map)$|\.dist-info/|\.egg-info/"
)


def missing_files(ground: Ground, importing: Importing) -> Iterator[Finding]:
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
        severity: Severity = "risk"
        if code:
            severity = severity_of(ground, importing, one, code)
        words = f"{len(missing)} of {total} files of {one.label} are not there."
        if len(missing) == 1:
            words = f"A file of {one.label} is not there."
        is_images = theirs is not None and (
            len(missing) == total or (bool(code) and _is_images(ground, one, code))
        )
        if theirs is not None and is_images:
            severity = "risk"
            rest = "Nothing" if len(missing) == total else "Nothing that can be imported"
            words = (
                f"{rest} is left of {one.label} but its metadata: the image's {theirs.version} "
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
            wins=theirs.label if theirs and is_images else one.label,
            fix=fix,
            severity=severity,
        )


def _is_images(ground: Ground, one: Distribution, paths: list[str]) -> bool:
    """Whether the image's modules are imported instead of what is incomplete here.

    A directory without its ``__init__.py`` is the last resort of an import.
    """
    for top in {path.partition("/")[0].partition(".")[0] for path in paths}:
        found = ground.directories.find(top, ground.whole_path)
        if found is None or ground.is_users(found.path) or found.kind == "namespace":
            return False
    return True


def _missing(ground: Ground, one: Distribution, paths: tuple[str, ...]) -> tuple[list[str], int]:
    """The files that are not there, and how many count. A directory is read once."""
    by_directory: dict[str, list[str]] = {}
    for path in paths:
        directory, _, name = path.rpartition("/")
        by_directory.setdefault(directory, []).append(name)
    missing: list[str] = []
    for directory, names in by_directory.items():
        place = f"{one.site}/{directory}" if directory else one.site
        there = _names(ground, place)
        if there is None or there.issuperset(names):
            continue
        gone = (f"{directory}/{n}" if directory else n for n in names if n not in there)
        missing += [path for path in gone if _UNIMPORTANT.search(path) is None]
    total = sum(_UNIMPORTANT.search(path) is None for path in paths) if missing else 0
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
                f"For Python {site.label}: {count} package{'s' if count > 1 else ''}, which Python "
                f"{ground.python} does not see, and which do no harm.",
                evidence=(("Site directory", site.path),),
            )
