"""Who uses the packages that would go: this Jupyter, kernels, a pip at work."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from pathlib import Path

from ...core.environments.disk import shown
from ...core.settings import Settings
from ...core.usersite.base import UserBase
from ...core.usersite.records import metadata_entries
from ...core.usersite.requires import JUPYTER
from ...core.usersite.selection import Selection, SiteSelection, jupyter_closure
from ...system import processes
from .place import image_python
from .reset_words import counted, listed

RUNS_FROM = "This Jupyter itself runs from"
_JUST_NOW = 60.0
_SERVER_FILES = "share/jupyter/runtime"
_SERVES = ("jupyter-server", "jupyterlab", "notebook", "jupyter-core", "jupyter-client")


def why_in_use(
    settings: Settings, base: UserBase, selection: Selection, modules: tuple[str, ...]
) -> str:
    """Why this would break the Jupyter that runs; empty if it would not."""
    going = [base.absolute(p.rel) for p in selection.pieces]
    inside = tuple(
        path + end for p in going for path in {p, os.path.realpath(p)} for end in ("", os.sep)
    )
    loaded = sum(1 for module in modules if module.startswith(inside))
    sentence = (
        "Keep the packages that Jupyter needs, or set it aside by the command line while no "
        "server runs."
    )
    if loaded:
        place = ", ".join(chosen.site.path for chosen in selection.sites)
        return f"{RUNS_FROM} {place}: {loaded} of its modules were loaded from it. {sentence}"
    if modules:
        return ""
    for chosen in selection.sites:
        if chosen.site.python != image_python(settings):
            continue
        keys = {one.key for one in chosen.going}
        if not keys & set(_SERVES):
            continue
        needed = jupyter_closure(chosen.site, chosen.going, settings.image_prefix)
        running = processes.servers(Path(base.absolute(_SERVER_FILES)))
        if running and needed & keys & set(JUPYTER):
            pids = ", ".join(str(process.pid) for process in running)
            return f"{RUNS_FROM} {chosen.site.path} (process {pids}). {sentence}"
    return ""


def warnings_about(selection: Selection, running_kernels: Sequence[str]) -> list[str]:
    found = []
    if running_kernels:
        names = listed(sorted(set(running_kernels)))
        found.append(
            f"Running in this server: {counted(len(running_kernels), 'kernel')} ({names}). What "
            "has not been imported there yet will not be found. Kernels in other containers cannot "
            "be seen."
        )
    for process in processes.installers():
        found.append(f"pip seems to be at work: {process.command} (process {process.pid})")
    paths = [chosen.site.real_path for chosen in selection.sites]
    for process in processes.with_libraries_from(paths):
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
