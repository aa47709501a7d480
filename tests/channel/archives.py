"""Conda packages made in memory: the `.conda` format, its zstd frames holding plain blocks.

No compressor is needed, and none costs time: a channel of a Python and 40 packages is written in
seconds. What unpacks them reads them as any others.
"""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

PLACEHOLDER = "/opt/" + "_placehold" * 24
"""The prefix that a package was "built" for: 245 characters, as long as conda-build's."""

_DATE = (2020, 2, 2, 0, 0, 0)
_BLOCK = 128 * 1024


@dataclass(frozen=True)
class Entry:
    """A file of a package, or a link if it has a ``target``.

    ``placeholder`` is the prefix that stands in its text and is replaced when it is installed.
    """

    content: bytes = b""
    target: str = ""
    executable: bool = False
    placeholder: str = ""


def text(content: str, *, executable: bool = False) -> Entry:
    """A text file; ``PLACEHOLDER`` in it becomes the prefix of the environment."""
    placeholder = PLACEHOLDER if PLACEHOLDER in content else ""
    return Entry(content.encode(), executable=executable, placeholder=placeholder)


@dataclass(frozen=True)
class CondaPackage:
    """A package of a channel. ``noarch`` is ``python``, ``generic`` or empty (compiled)."""

    name: str
    version: str = "1.0"
    build: str = "0"
    number: int = 0
    depends: tuple[str, ...] = ()
    constrains: tuple[str, ...] = ()
    noarch: str = "generic"
    subdir: str = "noarch"
    entry_points: tuple[str, ...] = ()
    files: Mapping[str, Entry] = field(default_factory=dict)
    summary: str = ""
    more: Mapping[str, object] = field(default_factory=dict)

    @property
    def stem(self) -> str:
        """The name of its file without the ending."""
        return f"{self.name}-{self.version}-{self.build}"

    @property
    def filename(self) -> str:
        return f"{self.stem}.conda"

    def archive(self) -> bytes:
        """The package as a ``.conda`` file."""
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
            for name, data in (
                ("metadata.json", b'{"conda_pkg_format_version": 2}'),
                (f"pkg-{self.stem}.tar.zst", zstd(tar(self.files))),
                (f"info-{self.stem}.tar.zst", zstd(tar(self._info()))),
            ):
                archive.writestr(zipfile.ZipInfo(name, _DATE), data)
        return buffer.getvalue()

    def _info(self) -> dict[str, Entry]:
        index: dict[str, object] = {
            "name": self.name,
            "version": self.version,
            "build": self.build,
            "build_number": self.number,
            "depends": list(self.depends),
            "constrains": list(self.constrains),
            "license": "BSD-3-Clause",
            "subdir": self.subdir,
            "timestamp": 1580601600000,
            **self.more,
        }
        if self.noarch:
            index["noarch"] = self.noarch
        files = {
            "info/index.json": index,
            "info/paths.json": {"paths": self._paths(), "paths_version": 1},
            "info/about.json": {"summary": self.summary or f"The package {self.name}"},
        }
        if self.noarch == "python":
            link = {"entry_points": list(self.entry_points), "type": "python"}
            files["info/link.json"] = {"noarch": link, "package_metadata_version": 1}
        info = {name: Entry(json.dumps(value).encode()) for name, value in files.items()}
        info["info/files"] = Entry("".join(f"{path}\n" for path in self.files).encode())
        return info

    def _paths(self) -> list[dict[str, object]]:
        rows = []
        for path, entry in self.files.items():
            content = b"" if entry.target else entry.content
            row: dict[str, object] = {
                "_path": path,
                "path_type": "softlink" if entry.target else "hardlink",
                "sha256": hashlib.sha256(content).hexdigest(),
                "size_in_bytes": len(content),
            }
            if entry.placeholder:
                row |= {"file_mode": "text", "prefix_placeholder": entry.placeholder}
            rows.append(row)
        return rows


def tar(files: Mapping[str, Entry]) -> bytes:
    """A tar of these files, the same whenever it is made."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, entry in files.items():
            member = tarfile.TarInfo(path)
            member.mtime = 1580601600
            if entry.target:
                member.type, member.linkname = tarfile.SYMTYPE, entry.target
                archive.addfile(member)
            else:
                member.size = len(entry.content)
                member.mode = 0o755 if entry.executable else 0o644
                archive.addfile(member, io.BytesIO(entry.content))
    return buffer.getvalue()


def zstd(data: bytes) -> bytes:
    """A zstd frame with ``data`` in raw blocks (RFC 8878, sections 3.1.1 and 3.1.1.2.2)."""
    # Magic number; 8 bytes of content size, no checksum; a window of 128 KiB.
    pieces = [
        b"\x28\xb5\x2f\xfd",
        b"\xc0",
        bytes([(17 - 10) << 3]),
        len(data).to_bytes(8, "little"),
    ]
    starts = range(0, len(data), _BLOCK) if data else (0,)
    for start in starts:
        block = data[start : start + _BLOCK]
        is_last = start + _BLOCK >= len(data)
        pieces += [(len(block) << 3 | is_last).to_bytes(3, "little"), block]
    return b"".join(pieces)
