"""The verbs of ``usersite`` that look at it and set it aside. On the standard library alone."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.usersite.model import RemoveRequest, ResetRequest, Scan, Snapshot
from . import words
from .options import add_break_lock
from .plans import agree, plan_views
from .report import reporting
from .verbs import Answer, Verb
from .views import Cell, Column, Table, Text, View, facts, row

if TYPE_CHECKING:
    from .session import Session

SCOPES = "--package NAME, --python X.Y, or --all"


def _scan_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--size", action="store_true", help="measure sizes too; takes longer")


def _scan(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    scan = service.scan(session.settings, size=arguments.size, catalogue=session.listings)
    return Answer(scan, _scan_views(scan, arguments.size))


def _scan_views(scan: Scan, size: bool) -> list[View]:
    base = scan.base if scan.base == scan.real_base else f"{scan.base} → {scan.real_base}"
    where = facts(
        "",
        ("User base", base),
        ("Lasts", words.survival(scan.persistence)),
        ("File system", scan.persistence.filesystem),
        ("pip", _pip(scan)),
    )
    columns = (
        Column("PYTHON"),
        Column("PACKAGES", align="right"),
        Column("OUTSIDE", align="right", drop=2),
        Column("UNOWNED", align="right", drop=1),
        *((Column("SIZE", align="right"),) if size else ()),
        Column("PATH", cut="start", drop=3),
    )
    rows = tuple(
        row(
            Cell(site.python + site.abi, "strong"),
            str(site.package_count),
            str(len(site.outside)),
            str(len(site.strays)),
            *((words.size(site.bytes),) if size else ()),
            Cell(site.path, "dim"),
        )
        for site in scan.sites
    )
    views: list[View] = [where, Table(columns, rows, empty="There are no user packages.")]
    if scan.visibility:
        seen = tuple(
            row(v.kind, v.name, Cell("yes", "warning") if v.visible else "no", Cell(v.why, "dim"))
            for v in scan.visibility
        )
        heads = (Column(""), Column("NAME"), Column("SEES IT"), Column("WHY", cut="end", drop=1))
        views.append(Table(heads, seen))
    if scan.left_alone:
        kept = tuple(row(one.path, Cell(one.why, "dim")) for one in scan.left_alone)
        about = (Column("LEFT ALONE", cut="start"), Column("WHY", cut="end"))
        views.append(Table(about, kept))
    views += [Text(f"warning: {text}", "warning") for text in scan.problems]
    if scan.unfinished:
        views.append(
            Text(
                f"warning: {scan.unfinished} is not finished: `jupyter envmgr usersite recover`",
                "warning",
            )
        )
    return views


def _pip(scan: Scan) -> str:
    return "; ".join(f"{name} = {value} ({where})" for name, value, where in scan.pip.sources)


def add_scope(parser: argparse.ArgumentParser, *, named: bool = True) -> None:
    """What of the user site is meant: some packages, one Python, or all."""
    scope = parser.add_mutually_exclusive_group()
    scope.add_argument(
        "--package",
        action="append",
        default=[],
        dest="chosen",
        metavar="NAME",
        help="only this package; may be given more than once",
    )
    scope.add_argument("--all", action="store_true", help="the packages of every Python")
    parser.add_argument(
        "--python", default="", metavar="X.Y", help="of this Python (default: the image's)"
    )
    if named:
        parser.add_argument("--name", default="", help="what the snapshot is called")


def scope_of(arguments: argparse.Namespace, *, keep_jupyter: bool = False) -> ResetRequest:
    """The request that the options of `add_scope` describe."""
    scope = "packages" if arguments.chosen else "all" if arguments.all else "minor"
    return ResetRequest(
        scope=scope,  # type: ignore[arg-type]
        packages=tuple(arguments.chosen),
        python=arguments.python,
        name=getattr(arguments, "name", ""),
        keep_jupyter=keep_jupyter,
    )


def add_change(parser: argparse.ArgumentParser) -> None:
    """The options of every verb that moves or deletes."""
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    add_break_lock(parser)


def _reset_arguments(parser: argparse.ArgumentParser) -> None:
    add_scope(parser)
    parser.add_argument(
        "--keep-jupyter", action="store_true", help="leave the packages that Jupyter needs"
    )
    add_change(parser)


def _reset(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    request = scope_of(arguments, keep_jupyter=arguments.keep_jupyter)
    plan = service.plan_reset(session.settings, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Set these aside?")
    with reporting(session, "Setting user packages aside") as emit:
        snapshot = service.reset(
            session.settings, request, plan.digest, emit=emit, break_lock=arguments.break_lock
        )
    return Answer(snapshot, [*set_aside(snapshot), *_undo(snapshot)])


def set_aside(snapshot: Snapshot) -> list[View]:
    """A snapshot that was just made."""
    packages = words.count(len(snapshot.packages), "package")
    return [
        Text(f"{packages}, {words.size(snapshot.bytes)}: snapshot {snapshot.name}.", "good"),
        facts("", ("Path", snapshot.path)),
    ]


def _undo(snapshot: Snapshot) -> list[View]:
    from ..service.usersite.restore import way_back

    back = way_back(snapshot)
    if back.is_program_gone:
        return [Text("This program went with it. To bring it back:", "strong"), Text(back.command)]
    return [Text(f"To bring it back: {back.command}")]


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    add_scope(parser, named=False)
    parser.add_argument(
        "--keep-jupyter", action="store_true", help="leave the packages that Jupyter needs"
    )
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument(
        "--confirm", default="", metavar="TEXT", help="what the plan is about, instead of typing it"
    )
    add_break_lock(parser)


def _remove(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.usersite.remove import plan_remove, remove

    request = RemoveRequest(
        scope=scope_of(arguments).scope,
        packages=tuple(arguments.chosen),
        python=arguments.python,
        keep_jupyter=arguments.keep_jupyter,
        confirm=arguments.confirm,
    )
    plan = plan_remove(session.settings, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    if not request.confirm and not session.json and session.terminal.can_ask():
        session.terminal.show(plan_views(plan))
        typed = session.terminal.ask_for(f"Type {plan.subject!r} to delete it for good")
        request = replace(request, confirm=typed)
    with reporting(session, "Deleting user packages") as emit:
        gone = remove(
            session.settings, request, plan.digest, emit=emit, break_lock=arguments.break_lock
        )
    packages = words.count(len(gone.packages), "package")
    return Answer(gone, [Text(f"{packages}, {words.size(gone.bytes)}: deleted.", "good")])


def _backup_arguments(parser: argparse.ArgumentParser) -> None:
    add_scope(parser)
    add_change(parser)


def _backup(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service

    request = scope_of(arguments)
    plan = service.plan_backup(session.settings, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Copy these?")
    with reporting(session, "Copying user packages") as emit:
        snapshot = service.backup(
            session.settings, request, plan.digest, emit=emit, break_lock=arguments.break_lock
        )
    return Answer(snapshot, set_aside(snapshot))


def _recover_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--undo", action="store_true", help="take back instead of finishing")
    add_break_lock(parser)


def _recover(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import usersite as service
    from ..service.answers import Recovery

    lock = arguments.break_lock
    done = Recovery(service.recover(session.settings, undo=arguments.undo, break_lock=lock))
    said: list[View] = [Text(sentence) for sentence in done.done]
    return Answer(done, said or [Text("There was nothing to finish.", "good")])


VERBS = (
    Verb(
        "usersite scan",
        "usersite.scan",
        "What lies in the user base, whose it is, and who sees it",
        _scan_arguments,
        _scan,
    ),
    Verb(
        "usersite reset",
        "usersite.reset",
        "Set user packages aside in a snapshot that can be restored",
        _reset_arguments,
        _reset,
    ),
    Verb(
        "usersite remove",
        "usersite.remove",
        "Delete user packages for good, if that is confirmed by typing",
        _remove_arguments,
        _remove,
    ),
    Verb(
        "usersite backup",
        "usersite.backup",
        "Copy user packages into a snapshot",
        _backup_arguments,
        _backup,
    ),
    Verb(
        "usersite recover",
        "usersite.recover",
        "Finish, or take back, what a crash cut",
        _recover_arguments,
        _recover,
    ),
)
