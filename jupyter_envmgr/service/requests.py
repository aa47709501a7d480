"""What verbs are asked with when it is no value of the core: bodies of HTTP."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class AdoptRequest:
    """A backup made by hand, by its absolute path, and the name that it gets as a snapshot."""

    path: str
    name: str = ""


@dataclass(frozen=True)
class SnapshotUpdate:
    """The body of ``PATCH /usersite/snapshots/{name}``: a field that is None stays as it is."""

    name: str | None = None
    remarks: str | None = None


@dataclass(frozen=True)
class IsolateRequest:
    """A kernelspec by its name, or an environment by its id: exactly one of them."""

    kernel: str = ""
    environment: str = ""


@dataclass(frozen=True)
class ProfileRequest:
    """A kernelspec, and the name of its user base; empty for that of the image."""

    kernel: str
    name: str = ""


@dataclass(frozen=True)
class RecoverRequest:
    """Whether what was cut is finished, or with ``undo`` taken back."""

    undo: bool = False


@dataclass(frozen=True)
class HintRequest:
    """An error as a kernel reported it, and that kernel's name."""

    ename: str
    evalue: str
    traceback: tuple[str, ...] = ()
    kernel: str = ""


@dataclass(frozen=True)
class OfferRequest:
    """Channels by name or address, the most important first, and what is to ask them.

    Without channels those of conda's configuration, without an engine the usual one.
    """

    channels: tuple[str, ...] = ()
    engine: str = ""


@dataclass(frozen=True)
class RecogniseRequest:
    """A text, and what its file is called, which says little.

    ``builds_gone`` are specs of it whose builds a solver did not find in the channels.
    """

    text: str
    filename: str = ""
    builds_gone: tuple[str, ...] = ()
