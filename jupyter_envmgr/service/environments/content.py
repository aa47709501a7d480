"""What a new environment is to hold, whichever manager puts it there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...core.commands import Outcome, Step
from ...core.environments.create import Base
from ...core.environments.model import CreateRequest, EngineChoice, EnvironmentKind
from ...core.errors import EnvMgrError
from ...engines.conda_plan import Solution
from ...engines.uv import EngineWork
from ...system import durable, process
from ..context import Context
from ..jobs import Running

_PATIENCE = 300.0
Explain = Callable[[Step, Outcome], EnvMgrError | None]


@dataclass(frozen=True)
class Part:
    """One tool's work, made for a private directory; ``failure`` is None for what went well."""

    work: EngineWork
    workdir: Path
    failure: Explain


@dataclass(frozen=True)
class Content:
    """What was found good of a request. ``source`` says where packages come from.

    ``parts`` are the tools' work in the environment at a prefix, given a private directory for
    each. ``public_urls`` carry no credentials. ``lock`` reads what came of it, ``finish`` does
    what is left to do. ``solve`` is the work that finds out what would be installed, where that
    is more than what was asked for. ``kept`` is the request as a record may keep it, if that is
    another one: what a file asks for, in the place of its text. ``hashes`` says whose hashes are
    checked; empty where there are none. ``warnings`` and ``notices`` are as a plan has them.
    """

    kind: EnvironmentKind
    engine: EngineChoice
    base: Base
    requirements: tuple[str, ...]
    source: str
    public_urls: tuple[str, ...]
    parts: tuple[Callable[[Path, Path], Part], ...]
    lock: Callable[[Path], tuple[str, ...]]
    finish: Callable[[Path], object]
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    hashes: str = ""
    kept: CreateRequest | None = None
    solve: Callable[[Path], tuple[Part, Callable[[Sequence[Outcome]], Solution]]] | None = None


def carry_out(
    context: Context,
    content: Content,
    prefix: Path,
    running: Running,
    after: tuple[tuple[str, str, float], ...] = (),
) -> None:
    """Run all parts. ``after`` are the steps of the job that follow, for its progress."""
    with durable.private_directory(context.settings.cache) as workdir:
        parts = []
        for number, make in enumerate(content.parts):
            directory = workdir / str(number)
            durable.make_directory(directory, mode=0o700)
            parts.append(make(prefix, directory))
        steps = [step for part in parts for step in part.work.steps]
        running.plan([*((s.name, s.title, s.weight) for s in steps), *after])
        for part in parts:
            run(running, part)
    content.finish(prefix)


def run_at_once(part: Part, patience: float = _PATIENCE) -> tuple[Outcome, ...]:
    """As `run`, for what is waited for and is no job; ``patience`` are seconds for each step."""
    for name, text in part.work.files.items():
        durable.write_file(part.workdir / name, text.encode(), mode=0o600)
    outcomes = []
    for step in part.work.steps:
        outcome = process.run(
            step.command,
            on_line=lambda stream, line: None,
            cancelled=lambda: False,
            timeout=patience,
        )
        error = part.failure(step, outcome)
        if error is not None:
            raise error
        outcomes.append(outcome)
    return tuple(outcomes)


def run(running: Running, part: Part) -> tuple[Outcome, ...]:
    """Write a part's files and run its steps. Raises the error that a failure is."""
    for name, text in part.work.files.items():
        durable.write_file(part.workdir / name, text.encode(), mode=0o600)
    outcomes = []
    for step in part.work.steps:
        outcome = running.run(step)
        error = part.failure(step, outcome)
        if error is not None:
            raise error
        outcomes.append(outcome)
    return tuple(outcomes)
