"""Text to copy for using an environment, and its paths as each language spells them."""

from __future__ import annotations

import os
import re
import shlex
from dataclasses import dataclass
from typing import Literal

from ..kernels.activation import activation_scripts, default_name, environment_variables
from .model import Environment

Language = Literal["bash", "python", "json", "text"]
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")
# Read at the time of use: what `conda env config vars set` was given may be secret.
_READ_STATE = (
    "import json,shlex,sys; "
    '[print("export",k.upper()+"="+shlex.quote(str(v))) '
    'for k,v in json.load(open(sys.argv[1]))["env_vars"].items() '
    'if v not in (None,"***unset***") and k.isidentifier() and k.upper()!="PATH"]'
)


@dataclass(frozen=True)
class Snippet:
    """Text to copy: where it goes by ``title``, and in ``note`` what has to be known about it."""

    id: str
    title: str
    language: Language
    text: str
    note: str = ""


class Place:
    """An environment's paths, as each language spells them."""

    def __init__(self, environment: Environment, archive: str) -> None:
        self.environment = environment
        self.kind = environment.kind
        self.prefix = environment.path
        self.interpreter = str(environment.interpreter)
        self.python = shlex.quote(self.interpreter)
        self.label = _UNSAFE.sub("-", environment.name).strip("-.") or "environment"
        self.archive = archive or f"{self.label}.tar.gz"
        self.isolated = self.kind in ("conda", "venv")
        """Whether its kernel keeps the user site out, so that a job should do so too."""

    def within(self, *parts: str) -> str:
        """A path in the environment, quoted for a shell."""
        return shlex.quote(os.path.join(self.prefix, *parts))

    def settings(self) -> list[str]:
        """The lines of a job's script that have it see what the kernel sees."""
        if not self.isolated:
            return []
        # A job that is submitted in the image brings the variables of the image's own Python.
        lines = ["unset PYTHONPATH PYTHONHOME"]
        if self.kind == "conda":
            return lines + without_conda(self)
        return [*lines, "export PYTHONNOUSERSITE=1"]

    @property
    def has_scripts(self) -> bool:
        """Whether its packages have something to do when it is activated."""
        return self.kind == "conda" and bool(activation_scripts(self.prefix))

    @property
    def isolation(self) -> str:
        """The same before a single command."""
        return "PYTHONNOUSERSITE=1 " if self.isolated else ""


def without_conda(place: Place) -> list[str]:
    """What `conda activate` does, by a shell alone."""
    prefix = shlex.quote(place.prefix)
    lines = [
        f"export CONDA_PREFIX={prefix} CONDA_DEFAULT_ENV={shlex.quote(default_name(place.prefix))}",
        f'export PATH={place.within("bin")}:"$PATH" CONDA_SHLVL=1 PYTHONNOUSERSITE=1',
    ]
    if environment_variables(place.prefix):
        state = place.within("conda-meta", "state")
        lines.append(f'eval "$({place.python} -c {shlex.quote(_READ_STATE)} {state})"')
    if activation_scripts(place.prefix):
        scripts = place.within("etc", "conda", "activate.d")
        lines.append(f'for f in {scripts}/*.sh; do if [ -r "$f" ]; then . "$f"; fi; done')
    return lines
