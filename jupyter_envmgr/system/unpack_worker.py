"""The program that unpacks an archive: a request as an argument, JSON lines on standard output.

In a process of its own, so that the server's loop does not share an interpreter with it, that it
can be killed, and that a hostile archive takes no memory of the server's.
"""

from __future__ import annotations

import contextlib
import json
import resource
import sys
import time
from dataclasses import asdict
from pathlib import Path

from ..core.archives.check import Limits
from ..core.errors import EnvMgrError
from .tarballs import unpack

_MEMORY = 4 * 1024**3
_INTERVAL = 0.1


def main(text: str) -> int:
    """Unpack what the request says. Answers the exit code."""
    request = json.loads(text)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.getrlimit(resource.RLIMIT_AS)[1]))
    try:
        done = unpack(
            Path(request["archive"]),
            Path(request["target"]),
            limits=Limits(**request["limits"]),
            sums=request["sums"],
            sha256=request["sha256"],
            ignored=frozenset(request["ignored"]),
            report=_Progress(),
        )
    except EnvMgrError as error:
        _say("failed", code=error.code, detail=error.detail)
        return 1
    except MemoryError:
        _say("failed", code="archive-refused", detail="it takes too much memory")
        return 1
    _say("unpacked", **asdict(done))
    return 0


class _Progress:
    """Says how far it is, ten times a second."""

    def __init__(self) -> None:
        self._said = 0.0

    def __call__(self, done: int, size: int) -> None:
        now = time.monotonic()
        if now - self._said >= _INTERVAL:
            self._said = now
            _say("progress", done=done, size=size)


def _say(event: str, **fields: object) -> None:
    sys.stdout.write(json.dumps({"event": event, **fields}) + "\n")
    sys.stdout.flush()
