"""Verify: import what was asked for in a fresh interpreter, as its kernel would be started."""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement

from ...core.environments.model import Environment
from ...core.errors import EnvMgrError
from ...core.jobs.model import Job
from ...core.packages.import_names import import_names
from ...core.packages.metadata import normal
from ...core.packages.model import Package
from ...core.packages.verify import LONGEST, Verification, VerifyRequest
from ...core.settings import Settings
from ...core.wire import from_wire, to_wire
from ...system import durable
from ..context import Context
from ..jobs import Running
from . import activation
from .verify_bench import Bench, Item

_LARGEST = 16 * 1024 * 1024
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
# A MatchSpec: a channel, the name, then nothing or a version and a build.
_SPEC = re.compile(r"(?:[\w./-]+::)?([A-Za-z0-9_][A-Za-z0-9._-]*)(?:\s*[\[=<>!~].*|\s+[\d*].*)?")


def verify(context: Context, identifier: str, request: VerifyRequest) -> Job:
    """Begin to import packages of an environment; `verification` tells how far it is.

    The job succeeds if it could look, whatever it found: ``ok`` of its result is ``yes`` or
    ``no``. Raises ``no-such-environment``, ``wrong-state``, ``bad-request``.
    """
    if not 1 <= request.seconds <= LONGEST:
        raise EnvMgrError.of_field("bad-request", "seconds", f"from 1 to {LONGEST:g}")
    environment = context.catalogue.environment(identifier)
    target = activation.target_of(environment)
    packages = context.catalogue.packages(identifier).packages
    items = wanted(environment, packages, request.packages)

    def keep(made: Verification) -> None:
        """Where `verification` finds it, for its owner alone."""
        file = _file(context.settings, environment.path)
        durable.make_directory(file.parent, mode=0o700, exist_ok=True)
        durable.write_file(file, json.dumps(to_wire(made)).encode(), mode=0o600)

    def work(running: Running) -> dict[str, str]:
        settings = context.settings
        bench = Bench(settings, environment, target, request.seconds, running, keep)
        made = bench.carry_out(items)
        return {"environment": environment.id, "ok": "yes" if made.ok else "no"}

    title = f"Verify {environment.name}"
    return context.jobs.start("environments.verify", environment.id, title, work)


def verification(context: Context, identifier: str) -> Verification:
    """The last verification of an environment, or that there was none."""
    environment = context.catalogue.environment(identifier)
    nothing = Verification(environment.id)
    with contextlib.suppress(OSError, ValueError, RecursionError, EnvMgrError):
        with _file(context.settings, environment.path).open("rb") as file:
            kept = from_wire(Verification, json.loads(file.read(_LARGEST)), strict=False)
        if kept.created >= (environment.created or ""):
            return replace(kept, environment=environment.id)
    return nothing


def forget(settings: Settings, path: str) -> None:
    """Forget the verification of an environment that is removed or made anew."""
    with contextlib.suppress(OSError):
        durable.unlink(_file(settings, path))


def wanted(
    environment: Environment, packages: Sequence[Package], names: Sequence[str]
) -> list[Item]:
    """What was named, else what was asked for; the interpreter itself is there for sure."""
    installed = {normal(package.name): package for package in packages}
    if names:
        asked = dict.fromkeys(normal(name) for name in names)
        for name in names:
            if not _NAME.fullmatch(name):
                raise EnvMgrError.of_field("bad-request", "packages", f"{name!r} is no name")
    else:
        asked = dict.fromkeys(normal(p.name) for p in packages if p.asked_for)
        asked.update(dict.fromkeys(_named(environment)))
    items = []
    for name in asked:
        package = installed.get(name)
        if name == "python":
            continue
        if package is None:
            items.append(Item(name, missing=True))
            continue
        found = import_names(package)
        items.append(Item(package.name, package.version, found.modules, found.guessed))
    return items


def _named(environment: Environment) -> Iterator[str]:
    """The names in the lines that were asked for, where it is certain that they are names.

    Not of paths and URLs, of lines of some other file, or what is only for another platform.
    """
    for line in environment.asked_for:
        if environment.manager == "conda":
            match = _SPEC.fullmatch(line.strip())
            if match:
                yield normal(match.group(1))
            continue
        with contextlib.suppress(InvalidRequirement):
            requirement = Requirement(line)
            if requirement.marker is None:
                yield normal(requirement.name)


def _file(settings: Settings, path: str) -> Path:
    digest = hashlib.sha256(path.encode("utf-8", "surrogatepass")).hexdigest()[:24]
    return settings.root / "verifications" / f"{digest}.json"
