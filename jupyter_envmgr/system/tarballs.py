"""Unpacking archives from elsewhere: into one directory, checked before anything is written."""

from __future__ import annotations

import bz2
import contextlib
import gzip
import hashlib
import os
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from ..core.archives import zstd
from ..core.archives.check import Contents, Limits, refused, shown
from ..core.archives.facts import CondaFacts, conda_facts, parse_record
from ..core.archives.model import MANIFEST, SUMS
from ..core.archives.tar import Member, Readable, TarReader, cut, damaged
from ..core.environments.create import readable_bytes
from ..core.errors import EnvMgrError
from .oserrors import explain_os_error
from .regular import open_regular

_PART = 1 << 20
_LARGEST_MANIFEST = 4 * 1024 * 1024
_LARGEST_SUMS = 512 * 1024 * 1024
# A larger one says nothing here: 100,000 files of one package.
_LARGEST_RECORD = 16 * 1024 * 1024
_MOST_RECORDS = 20_000
_MOST_ROWS = 500
_BEHIND_THE_END = 64 * 1024 * 1024
# Real environments pack to between a half and a tenth.
_HEAD_ROOM = 256 * 1024 * 1024
_MOST_INFLATED = 200
_OTHERS = {b"PK\x03\x04": "zip", b"\xfd7zX\x00": "xz", b"7z\xbc\xaf": "7z", b"Rar!": "rar"}

Report = Callable[[int, int], object]
"""Is told how far into the file the reading is, and how large the file is, both in bytes."""

Check = Callable[[], object]
"""Raises if the work should end."""


@dataclass(frozen=True)
class Look:
    """What the beginning of an archive says: our manifest, or what conda's records in it say.

    ``manifest`` is JSON, not yet understood. ``is_venv``: it holds a packed virtual environment.
    """

    size: int
    manifest: bytes | None = None
    conda: CondaFacts | None = None
    is_venv: bool = False


@dataclass(frozen=True)
class Unpacked:
    """What was written: the hash of the whole archive, and the bytes and files that came of it."""

    sha256: str
    bytes: int
    files: int


def look_into(path: Path, limits: Limits) -> Look:
    """Read an archive as far as it takes to know what it is. Writes nothing.

    Ours begins with its manifest. One of conda-pack is sorted by name, so that it is read to the
    end of ``conda-meta``. Raises ``not-an-archive``, ``archive-refused``, ``archive-damaged``.
    """
    with _open(path) as source:
        tar = TarReader(_inflated(source))
        contents = Contents(limits)
        records: list[Mapping[str, object]] = []
        is_venv = False
        while member := tar.next():
            admitted = contents.admit(member)
            if admitted is None:
                continue
            name = admitted.name
            if name == MANIFEST and contents.members == 1:
                return Look(source.size, manifest=_small(tar, member, _LARGEST_MANIFEST))
            if name.startswith("conda-meta/") and name.endswith(".json"):
                if admitted.type == "file" and admitted.size <= _LARGEST_RECORD:
                    records.append(_record(_small(tar, member, _LARGEST_RECORD)))
                if len(records) > _MOST_RECORDS:
                    raise refused(f"it holds more than {_MOST_RECORDS:,} packages")
            elif records and not name.startswith("conda-meta"):
                break
            is_venv = is_venv or name == "pyvenv.cfg"
        return Look(source.size, conda=conda_facts(records) if records else None, is_venv=is_venv)


def unpack(
    path: Path,
    target: Path,
    *,
    limits: Limits,
    sums: bool,
    sha256: str = "",
    ignored: frozenset[str] = frozenset(),
    report: Report = lambda done, size: None,
    check: Check = lambda: None,
) -> Unpacked:
    """Write what an archive holds into the directory ``target``, which this run has made.

    Links are made last, so that nothing is written through one. Owners and special bits are not
    taken over; a file can be run if it could, and its time is kept, by which Python knows its
    bytecode. With ``sums`` the archive's own list of hashes has to be in it and to be right; with
    ``sha256`` that of the file. Members of ours and ``ignored`` are read and not written.

    Raises ``archive-refused``, ``archive-damaged``, what ``check`` raises, and what the disk says;
    what was written by then stays for the caller to remove, and must not be used.
    """
    try:
        with _open(path) as source:
            unpacking = _Unpacking(source, target, limits, ignored, report, check)
            done = unpacking.run()
            if sums:
                unpacking.compare()
            if sha256 and done.sha256 != sha256.lower():
                raise damaged(f"its SHA-256 is {done.sha256}, and {sha256} was expected")
            unpacking.link()
            return done
    except OSError as error:
        raise explain_os_error(error, f"cannot unpack {path.name} into {target}") from error


class _Unpacking:
    """One run over an archive."""

    def __init__(
        self,
        source: _Source,
        target: Path,
        limits: Limits,
        ignored: frozenset[str],
        report: Report,
        check: Check,
    ) -> None:
        self._source = source
        self._tar = TarReader(_inflated(source))
        self._inflated = self._tar.stream
        self._target = os.fspath(target)
        self._contents = Contents(limits)
        self._ignored = ignored
        self._report = report
        self._check = check
        self._made = {""}
        self._links: list[Member] = []
        self._hashes: dict[str, str] = {}
        self._sums: bytes | None = None
        self._files = 0

    def run(self) -> Unpacked:
        """Everything but the links."""
        while member := self._tar.next():
            self._check()
            self._report(self._source.position, self._source.size)
            admitted = self._contents.admit(member)
            if admitted is not None:
                self._take(admitted)
        self._contents.finish()
        self._drain()
        self._report(self._source.size, self._source.size)
        return Unpacked(self._source.sha256.hexdigest(), self._contents.bytes, self._files)

    def compare(self) -> None:
        """Compare the hashes of all files with the list of the archive."""
        if self._sums is None:
            raise cut()
        listed = {}
        for line in self._sums.decode("utf-8", "surrogateescape").splitlines():
            value, _, name = line.partition("  ")
            listed[name] = value
        for name in sorted(listed.keys() | self._hashes.keys()):
            if listed.get(name) != self._hashes.get(name):
                if name not in listed:
                    raise damaged(f"{shown(name)} is in it and not in its list of hashes")
                missing = name not in self._hashes
                raise damaged(f"{shown(name)} {'is missing' if missing else 'was changed'}")

    def link(self) -> None:
        """Make the links, now that nothing is written any more."""
        for member in self._links:
            os.symlink(member.target, self._place(member.name))

    def _take(self, member: Member) -> None:
        if member.type == "directory":
            self._directory(member.name)
        elif member.name == SUMS:
            self._sums = _small(self._tar, member, _LARGEST_SUMS)
        elif member.name in self._ignored or member.name == MANIFEST:
            if member.type == "file":
                self._write(member, None)
        elif member.type == "symlink":
            self._links.append(member)
        elif member.type == "hardlink":
            if member.target not in self._hashes or member.target in self._ignored:
                raise refused(f"{shown(member.name)} is a hard link to {shown(member.target)}")
            os.link(self._path(member.target), self._place(member.name), follow_symlinks=False)
            self._files += 1
        else:
            self._file(member)

    def _file(self, member: Member) -> None:
        place = self._place(member.name)
        if member.name in self._hashes:
            os.unlink(place)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(place, flags, 0o777 if member.mode & 0o100 else 0o666)
        with open(descriptor, "wb", buffering=0) as file:
            self._write(member, file)
            os.utime(descriptor, (member.mtime, member.mtime))
        self._files += 1

    def _write(self, member: Member, file: BinaryIO | None) -> None:
        digest = hashlib.sha256()
        while data := self._tar.read(_PART):
            digest.update(data)
            view = memoryview(data)
            while file is not None and view:
                view = view[file.write(view) :]
            self._check()
        self._hashes[member.name] = digest.hexdigest()

    def _drain(self) -> None:
        """Read what is behind the end, so that checksums at the very end count too."""
        behind = 0
        while data := self._inflated.read(_PART):
            behind += len(data)
            if behind > _BEHIND_THE_END:
                raise refused("there is something behind its end")
            self._check()
        while self._source.read(_PART):
            self._check()

    def _place(self, name: str) -> str:
        """Where a member goes, its directory made."""
        self._directory(name.rpartition("/")[0])
        return self._path(name)

    def _directory(self, name: str) -> None:
        if name not in self._made:
            self._directory(name.rpartition("/")[0])
            try:
                os.mkdir(self._path(name))
            except FileExistsError:
                raise refused(f"{shown(name)} is in the way of what is here") from None
            self._made.add(name)

    def _path(self, name: str) -> str:
        return f"{self._target}/{name}"


@dataclass
class _Source:
    """The file of an archive: where it is read, and the hash of what was read."""

    file: BinaryIO
    size: int
    position: int = 0
    sha256: hashlib._Hash = field(default_factory=hashlib.sha256)

    def read(self, size: int = -1, /) -> bytes:
        data = self.file.read(size)
        self.position += len(data)
        self.sha256.update(data)
        return data


@dataclass
class _Inflated:
    """What a compressed file unpacks to; what inflates beyond measure is refused."""

    source: _Source
    stream: Readable
    given: int = 0

    def read(self, size: int, /) -> bytes:
        try:
            data = self.stream.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise (cut() if isinstance(error, EOFError) else damaged(str(error))) from None
        except OSError as error:
            if error.errno is not None:
                raise
            raise damaged(str(error)) from None
        self.given += len(data)
        if self.given > _HEAD_ROOM + _MOST_INFLATED * self.source.position:
            text = f"{readable_bytes(self.source.position)} of it unpack to more than"
            raise refused(f"{text} {readable_bytes(self.given)}")
        return data


@contextlib.contextmanager
def _open(path: Path) -> Iterator[_Source]:
    try:
        file = open_regular(path)
    except OSError as error:
        raise explain_os_error(error, f"cannot read {path}") from error
    with file:
        yield _Source(file, os.fstat(file.fileno()).st_size)


def _inflated(source: _Source) -> Readable:
    """The tar stream in a file, by the file's first bytes; its name says nothing."""
    head = source.file.read(8)
    source.file.seek(0)
    if not head:
        raise EnvMgrError("not-an-archive", "the file is empty")
    for magic, kind in _OTHERS.items():
        if head.startswith(magic):
            raise EnvMgrError("not-an-archive", f"it is a {kind} file: a tar archive is needed")
    if head.startswith(b"\x1f\x8b"):
        return _Inflated(source, gzip.GzipFile(fileobj=cast(BinaryIO, source)))
    if head.startswith(b"BZh"):
        return _Inflated(source, bz2.BZ2File(cast(BinaryIO, source)))
    if head.startswith(zstd.MAGIC):
        return _Inflated(source, zstd.reader(source))
    return source


def _small(tar: TarReader, member: Member, most: int) -> bytes:
    if member.type != "file" or member.size > most:
        raise refused(f"{shown(member.name)} is no file of less than {readable_bytes(most)}")
    parts = []
    while data := tar.read(_PART):
        parts.append(data)
    return b"".join(parts)


def _record(data: bytes) -> Mapping[str, object]:
    """What is used of a record of conda, within bounds; its list of files may have megabytes."""
    found = parse_record(data)
    texts = ("name", "version", "build", "subdir", "channel")
    record: dict[str, object] = {key: str(found[key])[:_MOST_ROWS] for key in texts if key in found}
    for key in ("depends", "constrains"):
        rows = found.get(key)
        if isinstance(rows, list):
            record[key] = [row[:_MOST_ROWS] for row in rows[:_MOST_ROWS] if isinstance(row, str)]
    return record
