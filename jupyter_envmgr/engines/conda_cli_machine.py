"""Failures of conda and mamba on this machine: its disks, rights, configuration, prefixes."""

from __future__ import annotations

import re

from ..core.credentials import without_credentials
from ..core.errors import EnvMgrError
from .conda_cli_told import CliAsked, CliRule, Told, own_words

_DISK = (
    (
        "NoSpaceLeft",
        # The last is all that mamba says when it can copy no more of a file.
        r"No space left on device|Errno 28\b|cannot copy: Input/output error",
        "disk-full",
        "there is no space left",
    ),
    ("", r"Disk quota exceeded|Errno 122\b", "quota-exceeded", "the quota is used up"),
    ("", r"Read-only file system|Errno 30\b", "read-only-disk", "nothing can be written"),
)
_PATH = re.compile(r"(?:'|\"|`|: |path |\[|file )(/[^'\"`\s:\]]+)")


def _disk(told: Told, asked: CliAsked) -> EnvMgrError | None:
    for families, pattern, code, words in _DISK:
        if (families and told.is_a(families)) or told.says(pattern):
            path = _path(told, asked)
            where = path if path in told.text else f"{path} or in the package cache"
            return EnvMgrError(code, f"{words} at {where}")
    return None


def _not_permitted(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if told.is_a("EnvironmentIsFrozen"):
        detail = f"{asked.prefix} is marked as frozen (conda-meta/frozen)"
        return EnvMgrError("read-only", detail, hint="Make a copy of it and change that.")
    if not told.is_a("NotWritable|NoWritable|PermissionError") and not told.says(
        r"Permission denied|Operation not permitted|Errno 13\b"
    ):
        return None
    return EnvMgrError("not-permitted", f"{_path(told, asked)} cannot be written")


def _cache(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if not told.is_a("NoWritablePkgsDir") and not told.says(r"any writable (?:package )?cache dir"):
        return None
    named = told.facts.get("pkgs_dirs")
    where = ", ".join(map(str, named)) if isinstance(named, list) else "the package cache"
    hint = "Set CONDA_PKGS_DIRS to a directory that you may write to."
    return EnvMgrError("not-permitted", f"{where} cannot be written", hint=hint)


def _configuration(told: Told, asked: CliAsked) -> EnvMgrError | None:
    """conda's own configuration: files that are no YAML, values that it does not know."""
    unreadable = told.is_a(
        "ParserError|ScannerError|ComposerError|ConfigurationLoadError|ValidationError"
        "|InvalidTypeError|InvalidElementTypeError"
    )
    if not unreadable and not told.says(
        r"solver backend \(|Unable to load configuration|RawParameter"
    ):
        return None
    words = re.sub(r", <ruamel[^>]*>", "", own_words((told,), 1, asked))
    return EnvMgrError(
        "bad-configuration",
        f"{asked.tool} cannot use its configuration: {words}",
        hint="Correct ~/.condarc, or what `conda config --show-sources` shows.",
    )


def _channel_refused(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if not told.is_a("ChannelDenied|ChannelNotAllowed"):
        return None
    named = told.facts.get("channel_url") or told.facts.get("channel_name") or "a channel"
    detail = f"the configuration of conda does not allow {without_credentials(str(named))}"
    return EnvMgrError("not-allowed", detail)


def _path(told: Told, asked: CliAsked) -> str:
    named = told.facts.get("environment_location") or told.facts.get("path")
    if isinstance(named, str) and named.startswith("/"):
        return named
    paths = [path for path in _PATH.findall(told.text) if not path.startswith("//")]
    if not paths or any(path.startswith(asked.prefix) for path in paths):
        return asked.prefix
    return str(paths[0])


def _environment(told: Told, asked: CliAsked) -> EnvMgrError | None:
    if told.is_a("EnvironmentLocationNotFound|NotACondaEnvironment|EnvironmentNameNotFound"):
        detail = f"there is no conda environment at {asked.prefix}"
        return EnvMgrError("no-such-environment", detail)
    if told.says(r"Non-conda folder exists at prefix|Target prefix already exists"):
        return EnvMgrError("directory-exists", f"{asked.prefix} exists already")
    if told.says(r"Prefix does not exist|No prefix found at|Expected environment not found"):
        detail = f"there is no conda environment at {asked.prefix}"
        return EnvMgrError("no-such-environment", detail)
    return None


PLACES: tuple[CliRule, ...] = (_environment, _not_permitted)
"""Those of the environment itself, after what is named more exactly."""

MACHINE: tuple[CliRule, ...] = (_configuration, _channel_refused, _cache, _disk)
"""Those that come before what solvers and channels say."""
