"""A conda environment made at a second place of its own files, and proven to run there.

Its files name the place where they lie, so that renaming the directory would leave it broken until
all of them had been changed. Beside the old one it can be made, and tried, while that stays whole.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ...core.commands import Command, Outcome, Step
from ...core.conda.relocated import Pairs, spellings
from ...core.environments.model import Environment, Record
from ...core.errors import EnvMgrError
from ...core.events import Notice, Progress
from ...core.plans import Plan, PlanStep
from ...core.settings import Location
from ...system import second_place
from ...system.oserrors import explain_os_error
from ...system.renames import Rename
from ...system.second_place import Survey
from ...system.store import Store
from ..context import Context
from ..jobs import Running
from . import activation, managed, verify

STEPS = [
    ("files", "Putting its files in place", 0.6),
    ("prove", "Starting its Python", 0.3),
    ("finish", "Its record and its kernels", 0.1),
]
_COMPARE = ("compare", "Starting the old one, too", 0.1)
_LOOK = 15.0
_PATIENCE = 600.0
_MOST_SHOWN = 5
_IMPORT = """\
import importlib, json, sys
failed = {}
for name in sys.argv[2:]:
    try:
        importlib.import_module(name)
    except BaseException as error:
        failed[name] = f"{type(error).__name__}: {error}"[:500]
sys.stdout.write("\\n" + sys.argv[1] + json.dumps(failed) + "\\n")
"""


def steps(old: Path, new: Path) -> list[PlanStep]:
    """What is done, as a plan shows it."""
    return [
        PlanStep("make", str(new), "of the same files; those that name their place are new"),
        PlanStep("delete", str(old), "once the new one has been proven to run"),
    ]


def looked_at(plan: Plan, location: Location, old: Record, new: str) -> Plan:
    """The plan with what was found in the files."""
    until = time.monotonic() + _LOOK
    pairs = _pairs(location, old, new)
    prefix = location.path / old.name
    try:
        found = second_place.survey(prefix, pairs, lambda: time.monotonic() > until)
    except OSError as error:
        raise explain_os_error(error, f"cannot look at the files of {prefix}") from error
    facts = [("New files", _numbers(found))]
    if found.others:
        facts.append(("Not of packages", _listed(found.others)))
    warnings = list(plan.warnings)
    if found.stuck:
        warnings.append(f"Stay as they are, with the old path in them: {_listed(found.stuck)}.")
    if not found.complete:
        warnings.append("There was no time to look at all files; the job does, and says so.")
    return replace(plan, facts=(*plan.facts, *facts), warnings=tuple(warnings))


def _numbers(found: Survey) -> str:
    parts = [f"{found.packages} of {found.files} name their place"]
    if found.others:
        parts.append(f"and {len(found.others)} that did not come with conda's packages")
    return " ".join(parts)


def _listed(paths: Sequence[str]) -> str:
    more = len(paths) - _MOST_SHOWN
    return ", ".join(paths[:_MOST_SHOWN]) + (f" and {more} more" if more > 0 else "")


def make(
    context: Context,
    location: Location,
    environment: Environment,
    intent: Rename,
    running: Running,
) -> None:
    """Make the directory of the new name, whose record is there, and prove that it works."""
    record = Store(location).read(intent.name)
    managed.make_directory(location, record)
    running.step("files")
    old, new = location.path / intent.old.name, location.path / intent.name
    pairs = _pairs(location, intent.old, intent.name)

    def report(done: int, total: int) -> None:
        running.emit(Progress(done / total, STEPS[0][1], done, total, "files"))

    try:
        found = second_place.make_second(
            old,
            new,
            pairs,
            left_out=frozenset({managed.MARKER}),
            report=report,
            check=running.check,
        )
    except OSError as error:
        raise explain_os_error(error, f"cannot make {new} of {old}") from error
    if found.stuck:
        text = f"Stay as they are, with the old path in them: {_listed(found.stuck)}"
        running.emit(Notice(text, "warning"))
    _prove(context, environment, new, running)


def _pairs(location: Location, old: Record, new: str) -> Pairs:
    """With the path that the location had where the environment was made, if that was another."""
    places = [location.path, location.path.resolve()]
    made_in = Path(old.interpreter).parents[1:2]
    places += [prefix.parent for prefix in made_in if prefix.name == old.name]
    return spellings(tuple(map(str, places)), old.name, new)


def _prove(context: Context, environment: Environment, new: Path, running: Running) -> None:
    """Import what was asked for: what works in the old one has to work in the new one."""
    if environment.interpreter is None:
        return
    packages = context.catalogue.packages(environment.id).packages
    items = verify.wanted(environment, packages, ())
    names = ["sys", *(name for item in items for name in item.modules)]
    if any(kernel.managed for kernel in environment.kernels):
        names.append("ipykernel")
    moved = replace(
        environment,
        path=str(new),
        interpreter=str(new / Path(environment.interpreter).relative_to(environment.path)),
    )
    failed = _failures(context, moved, names, running, STEPS[1])
    if not failed:
        return
    before = _failures(context, environment, list(failed), running, _COMPARE)
    broken = {name: why for name, why in failed.items() if name not in before}
    if broken:
        name, why = next(iter(broken.items()))
        raise EnvMgrError("import-failed", f"under its new name it cannot import {name}: {why}")
    text = f"Cannot be imported under its new name, nor under the old one: {_listed(list(failed))}"
    running.emit(Notice(text, "warning"))


def _failures(
    context: Context,
    environment: Environment,
    names: Sequence[str],
    running: Running,
    words: tuple[str, str, float],
) -> dict[str, str]:
    """Which of these modules cannot be imported, and why; all, if Python itself dies of it."""
    mark = f"envmgr-{secrets.token_hex(8)}:"
    target = activation.target_of(environment)
    command: Command = activation.command(
        context.settings, target, "-c", _IMPORT, mark, *names, cwd=target.prefix
    )
    step = Step(*words[:2], command, words[2], unlogged=(mark,))
    outcome: Outcome = running.run(step, timeout=_PATIENCE, missing="interpreter-missing")
    for line in outcome.stdout.splitlines():
        if line.startswith(mark):
            return dict(json.loads(line[len(mark) :]))
    last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
    return dict.fromkeys(names, last)
