"""What activating a conda environment sets, with no conda here; and the program that does it.

Its ``activate.d`` scripts are run when the kernel starts, by a launcher beside kernel.json, and
not once when it is registered: their values depend on the server's (``LD_LIBRARY_PATH`` of the
image), change with packages and `conda env config vars`, and hold tokens that have no place in a
kernelspec. conda run, nb_conda_kernels and VS Code run them at each start too. The launcher is a
Python program that replaces itself, so that argv[0] stays the interpreter (by which kernels are
found) and the process that Jupyter interrupts is the kernel's; scripts that fail or hang are left.
"""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

from ..environments.model import EnvironmentKind
from .launcher import LAUNCHER

LAUNCHER_NAME = "activate.py"
"""The launcher's file in a kernelspec."""

UNSET = "***unset***"
"""The value that conda writes for a variable that is not to be set (`conda env config vars`)."""

_LARGEST = 1 << 20


def start_words(kind: EnvironmentKind, interpreter: str, *words: str) -> tuple[str, ...]:
    """The argv that starts ``interpreter`` with ``words`` as a kernel is started, activated.

    Its variables are to be those of `kernel_environ`. Needs no file of the launcher.
    """
    if kind == "conda":
        return (interpreter, "-c", LAUNCHER, *words)
    return (interpreter, *words)


def conda_environ(prefix: str) -> dict[str, str]:
    """The variables by which conda knows what is active (conda/activate.py), without PATH.

    The level is 1, as in a shell where nothing else is active: what conda would go back to is
    the business of the shell that the server was started from.
    """
    name = default_name(prefix)
    return {
        "CONDA_PREFIX": prefix,
        "CONDA_DEFAULT_ENV": name,
        "CONDA_SHLVL": "1",
        "CONDA_PROMPT_MODIFIER": f"({name}) ",
    }


def default_name(prefix: str) -> str:
    """What conda calls an environment: ``base``, its name below an ``envs``, else its path."""
    if os.path.isfile(os.path.join(prefix, "condabin", "conda")):
        return "base"
    parent, name = os.path.split(prefix.rstrip("/"))
    return name if os.path.basename(parent) == "envs" else prefix


def activation_scripts(prefix: str, ending: str = ".sh") -> tuple[str, ...]:
    """The scripts that conda would source, in its order."""
    return tuple(_files(os.path.join(prefix, "etc", "conda", "activate.d"), ending))


def environment_variables(prefix: str) -> dict[str, str | None]:
    """The variables that packages (``env_vars.d``) and the environment (``state``) set.

    None unsets. In upper case, as conda sets them unless it is told otherwise; PATH is reserved.
    What cannot be read is left out.
    """
    found: dict[str, str | None] = {}
    for path in _files(os.path.join(prefix, "etc", "conda", "env_vars.d"), ""):
        _take(_object(path), found)
    state = _object(os.path.join(prefix, "conda-meta", "state")).get("env_vars")
    _take(state if isinstance(state, dict) else {}, found)
    found.pop("PATH", None)
    return {name: value for name, value in found.items() if value != UNSET}


def _take(data: dict[str, object], found: dict[str, str | None]) -> None:
    for name, value in data.items():
        word = value if value is None or isinstance(value, str) else json.dumps(value)
        if name and not set(name) & {"=", "\0"} and "\0" not in (word or ""):
            found[name.upper()] = word


def _files(directory: str, ending: str) -> list[str]:
    try:
        names = sorted(os.listdir(directory))
    except OSError:
        return []
    paths = [os.path.join(directory, name) for name in names if name.endswith(ending)]
    return [path for path in paths if os.path.isfile(path)]


def _object(path: str) -> dict[str, object]:
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            return {}
        with Path(path).open("rb") as file:
            data = json.loads(file.read(_LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
