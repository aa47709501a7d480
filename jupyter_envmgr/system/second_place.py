"""The files of a conda environment at a second place: linked, or written anew with its new path.

Never changed where they lie: they may be links to the package cache, and to other environments.
"""

from __future__ import annotations

import contextlib
import csv
import ctypes
import errno
import hashlib
import io
import os
import shutil
import stat
from base64 import urlsafe_b64encode
from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from ..core.conda.relocated import (
    Owned,
    Pairs,
    is_text,
    moved_binary,
    moved_text,
    names_prefix,
    owned_files,
    rehashed,
    source_of,
)
from .regular import open_regular

_NOT_LINKED = frozenset(
    {errno.EPERM, errno.EACCES, errno.EXDEV, errno.EMLINK, errno.ENOSYS, errno.EOPNOTSUPP}
)
_LATER = 2_000_000_000
_LARGEST_TEXT = 64 * 1024 * 1024
_LARGEST_BINARY = 256 * 1024 * 1024
_PART = 1024 * 1024
_REPORT_EVERY = 100
_META = "conda-meta"

Report = Callable[[int, int], object]
Check = Callable[[], object]


@dataclass
class Survey:
    """What has to be written anew, by path below the prefix, and what cannot be.

    ``packages`` says how many files packages declare to name their place. ``others`` are texts of
    other origin, or edited ones, that name it; ``stuck`` what names it and stays as it is.
    ``complete`` is False where not everything was looked at.
    """

    files: int = 0
    packages: int = 0
    others: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    complete: bool = True


def survey(prefix: Path, pairs: Pairs, enough: Callable[[], bool] = lambda: False) -> Survey:
    """Look at all files, and change nothing. Once there is ``enough`` it looks no further."""
    return _Walk(prefix, pairs).survey(enough)


def make_second(
    source: Path,
    target: Path,
    pairs: Pairs,
    *,
    left_out: Container[str],
    report: Report = lambda done, total: None,
    check: Check = lambda: None,
) -> Survey:
    """Put all of ``source`` into the directory ``target``, which is there, but for ``left_out``.

    Links where links can be made, copies elsewhere. On the disk when this returns. Raises OSError
    and what ``check`` raises; what was made by then stays for the caller to remove.
    """
    walk = _Walk(source, pairs)
    walk.make(target, left_out, report, check)
    _sync(target)
    return walk.seen


class _Walk:
    """One run over the files of an environment."""

    def __init__(self, prefix: Path, pairs: Pairs) -> None:
        self.seen = Survey()
        self._root = os.fspath(prefix)
        self._pairs = pairs
        self._owned = owned_files(self._root)
        self._check: Check = lambda: None
        self._hashes: dict[str, str] = {}
        self._sizes: dict[str, int] = {}
        self._lists: list[str] = []

    def survey(self, enough: Callable[[], bool]) -> Survey:
        for rel, status in self._entries():
            if not stat.S_ISREG(status.st_mode):
                continue
            self.seen.files += 1
            if enough():
                self.seen.complete = False
                break
            self._content(rel, status, look_only=True)
        return self.seen

    def make(self, target: Path, left_out: Container[str], report: Report, check: Check) -> None:
        self._check = check
        root, total = os.fspath(target), max(len(self._owned), 1)
        directories = []
        for number, (rel, status) in enumerate(self._entries()):
            if rel in left_out:
                continue
            if number % _REPORT_EVERY == 0:
                check()
                report(min(number, total), total)
            place = os.path.join(root, rel)
            if stat.S_ISDIR(status.st_mode):
                os.mkdir(place, 0o700)
                directories.append((place, stat.S_IMODE(status.st_mode)))
            elif stat.S_ISLNK(status.st_mode):
                os.symlink(self._link_target(rel), place)
            elif stat.S_ISREG(status.st_mode):
                self._file(rel, status, place)
            else:
                self.seen.stuck.append(rel)
        self._update_records(root)
        self._update_lists(root)
        # Last, because who may not write to a directory can make nothing in it.
        for place, mode in reversed(directories):
            os.chmod(place, mode)
        report(total, total)

    def _entries(self) -> Iterator[tuple[str, os.stat_result]]:
        """All below the prefix: of each directory the files first, so sources before bytecode."""
        waiting = [""]
        while waiting:
            directory = waiting.pop()
            with os.scandir(os.path.join(self._root, directory)) as entries:
                found = sorted((entry.name, entry) for entry in entries)
            below = []
            for name, entry in found:
                rel = f"{directory}/{name}" if directory else name
                status = entry.stat(follow_symlinks=False)
                if stat.S_ISDIR(status.st_mode):
                    below.append((rel, status))
                else:
                    yield rel, status
            yield from below
            waiting += [rel for rel, _ in reversed(below)]

    def _file(self, rel: str, status: os.stat_result, place: str) -> None:
        self.seen.files += 1
        source = os.path.join(self._root, rel)
        if source_of(rel) in self._hashes:
            # Its source says something else now, perhaps in as many bytes and with the same time.
            return
        made = self._content(rel, status)
        if made is not None:
            _write(place, made, status)
            self._hashes[rel] = hashlib.sha256(made).hexdigest()
            self._sizes[rel] = len(made)
        elif rel.startswith(f"{_META}/") and not rel.endswith(".json"):
            # conda appends to its history where it lies.
            _copy(source, place)
        else:
            _link(source, place)
        if rel.endswith(".dist-info/RECORD") and rel not in self._owned:
            self._lists.append(rel)

    def _content(
        self, rel: str, status: os.stat_result, *, look_only: bool = False
    ) -> bytes | None:
        """What a file has to say at the other place; None if it is what it says here."""
        owned = self._owned.get(rel)
        if owned is not None and owned.placeholder:
            self.seen.packages += 1
            return None if look_only else self._declared(rel, owned)
        if self._is_untouched(rel, status, owned):
            return None
        if status.st_size > _LARGEST_TEXT or not is_text(data := self._read(rel, 8192)):
            if self._names_it(rel):
                self.seen.stuck.append(rel)
            return None
        if status.st_size > len(data):
            data = self._read(rel)
        if not names_prefix(data, self._pairs):
            return None
        if owned is not None and owned.size is None:
            self.seen.packages += 1
        else:
            self.seen.others.append(rel)
        return None if look_only else moved_text(data, self._pairs)

    def _declared(self, rel: str, owned: Owned) -> bytes | None:
        data = self._read(rel)
        if not owned.is_binary:
            made = moved_text(data, self._pairs, owned)
        elif (binary := moved_binary(data, self._pairs, owned)) is None:
            self.seen.stuck.append(rel)
            return None
        else:
            made = binary
        return made if made != data else None

    def _is_untouched(self, rel: str, status: os.stat_result, owned: Owned | None) -> bool:
        """Whether a file cannot name its place: packages' own, records, bytecode."""
        if rel.endswith(".pyc") or (rel.startswith(f"{_META}/") and rel != f"{_META}/state"):
            return True
        return (
            owned is not None
            and owned.size == status.st_size
            and status.st_mtime_ns <= owned.installed + _LATER
        )

    def _names_it(self, rel: str) -> bool:
        """Whether a binary, or a very long text, has the path in it; what is huge is data."""
        if os.stat(os.path.join(self._root, rel)).st_size > _LARGEST_BINARY:
            return False
        longest = max(len(old) for old, _ in self._pairs) + 2
        tail = b""
        with self._open(rel) as file:
            while part := file.read(_PART):
                self._check()
                if names_prefix(tail + part, self._pairs):
                    return True
                tail = part[-longest:]
        return False

    def _read(self, rel: str, size: int = -1) -> bytes:
        with self._open(rel) as file:
            return file.read(size)

    def _open(self, rel: str) -> BinaryIO:
        return open_regular(Path(self._root, rel))

    def _link_target(self, rel: str) -> str:
        target = os.fsencode(os.readlink(os.path.join(self._root, rel)))
        # Out of it and back again by its name.
        up = b"../" * (rel.count("/") + 1)
        back = [tuple(up + os.path.basename(one) for one in pair) for pair in self._pairs]
        for old, new in (*self._pairs, *back):
            if target == old or target.startswith(old + b"/"):
                return os.fsdecode(new + target[len(old) :])
        return os.fsdecode(target)

    def _update_records(self, root: str) -> None:
        """Have conda's records say which hashes its files have now (`conda doctor` compares)."""
        for name, made in rehashed(self._root, self._hashes):
            _replace(os.path.join(root, _META, name), made)

    def _update_lists(self, root: str) -> None:
        """Likewise for what pip has noted of its scripts (PEP 376, RECORD)."""
        for rel in self._lists:
            site = os.path.dirname(os.path.dirname(rel))
            path = os.path.join(root, rel)
            with open(path, encoding="utf-8", errors="surrogateescape", newline="") as file:
                try:
                    rows = list(csv.reader(file))
                except csv.Error:
                    continue
            has_changed = False
            for row in rows:
                name = os.path.normpath(os.path.join(site, row[0])) if len(row) == 3 else ""
                if name in self._hashes and row[1]:
                    digest = urlsafe_b64encode(bytes.fromhex(self._hashes[name]))
                    row[1] = "sha256=" + digest.rstrip(b"=").decode()
                    row[2] = str(self._sizes[name])
                    has_changed = True
            if has_changed:
                text = io.StringIO()
                csv.writer(text, lineterminator="\n").writerows(rows)
                _replace(path, text.getvalue().encode("utf-8", "surrogateescape"))


def _link(source: str, place: str) -> None:
    try:
        os.link(source, place, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NOT_LINKED:
            raise
        _copy(source, place)


def _copy(source: str, place: str) -> None:
    with (
        open_regular(Path(source)) as reading,
        _new_file(place, os.fstat(reading.fileno())) as writing,
    ):
        shutil.copyfileobj(reading, writing, _PART)


def _write(place: str, data: bytes, like: os.stat_result) -> None:
    with _new_file(place, like) as file:
        file.write(data)


@contextlib.contextmanager
def _new_file(place: str, like: os.stat_result) -> Iterator[BinaryIO]:
    """A file that was not there, with permissions and times of another one in the end.

    By its descriptor: in a location that a team shares, others may put a link where its name is.
    """
    descriptor = os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        yield file
        file.flush()
        os.fchmod(descriptor, stat.S_IMODE(like.st_mode))
        os.utime(descriptor, ns=(like.st_atime_ns, like.st_mtime_ns))


def _replace(place: str, data: bytes) -> None:
    """Write a file anew where a link to the other place's was made."""
    status = os.lstat(place)
    os.unlink(place)
    _write(place, data, status)


def _sync(directory: Path) -> None:
    """Wait until all of a file system is on the disk: one call for any number of files."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        if ctypes.CDLL(None, use_errno=True).syncfs(descriptor) != 0:
            os.sync()
    except AttributeError:
        os.sync()
    finally:
        os.close(descriptor)
