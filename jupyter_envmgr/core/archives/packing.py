"""Writing an archive: the manifest first, the files as they are, their hashes last."""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import json
import os
import posixpath
import re
import stat
import tarfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import IO

from ..credentials import without_any_credentials
from ..environments.disk import shown
from ..wire import to_wire
from . import zstd
from .check import leads_out
from .model import ENDINGS, MANIFEST, SUMS, ArchiveManifest, Compression

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")
_GZIP_LEVEL = 4
_PART = 1 << 20
_CREDENTIALS_IN = re.compile(r"conda-meta/(?:[^/]+\.json|history)")

Report = Callable[[int], object]
"""Is told how many bytes of files have been packed so far."""


def compression_of(path: str | os.PathLike[str]) -> Compression | None:
    """How an archive of that name is compressed; None for a name that is no archive's."""
    name = os.fspath(path)
    return next((ENDINGS[ending] for ending in ENDINGS if name.endswith(ending)), None)


class ArchiveWriter(AbstractContextManager["ArchiveWriter"]):
    """Writes the members of an archive to an open file. `add` and `add_bytes` are conda-pack's.

    What the importer would refuse is left out and named in ``left_out``: links that lead out of
    ``prefix``, FIFOs, devices. Absolute links to the inside become relative ones. Addresses in
    conda's records lose their credentials. Owners are not kept.
    """

    def __init__(
        self,
        file: IO[bytes],
        compression: Compression,
        manifest: ArchiveManifest,
        *,
        prefix: Path = Path("/"),
        is_packed: bool = False,
        report: Report = lambda size: None,
    ) -> None:
        self.left_out: list[str] = []
        self.bytes = 0
        self._prefix = os.path.realpath(prefix)
        self._report = report
        self._sums: list[str] = []
        self._names: set[str] = set()
        self._linked: dict[tuple[int, int], str] = {}
        self._digest = _Digest(file)
        self._packed: gzip.GzipFile | zstd.Writer | None = None
        stream: object = self._digest
        if compression == "gz":
            # What is compressed already only becomes slower by it.
            level = 0 if is_packed else _GZIP_LEVEL
            self._packed = gzip.GzipFile(
                filename="", mode="wb", compresslevel=level, fileobj=self._digest, mtime=0
            )
        elif compression == "zst":
            workers = min(4, os.cpu_count() or 1)
            self._packed = zstd.writer(self._digest, workers=workers)
        stream = _Counted(self._packed or self._digest)
        self._tar = tarfile.TarFile(
            fileobj=stream,  # type: ignore[arg-type]
            mode="w",
            format=tarfile.PAX_FORMAT,
            copybufsize=_PART,
        )
        self.add_text(MANIFEST, json.dumps(to_wire(manifest), indent=1, ensure_ascii=False))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is None:
            self._close()

    @property
    def sha256(self) -> str:
        """The hash of the whole archive, once it is closed."""
        return self._digest.sha256.hexdigest()

    def add(self, source: str, target: str) -> None:
        """Add a file, link or directory as it is."""
        status = os.lstat(source)
        kind = stat.S_IFMT(status.st_mode)
        if _CONTROL.search(target):
            self.left_out.append(f"{shown(target)}: a control character in its name")
        elif kind == stat.S_IFLNK:
            self._link(source, target)
        elif kind == stat.S_IFDIR:
            info = _info(target, status)
            info.type = tarfile.DIRTYPE
            self._put(info)
        elif kind == stat.S_IFREG:
            self._file(source, target, status)
        else:
            self.left_out.append(f"{shown(target)}: neither file, link nor directory")

    def add_bytes(self, source: str, data: bytes, target: str) -> None:
        """Add a file with another content than it has; ``source`` gives permissions and time."""
        if _CREDENTIALS_IN.fullmatch(target):
            data = without_any_credentials(data)
        info = _info(target, os.stat(source))
        self._content(info, io.BytesIO(data), len(data))

    def add_text(self, name: str, text: str) -> None:
        """Add a small file that is on no disk."""
        data = text.encode("utf-8", "surrogateescape") + b"\n"
        self._content(tarfile.TarInfo(name), io.BytesIO(data), len(data))

    def _file(self, source: str, target: str, status: os.stat_result) -> None:
        key = (status.st_dev, status.st_ino)
        if key in self._linked:
            info = _info(target, status)
            info.type, info.linkname = tarfile.LNKTYPE, self._linked[key]
            self._put(info)
            return
        if _CREDENTIALS_IN.fullmatch(target):
            self.add_bytes(source, Path(source).read_bytes(), target)
            return
        if status.st_nlink > 1:
            self._linked[key] = target
        flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        with open(os.open(source, flags), "rb") as file:
            size = os.fstat(file.fileno()).st_size
            self._content(_info(target, status), file, size)

    def _link(self, source: str, target: str) -> None:
        aim = os.readlink(source)
        if aim.startswith("/"):
            inside = os.path.relpath(_real_parent(aim), self._prefix)
            parent = posixpath.dirname(target) or "."
            aim = aim if inside.startswith("..") else os.path.relpath(inside, parent)
        if leads_out(target, aim) or _CONTROL.search(aim):
            self.left_out.append(f"{shown(target)} → {shown(aim)}: out of the environment")
            return
        info = _info(target, os.lstat(source))
        info.type, info.linkname = tarfile.SYMTYPE, aim
        self._put(info)

    def _content(self, info: tarfile.TarInfo, file: IO[bytes], size: int) -> None:
        info.size = size
        hashed = _Hashed(file, self._packed_bytes)
        self._put(info, hashed)
        self._sums.append(f"{hashed.sha256.hexdigest()}  {info.name}\n")

    def _packed_bytes(self, size: int) -> None:
        self.bytes += size
        self._report(self.bytes)

    def _put(self, info: tarfile.TarInfo, file: _Hashed | None = None) -> None:
        if info.name in self._names:
            raise OSError(errno.EEXIST, "it would be in the archive twice", info.name)
        self._names.add(info.name)
        self._tar.addfile(info, file)

    def _close(self) -> None:
        self.add_text(SUMS, "".join(self._sums).rstrip("\n"))
        self._tar.close()
        if self._packed is not None:
            self._packed.close()


class _Digest:
    """A file that is written to, and the hash of what was."""

    def __init__(self, file: IO[bytes]) -> None:
        self.sha256 = hashlib.sha256()
        self._file = file

    def write(self, data: bytes) -> int:
        self.sha256.update(data)
        return self._file.write(data)

    def flush(self) -> None:
        self._file.flush()


class _Counted:
    """What tarfile writes to: it asks where it is."""

    def __init__(self, stream: gzip.GzipFile | zstd.Writer | _Digest) -> None:
        self._stream = stream
        self._position = 0

    def write(self, data: bytes) -> int:
        self._stream.write(data)
        self._position += len(data)
        return len(data)

    def tell(self) -> int:
        return self._position


class _Hashed:
    """A file that is read from, and the hash of what was."""

    def __init__(self, file: IO[bytes], report: Report) -> None:
        self.sha256 = hashlib.sha256()
        self._file = file
        self._report = report

    def read(self, size: int = -1, /) -> bytes:
        data = self._file.read(size)
        self.sha256.update(data)
        self._report(len(data))
        return data


def _info(name: str, status: os.stat_result) -> tarfile.TarInfo:
    """The header of a member: no owner, no special bits, readable by who unpacks it."""
    info = tarfile.TarInfo(name)
    info.mode = (stat.S_IMODE(status.st_mode) & 0o777) | 0o600
    info.mtime = int(status.st_mtime)
    return info


def _real_parent(path: str) -> str:
    """A path whose directory is real; the last name may itself be a link."""
    return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
