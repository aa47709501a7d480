"""The plan of a change of packages: what a tool would do, and what nobody asked for."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from ...core.conda.condarc import CondaConfiguration
from ...core.conda.history import name_of
from ...core.packages.hashes import has_hashes, without_hashes
from ...core.packages.inventory import list_packages
from ...core.packages.metadata import normal
from ...core.packages.model import ChangeRequest
from ...core.plans import Plan, PlanStep
from ...core.usersite.requires import breakages, by_key, read_needs
from ...engines.conda_plan import Solution
from .change_target import ALL, Target, updated
from .solutions import changes_of, facts_of

_NEEDED = ("ipykernel", "python", "pip")
# Much of it is conda's, whose packages have hashes that pip knows nothing of.
_UNCHECKED = "what these need is not checked"


def pip_plan(identifier: str, target: Target) -> Plan:
    """What uv is told to do: it solves while it installs."""
    request = target.request
    steps = [PlanStep("remove", name) for name in request.uninstall]
    steps += [PlanStep("install", without_hashes(text)) for text in request.install]
    steps += [PlanStep("update", name) for name in updated(target)]
    return Plan(
        operation="packages.change",
        subject=identifier,
        summary=f"The packages of {target.record.name} are changed by {target.record.engine.name}, "
        "with what they need.",
        steps=tuple(steps),
        facts=about_hashes(request.install),
        warnings=(*_about_needed(request), *_about_broken(target, request.uninstall)),
    ).sealed()


def conda_plan_of(
    identifier: str, target: Target, solution: Solution, configuration: CondaConfiguration
) -> Plan:
    """What the solver has found, and what of it nobody asked for."""
    steps = changes_of(solution, configuration)
    by_pip = target.by_pip
    steps += [PlanStep("remove", name, "by pip") for name in by_pip.uninstall]
    steps += [PlanStep("install", without_hashes(text), "by pip") for text in by_pip.install]
    steps += [PlanStep("update", name, "by pip") for name in by_pip.update]
    more = _more_than_asked(target.request, solution)
    warnings = list(_about_needed(target.request))
    gone = (*(change.name for change in solution.changes if not change.after), *by_pip.uninstall)
    warnings += _about_broken(target, gone)
    if more:
        warnings.append(f"More than was asked for: {', '.join(more)}.")
    return Plan(
        operation="packages.change",
        subject=identifier,
        summary=_summary(target, len(steps)),
        steps=tuple(steps),
        facts=(*facts_of(solution), *about_hashes(target.request.pip, _UNCHECKED)),
        warnings=tuple(warnings),
    ).sealed()


def _summary(target: Target, count: int) -> str:
    name = target.record.name
    if not count:
        return f"{name} has all of that already: nothing changes."
    return f"{count} packages of {name} change." if count != 1 else f"1 package of {name} changes."


def _more_than_asked(request: ChangeRequest, solution: Solution) -> list[str]:
    """What the solver would remove or replace although nobody named it."""
    asked = {name_of(text) for text in request.install}
    asked |= {name.lower() for name in (*request.uninstall, *request.update)}
    if ALL in asked:
        return [f"{c.name} is removed" for c in solution.changes if not c.after]
    found = []
    for one in solution.changes:
        if one.name in asked or not one.before:
            continue
        does = f"becomes {one.after}" if one.after else "is removed"
        found.append(f"{one.name} {one.before} {does}")
    return found


def about_hashes(
    lines: Sequence[str], needed: str = "nothing else is installed"
) -> tuple[tuple[str, str], ...]:
    """A row of a plan where lines have hashes: then all have. ``needed``: what of the others."""
    if not any(map(has_hashes, lines)):
        return ()
    return (("Hashes", f"checked for what is named; {needed}"),)


def _about_needed(request: ChangeRequest) -> tuple[str, ...]:
    lost = [name for name in request.uninstall if name.lower() in _NEEDED]
    if not lost:
        return ()
    return (f"Without {' and '.join(lost)} its kernel will not work.",)


def _about_broken(target: Target, names: Iterable[str]) -> tuple[str, ...]:
    """What stays although it needs, by the metadata that pip reads, something that goes."""
    gone = set(map(normal, names))
    if not gone:
        return ()
    packages = list_packages(target.prefix, "venv")
    needs = [
        read_needs(*os.path.split(p.path), key=normal(p.name), label=p.name, version=p.version)
        for p in packages
    ]
    before = by_key(needs)
    staying = [one for key, one in before.items() if key not in gone]
    minor = ".".join(target.record.python.split(".")[:2])
    found = breakages(staying, before, by_key(staying), minor)
    if not found:
        return ()
    words = [f"{one.package} needs {one.requirement}" for one in found[:5]]
    words += [f"{len(found) - 5} more"] if len(found) > 5 else []
    return (f"What stays needs what goes: {', '.join(words)}.",)
