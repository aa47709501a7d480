"""From each step's own progress to that of the whole job, which never falls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ..events import Progress, StepStarted

_LEAST_CHANGE = 0.002
_LEAST_SECONDS = 0.1


class Scale:
    """Maps fractions of steps into the whole, by the steps' weights."""

    def __init__(self) -> None:
        self._steps: list[tuple[str, str, float]] = []
        self._current = -1
        self._highest = 0.0

    def plan(self, steps: Sequence[tuple[str, str, float]]) -> None:
        """Declare all steps as (name, title, weight), before the first of them begins."""
        self._steps = [(name, title, max(weight, 0.0)) for name, title, weight in steps]
        self._current = -1

    def begin(self, name: str, title: str = "", weight: float = 1.0) -> StepStarted:
        """Go on to a step; one that was not declared is put in here."""
        following = [i for i, step in enumerate(self._steps) if i > self._current]
        matching = [i for i in following if self._steps[i][0] == name]
        if matching:
            self._current = matching[0]
        else:
            self._current += 1
            self._steps.insert(self._current, (name, title or name, max(weight, 0.0)))
        declared = self._steps[self._current]
        return StepStarted(name, title or declared[1], self._current + 1, len(self._steps))

    def whole(self, progress: Progress) -> Progress:
        """The progress of the current step as that of the job."""
        total = sum(weight for _, _, weight in self._steps)
        fraction = progress.fraction if progress.fraction == progress.fraction else 0.0
        share = min(max(fraction, 0.0), 1.0)
        if total > 0 and self._current >= 0:
            before = sum(weight for _, _, weight in self._steps[: self._current])
            share = (before + share * self._steps[self._current][2]) / total
        self._highest = max(self._highest, min(share, 1.0))
        return replace(progress, fraction=round(self._highest, 4))


class Throttle:
    """Lets a progress through if it moved by 0.2 % or 0.1 s have passed; holds the last back."""

    def __init__(self) -> None:
        self._shown: Progress | None = None
        self._shown_at = float("-inf")
        self._held: Progress | None = None

    def offer(self, progress: Progress, now: float) -> Progress | None:
        """``progress`` if it is worth showing; otherwise it waits for `due` or `last`."""
        if progress == self._shown:
            self._held = None
            return None
        moved = progress.fraction - (self._shown.fraction if self._shown else -1.0)
        if moved >= _LEAST_CHANGE or now - self._shown_at >= _LEAST_SECONDS:
            return self._show(progress, now)
        self._held = progress
        return None

    def due(self, now: float) -> Progress | None:
        """What was held back, when its time has come."""
        if self._held is not None and now - self._shown_at >= _LEAST_SECONDS:
            return self._show(self._held, now)
        return None

    def last(self, now: float) -> Progress | None:
        """What was held back, now."""
        return self._show(self._held, now) if self._held is not None else None

    def _show(self, progress: Progress, now: float) -> Progress:
        self._shown, self._shown_at, self._held = progress, now, None
        return progress
