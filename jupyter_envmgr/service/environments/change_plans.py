"""The plan of a change of packages: what a tool would do, and what nobody asked for."""

from __future__ import annotations

from ...core.conda.history import name_of
from ...core.packages.model import ChangeRequest
from ...core.plans import Plan, PlanStep
from ...engines.conda_plan import Solution
from .change_target import ALL, Target, updated
from .solutions import changes_of, facts_of

_NEEDED = ("ipykernel", "python", "pip")


def pip_plan(identifier: str, target: Target) -> Plan:
    """What uv is told to do: it solves while it installs."""
    request = target.request
    steps = [PlanStep("remove", name) for name in request.uninstall]
    steps += [PlanStep("install", text) for text in request.install]
    steps += [PlanStep("update", name) for name in updated(target)]
    return Plan(
        operation="packages.change",
        subject=identifier,
        summary=f"The packages of {target.record.name} are changed by {target.record.engine.name}, "
        "with what they need.",
        steps=tuple(steps),
        warnings=_about_needed(request),
    ).sealed()


def conda_plan_of(identifier: str, target: Target, solution: Solution) -> Plan:
    """What the solver has found, and what of it nobody asked for."""
    steps = changes_of(solution)
    steps += [PlanStep("install", text, "by pip") for text in target.request.pip]
    more = _more_than_asked(target.request, solution)
    warnings = list(_about_needed(target.request))
    if more:
        warnings.append(f"More than was asked for: {', '.join(more)}.")
    return Plan(
        operation="packages.change",
        subject=identifier,
        summary=_summary(target, len(solution.changes)),
        steps=tuple(steps),
        facts=facts_of(solution),
        warnings=tuple(warnings),
    ).sealed()


def _summary(target: Target, count: int) -> str:
    name = target.record.name
    if not count and not target.request.pip:
        return f"{name} has all of that already: nothing changes."
    return f"{count} package{'s' if count != 1 else ''} of {name} change."


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


def _about_needed(request: ChangeRequest) -> tuple[str, ...]:
    lost = [name for name in request.uninstall if name.lower() in _NEEDED]
    if not lost:
        return ()
    return (f"Without {' and '.join(lost)} its kernel will not work.",)
