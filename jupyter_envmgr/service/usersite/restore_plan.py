"""The plan of a restore: what fits, what is in the way, what would be set aside for it."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.environments.disk import shown
from ...core.errors import EnvMgrError
from ...core.packages.metadata import normal
from ...core.plans import Plan, PlanStep
from ...core.settings import Settings
from ...core.usersite.base import UserBase, read_base
from ...core.usersite.model import RestoreRequest, SnapshotPackage
from ...core.usersite.records import read_installed
from ...core.usersite.scan import Inventory
from ...core.usersite.selection import SiteSelection, assemble, measure_pieces, piece_at
from ...core.usersite.transaction import Piece, SnapshotRecord
from ...core.usersite.units import fitting, pieces_of_site, pieces_outside
from ...system.snapshot_store import TREE
from .place import Place, place_of
from .recovery import unfinished
from .reset_plan import Reset, find_store
from .reset_words import counted, human

IN_THE_WAY = "There are packages in its place"


@dataclass(frozen=True)
class Restore:
    """What would be brought back, and what would be set aside for it."""

    plan: Plan
    place: Place
    directory: Path
    record: SnapshotRecord
    pieces: tuple[Piece, ...]
    packages: tuple[SnapshotPackage, ...]
    displaced: Reset | None


def prepare(
    settings: Settings, name: str, request: RestoreRequest, running_kernels: Sequence[str] = ()
) -> Restore:
    """Look at the snapshot and at the present, and make the plan."""
    place = place_of(settings)
    directory, record = place.find(name)
    tree = directory / TREE
    if record.snapshot.state == "restored":
        raise EnvMgrError("wrong-state", f"{name} was restored already: there is nothing in it")
    _check_whole(name, tree, record)
    if request.packages:
        pieces, packages = _chosen(tree, record, request.packages)
    else:
        pieces, packages = list(record.pieces), record.snapshot.packages
    fitted, conflicts = _fit(tree, place.base, pieces)
    displaced = None
    refusal = ""
    if conflicts and request.swap:
        displaced = _displaced(place, conflicts)
        fitted, still = _fit_after(tree, place.base, pieces, displaced)
        if displaced.store is None:
            refusal = "There is no place for a snapshot of what is there now."
        elif still:
            refusal = f"{IN_THE_WAY}: {_named(place.base, still)}"
    elif conflicts:
        refusal = (
            f"{IN_THE_WAY}: {_named(place.base, conflicts)}. With a swap they are set aside "
            "in a snapshot of their own."
        )
    size = record.snapshot.bytes
    if request.packages:
        size = measure_pieces(str(tree), fitted).size
    warnings = _warnings(place, record, running_kernels)
    plan = Plan(
        operation="usersite.restore",
        subject=name,
        summary=f"{counted(len(packages), 'package')} ({human(size)}) of {record.snapshot.created} "
        + (
            "comes back to where it was." if len(packages) == 1 else "come back to where they were."
        ),
        steps=(*_displacing(displaced), *_steps(place.base, fitted, packages)),
        facts=(("Snapshot", str(directory)), ("Made in", record.snapshot.image)),
        warnings=tuple(map(shown, warnings)),
        refusal=shown(refusal),
        bytes=size,
    ).sealed()
    world = repr((plan.digest, [(p.rel, p.inode) for p in fitted], conflicts))
    digest = hashlib.sha256(world.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return Restore(
        replace(plan, digest=digest),
        place,
        directory,
        record,
        tuple(fitted),
        tuple(packages),
        displaced,
    )


def _check_whole(name: str, tree: Path, record: SnapshotRecord) -> None:
    missing = [p.rel for p in record.pieces if not os.path.lexists(tree / p.rel)]
    if missing:
        raise EnvMgrError(
            "snapshot-damaged",
            f"{name}: {len(missing)} of its parts are not in {tree}: "
            + shown(", ".join(missing[:5])),
        )


def _chosen(
    tree: Path, record: SnapshotRecord, names: Sequence[str]
) -> tuple[list[Piece], tuple[SnapshotPackage, ...]]:
    """The pieces of some packages of a snapshot, and of nothing else in it."""
    wanted = {normal(name) for name in names}
    known = {normal(package.name) for package in record.snapshot.packages}
    for name in names:
        if normal(name) not in known:
            raise EnvMgrError.of_field("bad-request", "packages", f"{name} is not in the snapshot")
    base = read_base(tree, roots=(record.snapshot.base,))
    inventory = Inventory(base)
    owners = set()
    pieces: list[Piece] = []
    for site in base.sites:
        installed = read_installed(site.path, whole=True)
        going = [one for one in installed if one.key in wanted]
        staying = [one for one in installed if one.key not in wanted]
        owners |= {(site.rel, one.entry) for one in going}
        rels = [f"{site.rel}/{p}" for p in pieces_of_site(site.path, going, staying)]
        pieces += [piece for rel in rels if (piece := piece_at(str(tree), rel))]
    outside = inventory.outside_of(frozenset(owners))
    for rel in pieces_outside(base, [one.rel for one in outside]):
        piece = piece_at(str(tree), rel)
        if piece:
            pieces.append(piece)
    packages = [p for p in record.snapshot.packages if normal(p.name) in wanted]
    return pieces, tuple(packages)


def _fit(tree: Path, base: UserBase, pieces: Iterable[Piece]) -> tuple[list[Piece], list[str]]:
    """The pieces that go into the base as it is, and the entries of it that are in the way."""
    found: list[Piece] = []
    conflicts: list[str] = []
    for piece in pieces:
        target = base.absolute(piece.rel)
        if not os.path.lexists(target) or (piece.is_site and is_empty_directory(target)):
            found.append(_present(tree, piece))
        elif piece.is_site:
            conflicts.append(piece.rel)
        else:
            rels, wrong = fitting(str(tree), base.real, piece.rel)
            found += [p for rel in rels if (p := piece_at(str(tree), rel))]
            conflicts += wrong
    return found, conflicts


def _fit_after(
    tree: Path, base: UserBase, pieces: Iterable[Piece], displaced: Reset
) -> tuple[list[Piece], list[str]]:
    """As `_fit`, for the base as it is when ``displaced`` is gone."""
    gone = {piece.rel for piece in displaced.selection.pieces}
    free = [p for p in pieces if p.rel in gone or any(g for g in _above(p.rel) if g in gone)]
    rest = [p for p in pieces if p not in free]
    fitted, conflicts = _fit(tree, base, rest)
    conflicts = [rel for rel in conflicts if rel not in gone]
    covered = {p.rel for p in fitted}
    parts = [p for p in _parts(tree, base, rest, gone) if p.rel not in covered]
    return [*(_present(tree, p) for p in free), *fitted, *parts], conflicts


def _parts(tree: Path, base: UserBase, pieces: Iterable[Piece], gone: set[str]) -> list[Piece]:
    """The parts of pieces whose own places are made free."""
    found = []
    for piece in pieces:
        if os.path.lexists(base.absolute(piece.rel)) and not piece.is_site:
            _, wrong = fitting(str(tree), base.real, piece.rel)
            found += [p for rel in wrong if rel in gone and (p := piece_at(str(tree), rel))]
    return found


def _above(rel: str) -> list[str]:
    words = rel.split("/")
    return ["/".join(words[:n]) for n in range(1, len(words))]


def _present(tree: Path, piece: Piece) -> Piece:
    """The piece as it is now: a backup that was copied has other inodes than its original."""
    return piece_at(str(tree), piece.rel, is_site=piece.is_site) or piece


def _displaced(place: Place, conflicts: Sequence[str]) -> Reset:
    """What has to be set aside: whole sites, packages with files there, and what is left over."""
    inventory = Inventory(place.base)
    selected = []
    for site in place.base.sites:
        prefix = f"{site.rel}/"
        inside = [rel[len(prefix) :] for rel in conflicts if rel.startswith(prefix)]
        if site.rel in conflicts:
            going = list(inventory.installed[site])
            selected.append(SiteSelection(site, True, going, [], [site.rel]))
        elif inside:
            selected.append(_owners_of(site.path, site.rel, inside, inventory))
    covered = {rel for one in selected for rel in one.rels}
    first = assemble(inventory, selected)
    covered |= {piece.rel for piece in first.pieces}
    more = [rel for rel in conflicts if rel not in covered and not set(_above(rel)) & covered]
    selection = assemble(inventory, selected, more=more)
    store, _ = find_store(place, selection.pieces)
    measured = measure_pieces(place.base.real, selection.pieces)
    empty = Plan("usersite.reset", "", "", ())
    return Reset(empty, place, selection, store, measured.size, measured.files)


def _owners_of(
    path: str, site_rel: str, inside: Sequence[str], inventory: Inventory
) -> SiteSelection:
    """The packages that have files among these entries of a site directory."""
    site = next(s for s in inventory.base.sites if s.rel == site_rel)
    installed = read_installed(path, whole=True)
    wanted = set()
    for one in installed:
        for entry in inside:
            if any(p == entry or p.startswith(f"{entry}/") for p in one.inside):
                wanted.add(one.key)
    going = [one for one in installed if one.key in wanted]
    staying = [one for one in installed if one.key not in wanted]
    pieces = pieces_of_site(path, going, staying)
    pieces += [e for e in inside if not any(e == p or e.startswith(f"{p}/") for p in pieces)]
    return SiteSelection(site, False, going, staying, [f"{site_rel}/{p}" for p in pieces])


def _displacing(displaced: Reset | None) -> list[PlanStep]:
    if displaced is None:
        return []
    count = len(displaced.selection.packages)
    sites = ", ".join(f"Python {s.site.label}" for s in displaced.selection.sites)
    detail = f"{counted(count, 'package')} in the way now ({human(displaced.bytes)})"
    return [PlanStep("set aside", sites or "what is in the way", detail)]


def _steps(
    base: UserBase, pieces: Sequence[Piece], packages: Sequence[SnapshotPackage]
) -> list[PlanStep]:
    steps = []
    others = 0
    for piece in pieces:
        if piece.is_site:
            count = sum(1 for p in packages if f"python{p.python}/" in piece.rel)
            detail = f"{counted(count, 'package')}, in one rename"
            steps.append(PlanStep("move back", shown(base.absolute(piece.rel)), detail))
        else:
            others += 1
    if others:
        steps.append(
            PlanStep(
                "move back",
                shown(base.real),
                f"{counted(others, 'more file')}"
                if others == 1
                else f"{others} files and directories",
            )
        )
    return steps


def _warnings(place: Place, record: SnapshotRecord, running_kernels: Sequence[str]) -> list[str]:
    found = []
    if running_kernels:
        found.append(
            f"Running in this server: {counted(len(running_kernels), 'kernel')}. "
            "Restart what runs afterwards."
        )
    cut = unfinished(place)
    if cut:
        found.append(f"Unfinished: {cut}")
    if record.snapshot.base != place.base.real:
        found.append(f"It was made of {record.snapshot.base}")
    return found


def _named(base: UserBase, rels: Sequence[str]) -> str:
    paths = [base.absolute(rel) for rel in rels[:5]]
    more = f" and {len(rels) - 5} more" if len(rels) > 5 else ""
    return ", ".join(paths) + more


def is_empty_directory(path: str) -> bool:
    """Whether there is a directory, no link, with nothing in it."""
    if os.path.islink(path):
        return False
    try:
        return not os.listdir(path)
    except OSError:
        return False
