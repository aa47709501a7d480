"""The verb ``status``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.status import StatusReport
from . import words
from .pythons import interpreter_table
from .verbs import Answer, Verb, no_arguments
from .views import Cell, Column, Table, Text, View, facts, row

if TYPE_CHECKING:
    from .session import Session


def _run(session: Session, arguments: argparse.Namespace) -> Answer:
    from ..service.status import report

    answer = report(session.context)
    return Answer(answer, _views(answer))


def _views(report: StatusReport) -> list[View]:
    image = report.image
    views: list[View] = [
        facts(
            "",
            ("Version", report.version),
            ("Root", report.root),
            ("Host", report.host),
            ("Image", f"{image.name} ({image.evidence})" if image.evidence else image.name),
            ("Image Python", f"{image.python} at {image.interpreter}"),
            ("Image lasts", words.survival(image.persistence)),
            ("Index", report.index_url),
            ("Running jobs", str(report.running_jobs)),
        ),
        _locations(report),
        _engines(report),
        interpreter_table(report.interpreters),
    ]
    return views + [Text(f"warning: {text}", "warning") for text in report.warnings]


def _locations(report: StatusReport) -> Table:
    columns = (
        Column("LOCATION"),
        Column("FREE", align="right"),
        Column("WRITABLE", drop=2),
        Column("LASTS"),
        Column("FILE SYSTEM", drop=1),
        Column("PATH", cut="start"),
    )
    rows = tuple(
        row(
            f"{p.name} (default)" if p.default else p.name,
            words.size(p.free),
            Cell("yes", "") if p.writable else Cell("no", "bad"),
            words.lasts(p.persistence),
            p.persistence.filesystem,
            Cell(p.path, "dim"),
        )
        for p in report.locations
    )
    return Table(columns, rows)


def _engines(report: StatusReport) -> Table:
    columns = (
        Column("ENGINE"),
        Column("MANAGER"),
        Column("AVAILABLE"),
        Column("VERSION"),
        Column("PATH OR REASON", cut="start"),
    )
    rows = tuple(
        row(
            e.name,
            e.manager,
            Cell("yes", "good") if e.available else Cell("no", "dim"),
            e.version,
            Cell(e.path or e.why, "dim"),
        )
        for e in report.engines
    )
    return Table(columns, rows, empty="No engines.")


VERBS = (
    Verb(
        "status",
        "status",
        "What is here",
        no_arguments,
        _run,
        also=("engines.list", "interpreters.list", "packages.recognise"),
    ),
)
