"""A change of the user site as data: what is renamed to where, in which order, and how far it is.

Written to the disk before the first rename and read again after a crash.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from ..jobs.model import Holder
from .model import Snapshot

JOURNAL_VERSION = 1
RECORD_VERSION = 1

Direction = Literal["forward", "back"]
Phase = Literal["moving", "finishing"]


@dataclass(frozen=True)
class Piece:
    """Something that is renamed as one piece; ``rel`` is relative to the base and to the tree.

    ``inode`` tells it apart from what may come to be at the same path later; ``mode`` is given
    for a directory that its owner may not write to, which cannot be moved as it is (rename(2)).
    ``is_site``: a whole site directory, moved last on the way out and first on the way back.
    """

    rel: str
    inode: int
    is_site: bool = False
    mode: int | None = None


@dataclass(frozen=True)
class Directory:
    """A directory that pieces are taken out of: what it takes to make it again as it was.

    ``left`` is its time stamp after they had been taken out, 0 if it went too: while it still has
    that one, nobody changed it, and it gets its old one back with the pieces. In a restore
    ``left`` is 0 for a directory that has to be made, ``mtime_ns`` for one whose time stays.
    """

    rel: str
    mode: int
    mtime_ns: int
    left: int = 0


@dataclass(frozen=True)
class SnapshotRecord:
    """``snapshot.json``: a snapshot, and what it takes to put it back.

    ``activity`` says what was being done when a crash left it unfinished. ``directory`` is the
    inode of the snapshot's own directory: nothing else is ever deleted in its name.
    """

    snapshot: Snapshot
    pieces: tuple[Piece, ...]
    directories: tuple[Directory, ...]
    directory: int
    activity: Literal["", "reset", "restore"] = ""
    version: int = RECORD_VERSION


@dataclass(frozen=True)
class Stage:
    """One way: out of the base into a snapshot (``reset``), or back (``restore``).

    ``record`` is what the snapshot's record will be when it is done, ``before`` what it was where
    there was one. ``remake`` are the site directories that must exist, empty, after a reset, and
    those that were there, empty, before a restore.
    """

    kind: Literal["reset", "restore"]
    snapshot: str
    pieces: tuple[Piece, ...]
    directories: tuple[Directory, ...]
    record: SnapshotRecord
    before: SnapshotRecord | None = None
    remake: tuple[Directory, ...] = ()


@dataclass(frozen=True)
class Transaction:
    """Stages in their order, the present one, and whether it goes on or is taken back."""

    id: str
    operation: str
    base: str
    created: str
    holder: Holder
    stages: tuple[Stage, ...]
    stage: int = 0
    phase: Phase = "moving"
    direction: Direction = "forward"
    version: int = JOURNAL_VERSION
    remarks: tuple[str, ...] = field(default=())
