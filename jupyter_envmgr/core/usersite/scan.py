"""The user base as it lies on the disk: packages, what they own outside, what is not pip's."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from ..environments.disk import shown
from ..environments.mounts import Mounts
from ..packages.sizes import measure
from ..settings import Settings
from .base import SiteDirectory, UserBase, find_user_base
from .leaving import left_alone
from .model import OutsideFile, Scan, Site, Visibility
from .ownership import Outside, Owner, Ownership, outside_files
from .pip_view import pip_view
from .records import Installed, metadata_entries, read_installed


@dataclass(frozen=True)
class Inventory:
    """A user base, what is installed in each of its sites, and what that owns outside of it.

    Each property is read when it is first asked for, and then stays as it was.
    """

    base: UserBase

    @cached_property
    def installed(self) -> Mapping[SiteDirectory, tuple[Installed, ...]]:
        """The distributions of each site directory."""
        return {site: read_installed(site.path) for site in self.base.sites}

    @cached_property
    def ownership(self) -> Ownership:
        """Whose the files outside the site directories are."""
        return outside_files(self.base, self.installed)

    def outside_of(self, moved: frozenset[Owner]) -> tuple[Outside, ...]:
        """The files outside that go when these go."""
        return tuple(one for one in self.ownership.outside if one.goes_with(moved))

    def outside_of_site(self, site: SiteDirectory) -> tuple[Outside, ...]:
        """The files outside that go with a whole site directory."""
        return self.outside_of(everything_of(site, self.installed[site]))


def everything_of(site: SiteDirectory, installed: tuple[Installed, ...]) -> frozenset[Owner]:
    """All owners of a site directory, itself among them."""
    return frozenset({(site.rel, ""), *((site.rel, one.entry) for one in installed)})


def scan(
    settings: Settings,
    mounts: Mounts,
    *,
    size: bool = False,
    visibility: tuple[Visibility, ...] = (),
    unfinished: str = "",
) -> Scan:
    """The user base of these settings, from files alone. Never raises."""
    base = find_user_base(settings.environ, settings.home)
    inventory = Inventory(base)
    persistence = mounts.persistence(base.real, is_real=True)
    sites = tuple(_site(inventory, site, size) for site in base.sites)
    owned = frozenset(one.rel for one in inventory.ownership.outside)
    refused = dict(inventory.ownership.refused)
    problems = [*base.problems, *(p for s in base.sites for p in _problems(s))]
    return Scan(
        base=shown(base.path),
        real_base=shown(base.real),
        exists=base.exists,
        is_mount=persistence.mount_point == shown(base.real),
        persistence=persistence,
        sites=sites,
        left_alone=left_alone(base, owned, refused, size=size),
        pip=pip_view(settings.environ, settings.home, settings.image_prefix),
        visibility=visibility,
        problems=tuple(shown(text) for text in problems),
        unfinished=unfinished,
    )


def _site(inventory: Inventory, site: SiteDirectory, size: bool) -> Site:
    time.sleep(0)
    installed = inventory.installed[site]
    outside = [
        OutsideFile(
            path=shown(inventory.base.absolute(one.rel)),
            kind=one.kind,
            owner=shown(one.label),
            why=one.why,
        )
        for one in inventory.outside_of_site(site)
    ]
    made = Site(
        python=site.python,
        path=shown(site.path),
        real_path=shown(site.real_path),
        package_count=len({one.key for one in installed}),
        outside=tuple(outside),
        strays=tuple(map(shown, strays(site.path))),
        abi=site.abi,
    )
    if not size:
        return made
    measured = measure(Path(site.real_path))
    return replace(made, bytes=measured.size, files=measured.files)


def strays(site: str) -> tuple[str, ...]:
    """The entries of a site directory that no distribution lists."""
    try:
        names = os.listdir(site)
    except OSError:
        return ()
    owned: set[str] = set()
    for one in read_installed(site, whole=True):
        owned.update(path.split("/", 1)[0] for path in one.inside)
    if any(name.endswith((".egg-link", ".egg")) for name in names):
        # Both are lines of easy-install.pth.
        owned |= {"easy-install.pth", "setuptools.pth"}
    return tuple(sorted(n for n in names if n not in owned and n != "__pycache__"))


def _problems(site: SiteDirectory) -> list[str]:
    found = []
    try:
        os.listdir(site.path)
    except OSError as error:
        return [f"{site.path} cannot be read: {error.strerror}"]
    if any(entry.startswith("~") for entry in metadata_entries(site.path)):
        found.append(f"{site.path} has leftovers of an interrupted pip (names with ~)")
    return found
