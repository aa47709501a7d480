"""The verb that lists the Pythons that an environment can have."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..core.environments.model import Interpreter
from . import words
from .verbs import Answer, Verb
from .views import Cell, Column, Table, Text, View, row

if TYPE_CHECKING:
    from ..service.answers import OfferedPythons
    from .session import Session


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--manager",
        choices=("pip", "conda"),
        default="",
        help="default: conda if channels are given, else pip",
    )
    parser.add_argument(
        "--channel",
        action="append",
        default=[],
        metavar="C",
        help="of conda, instead of those that are configured; several times",
    )
    parser.add_argument("--engine", default="", metavar="E", help="what asks the channels")


def _run(session: Session, arguments: argparse.Namespace) -> Answer:
    is_conda = arguments.manager == "conda" or arguments.channel or arguments.engine
    if arguments.manager == "pip" or not is_conda:
        found = session.context.catalogue.interpreters()
        return Answer(found, [interpreter_table(found.interpreters)], operation="interpreters.list")
    from ..service.offered import offered
    from ..service.requests import OfferRequest

    request = OfferRequest(tuple(arguments.channel), arguments.engine)
    answer = offered(session.context, request)
    return Answer(answer, _views(answer))


def interpreter_table(interpreters: Sequence[Interpreter]) -> Table:
    """The Pythons that an environment of pip can be based on."""
    columns = (
        Column("PYTHON"),
        Column("IMPLEMENTATION", drop=2),
        Column("FROM", drop=1),
        Column("LASTS"),
        Column("PATH", cut="start"),
    )
    rows = tuple(
        row(
            f"{i.version} (default)" if i.default else i.version,
            i.implementation,
            i.source,
            words.lasts(i.persistence),
            Cell(i.path or "to be downloaded by uv", "dim"),
        )
        for i in interpreters
    )
    return Table(columns, rows, empty="No Python was found.")


_KERNEL = {True: Cell("yes", "good"), False: Cell("no", "dim"), None: Cell("not known", "dim")}


def _views(answer: OfferedPythons) -> list[View]:
    columns = (
        Column("PYTHON"),
        Column("NEWEST"),
        Column("KERNEL"),
        Column("CHANNEL", drop=1, cut="start"),
        Column("NOTE", drop=2),
    )
    rows = tuple(
        row(
            Cell(one.minor, "strong" if one.minor == answer.usual else ""),
            one.version,
            _KERNEL[one.kernel],
            Cell(one.channel, "dim"),
            f"usual: {answer.why}" if one.minor == answer.usual else one.why_not,
        )
        for one in answer.pythons
    )
    where = ", ".join(answer.channels)
    views: list[View] = [Table(columns, rows, empty=f"{where} has no Python for this machine.")]
    return views + [Text(f"warning: {text}", "warning") for text in answer.notices]


VERBS = (
    Verb(
        "env pythons",
        "interpreters.offered",
        "The Pythons that an environment can have: for conda, what channels offer",
        _arguments,
        _run,
        also=("interpreters.list",),
    ),
)
