"""What an operation is: its name, its address, what it takes and gives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Method = Literal["GET", "POST", "PATCH", "DELETE"]
Action = Literal["read", "write", "execute"]


@dataclass(frozen=True)
class Parameter:
    """A query parameter, with the bounds of a number."""

    name: str
    type: type
    description: str
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Operation:
    """One verb: what it is called, where it is found, what it takes and gives.

    ``action`` is what the server's authorizer is asked about the resource ``envmgr``.
    ``answer`` and ``body`` name types, which `type_of` gives.
    ``plan`` says that ``?plan=1`` answers with the `Plan` and changes nothing. ``slow``: the plan,
    or what is read, may take seconds, because a tool is asked or much is looked at.
    """

    name: str
    method: Method
    path: str
    action: Action
    summary: str
    answer: str
    status: int = 200
    body: str = ""
    query: tuple[Parameter, ...] = ()
    plan: bool = False
    slow: bool = False

    @property
    def only_looks(self) -> bool:
        """Whether it changes nothing: nobody has to go on with it for who is gone."""
        asks = self.slow and self.status == 200
        return self.method == "GET" or self.action == "read" or asks


def type_of(name: str) -> type:
    """The type of an answer or a body. Imported late: no server has to wait for it to start."""
    from . import types

    found: type = getattr(types, name)
    return found


DIGEST = Parameter(
    "digest", str, "The digest of the plan that was looked at; needed unless a plan is asked for"
)
FORCE = Parameter("force", bool, "Go on although a kernel is running")
BREAK_LOCK = Parameter("break_lock", bool, "Take the lock of a holder that is gone for good")
FRESH = Parameter("fresh", bool, "Look again instead of trusting what is remembered")
SIZE = Parameter("size", bool, "Measure sizes too, which takes longer")
