"""The snapshots: listed, shown, renamed, compared, exported, and deleted by a plan."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from ...core.clock import now
from ...core.environments.disk import iso_time, shown
from ...core.errors import EnvMgrError
from ...core.packages.inventory import list_packages
from ...core.packages.metadata import normal
from ...core.plans import Plan, PlanStep
from ...core.settings import Settings
from ...core.usersite.base import find_user_base
from ...core.usersite.compare import compare_versions, requirements_text
from ...core.usersite.model import Comparison, Snapshot, SnapshotList
from ...core.usersite.records import read_installed
from ...core.usersite.reinstall import Reinstall, sort_for_reinstall
from ...core.usersite.transaction import SnapshotRecord
from ...system import durable, snapshot_store
from ...system.snapshot_store import RECORD, TRASH, TREE, UnreadableSnapshot
from .adoption import adoptable
from .place import Place, locked, place_of
from .recovery import recover_locked, unfinished
from .reset import check_digest
from .reset_words import counted, human

PRESENT, IMAGE = "present", "image"


def snapshots(settings: Settings) -> SnapshotList:
    """All snapshots, the newest first, and what could be adopted. Takes no lock."""
    place = place_of(settings)
    found: list[Snapshot] = []
    warnings = []
    for store in place.stores:
        for name in store.names():
            record = store.read(name)
            if isinstance(record, UnreadableSnapshot):
                if not store.directory(name).is_dir():
                    continue
                warnings.append(shown(f"{record.path}: its record is of no use: {record.why}"))
                found.append(_unreadable(place, store.directory(name)))
            else:
                found.append(_as_it_is(store.directory(name), record))
    cut = unfinished(place)
    if cut:
        warnings.append(f"Unfinished: {cut}. It is finished before the next change.")
    found.sort(key=lambda one: (one.created, one.name), reverse=True)
    return SnapshotList(tuple(found), adoptable(settings), tuple(warnings))


def show(settings: Settings, name: str) -> Snapshot:
    """One snapshot. Raises ``no-such-snapshot``, ``snapshot-damaged``."""
    directory, record = place_of(settings).find(name)
    return _as_it_is(directory, record)


def rename(settings: Settings, name: str, new_name: str, *, remarks: str | None = None) -> Snapshot:
    """Give a snapshot another name, or remarks. Raises ``name-taken``, ``bad-name``."""
    place = place_of(settings)
    with locked(place, f"renaming {name}"):
        recover_locked(place)
        directory, record = place.find(name)
        snapshot = record.snapshot
        if remarks is not None:
            snapshot = replace(snapshot, remarks=remarks)
        target = directory
        if new_name and new_name != name:
            target = directory.with_name(place.new_name(new_name, "", now()))
            durable.rename_no_replace(directory, target)
        # The directory's name is the snapshot's: a crash in between leaves nothing to repair.
        snapshot = replace(snapshot, name=target.name, path=str(target))
        snapshot_store.write_record(target, replace(record, snapshot=snapshot))
        return _as_it_is(target, replace(record, snapshot=snapshot))


def _as_it_is(directory: Path, record: SnapshotRecord) -> Snapshot:
    """The snapshot with its present name and path, and ``damaged`` if parts of it are gone."""
    snapshot = replace(record.snapshot, name=directory.name, path=str(directory))
    if record.activity:
        return replace(snapshot, state="unfinished")
    tree = directory / TREE
    if any(not os.path.lexists(tree / piece.rel) for piece in record.pieces):
        return replace(snapshot, state="damaged")
    return snapshot


def _unreadable(place: Place, directory: Path) -> Snapshot:
    try:
        created = iso_time(os.stat(directory).st_mtime)
    except OSError:
        created = ""
    return Snapshot(
        name=shown(directory.name),
        path=shown(str(directory)),
        created=created,
        origin="reset",
        scope="all",
        base=place.base.real,
        image="",
        pythons=(),
        packages=(),
        bytes=0,
        files=0,
        state="damaged",
        remarks=f"{RECORD} cannot be read",
    )


# -- what is in them --------------------------------------------------------------------------


def compare(settings: Settings, one: str, other: str) -> Comparison:
    """Two sets of packages: names of snapshots, ``present`` or ``image``."""
    left, right = _versions(settings, one), _versions(settings, other)
    if IMAGE in (one, other):
        # The image has one Python, or a few: only those can be compared.
        theirs = left if one == IMAGE else right
        pythons = {python for _, python in theirs}
        left = {key: value for key, value in left.items() if key[1] in pythons}
        right = {key: value for key, value in right.items() if key[1] in pythons}
    return compare_versions(one, other, left, right)


def _versions(settings: Settings, what: str) -> Mapping[tuple[str, str], str]:
    if what == PRESENT:
        base = find_user_base(settings.environ, settings.home)
        return {
            (one.key, site.label): one.package.version
            for site in base.sites
            for one in read_installed(site.path)
        }
    if what == IMAGE:
        found: dict[tuple[str, str], str] = {}
        for python in _pythons_of(settings.image_prefix):
            packages = list_packages(settings.image_prefix, "image", interpreter_version=python)
            found.update({(normal(p.name), python): p.version for p in packages})
        return found
    return {(normal(p.name), p.python): p.version for p in show(settings, what).packages}


def _pythons_of(prefix: Path) -> Iterable[str]:
    try:
        names = sorted(os.listdir(prefix / "lib"))
    except OSError:
        return ()
    return tuple(
        name.removeprefix("python")
        for name in names
        if name.startswith("python3.") and (prefix / "lib" / name / "site-packages").is_dir()
    )


def requirements(settings: Settings, name: str) -> str:
    """The packages of a snapshot as a requirements file."""
    return requirements_text(show(settings, name))


def reinstall(settings: Settings, name: str) -> Reinstall:
    """The packages of a snapshot, sorted into what the image has, what to ask for, and the rest."""
    return sort_for_reinstall(show(settings, name).packages, settings.image_prefix)


# -- deleting ---------------------------------------------------------------------------------


def plan_delete(settings: Settings, name: str) -> Plan:
    """What deleting a snapshot takes away for good."""
    directory, record = place_of(settings).find(name)
    return _deletion(directory, record)


def _deletion(directory: Path, record: SnapshotRecord) -> Plan:
    snapshot = record.snapshot
    count = len(snapshot.packages)
    warnings = []
    if snapshot.origin == "adopted":
        warnings.append("It was made by hand: everything in it goes, not only packages.")
    is_it = durable.identity(directory)[1] == record.directory
    refusal = "" if is_it else "It is not the directory that was made for this snapshot."
    if record.activity:
        refusal = f"Its {record.activity} is not finished."
    steps = [
        PlanStep("delete", str(directory), f"{counted(count, 'package')}, {human(snapshot.bytes)}")
    ]
    return Plan(
        operation="usersite.delete",
        subject=directory.name,
        summary=f"The snapshot {directory.name} is deleted. There is no undo.",
        steps=tuple(steps),
        warnings=tuple(warnings),
        refusal=refusal,
        bytes=snapshot.bytes,
    ).sealed()


def delete(
    settings: Settings, name: str, digest: str | None = None, *, break_lock: bool = False
) -> Snapshot:
    """Delete a snapshot for good: renamed into a trash first, so that it is there whole or not.

    Only the very directory that was made for it, by its inode. A crash in between is finished by
    the next change of the user site. A full disk is no reason against it: it makes room.
    """
    place = place_of(settings)
    with locked(place, f"deleting {name}", break_lock=break_lock, frees_room=True) as is_ours:
        if is_ours:
            recover_locked(place)
        directory, record = place.find(name)
        plan = _deletion(directory, record)
        check_digest(plan, digest)
        if plan.refusal:
            raise EnvMgrError("wrong-state", f"{name}: {plan.refusal}")
        device, inode = durable.identity(directory)
        if inode != record.directory:
            raise EnvMgrError("wrong-state", f"{directory} is not the one that was made here")
        durable.remove_tree(
            directory, made_by=(device, record.directory), trash=directory.parent / TRASH
        )
        return replace(record.snapshot, name=name, path=str(directory))
