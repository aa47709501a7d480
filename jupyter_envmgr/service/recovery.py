"""What a server that starts sees to: jobs that died, deletions that were cut, another image."""

from __future__ import annotations

import logging

from ..core.errors import EnvMgrError
from ..system import arriving, durable
from . import usersite
from .context import Context
from .environments import managed
from .usersite.arrival import note_arrival

_A_DAY = 24 * 3600.0
_log = logging.getLogger(__name__)


def recover(context: Context) -> None:
    """Finish what was cut, interrupt dead jobs, note which image this is. Never raises."""
    try:
        for sentence in usersite.recover(context.settings):
            _log.warning("%s", sentence)
    except (EnvMgrError, OSError) as error:
        _log.warning("the user site: %s", error)
    try:
        note_arrival(context.settings)
    except (EnvMgrError, OSError) as error:
        _log.warning("the image of this start cannot be noted: %s", error)
    try:
        for job in context.jobs.recover():
            _log.warning("%s was interrupted", job.title)
        for location in context.settings.locations:
            if managed.has_aside(location):
                # Late: a server that starts has seldom any use for all that this needs.
                from .environments.recreating import recover as put_right

                put_right(context, location)
            if managed.has_renames(location):
                from .environments.renaming import recover as finish_renames

                finish_renames(context, location)
            durable.empty_trash(location.trash)
        arriving.sweep(context.settings.cache / "uploads", older_than=_A_DAY)
    except (EnvMgrError, OSError) as error:
        _log.warning("not everything that was left could be seen to: %s", error)
