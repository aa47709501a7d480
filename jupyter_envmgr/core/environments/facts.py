"""What the files of one prefix say about it, whoever made it."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from .disk import NAMES_LIMIT, Disk

_LIBRARY = re.compile(r"(?:python|pypy)(\d+\.\d+)t?")
_DISTRIBUTIONS = frozenset({"dist-info", "egg-info", "egg-link"})


@dataclass(frozen=True)
class Facts:
    """What the files of a prefix say. ``watched`` are the paths that this was read from.

    ``engine`` made it, as far as it left its name; ``base`` is the interpreter or prefix that a
    venv stands on; ``sees_system`` is ``include-system-site-packages`` (PEP 405), None where
    there is no pyvenv.cfg. ``is_closed``: it may not be looked into, and may be anything.
    """

    kind: Literal["venv", "conda"]
    status: Literal["ready", "broken", "foreign"]
    watched: tuple[str, ...]
    reason: str = ""
    python: str = ""
    implementation: str = ""
    interpreter: str | None = None
    base: str | None = None
    engine: str = ""
    engine_version: str = ""
    sees_system: bool | None = None
    prompt: str = ""
    created: str | None = None
    package_count: int | None = None
    is_closed: bool = False


def site_directories(disk: Disk, prefix: str) -> tuple[tuple[str, str], ...]:
    """The ``(X.Y, site-packages)`` pairs of a prefix, the newest Python first."""
    library = os.path.join(prefix, "lib")
    disk.signature(library)
    return disk.remember(
        ("sites", prefix),
        lambda: _sites(disk, library),
        lambda found: (library, *(os.path.dirname(site) for _, site in found)),
    )


def _sites(disk: Disk, library: str) -> tuple[tuple[str, str], ...]:
    found = []
    for name in disk.listing(library, 5000).directories:
        match = _LIBRARY.fullmatch(name)
        site = os.path.join(library, name, "site-packages")
        if match and disk.is_directory(site):
            found.append((match.group(1), site))
    found.sort(key=lambda pair: version_key(pair[0]), reverse=True)
    return tuple(found)


def count_distributions(disk: Disk, site: str) -> int:
    """How many distributions a site directory has, by the names in it; each name once."""
    disk.signature(site)
    return disk.remember(("count", site), lambda: _count(site), lambda _: (site,))


def _count(site: str) -> int:
    names = set()
    try:
        with os.scandir(site) as entries:
            for entry in islice(entries, NAMES_LIMIT):
                stem, dot, ending = entry.name.rpartition(".")
                if dot and ending in _DISTRIBUTIONS and stem[:1] != "~":
                    name = stem.partition("-")[0].lower()
                    names.add(name.replace("_", "-").replace(".", "-"))
    except (OSError, ValueError):
        pass
    return len(names)


def version_key(version: str) -> tuple[int, ...]:
    """A key that sorts Python versions by age, pre-releases before their release."""
    match = re.match(r"\d+(?:\.\d+)*", version)
    if match is None:
        return ()
    numbers = [int(n[:9]) for n in match.group().split(".")][:3]
    final = match.end() == len(version) or not version[match.end()].isalpha()
    return (*numbers, *(0,) * (3 - len(numbers)), int(final))
