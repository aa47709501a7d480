"""A tool's bytes as lines for people: cut, decoded, without escape sequences."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

LONGEST_LINE = 4096
_MOST_HELD = 65536
_ENDS = re.compile(rb"[\r\n]")
_ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor
    r"|\x1b\][^\x07\x1b]*(?:\x07|\x1b\\)?"  # OSC: titles, links
    r"|\x1b[PX^_][^\x1b]*(?:\x1b\\)?"  # DCS and other strings
    r"|\x1b[ -/]*[0-~]?"  # two-character escapes
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"  # other control characters
)


def without_escapes(text: str) -> str:
    """``text`` without terminal sequences and control characters; tab and newline stay."""
    return _ESCAPES.sub("", text)


class LineSplitter:
    """Cuts a stream at ``\\n``, ``\\r`` and ``\\r\\n``.

    A line is shortened to 4 KB. What a lone ``\\r`` leaves empty is no line.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._after_return = False

    def feed(self, data: bytes) -> list[str]:
        """The lines that ``data`` completes."""
        lines = []
        position = 0
        for match in _ENDS.finditer(data):
            self._hold(data[position : match.start()])
            position = match.end()
            is_newline = match[0] == b"\n"
            if self._held or (is_newline and not self._after_return):
                lines.append(self._take())
            self._after_return = not is_newline
        if position < len(data):
            self._hold(data[position:])
        return lines

    def finish(self) -> list[str]:
        """The last line, if the stream did not end with an end of line."""
        return [self._take()] if self._held else []

    def _hold(self, piece: bytes) -> None:
        if piece:
            self._after_return = False
            self._held += piece[: _MOST_HELD - len(self._held)]

    def _take(self) -> str:
        text = without_escapes(bytes(self._held).decode("utf-8", "replace"))
        self._held.clear()
        return shortened(text)


def events_in(text: str) -> Iterator[dict[str, object]]:
    """What a worker of ours says in ``text``: the JSON objects with an ``event``, one a line."""
    for line in text.splitlines():
        try:
            said = json.loads(line)
        except ValueError:
            continue
        if isinstance(said, dict) and "event" in said:
            yield said


def shortened(text: str) -> str:
    """``text`` in at most 4 KB of UTF-8."""
    data = text.encode("utf-8", "replace")
    if len(data) <= LONGEST_LINE:
        return text
    return data[: LONGEST_LINE - 4].decode("utf-8", "ignore") + " …"
