"""What this installation is and sees: the answer of ``status``."""

from __future__ import annotations

from dataclasses import dataclass

from .environments.model import Interpreter, Persistence


@dataclass(frozen=True)
class LocationStatus:
    """A location and its file system. ``free`` is in bytes, None where it cannot be read."""

    name: str
    path: str
    default: bool
    writable: bool
    free: int | None
    persistence: Persistence


@dataclass(frozen=True)
class EngineStatus:
    """An engine that is, or could be, on this machine."""

    name: str
    manager: str
    available: bool
    version: str = ""
    path: str = ""
    why: str = ""


@dataclass(frozen=True)
class ImageStatus:
    """The container image: its name and how it was recognised, and its own Python."""

    name: str
    evidence: str
    prefix: str
    interpreter: str
    python: str
    persistence: Persistence


@dataclass(frozen=True)
class StatusReport:
    """Everything that a person, or an administrator who helps one, asks first."""

    version: str
    root: str
    host: str
    image: ImageStatus
    locations: tuple[LocationStatus, ...]
    engines: tuple[EngineStatus, ...]
    interpreters: tuple[Interpreter, ...]
    running_jobs: int
    index_url: str = ""
    warnings: tuple[str, ...] = ()
