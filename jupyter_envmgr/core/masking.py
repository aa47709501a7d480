"""Secrets out of text: masked in any form that a tool may print them in."""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import quote, quote_plus, unquote

MASK = "***"


class Masker:
    """Replaces secrets in text, and in a stream of bytes whose pieces may cut one in two."""

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        forms = {form.encode("utf-8", "surrogateescape") for s in secrets for form in _forms(s)}
        forms.discard(b"")
        self._forms = tuple(sorted(forms, key=len, reverse=True))
        self._pattern = re.compile(b"|".join(map(re.escape, self._forms)))
        self._held = b""

    def text(self, text: str) -> str:
        """``text`` with every secret masked."""
        if not self._forms:
            return text
        data = text.encode("utf-8", "surrogateescape")
        return self._pattern.sub(MASK.encode(), data).decode("utf-8", "surrogateescape")

    def feed(self, data: bytes) -> bytes:
        """The next piece of a stream, masked; an end that may begin a secret is held back."""
        if not self._forms:
            return data
        return self._run(self._held + data, final=False)

    def finish(self) -> bytes:
        """What was held back at the end of the stream."""
        return self._run(self._held, final=True) if self._held else b""

    def _run(self, data: bytes, *, final: bool) -> bytes:
        done = []
        position = 0
        self._held = b""
        for match in self._pattern.finditer(data):
            if not final and match.end() == len(data) and self._goes_on(match[0]):
                done.append(data[position : match.start()])
                self._held = data[match.start() :]
                return b"".join(done)
            done += (data[position : match.start()], MASK.encode())
            position = match.end()
        rest = data[position:]
        keep = 0 if final else self._possible_beginning(rest)
        self._held = rest[len(rest) - keep :]
        done.append(rest[: len(rest) - keep])
        return b"".join(done)

    def _goes_on(self, found: bytes) -> bool:
        return any(len(form) > len(found) and form.startswith(found) for form in self._forms)

    def _possible_beginning(self, rest: bytes) -> int:
        """The length of the longest end of ``rest`` that begins a secret."""
        for size in range(min(len(rest), len(self._forms[0]) - 1), 0, -1):
            end = rest[-size:]
            if any(len(form) > size and form.startswith(end) for form in self._forms):
                return size
        return 0


def _forms(secret: str) -> set[str]:
    """The secret as it is, decoded, and percent-encoded in the ways that tools do it."""
    forms = {secret, unquote(secret)}
    for plain in tuple(forms):
        for encoded in (quote(plain, safe=""), quote(plain), quote_plus(plain)):
            forms |= {encoded, re.sub("%[0-9A-F]{2}", lambda m: m[0].lower(), encoded)}
    return forms
