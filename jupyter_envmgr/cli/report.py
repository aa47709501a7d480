"""What a change of the user site says while it runs: plain lines, without rich."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..core.events import Notice, Payload, Progress

if TYPE_CHECKING:
    from .session import Session

_PATIENCE = 1.0
"""Seconds between two lines on how far it is: what is done at once says nothing."""


@contextlib.contextmanager
def reporting(session: Session, title: str) -> Iterator[Callable[[Payload], None]]:
    """What to give the service as ``emit``. Signals wait until the change is done."""
    last = time.monotonic()

    def emit(payload: Payload) -> None:
        nonlocal last
        if isinstance(payload, Notice):
            session.note(f"{payload.level}: {payload.text}", payload.level.replace("info", ""))
        elif isinstance(payload, Progress) and time.monotonic() - last > _PATIENCE:
            last = time.monotonic()
            session.note(f"{title}: {payload.fraction:.0%}", "dim")

    with session.interrupts.counted():
        before = session.interrupts.count
        yield emit
        if session.interrupts.count > before:
            session.note("It was not stopped: a change like this one is done or taken back whole.")
