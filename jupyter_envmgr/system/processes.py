"""Which processes of this container run from a directory: read from /proc, never a subprocess."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..core.packages.bytecode_program import MARK

_INSTALLER = re.compile(r"pip(?:\d+(?:\.\d+)?)?|uv|poetry|pdm|easy_install.*")


@dataclass(frozen=True)
class Process:
    """A running process, by its pid and the first words of its command line."""

    pid: int
    command: str


def running_from(prefix: Path) -> tuple[Process, ...]:
    """The processes whose program lies below ``prefix``, by argv[0] or executable (proc(5)).

    But for ours that writes bytecode, which ends by itself when its environment goes.

    A venv's python is a link to another prefix, so /proc/PID/exe alone would miss it. Processes
    of other containers and, without the right, of other users cannot be seen.
    """
    inside = f"{prefix}{os.sep}"
    found = []
    try:
        pids = [name for name in os.listdir("/proc") if name.isdigit()]
    except OSError:
        return ()
    for pid in pids:
        words = _command_line(pid)
        if not words or int(pid) == os.getpid() or MARK in words[:6]:
            continue
        if words[0].startswith(inside) or _executable(pid).startswith(inside):
            found.append(Process(int(pid), " ".join(words[:4])[:200]))
    return tuple(found)


def _command_line(pid: str) -> list[str]:
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            return os.fsdecode(file.read(8192)).rstrip("\0").split("\0")
    except OSError:
        return []


def _executable(pid: str) -> str:
    try:
        return os.readlink(f"/proc/{pid}/exe")
    except OSError:
        return ""


def installers() -> tuple[Process, ...]:
    """The pips, uvs and their like of this container that install or uninstall right now."""
    found = []
    for pid in _pids():
        words = _command_line(pid)
        names = {os.path.basename(word) for word in words[:4]}
        tools = {name for name in names if _INSTALLER.fullmatch(name)}
        if tools and {"install", "uninstall", "sync"} & set(words[1:8]):
            found.append(Process(int(pid), " ".join(words[:6])[:200]))
    return tuple(found)


def with_libraries_from(paths: Sequence[str]) -> tuple[Process, ...]:
    """The processes, as far as can be seen, that have one of these files, or a file below, mapped.

    The paths must be real ones.
    """
    if not paths:
        return ()
    place = os.fsencode(os.path.commonpath(paths))
    needles = [os.fsencode(path) + end for path in paths for end in (b"/", b"\n")]
    found = []
    for pid in _pids():
        try:
            with open(f"/proc/{pid}/maps", "rb") as file:
                maps = file.read()
        except OSError:
            continue
        if place in maps and any(needle in maps for needle in needles):
            found.append(Process(int(pid), " ".join(_command_line(pid)[:4])[:200]))
    return tuple(found)


def servers(runtime: Path) -> tuple[Process, ...]:
    """The Jupyter servers that noted themselves in this runtime directory and run here."""
    found = []
    try:
        names = [n for n in os.listdir(runtime) if n.startswith("jpserver-")]
    except OSError:
        return ()
    for name in names:
        pid = name.removeprefix("jpserver-").removesuffix(".json")
        words = _command_line(pid) if pid.isdigit() else []
        if any("jupyter" in word for word in words):
            found.append(Process(int(pid), " ".join(words[:4])[:200]))
    return tuple(found)


def _pids() -> list[str]:
    """All processes but this one."""
    try:
        return [n for n in os.listdir("/proc") if n.isdigit() and int(n) != os.getpid()]
    except OSError:
        return []
