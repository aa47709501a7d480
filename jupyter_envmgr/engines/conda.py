"""The engines of conda environments behind one face."""

from __future__ import annotations

from collections.abc import Sequence

from ..core.commands import Outcome, Step
from ..core.conda.offered import Offer
from ..core.errors import EnvMgrError
from ..core.settings import Settings
from .conda_cli import CondaCliEngine
from .conda_cli_find import NAMES
from .conda_plan import CondaPlanRequest, Solution
from .rattler import RattlerEngine
from .uv import EngineWork

CondaEngine = RattlerEngine | CondaCliEngine


def find(name: str, settings: Settings) -> CondaEngine:
    """The engine of that name. Raises ``engine-missing``."""
    if name in NAMES:
        return CondaCliEngine.find(settings, name)
    return RattlerEngine.find(settings)


def failure(
    engine: CondaEngine, step: Step, outcome: Outcome, plan: CondaPlanRequest
) -> EnvMgrError | None:
    """The error that the outcome of a step is; None if it went well."""
    if isinstance(engine, CondaCliEngine):
        return engine.failure(step, outcome, plan)
    return None if outcome.ok else engine.explain(step, outcome, plan)


def read_offered(
    engine: CondaEngine, plan: CondaPlanRequest, work: EngineWork, outcomes: Sequence[Outcome]
) -> tuple[Offer, ...]:
    """What the steps of the engine's `offered` have found out. Raises ``tool-failed``."""
    if isinstance(engine, CondaCliEngine):
        return engine.read_offered(plan, work, outcomes)
    return engine.read_offered(outcomes[-1])


def read_solution(
    engine: CondaEngine, plan: CondaPlanRequest, work: EngineWork, outcomes: Sequence[Outcome]
) -> Solution:
    """What the steps of the engine's `solve` have found out. Raises ``tool-failed``."""
    if isinstance(engine, CondaCliEngine):
        return engine.read_solution(plan, work, outcomes)
    return engine.read_solution(outcomes[-1])
