"""The verbs of ``env`` that put an environment to use: verify it, a shell in it, lines to copy."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.errors import EnvMgrError
from .find import add_environment, find_environment
from .follow import follow, outcome
from .verbs import Answer, Verb
from .views import Text, Tone, View

if TYPE_CHECKING:
    from .session import Session


def _verify_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument(
        "packages", metavar="PACKAGE", nargs="*", help="import these (default: what was asked for)"
    )
    parser.add_argument(
        "--seconds", type=float, default=120.0, help="how long it may take (default: 120)"
    )


def _verify(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..core.packages.verify import VerifyRequest
    from ..service.environments import verify as service

    identifier = find_environment(session.context, arguments.name).id
    request = VerifyRequest(packages=tuple(arguments.packages), seconds=arguments.seconds)
    job = service.verify(session.context, identifier, request)
    ended = follow(session, job, own=True, log=False)
    failed = outcome(ended)
    if failed is not None:
        return Answer(ended, (), problem=failed)
    found = service.verification(session.context, identifier)
    tone: Tone = "good" if found.ok else "bad"
    views: list[View] = [Text(line) for line in found.lines]
    views.append(Text(found.summary, tone))
    problem = None if found.ok else EnvMgrError("import-failed", found.summary).problem
    return Answer(found, views, problem=problem, operation="environments.verification")


def _elsewhere_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("--archive", default="", metavar="FILE", help="a packed archive of it")


def _elsewhere(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..core.environments.elsewhere import elsewhere

    environment = find_environment(session.context, arguments.name)
    found = elsewhere(environment, arguments.archive)
    views: list[View] = []
    for snippet in found.snippets:
        views.append(Text(snippet.title, "strong"))
        if snippet.note:
            views.append(Text(snippet.note, "dim"))
        views.append(Text(f"{snippet.text.rstrip()}\n\n", raw=True))
    views += [Text(text, "dim") for text in found.remarks]
    return Answer(found, views or [Text("There is no Python in it.")])


def _activate_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)


def _activate(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments.terminal import terminal_command

    identifier = find_environment(session.context, arguments.name).id
    found = terminal_command(session.context, identifier)
    return Answer(found, [Text(f"{found.line}\n", raw=True)])


VERBS = (
    Verb(
        "env verify",
        "environments.verify",
        "Import the packages that were asked for in a fresh interpreter",
        _verify_arguments,
        _verify,
        also=("environments.verification",),
        followed=True,
    ),
    Verb(
        "env elsewhere",
        "environments.elsewhere",
        "How to use an environment elsewhere: lines to copy",
        _elsewhere_arguments,
        _elsewhere,
    ),
    Verb(
        "env activate",
        "environments.terminal",
        "The line that activates an environment in this kind of shell",
        _activate_arguments,
        _activate,
    ),
)
