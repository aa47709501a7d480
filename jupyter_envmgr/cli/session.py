"""What a verb works with: the terminal, the signals, and the service, opened when asked for."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING

from .interrupts import Interrupts
from .render import Terminal

if TYPE_CHECKING:
    from ..core.settings import Settings
    from ..service.catalogue import Catalogue
    from ..service.context import Context


class Session:
    """One run of the program.

    ``json`` says that standard output is for a machine, ``stream`` that events go there too.
    The context is opened by the verb that needs it: ``--help`` reads no configuration.
    """

    def __init__(
        self,
        terminal: Terminal,
        interrupts: Interrupts,
        open_settings: Callable[[], Settings],
        open_context: Callable[[Settings], Context],
        *,
        json: bool = False,
        stream: bool = False,
    ) -> None:
        self.terminal = terminal
        self.interrupts = interrupts
        self.json = json
        self.stream = stream
        self._open_settings = open_settings
        self._open_context = open_context
        self._context: Context | None = None

    @cached_property
    def settings(self) -> Settings:
        """What the configuration says, read once. All that the rescue path needs."""
        return self._open_settings()

    @property
    def context(self) -> Context:
        """The service's context, opened once."""
        if self._context is None:
            self._context = self._open_context(self.settings)
        return self._context

    @property
    def listings(self) -> Catalogue | None:
        """Environments and kernels; None where what it takes to list them cannot be imported."""
        try:
            return self.context.catalogue
        except ImportError:
            return None

    def close(self) -> None:
        """End what this process runs, and clean up after it."""
        if self._context is not None:
            self._context.jobs.close()
            self._context = None

    def note(self, text: str, tone: str = "") -> None:
        """Say something to a person; a machine that reads along is told nothing."""
        if not self.json:
            self.terminal.note(text, tone)
