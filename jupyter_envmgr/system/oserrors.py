"""What an error of the operating system means to a person."""

from __future__ import annotations

import errno
import os

from ..core.errors import EnvMgrError
from .regular import NotRegular

_CODES: dict[int, str] = {
    errno.ENOSPC: "disk-full",
    errno.EDQUOT: "quota-exceeded",
    errno.EACCES: "not-permitted",
    errno.EPERM: "not-permitted",
    errno.EROFS: "read-only-disk",
    errno.ENOENT: "bad-path",
    errno.ENAMETOOLONG: "bad-path",
    errno.ELOOP: "bad-path",
    errno.ENOTDIR: "bad-path",
    errno.EISDIR: "bad-path",
    errno.EMFILE: "out-of-resources",
    errno.ENFILE: "out-of-resources",
    errno.ENOMEM: "out-of-resources",
    errno.EAGAIN: "out-of-resources",
}


def explain_os_error(error: OSError, what: str) -> EnvMgrError:
    """The error to raise in place of ``error``; ``what`` begins the sentence: ``cannot write X``.

    What the table does not name is the file system's own trouble (EIO, ESTALE, …): ``disk-error``.
    """
    if isinstance(error, NotRegular):
        return EnvMgrError("bad-path", f"{what}: it is no regular file")
    code = _CODES.get(error.errno or 0, "disk-error")
    reason = os.strerror(error.errno) if error.errno else str(error) or type(error).__name__
    path = error.filename
    where = ""
    if isinstance(path, (str, bytes, os.PathLike)):
        text = os.fsdecode(path)
        where = "" if text in what else f" ({text})"
    return EnvMgrError(code, f"{what}: {reason}{where}")
