"""Changing the packages of an environment that was made here, by the engine that made it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from packaging.utils import canonicalize_name

from ...core.commands import Outcome
from ...core.environments.asked import with_hashed, without
from ...core.environments.model import CreateRequest, Record
from ...core.errors import EnvMgrError
from ...core.events import Notice
from ...core.jobs.model import Job
from ...core.packages.hashes import has_hashes, without_hashes
from ...core.packages.model import ChangeRequest
from ...core.plans import Plan
from ...engines import choose, conda
from ...engines.conda_plan import CondaPlanRequest, Solution
from ...engines.uv import UvEngine
from ...system import durable
from ...system.store import Store
from .. import kernels
from ..context import Context
from ..jobs import Running
from . import history, managed
from .change_plans import conda_plan_of, pip_plan
from .change_target import (
    ALL,
    Target,
    find_target,
    lock_of,
    name_of_line,
    updated,
    uv_plan,
    wishes,
)
from .conda_content import conda_failure
from .conda_plans import conda_plan, find_sources, read_configuration
from .content import Part, run, run_at_once
from .pip_content import uv_failure


def plan_change(context: Context, identifier: str, request: ChangeRequest) -> Plan:
    """What `change` would do; for conda, what its solver says. Takes seconds there."""
    target = find_target(context, identifier, request)
    if not target.is_conda:
        return pip_plan(identifier, target)
    with durable.private_directory(context.settings.cache) as workdir:
        part, read = _solving(context, target, workdir)
        solution = read(run_at_once(part))
    return conda_plan_of(identifier, target, solution, read_configuration(context.settings))


def change(
    context: Context, identifier: str, request: ChangeRequest, digest: str | None = None
) -> Job:
    """Start to change an environment, if what would be done is still what was shown."""
    target = find_target(context, identifier, request)
    if not target.is_conda:
        kernels.check_digest(pip_plan(identifier, target), digest)
    return context.jobs.start(
        "packages.change",
        identifier,
        f"Change the packages of {target.record.name}",
        lambda running: _carry_out(context, identifier, target, digest, running),
    )


def _carry_out(
    context: Context, identifier: str, target: Target, digest: str | None, running: Running
) -> dict[str, str]:
    store = Store(target.location)
    name = target.record.name
    try:
        with managed.lock(context, target.location, name, "changing"):
            record = store.read(name)
            target = replace(target, record=record)
            before = lock_of(target)
            history.note_outside_change(target.location, record, before)
            _begin(store, record, target, running)
            try:
                _work(context, identifier, target, digest, running)
            except BaseException:
                if lock_of(target) == before and not record.changing:
                    # Nothing was begun: it is as it was.
                    store.write(record)
                raise
            after = lock_of(target)
            asked = _asked(target)
            is_other = after != before or asked != record.request
            record = replace(record, changing="", lock=after, request=asked)
            store.write(record)
            if is_other:
                history.note(target.location, record, _words(target.request))
            running.emit(Notice(_difference(before, after)))
    finally:
        context.catalogue.forget()
    return {"environment": identifier}


def _begin(store: Store, record: Record, target: Target, running: Running) -> None:
    changing = f"Changing packages ({_words(target.request)})"
    store.write(replace(record, changing=changing, job=running.job.id))


def _words(request: ChangeRequest) -> str:
    """A request in a line."""
    words = [f"install {without_hashes(text)}" for text in (*request.install, *request.pip)]
    words += [f"remove {name}" for name in request.uninstall]
    words += ["update all" if name == ALL else f"update {name}" for name in request.update]
    text = ", ".join(words)
    return text if len(text) <= 200 else f"{text[:197]}..."


def _difference(before: Sequence[str], after: Sequence[str]) -> str:
    new, gone = len(set(after) - set(before)), len(set(before) - set(after))
    return f"{new} new, {gone} gone" if new or gone else "Nothing had to change."


def _work(
    context: Context, identifier: str, target: Target, digest: str | None, running: Running
) -> None:
    with durable.private_directory(context.settings.cache) as workdir:
        if target.is_conda:
            _by_conda(context, identifier, target, digest, running, workdir)
        else:
            _by_pip(context, target, running, workdir)


def _by_conda(
    context: Context,
    identifier: str,
    target: Target,
    digest: str | None,
    running: Running,
    workdir: Path,
) -> None:
    request = target.by_conda
    if request.install or request.uninstall or request.update:
        solving = own_directory(workdir, "solve")
        part, read = _solving(context, target, solving)
        solution = read(run(running, part))
        configuration = read_configuration(context.settings)
        plan = conda_plan_of(identifier, target, solution, configuration)
        if digest is not None and digest != plan.digest:
            detail = f"{target.record.name}: the solver finds something else than what was shown"
            raise EnvMgrError("plan-changed", detail)
        if solution.changes:
            work = own_directory(workdir, "change")
            run(running, _changing(context, target, work, solution.download))
    request = target.by_pip
    if request.install or request.uninstall or request.update:
        directory = own_directory(workdir, "pip")
        _run_pip(context, target, request, request.update, running, directory)


def own_directory(workdir: Path, name: str) -> Path:
    """A private directory for one tool below that of the job."""
    durable.make_directory(workdir / name, mode=0o700)
    return workdir / name


def _solving(
    context: Context, target: Target, workdir: Path
) -> tuple[Part, Callable[[Sequence[Outcome]], Solution]]:
    engine, plan = _engine(context, target, workdir, 0)
    work = engine.solve(plan)

    def read(outcomes: Sequence[Outcome]) -> Solution:
        return conda.read_solution(engine, plan, work, outcomes)

    return Part(work, workdir, conda_failure(engine, plan)), read


def _changing(context: Context, target: Target, workdir: Path, download: int) -> Part:
    engine, plan = _engine(context, target, workdir, download)
    return Part(engine.change(plan), workdir, conda_failure(engine, plan))


def _engine(
    context: Context, target: Target, workdir: Path, download: int
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
        specs=target.by_conda.install,
        remove=target.by_conda.uninstall,
        update=target.by_conda.update,
        download=download,
    )
    return conda.find(choice.name, settings), plan


def _by_pip(context: Context, target: Target, running: Running, workdir: Path) -> None:
    _run_pip(context, target, target.request, updated(target), running, workdir)


def _run_pip(
    context: Context,
    target: Target,
    request: ChangeRequest,
    names: tuple[str, ...],
    running: Running,
    workdir: Path,
) -> None:
    """Take out, install, and bring to their newest versions the packages with these ``names``."""
    settings = context.settings
    locked = tuple(filter(has_hashes, request.install))
    wanted = (*(() if locked else request.install), *wishes(target, names))
    plan = replace(uv_plan(context, target, workdir, wanted), upgrade=names, locked=locked)
    uv = UvEngine.find(settings)
    if request.uninstall:
        run(running, Part(uv.uninstall(plan, request.uninstall), workdir, uv_failure(uv, plan)))
    if plan.requirements or plan.locked:
        run(running, Part(uv.install(plan), workdir, uv_failure(uv, plan)))


def _asked(target: Target) -> CreateRequest:
    """What is asked for from now on: the earlier wishes, without what was removed or replaced."""
    request = target.request
    gone: set[str] = {canonicalize_name(name) for name in request.uninstall}
    gone |= {name_of_line(text) for text in request.install}
    old = without(target.record.request, gone, name_of_line)
    again = {name_of_line(text) for text in request.pip}
    pip = [text for text in old.pip if name_of_line(text) not in again]
    old = replace(old, pip=(*pip, *request.pip))
    if any(map(has_hashes, request.install)):
        return with_hashed(old, request.install)
    return replace(old, packages=(*old.packages, *request.install))
