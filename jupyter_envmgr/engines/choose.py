"""Which engine does the work of a manager, and why."""

from __future__ import annotations

from ..core.environments.model import EngineChoice, Manager
from ..core.errors import EnvMgrError, FieldError
from ..core.settings import Settings
from .uv import UvEngine


def choose(manager: Manager, settings: Settings) -> EngineChoice:
    """The engine for ``manager``, with its reason. Raises ``engine-missing``.

    The reason goes on behind "Made by uv, …".
    """
    if manager == "conda":
        detail = "conda environments cannot be made by this version; they are listed and shown"
        raise EnvMgrError(
            "engine-missing",
            detail,
            hint="Choose pip as the manager.",
            errors=(FieldError("manager", detail, "engine-missing"),),
        )
    engine = UvEngine.find(settings)
    return EngineChoice("uv", engine.version, "because you chose pip")
