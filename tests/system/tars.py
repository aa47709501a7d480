"""Archives made by hand, honest and otherwise, and what comes out of them."""

from __future__ import annotations

import gzip
import io
import tarfile
from pathlib import Path
from typing import Any

from jupyter_envmgr.core.archives import zstd
from jupyter_envmgr.core.archives.check import Limits
from jupyter_envmgr.core.archives.model import ArchiveManifest
from jupyter_envmgr.system.tarballs import Unpacked, unpack

LIMITS = Limits(bytes=100_000_000)
OURS = ArchiveManifest("mine", "conda", "conda", "3.11.9", "linux-64")


def entry(name: str, data: bytes = b"", **changes: Any) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    info.mode = 0o644
    for key, value in changes.items():
        setattr(info, key, value)
    return info, data


def link(name: str, aim: str) -> tuple[tarfile.TarInfo, bytes]:
    return entry(name, type=tarfile.SYMTYPE, linkname=aim)


def hard(name: str, aim: str) -> tuple[tarfile.TarInfo, bytes]:
    return entry(name, type=tarfile.LNKTYPE, linkname=aim)


def tar(*entries: tuple[tarfile.TarInfo, bytes], form: int = tarfile.PAX_FORMAT) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w", format=form) as archive:
        for info, data in entries:
            archive.addfile(info, io.BytesIO(data))
    return file.getvalue()


def put(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "an-archive"
    path.write_bytes(data)
    return path


def unpacked(path: Path, target: Path, **options: Any) -> Unpacked:
    return unpack(path, target, limits=options.pop("limits", LIMITS), sums=False, **options)


def everything(below: Path) -> list[str]:
    return sorted(str(path.relative_to(below)) for path in below.rglob("*"))


def gz(data: bytes) -> bytes:
    return gzip.compress(data)


def zst(data: bytes) -> bytes:
    out = io.BytesIO()
    writer = zstd.writer(out)
    writer.write(data)
    writer.close()
    return out.getvalue()
