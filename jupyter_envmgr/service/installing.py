"""Installing packages by the pip of a Python that is there: into the user site, or the image."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ..core.commands import Command
from ..core.errors import EnvMgrError
from ..core.jobs.model import Job
from ..core.packages.hashes import without_hashes
from ..core.packages.indexes import find_indexes
from ..core.packages.model import ChangeRequest, InstallRequest
from ..core.packages.sites import site_directories
from ..core.plans import Plan, PlanStep
from ..engines.pip import REQUIREMENTS, PipInstall, explain
from ..system import durable, process
from . import kernels
from .context import Context
from .environments import changing
from .environments.change_plans import about_hashes
from .environments.change_target import hashed_lines
from .jobs import Running
from .usersite.place import image_python, locked, place_of

_AS_LONG_AS_THE_CONTAINER = "What is installed into the image is gone when the container ends."
_PROTECTED = "The system keeps these packages itself (PEP 668): pip is told to go on."
_SUDO_SECONDS = 5.0


@dataclass(frozen=True)
class _Install:
    """A request that was found good: its plan, and the pip that does it."""

    plan: Plan
    requirements: tuple[str, ...]
    pip: PipInstall


@dataclass(frozen=True)
class _Target:
    """Where packages would go, and what speaks against it. ``base`` is that of a user site."""

    where: str
    interpreter: Path
    python: str
    refusal: str = ""
    base: str = ""
    as_root: bool = False
    warnings: tuple[str, ...] = ()


def plan_install(context: Context, request: InstallRequest) -> Plan:
    """What `install` would do. Raises ``bad-requirement``, ``no-such-environment``."""
    if request.place == "environment":
        return changing.plan_change(context, request.environment, _as_change(request))
    return _prepare(context, request).plan


def install(context: Context, request: InstallRequest, digest: str | None = None) -> Job:
    """Start to install what the plan shows. Raises what speaks against it at once."""
    if request.place == "environment":
        return changing.change(context, request.environment, _as_change(request), digest)
    prepared = _prepare(context, request)
    kernels.check_digest(prepared.plan, digest)
    if prepared.plan.refusal:
        raise EnvMgrError("wrong-state", prepared.plan.refusal)
    return context.jobs.start(
        "packages.install",
        prepared.plan.subject,
        f"Install into {prepared.plan.subject}",
        lambda running: _carry_out(context, prepared, running),
    )


def _as_change(request: InstallRequest) -> ChangeRequest:
    return ChangeRequest(install=request.requirements)


def _prepare(context: Context, request: InstallRequest) -> _Install:
    settings = context.settings
    requirements = hashed_lines(context, request.requirements, "packages")
    if not requirements:
        raise EnvMgrError.of_field("bad-requirement", "requirements", "nothing is named")
    indexes = find_indexes(settings)
    target = _target(context, request)
    protected = _is_protected(target)
    warnings = [*target.warnings, *indexes.notices]
    if protected:
        warnings.append(_PROTECTED)
    pip = PipInstall(
        interpreter=target.interpreter,
        place="user" if request.place == "user" else "system",
        indexes=indexes,
        environ=settings.environ,
        base=target.base,
        as_root=target.as_root,
        protected=protected,
    )
    facts = [("Into", target.where), ("From", indexes.summary), ("Command", pip.shown())]
    facts += about_hashes(requirements)
    plan = Plan(
        operation="packages.install",
        subject=_subject(request),
        summary=_summary(len(requirements)),
        steps=tuple(PlanStep("install", without_hashes(text)) for text in requirements),
        facts=tuple(facts),
        warnings=tuple(warnings),
        refusal=target.refusal,
    ).sealed()
    return _Install(plan, requirements, pip)


def _summary(count: int) -> str:
    if count == 1:
        return "1 package, and what it needs, is installed."
    return f"{count} packages, and what they need, are installed."


def _subject(request: InstallRequest) -> str:
    return "the user site" if request.place == "user" else "the image"


def _target(context: Context, request: InstallRequest) -> _Target:
    if request.place == "user":
        return _user(context, request)
    return _system(context)


def _user(context: Context, request: InstallRequest) -> _Target:
    settings = context.settings
    base = place_of(settings).base
    python = request.python or image_python(settings)
    interpreter = settings.image_interpreter
    refusal = ""
    if python != image_python(settings):
        found = [
            i.path
            for i in context.catalogue.interpreters().interpreters
            if i.path and i.version.startswith(python + ".") and i.implementation == "cpython"
        ]
        if found:
            interpreter = Path(found[0])
        else:
            refusal = f"There is no Python {python} here: do this in the image that has it."
    else:
        site = context.catalogue.user_site()
        # What is not there yet is not visible either, and pip makes it.
        if not site.visible and site.exists:
            refusal = f"The image's Python does not look at the user site: {site.why}."
    where = os.path.join(base.path, "lib", f"python{python}", "site-packages")
    return _Target(where, interpreter, python, refusal, base=base.path)


def _system(context: Context) -> _Target:
    settings = context.settings
    python = image_python(settings)
    sites = site_directories(settings.image_prefix, "image", python)
    where = str(sites[0]) if sites else str(settings.image_prefix)
    refusal, as_root = "", False
    if not os.access(where, os.W_OK):
        as_root = _may_sudo(context)
        if not as_root:
            refusal = f"You may not write to {where}, and sudo is not to be had without a password."
    warnings = (_AS_LONG_AS_THE_CONTAINER,)
    interpreter = settings.image_interpreter
    return _Target(where, interpreter, python, refusal, as_root=as_root, warnings=warnings)


def _may_sudo(context: Context) -> bool:
    program = shutil.which("sudo", path=context.settings.environ.get("PATH", ""))
    if program is None:
        return False
    command = Command((program, "-n", "true"), dict(context.settings.environ), Path("/"))
    try:
        return process.run(
            command,
            on_line=lambda stream, line: None,
            cancelled=lambda: False,
            timeout=_SUDO_SECONDS,
        ).ok
    except EnvMgrError:
        return False


def _is_protected(target: _Target) -> bool:
    """Whether the interpreter's packages are marked as the system's own (PEP 668)."""
    prefix = Path(os.path.realpath(target.interpreter)).parent.parent
    return (prefix / "lib" / f"python{target.python}" / "EXTERNALLY-MANAGED").exists()


def _carry_out(context: Context, prepared: _Install, running: Running) -> dict[str, str]:
    try:
        _by_pip(context, prepared, running)
    finally:
        context.catalogue.forget()
    return {"place": prepared.pip.place}


def _by_pip(context: Context, prepared: _Install, running: Running) -> None:
    with (
        _alone(context, prepared.pip),
        durable.private_directory(context.settings.cache) as workdir,
    ):
        durable.write_file(workdir / REQUIREMENTS, _lines(prepared.requirements))
        outcome = running.run(prepared.pip.step(workdir), missing="interpreter-missing")
        if not outcome.ok:
            raise explain(outcome)


@contextmanager
def _alone(context: Context, pip: PipInstall) -> Iterator[None]:
    """The user site is not set aside while pip writes to it."""
    if pip.place != "user":
        yield
        return
    base = Path(pip.base)
    if not base.exists():
        durable.make_directory(base, mode=0o700, exist_ok=True)
    with locked(place_of(context.settings), "installing user packages"):
        yield


def _lines(requirements: Sequence[str]) -> bytes:
    return "".join(f"{text}\n" for text in requirements).encode()
