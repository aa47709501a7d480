"""Plans for people: shown as a table, agreed to with yes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..core.errors import EnvMgrError
from ..core.plans import Plan
from . import words
from .views import Cell, Column, Table, Text, View, facts, row

if TYPE_CHECKING:
    from .session import Session


def plan_views(plan: Plan) -> list[View]:
    """What would happen, as it is shown before it does."""
    rows = tuple(row(Cell(s.action, "strong"), s.target, s.detail) for s in plan.steps)
    columns = (Column("ACTION"), Column("WHAT", cut="start"), Column("", drop=1, cut="end"))
    views: list[View] = [Text(plan.summary), Table(columns, rows)]
    pairs = [*plan.facts]
    if plan.bytes is not None:
        pairs.append(("Size", words.size(plan.bytes)))
    if pairs:
        views.append(facts("", *pairs))
    views += remarks(plan)
    if plan.refusal:
        force = " Use --force to do it all the same." if plan.forceable else ""
        views.append(Text(f"refused: {plan.refusal}{force}", "bad"))
    return views


def remarks(plan: Plan) -> list[Text]:
    """What is good to know, then what somebody may regret."""
    return [
        *(Text(f"note: {text}") for text in plan.notices),
        *(Text(f"warning: {text}", "warning") for text in plan.warnings),
    ]


def agree(session: Session, plan: Plan, *, yes: bool, force: bool, question: str) -> None:
    """Show the plan and ask whether to go on; return if so.

    Raises ``cancelled`` for a no, ``bad-request`` where nobody can be asked and there is no
    ``--yes``. A plan that is refused is not asked about: running it says why it is refused.
    """
    if not session.json and not yes:
        session.terminal.show(plan_views(plan))
    if yes or (plan.refusal and not (force and plan.forceable)):
        return
    if session.json or not session.terminal.can_ask():
        raise EnvMgrError(
            "bad-request",
            "There is nobody to ask whether to go on.",
            hint="--yes goes on without asking, --dry-run only shows the plan.",
        )
    if not session.terminal.ask(question):
        raise EnvMgrError("cancelled", "You said no; nothing was changed.")
