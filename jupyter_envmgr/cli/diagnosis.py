"""The verbs of ``usersite`` that say what is wrong with it. On the standard library alone."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from ..core.errors import EnvMgrError
from ..core.usersite.model import Diagnosis
from . import words
from .find import complete_kernels
from .verbs import Answer, Verb, complete_with
from .views import Cell, Column, Table, Text, Tone, View, row

if TYPE_CHECKING:
    from .session import Session

_TONES: dict[str, Tone] = {"proven": "bad", "will-fail": "bad", "risk": "warning", "note": "dim"}
_WORDS = {"proven": "proven", "will-fail": "will fail", "risk": "risk", "note": "note"}


def _diagnose_arguments(parser: argparse.ArgumentParser) -> None:
    action = parser.add_argument(
        "--kernel", default="", metavar="KERNEL", help="as this kernel sees it (default: the image)"
    )
    complete_with(action, complete_kernels)
    parser.add_argument("--evidence", action="store_true", help="show what each one rests on")


def _diagnosed(session: Session, kernel: str) -> Diagnosis:
    from ..service.usersite.diagnosis import diagnose

    context = session.context if kernel else None
    return diagnose(session.settings, kernel, context=context)


def _diagnose(session: Session, arguments: argparse.Namespace) -> Answer:
    found = _diagnosed(session, arguments.kernel)
    return Answer(found, _views(found, evidence=arguments.evidence))


def _views(found: Diagnosis, *, evidence: bool) -> list[View]:
    python = found.target.display_name or f"Python {found.target.python}"
    where = f"{found.base} as {python} of {found.image} sees it"
    if not found.target.visible:
        where += f" – not at all: {found.target.why_visible}"
    views: list[View] = [Text(where + ".")]
    columns = (Column("SEVERITY"), Column("WHAT"), Column("WHY", cut="end"))
    rows = []
    for one in found.findings:
        tone = _TONES[one.severity]
        rows.append(row(Cell(_WORDS[one.severity], tone), one.title, one.detail))
        if evidence:
            rows += [row("", "", Cell(f"{label}: {text}", "dim")) for label, text in one.evidence]
            if one.fix and one.fix.command:
                rows.append(row("", "", Cell(f"Cure: {one.fix.command}", "good")))
    views.append(Table(columns, tuple(rows), empty="Nothing is wrong with it here."))
    views += [Text(text, "warning") for text in found.skipped]
    counted = [
        words.count(number, word) if word in ("risk", "note") else f"{number} {word}"
        for severity, word in _WORDS.items()
        if (number := found.counts[severity])
    ]
    if counted:
        packages = words.count(found.package_count, "package")
        views.append(Text(f"{', '.join(counted)}, among {packages}.", "strong"))
        if not evidence:
            views.append(Text("--evidence shows what each one rests on, and its cure."))
    return views


def _check_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("-q", "--quiet", action="store_true", help="say it by the exit code alone")
    parser.add_argument(
        "--files-only", action="store_true", help="do not try whether Jupyter itself starts"
    )


def _check(session: Session, arguments: argparse.Namespace) -> Answer:
    """For the start of a container: 0 if nothing will fail, else the code of ``failed``."""
    found = _diagnosed(session, "")
    if found.target.visible and not arguments.files_only:
        found = _with_jupyter(session, found)
    count = found.counts["proven"] + found.counts["will-fail"]
    views = [] if arguments.quiet else _views(found, evidence=False)
    if not count:
        return Answer(found, views)
    detail = f"{words.count(count, 'thing')} in {found.base} cannot work in {found.image}"
    problem = EnvMgrError("user-site-broken", detail, hint=_next(found)).problem
    return Answer(found, views, problem=problem, quiet=arguments.quiet)


def _next(found: Diagnosis) -> str | None:
    """What to do about a Jupyter that does not start; None: what the error says anyway."""
    for one in found.findings:
        if one.code == "jupyter-broken" and one.fix and one.fix.remedy == "repair":
            return f"`{one.fix.command}` finds the packages to blame."
    return None


def _with_jupyter(session: Session, found: Diagnosis) -> Diagnosis:
    """What files do not tell: many a package fails only when it is imported."""
    from ..core.usersite.diagnosis import with_findings
    from ..service.usersite.jupyter_start import why_jupyter_fails

    broken = why_jupyter_fails(session.settings)
    return with_findings(found, [broken, *found.findings]) if broken else found


VERBS = (
    Verb(
        "usersite diagnose",
        "usersite.diagnose",
        "What is wrong with the user site for a kernel, or for the image's Python",
        _diagnose_arguments,
        _diagnose,
    ),
    Verb(
        "usersite check",
        "usersite.diagnose",
        "Whether Jupyter starts and anything cannot work here, for the start of a container",
        _check_arguments,
        _check,
        also=("usersite.arrival", "usersite.told"),
    ),
)
