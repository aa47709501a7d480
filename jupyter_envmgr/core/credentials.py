"""Credentials in addresses: what in them is secret, and how they read without it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit, urlunsplit

# The token of a private channel (anaconda.org, Artifactory, Quetz).
_TOKEN = re.compile(r"(?:^|(?<=/))t/([^/]+)(?=/|$)")
# In any text: user and password; such a token; one that is a parameter of an address.
_IN_TEXT = re.compile(
    rb"(?<=://)[^/\s\"'@]+@|(?<=/)t/[^/\s\"']+/|(?<=[?&])(?:token|access_token|auth)=[^&\s\"'#]+"
)
# A short word would be masked wherever it stands; a user's name alone may be a token.
_SHORTEST_PASSWORD = 4
_SHORTEST_TOKEN = 16


def without_credentials(url: str) -> str:
    """A URL as it may be shown and kept: without user, password and a private channel's token."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return re.sub(r"(?<=//)[^/]*@|(?<=/)t/[^/]+/", "", url)
    path = re.sub(r"/{2,}", "/", _TOKEN.sub("", parts.path)) if _TOKEN.search(parts.path) else None
    netloc = parts.netloc.rpartition("@")[2]
    if path is None and netloc == parts.netloc:
        return url
    return urlunsplit(parts._replace(netloc=netloc, path=parts.path if path is None else path))


def without_any_credentials(data: bytes) -> bytes:
    """A file's ``data`` without the credentials of all addresses in it: it may travel."""
    return _IN_TEXT.sub(b"", data)


def secrets_of(url: str) -> Iterator[str]:
    """Every string in a URL that must not be seen."""
    try:
        parts = urlsplit(url)
        netloc, path = parts.netloc, parts.path
    except ValueError:
        netloc, path = url, ""
    userinfo, at, _ = netloc.rpartition("@")
    if at:
        yield f"{userinfo}@"
        user, colon, password = userinfo.partition(":")
        if colon:
            yield userinfo
        secret = password if colon else user
        if len(secret) >= (_SHORTEST_PASSWORD if colon else _SHORTEST_TOKEN):
            yield from {secret, unquote(secret)}
    for match in _TOKEN.finditer(path):
        if len(match.group(1)) >= _SHORTEST_PASSWORD:
            yield match.group(1)
