"""The files of exactly known packages, found by uv: addresses and hashes, nothing installed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ..core.commands import Command, Outcome, Step
from ..core.errors import EnvMgrError
from ..core.packages.indexes import Indexes
from . import unsolvable
from .causes import explain
from .failure import Asked, heard
from .uv import EngineWork, UvEngine, strategy
from .uv_environment import uv_environment

LOCK = "pylock.toml"
_PINS = "pins.txt"
_UNSOLVABLE = "No solution found when resolving"


@dataclass(frozen=True)
class LockPlan:
    """What to find: the files of ``lines`` (``name==version``, ``name @ URL``) and of no others.

    ``interpreter`` is any Python that starts here, ``python`` the minor version that files are
    for. ``offline`` trusts what uv has seen before; ``all_wheels`` names those of every platform,
    not only the one that fits best here. ``workdir`` is private; the lock comes there.
    """

    interpreter: Path
    python: str
    lines: tuple[str, ...]
    indexes: Indexes
    workdir: Path
    environ: Mapping[str, str]
    offline: bool = False
    all_wheels: bool = True


def find_files(engine: UvEngine, plan: LockPlan) -> EngineWork:
    """The command that writes them to ``workdir/pylock.toml``.

    All wheels (``--universal``) may be wanted although those of other platforms are taken out
    later: else uv names a single one, which an older C library does not take.
    """
    environ = uv_environment(plan.environ, plan.indexes, plan.python, engine.pythons)
    if plan.offline:
        environ["UV_OFFLINE"] = "1"
    argv = (
        *(engine.executable, "pip", "compile", "--no-config", "--color", "never", "--quiet"),
        *("--no-python-downloads", "--python", str(plan.interpreter)),
        *(("--python-version", plan.python) if plan.python else ()),
        *("--no-deps", *(("--universal",) if plan.all_wheels else ())),
        *("--no-header", "--format", "pylock.toml"),
        *("--index-strategy", strategy(plan.indexes)),
        *(("--no-index",) if plan.indexes.no_index else ()),
        *("--output-file", str(plan.workdir / LOCK), "--", str(plan.workdir / _PINS)),
    )
    command = Command(argv, environ, plan.workdir, plan.indexes.secrets)
    step = Step("lock", "Looking up hashes", command)
    return EngineWork({_PINS: "\n".join([*plan.lines, ""])}, (step,))


def unknown_names(outcome: Outcome) -> tuple[str, ...]:
    """The normal names of what no index has, where uv failed because of that. Not always all."""
    text = heard("lock", outcome.stderr).text
    if _UNSOLVABLE not in text:
        return ()
    facts = unsolvable.read(text.partition(_UNSOLVABLE)[2].partition(" hint: ")[0])
    whats = (
        *facts.missing,
        *facts.without_files,
        *facts.without_version,
        *(what for what, _ in facts.without_wheel),
        *(dependency.what for dependency in facts.dependencies if not dependency.who),
    )
    return tuple(dict.fromkeys(map(unsolvable.name_of, whats)))


def explain_lock(outcome: Outcome, plan: LockPlan) -> EnvMgrError:
    """Why it failed otherwise."""
    asked = Asked(str(plan.interpreter), plan.python, plan.lines, plan.indexes)
    return explain("lock", outcome, asked)
