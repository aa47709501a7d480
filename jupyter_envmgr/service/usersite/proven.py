"""What was proved of a user site, as long as it is as it was then: for the diagnosis."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from datetime import datetime

from ...core.settings import Settings
from ...core.usersite import diagnosis as core
from ...core.usersite.diagnosis.kept import Stamp, stamp
from ...core.usersite.model import Diagnosis, Proof
from . import proofs

_lock = threading.Lock()
_known: dict[str, tuple[Stamp, tuple[Proof, ...]]] = {}


def with_proofs(settings: Settings, made: Diagnosis, sites: Iterable[str]) -> Diagnosis:
    """The diagnosis, with what probes have shown since the ``sites`` last changed.

    A proof of another image holds there alone: the same path may be another interpreter here.
    """
    since = _changed(sites)
    held = [
        one
        for one in _all(settings)
        if one.culprits and one.image in ("", made.image) and _time(one.created) >= since
    ]
    return core.with_proofs(made, held) if held else made


def _changed(sites: Iterable[str]) -> float:
    """When an entry last came or went, in seconds since the epoch."""
    found = 0.0
    for site in sites:
        try:
            found = max(found, os.stat(site).st_mtime)
        except OSError:
            continue
    return found


def _time(created: str) -> float:
    try:
        return datetime.fromisoformat(created.replace("Z", "+00:00")).timestamp()
    except ValueError:
        return 0.0


def _all(settings: Settings) -> tuple[Proof, ...]:
    """All proofs, read again when one was written: that is a rename in their directory."""
    directory = str(settings.root / "proofs")
    at = stamp(directory)
    with _lock:
        known = _known.get(directory)
    if known and known[0] == at:
        return known[1]
    found = proofs.proofs(settings)
    with _lock:
        _known.clear()
        if core.is_settled(at):
            _known[directory] = at, found
    return found
