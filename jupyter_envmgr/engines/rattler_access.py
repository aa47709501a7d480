"""How channels are reached: their addresses without credentials, and py-rattler's configuration."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from ..core.credentials import secrets_of, without_credentials
from ..core.errors import EnvMgrError
from .conda_plan import CondaPlanRequest

ALIAS = "https://conda.anaconda.org/"
DEFAULT_CHANNEL = "conda-forge"
# What conda means by the name `defaults` on anything but Windows (its manual, "default_channels").
_DEFAULTS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")
_LARGEST = 1024 * 1024
_SHORTEST_SECRET = 4

Credential = Mapping[str, Mapping[str, str] | str]


@dataclass(frozen=True)
class Access:
    """How py-rattler reaches ``channels``, whose addresses carry nothing secret.

    ``headers`` are ``(host, beginning of the path, Authorization)``. Where certificates are not
    verified py-rattler takes its configuration only: ``config`` is its TOML, and ``credentials``
    its authentication file, by host.
    """

    channels: tuple[str, ...]
    alias: str
    mirrors: Mapping[str, list[str]]
    headers: tuple[tuple[str, str, str], ...]
    verify: bool
    config: str
    credentials: Mapping[str, Credential]
    secrets: tuple[str, ...]


def access(plan: CondaPlanRequest, credentials_file: str) -> Access:
    """The channels of a plan, and what py-rattler needs to know to reach them.

    An address with credentials would stand in the record of every package that came from it. So
    tokens go into mirrors, and users with passwords into headers.
    """
    alias = plan.channel_alias or ALIAS
    names = plan.channels or (() if plan.explicit else (DEFAULT_CHANNEL,))
    urls = [url for name in names for url in _urls(name, alias)]
    others = [url for group in plan.mirrors.values() for url in group]
    held = [*urls, *others, alias, *(url.partition("#")[0] for url in plan.explicit)]
    mirrors = {_key(url): [_key(o, user="") for o in group] for url, group in plan.mirrors.items()}
    for url in held:
        if _key(url, user="") != _key(without_credentials(url)):
            mirrors.setdefault(_key(without_credentials(url)), [_key(url, user="")])
    # py-rattler's mirrors speak HTTP only: a channel on a disk takes the place of its original.
    local = {url: group[0] for url, group in mirrors.items() if group and _is_file(group[0])}
    urls = [local.get(_key(url), url) for url in urls]
    mirrors = {url: group for url, group in mirrors.items() if url not in local}
    verify = str(plan.ssl_verify).lower() != "false"
    own = _of_the_person(plan)
    credentials = {} if verify else {**own, **dict(filter(None, map(_by_host, held)))}
    secrets = {s for url in (*held, *plan.proxies.values()) for s in secrets_of(url)}
    secrets |= {s for c in own.values() for s in _words(c) if len(s) >= _SHORTEST_SECRET}
    return Access(
        channels=tuple(dict.fromkeys(map(without_credentials, urls))),
        alias=without_credentials(alias),
        mirrors=mirrors,
        headers=tuple(dict.fromkeys(filter(None, map(_header, held)))),
        verify=verify,
        config=_config(plan, mirrors, credentials_file if credentials else ""),
        credentials=credentials,
        secrets=tuple(sorted(secrets, key=lambda s: (-len(s), s))),
    )


def _urls(name: str, alias: str) -> Iterable[str]:
    """The addresses of a channel."""
    if name == "nodefaults":
        return ()
    if name == "defaults":
        return _DEFAULTS
    if name.startswith("/"):
        return (Path(name).as_uri(),)
    if "://" in name:
        return (name.rstrip("/"),)
    return (f"{alias.rstrip('/')}/{name.strip('/')}",)


def _header(url: str) -> tuple[str, str, str] | None:
    """For a user and password in an address: where they belong, and the header they become."""
    parts = urlsplit(url)
    if parts.username is None or parts.hostname is None:
        return None
    plain = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    value = f"Basic {base64.b64encode(plain.encode()).decode()}"
    return parts.hostname, parts.path.rstrip("/"), value


def _by_host(url: str) -> tuple[str, Credential] | None:
    """A user and password in an address as py-rattler's authentication file has them."""
    parts = urlsplit(url)
    if parts.username is None or parts.hostname is None:
        return None
    pair = {"username": unquote(parts.username), "password": unquote(parts.password or "")}
    return parts.hostname, {"BasicHTTP": pair}


def _of_the_person(plan: CondaPlanRequest) -> Mapping[str, Credential]:
    """The person's own authentication file, since ours takes its place."""
    path = plan.environ.get("RATTLER_AUTH_FILE", "")
    if not path:
        return {}
    try:
        found = json.loads(Path(path).read_bytes()[:_LARGEST])
    except (OSError, ValueError) as error:
        detail = f"{path}, which RATTLER_AUTH_FILE names, cannot be read: {error}"
        raise EnvMgrError("bad-configuration", detail) from error
    return found if isinstance(found, dict) else {}


def _words(credential: object) -> Iterable[str]:
    if isinstance(credential, str):
        yield credential
    elif isinstance(credential, Mapping):
        for key, value in credential.items():
            if key != "username":
                yield from _words(value)


def _key(url: str, *, user: str | None = None) -> str:
    """An address as py-rattler compares them: with a slash at its end. ``user=""`` drops one."""
    parts = urlsplit(url)
    netloc = parts.netloc if user is None else parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=netloc, path=parts.path.rstrip("/") + "/"))


def _is_file(url: str) -> bool:
    return url.startswith("file:")


def _config(plan: CondaPlanRequest, mirrors: Mapping[str, list[str]], credentials: str) -> str:
    """py-rattler's configuration as TOML; a JSON text is a basic string of it."""
    lines = ["tls-no-verify = true"]
    if credentials:
        lines.append(f"authentication-override-file = {json.dumps(credentials)}")
    proxies = {s: plan.proxies[s] for s in ("http", "https") if plan.proxies.get(s)}
    if proxies:
        lines.append("[proxy-config]")
        lines += [f"{scheme} = {json.dumps(url)}" for scheme, url in proxies.items()]
    if mirrors:
        lines.append("[mirrors]")
        lines += [f"{json.dumps(url)} = {json.dumps(others)}" for url, others in mirrors.items()]
    return "\n".join(lines)
