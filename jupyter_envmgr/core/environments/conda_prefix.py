"""Conda environments, whoever made them, read from their ``conda-meta``."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Sequence

from .disk import Disk, iso_time, read_text, shown
from .facts import Facts, version_key
from .isolation import FIRST_PYTHON
from .pyvenv import parse_pyvenv

# The first lines that conda and mamba write into history; mamba and rattler may write none.
_BEGUN = re.compile(r"^==> (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d) <==", re.MULTILINE)
_COMMAND = re.compile(r"^# cmd: (\S+)", re.MULTILINE)
_VERSION = re.compile(r"^# (?:conda|mamba|micromamba) version: (\S+)", re.MULTILINE)
_ENGINES = ("micromamba", "mamba", "conda")


def read_conda(disk: Disk, prefix: str) -> Facts | None:
    """What a conda environment is; None if ``prefix`` has no ``conda-meta``."""
    meta = os.path.join(prefix, "conda-meta")
    if not disk.is_directory(meta):
        return None
    history = os.path.join(meta, "history")
    config = os.path.join(prefix, "pyvenv.cfg")
    interpreter = os.path.join(prefix, "bin", "python")
    disk.signature(config)
    listing = disk.listing(meta)
    packages = [name for name in listing.names if name.endswith(".json")]
    version, build = _python(packages)
    # Every transaction adds or removes a file in conda-meta, so that its mtime tells of all.
    damage = _damage(disk, listing.names, listing.error, version, interpreter)
    begun = _begun(history)
    return Facts(
        kind="conda",
        status="broken" if damage else "ready",
        reason=shown(damage or ("" if version else "it has no Python")),
        watched=(meta, config, interpreter),
        python=shown(version),
        implementation=_implementation(version, build),
        interpreter=interpreter if version and not damage else None,
        engine=_engine(listing.names, begun),
        engine_version=_first(_VERSION, begun)[:40],
        sees_system=_sees_system(disk, config, version),
        created=_created(begun) or disk.modified(history) or disk.modified(meta),
        package_count=len(packages),
    )


def _python(packages: Sequence[str]) -> tuple[str, str]:
    """Version and build of the package ``python``; its file is ``name-version-build.json``."""
    for file in packages:
        name, _, build = file.removesuffix(".json").rpartition("-")
        name, _, version = name.rpartition("-")
        if name == "python":
            return version, build
    return "", ""


def _implementation(version: str, build: str) -> str:
    if not version:
        return ""
    return next((n for n in ("PyPy", "GraalPy") if n.lower() in build.lower()), "CPython")


def _damage(disk: Disk, names: Sequence[str], error: str, version: str, interpreter: str) -> str:
    if error:
        return f"conda-meta cannot be read: {error}"
    # conda itself goes by conda-meta/history; pixi leaves its own mark instead.
    if "history" not in names and not any(name.startswith("pixi") for name in names):
        return "it has no conda-meta/history: half-made, or damaged"
    if version and not disk.is_file(interpreter):
        return "it has no bin/python, although Python is installed in it"
    return ""


def _begun(history: str) -> str:
    try:
        return read_text(history, 4096)
    except OSError:
        return ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match.group(1) if match else ""


def _engine(names: Sequence[str], begun: str) -> str:
    if any(name.startswith("pixi") for name in names):
        return "pixi"
    program = os.path.basename(_first(_COMMAND, begun))
    return program if program in _ENGINES else "conda"


def _created(begun: str) -> str | None:
    """When history began; it says so in the local time of who wrote it, taken to be ours."""
    text = _first(_BEGUN, begun)
    try:
        return iso_time(time.mktime(time.strptime(text, "%Y-%m-%d %H:%M:%S"))) if text else None
    except (ValueError, OverflowError):
        return None


def _sees_system(disk: Disk, config: str, version: str) -> bool | None:
    """A pyvenv.cfg hides the user site from a conda environment, too (conda#7173)."""
    if not disk.is_file(config) or version_key(version)[:2] < FIRST_PYTHON:
        return None
    settings = parse_pyvenv(disk.text(config) or "")
    # Python sees them where nothing is said (`site.venv`).
    return settings.get("include-system-site-packages", "true").lower() == "true"
