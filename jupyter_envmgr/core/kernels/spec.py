"""The kernelspec of an environment: what kernel.json says, and the environment it starts with."""

from __future__ import annotations

import re
import string
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..environments.model import EnvironmentKind
from .activation import LAUNCHER_NAME, conda_environ
from .model import KERNEL_METADATA

_MINOR = re.compile(r"(\d+)\.(\d+)")


@dataclass(frozen=True)
class KernelTarget:
    """What a kernelspec needs to know of the environment that it starts."""

    id: str
    prefix: Path
    interpreter: Path
    kind: EnvironmentKind
    python: str
    image: str
    host: str


def display_name(python: str, environment: str) -> str:
    """How an environment's kernel is called in launcher and picker: ``Python 3.12 (name)``."""
    minor = _MINOR.match(python)
    return f"Python {minor.group()} ({environment})" if minor else f"Python ({environment})"


def kernel_environ(target: KernelTarget) -> dict[str, str]:
    """The variables that kernel.json sets. ``${PATH}`` is filled in by jupyter_client.

    An empty value unsets for CPython and for pip (pip's configuration skips empty variables).
    PYTHONNOUSERSITE keeps ~/.local out; PIP_USER=0 beats ``user = true`` in pip.conf, so that
    ``%pip install`` lands in this environment; a PIP_CONSTRAINT, PIP_TARGET or PYTHONPATH that
    the image set for its own Python has no business in another one. What pip.conf says of the
    kind is taken back by the environment's own (`pip_configuration.OF_AN_ENVIRONMENT`).
    """
    prefix = str(target.prefix).replace("$", "$$")
    variables = {
        "PATH": f"{prefix}/bin:${{PATH}}",
        "PYTHONNOUSERSITE": "1",
        "PYTHONPATH": "",
        "PYTHONHOME": "",
        "PIP_USER": "0",
        "PIP_TARGET": "",
        "PIP_PREFIX": "",
        "PIP_ROOT": "",
        "PIP_PYTHON": "",
        "PIP_CONSTRAINT": "",
        "PIP_BUILD_CONSTRAINT": "",
    }
    minor = _MINOR.match(target.python)
    if minor and (int(minor.group(1)), int(minor.group(2))) < (3, 7):
        # An empty one is a directory to these (3.6.15): they end at once.
        del variables["PYTHONHOME"]
    if target.kind == "conda":
        active = conda_environ(str(target.prefix))
        variables.update({name: text.replace("$", "$$") for name, text in active.items()})
        # Which environment the server runs in, for the launcher: it is left first.
        return {**variables, "ENVMGR_OUTER_PREFIX": "${CONDA_PREFIX}"}
    if target.kind == "venv":
        return {**variables, "VIRTUAL_ENV": prefix}
    return variables


def kernel_json(target: KernelTarget, name: str) -> dict[str, Any]:
    """The content of kernel.json (jupyter_client manual, "Making kernels for Jupyter").

    That of a conda environment goes with the launcher (`activation`), as `LAUNCHER_NAME`.
    """
    minor = _MINOR.match(target.python)
    argv = [str(target.interpreter), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    if minor and (int(minor.group(1)), int(minor.group(2))) >= (3, 11):
        # The debugger warns about frozen modules otherwise (ipykernel does the same).
        argv.insert(1, "-Xfrozen_modules=off")
    if target.kind == "conda":
        argv.insert(1, f"{{resource_dir}}/{LAUNCHER_NAME}")
    return {
        "argv": argv,
        "display_name": name,
        "language": "python",
        "env": kernel_environ(target),
        "metadata": {
            "debugger": True,
            KERNEL_METADATA: {
                "version": 1,
                "environment": target.id,
                "prefix": str(target.prefix),
                "image": target.image,
                "host": target.host,
            },
        },
    }


def started_with(spec: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, str]:
    """The environment a kernel of ``spec`` gets from a server that runs with ``environ``.

    As jupyter_client does it: the server's own, overridden by the spec's, ``${…}`` filled in.
    """
    filled = dict(environ)
    for key, value in dict(spec.get("env") or {}).items():
        filled[key] = string.Template(str(value)).safe_substitute(environ)
    return filled
