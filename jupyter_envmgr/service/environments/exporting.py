"""An environment as a file that others can make it from."""

from __future__ import annotations

from pathlib import Path

from ...core.conda.export import (
    export_environment_yml,
    export_explicit,
    export_from_history,
    export_pixi_lock,
    export_requirements,
)
from ...core.conda.formats import OF_CONDA, OF_PIP
from ...core.environments.model import Environment, Export
from ...core.errors import EnvMgrError
from ..context import Context
from . import managed
from .conda_plans import find_sources
from .pylock import export_pylock, find_locked

_WITHOUT_INDEX = "Export environment.yml instead: exact versions without hashes need no index."


def export(context: Context, identifier: str, wanted: str = "") -> Export:
    """The file; by default the one that is usual. Raises ``bad-request`` for another manager's.

    A lock takes seconds where the index has to be asked; the others are read from the disk.
    """
    environment = context.catalogue.environment(identifier)
    formats = OF_CONDA if environment.kind == "conda" else OF_PIP
    chosen = wanted or formats[0]
    if chosen not in formats:
        raise EnvMgrError.of_field(
            "bad-request", "format", f"{chosen!r}: there are {', '.join(formats)}"
        )
    if chosen == "pylock":
        return export_pylock(context, environment)
    prefix, name = Path(environment.path), environment.name
    if chosen in OF_PIP:
        asked = environment.asked_for if chosen == "requirements-asked" else ()
        kind = "venv" if environment.kind == "venv" else environment.kind
        return export_requirements(
            prefix, kind, interpreter_version=environment.python, requested=asked
        )
    if chosen == "explicit":
        return export_explicit(prefix)
    configuration = find_sources(context.settings, ()).configuration
    channels = _channels(context, environment)
    if chosen == "pixi-lock":
        locked = find_locked(context, environment, hint=_WITHOUT_INDEX, all_wheels=False)
        return export_pixi_lock(
            prefix,
            pip=locked.packages,
            indexes=locked.indexes,
            channels=channels,
            configuration=configuration,
            notices=locked.notices,
        )
    if chosen == "environment-yml-history":
        return export_from_history(
            prefix, name=name, channels=channels, configuration=configuration
        )
    return export_environment_yml(
        prefix,
        name=name,
        builds=chosen == "environment-yml",
        channels=channels,
        configuration=configuration,
        interpreter_version=environment.python,
    )


def _channels(context: Context, environment: Environment) -> tuple[str, ...]:
    if not environment.managed:
        return ()
    return managed.find_record(context, environment)[1].request.channels
