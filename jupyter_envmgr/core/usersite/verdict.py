"""What three runs of a program say about the user site: the truth table."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from .farm import Unit, UserTree
from .model import Fix, Verdict
from .suspects import providers, suspects
from .traceback import NO_TRACE, Trace

_ADDRESS = re.compile(r"0x[0-9a-fA-F]+|\bline \d+|\b\d{3,}\b")
_PLACE = re.compile(r"/[^\s'\"():,]*/(?:site|dist)-packages/")
_SPACE = re.compile(r"\s+")
_IMPORTING = ("ImportError", "ModuleNotFoundError")
_BINARY = re.compile(
    r"undefined symbol|GLIBC|version `[^']*' not found|size changed|multiarray|_ARRAY_API"
    r"|cannot open shared object|invalid ELF header|compiled using NumPy|has no attribute"
)


@dataclass(frozen=True)
class Run:
    """How one run ended. ``seconds`` is its limit if it ``timed_out``."""

    ok: bool
    trace: Trace = NO_TRACE
    exit_code: int | None = 0
    timed_out: bool = False
    seconds: float = 0.0

    @property
    def error(self) -> str:
        """One line for a person; empty if it worked."""
        if self.ok:
            return ""
        if self.timed_out:
            return f"it did not end within {self.seconds:g} seconds"
        words = self.trace.error
        if self.exit_code is not None and self.exit_code < 0 and not self.trace.kind:
            signal = f"killed by signal {-self.exit_code}"
            return f"{words} ({signal})" if words else signal
        return words or f"exit code {self.exit_code}"

    @property
    def symptom(self) -> str:
        """`error` without what differs from run to run: addresses, lines, where a package is."""
        return _SPACE.sub(" ", _ADDRESS.sub("#", _PLACE.sub("…/", self.error)))


@dataclass(frozen=True)
class Judgement:
    """The verdict; ``search`` says whether culprits can be looked for, among ``candidates``.

    ``needed`` are the units that the program cannot do without.
    """

    verdict: Verdict
    summary: str
    search: bool = False
    candidates: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()


def judge(as_is: Run, without: Run, empty: Run, tree: UserTree, why_hidden: str = "") -> Judgement:
    """The truth table. ``why_hidden`` says why the user site is not visible, if it is not."""
    needed = _needed(without, tree) or _needed(empty, tree)
    if as_is.ok and why_hidden:
        return Judgement("works", f"It works. It does not see the user site: {why_hidden}.")
    if as_is.ok:
        return Judgement("works", _works(without, needed, tree), needed=needed)
    if why_hidden:
        detail = f"It fails, and not because of the user site: {why_hidden}. {as_is.error}"
        return Judgement("not-user-site", detail)
    if without.ok or empty.ok:
        summary = f"It works without the user site. With it: {as_is.error}"
        if not empty.ok:
            summary += f" An empty user base is not enough, though: {empty.error}"
        return Judgement("user-site", summary, empty.ok, tuple(u.token for u in tree.units))
    if needed:
        return _needs(as_is, needed, tree)
    special = _of_program(as_is.trace)
    if as_is.timed_out and without.timed_out:
        return Judgement("unclear", f"In each run {as_is.error}.")
    if as_is.symptom == without.symptom:
        summary = f"It fails without the user site in the same way: {as_is.error}"
        return Judgement("unclear" if special else "not-user-site", special or summary)
    return Judgement(
        "unclear",
        f"It fails in both cases, in different ways. With the user site: {as_is.error}. "
        f"Without: {without.error}",
    )


def _works(without: Run, needed: tuple[str, ...], tree: UserTree) -> str:
    if without.ok:
        return "It works, with the user site and without it."
    if needed:
        return f"It works. It needs {labels(tree, needed)} of the user site."
    return f"It works. Without the user site it would not: {without.error}"


def _needs(as_is: Run, needed: tuple[str, ...], tree: UserTree) -> Judgement:
    """Both runs fail, and without the user site the program lacks something of it."""
    names = labels(tree, needed)
    shadowing = tuple(unit.token for unit in tree.units if unit.shadows)
    if not _concerns(as_is.trace, tree) and not as_is.timed_out:
        return Judgement(
            "unclear",
            f"It fails in its own code ({as_is.error}); without the user site it cannot run "
            f"at all, because only that has {names}.",
            needed=needed,
        )
    return Judgement(
        "only-in-user-site",
        f"It needs {names}, which only the user site has, and fails with it: {as_is.error}",
        bool(shadowing),
        shadowing,
        needed,
    )


def _concerns(trace: Trace, tree: UserTree) -> bool:
    """Whether the error may be that of an installed package rather than the program's own."""
    if trace.kind.rpartition(".")[2] in _IMPORTING or _BINARY.search(trace.message):
        return True
    return not trace.frames or bool(tree.owners(trace.frames[-1].path))


def _needed(run: Run, tree: UserTree) -> tuple[str, ...]:
    module = run.trace.missing_module
    return tuple(providers(tree, module)) if module else ()


def _of_program(trace: Trace) -> str:
    """What a person has to know whose program cannot be run by itself."""
    kind = trace.kind.rpartition(".")[2]
    if kind == "NameError":
        return (
            f"The program is not complete: {trace.error}. Put the cells that it depends on "
            "before it, then try again."
        )
    if kind == "EOFError":
        return "The program waits for input, which a probe does not have."
    return ""


def inside(as_is: Trace, tree: UserTree, needed: Iterable[str]) -> tuple[str, ...]:
    """The units that do not fit together though each is in the user site alone; at least two.

    Empty if the error speaks of one only: then that one does not fit this image.
    """
    alone = [t for t in suspects(as_is, tree) if not tree.unit(t).shadows]
    found = dict.fromkeys([*alone[:2], *[t for t in needed if t in alone]])
    return tuple(found) if len(found) > 1 else ()


def blamed(tree: UserTree, culprits: Iterable[str], *, proven: bool = True) -> str:
    """The sentence for culprits that were found."""
    known = [tree.unit(token) for token in culprits]
    shown = " and ".join(filter(None, (", ".join(map(_named, known[:-1])), _named(known[-1]))))
    verb = "is" if len(known) == 1 else "are"
    if proven:
        return f"It works when {shown} {verb} hidden."
    return f"It works when these are hidden, though perhaps not all need to be: {shown}."


def hide(culprits: tuple[str, ...], python: str, kernel: str) -> Fix:
    """The mildest cure of the user site itself: set aside only what does harm."""
    many = len(culprits) > 1
    label = f"Set aside {len(culprits)} packages" if many else f"Set aside {culprits[0]}"
    return Fix("hide", label, culprits, python, kernel)


def reinstall(packages: tuple[str, ...], python: str, kernel: str) -> Fix:
    """For what only the user site has and what does not fit here."""
    names = ", ".join(packages[:3]) + (" …" if packages[3:] else "")
    return Fix("reinstall", f"Reinstall {names}", packages, python, kernel)


def labels(tree: UserTree, tokens: Iterable[str]) -> str:
    """``name version`` of these, for a sentence."""
    return ", ".join(tree.unit(token).label for token in tokens)


def _named(unit: Unit) -> str:
    return unit.label
