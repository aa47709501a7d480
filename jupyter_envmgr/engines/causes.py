"""Why uv failed, recognised in what it says: a cause, one sentence, a hint."""

from __future__ import annotations

import re
import signal

from ..core.commands import Outcome
from ..core.errors import EnvMgrError
from .builds import explain_build
from .failure import Asked, Rule, Said, heard
from .git_causes import REPOSITORIES
from .network_causes import DOWNLOADS, NETWORK, PYTHON_DOWNLOAD
from .requirement_causes import REQUIREMENTS


def explain(step: str, outcome: Outcome, asked: Asked) -> EnvMgrError:
    """The error that an outcome is. What is not recognised is ``tool-failed`` with its words."""
    if outcome.returncode < 0:
        return _killed(-outcome.returncode)
    said = heard(step, outcome.stderr)
    for rule in RULES:
        error = rule(said, asked)
        if error is not None:
            return error
    return EnvMgrError("tool-failed", _own_words(said, outcome.returncode))


def _own_words(said: Said, code: int) -> str:
    for line in reversed(said.lines):
        if line.startswith(("error:", "cause:", "Caused by:")):
            return line.partition(":")[2].strip()
    return said.lines[-1] if said.lines else f"uv ended with code {code} and said nothing"


def _killed(number: int) -> EnvMgrError:
    try:
        name = signal.Signals(number).name
    except ValueError:
        name = f"signal {number}"
    if number == signal.SIGKILL:
        return EnvMgrError("killed", "uv was killed (SIGKILL), most often for want of memory")
    hint = "Try again; if it stays, look at the log."
    return EnvMgrError("killed", f"uv was ended by {name}", hint=hint)


_PATHS = (
    re.compile(r"`(/[^`]+)`(?=[^`]*\(os error)"),
    re.compile(r" (/\S+?): [^:]*\(os error"),
    re.compile(r"[`'\"](/[^`'\"]+)[`'\"]"),
)
_OS_ERRORS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"os error 28\)|No space left on device"), "disk-full", "there is no space left"),
    (
        re.compile(r"os error 122\)|[Dd]isk quota exceeded"),
        "quota-exceeded",
        "the quota is used up",
    ),
    (
        re.compile(r"os error 30\)|Read-only file system"),
        "read-only-disk",
        "nothing can be written",
    ),
)
_NOT_PERMITTED = re.compile(r"(?:Permission denied|Operation not permitted) \(os error (?:1|13)\)")


# uv unpacks into its cache before anything goes to the environment.
_IN_THE_CACHE = re.compile(r"^(.*)/(?:\.tmp\w+|archive-v\d+|wheels-v\d+|sdists-v\d+)(?:/|$)")
_ANOTHER_CACHE = "Free some space, or set UV_CACHE_DIR to a directory that has more."


def _full_disk(said: Said, asked: Asked) -> EnvMgrError | None:
    for pattern, code, words in _OS_ERRORS:
        if pattern.search(said.text):
            path = _path(said, asked)
            cache = _IN_THE_CACHE.match(path)
            if cache:
                return EnvMgrError(
                    code, f"{words} at {cache[1]}, the cache of uv", hint=_ANOTHER_CACHE
                )
            return EnvMgrError(code, f"{words} at {path}")
    return None


def _not_permitted(said: Said, asked: Asked) -> EnvMgrError | None:
    if not _NOT_PERMITTED.search(said.text):
        return None
    path = _path(said, asked)
    hint = None
    if "initialize cache" in said.text:
        hint = "Set UV_CACHE_DIR to a directory that you may write to."
    return EnvMgrError("not-permitted", f"{path} cannot be written", hint=hint)


def _path(said: Said, asked: Asked) -> str:
    """The path that a system error is about: the environment's if it is below that."""
    for pattern in _PATHS:
        found = pattern.findall(said.text)
        if found:
            return asked.prefix if found[-1].startswith(asked.prefix + "/") else str(found[-1])
    return asked.prefix


_EXISTS = re.compile(
    r"(?:File|Directory) exists at `([^`]+)`|directory already exists at: ?`?(\S+)"
)


def _in_the_way(said: Said, asked: Asked) -> EnvMgrError | None:
    if said.step != "venv" or not (match := _EXISTS.search(said.text)):
        return None
    return EnvMgrError("directory-exists", f"{match[1] or match[2]} exists already")


_INTERPRETER = re.compile(
    r"No interpreter found|Failed to inspect Python interpreter|Can't use Python at"
    r"|Failed to query Python interpreter|Querying Python at"
)


def _interpreter(said: Said, asked: Asked) -> EnvMgrError | None:
    if not _INTERPRETER.search(said.text):
        return None
    python = asked.python if said.step == "venv" else f"{asked.prefix}/bin/python"
    if "Please use Python 3" in said.text or "does not support `-I`" in said.text:
        return EnvMgrError("interpreter-missing", f"{python} is too old: Python 3.6 at least")
    if "No interpreter found" in said.text or "os error 2)" in said.text:
        return EnvMgrError("interpreter-missing", f"there is no Python at {python}")
    return EnvMgrError("interpreter-missing", f"{python} does not start as a Python")


def _build(said: Said, asked: Asked) -> EnvMgrError | None:
    return explain_build(said.lines)


RULES: tuple[Rule, ...] = (
    _full_disk,
    _interpreter,
    _in_the_way,
    PYTHON_DOWNLOAD,
    *REPOSITORIES,
    _build,
    *NETWORK,
    *REQUIREMENTS,
    *DOWNLOADS,
    _not_permitted,
)
"""Tried in this order: what is named more exactly comes before what is seen more often."""
