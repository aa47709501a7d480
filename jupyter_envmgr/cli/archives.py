"""The verbs of ``archives``: environments packed into files, and made from them elsewhere."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from ..core.archives.model import Archive, ExportRequest, ImportRequest
from . import words
from .creating import followed
from .find import add_environment, complete_locations, find_environment
from .options import add_break_lock, add_log
from .plans import plan_views, remarks
from .verbs import Answer, Verb, complete_with
from .views import Cell, Text, View, facts

if TYPE_CHECKING:
    from .session import Session


def _file(parser: argparse.ArgumentParser, text: str) -> None:
    parser.add_argument("file", metavar="FILE", help=text)


def _absolute(path: str) -> str:
    return os.path.abspath(path) if path else ""


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    _file(parser, "the archive: ends with .tar.gz, .tgz, .tar.zst, .tzst or .tar")
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    add_log(parser)


def _export(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import archives as service

    identifier = find_environment(session.context, arguments.name).id
    request = ExportRequest(identifier, _absolute(arguments.file))
    plan = service.plan_export(session.context, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    session.note(plan.summary)
    answer = followed(session, service.export(session.context, request), arguments)
    if answer.problem is not None:
        return answer
    result = session.context.jobs.show(answer.data.id).result or {}  # type: ignore[attr-defined]
    written = facts(
        "",
        ("Archive", Cell(result.get("path", request.path), "strong")),
        ("Size", words.size(int(result.get("size", 0)))),
        ("SHA-256", result.get("sha256", "")),
    )
    return Answer(answer.data, [*answer.views, written])


def _import_arguments(parser: argparse.ArgumentParser) -> None:
    _file(parser, "the archive")
    parser.add_argument("--name", default="", metavar="NAME", help="default: as it was called")
    location = parser.add_argument("--location", default="", metavar="L", help="where it is to lie")
    complete_with(location, complete_locations)
    parser.add_argument("--display-name", default="", metavar="TEXT", help="its kernel's name")
    parser.add_argument(
        "--sha256", default="", metavar="HASH", help="the hash that the file has to have"
    )
    parser.add_argument("--no-kernel", action="store_true", help="register no kernel")
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    add_break_lock(parser)
    add_log(parser)


def _import(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import archives as service

    request = ImportRequest(
        path=_absolute(arguments.file),
        name=arguments.name,
        location=arguments.location,
        display_name=arguments.display_name,
        sha256=arguments.sha256,
        kernel=not arguments.no_kernel,
    )
    plan = service.plan_import(session.context, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    session.note(plan.summary)
    for remark in remarks(plan):
        session.note(remark.text, remark.tone)
    job = service.import_(session.context, request, break_lock=arguments.break_lock)
    answer = followed(session, job, arguments)
    if answer.problem is not None or session.json:
        return answer
    made = session.context.catalogue.environment(job.subject)
    kernels = ", ".join(kernel.display_name for kernel in made.kernels)
    python = f"{made.interpreter or made.path} ({made.python})"
    return Answer(
        answer.data,
        [*answer.views, facts("", ("Path", made.path), ("Python", python), ("Kernel", kernels))],
    )


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    _file(parser, "the archive")


def _show(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import archives as service

    archive = service.show(session.context, _absolute(arguments.file))
    return Answer(archive, archive_views(archive))


def archive_views(archive: Archive) -> list[View]:
    """What an archive says of its environment."""
    manifest = archive.manifest
    glibc = f"glibc {manifest.glibc} or newer" if manifest.glibc else ""
    kind = "the wheels of a pip environment" if manifest.kind == "wheels" else "conda's files"
    views: list[View] = [
        facts(
            "",
            ("Archive", Cell(archive.path, "strong")),
            ("Name", manifest.name),
            ("Display name", manifest.display_name),
            ("Holds", kind if archive.ours else f"{kind}, as conda-pack packs them"),
            ("Python", manifest.python),
            ("Platform", ", ".join(filter(None, (manifest.platform, glibc)))),
            ("Packages", str(len(manifest.lock))),
            ("Asked for", " ".join(manifest.asked_for)),
            ("From", " ".join(manifest.channels)),
            ("Made", " in ".join(filter(None, (manifest.created, manifest.image)))),
            ("Size", words.size(archive.size)),
            ("Unpacked", words.size(manifest.bytes) if manifest.bytes else ""),
            ("SHA-256", f"{archive.sha256} (by the file beside it)" if archive.sha256 else ""),
            ("Remarks", manifest.remarks),
        )
    ]
    if archive.refusal:
        views.append(Text(f"It cannot be imported here. {archive.refusal}", "bad"))
    return views


VERBS = (
    Verb(
        "archives export",
        "archives.export",
        "Pack an environment into a file that travels",
        _export_arguments,
        _export,
        followed=True,
    ),
    Verb(
        "archives show",
        "archives.show",
        "What a file says of the environment in it",
        _show_arguments,
        _show,
    ),
    Verb(
        "archives import",
        "archives.import",
        "Make the environment of an archive",
        _import_arguments,
        _import,
        followed=True,
    ),
)
