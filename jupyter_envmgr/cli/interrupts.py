"""Ctrl-C, SIGTERM and SIGHUP: an exception by default, a count while a job is followed."""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType

SIGNALS = tuple(
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
)


class Interrupts:
    """How often somebody asked this process to end.

    While a job is followed the signals are only counted, because a handler that raised could
    cut through a lock of the job; whoever follows it looks at the count.
    """

    def __init__(self) -> None:
        self.count = 0
        self._counting = False

    @contextlib.contextmanager
    def handled(self) -> Iterator[None]:
        """Handle the signals; afterwards everything is as it was.

        A signal that is ignored stays so: ``nohup`` and shells that put a program into the
        background mean it. Outside the main thread Python allows no handlers, so none are set.
        """
        before = {}
        for number in SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                with contextlib.suppress(ValueError):
                    before[number] = signal.signal(number, self._on_signal)
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    @contextlib.contextmanager
    def counted(self) -> Iterator[None]:
        """Only count the signals."""
        self._counting = True
        try:
            yield
        finally:
            self._counting = False

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        self.count += 1
        if not self._counting:
            raise KeyboardInterrupt
