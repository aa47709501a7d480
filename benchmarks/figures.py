"""Times of competitors, taken in turn, and the tables and verdicts made of them."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any

Work = Callable[[], object]


@dataclass(frozen=True)
class Times:
    """What one competitor took, in milliseconds, round by round."""

    name: str
    milliseconds: tuple[float, ...]

    @property
    def least(self) -> float:
        """The fastest round: the least disturbed one."""
        return min(self.milliseconds)

    @property
    def middle(self) -> float:
        """The median."""
        return median(self.milliseconds)


@dataclass(frozen=True)
class Aim:
    """A promise and what was measured: met if ``value`` is at most ``limit``."""

    words: str
    value: float
    limit: float
    unit: str

    @property
    def is_met(self) -> bool:
        """Whether the promise is kept."""
        return self.value <= self.limit


@dataclass
class Subject:
    """One table: who did the same work in which time. Ratios are against ``against``."""

    title: str
    against: str
    times: list[Times] = field(default_factory=list)
    aims: list[Aim] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, name: str) -> Times:
        """The times of a competitor."""
        return next(times for times in self.times if times.name == name)

    def aim(self, name: str, limit: float) -> None:
        """A promise in milliseconds."""
        words = f"{name} ≤ {limit:g} ms"
        self.aims.append(Aim(words, self.of(name).least, limit, "ms"))

    def aim_against(self, name: str, other: str, limit: float) -> None:
        """A promise as a ratio to another competitor."""
        ratio = self.of(name).least / self.of(other).least
        self.aims.append(Aim(f"{name} ≤ {other} × {limit:g}", ratio, limit, "×"))

    def plain(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "title": self.title,
            "against": self.against,
            "times": [
                {"name": t.name, "min_ms": t.least, "median_ms": t.middle} for t in self.times
            ],
            "aims": [{**asdict(aim), "met": aim.is_met} for aim in self.aims],
            "notes": self.notes,
        }


def in_turn(
    works: Mapping[str, Work], rounds: int, before: Callable[[], object] = gc.collect
) -> list[Times]:
    """Each work once per round, so that a busy moment hits them all; who begins changes.

    ``before`` runs ahead of each and does not count. Nor does the first round: it warms caches.
    """
    found: dict[str, list[float]] = {name: [] for name in works}
    order = list(works)
    for number in range(rounds + 1):
        for name in order:
            before()
            began = time.perf_counter()
            works[name]()
            if number:
                found[name].append((time.perf_counter() - began) * 1000)
        order.append(order.pop(0))
    return [Times(name, tuple(taken)) for name, taken in found.items()]


def text_of(subject: Subject) -> str:
    """A table for people."""
    width = max([len(times.name) for times in subject.times], default=10)
    lines = [subject.title, f"{'':{width}}  {'min ms':>10} {'median ms':>10} {'ratio':>8}"]
    base = subject.of(subject.against).least
    for times in sorted(subject.times, key=lambda t: t.least):
        figures = f"{times.least:10.2f} {times.middle:10.2f} {times.least / base:7.2f}×"
        lines.append(f"{times.name:{width}}  {figures}")
    for aim in subject.aims:
        verdict = "pass" if aim.is_met else "MISS"
        lines.append(f"{verdict}  {aim.words}: {aim.value:.2f} {aim.unit}")
    lines += [f"note  {note}" for note in subject.notes]
    return "\n".join(lines)
