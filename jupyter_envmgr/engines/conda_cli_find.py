"""The executables conda, mamba and micromamba of this machine, read from their files."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..core.environments.conda_roots import conda_bases
from ..core.settings import Settings

ExecutableName = Literal["conda", "mamba", "micromamba"]
NAMES: tuple[ExecutableName, ...] = ("conda", "mamba", "micromamba")

_HEAD = 4096
_BINARIES = (b"\x7fELF", b"\xcf\xfa\xed\xfe", b"\xfe\xed\xfa\xcf", b"\xca\xfe\xba\xbe")
_RECORD = re.compile(r"(.+)-([^-]+)-[^-]+\.json")


@dataclass(frozen=True)
class Executable:
    """One executable. ``why_not`` says why it cannot be used; empty if it can.

    ``native`` is a program of its own, as mamba is since version 2, that knows nothing of
    conda's Python code and answers differently. ``version`` is empty where no file tells it.
    """

    name: ExecutableName
    path: str
    version: str
    native: bool = False
    why_not: str = ""


def find_executable(settings: Settings, name: ExecutableName) -> Executable | None:
    """The executable of that name to use, else the first that cannot be used; None without any.

    ``CONDA_EXE`` and ``MAMBA_EXE`` come first, as the person's shell uses them; then ``PATH``,
    then where installers put them.
    """
    unusable = None
    for path in dict.fromkeys(_places(settings, name)):
        if not os.path.isfile(path):
            continue
        found = _examined(name, path)
        if not found.why_not:
            return found
        unusable = unusable or found
    return unusable


def _places(settings: Settings, name: ExecutableName) -> Iterator[str]:
    environ = settings.environ
    for variable in ("CONDA_EXE", "MAMBA_EXE"):
        program = environ.get(variable, "")
        if os.path.isabs(program):
            if os.path.basename(program) == name:
                yield program
            elif name != "micromamba":
                yield os.path.join(os.path.dirname(program), name)
    on_path = shutil.which(name, path=environ.get("PATH", ""))
    # What pyenv puts there starts the real one only where its Python is switched on.
    if on_path and os.path.basename(os.path.dirname(on_path)) != "shims":
        yield os.path.abspath(on_path)
    for base, _ in conda_bases(settings):
        for directory in ("condabin", "bin"):
            yield os.path.join(base, directory, name)
    yield os.path.join(settings.home, ".local", "bin", name)


def _examined(name: ExecutableName, path: str) -> Executable:
    try:
        with open(path, "rb") as file:
            head = file.read(_HEAD)
    except OSError as error:
        return Executable(name, path, "", why_not=f"it cannot be read: {error.strerror}")
    binary = head.startswith(_BINARIES)
    why_not = ""
    if not os.access(path, os.X_OK):
        why_not = "it may not be run"
    elif not binary:
        why_not = _why_not(name, head.decode("utf-8", "replace"))
    return Executable(name, path, _version(name, path), binary and name != "conda", why_not)


def _why_not(name: ExecutableName, script: str) -> str:
    """Why a script of that name is not what it should be."""
    first = script.partition("\n")[0]
    interpreter = first.removeprefix("#!").split()[0] if first.startswith("#!/") else ""
    if interpreter and not os.path.exists(interpreter):
        return f"its interpreter {interpreter} is not here: it belongs to another image"
    if name == "conda" and "main_pip" in script:
        return "pip installed it, and conda refuses to work that way"
    if name == "mamba" and re.search(r"from mamba(\.cli)? import main", script):
        return "it is another program of that name, which runs tests"
    return ""


def _version(name: ExecutableName, path: str) -> str:
    """What is installed beside it: by conda's records, or by pip's."""
    base = Path(path).resolve().parent.parent
    try:
        records = os.listdir(base / "conda-meta")
    except OSError:
        records = []
    for record in records:
        match = _RECORD.fullmatch(record)
        if match and match[1] == name:
            return match[2]
    for found in sorted(base.glob(f"lib/python3*/site-packages/{name}-*.dist-info")):
        return found.name.removeprefix(f"{name}-").removesuffix(".dist-info")
    return ""
