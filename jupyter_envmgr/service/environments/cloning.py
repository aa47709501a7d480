"""Environments made again from what is known of them: a clone, or anew under the same name."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ...core.conda.export import export_explicit, export_requirements, pip_lines
from ...core.environments.asked import python_again
from ...core.environments.isolation import is_isolated
from ...core.environments.model import CloneRequest, CreateRequest, Environment, Record
from ...core.errors import EnvMgrError
from ...core.jobs.model import Job
from ...core.packages.hashes import hashed_where_known, known_hashes, relocked
from ...core.plans import Plan
from ..context import Context
from . import managed
from . import verbs as environments
from .pip_content import pip_lock


def plan_clone(context: Context, identifier: str, request: CloneRequest) -> Plan:
    """What `clone` would do."""
    return environments.plan_create(context, _as_create(context, identifier, request))


def clone(
    context: Context, identifier: str, request: CloneRequest, *, break_lock: bool = False
) -> Job:
    """Start to make an environment with exactly the packages of another one.

    Made anew, since neither a venv nor a conda environment may simply be copied: their files know
    where they lie. From the caches it takes as long as a copy.
    """
    wanted = _as_create(context, identifier, request)
    return environments.create(context, wanted, break_lock=break_lock)


def _as_create(context: Context, identifier: str, request: CloneRequest) -> CreateRequest:
    environment = context.catalogue.environment(identifier)
    if environment.status not in ("ready", "foreign"):
        raise EnvMgrError("wrong-state", f"{environment.name} is {environment.status}")
    if environment.kind == "conda":
        wanted = _of_conda(environment)
    elif environment.kind == "venv":
        wanted = _of_venv(environment)
    else:
        raise EnvMgrError(
            "wrong-state",
            f"{environment.name} is no environment of its own",
            hint="Create one, and choose the packages that you need.",
        )
    known = _record(context, environment)
    if known is not None:
        old = known.request
        if wanted.manager == "conda":
            known_pip = known_hashes("\n".join(old.pip))
            wanted = replace(wanted, pip=hashed_where_known(wanted.pip, known_pip))
        else:
            installed = pip_lock(Path(environment.path))
            lines = wanted.requirements.splitlines()
            packages, requirements = relocked(lines, installed, old.requirements)
            wanted = replace(wanted, packages=packages, requirements=requirements)
        wanted = replace(
            wanted,
            engine=known.engine.name if old.engine else "",
            python=python_again(known) if wanted.manager == "pip" else "",
            index_url=old.index_url,
            extra_index_urls=old.extra_index_urls,
            channels=old.channels,
            variables=old.variables,
            gpu=old.gpu,
            asked=environment.asked_for,
            user_site=wanted.manager == "conda" and not is_isolated(environment.path),
            remarks=known.remarks,
            labels=known.labels,
        )
    return replace(
        wanted,
        name=request.name,
        location=request.location,
        display_name=request.display_name,
        kernel=any(k.managed for k in environment.kernels) or known is None,
    )


def _record(context: Context, environment: Environment) -> Record | None:
    if not environment.managed:
        return None
    return managed.find_record(context, environment)[1]


def _of_conda(environment: Environment) -> CreateRequest:
    prefix = Path(environment.path)
    return CreateRequest(
        name="",
        manager="conda",
        requirements=export_explicit(prefix).text,
        pip=tuple(pip_lines(prefix, "conda", environment.python, [])),
    )


def _of_venv(environment: Environment) -> CreateRequest:
    found = export_requirements(
        Path(environment.path), "venv", interpreter_version=environment.python
    )
    minor = ".".join(environment.python.split(".")[:2])
    return CreateRequest(name="", python=minor, requirements=found.text)
