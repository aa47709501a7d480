"""The Pythons of this machine that an environment can be based on, whoever installed them."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ..settings import Settings
from .conda_roots import conda_bases
from .create import OLDEST_PYTHON
from .disk import Disk, real_path, shown
from .facts import version_key
from .model import Interpreter
from .mounts import Mounts
from .versions import implementation_of, interpreter_version, is_binary, is_python_name

_SYSTEM = ("/usr/bin", "/usr/local/bin", "/opt/homebrew/bin")
_MOST_VERSIONS = 200


@dataclass(frozen=True)
class Program:
    """An interpreter that was found: ``path`` has no links in it, ``prefix`` is where it lives.

    ``is_image`` is that of the settings' own Python, or of what it is a venv on.
    """

    path: str
    prefix: str
    version: str
    implementation: str
    source: str
    is_image: bool = False


def find_interpreters(
    settings: Settings,
    mounts: Mounts,
    disk: Disk | None = None,
    programs: Sequence[Program] | None = None,
) -> tuple[Interpreter, ...]:
    """The interpreters that can carry an environment: the image's first, then the newest.

    ``programs`` is what `scan_programs` found, if it was asked already.
    """
    if programs is None:
        programs = scan_programs(settings, disk or Disk())
    return tuple(
        Interpreter(
            id=f"python-{program.version}-{digest(program.path)}",
            version=program.version,
            implementation=program.implementation,
            path=shown(program.path),
            source=program.source,
            persistence=mounts.persistence(program.path),
            default=program.is_image,
        )
        for program in programs
        if version_key(program.version)[:2] >= OLDEST_PYTHON
    )


def digest(path: str) -> str:
    """Six characters that tell one path from another."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:6]


@dataclass(frozen=True)
class _Scan:
    programs: tuple[Program, ...]
    watched: tuple[str, ...]


def scan_programs(settings: Settings, disk: Disk) -> tuple[Program, ...]:
    """All interpreters of any version, each once, the image's first, then the newest."""
    scan = disk.remember(("programs",), lambda: _scan(settings, disk), lambda scan: scan.watched)
    return scan.programs


def _scan(settings: Settings, disk: Disk) -> _Scan:
    watched = [str(settings.image_interpreter)]
    found: dict[tuple[int, ...], Program] = {}
    image = _image(settings, disk)
    if image is not None:
        found[disk.signature(image.path)[:2]] = image
    for directory, source in _directories(settings, disk, watched):
        names = _programs(disk, directory)
        watched += [directory, *names]
        for path in dict.fromkeys(names.values()):
            # Up to 3.7 an interpreter had a second name, python3.7m, as a hard link.
            identity = disk.signature(path)[:2]
            if identity not in found:
                found[identity] = _program(disk, path, source)
    programs = sorted(
        found.values(), key=lambda p: (p.is_image, version_key(p.version)), reverse=True
    )
    return _Scan(tuple(programs), tuple(dict.fromkeys(watched)))


def _image(settings: Settings, disk: Disk) -> Program | None:
    """The image's Python; where that is a venv, what it stands on, as uv would take it."""
    given = str(settings.image_interpreter)
    if not disk.is_file(given):
        return None
    return _program(disk, real_path(disk, given), "image", is_image=True)


def _program(disk: Disk, path: str, source: str, *, is_image: bool = False) -> Program:
    prefix = os.path.dirname(os.path.dirname(path))
    version = interpreter_version(disk, path)
    implementation = implementation_of(path, prefix)
    return Program(path, prefix, version, implementation, source, is_image)


def program_at(disk: Disk, path: str, source: str) -> Program | None:
    """The interpreter ``path``, which has no links in it; None if it is no program."""
    return _program(disk, path, source) if disk.is_file(path) and is_binary(path) else None


def _programs(disk: Disk, directory: str) -> dict[str, str]:
    """The interpreters that a directory names, and where the links of each lead.

    Those of a virtual environment count as those it stands on; scripts, such as the shims of
    pyenv, do not count: what they choose from is found by itself.
    """
    found = {}
    for name in disk.listing(directory).names:
        path = os.path.join(directory, name)
        if is_python_name(name) and disk.is_file(path):
            real = os.path.realpath(path)
            prefix = os.path.dirname(os.path.dirname(real))
            in_venv = os.path.exists(os.path.join(prefix, "pyvenv.cfg")) and not _is_conda(prefix)
            if is_python_name(os.path.basename(real)) and not in_venv and is_binary(real):
                found[path] = real
    return dict(sorted(found.items(), key=lambda item: len(item[1])))


def _is_conda(prefix: str) -> bool:
    return os.path.isdir(os.path.join(prefix, "conda-meta"))


def _directories(settings: Settings, disk: Disk, watched: list[str]) -> Iterator[tuple[str, str]]:
    """``(directory with interpreters, how it was found)``; the more telling word comes first.

    What was looked into to find them is added to ``watched``.
    """
    home, environ = str(settings.home), settings.environ
    data = environ.get("XDG_DATA_HOME") or os.path.join(home, ".local", "share")
    roots = {
        os.path.join(environ.get("PYENV_ROOT", ""), "versions"): "pyenv",
        os.path.join(home, ".pyenv", "versions"): "pyenv",
        "/opt/pyenv/versions": "pyenv",
        str(settings.pythons): "uv",
        os.path.join(data, "uv", "python"): "uv",
        os.path.join(home, ".local", "share", "uv", "python"): "uv",
        os.path.join(data, "mise", "installs", "python"): "mise",
        os.path.join(home, ".asdf", "installs", "python"): "asdf",
        "/opt/python": "/opt",
    }
    for root, source in roots.items():
        if os.path.isabs(root):
            watched.append(root)
            for name in disk.listing(root, _MOST_VERSIONS).directories:
                if not name.startswith("."):
                    yield os.path.join(root, name, "bin"), source
    for base, _ in conda_bases(settings):
        watched.append(os.path.join(base, "conda-meta"))
        if disk.is_directory(watched[-1]):
            yield os.path.join(base, "bin"), "conda"
    for directory in _path(settings):
        yield directory, "system" if directory in _SYSTEM else "PATH"
    watched.append("/opt")
    for name in disk.listing("/opt", _MOST_VERSIONS).directories:
        if name.lower().startswith("python"):
            yield os.path.join("/opt", name, "bin"), "/opt"
    for directory in _SYSTEM:
        yield directory, "system"


def _path(settings: Settings) -> tuple[str, ...]:
    """The directories of PATH, each once; relative ones depend on where one stands."""
    parts = settings.environ.get("PATH", "").split(os.pathsep)
    return tuple(dict.fromkeys(os.path.normpath(p) for p in parts if os.path.isabs(p)))
