"""Finishing what a crash cut: before each change of the user site, and when a server starts."""

from __future__ import annotations

import os
import posixpath
from dataclasses import replace
from pathlib import Path
from typing import Literal

from ...core.errors import EnvMgrError
from ...core.settings import Settings
from ...core.usersite.transaction import (
    Directory,
    SnapshotRecord,
    Stage,
    Transaction,
)
from ...system import holder, relocation, snapshot_store
from ...system.journal import UnreadableEntry
from ...system.oserrors import explain_os_error
from .place import Place, clean_locks, empty_trash, locked, place_of


def recover(settings: Settings, *, undo: bool = False, break_lock: bool = False) -> tuple[str, ...]:
    """Finish, or with ``undo`` take back, what was cut; a sentence for each.

    Raises ``unfinished-operation`` with the reason where that is not possible now, ``locked``
    where somebody may still be at work on it. Without anything to do, nothing is locked.
    """
    place = place_of(settings)
    cut = unfinished(place)
    if not cut and not place.journal.directory.parent.exists():
        return ()
    try:
        with locked(place, "recovering", break_lock=break_lock):
            done = recover_locked(place, undo=undo)
            _sweep(place)
            return done
    except EnvMgrError as error:
        if error.code == "locked" and not cut:
            # Somebody is at work, and nothing was cut.
            return ()
        raise


def _sweep(place: Place) -> None:
    """Remove what is left of probes and lock files."""
    rels = ["bin", "share", "share/jupyter", "etc", "include", "lib"]
    rels += [rel for site in place.base.sites for rel in (site.rel, posixpath.dirname(site.rel))]
    places = [*place.probed(rels), place.settings.home, *(s.path for s in place.stores)]
    snapshot_store.sweep_probes(places)
    clean_locks(place)


def unfinished(place: Place) -> str:
    """What was cut, in words; empty if nothing was."""
    for entry in place.journal.entries():
        if isinstance(entry, UnreadableEntry):
            return f"a change whose journal {entry.path} cannot be read: {entry.why}"
        return f"the {entry.operation} of {entry.created} by {entry.holder}"
    cut = _cut_snapshots(place)
    return f"the {cut[0][1].activity} of snapshot {cut[0][1].snapshot.name}" if cut else ""


def recover_locked(place: Place, *, undo: bool = False) -> tuple[str, ...]:
    """As `recover`, for who has the lock."""
    done: list[str] = []
    try:
        for entry in place.journal.entries():
            if isinstance(entry, UnreadableEntry):
                place.journal.set_aside(entry)
                done.append(f"The journal {entry.path} could not be read; it is kept beside")
                continue
            found = _as_seen_from_here(place, entry)
            done.append(relocation.resume(place.journal, found, undo=undo)[0])
        for directory, record in _cut_snapshots(place):
            # Its journal is lost: the snapshot's own record says enough to go on.
            transaction = _from_record(place, directory, record)
            if transaction is None:
                done.append(_settle(directory, record))
                continue
            place.journal.write(transaction)
            done.append(relocation.resume(place.journal, transaction, undo=undo)[0])
        for store in place.stores:
            for name in store.names():
                snapshot_store.remove_ghost(store.directory(name))
        place.journal.clean()
        empty_trash(place)
    except OSError as error:
        detail = explain_os_error(error, "what was cut could not be finished").detail
        raise EnvMgrError("unfinished-operation", detail) from error
    return tuple(done)


def _as_seen_from_here(place: Place, entry: Transaction) -> Transaction:
    """The transaction with the paths that its base and snapshots have in this container.

    Raises ``unfinished-operation`` where a snapshot cannot be seen from here: then what was moved
    into it would look as if it were lost.
    """
    stages = []
    base = Path(place.base.real)
    for number, stage in enumerate(entry.stages):
        written = Path(stage.snapshot)
        places = [written, *(store.directory(written.name) for store in place.stores)]
        found = next((path for path in places if path.is_dir()), None)
        if found is None:
            moved = number <= entry.stage and any(
                not os.path.lexists(base / piece.rel) for piece in stage.pieces
            )
            if moved or not written.parent.is_dir():
                raise EnvMgrError(
                    "unfinished-operation",
                    f"the {entry.operation} of {entry.created} by {entry.holder} was cut, and "
                    f"{written} cannot be seen from here: go on where it can",
                )
            found = written
        stages.append(replace(stage, snapshot=str(found)))
    return replace(entry, base=str(base), stages=tuple(stages))


def _cut_snapshots(place: Place) -> list[tuple[Path, SnapshotRecord]]:
    found = []
    for store in place.stores:
        for name in store.names():
            if not snapshot_store.is_cut(store.directory(name)):
                continue
            record = store.read(name)
            if (
                isinstance(record, SnapshotRecord)
                and record.activity
                and record.snapshot.base == place.base.real
            ):
                found.append((store.directory(name), record))
    return found


def _from_record(place: Place, directory: Path, record: SnapshotRecord) -> Transaction | None:
    """What was going on, told by the snapshot's record; None for a restore that had not begun.

    A restore of chosen packages cannot be told apart from one of all that had not begun: what is
    in the snapshot stays there.
    """
    assert record.activity
    tree = directory / snapshot_store.TREE
    sites = [piece for piece in record.pieces if piece.is_site]
    if record.activity == "restore" and all(os.path.lexists(tree / p.rel) for p in sites):
        return None
    complete = replace(record, activity="", snapshot=replace(record.snapshot, state="complete"))
    stage = Stage(
        kind=record.activity,
        snapshot=str(directory),
        pieces=record.pieces,
        directories=record.directories,
        record=complete,
        before=complete,
        remake=tuple(Directory(piece.rel, 0o755, 0) for piece in sites),
    )
    return Transaction(
        id=record.snapshot.name,
        operation=record.activity,
        base=place.base.real,
        created=record.snapshot.created,
        holder=holder.current(place.settings.door),
        stages=(stage,),
    )


def _settle(directory: Path, record: SnapshotRecord) -> str:
    """Write down that a restore is over, and what is left in the snapshot."""
    tree = directory / snapshot_store.TREE
    pieces = tuple(p for p in record.pieces if os.path.lexists(tree / p.rel))
    state: Literal["complete", "restored"] = "complete" if pieces else "restored"
    snapshot_store.write_record(
        directory,
        replace(record, pieces=pieces, activity="", snapshot=replace(record.snapshot, state=state)),
    )
    return f"The restore of {record.snapshot.name} was cut; what is left of it can be restored"
