"""What pip or uv installed, as requirement lines: ``pip freeze``, from the files alone."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from ..credentials import without_credentials
from ..environments.model import EnvironmentKind
from .files import read_regular
from .inventory import list_packages
from .metadata import normal
from .model import Package

_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9.!+_-]+")
_OF_INSTALLERS = ("pip", "distribute", "setuptools", "wheel")


def pip_lines(
    prefix: Path, kind: EnvironmentKind, interpreter_version: str, notices: list[str]
) -> list[str]:
    """What pip or uv installed at ``prefix``, one requirement each; the rest gets a notice."""
    lines: list[str] = []
    editable: list[str] = []
    damaged: list[str] = []
    local: list[str] = []
    older = interpreter_version and _minor(interpreter_version) < (3, 12)
    tools = _OF_INSTALLERS if older else _OF_INSTALLERS[:1]
    for package in list_packages(prefix, kind, interpreter_version=interpreter_version):
        if package.installer == "conda" or (kind != "conda" and normal(package.name) in tools):
            continue
        if package.installer == "" and kind == "conda" and package.path.endswith(".json"):
            continue
        if package.editable:
            editable.append(package.name)
        elif not _NAME.fullmatch(package.name) or not _VERSION.fullmatch(package.version):
            damaged.append(package.name)
        else:
            line, is_local = _line(package)
            lines.append(line)
            if is_local:
                local.append(package.name)
    for names, words in (
        (editable, "Editable packages are left out"),
        (damaged, "Packages with damaged metadata are left out"),
        (local, "Installed from a file or directory, named by their version here"),
    ):
        if names:
            notices.append(f"{words}: {names_of(names)}.")
    return lines


def _line(package: Package) -> tuple[str, bool]:
    """The requirement of a package, and whether it came from a path of this machine."""
    pinned = f"{package.name}=={package.version}"
    if not package.origin:
        return pinned, False
    direct = direct_url(package)
    url = without_credentials(str(direct.get("url", "")))
    vcs = direct.get("vcs_info")
    if isinstance(vcs, dict):
        commit, kind = vcs.get("commit_id"), vcs.get("vcs")
        if isinstance(commit, str) and isinstance(kind, str) and _is_address(url):
            return f"{package.name} @ {kind}+{url}@{commit}", False
        return pinned, True
    if _is_address(url) and not url.startswith("file:"):
        return f"{package.name} @ {url}", False
    return pinned, True


def _is_address(url: str) -> bool:
    return "://" in url and url.isprintable() and not re.search(r"\s", url)


def direct_url(package: Package) -> Mapping[str, object]:
    """Where a package was installed from (PEP 610)."""
    data = read_regular(os.path.join(package.path, "direct_url.json"), 64 * 1024)
    try:
        fields = json.loads(data or b"")
    except (ValueError, RecursionError):
        return {}
    return fields if isinstance(fields, dict) else {}


def names_of(names: Sequence[str]) -> str:
    """The first five of several names."""
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return ", ".join(names[:5]) + more


def _minor(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"\d+", version)[:2])
