"""An environment whose packages are to change, and a request that was found good."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import NormalizedName, canonicalize_name

from ...core.conda.history import name_of
from ...core.conda.matchspec import parse_specs
from ...core.environments.asked import asked_of_manager
from ...core.environments.model import EnvironmentKind, Record
from ...core.errors import EnvMgrError
from ...core.packages.hashes import without_hashes
from ...core.packages.indexes import Indexes, find_indexes, public_url
from ...core.packages.inventory import list_packages
from ...core.packages.model import ChangeRequest
from ...core.packages.pip_lines import parse_hashed_lines
from ...core.settings import Location
from ...engines.uv import PipPlan
from ..context import Context
from . import managed
from .conda_content import conda_lock
from .pip_content import pip_lock

ALL = "*"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")


@dataclass(frozen=True)
class Target:
    """The environment to change, and the request as it was found good.

    ``of_pip`` are the packages of a conda environment that conda knows nothing of.
    """

    location: Location
    record: Record
    prefix: Path
    request: ChangeRequest
    of_pip: frozenset[NormalizedName] = frozenset()

    @property
    def is_conda(self) -> bool:
        """Whether conda packages are what is in it."""
        return self.record.request.manager == "conda"

    @property
    def by_conda(self) -> ChangeRequest:
        """What of the request concerns conda's packages."""
        request = self.request
        return ChangeRequest(
            request.install,
            tuple(name for name in request.uninstall if not self._is_of_pip(name)),
            tuple(name for name in request.update if not self._is_of_pip(name)),
        )

    @property
    def by_pip(self) -> ChangeRequest:
        """What of the request concerns those of pip in a conda environment."""
        request = self.request
        update = request.update
        if ALL in update:
            update = tuple(map(name_of_line, self.record.request.pip))
        return ChangeRequest(
            request.pip,
            tuple(filter(self._is_of_pip, request.uninstall)),
            tuple(filter(self._is_of_pip, update)),
        )

    def _is_of_pip(self, name: str) -> bool:
        return canonicalize_name(name) in self.of_pip


def find_target(context: Context, identifier: str, request: ChangeRequest) -> Target:
    """The environment of that id, and the request in normal form. Raises what is against it."""
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    if environment.interpreter is None and record.request.manager == "pip":
        raise EnvMgrError("wrong-state", f"{environment.name}: {environment.reason}")
    if environment.status not in ("ready", "broken"):
        raise EnvMgrError("wrong-state", f"{environment.name} is {environment.status}")
    target = Target(location, record, location.path / record.name, request)
    kind: EnvironmentKind = "conda" if target.is_conda else "venv"
    there = {canonicalize_name(p.name): p for p in list_packages(target.prefix, kind)}
    of_pip = (name for name, package in there.items() if package.installer != "conda")
    return replace(
        target,
        request=_checked(context, target, there),
        of_pip=frozenset(of_pip if target.is_conda else ()),
    )


def _checked(context: Context, target: Target, there: Collection[NormalizedName]) -> ChangeRequest:
    """The request with its lines in normal form. Raises what is wrong with any."""
    request = target.request
    if target.is_conda:
        install = tuple(spec.text for spec in parse_specs(request.install))
    else:
        install = hashed_lines(context, request.install, "packages")
        if request.pip:
            raise EnvMgrError.of_field("bad-request", "pip", "this is for conda environments")
    pip = hashed_lines(context, request.pip, "pip")
    uninstall = _names(request.uninstall, "uninstall")
    update = _names([name for name in request.update if name != ALL], "update")
    if ALL in request.update:
        update = (ALL,)
    if not (install or pip or uninstall or update):
        raise EnvMgrError.of_field("bad-request", "install", "nothing is named")
    for field, names in (("uninstall", uninstall), ("update", update)):
        absent = [name for name in names if name != ALL and canonicalize_name(name) not in there]
        if absent:
            detail = f"{', '.join(absent)}: not in {target.record.name}"
            raise EnvMgrError.of_field("no-such-package", field, detail)
    return ChangeRequest(install, uninstall, update, pip)


def hashed_lines(context: Context, lines: Sequence[str], field: str) -> tuple[str, ...]:
    """Requirement lines in normal form; with hashes behind all of them, or none."""
    schemes = context.settings.allowed_url_schemes
    return parse_hashed_lines(lines, field, allowed_schemes=schemes, all_or_none=True)


def _names(names: Sequence[str], field: str) -> tuple[str, ...]:
    for name in names:
        if not _NAME.fullmatch(name):
            detail = f"{name[:60]!r} is no name of a package"
            raise EnvMgrError.of_field("bad-requirement", field, detail)
    return tuple(dict.fromkeys(names))


def name_of_line(line: str) -> str:
    """The name in a requirement line, or in a conda spec."""
    try:
        return canonicalize_name(Requirement(without_hashes(line)).name)
    except InvalidRequirement:
        return name_of(line)


def updated(target: Target) -> tuple[str, ...]:
    """The names to update: for all, what was asked for."""
    if ALL not in target.request.update:
        return target.request.update
    lines = asked_of_manager(target.record.request, name_of_line)
    return tuple(dict.fromkeys(map(name_of_line, lines)))


def wishes(target: Target, names: Sequence[str]) -> list[str]:
    """What is updated, as it was asked for: the newest version that still is what was wanted.

    In a conda environment that is a matter of pip's packages.
    """
    request = target.by_pip if target.is_conda else target.request
    named = {name_of_line(text) for text in request.install}
    lines = target.record.request.pip
    if not target.is_conda:
        lines = asked_of_manager(target.record.request, name_of_line, hashed=True)
    asked = {name_of_line(text): text for text in lines}
    keys = (canonicalize_name(name) for name in names)
    return [asked.get(key, key) for key in keys if key not in named]


def lock_of(target: Target) -> tuple[str, ...]:
    """What is installed; nothing where that cannot be read."""
    try:
        return conda_lock(target.prefix) if target.is_conda else pip_lock(target.prefix)
    except EnvMgrError:
        return ()


def is_address(line: str) -> bool:
    """Whether a line of a lock is the address of a conda package."""
    return line.startswith(("https://", "http://", "file://"))


def uv_plan(context: Context, target: Target, workdir: Path, lines: tuple[str, ...]) -> PipPlan:
    """uv's plan for these requirement lines in the environment that is there."""
    return PipPlan(
        prefix=target.prefix,
        python=str(target.prefix / "bin" / "python"),
        download=False,
        requirements=lines,
        indexes=indexes_of(context, target.record),
        workdir=workdir,
        environ=context.settings.environ,
        link_mode=context.settings.link_mode,
        again=bool(target.record.changing),
    )


def indexes_of(context: Context, record: Record) -> Indexes:
    """Where pip's packages come from: the indexes that the environment was made from, too.

    A record has no credentials: where it names what is configured here, that is used instead.
    """
    here = find_indexes(context.settings)
    known = {public_url(url) for url in (here.default, *here.extras) if url}
    request = record.request
    return find_indexes(
        context.settings,
        "" if request.index_url in known else request.index_url,
        [url for url in request.extra_index_urls if url not in known],
    )
