"""Plans are shown before anything is taken away, and nothing happens without a yes."""

from __future__ import annotations

from typing import Any

import pytest

from jupyter_envmgr.cli.interrupts import Interrupts
from jupyter_envmgr.cli.plans import agree, plan_views, remarks
from jupyter_envmgr.cli.render import Terminal
from jupyter_envmgr.cli.session import Session
from jupyter_envmgr.cli.views import Text
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.plans import Plan, PlanStep
from jupyter_envmgr.core.settings import Settings
from tests.cli.fakes import Stream, no_settings

PLAN = Plan(
    operation="environments.remove",
    subject="demo",
    summary="demo is deleted.",
    steps=(PlanStep("delete", "/home/ada/.envmgr/environments/demo", "its directory"),),
    facts=(("Recreate with", "numpy==2.0"),),
    warnings=("Kernels elsewhere cannot be seen.",),
    notices=("The prefix in line 15 is left out.",),
    bytes=5_100_000_000,
).sealed()
REFUSED = Plan(
    "environments.remove", "demo", "demo", (), refusal="A kernel runs.", forceable=True
).sealed()


class Asked:
    """A person at a terminal (or nobody), and what they were shown."""

    def __init__(self, answer: str, tty: bool = True, json: bool = False) -> None:
        self.stdout, self.stderr = Stream(tty=tty), Stream(tty=tty)
        terminal = Terminal(self.stdout, self.stderr, Stream(answer.encode(), tty), {})

        def no_context(settings: Settings) -> Any:
            raise AssertionError

        self.session = Session(terminal, Interrupts(), no_settings, no_context, json=json)

    def agree(self, plan: Plan = PLAN, *, yes: bool = False, force: bool = False) -> None:
        agree(self.session, plan, yes=yes, force=force, question="Remove demo?")


@pytest.mark.parametrize("answer", ["y\n", "yes\n", " YES \n"])
def test_a_yes_goes_on_after_the_plan_was_shown(answer: str) -> None:
    asked = Asked(answer)
    asked.agree()
    shown = asked.stdout.text()
    for words in ("demo is deleted.", "/home/ada", "numpy==2.0", "cannot be seen", "5.1 GB"):
        assert words in shown
    assert asked.stderr.text() == "Remove demo? [y/N] "


def test_what_is_good_to_know_is_told_apart_from_warnings() -> None:
    said = [(text.text, text.tone) for text in remarks(PLAN)]
    assert said == [
        ("note: The prefix in line 15 is left out.", ""),
        ("warning: Kernels elsewhere cannot be seen.", "warning"),
    ]
    assert set(remarks(PLAN)) <= {view for view in plan_views(PLAN) if isinstance(view, Text)}


@pytest.mark.parametrize("answer", ["n\n", "\n", "", "what\n", "ye\n"])
def test_anything_else_changes_nothing(answer: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        Asked(answer).agree()
    assert caught.value.kind == "cancelled"


@pytest.mark.parametrize("json", [True, False])
def test_where_nobody_can_be_asked_a_yes_must_be_given(json: bool) -> None:
    asked = Asked("y\n", tty=json, json=json)
    with pytest.raises(EnvMgrError) as caught:
        asked.agree()
    assert caught.value.kind == "invalid"
    assert "--yes" in caught.value.hint


def test_yes_on_the_command_line_asks_nothing() -> None:
    asked = Asked("", tty=False)
    asked.agree(yes=True)
    assert asked.stderr.text() == ""


def test_what_is_refused_is_not_asked_about_unless_forced() -> None:
    asked = Asked("", tty=False)
    asked.agree(REFUSED)
    assert "A kernel runs." in asked.stdout.text()
    assert "--force" in asked.stdout.text()
    with pytest.raises(EnvMgrError):
        asked.agree(REFUSED, force=True)


def test_a_plan_shows_every_step() -> None:
    steps = tuple(PlanStep("delete", f"/x/{i}") for i in range(3))
    table: Any = plan_views(Plan("o", "s", "sum", steps))[1]
    assert [cells[1].text for cells in table.rows] == ["/x/0", "/x/1", "/x/2"]
