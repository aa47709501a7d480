"""Setting packages of the user site aside: all, one Python's, or chosen ones."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Literal

from ...core.clock import now
from ...core.errors import EnvMgrError
from ...core.events import Notice, Payload, Progress
from ...core.plans import Plan
from ...core.settings import Settings
from ...core.usersite.model import ResetRequest, Scope, Snapshot
from ...core.usersite.records import metadata_entries
from ...core.usersite.selection import Selection
from ...core.usersite.transaction import SnapshotRecord, Stage, Transaction
from ...system import holder, relocation, snapshot_store
from .fingerprint import fingerprint
from .in_use import RUNS_FROM, reason_and_hint
from .place import Place, image_name, locked, place_of
from .recovery import recover_locked
from .reset_plan import NO_PLACE, Reset, prepare

Emit = Callable[[Payload], object]
Origin = Literal["reset", "backup", "adopted", "automatic"]


def quiet(payload: Payload) -> None:
    """For callers that want to hear nothing."""


def plan_reset(
    settings: Settings,
    request: ResetRequest,
    *,
    running_kernels: Sequence[str] = (),
    server_modules: Iterable[str] = (),
) -> Plan:
    """What `reset` would move, what stays, what breaks afterwards, what to install again.

    ``running_kernels`` names the kernels that the asking server runs; ``server_modules`` are the
    files that it has loaded its modules from. Whether a snapshot's place is on the same disk is
    tried out by renaming a file and a directory, which is all that this changes.
    """
    return prepare(
        settings, request, running_kernels=running_kernels, server_modules=server_modules
    ).plan


def reset(
    settings: Settings,
    request: ResetRequest,
    digest: str | None = None,
    *,
    emit: Emit = quiet,
    running_kernels: Sequence[str] = (),
    server_modules: Iterable[str] = (),
    break_lock: bool = False,
) -> Snapshot:
    """Set aside what the plan with this ``digest`` shows; the snapshot that it is in now.

    All or nothing: what fails is taken back. Raises ``plan-changed``, ``locked``,
    ``server-in-user-site``, ``not-one-disk``, ``wrong-state`` and what the disk's errors mean.
    """
    place = place_of(settings)
    with locked(place, "setting user packages aside", break_lock=break_lock):
        for sentence in recover_locked(place):
            emit(Notice(sentence, "warning"))
        prepared = prepare(
            settings, request, running_kernels=running_kernels, server_modules=server_modules
        )
        check_digest(prepared.plan, digest)
        refuse(prepared.plan)
        stage = stage_of(prepared, request.name, "reset", request.scope)
        carry_out(place, "reset", (stage,), emit)
        verify_empty(prepared.selection, emit)
        return snapshot_at(Path(stage.snapshot)).snapshot


def check_digest(plan: Plan, digest: str | None) -> None:
    """Raise ``plan-changed`` if a digest is given and the plan is no longer that one."""
    if digest is not None and digest != plan.digest:
        raise EnvMgrError(
            "plan-changed", f"{plan.subject}: what would be done is no longer what was shown"
        )


def refuse(plan: Plan) -> None:
    """Raise what the plan's refusal says."""
    if plan.refusal:
        code = "server-in-user-site" if plan.refusal.startswith(RUNS_FROM) else "wrong-state"
        code = "not-one-disk" if plan.refusal.startswith(NO_PLACE) else code
        reason, hint = reason_and_hint(plan.refusal)
        raise EnvMgrError(code, reason, hint=hint)


# -- doing it ---------------------------------------------------------------------------------


def stage_of(prepared: Reset, name: str, origin: Origin, scope: Scope) -> Stage:
    """The way out of the base of all that is selected, into a new snapshot."""
    selection, place = prepared.selection, prepared.place
    assert prepared.store is not None
    created = now()
    name = place.new_name(name, "automatic" if origin == "automatic" else "", created)
    directory = prepared.store.directory(name)
    snapshot = Snapshot(
        name=name,
        path=str(directory),
        created=created,
        origin=origin,
        scope=scope,
        base=place.base.real,
        image=image_name(place.settings),
        pythons=tuple(chosen.site.label for chosen in selection.sites),
        packages=selection.packages,
        bytes=prepared.bytes,
        files=prepared.files,
        fingerprint=fingerprint(place.settings),
    )
    record = SnapshotRecord(snapshot, selection.pieces, selection.directories, 0)
    return Stage(
        kind="reset",
        snapshot=str(directory),
        pieces=selection.pieces,
        directories=selection.directories,
        record=record,
        remake=selection.remake,
    )


def carry_out(place: Place, operation: str, stages: tuple[Stage, ...], emit: Emit) -> None:
    """Run the stages as one transaction."""

    def report(done: int, total: int) -> None:
        if done == total or done % 50 == 0:
            emit(Progress(done / max(total, 1), "Renaming", done, total))

    created = now()
    relocation.run(
        place.journal,
        Transaction(
            id=f"{''.join(c for c in created if c.isdigit())}-{secrets.token_hex(4)}",
            operation=operation,
            base=place.base.real,
            created=created,
            holder=holder.current(place.settings.door),
            stages=stages,
        ),
        report,
    )


def verify_empty(selection: Selection, emit: Emit) -> None:
    """Say so if there are packages again in what was just emptied."""
    for chosen in selection.sites:
        if chosen.whole and metadata_entries(chosen.site.path):
            emit(
                Notice(
                    f"{chosen.site.path} has packages again: something installs right now",
                    "warning",
                )
            )


def snapshot_at(directory: Path) -> SnapshotRecord:
    """The record of a snapshot that was just written."""
    record = snapshot_store.read_record(directory)
    if isinstance(record, snapshot_store.UnreadableSnapshot):
        raise EnvMgrError("snapshot-damaged", f"{directory}: {record.why}")
    return record
