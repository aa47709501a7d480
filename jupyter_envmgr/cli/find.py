"""Which environment a person means, and what the shell offers to complete."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.environments.model import Environment
from ..core.errors import EnvMgrError
from .verbs import complete_with

if TYPE_CHECKING:
    from ..service.context import Context


def find_environment(context: Context, text: str) -> Environment:
    """The environment with that id; else the only one with that name, or at that path.

    Raises ``no-such-environment``, which lists the ids where several have the name.
    """
    try:
        return context.catalogue.environment(text)
    except EnvMgrError as error:
        if error.code != "no-such-environment":
            raise
        missing = error
    environments = context.catalogue.environments().environments
    found = [e for e in environments if text in (e.name, e.path)]
    if not found and "/" in text:
        path = str(Path(text).absolute())
        found = [e for e in environments if e.path == path]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(f"{e.id} ({e.path})" for e in found)
        raise EnvMgrError(
            "no-such-environment",
            f"{len(found)} environments are called {text!r}: {ids}",
            hint="Use the id.",
        )
    raise missing


def find_image(context: Context) -> Environment:
    """The image's own Python."""
    for environment in context.catalogue.environments().environments:
        if environment.kind == "image":
            return environment
    raise EnvMgrError("no-such-environment", "the image's own Python was not found")


def add_environment(parser: argparse._ActionsContainer, *flags: str, **options: Any) -> None:
    """An argument that names an environment, completed from those that are here."""
    what = {"metavar": "NAME", "help": "name, id or path of the environment", **options}
    complete_with(parser.add_argument(*(flags or ("name",)), **what), complete_environments)


def complete_environments(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """What the shell offers for an environment."""
    context = _context(parsed_args)
    return [e.id for e in context.catalogue.environments().environments]


def complete_kernels(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """What the shell offers for a kernel."""
    return [kernel.name for kernel in _context(parsed_args).catalogue.kernels().kernels]


def complete_jobs(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """What the shell offers for a job."""
    return [job.id for job in _context(parsed_args).jobs.list().jobs]


def complete_pythons(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """What the shell offers for a Python: the versions that are here or can be had."""
    found = _context(parsed_args).catalogue.interpreters().interpreters
    return list(dict.fromkeys(interpreter.version for interpreter in found))


def complete_locations(parsed_args: argparse.Namespace, **_: object) -> list[str]:
    """What the shell offers for a location."""
    return [location.name for location in _context(parsed_args).settings.locations]


def _context(parsed_args: argparse.Namespace) -> Context:
    import os

    from .opening import open_context, open_settings

    return open_context(open_settings(getattr(parsed_args, "root", None), os.environ))
