"""Why uv failed, recognised in what it says: a cause, one sentence, a hint."""

from __future__ import annotations

from dataclasses import dataclass

from ..core.commands import Outcome
from ..core.errors import EnvMgrError
from ..core.packages.indexes import Indexes


@dataclass(frozen=True)
class Asked:
    """What the failed command was asked to do."""

    prefix: str
    python: str
    requirements: tuple[str, ...]
    indexes: Indexes


def explain(step: str, outcome: Outcome, asked: Asked) -> EnvMgrError:
    """The error that an outcome is."""
    return EnvMgrError("tool-failed", outcome.stderr.strip().splitlines()[-1])
