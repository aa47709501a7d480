"""A failed run of conda or mamba as the causes look at it: what it was asked and what it said."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from ..core.commands import Outcome
from ..core.errors import EnvMgrError
from .conda_cli_answers import Answer, failures

_TRACEBACK = re.compile(r"^(conda(?:\w|\.)*\.\w+|[A-Za-z_][\w.]*(?:Error|Exception))(?:: (.*))?$")


_NOISE = re.compile(
    r"\s*(?:$|Traceback|File \"|Retrying \(|usage:|Fatal Python error|Python runtime state"
    r"|Extension modules|Collecting package metadata|Solving environment|Run with --help"
    r"|(?:warning|info|debug|trace) +libmamba|If you |in which case |Please try running "
    r"|on  mamba's issue tracker|https://github\.com/mamba-org/)"
)
_PREFIX = re.compile(r"(?:error|critical) +libmamba +|^\w+(?:Error|Exception)(?:\(\d+\))?: +")


@dataclass(frozen=True)
class CliAsked:
    """What the failed command was asked to do. ``channels`` and ``proxy`` have no credentials."""

    tool: str
    prefix: str
    specs: tuple[str, ...]
    channels: tuple[str, ...]
    offline: bool = False
    proxy: str = ""


@dataclass(frozen=True)
class Told:
    """One error: its class if the tool names one, its words, and what else it says."""

    family: str
    text: str
    facts: Answer

    def is_a(self, families: str) -> bool:
        """Whether the class is of these families (a pattern)."""
        return bool(re.search(families, self.family))

    def says(self, pattern: str) -> re.Match[str] | None:
        """Where the words have this pattern."""
        return re.search(pattern, self.text, re.IGNORECASE)


CliRule = Callable[[Told, CliAsked], EnvMgrError | None]
"""Recognises one family of failures; None if it was another."""


def heard(answer: Answer | None, outcome: Outcome) -> Iterable[Told]:
    if answer is not None and answer.get("success") is not True:
        history = answer.get("log_history")
        rows = [row for row in history or () if isinstance(row, dict)]
        words = [str(r.get("message")) for r in rows if r.get("level") in ("error", "critical")]
        if words:
            yield Told("", "\n".join(words), answer)
        problems = answer.get("solver_problems")
        # The log has the whole tree; the problems often do not name what is missing, and speak
        # of an "unsupported request".
        tree = any("└─" in text for text in (outcome.stderr, *words))
        if isinstance(problems, list) and problems and not tree:
            yield Told("SolverProblems", "\n".join(map(str, problems)), answer)
        for error in failures(answer):
            text = str(error.get("message") or error.get("error") or "")
            name = str(error.get("exception_name") or "")
            if text or name:
                cause = str(error.get("caused_by") or "")
                yield Told(name, f"{text}\n{cause if cause != 'None' else ''}".strip(), error)
    yield from _in_plain_words(outcome.stderr)
    if answer is None and outcome.stdout.strip():
        yield Told("", outcome.stdout, {})


def _in_plain_words(stderr: str) -> Iterable[Told]:
    """What a log says; of a traceback the exception that conda raised, if one is its own."""
    found = [match for line in stderr.splitlines() if (match := _TRACEBACK.match(line))]
    own = [match for match in found if match[1].startswith("conda")] or found
    if own and "Traceback (most recent call last)" in stderr:
        yield Told(own[-1][1].rpartition(".")[2], own[-1][2] or "", {})
    yield Told("", stderr, {})


def own_words(told: tuple[Told, ...], code: int, asked: CliAsked) -> str:
    """What a tool itself names as the cause, in one line."""
    for one in told:
        lines = [_PREFIX.sub("", line.strip()) for line in one.text.splitlines()]
        wanted = [line for line in lines if line and not _NOISE.match(line)]
        if wanted:
            # What the tool names as the error comes first in an answer, last in a log.
            return (wanted[0] if one.family else wanted[-1])[:500]
    return f"{asked.tool} ended with code {code} and said nothing"
