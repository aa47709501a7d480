"""Changing the packages of an environment that was made here, by the engine that made it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

from ..core.commands import Outcome
from ..core.conda.history import name_of
from ..core.conda.matchspec import parse_specs
from ..core.environments.model import CreateRequest, EnvironmentKind, Record, RevertRequest
from ..core.errors import EnvMgrError
from ..core.events import Notice
from ..core.jobs.model import Job
from ..core.packages.indexes import find_indexes
from ..core.packages.inventory import list_packages
from ..core.packages.model import ChangeRequest
from ..core.packages.requirements import parse_lines
from ..core.plans import Plan, PlanStep
from ..core.settings import Location
from ..engines import choose, conda
from ..engines.conda_plan import CondaPlanRequest, Solution
from ..engines.uv import PipPlan, UvEngine
from ..system import durable
from ..system.revisions import RevisionRecord
from ..system.store import Store
from . import history, kernels, managed
from .conda_content import conda_failure, conda_lock
from .conda_plans import conda_plan, find_sources
from .content import Part, run, run_at_once
from .context import Context
from .jobs import Running
from .pip_content import pip_into, pip_lock, uv_failure
from .solutions import changes_of, facts_of

ALL = "*"
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_NEEDED = ("ipykernel", "python", "pip")


@dataclass(frozen=True)
class _Target:
    """The environment to change, and the request as it was found good."""

    location: Location
    record: Record
    prefix: Path
    request: ChangeRequest

    @property
    def is_conda(self) -> bool:
        return self.record.request.manager == "conda"


def plan_change(context: Context, identifier: str, request: ChangeRequest) -> Plan:
    """What `change` would do; for conda, what its solver says. Takes seconds there."""
    target = _target(context, identifier, request)
    if not target.is_conda:
        return _pip_plan(identifier, target)
    with durable.private_directory(context.settings.cache) as workdir:
        part, read = _solving(context, target, workdir)
        return _conda_plan(identifier, target, read(run_at_once(part)))


def change(
    context: Context, identifier: str, request: ChangeRequest, digest: str | None = None
) -> Job:
    """Start to change an environment, if what would be done is still what was shown."""
    target = _target(context, identifier, request)
    if not target.is_conda:
        kernels.check_digest(_pip_plan(identifier, target), digest)
    return context.jobs.start(
        "packages.change",
        identifier,
        f"Change the packages of {target.record.name}",
        lambda running: _carry_out(context, identifier, target, digest, running),
    )


def _target(context: Context, identifier: str, request: ChangeRequest) -> _Target:
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    if environment.interpreter is None and record.request.manager == "pip":
        raise EnvMgrError("wrong-state", f"{environment.name}: {environment.reason}")
    if environment.status not in ("ready", "broken"):
        raise EnvMgrError("wrong-state", f"{environment.name} is {environment.status}")
    target = _Target(location, record, location.path / record.name, request)
    return replace(target, request=_checked(context, target))


def _checked(context: Context, target: _Target) -> ChangeRequest:
    """The request with its lines in normal form. Raises what is wrong with any."""
    request = target.request
    schemes = context.settings.allowed_url_schemes
    if target.is_conda:
        install = tuple(spec.text for spec in parse_specs(request.install))
    else:
        install = tuple(one.text for one in parse_lines(request.install, allowed_schemes=schemes))
        if request.pip:
            raise EnvMgrError.of_field("bad-request", "pip", "this is for conda environments")
    pip = tuple(one.text for one in parse_lines(request.pip, "pip", allowed_schemes=schemes))
    uninstall = _names(request.uninstall, "uninstall")
    update = _names([name for name in request.update if name != ALL], "update")
    if ALL in request.update:
        update = (ALL,)
    if not (install or pip or uninstall or update):
        raise EnvMgrError.of_field("bad-request", "install", "nothing is named")
    kind: EnvironmentKind = "conda" if target.is_conda else "venv"
    there = {canonicalize_name(p.name) for p in list_packages(target.prefix, kind)}
    for field, names in (("uninstall", uninstall), ("update", update)):
        absent = [name for name in names if name != ALL and canonicalize_name(name) not in there]
        if absent:
            detail = f"{', '.join(absent)}: not in {target.record.name}"
            raise EnvMgrError.of_field("no-such-package", field, detail)
    return ChangeRequest(install, uninstall, update, pip)


def _names(names: Sequence[str], field: str) -> tuple[str, ...]:
    for name in names:
        if not _NAME.fullmatch(name):
            detail = f"{name[:60]!r} is no name of a package"
            raise EnvMgrError.of_field("bad-requirement", field, detail)
    return tuple(dict.fromkeys(names))


# -- plans ------------------------------------------------------------------------------------


def _pip_plan(identifier: str, target: _Target) -> Plan:
    request = target.request
    steps = [PlanStep("remove", name) for name in request.uninstall]
    steps += [PlanStep("install", text) for text in request.install]
    steps += [PlanStep("update", name) for name in _updated(target)]
    return Plan(
        operation="packages.change",
        subject=identifier,
        summary=f"The packages of {target.record.name} are changed by {target.record.engine.name}, "
        "with what they need.",
        steps=tuple(steps),
        warnings=_about_needed(request),
    ).sealed()


def _conda_plan(identifier: str, target: _Target, solution: Solution) -> Plan:
    steps = changes_of(solution)
    steps += [PlanStep("install", text, "by pip") for text in target.request.pip]
    more = _more_than_asked(target.request, solution)
    warnings = list(_about_needed(target.request))
    if more:
        warnings.append(f"More than was asked for: {', '.join(more)}.")
    return Plan(
        operation="packages.change",
        subject=identifier,
        summary=_summary(target, len(solution.changes)),
        steps=tuple(steps),
        facts=facts_of(solution),
        warnings=tuple(warnings),
    ).sealed()


def _summary(target: _Target, count: int) -> str:
    name = target.record.name
    if not count and not target.request.pip:
        return f"{name} has all of that already: nothing changes."
    return f"{count} package{'s' if count != 1 else ''} of {name} change."


def _more_than_asked(request: ChangeRequest, solution: Solution) -> list[str]:
    """What the solver would remove or replace although nobody named it."""
    asked = {name_of(text) for text in request.install}
    asked |= {name.lower() for name in (*request.uninstall, *request.update)}
    if ALL in asked:
        return [f"{c.name} is removed" for c in solution.changes if not c.after]
    found = []
    for one in solution.changes:
        if one.name in asked or not one.before:
            continue
        does = f"becomes {one.after}" if one.after else "is removed"
        found.append(f"{one.name} {one.before} {does}")
    return found


def _about_needed(request: ChangeRequest) -> tuple[str, ...]:
    lost = [name for name in request.uninstall if name.lower() in _NEEDED]
    if not lost:
        return ()
    return (f"Without {' and '.join(lost)} its kernel will not work.",)


def _updated(target: _Target) -> tuple[str, ...]:
    """The names to update: for all, what was asked for."""
    if ALL not in target.request.update:
        return target.request.update
    return tuple(dict.fromkeys(map(_name, target.record.request.packages)))


def _name(line: str) -> str:
    try:
        return canonicalize_name(Requirement(line).name)
    except InvalidRequirement:
        return name_of(line)


# -- doing it ---------------------------------------------------------------------------------


def _carry_out(
    context: Context, identifier: str, target: _Target, digest: str | None, running: Running
) -> dict[str, str]:
    store = Store(target.location)
    name = target.record.name
    try:
        with managed.lock(context, target.location, name, "changing"):
            record = store.read(name)
            target = replace(target, record=record)
            before = _lock(target)
            _begin(store, record, target, running)
            try:
                _work(context, identifier, target, digest, running)
            except BaseException:
                if _lock(target) == before and not record.changing:
                    # Nothing was begun: it is as it was.
                    store.write(record)
                raise
            after = _lock(target)
            record = replace(record, changing="", lock=after, request=_asked(target))
            store.write(record)
            history.note(target.location, record, _words(target.request))
            running.emit(Notice(_difference(before, after)))
    finally:
        context.catalogue.forget()
    return {"environment": identifier}


def _begin(store: Store, record: Record, target: _Target, running: Running) -> None:
    changing = f"Changing packages ({_words(target.request)})"
    store.write(replace(record, changing=changing, job=running.job.id))


def _words(request: ChangeRequest) -> str:
    """A request in a line."""
    words = [f"install {text}" for text in (*request.install, *request.pip)]
    words += [f"remove {name}" for name in request.uninstall]
    words += ["update all" if name == ALL else f"update {name}" for name in request.update]
    text = ", ".join(words)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _lock(target: _Target) -> tuple[str, ...]:
    try:
        return conda_lock(target.prefix) if target.is_conda else pip_lock(target.prefix)
    except EnvMgrError:
        return ()


def _difference(before: Sequence[str], after: Sequence[str]) -> str:
    new, gone = len(set(after) - set(before)), len(set(before) - set(after))
    return f"{new} new, {gone} gone" if new or gone else "Nothing had to change."


def _work(
    context: Context, identifier: str, target: _Target, digest: str | None, running: Running
) -> None:
    with durable.private_directory(context.settings.cache) as workdir:
        if target.is_conda:
            _by_conda(context, identifier, target, digest, running, workdir)
        else:
            _by_pip(context, target, running, workdir)


def _by_conda(
    context: Context,
    identifier: str,
    target: _Target,
    digest: str | None,
    running: Running,
    workdir: Path,
) -> None:
    request = target.request
    if request.install or request.uninstall or request.update:
        solving = _own(workdir, "solve")
        part, read = _solving(context, target, solving)
        solution = read(run(running, part))
        plan = _conda_plan(identifier, target, solution)
        if digest is not None and digest != plan.digest:
            detail = f"{target.record.name}: the solver finds something else than what was shown"
            raise EnvMgrError("plan-changed", detail)
        if solution.changes:
            work = _own(workdir, "change")
            run(running, _changing(context, target, work, solution.download))
    if request.pip:
        indexes = find_indexes(context.settings)
        run(
            running,
            pip_into(context, request.pip, indexes, target.prefix, _own(workdir, "pip")),
        )


def _own(workdir: Path, name: str) -> Path:
    durable.make_directory(workdir / name, mode=0o700)
    return workdir / name


def _solving(
    context: Context, target: _Target, workdir: Path
) -> tuple[Part, Callable[[Sequence[Outcome]], Solution]]:
    engine, plan = _engine(context, target, workdir, 0)
    work = engine.solve(plan)

    def read(outcomes: Sequence[Outcome]) -> Solution:
        return conda.read_solution(engine, plan, work, outcomes)

    return Part(work, workdir, conda_failure(engine, plan)), read


def _changing(context: Context, target: _Target, workdir: Path, download: int) -> Part:
    engine, plan = _engine(context, target, workdir, download)
    return Part(engine.change(plan), workdir, conda_failure(engine, plan))


def _engine(
    context: Context, target: _Target, workdir: Path, download: int
) -> tuple[conda.CondaEngine, CondaPlanRequest]:
    settings = context.settings
    choice = choose.choose_engine("conda", settings, made_by=target.record.engine.name)
    # What it was made from, it is changed from, without what must not be kept.
    sources = find_sources(settings, target.record.request.channels)
    plan = conda_plan(
        settings,
        sources,
        target.prefix,
        workdir,
        specs=target.request.install,
        remove=target.request.uninstall,
        update=target.request.update,
        download=download,
    )
    return conda.find(choice.name, settings), plan


def _by_pip(context: Context, target: _Target, running: Running, workdir: Path) -> None:
    settings, request = context.settings, target.request
    updated = _updated(target)
    wanted = (*request.install, *_wishes(target, updated))
    plan = replace(_pip(context, target, workdir, wanted), upgrade=updated)
    uv = UvEngine.find(settings)
    if request.uninstall:
        run(running, Part(uv.uninstall(plan, request.uninstall), workdir, uv_failure(uv, plan)))
    if plan.requirements:
        run(running, Part(uv.install(plan), workdir, uv_failure(uv, plan)))


def _wishes(target: _Target, names: Sequence[str]) -> list[str]:
    """What is updated, as it was asked for: the newest version that still is what was wanted."""
    named = {_name(text) for text in target.request.install}
    asked = {_name(text): text for text in target.record.request.packages}
    keys = (canonicalize_name(name) for name in names)
    return [asked.get(key, key) for key in keys if key not in named]


def _asked(target: _Target) -> CreateRequest:
    """What is asked for from now on: the earlier wishes, without what was removed or replaced."""
    request, old = target.request, target.record.request
    gone: set[str] = {canonicalize_name(name) for name in request.uninstall}
    gone |= {_name(text) for text in request.install}
    kept = [text for text in old.packages if _name(text) not in gone]
    gone |= {_name(text) for text in request.pip}
    pip = [text for text in old.pip if _name(text) not in gone]
    return replace(old, packages=(*kept, *request.install), pip=(*pip, *request.pip))


def revert(
    context: Context, identifier: str, request: RevertRequest, digest: str | None = None
) -> Job:
    """Start to go back to a revision, which then is the newest one."""
    revision = history.check_revert(context, identifier, request, digest)
    return context.jobs.start(
        "environments.revert",
        identifier,
        f"Go back to revision {request.number} of {identifier}",
        lambda running: _restore_lock(context, identifier, revision, running),
    )


def _restore_lock(
    context: Context, identifier: str, revision: RevisionRecord, running: Running
) -> dict[str, str]:
    """The job that goes back to a revision: exactly its packages, and what was asked for then."""
    environment = context.catalogue.environment(identifier)
    location, record = managed.find_record(context, environment)
    store = Store(location)
    target = _Target(location, record, location.path / record.name, ChangeRequest())
    what = f"go back to revision {revision.number}"
    try:
        with managed.lock(context, location, record.name, "going back"):
            record = store.read(record.name)
            target = replace(target, record=record)
            changing = f"Going back to revision {revision.number}"
            store.write(replace(record, changing=changing, job=running.job.id))
            before = _lock(target)
            with durable.private_directory(context.settings.cache) as workdir:
                try:
                    for part in _restoring(context, target, revision.lock, workdir):
                        run(running, part)
                except BaseException:
                    if _lock(target) == before and not record.changing:
                        store.write(record)
                    raise
            request = replace(record.request, packages=revision.packages, pip=revision.pip)
            record = replace(record, changing="", lock=_lock(target), request=request)
            store.write(record)
            history.note(location, record, what)
    finally:
        context.catalogue.forget()
    return {"environment": identifier}


def _restoring(
    context: Context, target: _Target, lock: Sequence[str], workdir: Path
) -> Iterator[Part]:
    settings = context.settings
    addresses = [line for line in lock if is_address(line)]
    lines = tuple(line for line in lock if not is_address(line))
    if target.is_conda:
        sources = find_sources(settings, target.record.request.channels)
        directory = _own(workdir, "conda")
        plan = conda_plan(settings, sources, target.prefix, directory, explicit=addresses)
        choice = choose.choose_engine("conda", settings, made_by=target.record.engine.name)
        engine = conda.find(choice.name, settings)
        yield Part(engine.change(plan), directory, conda_failure(engine, plan))
        gone = _pip_names(_lock(target)) - _pip_names(lines)
        directory = _own(workdir, "pip")
        pip = _pip(context, target, directory, lines)
        uv = UvEngine.find(settings)
        if gone:
            work = uv.uninstall(pip, tuple(sorted(gone)))
            yield Part(work, directory, uv_failure(uv, pip))
        if lines:
            yield Part(uv.install(pip), directory, uv_failure(uv, pip))
    else:
        pip = _pip(context, target, workdir, lines)
        uv = UvEngine.find(settings)
        yield Part(uv.sync(pip), workdir, uv_failure(uv, pip))


def is_address(line: str) -> bool:
    """Whether a line of a lock is the address of a conda package."""
    return line.startswith(("https://", "http://", "file://"))


def _pip_names(lock: Sequence[str]) -> set[str]:
    return {_name(line) for line in lock if not is_address(line)}


def _pip(context: Context, target: _Target, workdir: Path, lines: tuple[str, ...]) -> PipPlan:
    return PipPlan(
        prefix=target.prefix,
        python=str(target.prefix / "bin" / "python"),
        download=False,
        requirements=lines,
        indexes=find_indexes(context.settings),
        workdir=workdir,
        environ=context.settings.environ,
        link_mode=context.settings.link_mode,
        again=bool(target.record.changing),
    )
