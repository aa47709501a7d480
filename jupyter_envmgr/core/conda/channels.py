"""Names of channels → their addresses, as conda's configuration has it."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from ..citing import cited
from ..credentials import secrets_of, without_credentials
from ..errors import EnvMgrError, FieldError
from .condarc import ALIAS, DEFAULT_CHANNELS, CondaConfiguration
from .subdirs import SUBDIRS
from .urls import why_not_url

DEFAULT = "conda-forge"
"""The channel if nobody names one: `defaults` has terms that companies may have to pay for."""

MOST_CHANNELS = 30
_SCHEMES = ("https", "http", "file")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://")
# What `conda list` writes as a package's channel and is none.
_NO_CHANNEL = ("nodefaults", "pypi", "<unknown>", "<develop>", "@", "local")
_WITH_TERMS = re.compile(
    r"https?://(?:repo\.(?:anaconda\.com|continuum\.io)/|"
    r"(?:conda\.)?anaconda\.org/(?:anaconda|main|r|msys2)(?:/|$))"
)


@dataclass(frozen=True)
class Channels:
    """Where conda packages come from, the most important first.

    ``urls`` may carry credentials, ``public_urls`` are the same without; mask ``secrets``.
    ``mirrors`` are the other addresses of a URL, for where a channel has several.
    """

    urls: tuple[str, ...]
    public_urls: tuple[str, ...]
    secrets: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    mirrors: tuple[tuple[str, tuple[str, ...]], ...] = ()
    source: str = ""


def resolve_channels(
    names: Sequence[str], configuration: CondaConfiguration, *, field: str = "channels"
) -> Channels:
    """The channels of a request; with no names those of conda's configuration, else conda-forge.

    Named ones are all there is: those of the configuration are not added, so that a file makes
    the same environment for everybody. Raises ``bad-channel`` naming each that cannot be one,
    and ``not-allowed`` for what the configuration forbids.
    """
    source = "as you chose"
    chosen: Sequence[str] = [name for name in names if name.strip() not in ("", "nodefaults")]
    if not chosen:
        chosen, source = configuration.channels, configuration.sources.get("channels", "")
    if not any(name.strip() not in _NO_CHANNEL for name in chosen):
        chosen, source = (DEFAULT,), "the default"
    errors: list[FieldError] = []
    found: dict[str, tuple[str, ...]] = {}
    notices: list[str] = []
    if len(chosen) > MOST_CHANNELS:
        detail = f"{len(chosen)} channels: {MOST_CHANNELS} at most"
        raise _error([FieldError(field, detail, "bad-channel")])
    for number, name in enumerate(chosen, 1):
        name = name.strip()
        if name in _NO_CHANNEL:
            if name == "local":
                notices.append("The channel local is conda-build's own and is left out.")
            continue
        try:
            for url, *mirrors in _addresses(name, configuration):
                found.setdefault(url, tuple(mirrors))
        except _Bad as bad:
            errors.append(FieldError(field, str(bad), "bad-channel", number))
    if errors:
        raise _error(errors)
    known = _known_credentials(configuration)
    found = {known.get(url, url): mirrors for url, mirrors in found.items()}
    _check_allowed(found, configuration, field)
    if any(_WITH_TERMS.match(without_credentials(url)) for url in found):
        notices.extend(about_terms(chosen) or (_terms("defaults"),))
    secrets = {s for url, mirrors in found.items() for u in (url, *mirrors) for s in secrets_of(u)}
    return Channels(
        urls=tuple(found),
        public_urls=tuple(map(without_credentials, found)),
        secrets=tuple(sorted(secrets, key=lambda s: (-len(s), s))),
        notices=tuple(notices),
        mirrors=tuple((url, mirrors) for url, mirrors in found.items() if mirrors),
        source=source,
    )


def _known_credentials(configuration: CondaConfiguration) -> dict[str, str]:
    """Addresses that the configuration has with credentials, by what they are without.

    Records and files name channels without: whoever has credentials for one uses it with them.
    """
    found: dict[str, str] = {}
    names = (
        *configuration.channels,
        *configuration.default_channels,
        *configuration.custom_channels,
        *(name for group in configuration.custom_multichannels.values() for name in group),
    )
    for name in names:
        try:
            for url, *_ in _addresses(name.strip(), configuration):
                if without_credentials(url) != url:
                    found.setdefault(without_credentials(url), url)
        except _Bad:
            continue
    return found


def channel_name(url: str, configuration: CondaConfiguration | None = None) -> str:
    """The shortest public name of a channel's URL: ``conda-forge``, ``defaults``, or the URL."""
    url = without_platform(without_credentials(url))
    configuration = configuration or CondaConfiguration()
    defaults = map(without_credentials, configuration.default_channels)
    if url in (*DEFAULT_CHANNELS, *defaults) or re.match(
        r"https?://repo\.anaconda\.com/pkgs/(main|r|free)$", url
    ):
        return "defaults"
    aliases = dict.fromkeys((without_credentials(configuration.channel_alias), ALIAS))
    for alias in aliases:
        name = url.removeprefix(f"{alias}/")
        if name != url and _NAME.fullmatch(name):
            return name
    for name, location in configuration.custom_channels.items():
        if url == f"{without_credentials(location).rstrip('/')}/{name}":
            return name
    return url


def why_not_channel(name: str) -> str:
    """Why a text cannot name a channel, in words; empty if it can."""
    try:
        tuple(_addresses(name, CondaConfiguration(home="/")))
    except _Bad as bad:
        return "" if name in _NO_CHANNEL else str(bad)
    return ""


def about_terms(channels: Sequence[str]) -> tuple[str, ...]:
    """The note about terms, if one of the channels has some that conda-forge has not."""
    for name in channels:
        try:
            urls = [url for url, *_ in _addresses(name.strip(), CondaConfiguration(home="/"))]
        except _Bad:
            continue
        if any(_WITH_TERMS.match(url) for url in urls):
            return (_terms(without_credentials(name.strip())),)
    return ()


class _Bad(Exception):
    """Why a name cannot be that of a channel."""


def _addresses(
    name: str, configuration: CondaConfiguration, depth: int = 0
) -> Iterator[tuple[str, ...]]:
    """The addresses of a channel: one for each part of a multichannel, its mirrors behind it."""
    if _URL.match(name):
        url = without_platform(name)
        # Credentials are fine here: they stay out of what is shown and kept.
        reason = why_not_url(without_credentials(url), _SCHEMES)
        if reason:
            raise _Bad(reason)
        yield (url,)
        return
    if name.startswith(("/", "~/", "./", "../")) or name in (".", ".."):
        path = configuration.home + name[1:] if name.startswith("~/") else name
        if not os.path.isabs(path):
            raise _Bad(f"{cited(name)} is a relative path: write it from the root")
        yield ("file://" + quote(without_platform(os.path.normpath(path))),)
        return
    name = without_platform(name)
    if not _NAME.fullmatch(name) or len(name) > 200:
        raise _Bad(f"{cited(name)} is neither the name nor the address of a channel")
    parts: tuple[str, ...] | None = configuration.custom_multichannels.get(name)
    if name == "defaults":
        parts = parts or configuration.default_channels
    if parts is not None and depth < 4:
        for part in parts:
            yield from _addresses(part, configuration, depth + 1)
        return
    mirrors = configuration.mirrored_channels.get(name)
    if mirrors:
        yield tuple(url for mirror in mirrors for url, *_ in _addresses(mirror, configuration, 4))
        return
    yield (_of_name(name, configuration),)


def _of_name(name: str, configuration: CondaConfiguration) -> str:
    # The longest beginning of the name counts: my/label/dev is of the custom channel my.
    words = name.split("/")
    for length in range(len(words), 0, -1):
        location = configuration.custom_channels.get("/".join(words[:length]))
        if location:
            return f"{_checked(location)}/{name}"
    if words[0] == "pkgs":
        return f"https://repo.anaconda.com/{name}"
    return f"{_checked(configuration.channel_alias)}/{name}"


def _checked(location: str) -> str:
    """An address of the configuration, which may be a path or lack its scheme."""
    location = location.rstrip("/")
    if location.startswith("/"):
        return "file://" + quote(location)
    url = location if _URL.match(location) else f"https://{location}"
    reason = why_not_url(without_credentials(url), _SCHEMES)
    if reason:
        raise _Bad(f"conda's configuration has an address that cannot be used: {reason}")
    return url


def without_platform(channel: str) -> str:
    """A channel without the directory of a platform behind it, and without a last slash."""
    channel = channel.rstrip("/")
    channel = channel.removesuffix("/repodata.json")
    head, slash, last = channel.rpartition("/")
    return head if slash and last in SUBDIRS else channel


def _check_allowed(
    urls: dict[str, tuple[str, ...]], configuration: CondaConfiguration, field: str
) -> None:
    def resolved(names: Sequence[str]) -> set[str]:
        found = set()
        for name in names:
            try:
                found |= {without_credentials(u) for u, *_ in _addresses(name, configuration)}
            except _Bad:
                continue
        return found

    denied = resolved(configuration.denylist_channels)
    allowed = resolved(configuration.allowlist_channels)
    bad = [
        public
        for public in map(without_credentials, urls)
        if public in denied or (allowed and public not in allowed)
    ]
    if bad:
        words = ", ".join(bad[:3])
        raise EnvMgrError.of_field(
            "not-allowed", field, f"conda's configuration does not allow the channel {words}"
        )


def _terms(channel: str) -> str:
    return (
        f"The channel {channel} is Anaconda's own: its terms ask larger organisations to pay for "
        "its use. conda-forge has most of its packages without such terms."
    )


def _error(errors: Sequence[FieldError]) -> EnvMgrError:
    detail = "; ".join(f"{e.field}, entry {e.line}: {e.detail}" for e in errors[:3])
    if errors[0].line is None:
        detail = f"{errors[0].field}: {errors[0].detail}"
    return EnvMgrError("bad-channel", detail, errors=tuple(errors))
