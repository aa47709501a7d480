"""Going back to a revision of an environment: exactly its packages, by the engine that made it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ...core.conda.matchspec import parse_specs
from ...core.environments.asked import asked_for, asked_of_list
from ...core.environments.model import CreateRequest, RevertRequest
from ...core.jobs.model import Job
from ...core.packages.hashes import hashed_where_known, known_hashes
from ...core.packages.model import ChangeRequest
from ...engines import choose, conda
from ...engines.uv import UvEngine
from ...system import durable
from ...system.revisions import RevisionRecord
from ...system.store import Store
from ..context import Context
from ..jobs import Running
from . import history, managed
from .change_target import Target, is_address, lock_of, name_of_line, uv_plan
from .changing import own_directory
from .conda_content import conda_failure
from .conda_plans import conda_plan, find_sources
from .content import Part, run
from .pip_content import uv_failure


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
    target = Target(location, record, location.path / record.name, ChangeRequest())
    what = f"go back to revision {revision.number}"
    try:
        with managed.lock(context, location, record.name, "going back"):
            record = store.read(record.name)
            target = replace(target, record=record)
            changing = f"Going back to revision {revision.number}"
            store.write(replace(record, changing=changing, job=running.job.id))
            before = lock_of(target)
            history.note_outside_change(location, record, before)
            with durable.private_directory(context.settings.cache) as workdir:
                try:
                    for part in _restoring(context, target, revision, workdir):
                        run(running, part)
                except BaseException:
                    if lock_of(target) == before and not record.changing:
                        store.write(record)
                    raise
            request = _asked(record.request, revision)
            record = replace(record, changing="", lock=lock_of(target), request=request)
            store.write(record)
            history.note(location, record, what)
    finally:
        context.catalogue.forget()
    return {"environment": identifier}


def _asked(request: CreateRequest, revision: RevisionRecord) -> CreateRequest:
    """What is asked for from then on: what was asked for by the revision."""
    return replace(
        request,
        packages=revision.packages,
        pip=revision.pip,
        asked=revision.asked,
        requirements=(
            request.requirements if revision.requirements is None else revision.requirements
        ),
    )


def _restoring(
    context: Context, target: Target, revision: RevisionRecord, workdir: Path
) -> Iterator[Part]:
    settings, lock = context.settings, revision.lock
    addresses = [line for line in lock if is_address(line)]
    now = target.record.request
    noted = revision.requirements or ""
    known = known_hashes("\n".join((now.requirements, noted, *now.pip)))
    asked = _asked(now, revision)
    lines = hashed_where_known([line for line in lock if not is_address(line)], known)
    if target.is_conda:
        sources = find_sources(settings, target.record.request.channels)
        directory = own_directory(workdir, "conda")
        choice = choose.choose_engine("conda", settings, made_by=target.record.engine.name)
        # A list of addresses is what to add: the rest stays.
        here = history.versions(filter(is_address, lock_of(target)))
        there = {spec.name: spec.version for spec in parse_specs(addresses)}
        plan = conda_plan(
            settings,
            sources,
            target.prefix,
            directory,
            remove=sorted(here.keys() - history.versions(addresses).keys()),
            explicit=addresses,
            asked=asked_of_list(replace(asked, asked=asked_for(asked)), there),
        )
        engine = conda.find(choice.name, settings)
        yield Part(engine.change(plan), directory, conda_failure(engine, plan))
        gone = _pip_names(lock_of(target)) - _pip_names(lines)
        directory = own_directory(workdir, "pip")
        pip = uv_plan(context, target, directory, lines)
        uv = UvEngine.find(settings)
        if gone:
            work = uv.uninstall(pip, tuple(sorted(gone)))
            yield Part(work, directory, uv_failure(uv, pip))
        if lines:
            yield Part(uv.install(pip), directory, uv_failure(uv, pip))
    else:
        pip = uv_plan(context, target, workdir, lines)
        uv = UvEngine.find(settings)
        yield Part(uv.sync(pip), workdir, uv_failure(uv, pip))


def _pip_names(lock: Sequence[str]) -> set[str]:
    return {name_of_line(line) for line in lock if not is_address(line)}
