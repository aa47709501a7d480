"""A request to create an environment: checked in every field, planned, and its name taken."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.clock import now
from ...core.credentials import without_credentials
from ...core.environments.check import check_request_words
from ...core.environments.create import CreateFacts, create_plan
from ...core.environments.model import CreateRequest, Manager, Record
from ...core.kernels.spec import KernelTarget, display_name
from ...core.names import check_name, kernel_name
from ...core.packages.indexes import public_url
from ...core.plans import Plan
from ...system import holder
from .. import kernels
from ..context import Context
from . import attempts, managed
from .conda_content import conda_content
from .content import Content
from .gather import Gather
from .pip_content import pip_content

_CONTENTS: dict[Manager, Callable[[Context, CreateRequest, Gather], Content | None]] = {
    "pip": pip_content,
    "conda": conda_content,
}


@dataclass(frozen=True)
class Creation:
    """A request that was found good, and all that is needed to carry it out."""

    facts: CreateFacts
    plan: Plan
    content: Content
    image: str
    registration: kernels.Registration | None

    @property
    def interpreter(self) -> Path:
        """The interpreter that the environment will have."""
        return self.facts.prefix / "bin" / "python"

    @property
    def name(self) -> str:
        """What the environment is to be called."""
        return self.facts.request.name


def prepare(
    context: Context, request: CreateRequest, *, replacing: Record | None = None
) -> Creation:
    """Check a request in every field and plan it. Changes nothing.

    ``replacing`` is the record of a ready environment whose name it takes over.
    Raises one error that carries what is wrong with every field: ``bad-…``, ``name-taken``,
    ``directory-exists``, ``kernel-taken``, ``engine-missing``.
    """
    gather = Gather()
    gather(lambda: check_name(request.name))
    gather(lambda: check_request_words(request))
    location = gather(lambda: managed.find_location(context, request.location))
    content = _CONTENTS[request.manager](context, request, gather)
    taken = None
    if location is not None and not gather.about("name") and replacing is None:
        taken = gather(lambda: attempts.free_or_dead(context, location, request.name))
    gather.raise_errors()
    assert location
    assert content
    prefix = location.path / request.name
    persistence = context.catalogue.persistence(prefix)
    label = request.display_name or display_name(content.base.version, request.name)
    identifier = managed.environment_id(context, location, request.name)
    image = context.catalogue.image().name
    registration = None
    if request.kernel:
        target = KernelTarget(
            id=identifier,
            prefix=prefix,
            interpreter=prefix / "bin" / "python",
            kind=content.kind,
            python=content.base.version,
            image=image,
            host=holder.current(context.settings.door).host,
        )
        registration = kernels.prepare(
            context.settings,
            kernel_name(identifier.replace("@", "--")),
            label,
            target,
            survives=persistence.survives,
        )
    facts = CreateFacts(
        request=request,
        location=location,
        prefix=prefix,
        base=content.base,
        engine=content.engine,
        requirements=content.requirements,
        persistence=persistence,
        free=_free(location.path),
        index=content.source,
        kernel=registration.name if registration else None,
        display_name=label,
        taken_by=taken.status if taken else None,
        warnings=content.warnings,
        notices=content.notices,
        hashes=content.hashes,
    )
    return Creation(facts, create_plan(facts), content, image, registration)


def _free(path: Path) -> int | None:
    while not path.exists():
        path = path.parent
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def record_of(context: Context, creation: Creation, job: str) -> Record:
    """The record that takes the name: what was asked for, without credentials."""
    facts = creation.facts
    asked = creation.content.kept or facts.request
    request = replace(
        asked,
        index_url=public_url(asked.index_url),
        extra_index_urls=tuple(map(public_url, asked.extra_index_urls)),
        channels=tuple(map(without_credentials, asked.channels)),
    )
    return Record(
        name=creation.name,
        status="creating",
        created=now(),
        maker=holder.current(context.settings.door),
        request=request,
        engine=facts.engine,
        job=job,
        display_name=facts.display_name,
        remarks=request.remarks,
        labels=request.labels,
        index_urls=creation.content.public_urls,
        image=creation.image,
        kernel=facts.kernel,
    )
