"""The job that packs an environment into a file: conda's files, or a lock and its wheels."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ...core.archives import zstd
from ...core.archives.facts import read_conda_meta, wheel_facts
from ...core.archives.model import (
    ENDINGS,
    REQUIREMENTS,
    WHEELS,
    ArchiveKind,
    ArchiveManifest,
    Compression,
    ExportRequest,
)
from ...core.archives.packing import compression_of
from ...core.clock import now
from ...core.credentials import without_any_credentials
from ...core.environments.create import readable_bytes
from ...core.environments.model import Environment, Record
from ...core.errors import EnvMgrError, FieldError
from ...core.events import Notice, Progress
from ...core.packages.indexes import Indexes, find_indexes
from ...core.packages.model import Package
from ...core.plans import Plan, PlanStep
from ...core.settings import Location
from ...engines import wheels
from ...engines.conda_pack import CondaPackEngine, PackPlan, packed
from ...engines.wheels import WheelPlan, fetched_as
from ...system import durable
from ...system.oserrors import explain_os_error
from ...system.packing import write_archive
from ..context import Context
from ..environments import managed
from ..environments.conda_content import conda_lock
from ..jobs import Running
from .placing import absolute

_WRITING = ("write", "Writing the archive", 0.3)
_NAMED = 5
_PARTS = ".envmgr-parts"
_A_DAY = 24 * 3600.0


@dataclass(frozen=True)
class Export:
    """A request that was found good, and all that is needed to carry it out."""

    plan: Plan
    environment: Environment
    packages: tuple[Package, ...]
    path: Path
    compression: Compression
    manifest: ArchiveManifest
    managed: tuple[Location, Record] | None


def prepare(context: Context, request: ExportRequest) -> Export:
    """Check a request and plan it. Changes nothing."""
    environment = context.catalogue.environment(request.environment)
    kind = _kind(environment)
    if environment.status != "ready" or environment.interpreter is None:
        why = environment.reason or "there is no Python in it"
        raise EnvMgrError("wrong-state", f"{environment.name} is {environment.status}: {why}")
    path, compression = _target(request.path, Path(environment.path))
    packages = context.catalogue.packages(environment.id).packages
    editable = [package.name for package in packages if package.editable]
    if editable:
        named = ", ".join(editable[:_NAMED]) + (" …" if editable[_NAMED:] else "")
        raise EnvMgrError(
            "cannot-pack",
            f"{environment.name} has editable packages, whose sources lie elsewhere: {named}",
            hint="Install them as they are (`pip install` without -e), then try again.",
        )
    record = None
    with contextlib.suppress(EnvMgrError):
        record = managed.find_record(context, environment)
    manifest = _manifest(context, environment, kind, packages, record[1] if record else None)
    if kind == "conda":
        CondaPackEngine.find(context.settings)
    plan = _plan(environment, kind, path, packages)
    return Export(plan, environment, packages, path, compression, manifest, record)


def _kind(environment: Environment) -> ArchiveKind:
    if environment.kind == "conda" or Path(environment.path, "conda-meta", "history").is_file():
        return "conda"
    if environment.kind == "venv":
        return "wheels"
    raise EnvMgrError(
        "cannot-pack",
        f"{environment.name} is neither a conda nor a virtual environment: it cannot travel",
        hint="Create an environment from its packages, then export that.",
    )


def _target(text: str, prefix: Path) -> tuple[Path, Compression]:
    path = absolute(text)
    compression = compression_of(path)
    if compression is None:
        endings = ", ".join(ENDINGS)
        raise _bad_path(f"{path.name!r} must end with one of {endings}")
    if compression == "zst" and not zstd.is_available():
        raise _bad_path("this machine has no zstd: choose a name that ends with .tar.gz")
    if not path.parent.is_dir():
        raise _bad_path(f"there is no directory {path.parent}")
    if path.is_symlink() or path.exists():
        detail = f"{path} exists already"
        rows = (FieldError("path", detail, "file-exists"),)
        raise EnvMgrError("file-exists", detail, errors=rows)
    if path.parent.resolve().is_relative_to(prefix.resolve()):
        raise _bad_path(f"{path} lies in the environment itself")
    if not os.access(path.parent, os.W_OK | os.X_OK):
        raise _bad_path(f"you may not write to {path.parent}")
    return path, compression


def _bad_path(why: str) -> EnvMgrError:
    return EnvMgrError.of_field("bad-path", "path", why)


def _manifest(
    context: Context,
    environment: Environment,
    kind: ArchiveKind,
    packages: tuple[Package, ...],
    record: Record | None,
) -> ArchiveManifest:
    asked = tuple(package.name for package in packages if package.asked_for)
    manifest = ArchiveManifest(
        name=environment.name,
        kind=kind,
        manager="conda" if kind == "conda" else "pip",
        python=environment.python,
        platform="",
        engine=environment.engine,
        asked_for=asked,
        created=now(),
        image=record.image if record else context.catalogue.image().name,
        display_name=environment.display_name,
        remarks=environment.remarks,
        labels=environment.labels,
    )
    if kind == "wheels":
        urls = record.index_urls if record else ()
        return replace(manifest, channels=urls, lock=tuple(map(_pinned, packages)))
    facts = read_conda_meta(Path(environment.path))
    lock = "\n".join(conda_lock(Path(environment.path))).encode("utf-8", "replace")
    return replace(
        manifest,
        python=facts.python or environment.python,
        platform=facts.platform,
        glibc=facts.glibc,
        channels=facts.channels,
        lock=tuple(without_any_credentials(lock).decode().splitlines()),
    )


def _pinned(package: Package) -> str:
    return f"{package.name}=={package.version}"


def _plan(
    environment: Environment, kind: ArchiveKind, path: Path, packages: tuple[Package, ...]
) -> Plan:
    free = durable.free_bytes(path.parent)
    count = f"{len(packages)} packages"
    what = f"the files of {count}" if kind == "conda" else f"the lock and the wheels of {count}"
    again = ("The wheels are fetched from the package index again.",)
    return Plan(
        operation="archives.export",
        subject=environment.id,
        summary=f"{what[0].upper()}{what[1:]} are packed into {path}. "
        "The environment is not changed.",
        steps=(PlanStep("pack", environment.path, what), PlanStep("write", str(path))),
        facts=(("Free", readable_bytes(free)), ("Python", environment.python)),
        warnings=again if kind == "wheels" else (),
    ).sealed()


def carry_out(context: Context, export: Export, running: Running) -> dict[str, str]:
    """The job: write the archive beside its place, then put it there. Cut, it leaves nothing."""
    work_on = _pack_conda if export.manifest.kind == "conda" else _pack_wheels
    with _locked(context, export), _beside(export.path) as workdir:
        output = workdir / "archive"
        durable.write_file(output, b"")
        sha256, name = work_on(context, export, running, workdir, output), export.path.name
        running.check()
        try:
            durable.rename_no_replace(output, export.path)
            beside = export.path.with_name(f"{name}.sha256")
            durable.write_file(beside, f"{sha256}  {name}\n".encode())
        except FileExistsError:
            raise EnvMgrError("file-exists", f"{export.path} exists already") from None
        except OSError as error:
            raise explain_os_error(error, f"cannot write {export.path}") from error
    status = export.path.stat()
    running.emit(Progress(1.0, f"{export.path}: {readable_bytes(status.st_size)}"))
    return {
        "path": str(export.path),
        "sha256": sha256,
        "size": str(status.st_size),
        # By which a download sees, without reading gigabytes, that nobody has touched it.
        "modified": str(status.st_mtime_ns),
    }


@contextlib.contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A private directory on the file system of the archive, out of sight."""
    parent = path.parent / _PARTS
    # What a kill has left there is as large as an archive.
    durable.empty_trash(parent, older_than=_A_DAY)
    try:
        with durable.private_directory(parent) as workdir:
            yield workdir
    finally:
        # Somebody else may be packing beside it.
        with contextlib.suppress(OSError):
            durable.remove_directory(parent)


def _locked(context: Context, export: Export) -> AbstractContextManager[object]:
    """Nobody changes it while it is packed, as far as locks can be taken where it lies."""
    if export.managed is None:
        return contextlib.nullcontext()
    location, record = export.managed
    if not os.access(location.records, os.W_OK):
        return contextlib.nullcontext()
    return managed.lock(context, location, record.name, "exporting")


def _pack_conda(
    context: Context, export: Export, running: Running, workdir: Path, output: Path
) -> str:
    engine = CondaPackEngine.find(context.settings)
    plan = PackPlan(
        prefix=Path(export.environment.path),
        output=output,
        compression=export.compression,
        manifest=export.manifest,
        workdir=workdir,
        environ=context.settings.environ,
    )
    work = engine.pack(plan)
    _write(workdir, work.files)
    (step,) = work.steps
    outcome = running.run(step)
    if not outcome.ok:
        raise engine.explain(outcome, plan)
    return packed(outcome).sha256


def _pack_wheels(
    context: Context, export: Export, running: Running, workdir: Path, output: Path
) -> str:
    plan = _wheel_plan(context, export, workdir)
    durable.make_directory(plan.wheels)
    work = wheels.fetch(plan)
    _write(workdir, work.files)
    running.plan([*((s.name, s.title, s.weight) for s in work.steps), _WRITING])
    for step in work.steps:
        outcome = running.run(step)
        if not outcome.ok:
            raise wheels.explain_fetch(outcome, plan)
    running.step(_WRITING[0])
    return _write_wheels(export, running, plan.wheels, output)


def _wheel_plan(context: Context, export: Export, workdir: Path) -> WheelPlan:
    interpreter = Path(str(export.environment.interpreter))
    has_pip = any(canonicalize_name(package.name) == "pip" for package in export.packages)
    return WheelPlan(
        interpreter=interpreter,
        runner=interpreter if has_pip else context.settings.image_interpreter,
        lock=tuple(map(fetched_as, export.packages)),
        indexes=_indexes(context, export),
        workdir=workdir,
        wheels=workdir / WHEELS,
        environ=context.settings.environ,
    )


def _indexes(context: Context, export: Export) -> Indexes:
    request = export.managed[1].request if export.managed else None
    if request is None:
        return find_indexes(context.settings)
    return find_indexes(context.settings, request.index_url, request.extra_index_urls)


def _write_wheels(export: Export, running: Running, directory: Path, output: Path) -> str:
    files = sorted(directory.glob("*.whl"))
    lines = [_hashed(file, running) for file in files]
    missing = _missing(export.packages, files)
    if missing:
        raise EnvMgrError("cannot-pack", f"no wheel came for {', '.join(missing[:_NAMED])}")
    platform, glibc = wheel_facts(file.name for file in files)
    total = sum(file.stat().st_size for file in files)
    manifest = replace(
        export.manifest, platform=platform, glibc=glibc, bytes=total, files=len(files)
    )
    written = write_archive(
        output,
        export.compression,
        manifest,
        texts={REQUIREMENTS: "\n".join(sorted(lines))},
        files={f"{WHEELS}/{file.name}": file for file in files},
        report=_reporter(running, total),
    )
    if written.left_out:
        running.emit(Notice(f"Left out: {', '.join(written.left_out)}", "warning"))
    return written.sha256


def _hashed(file: Path, running: Running) -> str:
    """The requirement line of a wheel, which no other file fulfils."""
    name, version = _parsed(file)
    digest = hashlib.sha256()
    with file.open("rb") as content:
        while data := content.read(1 << 20):
            digest.update(data)
            running.check()
    return f"{name}=={version} --hash=sha256:{digest.hexdigest()}"


def _parsed(file: Path) -> tuple[str, str]:
    try:
        name, version, _, _ = parse_wheel_filename(file.name)
    except InvalidWheelFilename as error:
        raise EnvMgrError("cannot-pack", f"{file.name} is no name of a wheel: {error}") from None
    return str(name), str(version)


def _missing(packages: tuple[Package, ...], files: list[Path]) -> list[str]:
    have = {_parsed(file)[0] for file in files}
    return [p.name for p in packages if canonicalize_name(p.name) not in have]


def _reporter(running: Running, total: int) -> Callable[[int], None]:
    def report(done: int) -> None:
        running.check()
        share = done / max(total, 1)
        running.emit(Progress(share, _WRITING[1], min(done, total), total, "bytes"))

    return report


def _write(workdir: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        durable.write_file(workdir / name, text.encode(), mode=0o600)
