"""The settings and the service of one run of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.settings import Settings, plain_settings

if TYPE_CHECKING:
    from ..service.context import Context

DOOR = "cli"


def open_settings(root: Path | None, environ: Mapping[str, str]) -> Settings:
    """What the configuration says; without traitlets and jupyter_core, what holds without one.

    Raises ``bad-configuration``.
    """
    try:
        from ..config import file_config, settings
    except ImportError:
        return plain_settings(environ, DOOR, root)
    return settings(file_config(), DOOR, environ, root)


def open_context(settings: Settings) -> Context:
    """The context. Jobs of servers and of this run lie in one place, so both see all of them."""
    from ..service.context import open_context as open_service

    return open_service(settings)
