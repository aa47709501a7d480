"""The verbs of ``env`` that make an environment, and how their job is followed."""

from __future__ import annotations

import argparse
from collections.abc import Collection
from typing import TYPE_CHECKING

from ..core.environments.model import CreateRequest
from ..core.errors import EnvMgrError
from ..core.jobs.model import Job
from ..core.plans import Plan
from . import words
from .file_kinds import recognised, with_builds
from .find import add_environment, complete_locations, complete_pythons, find_environment
from .follow import follow, outcome
from .options import add_break_lock, add_log
from .plans import plan_views, remarks
from .sources import named_after_file, read_requirements
from .verbs import Answer, Verb, complete_with
from .views import Text, View, facts

if TYPE_CHECKING:
    from .session import Session


def _create_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", help="what it is to be called")
    parser.add_argument(
        "packages", metavar="PACKAGE", nargs="*", help="a requirement, such as 'numpy>=2'"
    )
    parser.add_argument(
        "-f",
        "--file",
        metavar="FILE",
        help="a requirements.txt, environment.yml or lock file; - for standard input",
    )
    parser.add_argument(
        "--manager", choices=("pip", "conda"), default="", help="default: as the file is, else pip"
    )
    python = parser.add_argument(
        "--python", default="", metavar="X", help="a version such as 3.12, or an absolute path"
    )
    complete_with(python, complete_pythons)
    location = parser.add_argument("--location", default="", metavar="L", help="where it is to lie")
    complete_with(location, complete_locations)
    parser.add_argument("--display-name", default="", metavar="TEXT", help="its kernel's name")
    parser.add_argument("--remarks", default="", metavar="TEXT", help="what it is for")
    parser.add_argument(
        "--label", action="append", default=[], metavar="K=V", help="may be given several times"
    )
    parser.add_argument("--index-url", default="", metavar="URL", help="instead of the usual one")
    parser.add_argument(
        "--extra-index-url", action="append", default=[], metavar="URL", help="besides it"
    )
    parser.add_argument("--engine", default="", metavar="E", help="instead of the usual one")
    parser.add_argument(
        "--channel", action="append", default=[], metavar="C", help="of conda; several times"
    )
    parser.add_argument(
        "--pip", action="append", default=[], metavar="R", help="a requirement for pip, in conda's"
    )
    parser.add_argument(
        "--variable", action="append", default=[], metavar="K=V", help="set by conda's activation"
    )
    parser.add_argument(
        "--builds",
        choices=("keep", "relax", "drop"),
        default="",
        help="what becomes of a file's builds for another platform",
    )
    parser.add_argument("--solve", action="store_true", help="with --dry-run: every package")
    parser.add_argument(
        "--user-site", action="store_true", help="let programs of conda's see ~/.local"
    )
    parser.add_argument("--no-kernel", action="store_true", help="register no kernel")
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")
    add_log(parser)


def _create(session: Session, arguments: argparse.Namespace) -> Answer:
    request = _request(session, arguments)
    from ..service.environments import verbs as service

    with named_after_file(arguments.file):
        plan = service.plan_create(
            session.context, request, solve=arguments.dry_run and arguments.solve
        )
        if arguments.dry_run:
            return Answer(plan, plan_views(plan))
        _announce(session, plan)
        job = service.create(session.context, request)
    return followed(session, job, arguments, said=(*plan.warnings, *plan.notices))


def _request(session: Session, arguments: argparse.Namespace) -> CreateRequest:
    for text in arguments.packages:
        if text.startswith("-"):
            raise EnvMgrError.of_field(
                "bad-requirement", "packages", f"{text!r} is an option, not a package"
            )
    requirements = ""
    if arguments.file is not None:
        requirements = read_requirements(arguments.file, session.terminal.stdin)
    found = recognised(session, requirements, arguments.file or "")
    request = CreateRequest(
        name=arguments.name,
        manager=arguments.manager or (found.manager if found else None) or "pip",
        python=arguments.python,
        packages=tuple(arguments.packages),
        requirements=requirements,
        display_name=arguments.display_name,
        remarks=arguments.remarks,
        labels=read_labels(arguments.label),
        location=arguments.location,
        index_url=arguments.index_url,
        extra_index_urls=tuple(arguments.extra_index_url),
        kernel=not arguments.no_kernel,
        engine=arguments.engine,
        channels=tuple(arguments.channel),
        pip=tuple(arguments.pip),
        variables=read_labels(arguments.variable, "variable"),
        user_site=arguments.user_site,
    )
    if found is None:
        return request
    return with_builds(session, request, found, arguments.file, arguments.builds)


def read_labels(texts: list[str], field: str = "label") -> dict[str, str]:
    """``KEY=VALUE`` texts. Raises ``bad-request`` for what is none."""
    labels: dict[str, str] = {}
    for text in texts:
        key, equals, value = text.partition("=")
        if not key or not equals:
            raise EnvMgrError.of_field("bad-request", field, f"{text!r} is not KEY=VALUE")
        labels[key] = value
    return labels


def _announce(session: Session, plan: Plan) -> None:
    """Where it will lie and whether that stays, before anything is made."""
    session.note(plan.summary)
    for remark in remarks(plan):
        session.note(remark.text, remark.tone)


def _retry_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    add_break_lock(parser)
    add_log(parser)


def _retry(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import verbs as service

    identifier = find_environment(session.context, arguments.name).id
    job = service.retry(session.context, identifier, break_lock=arguments.break_lock)
    return followed(session, job, arguments)


def followed(
    session: Session, job: Job, arguments: argparse.Namespace, said: Collection[str] = ()
) -> Answer:
    """Follow a job of this process to its end; what came of it. ``said`` is not repeated."""
    job = follow(session, job, own=True, log=arguments.log, said=said)
    problem = outcome(job)
    if problem is not None:
        if problem.kind != "cancelled":
            session.note(f"The log: jupyter envmgr jobs follow {job.id}")
        return Answer(job, [], problem=problem)
    took = words.between(job.started, job.ended)
    done = f"{job.title}: done in {took}." if took else f"{job.title}: done."
    if not job.operation.startswith("environments.") or job.operation.endswith(".remove"):
        return Answer(job, [Text(done, "good")])
    return Answer(job, [Text(done, "good"), *_made(session, job)])


def _made(session: Session, job: Job) -> list[View]:
    """What somebody who made an environment wants to know next."""
    if session.json:
        return []
    # Of one that was renamed the job's subject is the name that it had.
    e = session.context.catalogue.environment(job.result.get("environment", job.subject))
    kernels = ", ".join(kernel.display_name for kernel in e.kernels)
    return [
        facts(
            "",
            ("Python", f"{e.interpreter or e.path} ({e.python})"),
            ("Kernel", kernels),
            ("Activate", f"source {e.path}/bin/activate" if e.kind == "venv" else ""),
        )
    ]


VERBS = (
    Verb(
        "env create",
        "environments.create",
        "Create an environment",
        _create_arguments,
        _create,
        followed=True,
    ),
    Verb(
        "env retry",
        "environments.retry",
        "Create a failed environment again, as it was asked for",
        _retry_arguments,
        _retry,
        followed=True,
    ),
)
