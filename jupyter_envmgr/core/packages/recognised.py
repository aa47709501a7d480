"""What people paste or open, recognised by what is in it, whatever the file is called.

The one place that decides: requirements, conda's files, lock files and printed lists all come out
as packages for one manager, with what was left out said, and what is wrong with line and column.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import replace

from ..citing import without_secrets
from ..conda.matchspec import SCHEMES
from ..environments.model import Manager
from ..errors import EnvMgrError, FieldError
from .limits import LARGEST_HASHED, LARGEST_TEXT
from .model import Recognised, TextKind
from .pasted import Pasted, kind_of
from .readers import READERS
from .reading import Reading
from .toml_text import TomlError

FIELD = "requirements"
_LARGEST: dict[TextKind, int] = {
    "conda-lock": 4 << 20,
    "pixi-lock": 4 << 20,
    "pylock": 2 << 20,
    "conda-json": 2 << 20,
    "pip-json": 2 << 20,
}
_MANAGER: dict[TextKind, Manager] = {
    "requirements": "pip",
    "pip-list": "pip",
    "pip-json": "pip",
    "pylock": "pip",
    "pyproject": "pip",
    "commands": "pip",
    "environment-yml": "conda",
    "conda-explicit": "conda",
    "conda-export": "conda",
    "conda-list": "conda",
    "conda-specs": "conda",
    "conda-json": "conda",
    "conda-lock": "conda",
    "pixi-lock": "conda",
}
_WHAT: dict[TextKind, str] = {
    "requirements": "a list of requirements",
    "pip-list": "the list that `pip list` prints",
    "pip-json": "the list that `pip list --format=json` prints",
    "pylock": "a lock file (pylock.toml)",
    "pyproject": "a pyproject.toml",
    "commands": "a text with commands that install packages",
    "environment-yml": "a conda environment.yml",
    "conda-explicit": "an explicit list of conda packages",
    "conda-export": "a list of conda packages (name=version=build)",
    "conda-list": "the list that `conda list` prints",
    "conda-specs": "a list of conda packages",
    "conda-json": "the list that `conda list --json` prints",
    "conda-lock": "a lock file of conda-lock",
    "pixi-lock": "a lock file of pixi (pixi.lock)",
    "empty": "nothing",
    "unusable": "something that is not known here",
}
_ENDINGS = {
    ".txt": ("requirements", "pip-list", "conda-explicit", "conda-export", "conda-specs"),
    ".yml": ("environment-yml", "conda-lock"),
    ".yaml": ("environment-yml", "conda-lock"),
    ".toml": ("pyproject", "pylock"),
    ".lock": ("pixi-lock", "conda-lock"),
}


def recognise(
    text: str,
    filename: str = "",
    *,
    field: str = FIELD,
    platform: str = "",
    allowed_schemes: Collection[str] = (),
    conda_schemes: Collection[str] = SCHEMES,
    hashes: bool = False,
) -> Recognised:
    """What ``text`` is. ``filename`` only breaks ties: names of such files are often wrong.

    ``platform`` is the one to take from a lock file, by default this machine's.
    ``allowed_schemes`` are those of URLs in requirements, ``conda_schemes`` in conda specs.
    ``hashes``: those that the text names are written behind the requirements of pip. What is
    wrong with the text is in ``errors``; raises only ``engine-missing``, where PyYAML or a parser
    of TOML is needed and not there.
    """
    text = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    pasted = kind_of(lines, filename)
    kind = pasted.kind
    found = Recognised(kind, _MANAGER.get(kind), _WHAT[kind])
    largest = _LARGEST.get(kind, LARGEST_HASHED if " --hash" in text else LARGEST_TEXT)
    if len(text) > largest:
        detail = f"{len(text):,} characters: {largest // 1024:,} KiB at most"
        return replace(found, errors=(FieldError(field, detail, "too-large", 1, 1),))
    if kind == "empty":
        return found
    if kind == "unusable":
        error = FieldError(field, pasted.detail, "bad-requirement", pasted.line, 1)
        return replace(found, errors=(error,))
    reading = Reading(text, lines, field, platform, allowed_schemes, conda_schemes, hashes)
    try:
        found = READERS[kind](reading, found)
    except EnvMgrError as error:
        if error.kind != "invalid":
            raise
        errors = error.errors or (FieldError(field, error.detail, error.code, 1, 1),)
        found = replace(found, errors=errors)
    except TomlError as bad:
        wrong = FieldError(field, bad.detail, "bad-requirement", bad.line, bad.column)
        found = replace(found, errors=(wrong,))
    notices = (*_about_name(found, filename, pasted), *found.notices)
    # An alias may stand in many places; what is wrong with it is said once.
    said = (replace(error, detail=without_secrets(error.detail)) for error in found.errors)
    ordered = sorted(dict.fromkeys(said), key=lambda e: (e.line or 0, e.column or 0))
    notices = tuple(map(without_secrets, notices))
    return replace(found, notices=tuple(dict.fromkeys(notices)), errors=tuple(ordered))


def _about_name(found: Recognised, filename: str, pasted: Pasted) -> Iterable[str]:
    """That a file is something else than its name says."""
    base = re.split(r"[/\\]", filename)[-1]
    ending = base[base.rfind(".") :].lower() if "." in base else ""
    usual = _ENDINGS.get(ending)
    is_said = usual is None or pasted.kind in usual
    if ending == ".txt" and "requirement" in base.lower() and found.manager == "conda":
        is_said = False
    if found.manager and not is_said:
        manager = "conda environment" if found.manager == "conda" else "pip environment"
        yield f"{base} is {found.what}, whatever its name says: it makes a {manager}."
