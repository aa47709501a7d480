"""The service's context for one run of the command line, from the same configuration files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ..config import file_config, settings
from ..service.context import Context
from ..service.context import open_context as open_service


def open_context(root: Path | None, environ: Mapping[str, str]) -> Context:
    """The context. Jobs of servers and of this run lie in one place, so both see all of them."""
    return open_service(settings(file_config(), "cli", environ, root))
