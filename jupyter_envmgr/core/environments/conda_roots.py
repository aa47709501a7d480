"""Where conda, mamba, micromamba and pixi keep environments, from their own files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ..conda.condarc_files import NAMES, condarc_places, expanded
from ..settings import Settings
from .disk import Disk

_USUAL_BASES = (
    "miniconda3",
    "miniconda",
    "anaconda3",
    "anaconda",
    "miniforge3",
    "miniforge",
    "mambaforge",
    "micromamba",
    ".conda",
    ".local/share/mamba",
    ".mamba",
)
_SYSTEM_BASES = (
    "/opt/conda",
    "/opt/miniconda3",
    "/opt/anaconda3",
    "/opt/miniforge3",
    "/opt/mambaforge",
    "/opt/mamba",
    "/opt/micromamba",
    "/usr/local/miniconda3",
    "/usr/local/anaconda3",
    "/usr/local/conda",
)


@dataclass(frozen=True)
class CondaRoots:
    """Where conda environments may be.

    ``bases`` may be installations, the children of ``directories`` environments, and ``noted``
    are those of ``~/.conda/environments.txt``. ``watched`` are the files that say so.
    """

    bases: tuple[str, ...]
    directories: tuple[tuple[str, str], ...]
    noted: tuple[str, ...]
    watched: tuple[str, ...]


def find_conda_roots(settings: Settings, disk: Disk) -> CondaRoots:
    """Where conda environments may be, by variables, conda's own files, and habit."""
    environ, home = settings.environ, str(settings.home)
    bases = conda_bases(settings)
    directories: dict[str, str] = {}
    for name in ("CONDA_ENVS_DIRS", "CONDA_ENVS_PATH"):
        for part in environ.get(name, "").split(os.pathsep):
            directories.setdefault(expanded(part, environ, home), name)
    files, watched = condarc_files(settings, disk)
    for file in files:
        for part in envs_dirs(disk.text(file) or ""):
            directories.setdefault(expanded(part, environ, home), file)
    for base, _ in bases:
        directories.setdefault(os.path.join(base, "envs"), "conda")
    noted = os.path.join(home, ".conda", "environments.txt")
    lines = (disk.text(noted, 1 << 20) or "").splitlines()
    return CondaRoots(
        bases=tuple(base for base, _ in bases),
        directories=tuple((path, source) for path, source in directories.items() if path),
        noted=tuple(dict.fromkeys(p for line in lines if os.path.isabs(p := line.strip()))),
        watched=(*watched, *files, noted),
    )


def conda_bases(settings: Settings) -> tuple[tuple[str, str], ...]:
    """``(prefix, how it was found)`` of places where a conda installation may be."""
    environ = settings.environ
    found: dict[str, str] = {}
    for name in ("CONDA_EXE", "MAMBA_EXE"):
        program = environ.get(name, "")
        # <base>/bin/conda or <base>/condabin/conda; a lone micromamba lies anywhere.
        if os.path.isabs(program):
            found.setdefault(os.path.dirname(os.path.dirname(program)), name)
    for name in ("MAMBA_ROOT_PREFIX", "CONDA_ROOT", "CONDA_PREFIX", "CONDA_PREFIX_1"):
        if os.path.isabs(environ.get(name, "")):
            found.setdefault(os.path.normpath(environ[name]), name)
    for base in _USUAL_BASES:
        found.setdefault(os.path.join(settings.home, base), "a usual place")
    for base in _SYSTEM_BASES:
        found.setdefault(base, "a usual place")
    return tuple(found.items())


def condarc_files(settings: Settings, disk: Disk) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The configuration files that conda would read (its manual, "Searching for .condarc").

    With them the files and directories that decide which those are.
    """
    bases = [base for base, _ in conda_bases(settings)]
    places = condarc_places(settings.environ, str(settings.home), bases)
    wanted: list[str] = []
    for place in places:
        if not place.is_directory:
            wanted.append(place.path)
        elif disk.is_directory(place.path):
            wanted += [os.path.join(place.path, name) for name in NAMES]
            parts = os.path.join(place.path, "condarc.d")
            for name in disk.listing(parts, 200).names:
                if name.endswith((".yml", ".yaml")):
                    wanted.append(os.path.join(parts, name))
    wanted = [file for file in dict.fromkeys(wanted) if file]
    watched = [place.path for place in places if place.is_directory]
    return tuple(f for f in wanted if disk.is_file(f)), (*watched, *wanted)


def envs_dirs(text: str) -> tuple[str, ...]:
    """The ``envs_dirs`` (or ``envs_path``) of a .condarc.

    Not a YAML reader: it understands a top-level key with a list in block form, a list in flow
    form (also over several lines), or one plain value, with comments and quotes, and nothing
    else. What it does not understand it leaves out.
    """
    lines = text.splitlines()
    found: list[str] = []
    for number, line in enumerate(lines):
        match = re.match(r"""(["']?)(?:envs_dirs|envs_path)\1\s*:(.*)$""", line)
        if not match:
            continue
        rest = _uncommented(match.group(2)).strip()
        if rest.startswith("["):
            found += _flow(rest, lines[number + 1 : number + 200])
        elif rest:
            found += [_unquoted(part) for part in rest.split(os.pathsep)]
        else:
            found += _block(iter(lines[number + 1 :]))
    return tuple(dict.fromkeys(path for path in found if path))


def _block(lines: Iterator[str]) -> list[str]:
    items = []
    for line in lines:
        stripped = _uncommented(line).strip()
        if not stripped:
            continue
        if not (stripped == "-" or stripped.startswith("- ")):
            break
        items.append(_unquoted(stripped[1:]))
    return items


def _flow(first: str, following: list[str]) -> list[str]:
    text = first[1:]
    for line in following:
        if "]" in text:
            break
        text += " " + _uncommented(line)
    inside = text.partition("]")[0]
    return [_unquoted(part) for part in inside.split(",")]


def _uncommented(text: str) -> str:
    """Without a comment; a ``#`` begins one only after a blank and outside quotes."""
    quote = ""
    for index, character in enumerate(text):
        if quote:
            quote = "" if character == quote else quote
        elif character in "\"'" and text[:index].rstrip()[-1:] in ("", "-", "[", ",", ":"):
            quote = character
        elif character == "#" and (index == 0 or text[index - 1].isspace()):
            return text[:index]
    return text


def _unquoted(text: str) -> str:
    text = text.strip()
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "\"'":
        return text[1:-1]
    return text
