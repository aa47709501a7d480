"""Deleting a directory tree without ever following a link or leaving the tree."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path

_OPEN_DIRECTORY = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
_DEEPEST = 100
_STILL_IN_USE = frozenset({errno.ENOTEMPTY, errno.EEXIST, errno.EBUSY})


def delete_tree(path: Path, *, made_by: tuple[int, int]) -> bool:
    """Delete the directory ``path``, whose device and inode must be ``made_by``.

    Every step is relative to an open directory, so that nobody can lead it elsewhere by putting
    a link in place of a directory (CVE-2022-21658 and its kin). A directory without permissions
    is given them first. Another file system mounted in the tree is refused before it is entered.
    Two processes may do this at once; what is gone already is no error.

    False if something stays because it is in use: NFS keeps open files as ``.nfs…``.
    """
    try:
        descriptor = _open_directory(path)
    except FileNotFoundError:
        return True
    try:
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) != made_by:
            raise OSError(errno.ESTALE, "it is not the directory that was meant", str(path))
        deletion = _Deletion(descriptor, status.st_dev, path)
        deletion.empty(descriptor, 0)
        while deletion.deferred:
            deletion.deferred = 0
            deletion.empty(descriptor, 0)
    finally:
        os.close(descriptor)
    return _remove_directory(str(path), None)


def make_writable(path: Path, *, made_by: tuple[int, int]) -> None:
    """Give the owner all permissions for the directory ``path``, if it is the one that is meant."""
    descriptor = _open_directory(path)
    try:
        status = os.fstat(descriptor)
        if (status.st_dev, status.st_ino) == made_by:
            os.fchmod(descriptor, 0o700)
    finally:
        os.close(descriptor)


class _Deletion:
    """One run over a tree. Directories below a certain depth are moved to its root and wait."""

    def __init__(self, root: int, device: int, path: Path) -> None:
        self.root = root
        self.device = device
        self.path = path
        self.deferred = 0
        self._moved = 0

    def empty(self, directory: int, depth: int) -> None:
        """Delete everything in an open directory."""
        with os.scandir(directory) as entries:
            found = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
        for name, is_directory in found:
            if not is_directory:
                self._unlink(directory, name)
            elif depth < _DEEPEST:
                self._delete_directory(directory, name, depth)
            else:
                self._defer(directory, name)

    def _delete_directory(self, parent: int, name: str, depth: int) -> None:
        try:
            descriptor = _open_directory(name, parent)
        except FileNotFoundError:
            return
        except NotADirectoryError:
            self._unlink(parent, name)
            return
        except OSError as error:
            if error.errno != errno.ELOOP:
                raise
            self._unlink(parent, name)
            return
        try:
            if os.fstat(descriptor).st_dev != self.device:
                raise OSError(
                    errno.EBUSY, "another file system is mounted in it", str(self.path), None, name
                )
            self.empty(descriptor, depth + 1)
        finally:
            os.close(descriptor)
        try:
            _remove_directory(name, parent)
        except PermissionError:
            os.fchmod(parent, 0o700)
            _remove_directory(name, parent)

    def _unlink(self, directory: int, name: str) -> None:
        try:
            os.unlink(name, dir_fd=directory)
        except FileNotFoundError:
            return
        except PermissionError:
            os.fchmod(directory, 0o700)
            os.unlink(name, dir_fd=directory)
        except OSError as error:
            if error.errno not in _STILL_IN_USE:
                raise

    def _defer(self, directory: int, name: str) -> None:
        """Move a deep directory up, so that neither descriptors nor the stack run out."""
        self._moved += 1
        os.fchmod(directory, 0o700)
        try:
            os.rename(
                name,
                f".deep-{os.getpid()}-{self._moved}",
                src_dir_fd=directory,
                dst_dir_fd=self.root,
            )
        except FileNotFoundError:
            return
        self.deferred += 1


def _remove_directory(name: str, parent: int | None) -> bool:
    try:
        os.rmdir(name, dir_fd=parent)
    except FileNotFoundError:
        return True
    except OSError as error:
        if error.errno not in _STILL_IN_USE:
            raise
        return False
    return True


def _open_directory(path: str | Path, parent: int | None = None) -> int:
    """Open a directory for reading, giving its owner permission first where that is missing."""
    try:
        descriptor = os.open(path, _OPEN_DIRECTORY, dir_fd=parent)
    except PermissionError:
        descriptor = _open_after_chmod(path, parent)
    return descriptor


def _open_after_chmod(path: str | Path, parent: int | None) -> int:
    """By way of a descriptor that is only a name: chmod cannot refuse links before Linux 6.6."""
    if not hasattr(os, "O_PATH"):
        os.chmod(path, 0o700, dir_fd=parent, follow_symlinks=False)
        return os.open(path, _OPEN_DIRECTORY, dir_fd=parent)
    handle = os.open(path, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=parent)
    try:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            os.chmod(f"/proc/self/fd/{handle}", 0o700)
    finally:
        os.close(handle)
    return os.open(path, _OPEN_DIRECTORY, dir_fd=parent)
