"""The rattler worker's lines as events: for a progress bar, never the truth about success."""

from __future__ import annotations

import json
from collections.abc import Iterable

from ..core.commands import Stream
from ..core.events import Notice, Payload, Progress

# The share of each phase. py-rattler links what it has while it downloads the rest.
_SOLVED, _INSTALLED = 0.1, 0.97
_DOWNLOADS = 0.6


class WorkerReader:
    """Reads one run of the worker from its start to its end."""

    def __init__(self) -> None:
        self._fraction = 0.0
        self._label = ""

    def __call__(self, stream: Stream, line: str) -> Iterable[Payload]:
        """The events of a line. The fraction is that of this step and never falls."""
        said = _said(line) if stream == "stdout" else None
        if said is None:
            return ()
        if said.get("at") == "notice":
            text = str(said.get("text", ""))
            return (Notice(text, "info" if said.get("level") == "info" else "warning"),)
        progress = _progress(said)
        if progress is None:
            return ()
        fraction = min(1.0, max(self._fraction, progress.fraction))
        if progress.label == self._label and fraction - self._fraction < 0.001:
            return ()
        self._fraction, self._label = fraction, progress.label
        return (Progress(fraction, progress.label, progress.done, progress.total, progress.unit),)


def _said(line: str) -> dict[str, object] | None:
    if line.startswith("+"):
        return {"at": "end"}
    if not line.startswith("{"):
        return None
    try:
        said = json.loads(line)
    except ValueError:  # a secret that was masked in it
        return None
    return said if isinstance(said, dict) else None


def _progress(said: dict[str, object]) -> Progress | None:
    label = str(said.get("label", ""))
    if said.get("at") == "solve":
        return Progress(0.0, label)
    if said.get("at") == "finish":
        return Progress(_INSTALLED, label)
    if said.get("at") == "end":
        return Progress(1.0, "Done")
    if said.get("at") != "install":
        return None
    got, size = _number(said, "got"), _number(said, "bytes")
    linked, packages = _number(said, "linked"), _number(said, "packages")
    name = str(said.get("name", ""))
    downloads = _DOWNLOADS if size else 0.0
    done = downloads * (got / size if size else 0) + (1 - downloads) * (
        linked / packages if packages else 1
    )
    fraction = _SOLVED + (_INSTALLED - _SOLVED) * done
    if got < size:
        label = f"Downloading {name}" if name else "Downloading"
        return Progress(fraction, label, got, size, "bytes")
    label = f"Linking: {linked} of {packages} package{'' if packages == 1 else 's'}"
    return Progress(fraction, label, linked, packages, "packages")


def _number(said: dict[str, object], name: str) -> int:
    value = said.get(name)
    return value if isinstance(value, int) else 0
