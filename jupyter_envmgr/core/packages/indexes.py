"""Where packages come from: the indexes of a request, of the configuration, of the person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

from ..credentials import secrets_of, without_credentials
from ..errors import EnvMgrError, FieldError
from ..settings import Settings
from . import pip_configuration
from .pip_configuration import PipConfiguration

PYPI = "https://pypi.org/simple"
LONGEST_URL = 2_000
MOST_EXTRAS = 20
_UV_EXTRAS = ("UV_INDEX", "UV_EXTRA_INDEX_URL")
_NAMED = re.compile(r"^[A-Za-z0-9_.-]+=(?=[a-z]+:|/)")


@dataclass(frozen=True)
class Indexes:
    """Where packages are looked for, and how the index is spoken to.

    URLs may carry credentials: show `public_urls` and `summary`, mask `secrets`. ``default`` is
    None for PyPI. ``best_of_all`` compares the versions of all indexes, as pip does; else the
    first index that has the name is taken, the extra ones before the default (uv's rule, which
    keeps a stranger's package of the same name out).
    """

    default: str | None = None
    extras: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    best_of_all: bool = False
    certificate: str | None = None
    client_certificate: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    proxy: str | None = None
    source: str = "the default"
    notices: tuple[str, ...] = ()

    @property
    def public_urls(self) -> tuple[str, ...]:
        """The indexes without credentials, the default one first."""
        urls = () if self.no_index else (self.default or PYPI, *self.extras)
        return tuple(map(public_url, urls))

    @property
    def summary(self) -> str:
        """Where packages come from, in one line, without credentials."""
        places = [*self.public_urls, *map(public_url, self.find_links)]
        if not places:
            return "no index: downloads are switched off"
        more = f" and {len(places) - 1} more" if len(places) > 1 else ""
        rule = ", the best version of all" if more and self.best_of_all else ""
        return f"{places[0]}{more} ({self.source}{rule})"

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every string in here that must not be seen, the longest first."""
        found: set[str] = set()
        for url in (self.default, *self.extras, *self.find_links, self.proxy):
            found.update(secrets_of(_NAMED.sub("", url or "")))
        return tuple(sorted(found, key=lambda s: (-len(s), s)))


def public_url(url: str) -> str:
    """A URL as it may be shown: without credentials, and uv's ``name=`` before it."""
    return without_credentials(_NAMED.sub("", url))


def check_url(url: str, field: str) -> str:
    """Return ``url`` if it can be that of an index, else raise ``bad-index-url`` saying why."""
    reason = _why_not(url)
    if reason:
        raise EnvMgrError.of_field("bad-index-url", field, reason)
    return url


def _why_not(url: str) -> str:
    if not url:
        return "an address is needed"
    if len(url) > LONGEST_URL:
        return f"{len(url):,} characters: {LONGEST_URL:,} at most"
    if any(not "!" <= character <= "~" for character in url):
        return "there is a space or a character that a URL cannot have"
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        return f"it is not a URL: {error}"
    if parts.scheme not in ("http", "https"):
        scheme = f"the scheme {parts.scheme!r} is not used here" if parts.scheme else "no scheme"
        return f"{scheme}: begin with https:// or http://"
    if not host:
        return "there is no host in it"
    if "$" in url or "\\" in url:
        return "there is a character that a URL cannot have"
    return ""


def find_indexes(
    settings: Settings, index_url: str = "", extra_index_urls: Sequence[str] = ()
) -> Indexes:
    """The indexes of a create.

    An index URL replaces all that is configured further down this list; extra ones add to it:
    the request, the settings, uv's variables, pip's configuration, PyPI. Certificate, trusted
    hosts and proxy are always those of the person. Raises ``bad-index-url`` for each field of
    the request that is wrong.
    """
    _check_request(index_url, extra_index_urls)
    pip = pip_configuration.read(settings.environ, settings.home, settings.image_prefix)
    levels = (
        _Level(index_url or None, tuple(extra_index_urls), source="as you chose"),
        _Level(settings.index_url or None, settings.extra_index_urls, source="as configured here"),
        _of_uv(settings.environ),
        _of_pip(pip),
    )
    notices = [*pip.notices, *_about_constraints(pip)]
    indexes = _network(Indexes(), settings.environ, pip, notices)
    extras: list[str] = []
    links: list[str] = []
    for level in levels:
        extras.extend(level.extras)
        links.extend(level.find_links)
        best = level.best_of_all or (level.best_of_all is None and bool(level.extras))
        indexes = replace(indexes, best_of_all=indexes.best_of_all or best)
        if level.default or level.no_index:
            indexes = replace(
                indexes, default=level.default, no_index=level.no_index, source=level.source
            )
            break
    return replace(
        indexes,
        extras=tuple(_present(dict.fromkeys(extras), settings.home, notices, "index")),
        find_links=tuple(_present(dict.fromkeys(links), settings.home, notices, "find-links")),
        notices=tuple(notices),
    )


@dataclass(frozen=True)
class _Level:
    """What one of the places says. ``best_of_all`` None: pip's rule if there are extras."""

    default: str | None = None
    extras: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    best_of_all: bool | None = None
    source: str = ""


def _check_request(index_url: str, extra_index_urls: Sequence[str]) -> None:
    errors: list[FieldError] = []
    fields = [("index_url", index_url)] if index_url else []
    fields += [(f"extra_index_urls[{i}]", url) for i, url in enumerate(extra_index_urls)]
    if len(extra_index_urls) > MOST_EXTRAS:
        detail = f"{len(extra_index_urls)} addresses: {MOST_EXTRAS} at most"
        errors.append(FieldError("extra_index_urls", detail, "bad-index-url"))
        fields = []
    for field, url in fields:
        reason = _why_not(url)
        if reason:
            errors.append(FieldError(field, reason, "bad-index-url"))
    if errors:
        detail = "; ".join(f"{error.field}: {error.detail}" for error in errors)
        raise EnvMgrError("bad-index-url", detail, errors=tuple(errors))


def _of_uv(environ: Mapping[str, str]) -> _Level:
    """uv's own variables, by uv's own rules (its reference, "Environment variables")."""
    variable = "UV_DEFAULT_INDEX" if environ.get("UV_DEFAULT_INDEX") else "UV_INDEX_URL"
    strategy = environ.get("UV_INDEX_STRATEGY", "first-index")
    return _Level(
        default=environ.get(variable) or None,
        extras=tuple(" ".join(map(environ.get, _UV_EXTRAS, ("", ""))).split()),
        find_links=tuple(filter(None, environ.get("UV_FIND_LINKS", "").split(","))),
        best_of_all=strategy.startswith("unsafe"),
        source=f"by {variable}",
    )


def _of_pip(pip: PipConfiguration) -> _Level:
    default, extra, links = pip["index-url"], pip["extra-index-url"], pip["find-links"]
    no_index = pip["no-index"]
    where = default or no_index
    return _Level(
        default=default.value.strip() if default else None,
        extras=extra.words if extra else (),
        find_links=links.words if links else (),
        no_index=no_index.is_true if no_index else False,
        source=f"by pip's configuration, {where.source}" if where else "",
    )


def _about_constraints(pip: PipConfiguration) -> Iterable[str]:
    constraint = pip["constraint"]
    if constraint:
        yield (
            f"The constraints of {constraint.source} ({', '.join(constraint.words)}) are meant "
            "for the image's own Python and are not applied."
        )


def _network(
    indexes: Indexes, environ: Mapping[str, str], pip: PipConfiguration, notices: list[str]
) -> Indexes:
    """How the person speaks to indexes: certificates, trusted hosts, proxy."""
    certificate = None
    if not environ.get("SSL_CERT_FILE"):
        option = pip["cert"]
        certificate = option.value.strip() if option else ""
        certificate = certificate or environ.get("REQUESTS_CA_BUNDLE", "")
        certificate = certificate or environ.get("CURL_CA_BUNDLE", "")
        if certificate and not Path(certificate).exists():
            notices.append(f"The certificates {certificate} are not there and are left out.")
            certificate = ""
    client, proxy, trusted = pip["client-cert"], pip["proxy"], pip["trusted-host"]
    hosts = (trusted.words if trusted else ()) + tuple(environ.get("UV_INSECURE_HOST", "").split())
    return replace(
        indexes,
        certificate=certificate or None,
        client_certificate=client.value.strip() if client else None,
        trusted_hosts=tuple(dict.fromkeys(hosts)),
        proxy=proxy.value.strip() if proxy else None,
    )


def _present(places: Iterable[str], home: Path, notices: list[str], what: str) -> Iterable[str]:
    """The places without those of another machine: uv fails on a directory that is not there."""
    for place in places:
        path = _local(place, home)
        if path is None:
            yield place
        elif path.is_absolute() and path.is_dir():
            # uv parts its lists at commas and spaces; a URL has other ways to write those.
            yield "file://" + quote(str(path))
        else:
            notices.append(f"The {what} directory {place} is not there and is left out.")


def _local(place: str, home: Path) -> Path | None:
    """The path of a local place, None for a URL."""
    place = _NAMED.sub("", place)
    if place.startswith("file:"):
        return Path(unquote(urlsplit(place).path))
    if "://" in place:
        return None
    return home / place[2:] if place.startswith("~/") else Path(place)
