"""What the rattler worker says of its work: JSON lines, from whichever thread.

Lines say how it goes (`rattler_progress` reads them); the last one carries the result or the error,
packed, so that a secret that is masked in the output cannot break it.
"""

from __future__ import annotations

import base64
import contextlib
import json
import sys
import threading
import time
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

_INTERVAL = 0.1
_MOST_SALTS = 50


class Talk:
    """Standard output: one JSON object a line, from whichever thread."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._lock = threading.Lock()
        self._secrets = tuple(sorted(filter(None, secrets), key=len, reverse=True))

    def say(self, **event: object) -> None:
        """How it goes."""
        self._line(json.dumps(event))

    def end(self, last: Mapping[str, object]) -> None:
        """The last line: ``+`` and the result, or ``!`` and the error."""
        mark = "+" if "result" in last else "!"
        masked = self._masked(last)
        packed = ""
        for salt in range(_MOST_SALTS):
            text = json.dumps({"salt": salt, "last": masked}, separators=(",", ":"))
            packed = base64.b85encode(zlib.compress(text.encode())).decode()
            if not any(secret in packed for secret in self._secrets):
                break
        self._line(mark + packed)

    def _line(self, text: str) -> None:
        with self._lock, contextlib.suppress(OSError):
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()

    def _masked(self, value: object) -> object:
        if isinstance(value, str):
            for secret in self._secrets:
                value = value.replace(secret, "***")
            return value
        if isinstance(value, Mapping):
            return {key: self._masked(item) for key, item in value.items()}
        return [*map(self._masked, value)] if isinstance(value, (list, tuple)) else value


class Reporter:
    """Hears from py-rattler's threads what is downloaded and linked, and says it at times.

    Every method that py-rattler calls must be there: an unknown one is answered too.
    """

    def __init__(self, talk: Talk, sizes: Mapping[str, int]) -> None:
        self._talk = talk
        self._lock = threading.Lock()
        self._sizes = sizes
        self._names: dict[int, str] = {}
        self._got: dict[str, int] = {}
        self._loading: dict[str, int] = {}
        self._linked = self._operations = 0
        self._said = 0.0
        self.failed_scripts: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("on_"):
            return lambda *_: 0
        raise AttributeError(name)

    def on_transaction_start(self, total_operations: int) -> None:
        self._operations = total_operations
        self._say("", now=True)

    def on_populate_cache_start(self, operation: int, package_name: str) -> int:
        return self._token(package_name)

    def on_download_start(self, cache_entry: int) -> int:
        return self._token(self._names.get(cache_entry, ""))

    def on_download_progress(self, download_idx: int, progress: int, total: int | None) -> None:
        with self._lock:
            name = self._names.get(download_idx, "")
            self._got[name] = min(progress, self._sizes.get(name, 0))
        self._say(name)

    def on_populate_cache_complete(self, cache_entry: int) -> None:
        with self._lock:
            name = self._names.get(cache_entry, "")
            self._got[name] = self._sizes.get(name, 0)
        self._say(name)

    def on_link_start(self, operation: int, package_name: str) -> int:
        return self._token(package_name)

    def on_link_complete(self, index: int) -> None:
        self._say(self._names.get(index, ""))

    def on_transaction_operation_complete(self, operation: int) -> None:
        with self._lock:
            self._linked += 1
        self._say("", now=self._linked == self._operations)

    def on_post_link_start(self, package_name: str, script_path: str) -> int:
        return self._token(package_name)

    on_pre_unlink_start = on_post_link_start

    def on_post_link_complete(self, index: int, success: bool) -> None:
        if not success:
            self.failed_scripts.append(self._names.get(index, ""))

    def _token(self, name: str) -> int:
        with self._lock:
            token = len(self._names)
            self._names[token] = name
            return token

    def _say(self, name: str, *, now: bool = False) -> None:
        with self._lock:
            if not now and time.monotonic() - self._said < _INTERVAL:
                return
            self._said = time.monotonic()
            waiting = {n: s for n, s in self._sizes.items() if self._got.get(n, 0) < s}
            event = {
                "name": max(waiting, key=lambda n: waiting[n]) if waiting else name,
                "got": sum(min(got, self._sizes.get(n, 0)) for n, got in self._got.items()),
                "bytes": sum(self._sizes.values()),
                "linked": self._linked,
                "packages": self._operations,
            }
        self._talk.say(at="install", **event)


def unpacked(stdout: str) -> Mapping[str, Any]:
    """What the last line of a worker's output carries; nothing if it did not come to that."""
    line = stdout.rstrip().rpartition("\n")[2]
    try:
        found = json.loads(zlib.decompress(base64.b85decode(line[1:])))["last"]
    except (ValueError, KeyError, TypeError, zlib.error):
        return {}
    return found if isinstance(found, dict) else {}
