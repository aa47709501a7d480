"""What a request sets aside: the pieces, the packages in them, what stays, what will break."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ..errors import EnvMgrError
from ..packages.inventory import site_directories
from ..packages.metadata import normal, read_regular
from ..packages.sizes import Size, measure
from .base import SiteDirectory
from .model import ResetRequest, SnapshotPackage
from .ownership import Outside, Owner
from .records import Installed, metadata_entries, read_installed
from .requires import (
    JUPYTER,
    Breakage,
    Needs,
    breakages,
    by_key,
    closure,
    read_needs,
)
from .scan import Inventory, everything_of
from .transaction import Directory, Piece
from .units import directories_above, pieces_of_site, pieces_outside


@dataclass
class SiteSelection:
    """What of one site directory goes. ``whole``: the directory itself is renamed."""

    site: SiteDirectory
    whole: bool
    going: list[Installed]
    staying: list[Installed]
    rels: list[str]
    kept_for_jupyter: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Selection:
    """All that goes, in pieces, and all that is worth saying about it."""

    sites: tuple[SiteSelection, ...]
    pieces: tuple[Piece, ...]
    outside: tuple[Outside, ...]
    directories: tuple[Directory, ...]
    remake: tuple[Directory, ...]
    packages: tuple[SnapshotPackage, ...]
    refusals: tuple[str, ...] = ()

    @property
    def owners(self) -> frozenset[Owner]:
        """Site and metadata entry of all that goes."""
        return frozenset((s.site.rel, one.entry) for s in self.sites for one in s.going)


def select(
    inventory: Inventory, request: ResetRequest, image_prefix: Path, image_python: str
) -> Selection:
    """What this request sets aside. Raises ``bad-request`` for what is not there to be chosen."""
    selected = []
    refusals: list[str] = []
    for site in _sites(inventory, request, image_python):
        if request.scope == "packages":
            chosen = _chosen(site, request.packages, refusals)
        else:
            chosen = _whole(inventory, site)
            if request.keep_jupyter:
                chosen = _without_jupyter(inventory, site, chosen, image_prefix)
        if chosen.rels:
            selected.append(chosen)
    return assemble(inventory, selected, refusals)


def assemble(
    inventory: Inventory,
    selected: Sequence[SiteSelection],
    refusals: Sequence[str] = (),
    more: Sequence[str] = (),
) -> Selection:
    """The pieces of what is selected; ``more`` are further entries of the base that go too."""
    base = inventory.base
    owners: set[Owner] = {(s.site.rel, one.entry) for s in selected for one in s.going}
    for chosen in selected:
        if chosen.whole:
            owners |= everything_of(chosen.site, inventory.installed[chosen.site])
    outside = inventory.outside_of(frozenset(owners))
    rels = pieces_outside(base, [one.rel for one in outside])
    rels += [rel for rel in more if rel not in rels]
    pieces = [piece for rel in rels if (piece := piece_at(base.real, rel))]
    remake = []
    for chosen in selected:
        found = [piece_at(base.real, rel, is_site=chosen.whole) for rel in chosen.rels]
        pieces += [piece for piece in found if piece]
        if chosen.whole:
            mode = stat.S_IMODE(os.stat(chosen.site.path).st_mode)
            remake.append(Directory(chosen.site.rel, mode, 0))
    packages = tuple(
        package_of(chosen.site.label, chosen.site.path, one)
        for chosen in selected
        for one in chosen.going
    )
    directories = [
        Directory(rel, stat.S_IMODE(status.st_mode), status.st_mtime_ns)
        for rel in directories_above([piece.rel for piece in pieces])
        if (status := _lstat(base.absolute(rel)))
    ]
    return Selection(
        tuple(selected),
        tuple(pieces),
        outside,
        tuple(directories),
        tuple(remake),
        packages,
        tuple(refusals),
    )


def piece_at(tree: str, rel: str, *, is_site: bool = False) -> Piece | None:
    """The piece at ``rel`` of a tree; None if there is nothing."""
    status = _lstat(os.path.join(tree, rel))
    if status is None:
        return None
    mode = stat.S_IMODE(status.st_mode)
    is_closed = stat.S_ISDIR(status.st_mode) and not mode & stat.S_IWUSR
    return Piece(rel, status.st_ino, is_site, mode if is_closed else None)


def measure_pieces(tree: str, pieces: Iterable[Piece]) -> Size:
    """What pieces take on the disk, each file once."""
    size = files = shared = unreadable = 0
    for piece in pieces:
        path = os.path.join(tree, piece.rel)
        status = _lstat(path)
        if status is None:
            continue
        if stat.S_ISDIR(status.st_mode):
            one = measure(Path(path))
            size, files = size + one.size, files + one.files
            shared, unreadable = shared + one.shared, unreadable + one.unreadable
        else:
            size, files = size + status.st_blocks * 512, files + 1
    return Size(size, files, shared, unreadable)


def _sites(
    inventory: Inventory, request: ResetRequest, image_python: str
) -> tuple[SiteDirectory, ...]:
    base = inventory.base
    if request.scope == "all":
        return base.sites
    python = request.python or image_python
    site = base.site(python)
    if site is None:
        there = ", ".join(s.label for s in base.sites)
        detail = f"there are no user packages of Python {python or '?'}"
        detail += f"; there are some of {there}" if there else ", nor of another one"
        raise EnvMgrError.of_field("bad-request", "python", detail)
    return (site,)


def _whole(inventory: Inventory, site: SiteDirectory) -> SiteSelection:
    """All of a site directory; nothing of an empty one."""
    installed = list(inventory.installed[site])
    try:
        is_empty = not os.listdir(site.path)
    except OSError:
        is_empty = False
    return SiteSelection(site, True, installed, [], [] if is_empty else [site.rel])


def _chosen(site: SiteDirectory, packages: Sequence[str], refusals: list[str]) -> SiteSelection:
    if not packages:
        raise EnvMgrError.of_field("bad-request", "packages", "name the packages")
    installed = read_installed(site.path, whole=True)
    keys = {one.key for one in installed}
    wanted = {normal(name) for name in packages if normal(name) in keys}
    entries = []
    for name in packages:
        if normal(name) in keys:
            continue
        path = os.path.normpath(name)
        outside = os.path.isabs(path) or path.startswith("..") or path == "."
        if outside or not os.path.lexists(os.path.join(site.path, path)):
            raise EnvMgrError.of_field(
                "bad-request", "packages", f"{name} is not in the user site of {site.label}"
            )
        entries.append(path)
    going = [one for one in installed if one.key in wanted]
    staying = [one for one in installed if one.key not in wanted]
    for one in going:
        if one.entry.endswith(".egg-link"):
            refusals.append(
                f"{one.label} is a development install by a line in easy-install.pth: it cannot "
                "be set aside alone. Uninstall it, or set the whole Python aside."
            )
    pieces = pieces_of_site(site.path, going, staying)
    for entry in entries:
        if not any(entry == p or entry.startswith(p + "/") for p in pieces):
            pieces = [p for p in pieces if not p.startswith(entry + "/")] + [entry]
    return SiteSelection(site, False, going, staying, [f"{site.rel}/{p}" for p in pieces])


def _without_jupyter(
    inventory: Inventory, site: SiteDirectory, chosen: SiteSelection, image_prefix: Path
) -> SiteSelection:
    """All but what Jupyter needs, and what no package lists: that may be anybody's."""
    keys = jupyter_closure(site, chosen.going, image_prefix)
    installed = read_installed(site.path, whole=True)
    staying = [one for one in installed if one.key in keys]
    if not staying:
        return chosen
    going = [one for one in installed if one.key not in keys]
    rels = [f"{site.rel}/{p}" for p in pieces_of_site(site.path, going, staying)]
    labels = [one.label for one in staying]
    return SiteSelection(site, False, going, staying, rels, labels)


def jupyter_closure(
    site: SiteDirectory, installed: Iterable[Installed], image_prefix: Path
) -> set[str]:
    """The names of what Jupyter needs, through packages of the user site and of the image."""
    effective = by_key([*needs_of(site.path, installed), *image_needs(image_prefix, site.python)])
    return closure(JUPYTER, effective)


def needs_of(site: str, installed: Iterable[Installed]) -> list[Needs]:
    """The requirements of these distributions."""
    return [
        read_needs(site, one.entry, key=one.key, label=one.label, version=one.package.version)
        for one in installed
    ]


def image_needs(prefix: Path, python: str) -> list[Needs]:
    """The requirements of what is installed in another prefix for this Python."""
    found: list[Needs] = []
    for directory in site_directories(prefix, "image", python):
        if metadata_entries(str(directory)):
            found += needs_of(str(directory), read_installed(str(directory)))
    return found


def what_breaks(selection: Selection, prefix: Path) -> list[Breakage]:
    """What of the prefix, and of what stays in the user site, needs what goes."""
    found: list[Breakage] = []
    for chosen in selection.sites:
        going = needs_of(chosen.site.path, chosen.going)
        staying = needs_of(chosen.site.path, chosen.staying)
        theirs = image_needs(prefix, chosen.site.python)
        if not theirs and not staying:
            continue
        before = by_key([*going, *staying, *theirs])
        after = by_key([*staying, *theirs])
        found += breakages([*staying, *theirs], before, after, chosen.site.python)
    return found


def package_of(python: str, site: str, one: Installed) -> SnapshotPackage:
    """How a distribution is written down in a snapshot."""
    package = one.package
    return SnapshotPackage(
        name=package.name,
        version=package.version,
        python=python,
        requirement=_requirement(site, one),
        asked_for=one.asked_for,
        editable=package.editable,
    )


def _requirement(site: str, one: Installed) -> str:
    """What installs it again: ``name==version``, a URL (PEP 610), or the path of an editable."""
    package = one.package
    if not package.origin:
        return f"{package.name}=={package.version}" if package.version else package.name
    path = package.origin.removeprefix("file://")
    if package.editable:
        return f"-e {path}"
    data = read_regular(os.path.join(site, one.entry, "direct_url.json"), 1 << 16)
    try:
        fields = json.loads(data or b"{}")
        vcs = fields.get("vcs_info") or {}
        prefix, commit = vcs.get("vcs", ""), vcs.get("commit_id", "")
    except (ValueError, AttributeError, RecursionError):
        prefix = commit = ""
    url = f"{prefix}+{package.origin}@{commit}" if prefix else package.origin
    return f"{package.name} @ {url}"


def _lstat(path: str) -> os.stat_result | None:
    try:
        return os.lstat(path)
    except (OSError, ValueError):
        return None
