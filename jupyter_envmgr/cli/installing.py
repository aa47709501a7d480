"""The verb ``packages install``: into the user site, the image, an environment made here."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.packages.model import InstallPlace, InstallRequest
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
    where = parser.add_mutually_exclusive_group(required=True)
    add_environment(where, "-e", "--environment", help="into this environment that was made here")
    where.add_argument("--user", action="store_true", help="into the user site (~/.local)")
    where.add_argument(
        "--system", action="store_true", help="into the image, for as long as the container lives"
    )
    parser.add_argument(
        "--python", default="", metavar="X.Y", help="of the user site (default: the image's)"
    )
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    add_log(parser)


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
    request = InstallRequest(place, tuple(lines), identifier, arguments.python)
    plan = service.plan_install(session.context, request)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(session, plan, yes=arguments.yes, force=False, question="Install these?")
    job = service.install(session.context, request, plan.digest)
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
)
