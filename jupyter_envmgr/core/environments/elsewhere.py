"""How an environment is used elsewhere: lines that are right for this very one, to be copied."""

from __future__ import annotations

import json
import os
import shlex
from dataclasses import dataclass

from ..kernels.activation import default_name
from . import clusters
from .model import Environment
from .snippets import Place, Snippet, without_conda


@dataclass(frozen=True)
class Elsewhere:
    """How an environment is used elsewhere. ``remarks`` hold for all snippets."""

    environment: str
    name: str
    path: str
    snippets: tuple[Snippet, ...]
    remarks: tuple[str, ...] = ()


def elsewhere(environment: Environment, archive: str = "") -> Elsewhere:
    """The snippets of an environment with an interpreter; none for one without.

    ``archive`` is the file name of a packed one, where there is one already.
    """
    snippets: tuple[Snippet, ...] = ()
    if environment.interpreter is not None:
        place = Place(environment, archive)
        made = (
            *_activation(place),
            *_fields(place),
            clusters.slurm(place),
            clusters.torchrun(place),
            clusters.dask(place),
            *clusters.spark(place),
            *clusters.ray(place),
            _editor(place),
        )
        snippets = tuple(made)
    return Elsewhere(
        environment.id, environment.name, environment.path, snippets, _remarks(environment)
    )


def _activation(place: Place) -> list[Snippet]:
    if place.kind == "venv":
        line = f"source {place.within('bin', 'activate')}"
        note = "`deactivate` leaves it. For fish: bin/activate.fish, for csh: bin/activate.csh."
        return [Snippet("activate", "Activate", "bash", line, note)]
    if place.kind == "conda":
        return [
            Snippet(
                "activate",
                "Activate with conda",
                "bash",
                f"conda activate {shlex.quote(place.prefix)}",
                "Where `conda init` was done; `mamba activate` and `micromamba activate` take the "
                "same path. In a script, first: "
                'eval "$(conda shell.bash hook)"',
            ),
            Snippet(
                "activate-without-conda",
                "Activate without conda",
                "bash",
                "\n".join(without_conda(place)),
                "Sets what `conda activate` would set, in bash or zsh; no conda is needed.",
            ),
        ]
    line = f'export PATH={shlex.quote(os.path.dirname(place.interpreter))}:"$PATH"'
    return [Snippet("activate", "Put it first", "bash", line, "It has no activation of its own.")]


def _fields(place: Place) -> list[Snippet]:
    found = [
        Snippet(
            "interpreter",
            "Interpreter",
            "text",
            place.interpreter,
            "The absolute path: needs no activation, so it is right in a job, a cron line or a "
            "remote debugger."
            + (
                " Activation scripts of its packages do not run this way."
                if place.has_scripts
                else ""
            ),
        )
    ]
    if place.kind == "conda":
        found += _conda_fields(place)
    elif place.kind == "venv":
        found.append(
            Snippet(
                "conda-env",
                "Instead of the field `conda_env`",
                "bash",
                f"{place.isolation}{place.python} train.py",
                "A training system's `conda_env` takes conda environments only, and this is none: "
                "leave the field empty and give this as the command.",
            )
        )
    return found


def _conda_fields(place: Place) -> list[Snippet]:
    name, parent = default_name(place.prefix), os.path.dirname(place.prefix)
    has_name = name != place.prefix
    note = "The path works wherever `conda activate` is run with the field's value."
    if not has_name:
        note += (
            f" By the name {os.path.basename(place.prefix)} conda finds it after: "
            f"conda config --append envs_dirs {shlex.quote(parent)}"
        )
    found = [
        Snippet("conda-env", "Field `conda_env` of a training system", "text", place.prefix, note)
    ]
    if has_name:
        found.append(
            Snippet(
                "conda-env-name",
                "The same, where a name is wanted",
                "text",
                name,
                f"For a conda that looks for environments in {parent}, as that which made it does."
                if name != "base"
                else f"For the conda that lies in {place.prefix}.",
            )
        )
    return found


def _editor(place: Place) -> Snippet:
    text = json.dumps({"python.defaultInterpreterPath": place.interpreter}, indent=2)
    note = (
        "In .vscode/settings.json. Or by hand: “Python: Select Interpreter”, “Enter interpreter "
        "path”. PyCharm: “Add Local Interpreter”, “Select existing”."
    )
    return Snippet("vscode", "VS Code", "json", text, note)


def _remarks(environment: Environment) -> tuple[str, ...]:
    found = []
    if environment.interpreter is None:
        why = environment.reason or "it has no Python"
        found.append(f"It cannot be used: {why}.")
    if environment.persistence.survives is False:
        found.append(
            f"{environment.path} goes with this container: no other machine sees it. Make an "
            "archive or a lock of it."
        )
    if environment.kind == "venv" and environment.base:
        found.append(
            f"It stands on {environment.base}: where that is missing, it does not start. Create it "
            "there again from its lock."
        )
    if environment.kind == "conda":
        found.append(
            "It works under this path only. Under another one, or where it is not mounted, import "
            "an archive of it."
        )
    return tuple(found)
