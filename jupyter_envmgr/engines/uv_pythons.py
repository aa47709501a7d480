"""The Pythons that uv could download: its built-in list, asked without a network."""

from __future__ import annotations

import json
import re
from pathlib import Path

from ..core.commands import Command
from ..core.environment_variables import scrub
from ..core.environments.model import Interpreter, Persistence
from ..core.settings import Settings
from .uv import UvEngine

_RELEASE = re.compile(r"3\.(\d+)\.\d+")


def list_command(engine: UvEngine, settings: Settings, cwd: Path) -> Command:
    """The command that prints the list as JSON. It lists what is built into uv, so is offline."""
    argv = (engine.executable, "python", "list", "--no-config", "--offline")
    return Command(
        (*argv, "--only-downloads", "--output-format", "json"), scrub(settings.environ), cwd
    )


def read_list(text: str, persistence: Persistence) -> tuple[Interpreter, ...]:
    """The newest release of each CPython minor, the newest first; nothing if it is no such list.

    ``persistence`` is that of the directory that uv puts Pythons into.
    """
    try:
        rows = json.loads(text)
        found = {row["version"]: row for row in rows if _is_offered(row)}
    except (ValueError, TypeError, KeyError):
        return ()
    newest: dict[int, str] = {}
    for version in sorted(found, key=_numbers, reverse=True):
        newest.setdefault(_numbers(version)[1], version)
    return tuple(
        Interpreter(
            id=f"download-{version}",
            version=version,
            implementation="CPython",
            path=None,
            source="downloaded by uv",
            persistence=persistence,
        )
        for version in newest.values()
    )


def _is_offered(row: dict[str, object]) -> bool:
    """Final releases of the usual build, from 3.8 on."""
    match = _RELEASE.fullmatch(str(row["version"]))
    return (
        row["implementation"] == "cpython"
        and row["variant"] == "default"
        and match is not None
        and int(match.group(1)) >= 8
    )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))
