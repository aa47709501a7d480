"""What conda and mamba print turned into progress, and kept whole for their answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import replace

from ..core.commands import Stream
from ..core.events import Output, Payload, Progress

_UNITS = {"B": 1, "KB": 1024, "MB": 1024**2, "GB": 1024**3}
_DESCRIPTION = re.compile(r"\s*(\S+)\s*\|\s*(?:([\d.]+) ([KMG]?B)\s*\|)?")
_ERROR = re.compile(r'\s+"error": (".*?),?$')
_MOST_KEPT = 32 * 1024 * 1024

# The share of each phase: asking, solving, downloading and unpacking, putting in place.
_ASKED, _SOLVED, _HERE = 0.05, 0.1, 0.85

# conda names packages when it begins to fetch them: what is still to come, if nobody knows.
_UNSEEN = 50 * 1024 * 1024


class CondaReader:
    """Reads one run of ``conda --json`` on a terminal. One object for one run.

    ``expected`` is how many bytes are to come, 0 if unknown. `text` is all that was printed but
    the progress: an outcome keeps only the end of it, and a long plan is longer.
    """

    def __init__(self, expected: int = 0) -> None:
        self._expected = expected
        self._fraction = 0.0
        self._label = ""
        self._sizes: dict[str, float] = {}
        self._shares: dict[str, float] = {}
        self._finished: set[str] = set()
        self._lines: list[str] = []
        self._kept = 0

    @property
    def text(self) -> str:
        """The answer, with whatever was printed around it."""
        return "\n".join(self._lines)

    def __call__(self, stream: Stream, line: str) -> Iterable[Payload]:
        """The events of a line. The fraction is that of this step and never falls."""
        if stream == "stderr":
            return ()
        if not line.startswith('{"fetch"'):
            self._kept += len(line)
            if self._kept <= _MOST_KEPT:
                self._lines.append(line)
            return _said(line)
        progress = self._fetch(line)
        if progress is None:
            return ()
        fraction = max(self._fraction, progress.fraction)
        if progress.label == self._label and fraction - self._fraction < 0.002:
            return ()
        self._fraction, self._label = fraction, progress.label
        return (Progress(fraction, progress.label, progress.done, progress.total, progress.unit),)

    def _fetch(self, line: str) -> Progress | None:
        try:
            row = json.loads(line)
            match = _DESCRIPTION.match(row["fetch"])
            share = 1.0 if row.get("finished") else float(row["progress"])
        except (ValueError, KeyError, TypeError):
            return None
        if match is None:
            return None
        name = match[1]
        self._sizes[name] = float(match[2]) * _UNITS[match[3]] if match[2] else 0.0
        # Unpacking counts from its own beginning again.
        self._shares[name] = min(1.0, max(share, self._shares.get(name, 0.0)))
        if row.get("finished"):
            self._finished.add(name)
        seen = int(sum(self._sizes.values()))
        done = min(seen, int(sum(size * self._shares[n] for n, size in self._sizes.items())))
        if self._finished >= self._sizes.keys():
            # conda says so of all of them when the last one is here.
            return Progress(_HERE, "Putting the packages in place", seen, seen, "bytes")
        total = max(self._expected, seen) if self._expected else None
        waiting = {n: size for n, size in self._sizes.items() if self._shares[n] < 1}
        fraction = _SOLVED + (_HERE - _SOLVED) * done / (total or seen + _UNSEEN)
        label = "Downloading"
        if waiting:
            largest = max(waiting, key=lambda n: waiting[n])
            others = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
            size = f" ({_readable(waiting[largest])})" if waiting[largest] else ""
            label = f"Downloading {largest}{size}{others}"
        return Progress(fraction, label, done, total, "bytes")


def _said(line: str) -> Iterable[Payload]:
    """The words of an error, for the log: an answer itself is nothing to read."""
    match = _ERROR.match(line)
    if not match:
        return ()
    try:
        words = str(json.loads(match[1]))
    except ValueError:
        words = match[1]  # it was too long for a line
    return tuple(Output(text, "stdout") for text in words.splitlines()[:200] if text.strip())


_SUMMARY = re.compile(r"\s*(Install|Change|Reinstall|Upgrade|Downgrade|Remove): (\d+) packages?")
_TO_COME = re.compile(r"\s*Total download: ([1-9].*)")
_IN_PLACE = re.compile(r"(Unlinking|Linking) (\S+)")


class MambaReader:
    """Reads one run of mamba 2 or micromamba, which count what they link and unlink.

    Of downloads they tell the size alone, before the first.
    """

    def __init__(self) -> None:
        self._packages = 0
        self._seen = 0
        self._to_come = ""
        self._fraction, self._label = 0.0, ""

    def __call__(self, stream: Stream, line: str) -> Iterable[Payload]:
        """The events of a line. The fraction never falls."""
        progress = self._waiting(line) if stream == "stderr" else self._progress(line)
        if progress is None or progress.label == self._label:
            return ()
        self._label = progress.label
        self._fraction = max(self._fraction, progress.fraction)
        return (replace(progress, fraction=self._fraction),)

    def _waiting(self, line: str) -> Progress | None:
        """It waits for a lock as long as it takes."""
        if "Waiting for other mamba process" not in line:
            return None
        return Progress(self._fraction, "Waiting for another mamba or micromamba to end")

    def _progress(self, line: str) -> Progress | None:
        if line.startswith("Resolving Environment"):
            return Progress(_ASKED, "Looking for packages that fit")
        if match := _SUMMARY.match(line):
            # What changes is taken away and put in place.
            twice = match[1] not in ("Install", "Remove")
            self._packages += int(match[2]) * (2 if twice else 1)
        elif match := _TO_COME.match(line):
            self._to_come = match[1].strip()
        elif line.startswith("Transaction starting"):
            if self._to_come:
                return Progress(_SOLVED, f"Downloading {self._to_come}")
            return Progress(_HERE, "Changing the environment")
        elif line.startswith("Transaction finished"):
            return Progress(1.0, "The packages are in place")
        elif match := _IN_PLACE.match(line):
            self._seen += 1
            total = max(self._packages, self._seen)
            fraction = _HERE + (1 - _HERE) * self._seen / total
            what = "Taking away" if match[1] == "Unlinking" else "Putting in place"
            return Progress(fraction, f"{what} {match[2]}", self._seen, total, "packages")
        return None


def _readable(size: float) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB"
