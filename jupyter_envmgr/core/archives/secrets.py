"""Credentials out of addresses in text: a file that travels must not carry them."""

from __future__ import annotations

import re

# User and password; the token of a private channel (anaconda.org, Artifactory, Quetz); tokens
# that are a parameter of an address.
_CREDENTIALS = re.compile(
    rb"(?<=://)[^/\s\"'@]+@|(?<=/)t/[^/\s\"']+/|(?<=[?&])(?:token|access_token|auth)=[^&\s\"'#]+"
)


def without_credentials(data: bytes) -> bytes:
    """``data`` without the credentials of the addresses in it."""
    return _CREDENTIALS.sub(b"", data)
