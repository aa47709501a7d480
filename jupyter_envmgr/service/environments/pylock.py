"""A pip environment as a pylock.toml: what is installed, with the hashes that its index knows."""

from __future__ import annotations

import platform
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.commands import Outcome
from ...core.environments.model import Environment, Export
from ...core.errors import EnvMgrError
from ...core.packages.files import read_regular
from ...core.packages.freeze import names_of
from ...core.packages.indexes import Indexes, find_indexes
from ...core.packages.lockable import Lockable, find_lockable
from ...core.packages.locked import LockedPackage, Target, by_name, read_resolution
from ...core.packages.pylock_writer import write_pylock
from ...core.packages.toml_text import TomlError
from ...engines.uv import UvEngine
from ...engines.uv_lock import LOCK, LockPlan, explain_lock, find_files, unknown_names
from ...system import durable, process
from ..context import Context
from . import managed
from .change_target import indexes_of

_LARGEST = 64 * 1024 * 1024
_PATIENCE = 120.0
_OFFLINE = ("index-unreachable", "tls-failed", "index-unauthorised", "index-not-found")
_HINT = "Export requirements.txt instead: exact versions without hashes need no index."


def export_pylock(context: Context, environment: Environment) -> Export:
    """The lock. Takes seconds: the index of the environment is asked for addresses and hashes.

    What no index has is left out, with a notice. Without the index uv's cache may know all of it;
    else raises why it cannot be reached.
    """
    locked = find_locked(context, environment, hint=_HINT)
    text = write_pylock(
        locked.packages,
        python=locked.target.python,
        environment=locked.target.marker,
        comments=locked.notices,
    )
    return Export(LOCK, text, tuple(locked.notices))


@dataclass(frozen=True)
class Locked:
    """The packages of pip in an environment, with hashes; ``notices`` say which are missing."""

    packages: tuple[LockedPackage, ...]
    target: Target
    indexes: tuple[str, ...]
    notices: tuple[str, ...]


def find_locked(
    context: Context, environment: Environment, *, hint: str, all_wheels: bool = True
) -> Locked:
    """What pip or uv has installed in an environment. See `export_pylock`.

    ``hint`` says what can be done without the index.
    """
    found = find_lockable(Path(environment.path), environment.kind, environment.python)
    python = ".".join(environment.python.split(".")[:2])
    target = Target(python, platform.machine(), sys.platform)
    packages = list(found.packages)
    indexes = _indexes(context, environment)
    if found.pins or found.addresses:
        with durable.private_directory(context.settings.cache) as workdir:
            plan = LockPlan(
                interpreter=Path(environment.interpreter or context.settings.image_interpreter),
                python=python,
                lines=(*found.pins.values(), *found.addresses.values()),
                indexes=indexes,
                workdir=workdir,
                environ=context.settings.environ,
                all_wheels=all_wheels,
            )
            packages += _from_index(context, plan, found, target, hint)
    return Locked(tuple(by_name(packages)), target, indexes.public_urls, tuple(found.notices))


def _from_index(
    context: Context, plan: LockPlan, found: Lockable, target: Target, hint: str
) -> list[LockedPackage]:
    """What the index knows of the packages; notes what it does not know."""
    try:
        text = _asked(context, plan, found)
    except EnvMgrError as error:
        if error.code not in _OFFLINE:
            raise
        text = _from_cache(context, replace(plan, offline=True), found, error, hint)
    try:
        packages, lost = read_resolution(text, target)
    except TomlError as bad:
        raise EnvMgrError("tool-failed", f"uv wrote a lock that is none: {bad.detail}") from None
    if lost:
        words = "The index has no file with a hash"
        found.notices.append(f"{words}, and they are left out: {names_of(lost)}.")
    local = [package.name for package in packages if all(f.is_local for f in package.files)]
    if local:
        words = "From a directory of packages on this machine"
        found.notices.append(f"{words}, and found by name and hash elsewhere: {names_of(local)}.")
    return packages


def _indexes(context: Context, environment: Environment) -> Indexes:
    """Those that it was made from, as far as they may be remembered."""
    if not environment.managed:
        return find_indexes(context.settings)
    return indexes_of(context, managed.find_record(context, environment)[1])


def _asked(context: Context, plan: LockPlan, found: Lockable) -> str:
    """uv's answer. What it does not find is left out, and it is asked again for the rest."""
    pins, addresses = dict(found.pins), dict(found.addresses)
    unknown: list[str] = []
    while pins or addresses:
        plan = replace(plan, lines=(*pins.values(), *addresses.values()))
        outcome = _run(context, plan)
        if outcome.ok:
            _note(found, unknown, sorted(found.addresses.keys() - addresses.keys()))
            return (read_regular(plan.workdir / LOCK, _LARGEST) or b"").decode("utf-8", "replace")
        names = [name for name in unknown_names(outcome) if pins.pop(name, None)]
        if names:
            unknown += names
        elif addresses and not plan.offline:
            # An address of last year is gone more often than an index.
            addresses = {}
        else:
            raise explain_lock(outcome, plan)
    _note(found, unknown, sorted(found.addresses))
    return ""


def _note(found: Lockable, unknown: Sequence[str], gone: Sequence[str]) -> None:
    if unknown:
        found.notices.append(f"Not in the index, and left out: {names_of(sorted(unknown))}.")
    if gone:
        words = "The files that they were installed from cannot be had, and they are left out"
        found.notices.append(f"{words}: {names_of(gone)}.")


def _from_cache(
    context: Context, plan: LockPlan, found: Lockable, why: EnvMgrError, hint: str
) -> str:
    outcome = _run(context, plan)
    if not outcome.ok:
        raise EnvMgrError(why.code, f"hashes come from the index: {why.detail}", hint=hint)
    found.notices.append("The index cannot be reached: hashes are those that uv saw last.")
    return (read_regular(plan.workdir / LOCK, _LARGEST) or b"").decode("utf-8", "replace")


def _run(context: Context, plan: LockPlan) -> Outcome:
    work = find_files(UvEngine.find(context.settings), plan)
    for name, text in work.files.items():
        durable.write_file(plan.workdir / name, text.encode(), mode=0o600)
    return process.run(
        work.steps[0].command,
        on_line=lambda stream, line: None,
        cancelled=lambda: False,
        timeout=_PATIENCE,
    )
