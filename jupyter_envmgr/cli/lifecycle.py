"""The verbs of ``env`` that copy and rename environments, and go back in their history."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.environments.model import (
    CloneRequest,
    EnvironmentRevision,
    RenameRequest,
    RevertRequest,
)
from ..core.errors import EnvMgrError
from . import words
from .creating import followed
from .find import add_environment, complete_locations, find_environment
from .options import add_break_lock, add_consent, add_log
from .plans import agree, plan_views
from .verbs import Answer, Verb, complete_with
from .views import Cell, Column, Table, Text, row

if TYPE_CHECKING:
    from .session import Session


def _add_plan(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    add_log(parser)


def _clone_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("new_name", metavar="NEW", help="what the copy is to be called")
    location = parser.add_argument("--location", default="", metavar="L", help="where it is to lie")
    complete_with(location, complete_locations)
    parser.add_argument("--display-name", default="", metavar="TEXT", help="its kernel's name")
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    add_break_lock(parser)
    add_log(parser)


def _clone(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import cloning as service

    identifier = find_environment(session.context, arguments.name).id
    request = CloneRequest(arguments.new_name, arguments.location, arguments.display_name)
    if arguments.dry_run:
        plan = service.plan_clone(session.context, identifier, request)
        return Answer(plan, plan_views(plan))
    job = service.clone(session.context, identifier, request, break_lock=arguments.break_lock)
    return followed(session, job, arguments)


def _recreate_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    _add_plan(parser)


def _recreate(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import recreating as service

    identifier = find_environment(session.context, arguments.name).id
    plan = service.plan_recreate(session.context, identifier)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question=f"Make {identifier} anew?")
    job = service.recreate(session.context, identifier, plan.digest)
    return followed(session, job, arguments)


def _rename_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("new_name", metavar="NEW", help="what it is to be called")
    add_consent(parser, force="rename it although a kernel or a program runs from it")
    add_log(parser)


def _rename(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import renaming as service

    identifier = find_environment(session.context, arguments.name).id
    request = RenameRequest(arguments.new_name)
    plan = service.plan_rename(session.context, identifier, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    force = arguments.force
    agree(session, plan, yes=arguments.yes, force=force, question=f"Rename {identifier}?")
    job = service.rename(session.context, identifier, request, plan.digest, force=force)
    return followed(session, job, arguments)


def _history_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)


def _history(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import history as service

    identifier = find_environment(session.context, arguments.name).id
    found = service.history(session.context, identifier)
    columns = (
        Column("REVISION", align="right"),
        Column("WHEN"),
        Column("WHAT", cut="end"),
        Column("CHANGES", cut="end", drop=1),
    )
    rows = tuple(
        row(str(one.number), words.ago(one.time), one.what, Cell(_changes(one), "dim"))
        for one in found.revisions
    )
    return Answer(found, [Table(columns, rows, empty="Nothing is known of its history.")])


def _changes(one: EnvironmentRevision) -> str:
    parts = [f"+{c.name} {c.after}" for c in one.added[:6]]
    parts += [f"-{c.name}" for c in one.removed[:6]]
    parts += [f"{c.name} {c.before} → {c.after}" for c in one.changed[:6]]
    more = len(one.added) + len(one.removed) + len(one.changed) - len(parts)
    return ", ".join(parts) + (f" and {more} more" if more else "")


def _revert_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("revision", type=int, metavar="REVISION", help="as `env history` counts")
    _add_plan(parser)


def _revert(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import history as service
    from ..service.environments import reverting

    identifier = find_environment(session.context, arguments.name).id
    request = RevertRequest(arguments.revision)
    plan = service.plan_revert(session.context, identifier, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Go back?")
    job = reverting.revert(session.context, identifier, request, plan.digest)
    return followed(session, job, arguments)


def _export_arguments(parser: argparse.ArgumentParser) -> None:
    from ..core.conda.formats import OF_CONDA, OF_PIP

    add_environment(parser)
    parser.add_argument(
        "--format", default="", choices=(*OF_CONDA, *OF_PIP), help="default: what is usual"
    )
    parser.add_argument("-o", "--output", default="", metavar="FILE", help="write it there")


def _export(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import exporting as service
    from ..system import durable

    identifier = find_environment(session.context, arguments.name).id
    made = service.export(session.context, identifier, arguments.format)
    for notice in made.notices:
        session.note(f"warning: {notice}", "warning")
    if not arguments.output:
        return Answer(made, [Text(made.text, raw=True)])
    try:
        durable.write_new(Path(arguments.output).absolute(), made.text.encode())
    except OSError as error:
        detail = f"{arguments.output}: {error.strerror}"
        raise EnvMgrError.of_field("bad-path", "output", detail) from None
    return Answer(made, [Text(f"Written to {arguments.output}.", "good")])


VERBS = (
    Verb(
        "env clone",
        "environments.clone",
        "Make an environment with exactly the packages of another one",
        _clone_arguments,
        _clone,
        followed=True,
    ),
    Verb(
        "env recreate",
        "environments.recreate",
        "Make an environment anew from its record",
        _recreate_arguments,
        _recreate,
        followed=True,
    ),
    Verb(
        "env rename",
        "environments.rename",
        "Give an environment, its directory and its kernels another name",
        _rename_arguments,
        _rename,
        followed=True,
    ),
    Verb(
        "env history",
        "environments.history",
        "What each change of an environment did",
        _history_arguments,
        _history,
    ),
    Verb(
        "env revert",
        "environments.revert",
        "Go back to a revision of an environment",
        _revert_arguments,
        _revert,
        followed=True,
    ),
    Verb(
        "env export",
        "environments.export",
        "An environment as a file that others can make it from",
        _export_arguments,
        _export,
    ),
)
