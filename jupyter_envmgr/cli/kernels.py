"""The verbs of ``kernels``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.kernels.model import Kernel, RegisterRequest
from .find import add_environment, complete_kernels, find_environment
from .options import add_consent
from .plans import agree, plan_views
from .verbs import Answer, Verb, complete_with, no_arguments
from .views import Cell, Column, Table, Text, Tone, View, facts, row

if TYPE_CHECKING:
    from .session import Session

_TONES: dict[str, Tone] = {"ok": "good", "dead": "bad", "broken": "bad", "foreign": "dim"}


def _list(session: Session, arguments: argparse.Namespace) -> Answer:
    answer = session.context.catalogue.kernels()
    columns = (
        Column("KERNEL"),
        Column("DISPLAY NAME"),
        Column("STATUS"),
        Column("ENVIRONMENT", drop=2),
        Column("MADE HERE", drop=3),
        Column("PATH", drop=1, cut="start"),
    )
    rows = tuple(
        row(
            Cell(k.name, "strong" if k.managed else ""),
            k.display_name,
            Cell(k.status, _TONES.get(k.status, "")),
            k.environment or "",
            "yes" if k.managed else "no",
            Cell(k.path, "dim"),
        )
        for k in answer.kernels
    )
    views: list[View] = [Table(columns, rows, empty="No kernels are registered.")]
    reasons = tuple(row(k.name, k.reason) for k in answer.kernels if k.reason)
    if reasons:
        views.append(Table((Column("KERNEL"), Column("WHAT IS WRONG WITH IT")), reasons))
    return Answer(answer, views)


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    add_environment(parser, "-e", "--environment", required=True)
    parser.add_argument("--name", default="", metavar="KERNEL", help="the name of the kernel")
    parser.add_argument("--display-name", default="", metavar="TEXT", help="as pickers show it")
    parser.add_argument("--dry-run", action="store_true", help="only show what would happen")


def _add(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import kernels as service

    identifier = find_environment(session.context, arguments.environment).id
    request = RegisterRequest(identifier, arguments.name, arguments.display_name)
    if arguments.dry_run:
        plan = service.plan_register(session.context, request)
        return Answer(plan, plan_views(plan))
    kernel = service.register(session.context, request)
    return Answer(kernel, [Text(f"Registered {kernel.name}.", "good"), _facts(kernel)])


def _facts(kernel: Kernel) -> View:
    return facts(
        "",
        ("Display name", kernel.display_name),
        ("Starts", kernel.interpreter or ""),
        ("Path", kernel.path),
    )


def _remove_arguments(parser: argparse.ArgumentParser) -> None:
    action = parser.add_argument("name", metavar="NAME", help="the name of the kernel")
    complete_with(action, complete_kernels)
    add_consent(parser, "also one that runs, or that was not made here")


def _remove(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service import kernels as service

    plan = service.plan_unregister(session.context, arguments.name)
    if arguments.dry_run:
        return Answer(plan, plan_views(plan))
    question = f"Unregister {arguments.name}?"
    agree(session, plan, yes=arguments.yes, force=arguments.force, question=question)
    kernel = service.unregister(
        session.context, arguments.name, digest=plan.digest, force=arguments.force
    )
    return Answer(kernel, [Text(f"Unregistered {kernel.name} ({kernel.display_name}).", "good")])


VERBS = (
    Verb("kernels list", "kernels.list", "All registered kernels", no_arguments, _list),
    Verb(
        "kernels add",
        "kernels.register",
        "Register a kernel for an environment",
        _add_arguments,
        _add,
    ),
    Verb("kernels remove", "kernels.unregister", "Unregister a kernel", _remove_arguments, _remove),
)
