"""How the credentials of channels reach a tool: never by its argv, which everybody can read.

Users and passwords go by a netrc file, which conda's requests and mamba's libcurl both read:
conda with the solver rattler forgets those of an address before the download, and else leaves
them in its package cache (both seen in 26.7). Tokens in paths go by a .condarc.
"""

from __future__ import annotations

import json
import netrc
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from ..core.conda.yaml_text import Node, YamlError, parse_yaml
from ..core.credentials import without_credentials
from .conda_plan import CondaPlanRequest

CONFIGURATION = "condarc.yml"
NETRC = "netrc"
CHANNELS = "envmgr-channels"
"""The name under which a configuration has all channels of the plan."""

# Before 3.11 Python read no quotes in a netrc: only where it cannot be done without.
_PLAIN = re.compile(r"[^\s\"\\]+")


@dataclass(frozen=True)
class HandedOver:
    """What the tool is told instead of the addresses: words that anybody may see, and files."""

    channels: tuple[str, ...]
    explicit: tuple[str, ...]
    files: dict[str, str]
    environ: dict[str, str]


def hand_over(plan: CondaPlanRequest) -> HandedOver:
    """The channels and packages of a plan without credentials in them, and those in files."""
    files: dict[str, str] = {}
    environ: dict[str, str] = {}
    logins = dict(filter(None, map(_login, (*plan.channels, *plan.explicit))))
    if logins:
        files[NETRC] = _netrc(plan, logins)
        environ["NETRC"] = str(plan.workdir / NETRC)
    channels = tuple(map(_anonymous, plan.channels))
    explicit = tuple(map(_anonymous, plan.explicit))
    if any(without_credentials(channel) != channel for channel in channels):
        files[CONFIGURATION] = _configuration(plan, channels)
        environ["CONDARC"] = str(plan.workdir / CONFIGURATION)
        channels = (CHANNELS,)
    return HandedOver(channels, explicit, files, environ)


def _login(address: str) -> tuple[str, tuple[str, str]] | None:
    """``(host, (user, password))`` of an address that has any."""
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return None
    if not host or parts.username is None:
        return None
    return host, (unquote(parts.username), unquote(parts.password or ""))


def _anonymous(address: str) -> str:
    """An address without user and password; a token in its path stays."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return address
    if "@" not in parts.netloc:
        return address
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _netrc(plan: CondaPlanRequest, logins: dict[str, tuple[str, str]]) -> str:
    """Ours around the person's own: of two for one host curl takes the first, Python the last."""
    own = Path(plan.environ.get("NETRC") or plan.home / ".netrc")
    try:
        netrc.netrc(str(own))
        text = own.read_text("utf-8").strip("\n")
    except (OSError, ValueError, netrc.NetrcParseError):
        text = ""
    ours = "\n".join(
        f"machine {host} login {_word(user)} password {_word(password)}"
        for host, (user, password) in logins.items()
    )
    return f"{ours}\n{text}\n\n{ours}\n" if text else f"{ours}\n"


def _word(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    escaped = re.sub(r'(["\\])', r"\\\1", text)
    return f'"{escaped}"'


def _configuration(plan: CondaPlanRequest, channels: tuple[str, ...]) -> str:
    """A .condarc that holds what the one that ``CONDARC`` names says, too. JSON is YAML."""
    made = _said(plan)
    named = made.get("custom_multichannels")
    known = named if isinstance(named, dict) else {}
    made["custom_multichannels"] = {**known, CHANNELS: list(channels)}
    return json.dumps(made, indent=1)


def _said(plan: CondaPlanRequest) -> dict[str, Any]:
    own = plan.environ.get("CONDARC", "")
    if own.startswith("~/"):
        own = str(plan.home) + own[1:]
    if not os.path.isabs(own):
        return {}
    try:
        root = parse_yaml(Path(own).read_text("utf-8"))
    except (OSError, ValueError, YamlError):
        return {}
    said = _plain(root) if root is not None else None
    return said if isinstance(said, dict) else {}


def _plain(node: Node) -> Any:
    """Texts are enough for what is a number or a switch: conda reads variables that way, too."""
    if node.kind == "map":
        return {key: _plain(value) for key, (_, value) in node.entries.items()}
    if node.kind == "list":
        return [_plain(item) for item in node.items]
    return None if node.is_empty else node.text
