"""Which units must be hidden for a program to work: what to try next, as a conversation.

The functions are generators: they yield the set of units to hide, are sent what was `Seen`, and
return the smallest set that was seen to help. So they know nothing of processes.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

_MOST_SUSPECTS = 3

Hidden = frozenset[str]


@dataclass(frozen=True)
class Seen:
    """How the program ended while something was hidden.

    ``symptom`` tells one failure from another; ``suspects`` are units that it speaks of, the
    likeliest first; ``lacks`` are those it could not do without, which were hidden from it.
    """

    ok: bool
    symptom: str = ""
    suspects: tuple[str, ...] = ()
    lacks: Hidden = frozenset()


Search = Generator[Hidden, Seen, Hidden | None]


def peel(first: Seen) -> Search:
    """Hide the likeliest suspect, then that of the next failure, while the symptom changes.

    ``first`` is the failure with nothing hidden. None if the trail leads nowhere.
    """
    hidden: Hidden = frozenset()
    seen = first
    refused: set[str] = set()
    while True:
        fresh = [s for s in seen.suspects if s not in hidden and s not in refused]
        for suspect in fresh[:_MOST_SUSPECTS]:
            tried = yield hidden | {suspect}
            if tried.ok:
                return (yield from lessen(hidden | {suspect}, suspect))
            if tried.symptom != seen.symptom and not tried.lacks:
                hidden, seen = hidden | {suspect}, tried
                break
            refused.add(suspect)
        else:
            return None


def lessen(hidden: Hidden, needed: str) -> Search:
    """Leave out one after the other what need not be hidden; ``needed`` is known to be."""
    for unit in sorted(hidden - {needed}):
        fewer = hidden - {unit}
        if (yield fewer).ok:
            hidden = fewer
    return hidden


def narrow(groups: Sequence[Sequence[str]]) -> Search:
    """Hide one group after the other until it helps, then find the units that matter.

    Each culprit is found by halving: the shortest beginning of the order that helps ends with
    one. None if hiding all of them does not help.
    """
    order = list(dict.fromkeys(unit for group in groups for unit in group))
    ends = _ends(groups, order)
    known: dict[Hidden, bool] = {frozenset(): False}

    def helps(hidden: Hidden) -> Generator[Hidden, Seen, bool]:
        if hidden not in known:
            known[hidden] = (yield hidden).ok
        return known[hidden]

    low = high = 0
    for high in ends:
        if (yield from helps(frozenset(order[:high]))):
            break
        low = high
    else:
        return None
    found: Hidden = frozenset()
    while True:
        while high - low > 1:
            middle = (low + high) // 2
            if (yield from helps(found | frozenset(order[:middle]))):
                high = middle
            else:
                low = middle
        found |= {order[high - 1]}
        if (yield from helps(found)) or high == 1:
            return found
        low, high = 0, high - 1


def _ends(groups: Sequence[Sequence[str]], order: list[str]) -> list[int]:
    """How many units of the order each group and those before it have; without repetitions."""
    ends: list[int] = []
    seen: set[str] = set()
    for group in groups:
        seen.update(group)
        if seen and (not ends or len(seen) > ends[-1]):
            ends.append(len(seen))
    return ends if order else []
