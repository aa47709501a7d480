"""The verb of ``packages``."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.packages.model import Package, PackageList, UserPython, UserSite
from . import words
from .find import add_environment, find_environment, find_image
from .verbs import Answer, Verb
from .views import Cell, Column, Table, Text, View, facts, row

if TYPE_CHECKING:
    from .session import Session


def _arguments(parser: argparse.ArgumentParser) -> None:
    where = parser.add_mutually_exclusive_group()
    add_environment(
        where,
        "-e",
        "--environment",
        help="of this environment: its name, id or path",
    )
    where.add_argument("--user", action="store_true", help="of the user site (~/.local)")
    where.add_argument("--system", action="store_true", help="of the image (the default)")
    parser.add_argument("--size", action="store_true", help="measure sizes too; takes longer")


def _list(session: Session, arguments: argparse.Namespace) -> Answer:
    context = session.context
    if arguments.user:
        site = context.catalogue.user_site(size=arguments.size)
        return Answer(site, _user_views(site), operation="usersite.show")
    if arguments.environment is not None:
        environment = find_environment(context, arguments.environment)
    else:
        environment = find_image(context)
    packages = context.catalogue.packages(environment.id, size=arguments.size)
    return Answer(packages, _views(packages, arguments.size))


def _views(answer: PackageList, size: bool) -> list[View]:
    columns: tuple[Column, ...] = (
        Column("PACKAGE"),
        Column("VERSION"),
        Column("SIZE", align="right"),
        Column("ASKED FOR", drop=1),
        Column("BY", drop=2),
        Column("SUMMARY", cut="end"),
    )
    rows = tuple(
        row(
            Cell(p.name, "strong" if p.asked_for else ""),
            p.version,
            words.size(p.size),
            "yes" if p.asked_for else "",
            p.installer,
            Cell(p.problem, "bad") if p.problem else Cell(_summary(p), "dim"),
        )
        for p in answer.packages
    )
    if not size:
        columns = columns[:2] + columns[3:]
        rows = tuple(cells[:2] + cells[3:] for cells in rows)
    total = f", {words.size(answer.total_size)}" if answer.total_size is not None else ""
    title = f"{words.count(len(rows), 'package')} in {answer.path}{total}"
    return [Table(columns, rows), Text(title, "dim")] if rows else [Text(title, "dim")]


def _summary(package: Package) -> str:
    return f"[editable] {package.summary}" if package.editable else package.summary


def _user_views(site: UserSite) -> list[View]:
    if not site.exists:
        return [Text(f"There is no user site: {site.base} has no packages.")]
    visible = (
        "visible to the image's Python" if site.visible else "not visible to the image's Python"
    )
    views: list[View] = [
        facts(
            "",
            ("User base", Cell(site.base, "strong")),
            ("Visible", f"{visible}: {site.why}" if site.why else visible),
            ("Size", words.size(site.total_size)),
        )
    ]
    return views + [_user_python(python) for python in site.pythons]


def _user_python(python: UserPython) -> Table:
    hiding = [f"{python.hiding_count} of them hide one of the image"] if python.hiding_count else []
    parts = [words.count(python.package_count, "package"), *hiding, words.size(python.size)]
    parts.append("" if python.active else "not used by the image's Python")
    columns: tuple[Column, ...] = (
        Column("PACKAGE"),
        Column("VERSION"),
        Column("HIDES"),
        Column("LOADED", drop=1),
        Column("SIZE", align="right", drop=2),
    )
    rows = tuple(
        row(
            p.package.name,
            p.package.version,
            Cell(p.hides, "warning"),
            p.wins,
            words.size(p.package.size),
        )
        for p in python.packages
    )
    if python.size is None:
        columns, rows = columns[:-1], tuple(cells[:-1] for cells in rows)
    title = f"Python {python.version}: " + ", ".join(part for part in parts if part)
    return Table(columns, rows, title=title, empty="No packages.")


VERBS = (
    Verb(
        "packages list",
        "packages.list",
        "The packages of an environment, of the user site or of the image",
        _arguments,
        _list,
        also=("usersite.show",),
    ),
)
