"""Setting packages of the user site aside: all, one Python's, or chosen ones."""

from __future__ import annotations

import hashlib
import os
import posixpath
import secrets
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ...core.clock import now
from ...core.environments.disk import shown
from ...core.errors import EnvMgrError
from ...core.events import Notice, Payload, Progress
from ...core.packages.sizes import Size
from ...core.plans import Plan, PlanStep
from ...core.settings import Settings
from ...core.usersite.base import UserBase
from ...core.usersite.leaving import left_alone
from ...core.usersite.model import LeftAlone, ResetRequest, Scope, Snapshot
from ...core.usersite.ownership import Outside
from ...core.usersite.records import metadata_entries
from ...core.usersite.reinstall import sort_for_reinstall
from ...core.usersite.requires import JUPYTER, Breakage
from ...core.usersite.scan import Inventory
from ...core.usersite.selection import (
    Selection,
    SiteSelection,
    jupyter_closure,
    measure_pieces,
    select,
    what_breaks,
)
from ...core.usersite.transaction import Piece, SnapshotRecord, Stage, Transaction
from ...system import holder, processes, relocation, snapshot_store
from .fingerprint import fingerprint
from .place import Place, image_name, image_python, locked, place_of
from .recovery import recover_locked, unfinished

Emit = Callable[[Payload], object]
Origin = Literal["reset", "backup", "adopted", "automatic"]

_JUST_NOW = 60.0
_MOST_NAMED = 12
_SERVER_FILES = "share/jupyter/runtime"
_SERVES = ("jupyter-server", "jupyterlab", "notebook", "jupyter-core", "jupyter-client")


@dataclass(frozen=True)
class Reset:
    """What would be set aside: the plan that is shown, and all that carries it out."""

    plan: Plan
    place: Place
    selection: Selection
    store: snapshot_store.SnapshotStore | None
    bytes: int
    files: int


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
        refuse(prepared.plan, request)
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


def refuse(plan: Plan, request: ResetRequest) -> None:
    """Raise what the plan's refusal says."""
    if plan.refusal:
        code = "server-in-user-site" if plan.refusal.startswith(_RUNS_FROM) else "wrong-state"
        code = "not-one-disk" if plan.refusal.startswith(_NO_PLACE) else code
        raise EnvMgrError(code, plan.refusal)


_RUNS_FROM = "This Jupyter itself runs from"
_NO_PLACE = "There is no place for a snapshot"


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
        runs = _runs_from(settings, place.base, selection, modules)
        if runs:
            refusals.insert(0, runs)
        store, why = find_store(place, selection.pieces)
        if store is None:
            refusals.append(f"{_NO_PLACE} that things can be renamed into: {why}")
    cut = unfinished(place)
    warnings = [*_warnings(selection, running_kernels), *([f"Unfinished: {cut}"] if cut else [])]
    world = _world(selection)
    measured = _MEASURED.get(world) or measure_pieces(place.base.real, selection.pieces)
    _MEASURED.clear()
    _MEASURED[world] = measured
    going = frozenset(one.rel for one in selection.outside)
    reasons = {
        one.rel: f"of {one.label}, which stays"
        for one in inventory.ownership.outside
        if one.rel not in going
    }
    staying = left_alone(place.base, going, {**reasons, **dict(inventory.ownership.refused)})
    plan = Plan(
        operation="usersite.reset",
        subject=_subject(request, selection),
        summary=_summary(selection, measured.size),
        steps=(*_moves(place.base, selection), *_stays(selection, staying)),
        facts=_facts(settings, selection, store, staying),
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


# -- saying it --------------------------------------------------------------------------------


def _subject(request: ResetRequest, selection: Selection) -> str:
    if request.scope == "packages":
        return ", ".join(request.packages)
    if request.scope == "minor":
        return ", ".join(f"Python {s.site.label}" for s in selection.sites) or "one Python"
    return "all Python packages"


def _summary(selection: Selection, size: int) -> str:
    count = len(selection.packages)
    words = f"{count} package{'s' if count != 1 else ''} ({human(size)}) "
    return words + "are renamed into a snapshot, from which they can be brought back."


def human(size: int) -> str:
    """A number of bytes for people."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def _moves(base: UserBase, selection: Selection) -> list[PlanStep]:
    steps = []
    for chosen in selection.sites:
        if chosen.whole:
            detail = f"{len(chosen.going)} packages of Python {chosen.site.label}, in one rename"
            steps.append(PlanStep("move", shown(chosen.site.path), detail))
        else:
            for one in chosen.going:
                steps.append(PlanStep("move", shown(one.label), f"Python {chosen.site.label}"))
            named = {entry for one in chosen.going for entry in one.inside}
            for rel in chosen.rels:
                inner = rel[len(chosen.site.rel) + 1 :]
                if inner not in named and not any(n.startswith(inner + "/") for n in named):
                    steps.append(PlanStep("move", shown(base.absolute(rel)), "no package lists it"))
    for directory, files in _by_directory(selection.outside).items():
        names = [posixpath.basename(one.rel) for one in files]
        detail = f"{len(files)} {files[0].kind} files: {_listed(names)}"
        steps.append(PlanStep("move", shown(base.absolute(directory)), shown(detail)))
    return steps


def _by_directory(outside: Iterable[Outside]) -> dict[str, list[Outside]]:
    """By the first two or three names of their paths, so that thousands of files are few rows."""
    found: dict[str, list[Outside]] = {}
    for one in outside:
        words = posixpath.dirname(one.rel).split("/")
        found.setdefault("/".join(words[:4]), []).append(one)
    return found


def _stays(selection: Selection, staying: Sequence[LeftAlone]) -> list[PlanStep]:
    steps = [
        PlanStep("keep", label, f"this Jupyter needs it (Python {chosen.site.label})")
        for chosen in selection.sites
        for label in chosen.kept_for_jupyter
    ]
    steps += [PlanStep("keep", row.path, row.why) for row in staying[:200]]
    if len(staying) > 200:
        steps.append(PlanStep("keep", f"{len(staying) - 200} more", "not Python's packages"))
    return steps


def _facts(
    settings: Settings,
    selection: Selection,
    store: snapshot_store.SnapshotStore | None,
    staying: Sequence[LeftAlone],
) -> tuple[tuple[str, str], ...]:
    facts = []
    if store is not None:
        facts.append(("Snapshot in", str(store.path)))
    breaking = what_breaks(selection, settings.image_prefix)
    if breaking:
        facts.append(("Will miss something", _listed([_broken(b) for b in breaking])))
    groups = sort_for_reinstall(selection.packages, settings.image_prefix)
    if groups.asked_for:
        facts.append(("Install again", _listed([p.requirement for p in groups.asked_for], 40)))
    if groups.in_image:
        facts.append(("The image has", _listed([p.name for p in groups.in_image], 40)))
    facts.append(("Stays", f"{len(staying)} things that are not Python's packages"))
    return tuple((label, shown(text)) for label, text in facts)


def _broken(breakage: Breakage) -> str:
    return f"{breakage.package} needs {breakage.requirement} ({breakage.satisfied_by})"


def _listed(words: Sequence[str], most: int = _MOST_NAMED) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more


def _warnings(selection: Selection, running_kernels: Sequence[str]) -> list[str]:
    found = []
    if running_kernels:
        names = _listed(sorted(set(running_kernels)))
        found.append(
            f"{len(running_kernels)} kernels of this server run ({names}). What they have not "
            "imported yet they will not find. Kernels in other containers cannot be seen."
        )
    for process in processes.installers():
        found.append(f"pip seems to be at work: {process.command} (process {process.pid})")
    paths = [chosen.site.real_path for chosen in selection.sites]
    for process in processes.with_libraries_from(paths):
        found.append(f"{process.command} (process {process.pid}) has libraries of it loaded")
    for chosen in selection.sites:
        found += _site_warnings(chosen)
    return found


def _site_warnings(chosen: SiteSelection) -> list[str]:
    found = []
    site = chosen.site
    try:
        age = time.time() - os.stat(site.path).st_mtime
    except OSError:
        age = _JUST_NOW
    if abs(age) < _JUST_NOW:
        found.append(f"{site.path} was changed less than a minute ago")
    leftovers = [entry for entry in metadata_entries(site.path) if entry.startswith("~")]
    if leftovers:
        found.append(f"{site.path} has leftovers of a pip that was cut: {_listed(leftovers)}")
    unlisted = [one.label for one in chosen.going if not one.listed and not chosen.whole]
    if unlisted:
        found.append(f"Files that no RECORD lists may stay: {_listed(unlisted)}")
    return [shown(text) for text in found]


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


# -- the server's own packages ------------------------------------------------------------------


def _runs_from(
    settings: Settings, base: UserBase, selection: Selection, modules: tuple[str, ...]
) -> str:
    """Why this would break the Jupyter that runs; empty if it would not."""
    going = [base.absolute(p.rel) for p in selection.pieces]
    inside = tuple(
        path + end for p in going for path in {p, os.path.realpath(p)} for end in ("", os.sep)
    )
    loaded = sum(1 for module in modules if module.startswith(inside))
    sentence = (
        "Keep the packages that Jupyter needs, or set it aside by the command line while no "
        "server runs."
    )
    if loaded:
        place = ", ".join(chosen.site.path for chosen in selection.sites)
        return f"{_RUNS_FROM} {place}: {loaded} of its modules were loaded from it. {sentence}"
    if modules:
        return ""
    for chosen in selection.sites:
        keys = {one.key for one in chosen.going}
        if not keys & set(_SERVES):
            continue
        needed = jupyter_closure(chosen.site, chosen.going, settings.image_prefix)
        running = processes.servers(Path(base.absolute(_SERVER_FILES)))
        if running and needed & keys & set(JUPYTER):
            pids = ", ".join(str(process.pid) for process in running)
            return f"{_RUNS_FROM} {chosen.site.path} (process {pids}). {sentence}"
    return ""
