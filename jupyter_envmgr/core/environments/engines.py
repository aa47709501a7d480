"""What could do the work of a manager, as the doors list it."""

from __future__ import annotations

from dataclasses import dataclass

from .model import Manager


@dataclass(frozen=True)
class EngineOffer:
    """One engine. ``why_not`` says why it cannot be used; empty if it can.

    ``version`` is empty where no file tells it; ``path`` is an executable, empty if there is
    none. ``default`` is the one that is taken if nobody chooses.
    """

    name: str
    manager: Manager
    version: str = ""
    path: str = ""
    available: bool = False
    why_not: str = ""
    default: bool = False
