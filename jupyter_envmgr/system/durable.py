"""Changes of the disk that a crash cannot halve: the only rename, unlink, mkdir and fsync."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import hashlib
import os
import re
import secrets
import stat
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..core.errors import EnvMgrError
from ..core.jobs.model import Holder
from . import holder
from .trees import delete_tree, make_writable

_AT_FDCWD = -100
_RENAME_NOREPLACE = 1
_RENAME_EXCHANGE = 2
_NO_SUCH_FEATURE = frozenset(
    {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM, errno.ENOTTY}
)
_IN_TRASH = re.compile(r"\.\d+-(?P<inode>\d+)\.[0-9a-f]{12}$")
_WORK = re.compile(
    r"work-(?P<pid>\d{1,10})-(?P<start>\d{1,20})-(?P<where>[0-9a-f]{12})"
    r"\.\d+-(?P<inode>\d+)\.[0-9a-f]{12}"
)
_A_WEEK = 7 * 24 * 3600.0
TEMPORARY_SUFFIX = ".envmgr-tmp"
_SHOWN_NAME = 64


def write_file(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Replace the content of ``path``: afterwards it has the old or the new, never a half.

    The permissions are ``mode``, else those of the file that is replaced, else what the umask
    leaves. When this returns the content is on the disk. A link is replaced, not followed.
    """
    if mode is None:
        mode = _mode_of(path)
    temporary = _write_temporary(path, data, mode)
    try:
        os.rename(temporary, path)
    except BaseException:
        _unlink_quietly(temporary)
        raise
    fsync_directory(path.parent)


def write_new(path: Path, data: bytes, *, mode: int | None = None) -> None:
    """Make ``path`` with its content at once. Of any number of callers exactly one succeeds.

    Raises FileExistsError for the others. By link(2), which is exclusive on NFS too; whether it
    succeeded is asked of the link count, because a reply can get lost (open(2), O_EXCL).
    """
    temporary = _write_temporary(path, data, mode)
    try:
        try:
            os.link(temporary, path)
        except OSError as error:
            if os.lstat(temporary).st_nlink != 2:
                if error.errno not in _NO_SUCH_FEATURE:
                    raise
                rename_no_replace(temporary, path)
    finally:
        _unlink_quietly(temporary)
    fsync_directory(path.parent)


def make_directory(path: Path, *, mode: int = 0o777, exist_ok: bool = False) -> None:
    """Make a directory and those above it that are missing, which get the same ``mode``.

    Raises FileExistsError if something is there, unless it is a directory and ``exist_ok``.
    """
    try:
        os.mkdir(path, mode)
    except FileNotFoundError:
        if path.parent == path:
            raise
        make_directory(path.parent, mode=mode, exist_ok=True)
        make_directory(path, mode=mode, exist_ok=exist_ok)
        return
    except FileExistsError:
        if not exist_ok or not path.is_dir():
            raise
        return
    except OSError:
        # A read-only file system answers EROFS, an autofs EACCES, for what exists already.
        if not exist_ok or not path.is_dir():
            raise
        return
    fsync_directory(path.parent)


@contextlib.contextmanager
def private_directory(parent: Path) -> Iterator[Path]:
    """A new directory below ``parent`` that only this user can enter, gone afterwards.

    What a crash leaves of one goes when a later one is made: at once if its process is provably
    dead, else when a week is over. Its name carries its inode and its process, so that nothing
    else is ever taken for it.
    """
    make_directory(parent, mode=0o700, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix="work-", dir=parent))
    made_by = identity(made)
    name = f"work-{_this_process()}.{made_by[0]}-{made_by[1]}.{secrets.token_hex(6)}"
    path = parent / name
    os.rename(made, path)
    empty_trash(parent, older_than=_A_WEEK)
    _sweep_work_of_the_dead(parent)
    try:
        yield path
    finally:
        delete_tree(path, made_by=made_by)


def _this_process() -> str:
    here = holder.current("")
    return f"{here.pid}-{here.start_time}-{_where(here)}"


def _where(one: Holder) -> str:
    """What tells whether a process id means the same process here."""
    text = "\n".join((one.host, one.boot_id, one.pid_namespace))
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _sweep_work_of_the_dead(parent: Path) -> None:
    here = holder.current("")
    for name in os.listdir(parent):
        match = _WORK.fullmatch(name)
        if match is None or match["where"] != _where(here):
            continue
        process = replace(here, pid=int(match["pid"]), start_time=int(match["start"]))
        with contextlib.suppress(OSError, EnvMgrError):
            if holder.is_alive(process) is False:
                status = os.lstat(parent / name)
                if status.st_ino == int(match["inode"]):
                    delete_tree(parent / name, made_by=(status.st_dev, status.st_ino))


def make_directory_like_parent(path: Path) -> None:
    """Make a directory, if it is missing, with the permissions of the one that it lies in.

    So what lies in a location that a team shares is the team's, whatever the umask says.
    """
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    mode = stat.S_IMODE(os.stat(path.parent).st_mode)
    os.chmod(path, (mode & 0o777) | 0o700 | (stat.S_IMODE(os.stat(path).st_mode) & 0o7000))
    fsync_directory(path.parent)


def remove_tree(path: Path, *, made_by: tuple[int, int], trash: Path) -> None:
    """Remove the directory ``path`` whose device and inode are ``made_by``.

    It is renamed into ``trash`` first, so that it is there whole or not at all, and deleted
    there; a crash in between leaves it to the next `remove_tree` or `empty_trash`. A link, a
    file, or a directory that is another one is refused with ``wrong-state`` and not touched.
    """
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        empty_trash(trash)
        return
    if not stat.S_ISDIR(found.st_mode) or (found.st_dev, found.st_ino) != made_by:
        raise _not_the_one(path)
    make_directory(trash.parent, mode=0o700, exist_ok=True)
    make_directory_like_parent(trash)
    aside = trash / f"{path.name}.{made_by[0]}-{made_by[1]}.{secrets.token_hex(6)}"
    if not found.st_mode & stat.S_IWUSR:
        # A directory that is not writable cannot be moved to another one (rename(2), EACCES).
        make_writable(path, made_by=made_by)
    try:
        os.rename(path, aside)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        aside = path.parent / f".{aside.name}"
        os.rename(path, aside)
    if identity(aside) != made_by:
        rename_no_replace(aside, path)
        raise _not_the_one(path)
    _fsync_parents(path, aside)
    delete_tree(aside, made_by=made_by)
    for place in {trash, aside.parent}:
        empty_trash(place)


def empty_trash(trash: Path, *, older_than: float = 0.0) -> None:
    """Finish what crashes left in ``trash``: only what this module put there under its name."""
    try:
        names = os.listdir(trash)
    except (FileNotFoundError, NotADirectoryError):
        return
    for name in names:
        match = _IN_TRASH.search(name)
        if match is None:
            continue
        with contextlib.suppress(OSError):
            status = os.lstat(trash / name)
            age = os.stat(trash).st_mtime - status.st_mtime
            # The device number of a network file system changes from one mount to the next.
            if status.st_ino == int(match["inode"]) and (not older_than or age > older_than):
                delete_tree(trash / name, made_by=(status.st_dev, status.st_ino))


def _not_the_one(path: Path) -> EnvMgrError:
    return EnvMgrError(
        "wrong-state", f"{path} is not the directory that was made here: it is not touched"
    )


def rename(source: Path, target: Path, *, sync: bool = True) -> None:
    """rename(2), durable. A file or an empty directory at ``target`` is replaced.

    Without ``sync`` it is durable only when the caller has synced both parents.
    """
    os.rename(source, target)
    if sync:
        _fsync_parents(source, target)


def rename_no_replace(source: Path, target: Path, *, sync: bool = True) -> None:
    """Rename, or raise FileExistsError if there is anything at ``target``, even an empty directory.

    Where the file system has no renameat2 (NFS): a file is linked and unlinked, a directory is
    renamed onto one that was exclusively made for it. Without ``sync`` it is durable only when
    the caller has synced both parents.
    """
    try:
        _renameat2(source, target, _RENAME_NOREPLACE)
    except OSError as error:
        if error.errno not in _NO_SUCH_FEATURE:
            raise
        _rename_onto_nothing(source, target)
    if sync:
        _fsync_parents(source, target)


def exchange(one: Path, other: Path) -> None:
    """Swap two names at once. Raises OSError where the file system cannot (ENOSYS, EINVAL)."""
    _renameat2(one, other, _RENAME_EXCHANGE)
    _fsync_parents(one, other)


def unlink(path: Path) -> None:
    """Remove a file or a link, durably. Raises FileNotFoundError if there is none."""
    os.unlink(path)
    fsync_directory(path.parent)


def remove_directory(path: Path) -> None:
    """Remove an empty directory, durably. Raises OSError (ENOTEMPTY) if there is anything in it."""
    os.rmdir(path)
    fsync_directory(path.parent)


def touch(path: Path) -> int:
    """Give an existing file the file system's own present time; return that, in nanoseconds.

    Servers that share a disk have different clocks; times that one disk gave can be compared.
    """
    os.utime(path)
    return os.stat(path).st_mtime_ns


def fsync_file(descriptor: int) -> None:
    """Wait until what was written to an open file is on the disk."""
    os.fsync(descriptor)


def fsync_directory(path: Path) -> None:
    """Wait until the names in a directory are on the disk.

    Some file systems cannot sync a directory (EINVAL), and a directory may be writable but not
    readable (EACCES): the change itself was made, so neither is an error.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _NO_SUCH_FEATURE:
            raise
    finally:
        os.close(descriptor)


def identity(path: Path) -> tuple[int, int]:
    """Device and inode of what lies at ``path``, links not followed."""
    status = os.lstat(path)
    return status.st_dev, status.st_ino


def free_bytes(path: Path) -> int:
    """What this user may still write where ``path`` is, or will be (statvfs(3))."""
    while not path.exists() and path != path.parent:
        path = path.parent
    found = os.statvfs(path)
    return found.f_bavail * found.f_frsize


def sweep(directory: Path, *, older_than: float, of: str = "") -> None:
    """Remove the temporary files that crashed writers left; ``older_than`` in seconds.

    Nothing but regular files that carry our suffix; those of the file named ``of`` alone, if it
    is given. What cannot be removed stays.
    """
    start = f".{of[:_SHOWN_NAME]}." if of else ""
    try:
        names = os.listdir(directory)
    except OSError:
        return
    names = [n for n in names if n.startswith(start) and n.endswith(TEMPORARY_SUFFIX)]
    for name in names:
        path = directory / name
        with contextlib.suppress(OSError):
            status, now = os.lstat(path), os.stat(directory).st_mtime
            if stat.S_ISREG(status.st_mode) and now - status.st_mtime > older_than:
                os.unlink(path)


def _write_temporary(path: Path, data: bytes, mode: int | None) -> Path:
    name = f".{path.name[:_SHOWN_NAME]}.{secrets.token_hex(6)}{TEMPORARY_SUFFIX}"
    temporary = path.parent / name
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    descriptor = os.open(temporary, flags, 0o666 if mode is None else mode)
    try:
        try:
            view = memoryview(data)
            while view:
                view = view[os.write(descriptor, view) :]
            if mode is not None:
                os.fchmod(descriptor, mode)
            os.fsync(descriptor)
        finally:
            # close reports what NFS and quotas find out late (close(2)).
            os.close(descriptor)
    except BaseException:
        _unlink_quietly(temporary)
        raise
    return temporary


def _mode_of(path: Path) -> int | None:
    try:
        status = os.lstat(path)
    except OSError:
        return None
    return stat.S_IMODE(status.st_mode) if stat.S_ISREG(status.st_mode) else None


def _unlink_quietly(path: Path) -> None:
    """For temporary files: what stays behind is swept later and read by nobody."""
    with contextlib.suppress(OSError):
        os.unlink(path)


def _rename_onto_nothing(source: Path, target: Path) -> None:
    if stat.S_ISDIR(os.lstat(source).st_mode):
        os.mkdir(target, 0o700)
        try:
            os.rename(source, target)
        except BaseException:
            with contextlib.suppress(OSError):
                os.rmdir(target)
            raise
    else:
        os.link(source, target, follow_symlinks=False)
        os.unlink(source)


def _fsync_parents(source: Path, target: Path) -> None:
    fsync_directory(target.parent)
    if source.parent != target.parent:
        fsync_directory(source.parent)


def _renameat2(source: Path, target: Path, flags: int) -> None:
    try:
        function = ctypes.CDLL(None, use_errno=True).renameat2
    except (AttributeError, OSError):
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), str(source)) from None
    arguments = (_AT_FDCWD, os.fsencode(source), _AT_FDCWD, os.fsencode(target), flags)
    if function(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(source), None, str(target))
