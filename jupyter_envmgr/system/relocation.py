"""Renaming pieces of the user base into a snapshot and back, so that a crash cannot halve it."""

from __future__ import annotations

import contextlib
import errno
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path
from typing import Literal

from ..core.errors import EnvMgrError
from ..core.usersite.transaction import (
    Directory,
    Piece,
    SnapshotRecord,
    Stage,
    Transaction,
)
from ..core.usersite.units import directories_above
from . import durable, snapshot_store
from .journal import Journal
from .oserrors import explain_os_error
from .pieces import make_parents, move, mtime_of, rename, set_mtime, state_of, sync
from .snapshot_store import TREE

_ON_ANOTHER_DISK = frozenset({errno.EXDEV, errno.EBUSY})
# They are there before any package is, and a shell has them on its PATH.
_NEVER_PRUNED = re.compile(r"bin|lib(?:/python[^/]*(?:/site-packages)?)?")

Report = Callable[[int, int], object]


def run(
    journal: Journal, transaction: Transaction, report: Report = lambda done, total: None
) -> Transaction:
    """Write the intent, carry it out, erase it. What fails is taken back, then raised.

    If taking back fails too, the journal stays and says so: ``unfinished-operation``.
    """
    journal.write(transaction)
    try:
        return _forward(journal, transaction, report, strict=True)
    except BaseException as error:
        cause = _cause(error, transaction)
        latest = _latest(journal, transaction)
        try:
            with contextlib.suppress(OSError):
                latest = journal.advance(latest, direction="back")
            back(journal, latest)
        except OSError as second:
            why = explain_os_error(second, "taking it back failed").detail
            detail = f"{cause}; {why}"
            raise EnvMgrError("unfinished-operation", detail) from error
        if cause is error:
            raise
        raise cause from error


def resume(journal: Journal, transaction: Transaction, *, undo: bool = False) -> tuple[str, bool]:
    """Finish what a crash cut, or take it back; what was done, and whether it went forward.

    Where nothing had been renamed yet it is dropped: what a person wanted then may be long past.
    A restore whose place was filled meanwhile is taken back too. Raises OSError; it can be called
    again.
    """
    if undo or transaction.direction == "back" or _is_untouched(transaction):
        if transaction.direction != "back":
            transaction = journal.advance(transaction, direction="back")
        back(journal, transaction)
        return _sentence(transaction, "was taken back"), False
    try:
        done = _forward(journal, transaction, lambda done, total: None, strict=False)
    except EnvMgrError:
        back(journal, journal.advance(_latest(journal, transaction), direction="back"))
        return _sentence(transaction, "could not be finished and was taken back"), False
    remarks = "".join(f"; {remark}" for remark in done.remarks)
    return _sentence(transaction, "was finished") + remarks, True


def _sentence(transaction: Transaction, what: str) -> str:
    names = ", ".join(dict.fromkeys(Path(s.snapshot).name for s in transaction.stages))
    return f"The {transaction.operation} of {transaction.created} ({names}) {what}"


def _cause(error: BaseException, transaction: Transaction) -> BaseException:
    if not isinstance(error, OSError):
        return error
    if error.errno in _ON_ANOTHER_DISK:
        return EnvMgrError(
            "not-one-disk",
            f"{error.filename or transaction.base} cannot be renamed to its place: "
            f"{os.strerror(error.errno or 0)}",
        )
    return explain_os_error(error, f"the {transaction.operation} failed and was taken back")


def _latest(journal: Journal, transaction: Transaction) -> Transaction:
    """The transaction as far as it came, by the journal."""
    for entry in journal.entries():
        if isinstance(entry, Transaction) and entry.id == transaction.id:
            return entry
    return transaction


def _is_untouched(transaction: Transaction) -> bool:
    if transaction.stage > 0 or transaction.phase != "moving":
        return False
    ways = _ways(transaction, transaction.stages[0])
    return all(state_of(*way) in ("pending", "gone") for way in ways)


# -- forward ----------------------------------------------------------------------------------


def _forward(
    journal: Journal, transaction: Transaction, report: Report, *, strict: bool
) -> Transaction:
    total = sum(len(stage.pieces) for stage in transaction.stages)
    while True:
        stage = transaction.stages[transaction.stage]
        if transaction.phase == "moving":
            before = sum(len(s.pieces) for s in transaction.stages[: transaction.stage])

            def moved(number: int, before: int = before) -> None:
                report(before + number, total)

            remarks = _move_all(transaction, stage, moved, strict=strict)
            transaction = journal.advance(
                transaction, phase="finishing", remarks=(*transaction.remarks, *remarks)
            )
        _finish(transaction, stage)
        if transaction.stage + 1 < len(transaction.stages):
            transaction = journal.advance(transaction, stage=transaction.stage + 1, phase="moving")
        else:
            break
    journal.erase(transaction)
    return transaction


def _ways(transaction: Transaction, stage: Stage) -> list[tuple[Path, Path, Piece]]:
    """Source, target and piece, in the order of the renames.

    The site directory is last on the way out, so that it goes only when all else has gone, and
    first on the way back, so that packages in its place stop a restore before anything moved.
    """
    base, tree = Path(transaction.base), Path(stage.snapshot) / TREE
    out = stage.kind == "reset"
    pieces = sorted(stage.pieces, key=lambda piece: piece.is_site is out)
    return [
        (base / p.rel, tree / p.rel, p) if out else (tree / p.rel, base / p.rel, p) for p in pieces
    ]


def _move_all(
    transaction: Transaction, stage: Stage, report: Callable[[int], object], *, strict: bool
) -> list[str]:
    if stage.kind == "reset":
        _open_snapshot(stage)
    else:
        assert stage.before is not None
        begun = replace(
            stage.before,
            activity="restore",
            snapshot=replace(stage.before.snapshot, state="unfinished"),
        )
        snapshot_store.write_record(Path(stage.snapshot), begun)
    remarks: list[str] = []
    unsynced: set[Path] = set()
    base = Path(transaction.base)
    out = stage.kind == "reset"
    modes = {} if out else {base / known.rel: known.mode for known in stage.directories}
    was_site = stage.kind == "restore"
    for number, (source, target, piece) in enumerate(_ways(transaction, stage)):
        if piece.is_site is not was_site:
            # All of one kind are on the disk before the first of the other is renamed.
            sync(unsynced)
            was_site = piece.is_site
        make_parents(target, modes, unsynced)
        remark = move(source, target, piece, strict=strict, can_stay=not out)
        if remark:
            remarks.append(remark)
        unsynced |= {source.parent, target.parent}
        report(number + 1)
    sync(unsynced)
    return remarks


def _open_snapshot(stage: Stage) -> None:
    directory = Path(stage.snapshot)
    durable.make_directory(directory, mode=0o700, exist_ok=True)
    durable.make_directory(directory / TREE, mode=0o700, exist_ok=True)
    record = replace(
        _identified(stage.record, directory),
        activity="reset",
        snapshot=replace(stage.record.snapshot, state="unfinished"),
    )
    snapshot_store.write_record(directory, record)


def _identified(record: SnapshotRecord, directory: Path) -> SnapshotRecord:
    return replace(record, directory=durable.identity(directory)[1])


# -- finishing --------------------------------------------------------------------------------


def _finish(transaction: Transaction, stage: Stage) -> None:
    base, directory = Path(transaction.base), Path(stage.snapshot)
    if stage.kind == "reset":
        _remake(base, stage.remake)
        _prune(base, stage.directories)
        left = tuple(replace(d, left=mtime_of(base / d.rel)) for d in stage.directories)
        record = replace(_identified(stage.record, directory), directories=left)
        _write_final(directory, record, transaction.remarks)
        return
    for known in reversed(stage.directories):
        with contextlib.suppress(FileNotFoundError):
            if not known.left:
                # A crash may have come between making it and giving it its permissions.
                os.chmod(base / known.rel, known.mode)
            if known.mtime_ns:
                set_mtime(base / known.rel, known.mtime_ns)
    tree = directory / TREE
    remaining = tuple(p for p in stage.record.pieces if os.path.lexists(tree / p.rel))
    _remove_empty(tree, stage.pieces)
    _write_final(directory, _with_pieces(stage.record, remaining), transaction.remarks)


def _with_pieces(record: SnapshotRecord, pieces: tuple[Piece, ...]) -> SnapshotRecord:
    state: Literal["complete", "restored"] = "complete" if pieces else "restored"
    return replace(
        record, pieces=pieces, activity="", snapshot=replace(record.snapshot, state=state)
    )


def _write_final(directory: Path, record: SnapshotRecord, remarks: Iterable[str]) -> None:
    texts = [record.snapshot.remarks, *remarks]
    joined = "; ".join(dict.fromkeys(text for text in texts if text))
    snapshot = replace(record.snapshot, remarks=joined)
    snapshot_store.write_record(directory, replace(record, activity="", snapshot=snapshot))


def _remake(base: Path, sites: Iterable[Directory]) -> None:
    """Empty site directories: a kernel that starts without one never sees what comes later."""
    for site in sites:
        path = base / site.rel
        with contextlib.suppress(FileExistsError):
            durable.make_directory(path)
            os.chmod(path, site.mode)


def _prune(base: Path, directories: Iterable[Directory]) -> None:
    """Remove the directories that were emptied, the innermost first."""
    for directory in sorted(directories, key=lambda d: -d.rel.count("/")):
        if _NEVER_PRUNED.fullmatch(directory.rel):
            continue
        with contextlib.suppress(OSError):
            os.rmdir(base / directory.rel)


def _remove_empty(tree: Path, gone: Iterable[Piece]) -> None:
    """Remove the directories of a tree that nothing is left in."""
    for rel in reversed(directories_above([piece.rel for piece in gone])):
        with contextlib.suppress(OSError):
            os.rmdir(tree / rel)


# -- back -------------------------------------------------------------------------------------


def back(journal: Journal, transaction: Transaction) -> None:
    """Put everything back where it was, in the reverse order, and erase the journal.

    What has something else in its place by now stays in the snapshot, which is kept for it.
    """
    for number in range(transaction.stage, -1, -1):
        stage = transaction.stages[number]
        if stage.kind == "reset":
            _reset_back(transaction, stage)
        else:
            _restore_back(transaction, stage)
    journal.erase(transaction)


def _reset_back(transaction: Transaction, stage: Stage) -> None:
    base, directory = Path(transaction.base), Path(stage.snapshot)
    _make_again(base, stage.directories)
    stuck = _move_back(transaction, stage)
    for known in reversed(stage.directories):
        with contextlib.suppress(FileNotFoundError):
            set_mtime(base / known.rel, known.mtime_ns)
    if not directory.is_dir():
        return
    _remove_empty(directory / TREE, stage.pieces)
    if stuck:
        record = replace(_identified(stage.record, directory), pieces=tuple(stuck))
        remark = "taken back, but for what has something else in its place"
        _write_final(directory, record, (remark,))
        return
    with contextlib.suppress(FileNotFoundError):
        os.rmdir(directory / TREE)
    durable.sweep(directory, older_than=-1)
    with contextlib.suppress(FileNotFoundError):
        durable.unlink(directory / snapshot_store.RECORD)
    durable.remove_directory(directory)


def _restore_back(transaction: Transaction, stage: Stage) -> None:
    base, directory = Path(transaction.base), Path(stage.snapshot)
    tree = directory / TREE
    unsynced: set[Path] = set()
    for piece in stage.pieces:
        make_parents(tree / piece.rel, {}, unsynced)
    _move_back(transaction, stage)
    _prune(base, [known for known in stage.directories if not known.left])
    _remake(base, stage.remake)
    assert stage.before is not None
    snapshot_store.write_record(directory, stage.before)


def _make_again(base: Path, directories: Iterable[Directory]) -> None:
    for directory in directories:
        path = base / directory.rel
        if not path.is_dir():
            durable.make_directory(path, exist_ok=True)
            os.chmod(path, directory.mode)


def _move_back(transaction: Transaction, stage: Stage) -> list[Piece]:
    """Rename the pieces back; those that could not be, because something else is there."""
    stuck: list[Piece] = []
    unsynced: set[Path] = set()
    for source, target, piece in reversed(_ways(transaction, stage)):
        state = state_of(target, source, piece)
        if state == "conflict":
            stuck.append(piece)
        elif state == "pending":
            rename(target, source, piece)
        elif state == "linked":
            durable.unlink(target)
        elif state == "done" and piece.mode is not None:
            os.chmod(source, piece.mode)
        unsynced |= {source.parent, target.parent}
    sync(unsynced)
    return stuck
