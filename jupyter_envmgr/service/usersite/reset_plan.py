"""The plan of a reset: everything looked at once, for the person and for the executor."""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ...core.packages.sizes import Size
from ...core.plans import Plan
from ...core.settings import Settings
from ...core.usersite.leaving import left_alone
from ...core.usersite.model import ResetRequest
from ...core.usersite.scan import Inventory
from ...core.usersite.selection import Selection, measure_pieces, select
from ...core.usersite.transaction import Piece
from ...system import snapshot_store
from .in_use import warnings_about, why_in_use
from .place import Place, image_python, place_of
from .recovery import unfinished
from .reset_words import facts, moves, stays, subject, summary

NO_PLACE = "There is no place for a snapshot"


@dataclass(frozen=True)
class Reset:
    """What would be set aside: the plan that is shown, and all that carries it out."""

    plan: Plan
    place: Place
    selection: Selection
    store: snapshot_store.SnapshotStore | None
    bytes: int
    files: int


def prepare(
    settings: Settings,
    request: ResetRequest,
    *,
    running_kernels: Sequence[str] = (),
    server_modules: Iterable[str] = (),
) -> Reset:
    """Look at everything and make the plan. Raises ``bad-request`` for what cannot be meant."""
    place = place_of(settings)
    inventory = Inventory(place.base)
    python = image_python(settings)
    selection = select(inventory, request, settings.image_prefix, python)
    modules = tuple(server_modules)
    refusals = list(selection.refusals)
    store = None
    if not selection.pieces:
        refusals.append("There is nothing to set aside.")
    else:
        runs = why_in_use(settings, place.base, selection, modules)
        if runs:
            refusals.insert(0, runs)
        store, why = find_store(place, selection.pieces)
        if store is None:
            refusals.append(f"{NO_PLACE} that things can be renamed into: {why}")
    cut = unfinished(place)
    warnings = [
        *warnings_about(settings, place.base, selection, running_kernels, modules),
        *([f"Unfinished: {cut}"] if cut else []),
    ]
    world = _world(selection)
    measured = _MEASURED.get(world) or measure_pieces(place.base.real, selection.pieces)
    _MEASURED.clear()
    _MEASURED[world] = measured
    owned = inventory.ownership.outside
    going = frozenset(one.rel for one in selection.outside)
    others = [one for one in owned if one.rel not in going]
    staying = left_alone(
        place.base,
        going.union(one.rel for one in owned),
        dict(inventory.ownership.refused),
    )
    plan = Plan(
        operation="usersite.reset",
        subject=subject(request, selection),
        summary=summary(selection, measured.size),
        steps=(*moves(place.base, selection), *stays(place.base, selection, others, staying)),
        facts=facts(settings, selection, store, staying),
        warnings=tuple(warnings),
        refusal=" ".join(refusals),
        bytes=measured.size,
    ).sealed()
    plan = replace(plan, digest=_digest(plan, selection))
    return Reset(plan, place, selection, store, measured.size, measured.files)


def find_store(
    place: Place, pieces: Iterable[Piece]
) -> tuple[snapshot_store.SnapshotStore | None, str]:
    """Where the pieces can be renamed to: tried out once for each mount that they lie on."""
    sources = place.probed(posixpath.dirname(piece.rel) for piece in pieces)
    path, why = snapshot_store.find_place([store.path for store in place.stores], sources)
    return next((s for s in place.stores if s.path == path), None), why


def _digest(plan: Plan, selection: Selection) -> str:
    """Over all that would be moved; not over what stays.

    What other programs write beside it meanwhile is no reason to ask again.
    """
    text = repr((plan.subject, plan.refusal, _world(selection)))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def _world(selection: Selection) -> str:
    """What tells whether the same would be moved: inodes, and the versions that are in them."""
    text = repr(
        (
            [(piece.rel, piece.inode) for piece in selection.pieces],
            [(p.name, p.version, p.python) for p in selection.packages],
        )
    )
    return hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()


# Of the last plan: its size need not be measured again when it is carried out a moment later.
_MEASURED: dict[str, Size] = {}
