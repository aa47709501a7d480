"""The job that makes an environment: done and proven, or nothing is left behind."""

from __future__ import annotations

from dataclasses import replace

from ...core.commands import Command, Step
from ...core.environments.model import Record
from ...core.errors import EnvMgrError
from ...core.events import Notice
from ...core.kernels.spec import display_name
from ...core.packages.inventory import list_packages
from ...core.packages.pip_configuration import OF_AN_ENVIRONMENT
from ...system import durable
from ...system.store import Store
from .. import kernels
from ..context import Context
from ..jobs import Running
from ..kernels import Registration
from . import activation, attempts, history
from .content import carry_out as put_in_place
from .creation import Creation

PROOF = ("prove", "Starting its Python", 0.05)


def carry_out(
    context: Context, creation: Creation, record: Record, running: Running
) -> dict[str, str]:
    """The job: make the environment, prove it, say so in its record. See `attempts.carry_out`."""
    return attempts.carry_out(
        context,
        creation.facts.location,
        record,
        running,
        purpose="creating",
        registration=creation.registration,
        make=lambda marked: _make(context, creation, marked, running),
    )


def _make(context: Context, creation: Creation, record: Record, running: Running) -> None:
    for text in creation.facts.warnings:
        running.emit(Notice(text, "warning"))
    for text in creation.facts.notices:
        running.emit(Notice(text))
    prefix = creation.facts.prefix
    put_in_place(context, creation.content, prefix, running, (PROOF,))
    durable.write_file(prefix / "pip.conf", OF_AN_ENVIRONMENT.encode())
    registration = _registration(creation)
    python = _prove(context, creation, registration, running)
    lock = creation.content.lock(prefix)
    running.check()
    record = replace(
        record,
        status="ready",
        python=python,
        interpreter=str(creation.interpreter),
        display_name=registration.display_name if registration else record.display_name,
        lock=lock,
    )
    Store(creation.facts.location).write(record)
    history.note(creation.facts.location, record, "create")


def _registration(creation: Creation) -> Registration | None:
    """The kernel to register, named after the Python that came of it."""
    planned = creation.registration
    if planned is None or creation.content.kind != "conda":
        return planned
    there = list_packages(creation.facts.prefix, "conda")
    python = next((p.version for p in there if p.name == "python"), "")
    if not python:
        raise EnvMgrError(
            "ipykernel-missing",
            "there is no Python in it, so there is no kernel of it",
            hint="Add python to the packages, or ask for no kernel.",
        )
    label = creation.facts.request.display_name or display_name(python, creation.name)
    return replace(planned, display_name=label, target=replace(planned.target, python=python))


def _prove(
    context: Context, creation: Creation, registration: Registration | None, running: Running
) -> str:
    """Register the kernel and start its interpreter afresh, as Jupyter would. Its version."""
    prefix = creation.facts.prefix
    if registration is None and not creation.interpreter.exists():
        # Conda environments need no Python; who asks for no kernel may want none.
        running.step(PROOF[0])
        return ""
    module = "ipykernel" if registration else "sys"
    program = f"import {module}, platform; print(platform.python_version())"
    if registration is not None:
        kernels.write(registration)
        command = activation.command(
            context.settings, registration.target, "-c", program, cwd=prefix
        )
    else:
        environ = dict(context.settings.environ)
        command = Command((str(creation.interpreter), "-c", program), environ, prefix)
    step = Step(*PROOF[:2], command, PROOF[2])
    outcome = running.run(step, timeout=120, missing="interpreter-missing")
    if not outcome.ok:
        last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
        detail = f"{creation.interpreter} cannot import {module}: {last}"
        raise EnvMgrError("import-failed", detail)
    return outcome.stdout.strip().splitlines()[-1]
