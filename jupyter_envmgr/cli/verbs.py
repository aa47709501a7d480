"""What a verb of the command line is, and what it answers."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..core.errors import Problem
from .views import View

if TYPE_CHECKING:
    from .session import Session


@dataclass(frozen=True)
class Answer:
    """What came of a verb: the value for ``--json`` and its views for people.

    ``operation`` is set where it is another one than the verb's own. ``problem`` is set where
    the verb did its work and what it worked on failed: a job. ``quiet`` leaves that to the exit
    code.
    """

    data: object
    views: Sequence[View]
    operation: str = ""
    problem: Problem | None = None
    quiet: bool = False


@dataclass(frozen=True)
class Verb:
    """One verb: its words, the operation that it is a door to, its arguments, what it does.

    ``also`` names further operations of the service that it is the door to. A verb that is
    ``followed`` runs or follows a job, and can stream its events.
    """

    words: str
    operation: str
    summary: str
    arguments: Callable[[argparse.ArgumentParser], None]
    run: Callable[[Session, argparse.Namespace], Answer]
    also: tuple[str, ...] = ()
    followed: bool = False


def no_arguments(parser: argparse.ArgumentParser) -> None:
    """For verbs that take none of their own."""


def complete_with(action: argparse.Action, completer: Callable[..., list[str]]) -> None:
    """Tell argcomplete where the values of an argument come from."""
    action.completer = completer  # type: ignore[attr-defined]
