"""Reads tracebacks: those that Python prints, and those that IPython shows in a notebook."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass

from ..lines import without_escapes

_FRAME = re.compile(
    r"""^[\s|]*File\ (?:"(?P<plain>[^"]+)",\ line\ (?P<line>\d+)(?:,?\ in\ (?P<function>.*))?
    |(?P<shown>[~/][^\n]*?):(?P<number>\d+)(?:,\ in\ (?P<inside>.*))?)\s*$""",
    re.VERBOSE,
)
_OLD_FRAME = re.compile(r"^(?P<path>[~/]\S*\.\w+) in (?P<function>\S.*)$")
_CELL = re.compile(
    r"""^(?:Cell\ In\s?\[\d+\],\ line\ (?P<line>\d+)
    |(?:Input\ )?In\ \[\d+\],\ in\ .*|<ipython-input-[^>]*>\ in\ .*)""",
    re.VERBOSE,
)
_ERROR = re.compile(r"^(?:\s*\| ?)*(?P<kind>[A-Za-z_][\w.]*)(?:: ?(?P<message>.*))?$")
_ARROW = re.compile(r"^-+> \d+ (?P<code>.*)$")
_NO_MODULE = re.compile(r"No module named ['\"]?(?P<name>\w+(?:\.\w+)*)")
_BY_THE_WAY = ("Exception ignored in", "Error in atexit", "Exception in thread", "Error processing")
_CHAINS = ("During handling of the above", "The above exception was the direct")
_START = "Traceback (most recent call last)"
CELL = "<cell>"
_MOST_LINES = 20_000
_LONGEST_MESSAGE = 4000


@dataclass(frozen=True)
class Frame:
    """One place that an error passed. ``path`` is absolute, or `CELL` for a notebook's cell."""

    path: str
    function: str = ""
    code: str = ""

    @property
    def is_importing(self) -> bool:
        """Whether it is the top level of a module, which runs while that is imported."""
        return self.function in ("", "<module>")


@dataclass(frozen=True)
class Trace:
    """What a program said when it failed. The frame that raised comes last in ``frames``.

    ``kind`` is the exception's class, empty if there was no traceback; ``causes`` are the frames
    of the exceptions before it.
    """

    kind: str = ""
    message: str = ""
    frames: tuple[Frame, ...] = ()
    causes: tuple[Frame, ...] = ()

    @property
    def error(self) -> str:
        """One line: ``Kind: message``."""
        first = next((line.strip() for line in self.message.splitlines() if line.strip()), "")
        words = f"{self.kind}: {first}" if self.kind and first else self.kind or first
        return words[:500]

    @property
    def missing_module(self) -> str:
        """The module that could not be found, if that is the error."""
        match = _NO_MODULE.search(self.message)
        return match["name"] if match and self.kind.endswith(("ImportError", "FoundError")) else ""

    @property
    def all_frames(self) -> tuple[Frame, ...]:
        """Those of the error, the innermost first, then those of its causes."""
        return (*reversed(self.frames), *reversed(self.causes))


NO_TRACE = Trace()


def read_traceback(text: str, home: str = "") -> Trace:
    """The last error in a program's output; without a traceback its last line."""
    lines = without_escapes(text).splitlines()[-_MOST_LINES:]
    blocks: list[tuple[list[str], list[str]]] = []
    earlier: list[tuple[list[str], list[str]]] = []
    position = 0
    while position < len(lines):
        if not lines[position].lstrip(" |+-").startswith(_START):
            position += 1
            continue
        before = next((ln for ln in reversed(lines[max(0, position - 2) : position]) if ln), "")
        is_chained = any(
            chain in line for line in lines[max(0, position - 3) : position] for chain in _CHAINS
        )
        body, position = _body(lines, position + 1)
        message, position = _message(lines, position)
        if before.lstrip().startswith(_BY_THE_WAY):
            continue
        earlier = [*earlier, *blocks] if is_chained else []
        blocks = [(body, message)]
    if not blocks:
        return _without_traceback(lines, home)
    body, message = blocks[-1]
    match = _ERROR.match(message[0]) if message else None
    causes = [frame for lines_, _ in earlier for frame in read_frames(lines_, home)]
    words = [(match["message"] or "") if match else "", *message[1:]]
    return Trace(
        kind=match["kind"] if match else "",
        message="\n".join(words).strip()[:_LONGEST_MESSAGE],
        frames=read_frames(body, home),
        causes=tuple(causes),
    )


def _body(lines: list[str], position: int) -> tuple[list[str], int]:
    start = position
    while position < len(lines) and (not lines[position] or lines[position][0] in " \t"):
        position += 1
    return lines[start:position], position


def _message(lines: list[str], position: int) -> tuple[list[str], int]:
    start = position
    while position < len(lines):
        line = lines[position]
        if line.lstrip(" |+-").startswith((_START, *_CHAINS, *_BY_THE_WAY)):
            break
        position += 1
    return lines[start:position], position


def _without_traceback(lines: list[str], home: str) -> Trace:
    """A syntax error has no ``Traceback`` line; a crash has frames by faulthandler."""
    said = [line.strip() for line in lines if line.strip()]
    last = said[-1] if said else ""
    frames = read_frames(lines, home)
    fatal = [line for line in said if line.startswith("Fatal Python error")]
    if fatal:
        return Trace("", fatal[-1], tuple(reversed(frames)))
    match = _ERROR.match(last)
    if match and match["kind"].endswith(("Error", "Exception")):
        return Trace(match["kind"], match["message"] or "", frames)
    return Trace("", last, frames)


def read_frames(lines: Iterable[str], home: str = "") -> tuple[Frame, ...]:
    """The frames in the order of the text: the one that raised comes last."""
    found: list[Frame] = []
    wants_code = False
    for text in lines:
        for line in without_escapes(text).splitlines():
            frame = frame_of(line, home)
            if frame is not None:
                found.append(frame)
                wants_code = True
            elif found and (arrow := _ARROW.match(line)):
                found[-1] = Frame(found[-1].path, found[-1].function, arrow["code"].strip())
                wants_code = False
            elif wants_code and line.startswith("    "):
                found[-1] = Frame(found[-1].path, found[-1].function, line.strip())
                wants_code = False
    return tuple(found)


def frame_of(line: str, home: str = "") -> Frame | None:
    """The frame that a line of a traceback begins; None for any other line."""
    match = _FRAME.match(line)
    if match:
        path = match["plain"] or match["shown"]
        return Frame(_expanded(path, home), _name(match["function"] or match["inside"]))
    match = _OLD_FRAME.match(line)
    if match:
        return Frame(_expanded(match["path"], home), _name(match["function"]))
    return Frame(CELL, "<module>") if _CELL.match(line) else None


def _name(function: str | None) -> str:
    return (function or "").partition("(")[0].strip()


def _expanded(path: str, home: str) -> str:
    """IPython shows ``~`` for the home directory."""
    if home and (path == "~" or path.startswith("~/")):
        path = home + path[1:]
    if path.startswith("<ipython-input") or "/ipykernel_" in path:
        return CELL
    return os.path.normpath(path) if path.startswith("/") else path
