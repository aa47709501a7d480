"""Why py-rattler's worker failed, recognised in what it says: a cause, one sentence, a hint."""

from __future__ import annotations

import re
import signal
from urllib.parse import urlsplit

from ..core.commands import Outcome
from ..core.credentials import without_credentials
from ..core.errors import ERRORS, EnvMgrError
from .conda_plan import CondaPlanRequest
from .rattler_talk import unpacked
from .rattler_unsolvable import explain_unsolvable

_URL = re.compile(r"(?:for url \(|from '|channel ')((?:https?|file)://[^\s)'\"]+)")
_STATUS = re.compile(r"HTTP status \w+ error \((\d+) ([^)]*)\)")
_FILE = re.compile(r"failed to fetch (\S+\.(?:conda|tar\.bz2))|(\S+\.(?:conda|tar\.bz2))(?: to )")
_HASH = re.compile(r"hash mismatch when extracting \S*?([^/\s]+\.(?:conda|tar\.bz2))")
_DAMAGED = re.compile(
    r"failed to (?:decode|extract|unzip)|invalid Zip|Unknown frame descriptor"
    r"|could not find (?:end of central directory|EOCD)|invalid (?:tar|header)|unexpected EOF"
)
_NO_CHANNEL = re.compile(r"could not find subdir '[^']*' in channel '([^']+)'")
_NO_CACHE = re.compile(r"no usable repodata cache for (\S+)|is not in the cache")
_TLS = re.compile(r"invalid peer certificate: (\w+)")
_TLS_WORDS = {
    "UnknownIssuer": "nobody whom this machine trusts has signed it",
    "Expired": "it has expired",
    "NotValidForName": "it is for another host",
    "NotValidYet": "it is not valid yet, or the clock is wrong",
}
_REASONS: tuple[tuple[re.Pattern[str], str], ...] = (
    (re.compile(r"dns error|failed to lookup address"), "no such host is known"),
    (re.compile(r"Connection refused"), "the connection was refused"),
    (re.compile(r"timed out|timeout", re.I), "it did not answer in time"),
    (re.compile(r"[Nn]etwork is unreachable"), "there is no network"),
    (re.compile(r"[Nn]o route to host"), "there is no way to that host"),
    (re.compile(r"InvalidContentType|corrupt message"), "it does not speak TLS: http may be right"),
    (re.compile(r"\(407|Proxy Authentication"), "the proxy asks for a password"),
    (re.compile(r"tunnel|proxy", re.I), "the proxy does not let us through"),
    (re.compile(r"[Cc]onnection reset|closed|end of file|IncompleteMessage"), "it hung up"),
    (re.compile(r"error sending request|client error"), "the request failed"),
)
_OS_ERRORS: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"os error 28\)|No space left|Errno 28\]"), "disk-full", "there is no space left"),
    (re.compile(r"os error 122\)|[Qq]uota exceeded"), "quota-exceeded", "the quota is used up"),
    (re.compile(r"os error 30\)|Read-only file"), "read-only-disk", "nothing can be written"),
    (re.compile(r"os error (?:1|13)\)|Permission denied"), "not-permitted", "nobody lets us write"),
)
_PATH = re.compile(r"[`'\"](/[^`'\"]+)[`'\"]|(?<= )(/[^\s:]+)")


def explain(outcome: Outcome, plan: CondaPlanRequest) -> EnvMgrError:
    """The error that an outcome is. What is not recognised is ``tool-failed`` with its words."""
    said = unpacked(outcome.stdout).get("error")
    if not isinstance(said, dict):
        return _without_words(outcome)
    text = str(said.get("text", ""))
    if said.get("code") in ERRORS:
        return EnvMgrError(said["code"], text, hint=said.get("hint") or None)
    channels = [_short(without_credentials(channel)) for channel in plan.channels]
    if said.get("kind") == "Unsolvable":
        return explain_unsolvable(text, said.get("facts") or {}, channels)
    for rule in (
        _hash,
        _of_the_disk,
        _cache,
        _tls,
        _certificates,
        _refused,
        _no_channel,
        _offline,
        _garbage,
        _network,
    ):
        error = rule(text, plan)
        if error is not None:
            return error
    if said.get("kind") == "InvalidMatchSpecError":
        return EnvMgrError("bad-requirement", text.splitlines()[0])
    last = text.strip().splitlines() or [str(said.get("kind"))]
    return EnvMgrError("tool-failed", f"py-rattler: {last[0]}"[:500])


def _without_words(outcome: Outcome) -> EnvMgrError:
    """The worker did not come to its last line."""
    if outcome.returncode < 0:
        number = -outcome.returncode
        name = next((s.name for s in signal.Signals if s.value == number), f"signal {number}")
        if number == signal.SIGKILL:
            detail = "py-rattler's worker was killed (SIGKILL), most often for want of memory"
            return EnvMgrError("killed", detail)
        return EnvMgrError("killed", f"py-rattler's worker was ended by {name}")
    lines = outcome.stderr.strip().splitlines() or ["it said nothing"]
    if "ModuleNotFoundError" in lines[-1] and "rattler" in lines[-1]:
        return EnvMgrError("engine-missing", "py-rattler cannot be imported by its worker")
    return EnvMgrError("tool-failed", f"py-rattler's worker failed: {lines[-1]}"[:500])


def _hash(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    match = _HASH.search(text)
    if match is None:
        return None
    detail = f"the download of {match[1]} does not match its hash"
    return EnvMgrError("hash-mismatch", detail)


def _of_the_disk(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    for pattern, code, words in _OS_ERRORS:
        if not pattern.search(text):
            continue
        paths = [a or b for a, b in _PATH.findall(text)]
        path = next((p for p in reversed(paths) if "/" in p[1:]), str(plan.prefix))
        if path.startswith(f"{plan.prefix}/"):
            path = str(plan.prefix)
        caches = [str(cache) for cache in (plan.packages_dir, plan.cache) if cache is not None]
        if "package cache layer" in text:
            path = caches[0]
        cache = next((cache for cache in caches if path.startswith(cache)), "")
        if cache:
            hint = "Free some space there, or set CONDA_PKGS_DIRS to a directory that has more."
            return EnvMgrError(code, f"{words} at {cache}, the cache of packages", hint=hint)
        return EnvMgrError(code, f"{words} at {path}")
    return None


def _cache(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    if "acquire global cache lock" not in text:
        return None
    where = plan.packages_dir or plan.cache
    hint = "Name another directory: pkgs_dirs in .condarc, or CONDA_PKGS_DIRS."
    detail = f"nothing can be written to {where}, the cache of packages"
    return EnvMgrError("not-permitted", detail, hint=hint)


def _tls(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    match = _TLS.search(text)
    if match is None:
        return None
    why = _TLS_WORDS.get(match[1], match[1])
    detail = f"the certificate of {_where(text, plan)} is not trusted: {why}"
    if not isinstance(plan.ssl_verify, str) or not plan.ssl_verify.startswith("/"):
        return EnvMgrError("tls-failed", detail)
    # What is in that file is all that counts: others need not be tried.
    hint = f"Put the certificates of your organisation into {plan.ssl_verify}, or name another"
    return EnvMgrError("tls-failed", detail, hint=f"{hint} file: ssl_verify in .condarc names it.")


def _certificates(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    """A client that could not even be made: what it is to trust cannot be used."""
    if "builder error" not in text or "://" in text.rpartition("builder error")[2]:
        return None
    sources = {"ssl_verify in .condarc": plan.ssl_verify if plan.ssl_verify is not True else ""}
    sources |= {name: plan.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR")}
    named = [f"{path}, which {name} names," for name, path in sources.items() if path]
    what = named[0] if named else "what this machine has of certificates"
    hint = "Name a file of certificates in PEM: ssl_verify in .condarc, or SSL_CERT_FILE."
    return EnvMgrError("tls-failed", f"{what} cannot be used", hint=hint)


def _refused(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    match = _STATUS.search(text)
    if match is None or match[1] not in ("401", "403"):
        return None
    words = "wants valid credentials" if match[1] == "401" else "refuses access"
    hint = "Put valid credentials into the channel's address, ~/.netrc or the keyring."
    return EnvMgrError(
        "index-unauthorised", f"{_where(text, plan)} {words} ({match[1]})", hint=hint
    )


def _no_channel(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    match = _NO_CHANNEL.search(text)
    if match is None:
        return None
    url = without_credentials(match[1]).rstrip("/")
    status = _STATUS.search(text)
    why = f" ({status[1]} {status[2]})" if status else ""
    return EnvMgrError(
        "index-not-found", f"there is no conda channel at {url}{why}", hint="Check its address."
    )


def _offline(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    match = _NO_CACHE.search(text)
    if match is None:
        return None
    detail = "offline, and what the channels have is not in the cache"
    return EnvMgrError("index-unreachable", detail, hint="Allow the network for this once.")


def _garbage(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    if not _DAMAGED.search(text) or "error decoding response body" in text:
        return None
    file = _FILE.search(text)
    if file:
        return EnvMgrError("download-damaged", f"the download of {file[1] or file[2]} is damaged")
    detail = f"{_where(text, plan)} answers, but not as a conda channel does"
    hint = "Check its address; a portal that wants a login answers so too."
    return EnvMgrError("index-not-found", detail, hint=hint)


def _network(text: str, plan: CondaPlanRequest) -> EnvMgrError | None:
    status, file = _STATUS.search(text), _FILE.search(text)
    if status:
        detail = f"{_where(text, plan)} answers {status[1]} {status[2]}"
        if status[1] in ("404", "410"):
            url = _URL.search(text)
            name = url[1].rpartition("/")[2] if url else "a file"
            return EnvMgrError("no-such-package", f"{name} is not there any more: {detail}")
        hint = "It may be overloaded or broken: try again later."
        return EnvMgrError("index-unreachable", detail, hint=hint)
    reason = next((words for pattern, words in _REASONS if pattern.search(text)), "")
    if not reason or not ("request" in text or "connect" in text.lower() or "body" in text):
        return None
    if file and "body" in text:
        name = file[1] or file[2]
        return EnvMgrError("index-unreachable", f"the download of {name} broke off: {reason}")
    return EnvMgrError("index-unreachable", f"{_where(text, plan)} cannot be reached: {reason}")


def _where(text: str, plan: CondaPlanRequest) -> str:
    """The channel that an address in an error belongs to, else that address's host."""
    match = _URL.search(text)
    if match is None:
        return _short(without_credentials(plan.channels[0])) if plan.channels else "the channel"
    url = without_credentials(match[1])
    for channel in plan.channels:
        if url.startswith(without_credentials(channel).rstrip("/") + "/"):
            return without_credentials(channel).rstrip("/")
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _short(channel: str) -> str:
    """A channel as people call it."""
    return channel.removeprefix("https://conda.anaconda.org/").rstrip("/")
