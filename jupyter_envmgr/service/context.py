"""What every verb works with: settings, the read side, the jobs, and the kernels that run here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from ..core.jobs.model import Job
from ..core.settings import Settings
from .catalogue import Catalogue
from .jobs import Jobs
from .pythons import Downloadable


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
    """One door's view of the service. ``running_kernels`` may be called from any thread."""

    settings: Settings
    catalogue: Catalogue
    jobs: Jobs
    running_kernels: Callable[[], tuple[RunningKernel, ...]] = no_kernels


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
