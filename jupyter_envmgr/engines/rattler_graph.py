"""Which installed packages need which: what goes with a package, and what nobody needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence

from ..core.conda.history import name_of


def after_removal(
    depends: Mapping[str, Sequence[str]], removed: Iterable[str], requested: Collection[str]
) -> set[str]:
    """The names that stay when packages are removed.

    With them go those that need them, and what only these needed and nobody has asked for.
    ``depends`` are the specs that each installed package needs.
    """
    needs = _needs(depends)
    gone = _reach(_turned(needs), [name.lower() for name in removed])
    kept = set(needs) - gone
    # What they needed may go too, unless another needs it, or a person does.
    loose = _reach(needs, gone) - gone
    held = _reach(needs, (kept - loose) | (kept & set(requested)))
    return {name for name in kept if name not in loose or name in held}


def roots(depends: Mapping[str, Sequence[str]], requested: Collection[str]) -> list[str]:
    """What must be asked for beside the requested, so that nothing is lost: what nobody needs."""
    needs = _needs(depends)
    covered = _reach(needs, set(requested) & set(needs))
    needed = {name for needs_ in needs.values() for name in needs_}
    found = [name for name in needs if name not in covered and name not in needed]
    covered |= _reach(needs, found)
    # What is left needs itself in a circle.
    return found + [name for name in needs if name not in covered]


def _needs(depends: Mapping[str, Sequence[str]]) -> dict[str, set[str]]:
    return {
        name: {needed for spec in specs if (needed := name_of(spec)) in depends and needed != name}
        for name, specs in depends.items()
    }


def _turned(needs: Mapping[str, Collection[str]]) -> dict[str, set[str]]:
    turned: dict[str, set[str]] = {name: set() for name in needs}
    for name, needed in needs.items():
        for other in needed:
            turned[other].add(name)
    return turned


def _reach(edges: Mapping[str, Collection[str]], start: Iterable[str]) -> set[str]:
    """The names that can be reached, those at the start among them."""
    waiting, seen = [name for name in start if name in edges], set()
    while waiting:
        name = waiting.pop()
        if name not in seen:
            seen.add(name)
            waiting.extend(edges[name])
    return seen
