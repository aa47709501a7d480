"""A request to import an archive: looked into, checked in every field, and planned."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ...core.archives.model import Archive, ImportRequest
from ...core.clock import now
from ...core.environments.check import check_words
from ...core.environments.create import (
    KEPT_OUT,
    Base,
    about_loss,
    choose_base,
    lasts,
    lies_in,
    readable_bytes,
)
from ...core.environments.model import CreateRequest, EngineChoice, Persistence, Record
from ...core.errors import EnvMgrError
from ...core.kernels.spec import KernelTarget, display_name
from ...core.names import check_name, kernel_name
from ...core.plans import Plan, PlanStep
from ...core.settings import Location
from ...system import durable, holder
from .. import kernels
from ..context import Context
from ..environments import attempts, managed
from . import looking

_TRUST = "Its programs are run: import only what you trust."


@dataclass(frozen=True)
class Import:
    """A request that was found good, and all that is needed to carry it out."""

    plan: Plan
    request: ImportRequest
    archive: Archive
    name: str
    label: str
    location: Location
    image: str
    sha256: str
    base: Base | None
    registration: kernels.Registration | None

    @property
    def prefix(self) -> Path:
        """Where the environment will lie."""
        return self.location.path / self.name

    @property
    def interpreter(self) -> Path:
        """The interpreter that it will have."""
        return self.prefix / "bin" / "python"

    def record(self, context: Context, job: str) -> Record:
        """The record that takes the name. ``annotations`` say where it came from."""
        manifest = self.archive.manifest
        engine = manifest.engine or ("uv" if manifest.kind == "wheels" else "rattler")
        return Record(
            name=self.name,
            status="creating",
            created=now(),
            maker=holder.current(context.settings.door),
            request=CreateRequest(
                name=self.name,
                manager=manifest.manager,
                python=".".join(manifest.python.split(".")[:2]),
                packages=manifest.asked_for,
                display_name=self.label,
                remarks=manifest.remarks,
                labels=manifest.labels,
                location=self.request.location,
                kernel=self.request.kernel,
                channels=manifest.channels if manifest.kind == "conda" else (),
            ),
            engine=EngineChoice(engine, "", "the one that made what was packed"),
            job=job,
            display_name=self.label,
            remarks=manifest.remarks,
            labels=manifest.labels,
            annotations={"archive": self.archive.path, "archive-sha256": self.sha256},
            index_urls=manifest.channels,
            image=self.image,
            kernel=self.registration.name if self.registration else None,
        )


def prepare(context: Context, request: ImportRequest) -> Import:
    """Look into the archive, check the request and plan it. Changes nothing."""
    archive = looking.look(context, request.path)
    manifest = archive.manifest
    if archive.refusal:
        raise EnvMgrError("wrong-platform", f"{Path(archive.path).name}: {archive.refusal}")
    name = check_name(request.name or looking.suggested_name(manifest.name))
    check_words("display_name", request.display_name)
    location = managed.find_location(context, request.location)
    sha256 = _expected(request, archive)
    taken = attempts.free_or_dead(context, location, name)
    base = _base(context, archive) if manifest.kind == "wheels" else None
    _check_room(location, archive)
    label = request.display_name or _label(archive, name)
    persistence = context.catalogue.persistence(location.path / name)
    image = context.catalogue.image().name
    registration = None
    if request.kernel:
        registration = _registration(context, archive, location, name, label, persistence, image)
    return Import(
        plan=_plan(archive, location, name, label, persistence, base, taken),
        request=request,
        archive=archive,
        name=name,
        label=label,
        location=location,
        image=image,
        sha256=sha256,
        base=base,
        registration=registration,
    )


def _expected(request: ImportRequest, archive: Archive) -> str:
    """The hash that the file must have: as the person says, else as the file beside it does."""
    wanted = request.sha256.strip().lower()
    if wanted and (len(wanted) != 64 or set(wanted) - set("0123456789abcdef")):
        raise EnvMgrError.of_field("bad-request", "sha256", "a SHA-256 has 64 hexadecimal digits")
    return wanted or archive.sha256


def _base(context: Context, archive: Archive) -> Base:
    """The Python for the wheels: of the very minor version that they were fetched for."""
    minor = ".".join(archive.manifest.python.split(".")[:2])
    try:
        return choose_base(minor, context.catalogue.interpreters().interpreters)
    except EnvMgrError as error:
        why = f"its packages are for Python {minor}: {error.errors[0].detail}"
        raise EnvMgrError("wrong-platform", f"{Path(archive.path).name}: {why}") from None


def _check_room(location: Location, archive: Archive) -> None:
    free, needed = durable.free_bytes(location.path), max(archive.manifest.bytes, archive.size)
    if needed > free:
        have = f"{readable_bytes(needed)} are needed in {location.path}"
        raise EnvMgrError("disk-full", f"{have}, and {readable_bytes(free)} are free")


def _label(archive: Archive, name: str) -> str:
    """The display name that a person gave it where it was packed; else one of the new name."""
    manifest = archive.manifest
    given = manifest.display_name
    if given and given not in (manifest.name, display_name(manifest.python, manifest.name)):
        return given
    return display_name(manifest.python, name)


def _registration(
    context: Context,
    archive: Archive,
    location: Location,
    name: str,
    label: str,
    persistence: Persistence,
    image: str,
) -> kernels.Registration:
    identifier = managed.environment_id(context, location, name)
    prefix = location.path / name
    target = KernelTarget(
        id=identifier,
        prefix=prefix,
        interpreter=prefix / "bin" / "python",
        kind="conda" if archive.manifest.kind == "conda" else "venv",
        python=archive.manifest.python,
        image=image,
        host=holder.current(context.settings.door).host,
    )
    return kernels.prepare(
        context.settings,
        kernel_name(identifier.replace("@", "--")),
        label,
        target,
        survives=persistence.survives,
    )


def _plan(
    archive: Archive,
    location: Location,
    name: str,
    label: str,
    persistence: Persistence,
    base: Base | None,
    taken: Record | None,
) -> Plan:
    manifest, prefix = archive.manifest, location.path / name
    steps = [
        PlanStep("unpack", archive.path, readable_bytes(archive.size)),
        PlanStep("create", str(prefix), f"on {base.python}" if base else "with its own Python"),
        PlanStep("register", name, label),
    ]
    if taken is not None:
        steps.insert(0, PlanStep("replace", name, f"an earlier attempt that is {taken.status}"))
    made = "by conda-pack"
    if manifest.created:
        made = f"{manifest.created[:16].replace('T', ' ')} UTC in {manifest.image}"
    glibc = manifest.glibc and f"glibc {manifest.glibc}"
    facts = [
        ("Directory", str(prefix)),
        ("Stays", f"{lasts(persistence)} ({persistence.why})"),
        ("Python", manifest.python),
        ("Platform", ", ".join(filter(None, (manifest.platform, glibc)))),
        ("Packages", str(len(manifest.lock))),
        ("Packed", made),
    ]
    if base is None:
        facts.append(("User site", KEPT_OUT))
    return Plan(
        operation="archives.import",
        subject=name,
        summary=f"The environment in {Path(archive.path).name} will lie in "
        f"{lies_in(str(prefix), persistence)}",
        steps=tuple(steps),
        facts=tuple(facts),
        warnings=(*about_loss(location.path, persistence), _TRUST),
        bytes=manifest.bytes or None,
    ).sealed()
