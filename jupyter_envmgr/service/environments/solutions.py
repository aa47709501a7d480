"""What a solver has found, as steps and facts of a plan."""

from __future__ import annotations

from ...core.conda.channels import channel_name
from ...core.conda.condarc import CondaConfiguration
from ...core.environments.create import readable_bytes
from ...core.plans import PlannedPackage, PlanStep
from ...engines.conda_plan import Change, Solution


def changes_of(solution: Solution, configuration: CondaConfiguration) -> list[PlanStep]:
    """A step for each package; its channel is called as people call it who are so configured."""
    names = {c.channel: channel_name(c.channel, configuration) for c in solution.changes}
    return [_step(change, names[change.channel]) for change in solution.changes]


def facts_of(solution: Solution) -> tuple[tuple[str, str], ...]:
    """Sizes, and what the machine has that packages may ask for."""
    facts = [("To download", readable_bytes(solution.download))]
    if solution.disk is not None:
        facts.append(("On the disk", readable_bytes(max(0, solution.disk))))
    if solution.virtual_packages:
        facts.append(("This machine has", ", ".join(solution.virtual_packages)))
    return tuple(facts)


def _step(change: Change, channel: str) -> PlanStep:
    size = f", {readable_bytes(change.size)}" if change.size else ""
    where = f"{channel}{size}".strip(", ")
    package = PlannedPackage(
        change.name, change.before, change.after, channel, change.channel, change.size
    )
    if not change.after:
        return PlanStep("remove", change.name, change.before, package)
    if not change.before:
        return PlanStep("install", f"{change.name} {change.after}", where, package)
    versions = f"{change.before} → {change.after}"
    return PlanStep("replace", change.name, f"{versions} ({where})", package)
