"""Kernelspec directories: put in place, removed and set aside as a whole, never by halves."""

from __future__ import annotations

import errno
import os
from collections.abc import Mapping
from pathlib import Path

from . import durable
from .oserrors import explain_os_error

_NO_EXCHANGE = frozenset({errno.ENOSYS, errno.EINVAL, errno.EPERM, errno.ENOTSUP})


def install(directory: Path, files: Mapping[str, bytes]) -> None:
    """Make ``directory`` with exactly these files; one that is there is exchanged at once.

    It is written beside the kernels directory, where Jupyter does not look, so that nobody ever
    sees a kernelspec without its kernel.json. The caller has made sure that it may be replaced.
    """
    try:
        durable.make_directory(directory.parent, exist_ok=True)
        with durable.private_directory(_beside(directory)) as work:
            fresh = work / directory.name
            durable.make_directory(fresh, mode=0o755)
            for name, data in files.items():
                durable.write_file(fresh / name, data, mode=0o644)
            _put(fresh, directory)
    except OSError as error:
        raise explain_os_error(error, f"cannot write the kernelspec {directory}") from error


def _put(fresh: Path, directory: Path) -> None:
    """Rename ``fresh`` to ``directory``; what was there ends up in the work directory."""
    if not directory.exists():
        durable.rename_no_replace(fresh, directory)
        return
    try:
        durable.exchange(fresh, directory)
    except OSError as error:
        if error.errno not in _NO_EXCHANGE:
            raise
        durable.rename_no_replace(directory, fresh.with_name("old"))
        durable.rename_no_replace(fresh, directory)


def uninstall(directory: Path) -> None:
    """Remove a kernelspec that the caller has found to be ours. One that is gone is no error."""
    try:
        if directory.is_symlink():
            durable.unlink(directory)
        elif directory.is_dir():
            durable.remove_tree(
                directory,
                made_by=durable.identity(directory),
                trash=_beside(directory) / "trash",
            )
    except OSError as error:
        raise explain_os_error(error, f"cannot remove the kernelspec {directory}") from error


def set_aside(directory: Path, when: str) -> Path:
    """Move a kernelspec that is not ours to where Jupyter does not look. Where it is now."""
    aside = _beside(directory) / "set-aside" / f"{directory.name}-{when}"
    try:
        durable.make_directory(aside.parent, exist_ok=True)
        durable.rename_no_replace(directory, aside)
    except OSError as error:
        raise explain_os_error(error, f"cannot set the kernelspec {directory} aside") from error
    return aside


def is_writable(directory: Path) -> bool:
    """Whether kernelspecs can be put into ``directory``, or it can be made."""
    while not directory.exists() and directory != directory.parent:
        directory = directory.parent
    return os.access(directory, os.W_OK | os.X_OK)


def _beside(directory: Path) -> Path:
    """Our own corner next to ``kernels``: on the same file system, and no kernel to Jupyter."""
    return directory.parent.parent / "envmgr"
