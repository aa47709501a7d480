"""The Pythons that uv could fetch: asked of uv itself, which knows them without a network."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path

from ..core.commands import Command
from ..core.environment_variables import scrub
from ..core.environments.model import Interpreter, Persistence
from ..core.settings import Settings
from .uv import UvEngine

OLDEST = (3, 8)


def listing(engine: UvEngine, settings: Settings, workdir: Path) -> Command:
    """The command whose output `parse` reads. It takes some 30 ms and asks no network."""
    argv = (
        *(engine.executable, "python", "list", "--no-config", "--offline"),
        *("--only-downloads", "--output-format", "json"),
    )
    environ = {**scrub(settings.environ), "UV_PYTHON_INSTALL_DIR": str(engine.pythons)}
    return Command(argv, environ, workdir)


def parse(
    output: str, persistence: Persistence, here: Collection[str] = ()
) -> tuple[Interpreter, ...]:
    """The newest final CPython of each minor version, the newest first.

    ``here`` are the versions that need no download; ``persistence`` is that of the directory
    they would go to. What cannot be read yields nothing: not to be able to fetch is no failure.
    """
    try:
        rows = json.loads(output)
        found = {
            _numbers(row["version"]): row["version"]
            for row in rows
            if row["implementation"] == "cpython" and row.get("variant", "default") == "default"
        }
    except (ValueError, KeyError, TypeError):
        return ()
    newest: dict[tuple[int, ...], str] = {}
    for numbers in sorted(filter(None, found), reverse=True):
        if numbers >= OLDEST and found[numbers] not in here:
            newest.setdefault(numbers[:2], found[numbers])
    return tuple(
        Interpreter(
            id=f"download-{version}",
            version=version,
            implementation="CPython",
            path=None,
            source="download",
            persistence=persistence,
        )
        for version in newest.values()
    )


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a final version; nothing for a pre-release such as 3.16.0a2."""
    parts = version.split(".")
    return tuple(map(int, parts)) if all(part.isdigit() for part in parts) else ()
