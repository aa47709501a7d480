"""Proofs on the disk: each a JSON file named by the job that made it."""

from __future__ import annotations

import contextlib
import json
import os
import re
from pathlib import Path

from ...core.errors import EnvMgrError
from ...core.settings import Settings
from ...core.usersite.model import Proof
from ...core.wire import from_wire, to_wire
from ...system import durable

MOST = 100
_LARGEST = 16 * 1024 * 1024
_ID = re.compile(r"[0-9a-z][0-9a-z-]{3,62}")


def proof(settings: Settings, identifier: str) -> Proof:
    """The proof that a job made, or makes. Raises ``no-such-proof``."""
    if _ID.fullmatch(identifier):
        with contextlib.suppress(FileNotFoundError):
            try:
                with _file(settings, identifier).open("rb") as file:
                    return from_wire(Proof, json.loads(file.read(_LARGEST)), strict=False)
            except (ValueError, RecursionError, EnvMgrError) as error:
                detail = f"the proof {identifier} cannot be read: {error}"
                raise EnvMgrError("bad-record", detail) from None
    raise EnvMgrError("no-such-proof", f"there is no proof {identifier!r}")


def proofs(settings: Settings) -> tuple[Proof, ...]:
    """All proofs that are kept and can be read, the newest first."""
    found = []
    for identifier in _ids(settings):
        with contextlib.suppress(EnvMgrError, OSError):
            found.append(proof(settings, identifier))
    return tuple(found)


def write(settings: Settings, made: Proof) -> None:
    """Keep a proof, readable for its owner alone: a program may have secrets in it."""
    durable.make_directory(_directory(settings), mode=0o700, exist_ok=True)
    data = json.dumps(to_wire(made), ensure_ascii=True).encode()
    durable.write_file(_file(settings, made.id), data, mode=0o600)


def prune(settings: Settings) -> None:
    """Forget the oldest, beyond the number that is kept. What cannot be removed stays."""
    for identifier in _ids(settings)[MOST:]:
        with contextlib.suppress(OSError):
            durable.unlink(_file(settings, identifier))


def _ids(settings: Settings) -> list[str]:
    try:
        names = os.listdir(_directory(settings))
    except OSError:
        return []
    stems = [name[:-5] for name in names if name.endswith(".json")]
    return sorted(filter(_ID.fullmatch, stems), reverse=True)


def _directory(settings: Settings) -> Path:
    return settings.root / "proofs"


def _file(settings: Settings, identifier: str) -> Path:
    return _directory(settings) / f"{identifier}.json"
