"""The user base as it is now, and who loads it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Protocol

from ...core.environments.disk import read_text
from ...core.environments.model import Environment
from ...core.environments.mounts import MountTable
from ...core.environments.visibility import user_base, user_site_visible
from ...core.errors import EnvMgrError
from ...core.kernels.model import Kernel
from ...core.settings import Settings
from ...core.usersite import scan as core
from ...core.usersite.model import Scan, Visibility
from .place import place_of
from .recovery import unfinished

_LARGEST = 1 << 20


class HasEnvironments(Protocol):
    """A list of environments."""

    @property
    def environments(self) -> tuple[Environment, ...]: ...


class HasKernels(Protocol):
    """A list of kernels."""

    @property
    def kernels(self) -> tuple[Kernel, ...]: ...


class Listings(Protocol):
    """The part of the catalogue that says who could load the user site."""

    def environments(self) -> HasEnvironments: ...

    def kernels(self) -> HasKernels: ...


def scan(settings: Settings, *, size: bool = False, catalogue: Listings | None = None) -> Scan:
    """The user base from files alone; with ``catalogue``, also which environments and kernels
    see it. Changes nothing, takes no lock, never raises for what lies in the base.
    """
    try:
        cut = unfinished(place_of(settings))
    except EnvMgrError:
        cut = ""
    return core.scan(
        settings,
        MountTable(settings.environ).read(),
        size=size,
        visibility=tuple(_visibility(settings, catalogue)) if catalogue else (),
        unfinished=cut,
    )


def _visibility(settings: Settings, catalogue: Listings) -> Iterable[Visibility]:
    environments = {e.id: e for e in catalogue.environments().environments}
    for environment in environments.values():
        yield Visibility(
            "environment",
            environment.id,
            environment.name,
            environment.user_site,
            environment.user_site_why,
        )
    for kernel in catalogue.kernels().kernels:
        if kernel.language.lower() == "python":
            visible, why = kernel_visibility(settings, kernel, environments)
            yield Visibility("kernel", kernel.name, kernel.display_name, visible, why)


def kernel_visibility(
    settings: Settings, kernel: Kernel, environments: Mapping[str, Environment]
) -> tuple[bool, str]:
    """Whether a kernel loads the user site, by its own variables first, then its environment."""
    base = user_base(settings.environ, settings.home)
    if kernel.status != "ok":
        return False, f"it does not start: {kernel.reason}"
    variables = kernel_variables(Path(kernel.path))
    environment = environments.get(kernel.environment or "")
    python = environment.python if environment else ""
    switched = variables.get("PYTHONNOUSERSITE")
    if switched:
        visible, why = user_site_visible(
            sees_system=None,
            python=python or "3",
            environ={"PYTHONNOUSERSITE": switched},
            base=base,
            has_own_kernel=False,
        )
        if not visible:
            return False, f"kernel.json: {why}"
    argv = kernel_argv(Path(kernel.path))
    flags = [word for word in argv[1:4] if word.startswith("-") and not word.startswith("--")]
    if any(set(word[1:]) & set("sI") and word[1:].isalpha() for word in flags if word != "-m"):
        return False, "it starts Python with -s or -I"
    if environment is None:
        return True, f"its Python is not known here; as a rule it looks at {base}"
    if not environment.user_site:
        return False, environment.user_site_why
    own = variables.get("PYTHONUSERBASE")
    if own:
        return True, f"it looks at {own}, a user base of its own"
    return True, environment.user_site_why.partition(";")[0]


def kernel_variables(directory: Path) -> dict[str, str]:
    """The variables that a kernelspec sets; nothing where kernel.json cannot be read."""
    env = _kernel_json(directory).get("env")
    return {str(k): str(v) for k, v in env.items()} if isinstance(env, dict) else {}


def kernel_argv(directory: Path) -> list[str]:
    """The command of a kernelspec."""
    argv = _kernel_json(directory).get("argv")
    return [str(word) for word in argv] if isinstance(argv, list) else []


def _kernel_json(directory: Path) -> dict[str, object]:
    try:
        data = json.loads(read_text(str(directory / "kernel.json"), _LARGEST))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}
