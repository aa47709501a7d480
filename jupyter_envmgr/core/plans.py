"""Plans: what an operation would do, as data, with a digest that the run must repeat."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class PlannedPackage:
    """A package that a step changes, in the parts that a table has columns for.

    ``before`` is empty for what is new, ``after`` for what goes. ``channel`` is what people call
    the place it comes from, ``channel_url`` its whole address without credentials. ``size``
    counts the bytes to download, None for what is here already.
    """

    name: str
    before: str
    after: str
    channel: str = ""
    channel_url: str = ""
    size: int | None = None


@dataclass(frozen=True)
class PlanStep:
    """One thing that would happen: ``action`` is a verb, ``target`` a path or a name.

    ``package`` has the same in parts where a solver has found it.
    """

    action: str
    target: str
    detail: str = ""
    package: PlannedPackage | None = None


@dataclass(frozen=True)
class Plan:
    """What an operation would do. Dialog, CLI table and executor share this one object.

    ``refusal`` says why it cannot be run now, and ``forceable`` whether force lifts that.
    ``facts`` are ``(label, text)`` pairs to show, such as where it lies and how it was chosen.
    ``warnings`` are what somebody may regret; ``notices`` are good to know, such as how a file was
    understood and what of it has no meaning here.
    ``digest`` covers everything that, if it changed, should be looked at again.
    """

    operation: str
    subject: str
    summary: str
    steps: tuple[PlanStep, ...]
    facts: tuple[tuple[str, str], ...] = ()
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    refusal: str = ""
    forceable: bool = False
    bytes: int | None = None
    digest: str = ""

    def sealed(self) -> Plan:
        """This plan with its digest: SHA-256 over operation, subject, steps and refusal."""
        text = repr((self.operation, self.subject, self.steps, self.refusal))
        return replace(self, digest=hashlib.sha256(text.encode()).hexdigest()[:32])
