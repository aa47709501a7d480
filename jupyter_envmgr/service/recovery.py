"""What a server that starts sees to: jobs that died, and deletions that were cut."""

from __future__ import annotations

import logging

from ..core.errors import EnvMgrError
from ..system import durable
from . import usersite
from .context import Context

_log = logging.getLogger(__name__)


def recover(context: Context) -> None:
    """Finish changes of the user site and deletions; dead jobs are interrupted. Never raises."""
    try:
        for sentence in usersite.recover(context.settings):
            _log.warning("%s", sentence)
    except (EnvMgrError, OSError) as error:
        _log.warning("the user site: %s", error)
    try:
        for job in context.jobs.recover():
            _log.warning("%s was interrupted", job.title)
        for location in context.settings.locations:
            durable.empty_trash(location.trash)
    except (EnvMgrError, OSError) as error:
        _log.warning("not everything that was left could be seen to: %s", error)
