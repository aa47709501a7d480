"""What every verb works with: settings, the read side, the jobs, and the kernels that run here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ..core.environments.model import OfferedPython
from ..core.jobs.model import Job
from ..core.settings import Settings
from .catalogue import Catalogue
from .jobs import Jobs
from .pythons import Downloadable
from .remembered import Remembered

Offers = Remembered[tuple[OfferedPython, ...]]
OFFERS_LAST = 300.0
"""Seconds for which it is remembered what channels offer: somebody is filling in a form."""


@dataclass(frozen=True)
class RunningKernel:
    """A kernel that this server runs: its id, and the name of its kernelspec."""

    id: str
    name: str


def no_kernels() -> tuple[RunningKernel, ...]:
    """For doors that run no kernels themselves."""
    return ()


@dataclass(frozen=True)
class Context:
    """One door's view of the service. ``running_kernels`` may be called from any thread.

    ``offers`` are the Pythons that channels had when they were asked last.
    """

    settings: Settings
    catalogue: Catalogue
    jobs: Jobs
    running_kernels: Callable[[], tuple[RunningKernel, ...]] = no_kernels
    offers: Offers = field(default_factory=lambda: Offers(OFFERS_LAST))


def open_context(
    settings: Settings,
    *,
    on_change: Callable[[Job], object] | None = None,
    running_kernels: Callable[[], tuple[RunningKernel, ...]] = no_kernels,
) -> Context:
    """The service for these settings. ``on_change`` is told of each change of a job's state."""
    jobs = Jobs(settings, on_change)
    catalogue = Catalogue(settings, jobs, downloadable=Downloadable(settings))
    return Context(settings, catalogue, jobs, running_kernels)
