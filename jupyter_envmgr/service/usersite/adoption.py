"""Backups of ~/.local that people made by hand: found, and taken in as snapshots."""

from __future__ import annotations

import contextlib
import os
import stat
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.clock import now
from ...core.environments.disk import iso_time, shown
from ...core.environments.versions import is_python_name
from ...core.errors import EnvMgrError
from ...core.plans import Plan, PlanStep
from ...core.settings import Settings
from ...core.usersite.base import UserBase, read_base
from ...core.usersite.model import Snapshot
from ...core.usersite.scan import Inventory
from ...core.usersite.selection import SiteSelection, assemble, measure_pieces
from ...core.usersite.transaction import SnapshotRecord
from ...system import durable, snapshot_store
from ...system.snapshot_store import STAGING, TREE, SnapshotStore
from .fingerprint import fingerprint
from .place import Place, locked, place_of
from .recovery import recover_locked
from .reset import check_digest
from .reset_words import counted, human

_MOST = 200


@dataclass(frozen=True)
class _Adoption:
    plan: Plan
    store: SnapshotStore | None
    base: UserBase
    record: SnapshotRecord


def adoptable(settings: Settings) -> tuple[str, ...]:
    """Directories in the home that are laid out like a user base and are none in use.

    Looked for beside the base, under names with ``local`` in them, and one level further down
    in those: ``~/local_backup``, ``~/.local.old``, ``~/local/tf-2.11``.
    """
    place = place_of(settings)
    found: dict[str, str] = {}
    parents = dict.fromkeys((str(settings.home), os.path.dirname(place.base.path)))
    for parent in parents:
        for name in _names(parent):
            path = os.path.join(parent, name)
            if "local" not in name.lower():
                continue
            for candidate in (path, *(os.path.join(path, n) for n in _names(path))):
                if _is_user_base(place, candidate):
                    found.setdefault(os.path.realpath(candidate), candidate)
    return tuple(shown(path) for path in sorted(found.values()))


def _names(directory: str) -> list[str]:
    try:
        return sorted(os.listdir(directory))[:_MOST]
    except OSError:
        return []


def _is_user_base(place: Place, path: str) -> bool:
    """It has site directories, no Python of its own, and is neither in use nor ours."""
    real = os.path.realpath(path)
    if not os.path.isdir(path) or os.path.islink(path):
        return False
    if real == place.base.real or place.base.real.startswith(real + os.sep):
        return False
    if real.startswith(place.base.real + os.sep):
        return False
    if any(real.startswith(f"{store.path}{os.sep}") for store in place.stores):
        return False
    if any(os.path.lexists(os.path.join(path, n)) for n in ("pyvenv.cfg", "conda-meta")):
        return False
    sites = read_base(path).sites
    own = any(os.path.exists(os.path.join(os.path.dirname(s.path), "os.py")) for s in sites)
    return bool(sites) and not own and not _has_interpreter(os.path.join(path, "bin"))


def _has_interpreter(directory: str) -> bool:
    """A Python that lies here itself; uv puts links to its own into ``~/.local/bin``."""
    return any(
        is_python_name(name) and not os.path.islink(os.path.join(directory, name))
        for name in _names(directory)
    )


def plan_adopt(settings: Settings, path: str, name: str = "") -> Plan:
    """What `adopt` would rename and call a snapshot."""
    return _prepare(place_of(settings), path).plan


def adopt(
    settings: Settings,
    path: str,
    name: str = "",
    digest: str | None = None,
    *,
    break_lock: bool = False,
) -> Snapshot:
    """Rename a backup that was made by hand into a new snapshot, as a whole.

    It is written down first and renamed last, so that a crash leaves it where it was, or here.
    What of it is no package stays in the snapshot when that is restored.
    """
    place = place_of(settings)
    with locked(place, f"adopting {path}", break_lock=break_lock):
        recover_locked(place)
        prepared = _prepare(place, path)
        check_digest(prepared.plan, digest)
        if prepared.plan.refusal or prepared.store is None:
            raise EnvMgrError("not-one-disk", prepared.plan.refusal)
        created = now()
        label = place.new_name(name, "adopted", created)
        target = prepared.store.directory(label)
        with durable.private_directory(prepared.store.path / STAGING) as work:
            fresh = work / label
            durable.make_directory(fresh, mode=0o700)
            snapshot = replace(prepared.record.snapshot, name=label, path=str(target))
            record = replace(
                prepared.record, snapshot=snapshot, directory=durable.identity(fresh)[1]
            )
            snapshot_store.write_record(fresh, record)
            durable.rename_no_replace(fresh, target)
        try:
            durable.rename_no_replace(Path(path), target / TREE)
        except OSError:
            _take_back(Path(path), target)
            raise
        return snapshot


def _take_back(path: Path, target: Path) -> None:
    """After a failure, which may have come after the rename: a record goes only without a tree."""
    tree = target / TREE
    with contextlib.suppress(OSError):
        if os.path.lexists(tree) and not os.path.lexists(path):
            durable.rename_no_replace(tree, path, sync=False)
        if not os.path.lexists(tree):
            durable.unlink(target / snapshot_store.RECORD)
            durable.remove_directory(target)


def _prepare(place: Place, path: str) -> _Adoption:
    if not os.path.isabs(path) or not _is_user_base(place, path):
        raise EnvMgrError(
            "bad-path",
            f"{path} is not a backup of a user base: it needs lib/pythonX.Y/site-packages, may "
            "not be in use, and must be given by its absolute path",
        )
    base = read_base(path, roots=(place.base.path, place.base.real))
    inventory = Inventory(base)
    selected = [
        SiteSelection(site, True, list(inventory.installed[site]), [], [site.rel])
        for site in base.sites
    ]
    selection = assemble(inventory, selected)
    measured = measure_pieces(base.real, selection.pieces)
    store, why = _store(place, Path(path))
    created = iso_time(os.stat(path).st_mtime)
    snapshot = Snapshot(
        name="",
        path="",
        created=created,
        origin="adopted",
        scope="all",
        base=place.base.real,
        image="",
        pythons=tuple(site.label for site in base.sites),
        packages=selection.packages,
        bytes=measured.size,
        files=measured.files,
        remarks=f"adopted from {shown(path)}",
        fingerprint=fingerprint(place.settings),
    )
    count = len(selection.packages)
    plan = Plan(
        operation="usersite.adopt",
        subject=shown(path),
        summary=f"{shown(path)} with {counted(count, 'package')} ({human(measured.size)}) "
        "becomes a snapshot.",
        steps=(PlanStep("rename", shown(path), f"into {store.path if store else '…'}"),),
        refusal="" if store else f"It cannot be renamed into the snapshots: {why}",
        bytes=measured.size,
    ).sealed()
    record = SnapshotRecord(snapshot, selection.pieces, selection.directories, 0)
    return _Adoption(plan, store, base, record)


def _store(place: Place, path: Path) -> tuple[SnapshotStore | None, str]:
    found, why = snapshot_store.find_place([s.path for s in place.stores], [path.parent])
    if found is not None and not stat.S_ISDIR(os.lstat(path).st_mode):
        return None, f"{path} is not a directory"
    return next((s for s in place.stores if s.path == found), None), why
