"""The brackets of a conda spec: ``[version='>=1',build=*cuda*]`` as keys, values and places."""

from __future__ import annotations

import re
from collections.abc import Iterable

from .constraint import BadText, Scanner

_KEY = re.compile(r"[A-Za-z_0-9]+")


def scan_brackets(scanner: Scanner) -> Iterable[tuple[str, str, int]]:
    """``(key, value, position of the value)`` of each ``key=value`` in brackets."""
    opened = scanner.position
    scanner.position += 1
    seen: set[str] = set()
    while True:
        scanner.spaces()
        begin = scanner.position
        key = scanner.take(_KEY)
        scanner.spaces()
        if scanner.next() != "=":
            if key or scanner.next() not in "]":
                words = "extras in brackets are pip's: put it below `pip:`"
                raise BadText(words if key else "key=value is expected", begin)
            raise BadText("key=value is expected", begin)
        if key in seen:
            raise BadText(f"{key} is there twice", begin)
        seen.add(key)
        scanner.position += 1
        scanner.spaces()
        quote = scanner.next() if scanner.next() in ("'", '"') else ""
        scanner.position += len(quote)
        start = scanner.position
        stop = _until(scanner.text, start, quote or ",]")
        if stop < 0:
            raise BadText("the bracket is not closed", opened)
        value = scanner.text[start:stop]
        scanner.position = stop + len(quote)
        yield key, value if quote else value.strip(), start
        scanner.spaces()
        if scanner.next() == "]":
            scanner.position += 1
            return
        if scanner.next() != ",":
            raise BadText("the bracket is not closed", opened)
        scanner.position += 1


def _until(text: str, start: int, ends: str) -> int:
    return next((i for i in range(start, len(text)) if text[i] in ends), -1)
