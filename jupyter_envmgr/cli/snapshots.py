"""The verbs of ``usersite`` for snapshots. On the standard library alone."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from ..core.errors import EnvMgrError
from ..core.usersite.model import Comparison, RestoreRequest, Snapshot, SnapshotList
from . import words
from .plans import agree, plan_views
from .report import reporting
from .usersite import add_change, set_aside
from .verbs import Answer, Verb, complete_with, no_arguments
from .views import Cell, Column, Table, Text, View, facts, row

if TYPE_CHECKING:
    from ..core.usersite.reinstall import Reinstall
    from .session import Session


def _add_name(parser: argparse.ArgumentParser, name: str = "name") -> None:
    action = parser.add_argument(name, metavar="SNAPSHOT", help="the name of the snapshot")
    complete_with(action, _complete)


def _complete(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    from ..service import usersite as service
    from .opening import open_settings

    settings = open_settings(getattr(parsed_args, "root", None), os.environ)
    return [snapshot.name for snapshot in service.snapshots(settings).snapshots]


def _list(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    answer = service.snapshots(session.settings)
    return Answer(answer, _list_views(answer))


def _list_views(answer: SnapshotList) -> list[View]:
    columns = (
        Column("SNAPSHOT"),
        Column("PYTHON"),
        Column("PACKAGES", align="right"),
        Column("SIZE", align="right"),
        Column("MADE", drop=1),
        Column("BY", drop=2),
        Column("IMAGE", drop=3),
        Column("STATE"),
    )
    rows = tuple(
        row(
            Cell(s.name, "strong"),
            ", ".join(s.pythons),
            str(len(s.packages)),
            words.size(s.bytes),
            words.ago(s.created),
            s.origin,
            s.image,
            Cell(s.state, "" if s.state in ("complete", "restored") else "bad"),
        )
        for s in answer.snapshots
    )
    views: list[View] = [Table(columns, rows, empty="There are no snapshots.")]
    if answer.adoptable:
        found = tuple(row(path) for path in answer.adoptable)
        views.append(Table((Column("MADE BY HAND, CAN BE ADOPTED"),), found))
    return views + [Text(f"warning: {text}", "warning") for text in answer.warnings]


def _show(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    snapshot = service.show(session.settings, arguments.name)
    columns = (Column("PACKAGE"), Column("VERSION"), Column("PYTHON"), Column("ASKED FOR", drop=1))
    rows = tuple(
        row(p.name, p.version, p.python, "yes" if p.asked_for else "") for p in snapshot.packages
    )
    return Answer(snapshot, [_facts(snapshot), Table(columns, rows, empty="No packages.")])


def _facts(snapshot: Snapshot) -> View:
    return facts(
        "",
        ("Name", snapshot.name),
        ("State", snapshot.state),
        ("Made", f"{words.ago(snapshot.created)} ({snapshot.created})"),
        ("By", snapshot.origin),
        ("Of", snapshot.base),
        ("Image", snapshot.image),
        ("Size", f"{words.size(snapshot.bytes)}, {words.count(snapshot.files, 'file')}"),
        ("Path", snapshot.path),
        ("Remarks", snapshot.remarks),
    )


def _compare_arguments(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument(
        "--with",
        default="present",
        dest="other",
        metavar="OTHER",
        help="`present` (the default), `image`, or another snapshot",
    )


def _compare(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    found = service.compare(session.settings, arguments.name, arguments.other)
    return Answer(found, _comparison(found))


def _comparison(found: Comparison) -> list[View]:
    columns = (
        Column("PACKAGE"),
        Column("PYTHON", drop=1),
        Column(found.one.upper()),
        Column(found.other.upper()),
    )
    rows = tuple(row(d.name, d.python, d.one or "–", d.other or "–") for d in found.differences)
    same = f"{words.count(found.same_count, 'package')} the same in both."
    return [Table(columns, rows, empty="There is no difference."), Text(same)]


def _restore_arguments(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument(
        "--package",
        action="append",
        default=[],
        dest="chosen",
        metavar="NAME",
        help="only this package; may be given more than once",
    )
    parser.add_argument(
        "--swap",
        action="store_true",
        help="set what is there now aside first, in a snapshot of its own",
    )
    add_change(parser)


def _restore(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    request = RestoreRequest(tuple(arguments.chosen), arguments.swap)
    plan = service.plan_restore(session.settings, arguments.name, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question=f"Restore {arguments.name}?")
    with reporting(session, f"Restoring {arguments.name}") as emit:
        snapshot = service.restore(
            session.settings,
            arguments.name,
            request,
            plan.digest,
            emit=emit,
            break_lock=arguments.break_lock,
        )
    return Answer(snapshot, [Text(f"Restored {arguments.name}.", "good")])


def _rename_arguments(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    parser.add_argument("new_name", metavar="NAME", help="what it is to be called")


def _rename(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    snapshot = service.rename(session.settings, arguments.name, arguments.new_name)
    return Answer(snapshot, [Text(f"{arguments.name} is called {snapshot.name} now.", "good")])


def _requirements(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service
    from ..service.answers import RequirementsText

    text = service.requirements(session.settings, arguments.name)
    return Answer(RequirementsText(text), [Text(text, raw=True)])


def _reinstall(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    sorted_out = service.reinstall(session.settings, arguments.name)
    return Answer(sorted_out, _reinstall_views(sorted_out))


def _reinstall_views(found: Reinstall) -> list[View]:
    groups = (
        ("INSTALL AGAIN", found.asked_for, "Nothing was asked for that the image lacks."),
        ("COMES ALONG", found.dependencies, ""),
        ("THE IMAGE HAS ONE", found.in_image, ""),
    )
    return [
        Table(
            (Column(title), Column("PYTHON")),
            tuple(row(p.requirement, p.python) for p in packages),
            empty=empty,
        )
        for title, packages, empty in groups
        if packages or empty
    ]


def _delete_arguments(parser: argparse.ArgumentParser) -> None:
    _add_name(parser)
    add_change(parser)


def _delete(session: Session, arguments: argparse.Namespace) -> Answer:
    """Deleting has no undo: without ``--yes`` the name itself is typed, not a letter."""
    from ..service import usersite as service

    plan = service.plan_delete(session.settings, arguments.name)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(
        session,
        plan,
        yes=arguments.yes,
        force=False,
        question=f"Delete {arguments.name} for good?",
    )
    snapshot = service.delete(
        session.settings, arguments.name, plan.digest, break_lock=arguments.break_lock
    )
    return Answer(snapshot, [Text(f"Deleted {snapshot.name}.", "good")])


def _adopt_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("path", metavar="PATH", help="the directory, such as ~/local_backup")
    parser.add_argument("--name", default="", help="what the snapshot is called")
    add_change(parser)


def _adopt(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    path = os.path.abspath(os.path.expanduser(arguments.path))
    if not os.path.isdir(path):
        raise EnvMgrError("bad-path", f"{path} is not a directory")
    plan = service.plan_adopt(session.settings, path, arguments.name)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question=f"Adopt {path}?")
    snapshot = service.adopt(
        session.settings, path, arguments.name, plan.digest, break_lock=arguments.break_lock
    )
    return Answer(snapshot, set_aside(snapshot))


VERBS = (
    Verb(
        "usersite snapshots",
        "usersite.snapshots",
        "All snapshots, and backups made by hand",
        no_arguments,
        _list,
    ),
    Verb("usersite show", "usersite.snapshot", "One snapshot", _add_name, _show),
    Verb(
        "usersite compare",
        "usersite.compare",
        "A snapshot beside the present user site, the image or another",
        _compare_arguments,
        _compare,
    ),
    Verb(
        "usersite restore",
        "usersite.restore",
        "Bring a snapshot, or packages of it, back",
        _restore_arguments,
        _restore,
    ),
    Verb(
        "usersite rename",
        "usersite.rename",
        "Give a snapshot another name",
        _rename_arguments,
        _rename,
    ),
    Verb(
        "usersite requirements",
        "usersite.requirements",
        "A snapshot as a requirements file",
        _add_name,
        _requirements,
    ),
    Verb(
        "usersite reinstall",
        "usersite.reinstall",
        "What of a snapshot to install again",
        _add_name,
        _reinstall,
    ),
    Verb(
        "usersite delete",
        "usersite.delete",
        "Delete a snapshot for good",
        _delete_arguments,
        _delete,
    ),
    Verb(
        "usersite adopt",
        "usersite.adopt",
        "Make a snapshot of a backup that was made by hand",
        _adopt_arguments,
        _adopt,
    ),
)
