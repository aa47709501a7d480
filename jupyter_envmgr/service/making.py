"""The job that makes an environment: done and proven, or nothing is left behind."""

from __future__ import annotations

import uuid
from dataclasses import replace

from ..core.commands import Command, Step
from ..core.environments.model import Record
from ..core.errors import EnvMgrError
from ..core.events import Notice
from ..core.kernels.spec import kernel_json, started_with
from ..core.packages.inventory import list_packages
from ..core.packages.pip_configuration import OF_AN_ENVIRONMENT
from ..engines.uv import PipPlan, UvEngine
from ..system import durable
from ..system.store import Store
from . import kernels, managed
from .context import Context
from .creation import Creation
from .jobs import Running

PROOF = ("prove", "Starting its Python", 0.05)


def carry_out(
    context: Context, creation: Creation, record: Record, running: Running
) -> dict[str, str]:
    """The job: make the environment, prove it, say so in its record.

    Leaves nothing if it is cancelled. A failure, or a server that shuts down, leaves the record
    with its problem and nothing else, so that it can be retried.
    """
    facts = creation.facts
    record = replace(record, directory=str(uuid.uuid4()))
    try:
        with managed.lock(context, facts.location, creation.name, "creating"):
            try:
                _make(context, creation, record, running)
            except BaseException:
                _undo(creation, record, running)
                raise
    except BaseException as error:
        _give_up(creation, record, running, error)
        raise
    finally:
        context.catalogue.forget()
    return {"environment": managed.environment_id(context, facts.location, creation.name)}


def _make(context: Context, creation: Creation, record: Record, running: Running) -> None:
    store = Store(creation.facts.location)
    running.check()
    store.write(record)
    managed.make_directory(creation.facts.location, record)
    _install(context, creation, running)
    durable.write_file(creation.facts.prefix / "pip.conf", OF_AN_ENVIRONMENT.encode())
    python = _prove(context, creation, running)
    packages = list_packages(creation.facts.prefix, "venv")
    running.check()
    store.write(
        replace(
            record,
            status="ready",
            python=python,
            interpreter=str(creation.interpreter),
            lock=tuple(f"{package.name}=={package.version}" for package in packages),
        )
    )


def _give_up(creation: Creation, record: Record, running: Running, error: BaseException) -> None:
    """Forget a create that the person cancelled; keep any other for a retry, with its problem."""
    store = Store(creation.facts.location)
    problem = running.problem_of(error)
    if problem.code == "cancelled":
        if running.job.cancelling:
            store.delete(creation.name)
            return
        detail = f"{record.maker} stopped before it was done"
        problem = EnvMgrError("interrupted", detail).problem
    store.write(replace(record, status="failed", problem=problem, directory=""))


def _install(context: Context, creation: Creation, running: Running) -> None:
    facts = creation.facts
    engine = UvEngine.find(context.settings)
    with durable.private_directory(context.settings.cache) as workdir:
        requirements = facts.requirements
        if facts.request.kernel:
            requirements = (*requirements, "ipykernel")
        plan = PipPlan(
            prefix=facts.prefix,
            python=facts.base.python,
            download=facts.base.download,
            requirements=requirements,
            indexes=creation.indexes,
            workdir=workdir,
            environ=context.settings.environ,
            link_mode=context.settings.link_mode,
            prompt=creation.name,
        )
        work = engine.create(plan)
        for name, text in work.files.items():
            durable.write_file(workdir / name, text.encode(), mode=0o600)
        running.plan([*((s.name, s.title, s.weight) for s in work.steps), PROOF])
        for text in facts.notices:
            running.emit(Notice(text))
        for step in work.steps:
            outcome = running.run(step)
            if not outcome.ok:
                raise engine.explain(step, outcome, plan)


def _prove(context: Context, creation: Creation, running: Running) -> str:
    """Register the kernel and start its interpreter afresh, as Jupyter would. Its version."""
    facts = creation.facts
    environ = dict(context.settings.environ)
    module = "sys"
    if creation.registration is not None:
        kernels.write(creation.registration)
        spec = kernel_json(creation.registration.target, facts.display_name)
        environ = started_with(spec, environ)
        module = "ipykernel"
    program = f"import {module}, platform; print(platform.python_version())"
    command = Command((str(creation.interpreter), "-c", program), environ, facts.prefix)
    step = Step(*PROOF[:2], command, PROOF[2])
    outcome = running.run(step, timeout=120, missing="interpreter-missing")
    if not outcome.ok:
        last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
        detail = f"{creation.interpreter} cannot import {module}: {last}"
        raise EnvMgrError("import-failed", detail)
    return outcome.stdout.strip().splitlines()[-1]


def _undo(creation: Creation, record: Record, running: Running) -> None:
    """Take back what this create made: the kernelspec, then the directory."""
    try:
        if creation.registration is not None:
            kernels.take_back(creation.registration)
        managed.clear(creation.facts.location, record)
    except (OSError, EnvMgrError) as error:
        running.emit(Notice(f"could not be cleaned up: {error}", "warning"))
