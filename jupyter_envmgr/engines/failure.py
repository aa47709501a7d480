"""A failed command as the causes look at it: what it was asked and what it said."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ..core.errors import EnvMgrError
from ..core.packages.indexes import Indexes

_LOG = re.compile(r"(TRACE|DEBUG|INFO) ")
_DECORATION = re.compile(r"^[\s×│├╰─▶•]*")
_ERROR = re.compile(r"error\b|No solution found|Failed to |Request failed", re.IGNORECASE)
_ANSWER = re.compile(r"with status (\d+)[^:]* for: (\S+/)$|Found fresh response for: (\S+/)$")


@dataclass(frozen=True)
class Asked:
    """What the failed command was asked to do. ``proxy`` is the one that it went through."""

    prefix: str
    python: str
    requirements: tuple[str, ...]
    indexes: Indexes
    proxy: str = ""


@dataclass(frozen=True)
class Said:
    """What the tool said: ``text`` its errors in one line, ``lines`` as they were.

    ``answers`` are the statuses of the project pages that it asked for, by address.
    """

    step: str
    text: str
    lines: tuple[str, ...]
    answers: dict[str, int]


Rule = Callable[[Said, Asked], EnvMgrError | None]
"""Recognises one kind of failure; None if it was another."""


def heard(step: str, stderr: str) -> Said:
    lines, answers = [], {}
    for line in stderr.splitlines():
        if not _LOG.match(line):
            lines.append(_DECORATION.sub("", line.rstrip()))
        elif match := _ANSWER.search(line):
            answers[match[2] or match[3]] = int(match[1] or 200)
    start = next((i for i, line in enumerate(lines) if _ERROR.match(line)), 0)
    told = tuple(line for line in lines[start:] if line)
    return Said(step, " ".join(told), told, answers)
