"""Which directories an interpreter loads its packages from."""

from __future__ import annotations

import os
import re
from pathlib import Path

from ..environments.model import EnvironmentKind

_PYTHON = re.compile(r"(?:python|pypy)(\d+\.\d+)t?")
_DEBIAN = "/usr/lib/python3/dist-packages"


def site_directories(
    prefix: Path, kind: EnvironmentKind, interpreter_version: str = ""
) -> tuple[Path, ...]:
    """The directories that an interpreter at ``prefix`` loads packages from, without the user's.

    ``lib`` and ``lib64``, the free-threaded ``python3.13t`` too; for Debian's own Python its
    dist-packages, the local ones first. Those of another minor version are left out where the
    version is known. Never raises.
    """
    minor = ".".join(interpreter_version.split(".")[:2])
    found: dict[tuple[int, int], Path] = {}
    roots = [str(prefix)]
    if roots == ["/usr"]:
        roots.insert(0, "/usr/local")
    for root in roots:
        for library in (f"{root}/lib", f"{root}/lib64"):
            for name in _pythons(library, minor):
                for directory in ("site-packages", "dist-packages"):
                    _add(f"{library}/{name}/{directory}", found)
    if str(prefix) == "/usr":
        _add(_DEBIAN, found)
    return tuple(found.values())


def _add(path: str, found: dict[tuple[int, int], Path]) -> None:
    """A directory, once: ``lib64`` may be a link to ``lib``."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):
        return
    if (status.st_mode & 0o170000) == 0o040000:
        found.setdefault((status.st_dev, status.st_ino), Path(path))


def _pythons(library: str, minor: str) -> list[str]:
    try:
        names = os.listdir(library)
    except (OSError, ValueError):
        return []
    found = []
    for name in names:
        match = _PYTHON.fullmatch(name) if name.startswith("py") else None
        if match and minor in ("", match.group(1)):
            found.append(name)
    return sorted(found)
