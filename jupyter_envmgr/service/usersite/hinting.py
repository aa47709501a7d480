"""Whether an error of a notebook may come from the user site that its kernel loads."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from ...core.environments.model import Environment
from ...core.kernels.model import Kernel
from ...core.usersite.base import find_user_base, read_base
from ...core.usersite.hint import hint
from ..answers import ErrorHint
from ..context import Context
from ..requests import HintRequest
from .scanning import kernel_variables, kernel_visibility

_LARGEST = 200_000


def hint_for(context: Context, request: HintRequest) -> ErrorHint:
    """What to say about an error: nothing for most, and for a kernel without the user site."""
    settings = context.settings
    base = find_user_base(settings.environ, settings.home)
    python = ""
    image: list[str] = []
    kernels = context.catalogue.kernels().kernels
    kernel = next((one for one in kernels if one.name == request.kernel), None)
    if kernel is not None:
        environments = {e.id: e for e in context.catalogue.environments().environments}
        if not kernel_visibility(settings, kernel, environments)[0]:
            return ErrorHint(found=False)
        own = kernel_variables(Path(kernel.path)).get("PYTHONUSERBASE")
        base = read_base(own) if own else base
        python, image = _interpreter(kernel, environments)
    found = hint(
        request.ename,
        request.evalue[:_LARGEST],
        _last_lines(request.traceback),
        base,
        home=str(settings.home),
        python=python,
        image=image,
    )
    if found is None:
        return ErrorHint(found=False)
    return ErrorHint(True, found.distribution, found.version, found.sentence)


def _interpreter(kernel: Kernel, environments: Mapping[str, Environment]) -> tuple[str, list[str]]:
    """The minor that a kernel starts, and the site directories of its environment."""
    environment = environments.get(kernel.environment or "")
    if environment is None:
        return "", []
    minor = ".".join(environment.python.split(".")[:2])
    library = Path(environment.path) / f"lib/python{minor}"
    return minor, [str(library / name) for name in ("site-packages", "dist-packages")]


def _last_lines(lines: tuple[str, ...]) -> list[str]:
    """The end of a traceback, where the error is: a cell may have printed megabytes."""
    kept: list[str] = []
    room = _LARGEST
    for line in reversed(lines):
        kept.append(line[-room:])
        room -= len(line)
        if room <= 0:
            break
    return kept[::-1]
