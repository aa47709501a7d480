"""What in an address is secret, and how it reads without."""

from __future__ import annotations

import pytest

from jupyter_envmgr.core.credentials import (
    secrets_of,
    without_any_credentials,
    without_credentials,
)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://x.org/c", "https://x.org/c"),
        ("https://me:pa@ss@x.org:8443/c", "https://x.org:8443/c"),
        ("https://x.org/t/tk-1/c/linux-64", "https://x.org/c/linux-64"),
        ("https://x.org/t/tk-1", "https://x.org/"),
        ("https://me:pw@[bad/c", "https://[bad/c"),
        ("conda-forge", "conda-forge"),
        ("https://x.org/lists/t", "https://x.org/lists/t"),
    ],
)
def test_an_address_loses_its_credentials(url: str, shown: str) -> None:
    assert without_credentials(url) == shown


@pytest.mark.parametrize(
    ("url", "secrets"),
    [
        ("https://x.org/c", set()),
        ("https://me:pw%2F12@x.org", {"me:pw%2F12@", "me:pw%2F12", "pw%2F12", "pw/12"}),
        ("https://me:pw@x.org", {"me:pw@", "me:pw"}),
        ("https://me@x.org", {"me@"}),
        ("https://0123456789abcdef@x.org", {"0123456789abcdef@", "0123456789abcdef"}),
        ("https://x.org/t/tk-1/c", {"tk-1"}),
        ("https://x.org/t/tk/c", set()),
    ],
)
def test_what_must_not_be_seen(url: str, secrets: set[str]) -> None:
    assert set(secrets_of(url)) == secrets


@pytest.mark.parametrize(
    ("text", "public"),
    [
        (b"https://me:pw@x.org/c", b"https://x.org/c"),
        (b"https://x.org/t/tk-1/c/linux-64", b"https://x.org/c/linux-64"),
        (b"https://x.org/c?token=abc&a=1", b"https://x.org/c?&a=1"),
        (b"https://x.org/pkgs/t/", b"https://x.org/pkgs/t/"),
        (b"me@example.org and https://x.org", b"me@example.org and https://x.org"),
    ],
)
def test_addresses_lose_their_credentials(text: bytes, public: bytes) -> None:
    assert without_any_credentials(text) == public
