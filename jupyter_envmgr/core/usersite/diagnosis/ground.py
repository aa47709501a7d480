"""What a diagnosis is made from: the user's and the image's packages of one Python, read once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from ...packages.metadata import normal
from ..base import SiteDirectory, UserBase
from ..model import Target
from ..records import Installed, read_installed
from ..requires import Needs, read_needs


@dataclass(frozen=True)
class Ground:
    """One interpreter, the site directory that it loads, and what comes after that on its path.

    ``image_sites`` are the image's site directories in the order of ``sys.path``. ``commands``
    are the directories of PATH besides the user base's own. ``libc`` is ``2.36`` or empty.
    """

    target: Target
    base: UserBase
    site: SiteDirectory
    user: tuple[Installed, ...]
    image_sites: tuple[str, ...]
    image: Mapping[str, tuple[str, Installed]]
    commands: tuple[str, ...]
    machine: str
    libc: str

    @cached_property
    def by_name(self) -> Mapping[str, Installed]:
        """The user's distributions by normal name: the first, as Python finds it."""
        found: dict[str, Installed] = {}
        for one in self.user:
            found.setdefault(one.key, one)
        return found

    @cached_property
    def needs_of_user(self) -> Mapping[str, Needs]:
        """What the user's distributions require."""
        return {key: _needs(self.site.path, one) for key, one in self.by_name.items()}

    @cached_property
    def needs_of_image(self) -> Mapping[str, Needs]:
        """What the image's distributions require."""
        return {key: _needs(site, one) for key, (site, one) in self.image.items()}

    def path(self, *parts: str) -> str:
        """A path in the user's site directory."""
        return os.path.join(self.site.path, *parts)


def read_ground(
    target: Target,
    base: UserBase,
    image_sites: Iterable[str],
    commands: Iterable[str],
    machine: str,
    libc: str,
) -> Ground | None:
    """Read what there is; None if the user base has nothing for this Python."""
    minor = ".".join(target.python.split(".")[:2])
    site = base.site(minor)
    if site is None:
        return None
    sites = tuple(dict.fromkeys(image_sites))
    image: dict[str, tuple[str, Installed]] = {}
    for place in sites:
        for one in read_installed(place):
            image.setdefault(normal(one.package.name), (place, one))
    own_bin = os.path.join(base.real, "bin")
    others = tuple(c for c in dict.fromkeys(commands) if os.path.realpath(c) != own_bin)
    user = read_installed(site.path, whole=True)
    return Ground(target, base, site, user, sites, image, others, machine, libc)


def _needs(site: str, one: Installed) -> Needs:
    return read_needs(site, one.entry, key=one.key, label=one.label, version=one.package.version)
