"""Bringing back what a snapshot holds: all of it or chosen packages, never mixed with others."""

from __future__ import annotations

import os
import shlex
import stat
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.environments.disk import shown
from ...core.errors import EnvMgrError
from ...core.events import Notice
from ...core.packages.metadata import normal
from ...core.plans import Plan
from ...core.settings import Settings
from ...core.usersite.base import UserBase
from ...core.usersite.model import RestoreRequest, Snapshot
from ...core.usersite.selection import measure_pieces
from ...core.usersite.transaction import Directory, Piece, SnapshotRecord, Stage
from ...core.usersite.units import directories_above
from ...system.snapshot_store import TREE
from . import in_use
from .place import locked, place_of
from .recovery import recover_locked
from .reset import Emit, carry_out, check_digest, quiet, snapshot_at, stage_of
from .restore_plan import IN_THE_WAY, Restore, is_empty_directory, prepare


def plan_restore(
    settings: Settings, name: str, request: RestoreRequest, *, running_kernels: Sequence[str] = ()
) -> Plan:
    """What `restore` would move back, and with ``swap`` what it would set aside first."""
    return prepare(settings, name, request, running_kernels).plan


def restore(
    settings: Settings,
    name: str,
    request: RestoreRequest,
    digest: str | None = None,
    *,
    emit: Emit = quiet,
    running_kernels: Sequence[str] = (),
    break_lock: bool = False,
) -> Snapshot:
    """Bring back what the plan with this ``digest`` shows; the snapshot as it is then.

    All or nothing. Anything in the way raises ``packages-in-the-way`` before the first rename,
    unless ``swap`` is asked for: then that is set aside in an automatic snapshot, in the same
    transaction. Raises also ``plan-changed``, ``locked``, ``snapshot-damaged``, ``not-one-disk``.
    """
    place = place_of(settings)
    with locked(place, f"restoring {name}", break_lock=break_lock):
        for sentence in recover_locked(place):
            emit(Notice(sentence, "warning"))
        prepared = prepare(settings, name, request, running_kernels)
        check_digest(prepared.plan, digest)
        if prepared.plan.refusal:
            code = "packages-in-the-way"
            if not prepared.plan.refusal.startswith(IN_THE_WAY):
                code = "wrong-state"
            raise EnvMgrError(code, prepared.plan.refusal)
        stages = []
        if prepared.displaced is not None:
            stages.append(stage_of(prepared.displaced, "", "automatic", "packages"))
        stages.append(_stage(prepared))
        carry_out(place, "restore", tuple(stages), emit)
        _verify(prepared)
        return snapshot_at(prepared.directory).snapshot


@dataclass(frozen=True)
class WayBack:
    """The command line that restores a snapshot. The program itself may lie in it."""

    command: str
    is_program_gone: bool = False


def way_back(snapshot: Snapshot) -> WayBack:
    """What a person types to restore this snapshot as things are now."""
    words = ["usersite", "restore", snapshot.name]
    ours = os.path.realpath(in_use.RESCUE)
    if os.path.exists(ours):
        return WayBack(shlex.join(["jupyter", "envmgr", *words]))
    inside = os.path.join(snapshot.path, TREE, os.path.relpath(ours, snapshot.base))
    return WayBack(shlex.join([sys.executable, "-I", inside, *words]), is_program_gone=True)


def _stage(prepared: Restore) -> Stage:
    """The way back of the pieces that fit."""
    record, base = prepared.record, prepared.place.base
    moved = {(normal(p.name), p.python) for p in prepared.packages}
    left = tuple(p for p in record.snapshot.packages if (normal(p.name), p.python) not in moved)
    tree = prepared.directory / TREE
    snapshot = record.snapshot
    if left:
        going = measure_pieces(str(tree), prepared.pieces)
        snapshot = replace(
            snapshot,
            packages=left,
            bytes=max(0, snapshot.bytes - going.size),
            files=max(0, snapshot.files - going.files),
        )
    remake = []
    for piece in prepared.pieces:
        target = base.absolute(piece.rel)
        if piece.is_site and is_empty_directory(target):
            remake.append(Directory(piece.rel, stat.S_IMODE(os.stat(target).st_mode), 0))
    return Stage(
        kind="restore",
        snapshot=str(prepared.directory),
        pieces=prepared.pieces,
        directories=tuple(_directories(base, tree, record, prepared.pieces)),
        record=replace(record, snapshot=snapshot),
        before=record,
        remake=tuple(remake),
    )


def _directories(
    base: UserBase, tree: Path, record: SnapshotRecord, pieces: Iterable[Piece]
) -> Iterable[Directory]:
    """The directories above the pieces: which to make, which get their old times back."""
    above = directories_above([piece.rel for piece in pieces])
    is_all = {piece.rel for piece in record.pieces} == {piece.rel for piece in pieces}
    known = {directory.rel: directory for directory in record.directories}
    for rel in above:
        try:
            now = os.lstat(base.absolute(rel)).st_mtime_ns
        except OSError:
            now = 0
        if rel in known:
            untouched = is_all and now in (0, known[rel].left)
            mtime = known[rel].mtime_ns if untouched else 0
            yield replace(known[rel], left=now, mtime_ns=mtime)
        else:
            # A part of a directory that was moved as a whole: in the snapshot it is as it was.
            yield Directory(rel, stat.S_IMODE(os.stat(tree / rel).st_mode), 0, now)


def _verify(prepared: Restore) -> None:
    missing = [
        p.rel for p in prepared.pieces if not os.path.lexists(prepared.place.base.absolute(p.rel))
    ]
    if missing:
        raise EnvMgrError(
            "internal", f"not everything is where it was: {shown(', '.join(missing[:5]))}"
        )
