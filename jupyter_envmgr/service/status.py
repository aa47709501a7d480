"""What is here: the first thing that a person, or who helps one, wants to know."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ..core.errors import EnvMgrError
from ..core.jobs.model import ENDED
from ..core.packages.indexes import find_indexes
from ..core.settings import Location
from ..core.status import EngineStatus, LocationStatus, StatusReport
from ..engines import choose
from ..system import holder
from ..version import __version__
from .answers import EngineList
from .context import Context


def report(context: Context) -> StatusReport:
    """The report. Anything that cannot be found out is a warning in it, never an error."""
    warnings = list(_warnings(context))
    try:
        indexes = find_indexes(context.settings)
        index, notices = indexes.summary, indexes.notices
    except EnvMgrError as error:
        index, notices = "", (error.detail,)
    return StatusReport(
        version=__version__,
        root=str(context.settings.root),
        host=holder.current(context.settings.door).host,
        image=context.catalogue.image(),
        locations=tuple(_location(context, place) for place in context.settings.locations),
        engines=_engines(context),
        interpreters=context.catalogue.interpreters().interpreters,
        running_jobs=sum(job.state not in ENDED for job in context.jobs.list().jobs),
        index_url=index,
        warnings=(*warnings, *notices),
    )


def _location(context: Context, location: Location) -> LocationStatus:
    nearest = location.path
    while not nearest.exists() and nearest != nearest.parent:
        nearest = nearest.parent
    return LocationStatus(
        name=location.name,
        path=str(location.path),
        default=location == context.settings.default_location,
        writable=os.access(nearest, os.W_OK | os.X_OK),
        free=_free(nearest),
        persistence=context.catalogue.persistence(location.path),
    )


def _free(path: Path) -> int | None:
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def _engines(context: Context) -> tuple[EngineStatus, ...]:
    return tuple(
        EngineStatus(o.name, o.manager, o.available, o.version, o.path, o.why_not)
        for o in choose.engines(context.settings)
    )


def _warnings(context: Context) -> list[str]:
    """What the server's environment variables do to people who use pip elsewhere."""
    environ, found = context.settings.environ, []
    if environ.get("PIP_USER", "").lower() in {"1", "yes", "true", "on"}:
        found.append(
            "PIP_USER is set: outside of environments made here, pip installs into ~/.local."
        )
    if environ.get("PYTHONPATH"):
        found.append("PYTHONPATH is set: it comes before the packages of every other Python.")
    home = context.catalogue.persistence(context.settings.root)
    if home.survives is False:
        found.append(f"{context.settings.root} is lost with the container: {home.why}.")
    return found


def engines(context: Context) -> EngineList:
    """All engines, those that can be used and those that cannot. Starts nothing."""
    return EngineList(choose.engines(context.settings))
