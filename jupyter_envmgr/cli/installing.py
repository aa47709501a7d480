"""The verbs of ``packages`` that change what is installed."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.errors import EnvMgrError
from ..core.packages.model import ChangeRequest, InstallPlace, InstallRequest
from .creating import followed
from .find import add_environment, find_environment
from .options import add_log
from .plans import agree, plan_views
from .sources import read_lines
from .verbs import Answer, Verb

if TYPE_CHECKING:
    from .session import Session


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "packages", metavar="PACKAGE", nargs="*", help="a requirement, such as 'numpy>=2'"
    )
    parser.add_argument(
        "-f", "--file", metavar="FILE", help="a requirements.txt; - for standard input"
    )
    parser.add_argument(
        "--pip",
        action="append",
        default=[],
        metavar="R",
        help="a requirement for pip, in an environment of conda's",
    )
    where = parser.add_mutually_exclusive_group(required=True)
    add_environment(where, "-e", "--environment", help="into this environment that was made here")
    where.add_argument("--user", action="store_true", help="into the user site (~/.local)")
    where.add_argument(
        "--system", action="store_true", help="into the image, for as long as the container lives"
    )
    parser.add_argument(
        "--python", default="", metavar="X.Y", help="of the user site (default: the image's)"
    )
    _consent(parser)


def _install(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import installing as service

    place: InstallPlace = "user" if arguments.user else "system"
    identifier = ""
    if arguments.environment is not None:
        place = "environment"
        identifier = find_environment(session.context, arguments.environment).id
    lines = list(arguments.packages)
    if arguments.file is not None:
        lines += read_lines(arguments.file, session.terminal.stdin)
    if arguments.pip:
        if not identifier:
            raise EnvMgrError.of_field("bad-request", "pip", "this is for conda environments: -e")
        change = ChangeRequest(install=tuple(lines), pip=tuple(arguments.pip))
        return _change(session, arguments, change, "Install these?")
    request = InstallRequest(place, tuple(lines), identifier, arguments.python)
    plan = service.plan_install(session.context, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Install these?")
    job = service.install(session.context, request, plan.digest)
    return followed(session, job, arguments)


def _change_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("packages", metavar="PACKAGE", nargs="+", help="its name")
    add_environment(parser, "-e", "--environment", help="of this environment", required=True)
    _consent(parser)


def _update_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "packages", metavar="PACKAGE", nargs="*", help="its name (default: all that was asked for)"
    )
    add_environment(parser, "-e", "--environment", help="of this environment", required=True)
    _consent(parser)


def _consent(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    add_log(parser)


def _uninstall(session: Session, arguments: argparse.Namespace) -> Answer:
    return _change(session, arguments, ChangeRequest(uninstall=tuple(arguments.packages)))


def _update(session: Session, arguments: argparse.Namespace) -> Answer:
    return _change(session, arguments, ChangeRequest(update=tuple(arguments.packages) or ("*",)))


def _change(
    session: Session,
    arguments: argparse.Namespace,
    request: ChangeRequest,
    question: str = "Change these?",
) -> Answer:
    from ..service.environments import changing as service

    identifier = find_environment(session.context, arguments.environment).id
    plan = service.plan_change(session.context, identifier, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question=question)
    job = service.change(session.context, identifier, request, plan.digest)
    return followed(session, job, arguments)


VERBS = (
    Verb(
        "packages install",
        "packages.install",
        "Install packages into the user site, the image or an environment",
        _arguments,
        _install,
        followed=True,
    ),
    Verb(
        "packages uninstall",
        "packages.change",
        "Take packages out of an environment that was made here",
        _change_arguments,
        _uninstall,
        followed=True,
    ),
    Verb(
        "packages update",
        "packages.change",
        "Bring packages of an environment to their newest versions that fit",
        _update_arguments,
        _update,
        followed=True,
    ),
)
