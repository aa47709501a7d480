"""Reading tar member by member, strictly: what it does not know, it refuses.

tarfile reads whole headers of any declared size into memory, and knows types that no environment
holds. This reads ustar, GNU's long names and pax, each with a bound.
"""

from __future__ import annotations

import re
import tarfile
from dataclasses import dataclass
from typing import Literal, Protocol

from ..errors import EnvMgrError

_BLOCK = 512
_LARGEST_HEADER = 256 * 1024
_SKIP = 1 << 20
_DIGITS = re.compile(r"[0-9]{1,18}")

MemberType = Literal["file", "directory", "symlink", "hardlink", "fifo", "device", "other"]
_TYPES: dict[bytes, MemberType] = {
    tarfile.REGTYPE: "file",
    tarfile.AREGTYPE: "file",
    tarfile.CONTTYPE: "file",
    tarfile.DIRTYPE: "directory",
    tarfile.SYMTYPE: "symlink",
    tarfile.LNKTYPE: "hardlink",
    tarfile.FIFOTYPE: "fifo",
    tarfile.CHRTYPE: "device",
    tarfile.BLKTYPE: "device",
}


class Readable(Protocol):
    """A stream. ``read`` gives at most ``size`` bytes, and none only at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True)
class Member:
    """One entry as the archive declares it; ``size`` in bytes, ``target`` that of a link."""

    name: str
    type: MemberType
    size: int = 0
    mode: int = 0o644
    mtime: float = 0.0
    target: str = ""


class TarReader:
    """The members of a tar stream, in order; the content of the last one by `read`."""

    def __init__(self, stream: Readable) -> None:
        self.stream = stream
        self._left = 0
        self._padding = 0
        self._first = True

    def next(self) -> Member | None:
        """The next member; None at the mark that ends the archive.

        Raises ``not-an-archive`` if the stream does not begin as tar, ``archive-damaged`` if it
        is cut or cannot be understood.
        """
        changes: dict[str, str] = {}
        while True:
            self._skip()
            header = self._header()
            if header is None:
                return None
            if header.type in (tarfile.GNUTYPE_LONGNAME, tarfile.GNUTYPE_LONGLINK):
                key = "path" if header.type == tarfile.GNUTYPE_LONGNAME else "linkpath"
                changes[key] = _text(self._small(header).rstrip(b"\0"))
            elif header.type in (tarfile.XHDTYPE, tarfile.SOLARIS_XHDTYPE):
                changes.update(_pax(self._small(header)))
            elif header.type == tarfile.XGLTYPE:
                self._small(header)
            else:
                return self._member(header, changes)

    def read(self, size: int) -> bytes:
        """Up to ``size`` bytes of the present member's content; none at its end."""
        if not self._left:
            return b""
        data = self.stream.read(min(size, self._left))
        if not data:
            raise cut()
        self._left -= len(data)
        return data

    def _member(self, header: tarfile.TarInfo, changes: dict[str, str]) -> Member:
        if any(key.startswith("GNU.sparse.") for key in changes):
            return Member(changes.get("path", header.name), "other")
        if "size" in changes:
            if not _DIGITS.fullmatch(changes["size"]):
                raise damaged(f"the size of {header.name[:100]!r} is no number")
            header.size = int(changes["size"])
        kind = _TYPES.get(header.type, "other")
        if kind != "file" and kind != "other":
            header.size = 0
        self._begin(header.size)
        return Member(
            name=changes.get("path", header.name),
            type=kind,
            size=header.size,
            mode=header.mode,
            mtime=_time(changes.get("mtime"), header.mtime),
            target=changes.get("linkpath", header.linkname),
        )

    def _header(self) -> tarfile.TarInfo | None:
        block = self._exactly(_BLOCK)
        if not block.strip(b"\0"):
            return None
        try:
            header = tarfile.TarInfo.frombuf(block, "utf-8", "surrogateescape")
        except (tarfile.HeaderError, ValueError, OverflowError) as error:
            if self._first:
                raise EnvMgrError("not-an-archive", "it is no tar archive") from None
            raise damaged(f"a header cannot be read: {error}") from None
        self._first = False
        if header.size < 0:
            raise damaged(f"the size of {header.name[:100]!r} is negative")
        return header

    def _small(self, header: tarfile.TarInfo) -> bytes:
        """The content of a member that only describes the next one."""
        if header.size > _LARGEST_HEADER:
            raise EnvMgrError("archive-refused", f"a header of {header.size:,} bytes is too large")
        self._begin(header.size)
        parts = []
        while data := self.read(_LARGEST_HEADER):
            parts.append(data)
        return b"".join(parts)

    def _begin(self, size: int) -> None:
        self._left = size
        self._padding = -size % _BLOCK

    def _skip(self) -> None:
        while self.read(_SKIP):
            pass
        if self._padding:
            self._exactly(self._padding)
            self._padding = 0

    def _exactly(self, size: int) -> bytes:
        parts = []
        while size:
            data = self.stream.read(size)
            if not data:
                if self._first:
                    raise EnvMgrError("not-an-archive", "it is too short for a tar archive")
                raise cut()
            parts.append(data)
            size -= len(data)
        return b"".join(parts)


def damaged(why: str) -> EnvMgrError:
    """The error for what cannot be understood."""
    return EnvMgrError("archive-damaged", why)


def cut() -> EnvMgrError:
    """The error for an archive that ends before its end."""
    return damaged("it ends in the middle: a download or an upload was cut")


def _pax(data: bytes) -> dict[str, str]:
    """The records of a pax header: ``length key=value\\n`` each (POSIX, pax)."""
    found = {}
    position = 0
    while position < len(data) and data[position : position + 1] != b"\0":
        space = data.find(b" ", position, position + 20)
        number = data[position:space] if space > 0 else b""
        end = position + int(number) if number.isdigit() else 0
        record = data[space + 1 : end]
        key, equals, value = record.partition(b"=")
        if end > len(data) or not equals or record[-1:] != b"\n":
            raise damaged("a pax header cannot be read")
        found[_text(key)] = _text(value[:-1])
        position = end
    return found


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _time(text: str | None, otherwise: float) -> float:
    """A time that a file system can keep; tar allows any."""
    try:
        value = float(otherwise if text is None else text)
    except ValueError:
        return 0.0
    return value if 0 <= value < 2**33 else 0.0
