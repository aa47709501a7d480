"""Addresses of conda channels and packages: their parts, and which can be used."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from ..credentials import without_credentials
from .subdirs import SUBDIRS

ENDINGS = (".conda", ".tar.bz2")
_FILE = re.compile(r"([A-Za-z0-9_][A-Za-z0-9_.-]*)-([A-Za-z0-9_.+!]+)-([A-Za-z0-9_.+]+)")
_MD5 = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"(?:sha256:)?([0-9a-f]{64})")


@dataclass(frozen=True)
class PackageUrl:
    """The address of one package's file. ``url`` is without the hash behind ``#``."""

    url: str
    channel: str
    subdir: str
    name: str
    version: str
    build: str
    md5: str = ""
    sha256: str = ""


def parse_package_url(text: str) -> PackageUrl | None:
    """The parts of ``https://…/linux-64/name-version-build.conda#hash``; None if it is none."""
    url, _, fragment = text.partition("#")
    md5 = fragment if _MD5.fullmatch(fragment) else ""
    match = _SHA256.fullmatch(fragment)
    sha256 = match.group(1) if match else ""
    if fragment and not md5 and not sha256:
        return None
    head, _, file = url.rpartition("/")
    ending = next((e for e in ENDINGS if file.endswith(e)), "")
    parts = _FILE.fullmatch(unquote(file.removesuffix(ending))) if ending else None
    channel, _, subdir = head.rpartition("/")
    if parts is None or subdir not in SUBDIRS:
        return None
    name, version, build = parts.groups()
    return PackageUrl(url, channel, subdir, name.lower(), version, build, md5, sha256)


def why_not_url(url: str, allowed_schemes: Collection[str]) -> str:
    """Why a URL cannot be used, in words; empty if it can."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"it is not a URL: {error}"
    if parts.scheme not in allowed_schemes:
        allowed = ", ".join(allowed_schemes) or "none"
        return f"a URL ({parts.scheme[:20]}) is not allowed here: only those of {allowed} are"
    if any(not "!" <= c <= "~" for c in url) or set(url) & set("\\${}`'\"<>[]^|,;"):
        return "there is a space or a character that a URL cannot have"
    if parts.scheme == "file":
        if host or not parts.path.startswith("/"):
            return "write file:// with an absolute path: file:///path"
    elif not host:
        return "there is no host in the URL"
    if any(part in (".", "..") for part in unquote(parts.path).split("/")):
        return "there is '..' in the URL"
    if without_credentials(url) != url:
        return "there are credentials in the URL: put them into ~/.netrc or ~/.condarc"
    return ""
