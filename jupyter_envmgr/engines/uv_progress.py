"""uv's lines turned into progress: for a progress bar, never the truth about success."""

from __future__ import annotations

import re
from collections.abc import Iterable

from ..core.commands import Stream
from ..core.events import Payload, Progress

_RESOLVED = re.compile(r"Resolved (\d+) packages? in ")
_DOWNLOADING = re.compile(r"Downloading (\S+) (?:\(download\) )?\(([\d.]+) ?([KMGT]?i?B)\)")
_DOWNLOADED = re.compile(r"Downloaded (\S+)")
_BUILDING = re.compile(r"Building (\S+)")
_BUILT = re.compile(r"Built (\S+)")
_PREPARED = re.compile(r"Prepared (\d+) packages? in ")
_INSTALLED = re.compile(r"(?:Installed|Audited|Checked) (\d+) packages? in ")
_LOOKED_UP = re.compile(r"TRACE Received response for .* for: \S+/([^/\s]+)/$")
_IN_PLACE = re.compile(r'TRACE Extracted wheel files name=PackageName\("([^"]+)"\)')
_UNITS = {"B": 1, "KiB": 1024, "MiB": 1024**2, "GiB": 1024**3, "TiB": 1024**4}

# The share of each phase of an install. Copying to a network file system takes as long as the
# downloads do.
_LOOKUPS, _DOWNLOADS, _COPIES = 0.15, 0.45, 0.4
_USUAL_LOOKUPS = 40


class InstallReader:
    """Reads ``uv pip install`` from its start to its end: one object for one run."""

    def __init__(self) -> None:
        self._fraction = 0.0
        self._label = ""
        self._looked_up: set[str] = set()
        self._packages: int | None = None
        self._sizes: dict[str, int] = {}
        self._downloaded: set[str] = set()
        self._in_place: set[str] = set()

    def __call__(self, stream: Stream, line: str) -> Iterable[Payload]:
        """The events of a line. The fraction is that of this step and never falls."""
        if stream == "stdout":
            return ()
        progress = self._read(line.strip())
        if progress is None:
            return ()
        fraction = min(1.0, max(self._fraction, progress.fraction))
        if progress.label == self._label and fraction - self._fraction < 0.001:
            return ()
        self._fraction, self._label = fraction, progress.label
        return (Progress(fraction, progress.label, progress.done, progress.total, progress.unit),)

    def _read(self, line: str) -> Progress | None:
        if line.startswith(("TRACE ", "DEBUG ")):
            return self._sign_of_life(line)
        if match := _RESOLVED.match(line):
            self._packages = int(match[1])
            return Progress(_LOOKUPS, f"{_packages(self._packages)} to install")
        if match := _DOWNLOADING.match(line):
            self._sizes[match[1]] = _bytes(match[2], match[3])
            return self._download(match[1])
        if match := _DOWNLOADED.match(line):
            self._downloaded.add(match[1])
            return self._download("")
        if match := _BUILDING.match(line):
            return Progress(self._fraction, f"Building {match[1]}")
        if match := _BUILT.match(line):
            return Progress(self._fraction, f"Built {match[1]}")
        if _PREPARED.match(line):
            return Progress(_LOOKUPS + _DOWNLOADS, "Everything is downloaded")
        if match := _INSTALLED.match(line):
            return Progress(1.0, f"{_packages(int(match[1]))} installed")
        return None

    def _sign_of_life(self, line: str) -> Progress | None:
        if self._packages is None:
            if match := _LOOKED_UP.match(line):
                self._looked_up.add(match[1])
                number = len(self._looked_up)
                share = number / (number + _USUAL_LOOKUPS)
                return Progress(_LOOKUPS * share, f"Looking up packages: {number} so far")
        elif match := _IN_PLACE.match(line):
            self._in_place.add(match[1])
            done, total = len(self._in_place), max(self._packages, len(self._in_place))
            return Progress(
                _LOOKUPS + _DOWNLOADS + _COPIES * done / total,
                f"Copying: {done} of {_packages(total)}",
                done,
                total,
                "packages",
            )
        return None

    def _download(self, name: str) -> Progress:
        """Where the downloads stand. uv names those above 1 MiB only, and not what is on its way.

        Which of them is on its way longest is what a person waits for: the largest.
        """
        total = sum(self._sizes.values())
        done = sum(size for name, size in self._sizes.items() if name in self._downloaded)
        waiting = {n: size for n, size in self._sizes.items() if n not in self._downloaded}
        fraction = _LOOKUPS + _DOWNLOADS * (done / total if total else 0)
        if not waiting:
            return Progress(fraction, "Downloading", done, total, "bytes")
        largest = max(waiting, key=lambda n: waiting[n])
        others = f" and {len(waiting) - 1} more" if len(waiting) > 1 else ""
        label = f"Downloading {largest} ({_readable(waiting[largest])}){others}"
        return Progress(fraction, label, done, total, "bytes")


class PythonReader:
    """Reads ``uv python install``: a download, then unpacking."""

    def __init__(self, version: str) -> None:
        self._version = version

    def __call__(self, stream: Stream, line: str) -> Iterable[Payload]:
        """The events of a line."""
        line = line.strip()
        if match := _DOWNLOADING.match(line):
            size = _bytes(match[2], match[3])
            label = f"Downloading Python {self._version} ({_readable(size)})"
            return (Progress(0.1, label, 0, size, "bytes"),)
        if _DOWNLOADED.match(line):
            return (Progress(0.8, f"Python {self._version} is downloaded"),)
        if line.startswith("Installed Python"):
            return (Progress(1.0, f"Python {self._version} is installed"),)
        return ()


def _bytes(number: str, unit: str) -> int:
    return int(float(number) * _UNITS.get(unit, 1))


def _readable(size: int) -> str:
    return f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"


def _packages(number: int) -> str:
    return "1 package" if number == 1 else f"{number} packages"
