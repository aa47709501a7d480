"""The verbs of archives: pack an environment into a file, look into one, make one's environment."""

from __future__ import annotations

from ...core.archives.model import Archive, ExportRequest, ImportRequest
from ...core.environments.model import Record
from ...core.jobs.model import Job
from ...core.plans import Plan
from ...core.settings import Location
from ..context import Context
from ..environments import attempts
from ..jobs import Running
from . import exporting, importing, looking, making, uploads
from .importing import Import


def show(context: Context, path: str) -> Archive:
    """What a file says of the environment in it, and whether it can be imported here.

    Raises ``bad-path``, ``not-an-archive``, ``archive-refused``, ``archive-damaged``.
    """
    return looking.look(context, path)


def plan_export(context: Context, request: ExportRequest) -> Plan:
    """What `export` would write. Raises what is wrong with the request."""
    return exporting.prepare(context, request).plan


def export(context: Context, request: ExportRequest) -> Job:
    """Start the job that packs an environment; its result has ``path``, ``sha256`` and ``size``.

    Raises ``bad-path``, ``file-exists``, ``wrong-state``, ``cannot-pack``, ``engine-missing``.
    """
    prepared = exporting.prepare(context, request)
    return context.jobs.start(
        "archives.export",
        prepared.environment.id,
        f"Pack {prepared.environment.name}",
        lambda running: exporting.carry_out(context, prepared, running),
    )


def plan_import(context: Context, request: ImportRequest) -> Plan:
    """What `import_` would do. Raises what is wrong with the request or the archive."""
    return importing.prepare(context, request).plan


def import_(context: Context, request: ImportRequest, *, break_lock: bool = False) -> Job:
    """Take the name and start the job that makes the environment of an archive.

    When this returns the name is taken, durably. Raises what `show` raises, ``wrong-platform``,
    ``bad-…``, ``name-taken``, ``directory-exists``, ``kernel-taken``.
    """
    prepared = importing.prepare(context, request)
    record = prepared.record(context, context.jobs.new_id())
    return attempts.start(
        context,
        prepared.location,
        record,
        "archives.import",
        f"Import {prepared.name}",
        lambda running: _make(context, prepared, record, running),
        break_lock=break_lock,
    )


def _make(context: Context, prepared: Import, record: Record, running: Running) -> dict[str, str]:
    """The job. An archive that was uploaded for it goes, unless a retry may need it."""
    try:
        result = making.carry_out(context, prepared, record, running)
    except BaseException:
        if running.job.cancelling:
            uploads.forget(context.settings, prepared.archive.path)
        raise
    uploads.forget(context.settings, prepared.archive.path)
    return result


def again(context: Context, location: Location, record: Record, *, break_lock: bool = False) -> Job:
    """Import a failed environment again, from the archive that its record names."""
    request = ImportRequest(
        path=record.annotations["archive"],
        name=record.name,
        location=location.name,
        display_name=record.display_name,
        sha256=record.annotations.get("archive-sha256", ""),
        kernel=record.request.kernel,
    )
    return import_(context, request, break_lock=break_lock)
