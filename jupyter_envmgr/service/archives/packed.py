"""The file that a job has packed, found again: the very one that was written, or none."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from ...core.errors import EnvMgrError
from ...system.oserrors import explain_os_error
from ...system.regular import open_regular
from ..context import Context

PIECE = 1 << 20
"""Bytes that are read at once: what a disk gives in a few milliseconds."""


@dataclass(frozen=True)
class PackedFile:
    """An archive, opened: what is read of ``file`` is what was looked at, whatever its name is."""

    file: BinaryIO
    path: Path
    size: int
    sha256: str


@contextlib.contextmanager
def open_packed(context: Context, job: str) -> Iterator[PackedFile]:
    """The archive that a job has packed.

    A file that was touched since is read whole, which takes seconds for gigabytes, to see whether
    it is still the one. Raises ``no-such-job``, ``no-such-archive``, ``archive-changed``.
    """
    done = context.jobs.show(job)
    path = done.result.get("path", "")
    if done.operation != "archives.export" or done.state != "succeeded" or not path:
        raise EnvMgrError("no-such-archive", f"{done.title}: this job has packed no archive")
    with contextlib.ExitStack() as stack:
        try:
            file = stack.enter_context(open_regular(Path(path)))
            status = os.fstat(file.fileno())
            size, sha256 = int(done.result.get("size", -1)), done.result.get("sha256", "")
            is_same = status.st_size == size and (
                str(status.st_mtime_ns) == done.result.get("modified") or _sha256(file) == sha256
            )
        except FileNotFoundError:
            detail = f"there is no file {path} any more"
            raise EnvMgrError("no-such-archive", detail) from None
        except OSError as error:
            raise explain_os_error(error, f"{path} cannot be read") from error
        if not is_same:
            detail = f"{path} is not the file that was packed: it has been changed or replaced"
            raise EnvMgrError("archive-changed", detail)
        yield PackedFile(file, Path(path), size, sha256)


def _sha256(file: BinaryIO) -> str:
    digest = hashlib.sha256()
    while data := file.read(PIECE):
        digest.update(data)
    file.seek(0)
    return digest.hexdigest()
