"""The Pythons that could be downloaded, asked of uv once."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ..core.environments.model import Interpreter
from ..core.environments.mounts import MountTable
from ..core.errors import EnvMgrError
from ..core.settings import Settings
from ..system import durable, process

_PATIENCE = 10.0


class Downloadable:
    """Answers with the Pythons that uv could fetch; the first call runs uv, for some 30 ms.

    A uv that is missing or fails offers none: creating says so if one is asked for.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._lock = threading.Lock()
        self._known: tuple[Interpreter, ...] | None = None

    def __call__(self) -> Sequence[Interpreter]:
        if not self._settings.allow_downloads:
            return ()
        with self._lock:
            if self._known is None:
                self._known = self._ask()
            return self._known

    def _ask(self) -> tuple[Interpreter, ...]:
        # Late: they need packaging, and a probe of the user site has to do without.
        from ..engines import pythons
        from ..engines.uv import UvEngine

        try:
            engine = UvEngine.find(self._settings)
            persistence = MountTable(self._settings.environ).read().persistence(engine.pythons)
            with durable.private_directory(self._settings.cache) as workdir:
                outcome = process.run(
                    pythons.listing(engine, self._settings, workdir),
                    on_line=lambda stream, line: None,
                    cancelled=lambda: False,
                    timeout=_PATIENCE,
                )
        except (EnvMgrError, OSError):
            return ()
        return pythons.parse(outcome.stdout, persistence) if outcome.ok else ()
