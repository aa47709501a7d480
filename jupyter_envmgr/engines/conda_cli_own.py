"""The steps around those of conda, mamba and micromamba that our own Python does."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

from ..core.commands import Command, Step
from ..core.conda.history import name_of, revision_text
from ..core.environment_variables import scrub
from .conda_plan import CondaPlanRequest

CLAIM = "claim"

# An environment that is there is never replaced: ``conda create`` would do that without a word
# (--json implies yes). So it is made empty, which fails if there is one, and then installed into.
# Only their ``create`` would name it where they look for environments, and there it may be once.
_CLAIM = """\
import os, sys
prefix, known = sys.argv[1:]
os.makedirs(prefix, exist_ok=True)
os.mkdir(os.path.join(prefix, "conda-meta"))
open(os.path.join(prefix, "conda-meta", "history"), "x").close()
try:
    os.makedirs(os.path.dirname(known), exist_ok=True)
    if os.path.isfile(known) or not os.path.lexists(known):
        with open(known, "a+b") as file:
            file.seek(0)
            text = file.read()
            line = os.fsencode(prefix)
            if line not in text.splitlines():
                file.write((b"\\n" if text and not text.endswith(b"\\n") else b"") + line + b"\\n")
except OSError:
    pass
"""

# What a list puts in counts as asked for, each package in just that version: nothing could be
# updated any more. So what the list came of is asked for instead.
_NOTE = """\
import os, sys
prefix, text = sys.argv[1:]
with open(os.path.join(prefix, "conda-meta", "history"), "a", encoding="utf-8") as file:
    file.write(text)
"""


def claim(plan: CondaPlanRequest) -> Step:
    """Make the environment, with nothing in it; fails if there is one."""
    known = str(plan.home / ".conda" / "environments.txt")
    return _step(plan, CLAIM, "Creating the environment", _CLAIM, str(plan.prefix), known)


def noting(plan: CondaPlanRequest) -> Iterator[Step]:
    """Note what a list of packages came of, if that is known."""
    if plan.explicit and plan.asked:
        asked = {name_of(spec) for spec in plan.asked}
        others = [name for name in map(name_of, plan.explicit) if name not in asked]
        date = time.strftime("%Y-%m-%d %H:%M:%S")
        text = revision_text(date, "jupyter_envmgr", (), (), plan.asked, others)
        yield _step(plan, "note", "Writing its history", _NOTE, str(plan.prefix), text)


def _step(plan: CondaPlanRequest, name: str, title: str, script: str, *words: str) -> Step:
    argv = (sys.executable, "-I", "-S", "-c", script, *words)
    return Step(name, title, Command(argv, scrub(plan.environ), plan.workdir), 0.01)
