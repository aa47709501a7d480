"""What a solver has found, as steps and facts of a plan."""

from __future__ import annotations

from ...core.environments.create import readable_bytes
from ...core.plans import PlanStep
from ...engines.conda_plan import Change, Solution


def changes_of(solution: Solution) -> list[PlanStep]:
    """A step for each package."""
    return [_step(change) for change in solution.changes]


def facts_of(solution: Solution) -> tuple[tuple[str, str], ...]:
    """Sizes, and what the machine has that packages may ask for."""
    facts = [("To download", readable_bytes(solution.download))]
    if solution.disk is not None:
        facts.append(("On the disk", readable_bytes(max(0, solution.disk))))
    if solution.virtual_packages:
        facts.append(("This machine has", ", ".join(solution.virtual_packages)))
    return tuple(facts)


def _step(change: Change) -> PlanStep:
    size = f", {readable_bytes(change.size)}" if change.size else ""
    where = f"{change.channel}{size}".strip(", ")
    if not change.after:
        return PlanStep("remove", change.name, change.before)
    if not change.before:
        return PlanStep("install", f"{change.name} {change.after}", where)
    return PlanStep("replace", change.name, f"{change.before} → {change.after} ({where})")
