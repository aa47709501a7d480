"""Failures on the way to an index: names, connections, certificates, credentials, downloads."""

from __future__ import annotations

import re

from ..core.errors import EnvMgrError
from ..core.packages.indexes import PYPI, public_url
from .failure import Asked, Rule, Said

_URL = re.compile(
    r"(?:Failed to fetch:|Failed to download|URL:|for url \(?)\s*`?(https?://[^\s`)]+)"
)
_STATUS = re.compile(r"HTTP status \w+ error \((\d+) ([^)]*)\)|returned an? (\d+) (\w+)")
_UNAUTHORISED = re.compile(
    r"\((\S+)\) (?:could not be queried due to a lack of valid authentication credentials"
    r" \((\d+)|returned a (403))"
)
_TLS = re.compile(
    r"invalid peer certificate: (\w+)|(certificate verify failed|certificate has expired"
    r"|unable to get local issuer certificate|self[- ]signed certificate)"
)
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(r"dns error|failed to lookup address|error resolving DNS"),
        "no such host is known",
    ),
    (re.compile(r"Connection refused"), "the connection was refused"),
    (re.compile(r"timed out|timeout", re.I), "it did not answer in time"),
    (re.compile(r"[Nn]etwork is unreachable"), "there is no network"),
    (re.compile(r"[Nn]o route to host"), "there is no way to that host"),
    (re.compile(r"Connection reset|connection closed|IncompleteMessage|end of file"), "it hung up"),
    (re.compile(r"InvalidContentType|corrupt message"), "it does not speak TLS: http may be right"),
    (re.compile(r"Proxy Authentication Required|\(407"), "the proxy asks for a password"),
    (re.compile(r"tunnel error|proxy", re.I), "the proxy does not let us through"),
    (re.compile(r"error sending request|client error"), "the request failed"),
)


def _python_download(said: Said, asked: Asked) -> EnvMgrError | None:
    if said.step != "python":
        return None
    if "No download found" in said.text:
        return EnvMgrError("python-download-failed", f"uv knows no Python {asked.python} to fetch")
    status = _STATUS.search(said.text)
    reason = f"the answer was {status[1]} {status[2]}" if status and status[1] else _reason(said)
    url = _URL.search(said.text)
    where = f" from {_host(url[1])}" if url else ""
    why = f": {reason}" if reason else ""
    detail = f"Python {asked.python} could not be fetched{where}{_through(asked)}{why}"
    return EnvMgrError("python-download-failed", detail)


def _credentials(said: Said, asked: Asked) -> EnvMgrError | None:
    match = _UNAUTHORISED.search(said.text)
    status = _STATUS.search(said.text)
    if match:
        url, code = public_url(match[1]), match[2] or match[3]
    elif status and status[1] in ("401", "403"):
        url, code = _index(said, asked), status[1]
    else:
        return None
    words = "wants valid credentials" if code == "401" else "refuses access"
    return EnvMgrError("index-unauthorised", f"{url} {words} ({code})")


def _certificate(said: Said, asked: Asked) -> EnvMgrError | None:
    match = _TLS.search(said.text)
    if not match:
        return None
    why = {
        "UnknownIssuer": "nobody whom this machine trusts has signed it",
        "Expired": "it has expired",
        "NotValidForName": "it is for another host",
        "NotValidYet": "it is not valid yet, or the clock is wrong",
    }.get(match[1] or "", match[1] or match[2])
    return EnvMgrError(
        "tls-failed", f"the certificate of {_index(said, asked)} is not trusted: {why}"
    )


def _offline(said: Said, asked: Asked) -> EnvMgrError | None:
    if "the network was disabled" not in said.text:
        return None
    hint = "Unset UV_OFFLINE."
    return EnvMgrError("index-unreachable", "UV_OFFLINE keeps uv off the network", hint=hint)


def _network(said: Said, asked: Asked) -> EnvMgrError | None:
    url = _URL.search(said.text)
    if not url:
        return None
    status = _STATUS.search(said.text)
    index = _index(said, asked)
    if status and status[1]:
        if status[1] in ("404", "410"):
            return EnvMgrError("index-not-found", f"{index} answers {status[1]} {status[2]}")
        hint = "It may be overloaded or broken: try again later."
        detail = f"{index} answers {status[1]} {status[2]}"
        return EnvMgrError("index-unreachable", detail, hint=hint)
    reason = _reason(said)
    if not reason:
        return None
    return EnvMgrError("index-unreachable", f"{index} cannot be reached{_through(asked)}: {reason}")


def _reason(said: Said) -> str:
    return next((words for pattern, words in _REASONS if pattern.search(said.text)), "")


def _through(asked: Asked) -> str:
    return f" through the proxy {public_url(asked.proxy)}" if asked.proxy else ""


def _index(said: Said, asked: Asked) -> str:
    """The index that an address in the errors belongs to, else that address's host."""
    match = _URL.search(said.text)
    if not match:
        return asked.indexes.public_urls[0] if asked.indexes.public_urls else PYPI
    address = public_url(match[1])
    for url in (*asked.indexes.public_urls, *asked.indexes.find_links):
        if address.startswith(public_url(url).rstrip("/")):
            return public_url(url)
    return _host(address)


def _host(url: str) -> str:
    return "/".join(public_url(url).split("/")[:3])


_DAMAGED = re.compile(
    r"Bad CRC|Invalid zip file|ZIP structure|Failed to extract archive|unexpected end of file"
)
_HASHES = re.compile(r"Hash mismatch|hash mismatch|do not match")
_SIDES = re.compile(r"Expected: +((?:\w+:[0-9a-f]+ +)+)Computed: +(\w+:[0-9a-f]+)")
_NOT_THE_LOCKED_ONE = (
    "The index has another file than the one that the hashes were made of. Do not install it "
    "before you know why; then lock the packages anew."
)
_PACKAGE = re.compile(
    r"Failed to (?:download|extract|fetch|unzip)[^`]*`([^`@=]+?)(?:[=@ ]+([^`]+))?`"
)


def _download(said: Said, asked: Asked) -> EnvMgrError | None:
    package = _PACKAGE.search(said.text)
    name = f"{package[1]} {package[2] or ''}".strip() if package else "a package"
    if _HASHES.search(said.text):
        sides = _SIDES.search(said.text)
        if sides and sides[2]:
            words = f"{name}: the file has the hash {sides[2]}, which is none of those expected"
            return EnvMgrError("hash-mismatch", words, hint=_NOT_THE_LOCKED_ONE)
        return EnvMgrError("hash-mismatch", f"the download of {name} does not match its hash")
    if not _DAMAGED.search(said.text):
        return None
    reason = _reason(said)
    if reason:
        return EnvMgrError("index-unreachable", f"the download of {name} broke off: {reason}")
    return EnvMgrError("download-damaged", f"the download of {name} is damaged")


NETWORK: tuple[Rule, ...] = (_offline, _credentials, _certificate)
"""Those that are about the index as a whole, whatever else went wrong after."""

DOWNLOADS: tuple[Rule, ...] = (_download, _network)
"""Those that any failed request leads to."""

PYTHON_DOWNLOAD: Rule = _python_download
