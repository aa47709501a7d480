"""Creating an environment: check everything first, then do it, or leave nothing behind."""

from __future__ import annotations

import json
import shutil
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeVar

from ..core.commands import Command, Step
from ..core.environments.create import CreateFacts, choose_base, create_plan
from ..core.environments.model import CreateRequest, EngineChoice, Environment, Record
from ..core.errors import EnvMgrError, FieldError
from ..core.events import Notice
from ..core.kernels.spec import KernelTarget, display_name, kernel_json, started_with
from ..core.names import check_name, kernel_name
from ..core.packages.indexes import Indexes, find_indexes, without_credentials
from ..core.packages.inventory import list_packages
from ..core.packages.requirements import parse_requirements
from ..core.plans import Plan
from ..core.settings import Location
from ..engines import choose
from ..engines.uv import PipPlan, UvEngine
from ..system import durable, holder
from ..system.locks import Lock
from ..system.store import Store
from . import kernels
from .context import Context
from .jobs import Running

T = TypeVar("T")
MARKER = ".envmgr.json"
_LONGEST_WORDS = {"display_name": 200, "remarks": 10_000}


@dataclass(frozen=True)
class Creation:
    """A request that was found good, and all that is needed to carry it out."""

    facts: CreateFacts
    plan: Plan
    indexes: Indexes
    image: str
    registration: kernels.Registration | None

    @property
    def name(self) -> str:
        return self.facts.request.name


def prepare(context: Context, request: CreateRequest) -> Creation:
    """Check a request in every field and plan it. Changes nothing.

    Raises one error that carries what is wrong with every field: ``bad-…``, ``name-taken``,
    ``directory-exists``, ``kernel-taken``, ``engine-missing``.
    """
    gather = _Gather()
    gather(lambda: check_name(request.name))
    gather(lambda: _check_words(request))
    location = gather(lambda: find_location(context, request.location))
    requirements = gather(
        lambda: parse_requirements(
            request.packages,
            request.requirements,
            allowed_schemes=context.settings.allowed_url_schemes,
        )
    )
    indexes = gather(
        lambda: find_indexes(context.settings, request.index_url, request.extra_index_urls)
    )
    engine = gather(lambda: choose.choose(request.manager, context.settings))
    interpreters = context.catalogue.interpreters().interpreters
    base = gather(lambda: choose_base(request.python, interpreters))
    taken = None
    if location is not None and not gather.about("name"):
        taken = gather(lambda: _taken(context, location, request.name))
    gather.raise_errors()
    assert location
    assert indexes
    assert engine
    assert base
    assert requirements is not None
    prefix = location.path / request.name
    persistence = context.catalogue.persistence(prefix)
    label = request.display_name or display_name(base.version, request.name)
    identifier = environment_id(context, location, request.name)
    image = context.catalogue.image().name
    registration = None
    if request.kernel:
        target = KernelTarget(
            id=identifier,
            prefix=prefix,
            interpreter=prefix / "bin" / "python",
            kind="venv",
            python=base.version,
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
        base=base,
        engine=engine,
        requirements=tuple(r.text for r in requirements),
        persistence=persistence,
        free=_free(location.path),
        index=indexes.summary,
        kernel=registration.name if registration else None,
        display_name=label,
        taken_by=taken.status if taken else None,
        notices=indexes.notices,
    )
    return Creation(facts, create_plan(facts), indexes, image, registration)


class _Gather:
    """Collects the errors of several checks, so that a person sees all of them at once."""

    def __init__(self) -> None:
        self._errors: list[EnvMgrError] = []

    def __call__(self, check: Callable[[], T]) -> T | None:
        try:
            return check()
        except EnvMgrError as error:
            if not error.errors:
                raise
            self._errors.append(error)
            return None

    def about(self, field: str) -> bool:
        return any(e.field == field for error in self._errors for e in error.errors)

    def raise_errors(self) -> None:
        if len(self._errors) == 1:
            raise self._errors[0]
        if self._errors:
            rows = tuple(row for error in self._errors for row in error.errors)
            raise EnvMgrError("bad-request", "; ".join(e.detail for e in self._errors), errors=rows)


def _check_words(request: CreateRequest) -> None:
    check_words("display_name", request.display_name)
    check_words("remarks", request.remarks)
    check_labels(request.labels)


def check_words(field: str, text: str) -> None:
    """Refuse what no list, dialog or kernel.json can show: too long, or control characters."""
    longest = _LONGEST_WORDS[field]
    if len(text) > longest:
        raise EnvMgrError.of_field(
            "bad-request", field, f"{len(text)} characters: {longest} at most"
        )
    for character in text:
        if (ord(character) < 32 and character not in "\n\t") or 0xD800 <= ord(character) < 0xE000:
            raise EnvMgrError.of_field("bad-request", field, "has a control character")
    if field == "display_name" and "\n" in text:
        raise EnvMgrError.of_field("bad-request", field, "must be one line")


def check_labels(labels: dict[str, str]) -> None:
    """Refuse labels that are too many or too long: 64 of at most 63 and 255 characters."""
    if len(labels) > 64:
        raise EnvMgrError.of_field("bad-request", "labels", f"{len(labels)} labels: 64 at most")
    for key, value in labels.items():
        if not key or len(key) > 63 or len(value) > 255:
            raise EnvMgrError.of_field(
                "bad-request", "labels", f"{key[:63]!r}: 63 characters and 255 for its value"
            )


def find_location(context: Context, name: str) -> Location:
    """The location of that name; the default one for an empty name."""
    if not name:
        return context.settings.default_location
    for location in context.settings.locations:
        if location.name == name:
            return location
    have = ", ".join(location.name for location in context.settings.locations)
    raise EnvMgrError.of_field(
        "no-such-location", "location", f"there is no location {name!r}; there are: {have}"
    )


def environment_id(context: Context, location: Location, name: str) -> str:
    """How a managed environment is addressed: its name, with its location if not the default."""
    default = location.name == context.settings.default_location.name
    return name if default else f"{name}@{location.name}"


def _taken(context: Context, location: Location, name: str) -> Record | None:
    """The record of a dead attempt that a new create may replace; raises if the name is taken."""
    existing = Store(location).find(name)
    prefix = location.path / name
    if existing is None:
        if prefix.is_symlink() or prefix.exists():
            detail = f"{prefix} exists already"
            raise EnvMgrError(
                "directory-exists",
                detail,
                errors=(FieldError("name", detail, "directory-exists"),),
            )
        return None
    if is_dead(context, existing):
        return existing
    raise name_taken(existing)


def name_taken(existing: Record) -> EnvMgrError:
    """The conflict that names who has the name."""
    if existing.status == "creating":
        detail = f"{existing.name!r} is being created by {existing.maker} since {existing.created}"
    else:
        detail = f"{existing.name!r} exists since {existing.created}"
    return EnvMgrError("name-taken", detail, errors=(FieldError("name", detail, "name-taken"),))


def is_dead(context: Context, record: Record) -> bool:
    """Whether a record is that of an attempt that failed or was interrupted."""
    if record.status == "failed":
        return True
    return record.status == "creating" and not context.catalogue.is_being_made(record)


def _free(path: Path) -> int | None:
    while not path.exists():
        path = path.parent
    try:
        return shutil.disk_usage(path).free
    except OSError:
        return None


def reserve(context: Context, creation: Creation, job: str, *, break_lock: bool) -> Record:
    """Take the name, durably and exclusively: of any number of processes exactly one gets it."""
    facts = creation.facts
    request = replace(
        facts.request,
        index_url=without_credentials(facts.request.index_url),
        extra_index_urls=tuple(map(without_credentials, facts.request.extra_index_urls)),
    )
    record = Record(
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
        index_urls=creation.indexes.public_urls,
        image=creation.image,
        kernel=facts.kernel,
    )
    store = Store(facts.location)
    if facts.taken_by is not None:
        with lock(context, facts.location, creation.name, "replacing", break_lock=break_lock):
            existing = store.find(creation.name)
            if existing is not None:
                if not is_dead(context, existing):
                    raise name_taken(existing)
                clear(facts.location, existing)
                store.delete(creation.name)
            store.reserve(record)
    else:
        store.reserve(record)
    return record


def now() -> str:
    """The time as records and events have it: ISO 8601, UTC, to the second."""
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


def lock(
    context: Context, location: Location, name: str, purpose: str, *, break_lock: bool = False
) -> Lock:
    """The lock that every change of a managed environment takes."""
    return Lock(
        location.locks / f"{name}.lock",
        holder.current(context.settings.door),
        purpose,
        break_lock=break_lock,
    )


def clear(location: Location, record: Record) -> None:
    """Remove the directory of a record, if it is the one that the create made."""
    prefix = location.path / record.name
    if made_by(prefix) != record.directory or not record.directory:
        return
    stat = prefix.stat(follow_symlinks=False)
    durable.remove_tree(prefix, made_by=(stat.st_dev, stat.st_ino), trash=location.trash)


def made_by(prefix: Path) -> str | None:
    """The identity that a create left in its directory.

    Not its inode: that of a network file system may change from one mount to the next.
    """
    try:
        return str(json.loads((prefix / MARKER).read_bytes())["directory"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def carry_out(
    context: Context, creation: Creation, record: Record, running: Running
) -> dict[str, str]:
    """The job: make the environment, prove it, say so in its record. Leaves nothing if cancelled.

    A failure keeps the record, as ``failed`` with the problem, so that it can be retried.
    """
    facts = creation.facts
    store = Store(facts.location)
    with lock(context, facts.location, creation.name, "creating"):
        directory = str(uuid.uuid4())
        record = replace(record, directory=directory)
        try:
            store.write(record)
            _make_directory(facts.prefix, directory)
            _install(context, creation, running)
            python = _prove(context, creation, running)
            record = _finished(creation, record, python)
            running.check()
            store.write(record)
        except BaseException as error:
            _undo(creation, record, running)
            if isinstance(error, EnvMgrError) and error.code == "cancelled":
                store.delete(creation.name)
            else:
                problem = running.problem_of(error)
                store.write(replace(record, status="failed", problem=problem, directory=""))
            raise
        finally:
            context.catalogue.forget()
    return {"environment": environment_id(context, facts.location, creation.name)}


def _make_directory(prefix: Path, directory: str) -> None:
    durable.make_directory(prefix)
    durable.write_file(prefix / MARKER, json.dumps({"directory": directory}).encode())


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
        proof = [("prove", "Starting its Python", 0.03)]
        running.plan([(s.name, s.title, s.weight) for s in work.steps] + proof)
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
    interpreter = str(facts.prefix / "bin" / "python")
    command = Command((interpreter, "-c", program), environ, facts.prefix)
    step = Step("prove", "Starting its Python", command, 0.03)
    outcome = running.run(step)
    if not outcome.ok:
        last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise EnvMgrError("import-failed", f"{interpreter} cannot import {module}: {last}")
    return outcome.stdout.strip().splitlines()[-1]


def _finished(creation: Creation, record: Record, python: str) -> Record:
    packages = list_packages(creation.facts.prefix, "venv")
    return replace(
        record,
        status="ready",
        python=python,
        interpreter=str(creation.facts.prefix / "bin" / "python"),
        lock=tuple(f"{p.name}=={p.version}" for p in packages),
    )


def _undo(creation: Creation, record: Record, running: Running) -> None:
    """Take back what this create made: the kernelspec, then the directory."""
    try:
        if creation.registration is not None:
            kernels.take_back(creation.registration)
        clear(creation.facts.location, record)
    except (OSError, EnvMgrError) as error:
        running.emit(Notice(f"could not be cleaned up: {error}", "warning"))


__all__ = ["Creation", "EngineChoice", "Environment", "carry_out", "prepare", "reserve"]
