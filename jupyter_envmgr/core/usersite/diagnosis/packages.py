"""Findings about distributions: hidden, doubled, incomplete, without sources."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlparse

from ..model import Finding
from ..records import Installed, metadata_entries
from ..requires import JUPYTER
from .codes import finding, set_aside
from .ground import Ground

_SHOWN = 5
_CUDA = re.compile(r"-cu(\d\d)$")


def hidden(ground: Ground) -> Iterator[Finding]:
    """Packages in another version than the image's, which is not loaded for them."""
    for key, one in ground.by_name.items():
        theirs = ground.image.get(key)
        if theirs is None or theirs[1].package.version == one.package.version:
            continue
        place, other = theirs
        code = "jupyter-hidden" if key in JUPYTER else "hides-image"
        yield finding(
            code,
            one.package.name,
            f"{one.label} of the user site is loaded instead of the image's "
            f"{other.package.version}.",
            evidence=(
                ("User site", one.package.path),
                ("Image", other.package.path or os.path.join(place, other.entry)),
            ),
            wins=one.package.version,
            fix=set_aside(ground, one.package.name),
        )


def doubled(ground: Ground) -> Iterator[Finding]:
    """Distributions with more than one metadata directory."""
    seen: dict[str, list[Installed]] = {}
    for one in ground.user:
        seen.setdefault(one.key, []).append(one)
    for several in seen.values():
        if len(several) > 1:
            versions = ", ".join(one.package.version for one in several)
            yield finding(
                "duplicate",
                several[0].package.name,
                f"{several[0].package.name} has the metadata of {versions}; which of them its "
                "files are of, nobody can tell.",
                evidence=tuple(("Metadata", ground.path(one.entry)) for one in several),
                fix=set_aside(ground, several[0].package.name),
            )


def leftovers(ground: Ground) -> Iterator[Finding]:
    """What pip renamed and did not come to delete."""
    found = [entry for entry in metadata_entries(ground.site.path) if entry.startswith("~")]
    for entry in found:
        yield finding(
            "leftover",
            entry,
            "An uninstall was interrupted here. pip warns of it each time; nothing loads it.",
            evidence=(("Path", ground.path(entry)),),
        )


def incomplete(ground: Ground) -> Iterator[Finding]:
    """Distributions whose listed files are not there, and those that list none."""
    for one in ground.user:
        if not one.listed:
            if one.entry.endswith(".dist-info"):
                yield finding(
                    "no-record",
                    one.package.name,
                    f"{one.label} has no RECORD: pip cannot uninstall it.",
                    evidence=(("Metadata", ground.path(one.entry)),),
                )
            continue
        missing = [p for p in one.inside if _counts(p) and not os.path.lexists(ground.path(p))]
        if missing:
            yield finding(
                "missing-files",
                one.package.name,
                f"{len(missing)} of the files of {one.label} are not there.",
                evidence=tuple(("Missing", ground.path(path)) for path in missing[:_SHOWN]),
                fix=set_aside(ground, one.package.name),
            )


def _counts(path: str) -> bool:
    return path.endswith((".py", ".so")) and "/__pycache__/" not in path


def without_sources(ground: Ground) -> Iterator[Finding]:
    """Editable installs whose directory is gone."""
    for one in ground.user:
        if not one.package.editable:
            continue
        origin = one.package.origin
        place = unquote(urlparse(origin).path) if origin.startswith("file:") else origin
        if place.startswith("/") and not os.path.isdir(place):
            yield finding(
                "dead-editable",
                one.package.name,
                f"{one.package.name} was installed from sources in {place}, which is not here.",
                evidence=(("Metadata", ground.path(one.entry)), ("Sources", place)),
                fix=set_aside(ground, one.package.name),
            )


def mixed_cuda(ground: Ground) -> Iterator[Finding]:
    """Libraries of two majors of CUDA in one process."""
    majors: dict[str, list[str]] = {}
    effective = {**{key: one for key, (_, one) in ground.image.items()}, **ground.by_name}
    for key, one in effective.items():
        match = _CUDA.search(key) if key.startswith("nvidia-") else None
        if match:
            majors.setdefault(match.group(1), []).append(one.label)
    if len(majors) > 1 and any(_CUDA.search(key) for key in ground.by_name):
        yield finding(
            "cuda-mixed",
            "CUDA",
            f"Libraries of CUDA {' and '.join(sorted(majors))} would be loaded together.",
            evidence=tuple(
                (f"CUDA {major}", ", ".join(sorted(labels)[:_SHOWN]))
                for major, labels in sorted(majors.items())
            ),
        )
