"""Who uses the packages that would go: this Jupyter, kernels, a pip at work."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.environments.disk import shown
from ...core.settings import Settings
from ...core.usersite.base import SiteDirectory, UserBase
from ...core.usersite.records import metadata_entries
from ...core.usersite.selection import Selection, SiteSelection, image_needs, jupyter_closure
from ...system import processes
from .place import image_python
from .reset_words import counted, listed

RESCUE = str(Path(__file__).resolve().parents[2] / "rescue.py")
"""This program, as it is started where nothing else is. It may lie in the user site itself."""

RUNS_FROM = "This Jupyter itself runs from"
_KEEP = (
    " Keep the packages that Jupyter needs, or set it aside by the command line while no server "
    "runs."
)
_ALONE = " Set it aside by the command line while no server runs."
_JUST_NOW = 60.0
_SERVES = ("jupyter-server", "jupyterlab", "notebook", "jupyter-core", "jupyter-client")


def why_in_use(
    settings: Settings, base: UserBase, selection: Selection, modules: tuple[str, ...]
) -> str:
    """Why this would break the Jupyter that runs; empty if it would not.

    ``modules`` are the files that the asking server has loaded; none: a command line asks.
    """
    if modules:
        inside = _prefixes(base, selection)
        loaded = sum(1 for module in modules if module.startswith(inside))
        if not loaded:
            return ""
        place = ", ".join(chosen.site.path for chosen in selection.sites)
        advice = _advice(selection)
        return f"{RUNS_FROM} {place}: {loaded} of its modules were loaded from it.{advice}"
    for use in _uses(settings, selection):
        if use.is_lost or use.needed & set(_SERVES):
            return f"{RUNS_FROM} {use.site.path} (process {use.pids}).{_advice(selection)}"
    return ""


def reason_and_hint(refusal: str) -> tuple[str, str | None]:
    """What `why_in_use` says as an error has it; no hint where the usual one says the same."""
    reason = refusal.replace(_KEEP, "").replace(_ALONE, "")
    return reason, _ALONE.strip() if _ALONE in refusal else None


def _advice(selection: Selection) -> str:
    """Of chosen packages none can be kept."""
    return _KEEP if any(chosen.whole for chosen in selection.sites) else _ALONE


@dataclass(frozen=True)
class _Use:
    """What of a site a Jupyter that runs here needs, and whether it is nowhere else."""

    site: SiteDirectory
    needed: frozenset[str]
    is_lost: bool
    pids: str


def _uses(settings: Settings, selection: Selection) -> Iterator[_Use]:
    """By their requirements: what another process has loaded cannot be seen."""
    running = processes.servers(_runtime(settings))
    if not running:
        return
    for chosen in selection.sites:
        if chosen.site.python != image_python(settings):
            continue
        installed = [*chosen.going, *chosen.staying]
        closure = jupyter_closure(chosen.site, installed, settings.image_prefix)
        needed = closure & {one.key for one in chosen.going}
        if needed:
            theirs = {n.key for n in image_needs(settings.image_prefix, chosen.site.python)}
            pids = ", ".join(str(process.pid) for process in running)
            yield _Use(chosen.site, frozenset(needed), not needed <= theirs, pids)


def _runtime(settings: Settings) -> Path:
    """Where servers note themselves (jupyter_core.paths)."""
    chosen = settings.environ.get("JUPYTER_RUNTIME_DIR")
    return Path(chosen) if chosen else settings.user_kernels.parent / "runtime"


def _prefixes(base: UserBase, selection: Selection) -> tuple[str, ...]:
    """What the paths of all that goes begin with."""
    going = [base.absolute(piece.rel) for piece in selection.pieces]
    return tuple(
        path + end for p in going for path in {p, os.path.realpath(p)} for end in ("", os.sep)
    )


def warnings_about(
    settings: Settings,
    base: UserBase,
    selection: Selection,
    running_kernels: Sequence[str],
    modules: tuple[str, ...],
) -> list[str]:
    """What to mind before it is done, although it can be."""
    found = []
    if os.path.realpath(RESCUE).startswith(_prefixes(base, selection)):
        found.append("jupyter envmgr itself goes with it: the command is gone until it is back.")
    if not modules:
        for use in _uses(settings, selection):
            names = listed(sorted(use.needed))
            found.append(f"Jupyter (process {use.pids}) may use {names}: restart it afterwards.")
    if running_kernels:
        names = listed(sorted(set(running_kernels)))
        found.append(
            f"Running in this server: {counted(len(running_kernels), 'kernel')} ({names}). What "
            "has not been imported there yet will not be found. Kernels in other containers cannot "
            "be seen."
        )
    for process in processes.installers():
        found.append(f"pip seems to be at work: {process.command} (process {process.pid})")
    going = [base.absolute(rel) for chosen in selection.sites for rel in chosen.rels]
    for process in processes.with_libraries_from(list(map(os.path.realpath, going))):
        found.append(f"{process.command} (process {process.pid}) has libraries of it loaded")
    for chosen in selection.sites:
        found += _site_warnings(chosen)
    return found


def _site_warnings(chosen: SiteSelection) -> list[str]:
    found = []
    site = chosen.site
    try:
        age = time.time() - os.stat(site.path).st_mtime
    except OSError:
        age = _JUST_NOW
    if abs(age) < _JUST_NOW:
        found.append(f"{site.path} was changed less than a minute ago")
    leftovers = [entry for entry in metadata_entries(site.path) if entry.startswith("~")]
    if leftovers:
        found.append(f"{site.path} has leftovers of a pip that was cut: {listed(leftovers)}")
    unlisted = [one.label for one in chosen.going if not one.listed and not chosen.whole]
    if unlisted:
        found.append(f"Files that no RECORD lists may stay: {listed(unlisted)}")
    return [shown(text) for text in found]
