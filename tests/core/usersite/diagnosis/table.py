"""The table of scenarios: for each code a user site that has it, and one that only looks so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from .elves import elf
from .sites import Sites, this_runtime

Make = Callable[[Sites], object]

SUFFIX = this_runtime().suffixes[0]
OLD_NUMPY = elf(text=b"\0numpy.core._multiarray_umath\0")
NEW_NUMPY = OLD_NUMPY + b"numpy._core._multiarray_umath\0"
NUMPY = "Requires-Dist: numpy\n"


@dataclass(frozen=True)
class Scenario:
    """``make`` gives the finding, ``near`` does not; ``beside`` are codes that it may give."""

    make: Make
    near: Make
    beside: frozenset[str] = frozenset()


SCENARIOS: dict[str, Scenario] = {}


def scenario(code: str, *, beside: str = "") -> Callable[[type], type]:
    """Keep a class with ``make`` and ``near`` as the scenario of a code."""

    def keep(pair: type) -> type:
        made, near = pair.__dict__["make"], pair.__dict__["near"]
        SCENARIOS[code] = Scenario(made.__func__, near.__func__, frozenset(beside.split()))
        return pair

    return keep
