"""Terminal here: what a terminal starts so that an environment is active in it."""

from __future__ import annotations

import hashlib

from ...core.environments.terminal import TerminalCommand, terminal_start
from ...system import durable
from ...system.oserrors import explain_os_error
from ..context import Context
from . import activation


def terminal_command(context: Context, identifier: str) -> TerminalCommand:
    """The command of a terminal in which an environment is active; writes the files it reads.

    With conda here or without, in the shell that SHELL names. Raises ``no-such-environment``,
    ``wrong-state`` for one that cannot run here.
    """
    environment = context.catalogue.environment(identifier)
    target = activation.target_of(environment)
    digest = hashlib.sha256(environment.path.encode("utf-8", "surrogatepass")).hexdigest()[:16]
    place = context.settings.cache / "terminals" / digest
    start = terminal_start(target, environment.name, place, context.settings.environ)
    try:
        durable.make_directory(place.parent, mode=0o700, exist_ok=True)
        durable.make_directory(place, mode=0o700, exist_ok=True)
        for name, text in start.files.items():
            data = text.encode("utf-8", "surrogateescape")
            durable.write_file(place / name, data, mode=0o600)
    except OSError as error:
        raise explain_os_error(error, f"cannot write {place}") from error
    return start.command
