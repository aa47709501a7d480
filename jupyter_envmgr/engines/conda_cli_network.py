"""Failures of conda and mamba on the way to a channel: hosts, certificates, logins, files."""

from __future__ import annotations

import re

from ..core.credentials import without_credentials
from ..core.errors import EnvMgrError
from .conda_cli_told import CliAsked, CliRule, Told

_REASONS = (
    (
        r"Name or service not known|resolve (?:host|'|\\')|NameResolution|getaddrinfo",
        "no such host is known",
    ),
    (r"Proxy Authentication Required|\b407\b", "the proxy asks for a password"),
    (
        r"ProxyError|to proxy|resolve proxy|proxy configuration|tunnel",
        "the proxy does not let us through",
    ),
    (r"Connection refused|Could not connect|Couldn't connect", "the connection was refused"),
    (r"timed? ?out|Timeout was reached", "it did not answer in time"),
    (r"Network is unreachable", "there is no network"),
    (r"No route to host", "there is no way to that host"),
    (
        r"Connection reset|closed connection|RemoteDisconnected|IncompleteRead|Empty reply",
        "it hung up",
    ),
)
_URL = re.compile(r"(?:https?|s3|oci|ftp)://[^\s<>\"'()\\]+|file:///[^\s<>\"'()\\]+")
_FILE = re.compile(r"/(?:[a-z]+-[a-z0-9]+|noarch)(?:/[^/]*)?/?$")
_PACKAGE_FILE = re.compile(r"/([^/\s]+(?:\.conda|\.tar\.bz2))")
_STATUS = re.compile(
    r"\bHTTP (\d{3})\b|status(?: code)?:? (\d{3})\b|response code:? (\d{3})\b|\((\d{3})\)"
)


def _tls(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if not told.is_a("SSLError") and not told.says(
        r"CERTIFICATE_VERIFY_FAILED|certificate verify failed|SSL (?:peer )?certificate|SSLError"
    ):
        return None
    why = re.search(
        r"self[- ]signed certificate|certificate has expired|unable to get local issuer"
        r" certificate|hostname mismatch|[Hh]ostname .*? doesn't match",
        told.text,
    )
    because = f": {why[0]}" if why else ""
    return EnvMgrError(
        "tls-failed",
        f"the certificate of {_channel(told, asked)} is not trusted{because}",
        hint="Name the certificates of your organisation as ssl_verify in ~/.condarc.",
    )


def _offline(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if asked.offline and told.says(r"/cache/\w+\.json"):
        where = ", ".join(asked.channels)
        detail = f"the cache knows nothing of {where}, and the network is not to be used"
        return EnvMgrError("index-unreachable", detail, hint="Try again with the network.")
    # conda says so; of mamba every request fails then.
    no_network = told.says(r"in offline mode") or (asked.offline and told.says("Download error"))
    if not told.is_a("OfflineError") and not no_network:
        return None
    url = _URL.search(told.text)
    what = without_credentials(url[0]).rstrip(".]").rpartition("/")[2] if url else "something"
    detail = f"{what} is not in the cache, and the network is not to be used"
    return EnvMgrError("index-unreachable", detail, hint="Try again with the network.")


def _http(told: Told, asked: CliAsked) -> EnvMgrError | None:
    named = told.is_a("HTTPError|InvalidChannel|ChannelError|ProxyError|AuthenticationError")
    plain = told.says(
        r"Download (?:error|failed)|Failed to download|Could not download|HTTP CONNECTION FAILED"
        r"|Transfer finalized, status|failed to fetch|could not load repodata|Could not connect"
    )
    if not named and not plain:
        return None
    channel = _channel(told, asked)
    status = _status(told)
    if status in ("401", "403"):
        words = "wants valid credentials" if status == "401" else "refuses access"
        return EnvMgrError(
            "index-unauthorised",
            f"the channel {channel} {words} ({status})",
            hint="Put valid credentials into ~/.netrc, or log in as its documentation says.",
        )
    file = _PACKAGE_FILE.search(str(told.facts.get("url") or told.text))
    if file and status in ("404", "410"):
        detail = f"{channel} lists {file[1]} but does not have it ({status})"
        hint = "Its list is out of date: try again later, or use another channel."
        return EnvMgrError("index-unreachable", detail, hint=hint)
    if status in ("404", "410") or (told.is_a("InvalidChannel") and not status):
        hint = "Check the name of the channel."
        return EnvMgrError("index-not-found", f"there is no channel {channel}", hint=hint)
    if status and status != "000":
        hint = "It may be overloaded or broken: try again later."
        return EnvMgrError("index-unreachable", f"{channel} answers {status}", hint=hint)
    reason = next((words for pattern, words in _REASONS if told.says(pattern)), "")
    hint = "Check the network and the proxy, or use another channel."
    because = f": {reason}" if reason else ""
    through = f" through the proxy {asked.proxy}" if asked.proxy else ""
    detail = f"{channel} cannot be reached{through}{because}"
    return EnvMgrError("index-unreachable", detail, hint=hint)


def _status(told: Told) -> str:
    named = str(told.facts.get("status_code") or "")
    match = _STATUS.search(told.text)
    return named if named.isdigit() else next(filter(None, match.groups()), "") if match else ""


def _channel(told: Told, asked: CliAsked) -> str:
    """The channel that an address belongs to, else the only one, else the address's host."""
    named = told.facts.get("channel_url") or told.facts.get("url")
    match = _URL.search(told.text)
    url = without_credentials(str(named) if named else match[0] if match else "")
    for channel in asked.channels:
        if url and (url.startswith(channel.rstrip("/")) or f"/{channel}/" in f"{url}/"):
            return channel
    if not url and len(asked.channels) == 1:
        return asked.channels[0]
    return _FILE.sub("", url) or "a channel"


def _damaged(told: Told, asked: CliAsked) -> EnvMgrError | None:
    url = _URL.search(told.text)
    file = _PACKAGE_FILE.search(told.text)
    name = without_credentials(url[0]).rpartition("/")[2] if url else file[1] if file else ""
    name = name or "a package"
    if told.is_a("ChecksumMismatch") or told.says(
        r"ChecksumMismatch|checksum|(?:sha256|md5)\w* (?:sum )?mismatch"
        r"|(?:sha256|md5|file size) doesn't match expectation"
    ):
        return EnvMgrError("hash-mismatch", f"the download of {name} does not match its hash")
    found = told.says(r"package for (\S+) located at (\S+)\s+appears to be corrupted")
    if found:
        detail = f"{found[1]} is damaged in the package cache: an unpacking was cut, or edited"
        hint = f"Remove {found[2]}, then try again: it is fetched anew."
        return EnvMgrError("download-damaged", detail, hint=hint)
    if told.is_a("VerificationError|SafetyError|InvalidArchive|BadZipFile") or told.says(
        r"Cannot find a valid extracted directory cache|Package cache error"
        r"|Found incorrect downloads"
    ):
        detail = f"{name} is damaged in the cache, or its download was cut"
        hint = f"Run `{asked.tool} clean --packages`, then try again."
        return EnvMgrError("download-damaged", detail, hint=hint)
    return None


NETWORK: tuple[CliRule, ...] = (_tls, _damaged, _http)
"""Those that a failed request leads to; `OFFLINE` comes before what is not found."""

OFFLINE: CliRule = _offline
