"""The plan of a reset in words: what moves, what stays, what will be missed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Sequence

from ...core.environments.disk import shown
from ...core.plans import PlanStep
from ...core.settings import Settings
from ...core.usersite.base import UserBase
from ...core.usersite.model import LeftAlone, ResetRequest
from ...core.usersite.ownership import Outside
from ...core.usersite.reinstall import sort_for_reinstall
from ...core.usersite.requires import Breakage
from ...core.usersite.selection import Selection, what_breaks
from ...system import snapshot_store

_MOST_NAMED = 12


def subject(request: ResetRequest, selection: Selection) -> str:
    if request.scope == "packages":
        return ", ".join(request.packages)
    if request.scope == "minor":
        return ", ".join(f"Python {s.site.label}" for s in selection.sites) or "one Python"
    return "all Python packages"


def summary(selection: Selection, size: int) -> str:
    count = len(selection.packages)
    words = f"{counted(count, 'package')} ({human(size)}) "
    if count == 1:
        return words + "is renamed into a snapshot, from which it can be brought back."
    return words + "are renamed into a snapshot, from which they can be brought back."


def counted(count: int, what: str) -> str:
    """``1 package``, ``2 packages``."""
    return f"{count} {what}" if count == 1 else f"{count} {what}s"


def human(size: int) -> str:
    """A number of bytes for people."""
    amount = float(size)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" or amount >= 10 else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"


def moves(base: UserBase, selection: Selection) -> list[PlanStep]:
    steps = []
    for chosen in selection.sites:
        if chosen.whole:
            detail = (
                f"{counted(len(chosen.going), 'package')} of Python {chosen.site.label}, "
                "in one rename"
            )
            steps.append(PlanStep("move", shown(chosen.site.path), detail))
        else:
            for one in chosen.going:
                steps.append(PlanStep("move", shown(one.label), f"Python {chosen.site.label}"))
            named = {entry for one in chosen.going for entry in one.inside}
            for rel in chosen.rels:
                inner = rel[len(chosen.site.rel) + 1 :]
                if inner not in named and not any(n.startswith(inner + "/") for n in named):
                    steps.append(PlanStep("move", shown(base.absolute(rel)), "no package lists it"))
    for directory, what in _by_directory(selection.outside):
        steps.append(PlanStep("move", shown(base.absolute(directory)), shown(what)))
    return steps


def _by_directory(outside: Iterable[Outside]) -> list[tuple[str, str]]:
    """A directory of few names, so that thousands of files are few rows, and what is in it."""
    found: dict[str, list[Outside]] = {}
    for one in outside:
        words = posixpath.dirname(one.rel).split("/")
        found.setdefault("/".join(words[:4]), []).append(one)
    rows = []
    for directory, files in found.items():
        names = [posixpath.basename(one.rel) for one in files]
        rows.append((directory, f"{counted(len(files), f'{files[0].kind} file')}: {listed(names)}"))
    return rows


def stays(
    base: UserBase, selection: Selection, others: Iterable[Outside], staying: Sequence[LeftAlone]
) -> list[PlanStep]:
    """What Jupyter needs, the files ``others`` of packages that stay, and what is no package's."""
    steps = []
    for chosen in selection.sites:
        if chosen.kept_for_jupyter:
            count = counted(len(chosen.kept_for_jupyter), "package")
            detail = f"this Jupyter needs them: {listed(chosen.kept_for_jupyter)}"
            steps.append(PlanStep("keep", f"{count} of Python {chosen.site.label}", detail))
    for directory, what in _by_directory(others):
        detail = f"of packages that stay, {what}"
        steps.append(PlanStep("keep", shown(base.absolute(directory)), shown(detail)))
    steps += [PlanStep("keep", row.path, row.why) for row in staying[:200]]
    if len(staying) > 200:
        steps.append(PlanStep("keep", f"{len(staying) - 200} more", "not Python's packages"))
    return steps


def facts(
    settings: Settings,
    selection: Selection,
    store: snapshot_store.SnapshotStore | None,
    staying: Sequence[LeftAlone],
) -> tuple[tuple[str, str], ...]:
    found = []
    if store is not None:
        found.append(("Snapshot in", str(store.path)))
    breaking = what_breaks(selection, settings.image_prefix)
    if breaking:
        found.append(("Will miss something", listed([_broken(b) for b in breaking])))
    groups = sort_for_reinstall(selection.packages, settings.image_prefix)
    several = len(selection.sites) > 1
    for chosen in selection.sites:
        python = chosen.site.label
        again = [p.requirement for p in groups.asked_for if p.python == python]
        if again:
            label = f"Install again (Python {python})" if several else "Install again"
            found.append((label, listed(again, 40)))
    if groups.in_image:
        found.append(("The image has", listed([p.name for p in groups.in_image], 40)))
    if staying:
        found.append(("Stays", f"{counted(len(staying), 'thing')} of other programs and of yours"))
    return tuple((label, shown(text)) for label, text in found)


def _broken(breakage: Breakage) -> str:
    return f"{breakage.package} needs {breakage.requirement} ({breakage.satisfied_by})"


def listed(words: Sequence[str], most: int = _MOST_NAMED) -> str:
    more = f" and {len(words) - most} more" if len(words) > most else ""
    return ", ".join(words[:most]) + more
