"""The verbs of ``env`` that look at environments, change and remove them."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING

from ..core.environments.model import Environment, UpdateRequest
from ..core.errors import EnvMgrError
from . import words
from .creating import followed, read_labels
from .find import add_environment, find_environment
from .options import add_break_lock, add_consent, add_log
from .plans import agree, plan_views
from .verbs import Answer, Verb
from .views import Cell, Column, Table, Text, Tone, View, facts, row

if TYPE_CHECKING:
    from .session import Session

TONES: dict[str, Tone] = {
    "ready": "good",
    "creating": "warning",
    "warming": "warning",
    "failed": "bad",
    "broken": "bad",
    "foreign": "dim",
}


# -- looking ------------------------------------------------------------------------------------


def _list_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--managed", action="store_true", help="only those that were made here")
    parser.add_argument(
        "--fresh", action="store_true", help="look again instead of trusting what is remembered"
    )


def _list(session: Session, arguments: argparse.Namespace) -> Answer:
    answer = session.context.catalogue.environments(fresh=arguments.fresh)
    if arguments.managed:
        kept = tuple(e for e in answer.environments if e.managed)
        answer = replace(answer, environments=kept)
    return Answer(answer, _list_views(answer.environments, answer.warnings))


def _list_views(environments: tuple[Environment, ...], warnings: tuple[str, ...]) -> list[View]:
    columns = (
        Column("NAME"),
        Column("STATUS"),
        Column("PYTHON"),
        Column("MANAGER", drop=3),
        Column("KERNEL", drop=2),
        Column("LASTS", drop=1),
        Column("PATH", cut="start"),
    )
    rows = tuple(
        row(
            Cell(e.id, "strong" if e.managed else ""),
            Cell(e.status, TONES[e.status]),
            e.python,
            e.manager or e.kind,
            "yes" if e.kernels else "",
            words.lasts(e.persistence),
            Cell(e.path, "dim"),
        )
        for e in environments
    )
    empty = "No environments yet. `jupyter envmgr env create NAME numpy` makes one."
    views: list[View] = [Table(columns, rows, empty=empty)]
    reasons = tuple(
        row(Cell(e.id), Cell(e.problem.detail if e.problem else e.reason, TONES[e.status]))
        for e in environments
        if e.status != "ready" and (e.problem or e.reason)
    )
    if reasons:
        views.append(Table((Column("NAME"), Column("WHY IT IS NOT READY")), reasons))
    return views + [Text(f"warning: {text}", "warning") for text in warnings]


def _show_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument(
        "--asked",
        action="store_true",
        help="what it was asked for, as a text that env create -f takes",
    )


def _show(session: Session, arguments: argparse.Namespace) -> Answer:
    environment = find_environment(session.context, arguments.name)
    if arguments.asked:
        from ..service.environments.recreating import request_of

        request = request_of(session.context, environment.id)
        text = request.requirements.rstrip("\n")
        return Answer(request, [Text(f"{text}\n", raw=True)], operation="environments.request")
    return Answer(environment, environment_views(environment))


def environment_views(e: Environment) -> list[View]:
    """All that is known of one environment."""
    python = " ".join(part for part in (e.implementation, e.python) if part)
    user_site = "visible in it" if e.user_site else "not visible in it"
    return [
        facts(
            "",
            ("Name", Cell(e.name, "strong")),
            ("Id", e.id if e.id != e.name else ""),
            ("Display name", e.display_name),
            ("Status", Cell(e.status, TONES[e.status])),
            ("Reason", e.problem.detail if e.problem else e.reason),
            ("Hint", e.problem.hint if e.problem else ""),
            ("Path", e.path),
            ("Lasts", words.survival(e.persistence)),
            ("Location", e.location or ""),
            ("Python", python),
            ("Interpreter", e.interpreter or ""),
            ("Based on", e.base or ""),
            ("Kind", e.kind),
            ("Manager", e.manager or ""),
            ("Engine", e.engine),
            ("Created", _created(e.created)),
            ("Packages", "" if e.package_count is None else str(e.package_count)),
            ("Asked for", " ".join(line.partition(" --hash=")[0] for line in e.asked_for)),
            ("Kernels", "\n".join(f"{k.name}: {k.display_name}" for k in e.kernels)),
            ("User site", f"{user_site}: {e.user_site_why}" if e.user_site_why else user_site),
            ("Remarks", e.remarks),
            ("Labels", " ".join(f"{k}={v}" for k, v in sorted(e.labels.items()))),
            ("Job", e.job or ""),
        )
    ]


def _created(time: str | None) -> str:
    return f"{words.ago(time)} ({time})" if time else ""


def _size(session: Session, arguments: argparse.Namespace) -> Answer:
    environment = find_environment(session.context, arguments.name)
    answer = session.context.catalogue.size(environment.id)
    shared = f"{words.size(answer.shared)} of it hard links to other places"
    return Answer(
        answer,
        [
            facts(
                "",
                ("Environment", Cell(answer.environment, "strong")),
                ("Size", f"{words.size(answer.size)} ({answer.size} bytes)"),
                ("Files", str(answer.files)),
                ("Shared", shared if answer.shared else ""),
            )
        ],
    )


# -- changing and removing ------------------------------------------------------------------------


def _update_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    parser.add_argument("--display-name", metavar="TEXT", help="as pickers are to show it")
    parser.add_argument("--remarks", metavar="TEXT", help="what it is for")
    parser.add_argument(
        "--label", action="append", default=[], metavar="K=V", help="set one; several times"
    )
    parser.add_argument(
        "--unlabel", action="append", default=[], metavar="K", help="take one away; several times"
    )


def _update(session: Session, arguments: argparse.Namespace) -> Answer:
    labels: dict[str, str] | None = None
    if arguments.label or arguments.unlabel:
        labels = dict(find_environment(session.context, arguments.name).labels)
        labels.update(read_labels(arguments.label))
        for key in arguments.unlabel:
            labels.pop(key, None)
    request = UpdateRequest(arguments.display_name, arguments.remarks, labels)
    if request == UpdateRequest():
        raise EnvMgrError("bad-request", "Nothing to change was given.", hint="See --help.")
    return _updated(session, arguments.name, request)


def _updated(session: Session, name: str, request: UpdateRequest) -> Answer:
    from ..service.environments import verbs as service

    identifier = find_environment(session.context, name).id
    environment = service.update(session.context, identifier, request)
    return Answer(environment, environment_views(environment))


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser)
    add_consent(parser, "go on although a kernel or program of it is running")
    add_break_lock(parser)
    add_log(parser)


def _remove(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.environments import verbs as service

    identifier = find_environment(session.context, arguments.name).id
    plan = service.plan_remove(session.context, identifier)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    agree(
        session,
        plan,
        yes=arguments.yes,
        force=arguments.force,
        question=f"Remove {identifier}?",
    )
    job = service.remove(
        session.context,
        identifier,
        digest=plan.digest,
        force=arguments.force,
        break_lock=arguments.break_lock,
    )
    return followed(session, job, arguments)


VERBS = (
    Verb("env list", "environments.list", "All environments", _list_arguments, _list),
    Verb(
        "env show",
        "environments.show",
        "One environment",
        _show_arguments,
        _show,
        also=("environments.request",),
    ),
    Verb(
        "env update",
        "environments.update",
        "Change display name, remarks or labels",
        _update_arguments,
        _update,
    ),
    Verb("env size", "environments.size", "Measure an environment", add_environment, _size),
    Verb(
        "env remove",
        "environments.remove",
        "Remove an environment and its kernels",
        _remove_arguments,
        _remove,
        followed=True,
    ),
)
