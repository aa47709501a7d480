"""A copy of the user site as a snapshot: for those who want to keep using the original."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from ...core.clock import now
from ...core.errors import EnvMgrError
from ...core.events import Notice, Progress
from ...core.plans import Plan, PlanStep
from ...core.settings import Settings
from ...core.usersite.model import ResetRequest, Snapshot
from ...core.usersite.scan import Inventory
from ...core.usersite.selection import Selection, measure_pieces, select
from ...core.usersite.transaction import SnapshotRecord
from ...system import durable, snapshot_store
from ...system.copying import Copier
from ...system.snapshot_store import STAGING, TREE
from .fingerprint import fingerprint
from .place import Place, image_name, image_python, locked, place_of
from .recovery import recover_locked
from .reset import Emit, check_digest, quiet
from .reset_words import counted, human


def plan_backup(settings: Settings, request: ResetRequest) -> Plan:
    """What `backup` would copy, and whether there is room for it."""
    place = place_of(settings)
    return _plan(place, request, _select(place, request))


def backup(
    settings: Settings,
    request: ResetRequest,
    digest: str | None = None,
    *,
    emit: Emit = quiet,
    break_lock: bool = False,
) -> Snapshot:
    """Copy what a reset of the same request would set aside; the copy is there whole or not.

    It lies where snapshots do, which here may be another file system. To be restored it has to be
    on that of the user base, as any snapshot.
    """
    place = place_of(settings)
    with locked(place, "copying user packages", break_lock=break_lock):
        for sentence in recover_locked(place):
            emit(Notice(sentence, "warning"))
        selection = _select(place, request)
        plan = _plan(place, request, selection)
        check_digest(plan, digest)
        if plan.refusal:
            raise EnvMgrError("disk-full" if selection.pieces else "wrong-state", plan.refusal)
        return _copy(place, request, selection, plan.bytes or 0, emit)


def _select(place: Place, request: ResetRequest) -> Selection:
    python = image_python(place.settings)
    return select(Inventory(place.base), request, place.settings.image_prefix, python)


def _store_path(place: Place, selection: Selection) -> Path:
    """Where a rename back will work, if there is such a place; else our root."""
    sources = place.probed(os.path.dirname(piece.rel) for piece in selection.pieces)
    candidates = [store.path for store in place.stores]
    return snapshot_store.find_place(candidates, sources)[0] or candidates[0]


def _plan(place: Place, request: ResetRequest, selection: Selection) -> Plan:
    measured = measure_pieces(place.base.real, selection.pieces)
    store = _store_path(place, selection)
    room = durable.free_bytes(store)
    refusal = "" if selection.pieces else "There is nothing to copy."
    if measured.size > room:
        refusal = f"{human(measured.size)} are needed, {human(room)} are free at {store}."
    steps = [
        PlanStep("copy", chosen.site.path, counted(len(chosen.going), "package"))
        for chosen in selection.sites
    ]
    return Plan(
        operation="usersite.backup",
        subject=request.scope,
        summary=f"To be copied: {counted(len(selection.packages), 'package')} "
        f"({human(measured.size)}).",
        steps=tuple(steps),
        facts=(("Snapshot in", str(store)),),
        refusal=refusal,
        bytes=measured.size,
    ).sealed()


def _copy(
    place: Place, request: ResetRequest, selection: Selection, size: int, emit: Emit
) -> Snapshot:
    created = now()
    name = place.new_name(request.name, "backup", created)
    store = _store_path(place, selection)
    copier = Copier(
        lambda done: emit(Progress(min(done / max(size, 1), 1.0), "Copying", done, size, "bytes"))
    )
    target = store / name
    with durable.private_directory(store / STAGING) as work:
        fresh = work / name
        durable.make_directory(fresh / TREE, mode=0o700)
        for piece in selection.pieces:
            copier.copy(Path(place.base.absolute(piece.rel)), fresh / TREE / piece.rel)
        measured = measure_pieces(str(fresh / TREE), selection.pieces)
        skipped = f"{len(copier.skipped)} sockets and devices left out" if copier.skipped else ""
        snapshot = Snapshot(
            name=name,
            path=str(target),
            created=created,
            origin="backup",
            scope=request.scope,
            base=place.base.real,
            image=image_name(place.settings),
            pythons=tuple(chosen.site.label for chosen in selection.sites),
            packages=selection.packages,
            bytes=measured.size,
            files=measured.files,
            remarks=skipped,
            fingerprint=fingerprint(place.settings),
        )
        # Nothing was taken out of these directories, so none gets its old time back.
        directories = tuple(replace(d, left=-1) for d in selection.directories)
        record = SnapshotRecord(snapshot, selection.pieces, directories, durable.identity(fresh)[1])
        snapshot_store.write_record(fresh, record)
        durable.rename_no_replace(fresh, target)
    return snapshot
