"""Writing an archive of files that lie in one directory, durably."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..core.archives.model import ArchiveManifest, Compression
from ..core.archives.packing import ArchiveWriter, Report
from . import durable
from .oserrors import explain_os_error


@dataclass(frozen=True)
class Written:
    """An archive that is on the disk: its hash, and what was left out of it."""

    sha256: str
    left_out: tuple[str, ...]


def write_archive(
    output: Path,
    compression: Compression,
    manifest: ArchiveManifest,
    *,
    texts: Mapping[str, str],
    files: Mapping[str, Path],
    report: Report = lambda size: None,
) -> Written:
    """Write ``texts`` and ``files``, by their names in it, into the file ``output``.

    For files that are compressed already. What ``report`` raises ends it; what was written by
    then stays for the caller to remove.
    """
    try:
        with output.open("wb") as out:
            with ArchiveWriter(out, compression, manifest, is_packed=True, report=report) as writer:
                for name, text in texts.items():
                    writer.add_text(name, text)
                for name, path in files.items():
                    writer.add(str(path), name)
            out.flush()
            durable.fsync_file(out.fileno())
    except OSError as error:
        raise explain_os_error(error, f"cannot write {output}") from error
    return Written(writer.sha256, tuple(writer.left_out))
