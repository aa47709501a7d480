"""Archives from a person's own computer: they lie apart, until they are imported or given up."""

from __future__ import annotations

import contextlib
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from ...core.archives.model import ENDINGS
from ...core.environments.create import readable_bytes
from ...core.errors import EnvMgrError
from ...core.settings import Settings
from ...system import arriving, durable
from ...system.oserrors import explain_os_error
from ..context import Context

# The id of an upload says how much is to come.
_ID = re.compile(r"[0-9a-f]{16}-(?P<size>[0-9]{1,15})")
_LONGEST_NAME = 200


@dataclass(frozen=True)
class UploadRequest:
    """What the file is called on the person's computer, and its size in bytes."""

    name: str
    size: int


@dataclass(frozen=True)
class Upload:
    """A file on its way: ``received`` of ``size`` bytes lie at ``path``; the next begins there."""

    id: str
    path: str
    size: int
    received: int


def begin(context: Context, request: UploadRequest) -> Upload:
    """Make a place for a file. Raises ``bad-path``, ``disk-full``."""
    name, size = request.name, request.size
    if not name.endswith(tuple(ENDINGS)):
        detail = f"{name[-80:]!r} is no name of an archive: it ends with none of "
        raise EnvMgrError.of_field("bad-path", "name", detail + ", ".join(ENDINGS))
    if "/" in name or not name.isprintable() or len(name.encode()) > _LONGEST_NAME:
        raise EnvMgrError.of_field("bad-path", "name", f"{name[-80:]!r} is no name of a file")
    if size <= 0:
        raise EnvMgrError.of_field("bad-request", "size", "there is nothing in it")
    place = _place(context.settings)
    identifier = f"{secrets.token_hex(8)}-{size}"
    try:
        free = durable.free_bytes(place)
        if size > free or not _ID.fullmatch(identifier):
            needed = f"{readable_bytes(size)} are needed in {place}"
            raise EnvMgrError("disk-full", f"{needed}, and {readable_bytes(free)} are free")
        path = arriving.begin(place / identifier, name)
    except OSError as error:
        raise explain_os_error(error, f"cannot write to {place}") from error
    return Upload(identifier, str(path), size, 0)


def add(context: Context, identifier: str, offset: int, data: bytes) -> Upload:
    """Take a piece. One that does not begin where the last has ended changes nothing.

    Raises ``no-such-upload``, ``disk-full``.
    """
    directory, size = _directory(context.settings, identifier)
    try:
        path = arriving.find(directory)
        received = arriving.add(path, offset, data, size=size)
    except FileNotFoundError:
        raise _no_such(identifier) from None
    except OSError as error:
        raise explain_os_error(error, f"cannot write to {directory}") from error
    return Upload(identifier, str(path), size, received)


def discard(context: Context, identifier: str) -> None:
    """Give an upload up: nothing of it stays. Raises ``no-such-upload``."""
    directory, _ = _directory(context.settings, identifier)
    if not directory.is_dir():
        raise _no_such(identifier)
    try:
        arriving.discard(directory)
    except OSError as error:
        raise explain_os_error(error, f"cannot remove {directory}") from error


def forget(settings: Settings, archive: str) -> None:
    """Remove an archive that was uploaded to be imported; any other file stays where it is."""
    directory = Path(archive).parent
    if directory.parent == _place(settings) and _ID.fullmatch(directory.name):
        # It goes after a day in any case.
        with contextlib.suppress(OSError):
            arriving.discard(directory)


def _place(settings: Settings) -> Path:
    return settings.cache / "uploads"


def _directory(settings: Settings, identifier: str) -> tuple[Path, int]:
    match = _ID.fullmatch(identifier)
    if match is None:
        raise _no_such(identifier)
    return _place(settings) / identifier, int(match["size"])


def _no_such(identifier: str) -> EnvMgrError:
    return EnvMgrError("no-such-upload", f"no upload is called {identifier[:80]!r}")
