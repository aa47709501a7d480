"""What a person wrote, as an error or a comment may repeat it."""

from __future__ import annotations

import re

# User and password of a URL, with or without its scheme; the token of anaconda.org's channels.
_USERINFO = re.compile(r"(?<=//)[^/\s]*@|[^\s/'\"@]*:[^\s/@]*@")
_TOKEN = re.compile(r"(?<=/t/)[^/\s'\"<>]+")
_LONGEST = 4_000


def without_secrets(text: str) -> str:
    """``text`` with what looks like credentials masked."""
    if "@" in text:
        text = _USERINFO.sub("***@", text)
    return _TOKEN.sub("***", text) if "/t/" in text else text


def cited(text: str, most: int = 60) -> str:
    """A piece of ``text`` in quotation marks, in ASCII, without credentials.

    It is cut after it was masked, not before.
    """
    text = without_secrets(text[:_LONGEST])
    return ascii(text if len(text) <= most else text[: most - 3] + "...")


def as_comment(text: str) -> str:
    """``text`` in one line that is a comment of TOML, YAML and requirements files."""
    printable = "".join(character if character.isprintable() else " " for character in text)
    return f"# {' '.join(printable.split())}"
