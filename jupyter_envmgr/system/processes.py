"""Which processes of this container run from a directory: read from /proc, never a subprocess."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    """A running process, by its pid and the first words of its command line."""

    pid: int
    command: str


def running_from(prefix: Path) -> tuple[Process, ...]:
    """The processes whose program lies below ``prefix``, by argv[0] or executable (proc(5)).

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
        if not words or int(pid) == os.getpid():
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
