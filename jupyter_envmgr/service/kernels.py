"""Registering and unregistering the kernel of an environment."""

from __future__ import annotations

import importlib.util
import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..core.environments.model import Environment
from ..core.errors import EnvMgrError, FieldError
from ..core.kernels.activation import LAUNCHER_NAME
from ..core.kernels.launcher import LAUNCHER
from ..core.kernels.model import KERNEL_METADATA, Kernel, RegisterRequest
from ..core.kernels.spec import KernelTarget, display_name, kernel_json
from ..core.names import check_name, kernel_name
from ..core.plans import Plan, PlanStep
from ..core.settings import Settings
from ..system import holder, kernelspecs
from .context import Context

_LOGOS = ("logo-32x32.png", "logo-64x64.png", "logo-svg.svg")


@dataclass(frozen=True)
class Registration:
    """A kernelspec that is to be written."""

    name: str
    display_name: str
    directory: Path
    target: KernelTarget


def plan_register(context: Context, request: RegisterRequest) -> Plan:
    """What `register` would write and where."""
    registration = _prepare(context, request)
    replaces = registration.directory.exists()
    step = PlanStep(
        "replace" if replaces else "write",
        str(registration.directory),
        f"{registration.display_name} → {registration.target.interpreter}",
    )
    return Plan(
        operation="kernels.register",
        subject=registration.name,
        summary=f"{registration.display_name} will appear in the launcher and the kernel picker.",
        steps=(step,),
    ).sealed()


def register(context: Context, request: RegisterRequest) -> Kernel:
    """Write the kernelspec of an environment. A kernelspec that is not ours is never touched."""
    registration = _prepare(context, request)
    write(registration)
    context.catalogue.forget()
    return find(context, registration.name)


def _prepare(context: Context, request: RegisterRequest) -> Registration:
    environment = context.catalogue.environment(request.environment)
    if environment.interpreter is None or environment.status != "ready":
        raise EnvMgrError(
            "wrong-state",
            f"{environment.name} is {environment.status}: {environment.reason or 'no Python'}",
        )
    name = check_kernel_name(request.name) if request.name else kernel_name(_slug(environment))
    if not _has_ipykernel(context, environment):
        raise EnvMgrError("ipykernel-missing", f"ipykernel is not installed in {environment.name}")
    target = KernelTarget(
        id=environment.id,
        prefix=Path(environment.path),
        interpreter=Path(environment.interpreter),
        kind=environment.kind,
        python=environment.python,
        image=context.catalogue.image().name,
        host=holder.current(context.settings.door).host,
    )
    label = request.display_name or environment.display_name
    return prepare(
        context.settings,
        name,
        label or display_name(environment.python, environment.name),
        target,
        survives=environment.persistence.survives,
    )


def check_kernel_name(name: str) -> str:
    """A kernel name that a person chose: the rule of environment names."""
    return check_name(name)


def _slug(environment: Environment) -> str:
    return environment.id.replace("@", "--")


def _has_ipykernel(context: Context, environment: Environment) -> bool:
    packages = context.catalogue.packages(environment.id).packages
    return any(package.name.lower() == "ipykernel" for package in packages)


def prepare(
    settings: Settings, name: str, label: str, target: KernelTarget, *, survives: bool | None
) -> Registration:
    """Where a kernelspec goes: with the person if its environment stays, else with the image.

    Raises ``kernel-taken`` if Jupyter finds another kernelspec of that name, wherever it lies:
    one of the two would hide the other.
    """
    stays = survives is not False or not kernelspecs.is_writable(settings.image_kernels)
    directory = (settings.user_kernels if stays else settings.image_kernels) / name
    for place in dict.fromkeys((directory.parent, *settings.kernel_dirs)):
        taken = _taken_by_another(place / name, target)
        if taken:
            rows = (FieldError("name", taken, "kernel-taken"),)
            raise EnvMgrError("kernel-taken", taken, errors=rows)
    return Registration(name, label, directory, target)


def _taken_by_another(directory: Path, target: KernelTarget) -> str:
    """Why a kernelspec may not be written over what is there; empty if it may.

    It may over one of ours that starts this very prefix, or one that is gone from this host.
    """
    if not directory.exists():
        return ""
    mark = _mark(directory)
    owner = ours(directory)
    if owner is None:
        return f"the kernelspec {directory} was not made by jupyter_envmgr"
    if owner == str(target.prefix):
        return ""
    if Path(owner).exists():
        return f"the kernel {directory.name} starts {owner}"
    if mark.get("host") == target.host:
        return ""
    return (
        f"the kernel {directory.name} starts {owner}, which is not here; if no other container "
        f"has it either: jupyter envmgr kernels remove {directory.name}"
    )


def ours(directory: Path) -> str | None:
    """The prefix that a kernelspec of ours starts; None if it is not ours."""
    prefix = _mark(directory).get("prefix")
    return prefix if isinstance(prefix, str) else None


def _mark(directory: Path) -> dict[str, Any]:
    """What we noted in a kernelspec; nothing where we did not write it."""
    try:
        spec = json.loads((directory / "kernel.json").read_bytes())
        mark = spec["metadata"][KERNEL_METADATA]
    except (OSError, ValueError, KeyError, TypeError):
        return {}
    return mark if isinstance(mark, dict) else {}


def find(context: Context, name: str) -> Kernel:
    """The registered kernel of that name. Raises ``no-such-kernel``."""
    for kernel in context.catalogue.kernels().kernels:
        if kernel.name == name:
            return kernel
    raise EnvMgrError("no-such-kernel", f"there is no kernel {name!r}")


def write(registration: Registration) -> None:
    """Put the kernelspec in place, atomically, with ipykernel's logos where they are here."""
    spec = kernel_json(registration.target, registration.display_name)
    # Jupyter would fill it in, other starters of kernels do not (microsoft/vscode-jupyter#16344).
    place = str(registration.directory)
    spec["argv"] = [word.replace("{resource_dir}", place) for word in spec["argv"]]
    kernelspecs.install(registration.directory, _files(spec, registration.display_name))


def take_back(registration: Registration) -> None:
    """Remove a kernelspec that `write` wrote, and no other."""
    if ours(registration.directory) == str(registration.target.prefix):
        kernelspecs.uninstall(registration.directory)


def rename(context: Context, name: str, label: str) -> None:
    """Give a kernelspec of ours another display name; one that is gone or not ours is left."""
    for kernel in context.catalogue.kernels().kernels:
        directory = Path(kernel.path)
        if kernel.name == name and ours(directory) is not None:
            spec = json.loads((directory / "kernel.json").read_bytes())
            kernelspecs.install(directory, _files(spec, label))


def _files(spec: dict[str, Any], label: str) -> dict[str, bytes]:
    text = json.dumps({**spec, "display_name": label}, indent=1, ensure_ascii=False)
    files = {**_logos(), "kernel.json": text.encode() + b"\n"}
    if any(word.endswith(f"/{LAUNCHER_NAME}") for word in spec["argv"][:2]):
        files[LAUNCHER_NAME] = LAUNCHER.encode()
    return files


def _logos() -> dict[str, bytes]:
    found = importlib.util.find_spec("ipykernel")
    logos = {}
    for place in (found.submodule_search_locations or ()) if found else ():
        for name in _LOGOS:
            file = Path(place) / "resources" / name
            if file.is_file():
                logos[name] = file.read_bytes()
    return logos


def plan_unregister(context: Context, name: str) -> Plan:
    """What `unregister` would remove. A kernelspec that is not ours needs force."""
    kernel = find(context, name)
    running = [k for k in context.running_kernels() if k.name == name]
    refusal = ""
    if running:
        refusal = f"{len(running)} running kernel(s) of this server use it."
    elif not kernel.managed:
        refusal = "It was not made by jupyter_envmgr."
    action = "delete" if kernel.managed else "set aside"
    return Plan(
        operation="kernels.unregister",
        subject=name,
        summary=f"{kernel.display_name} disappears from the launcher and the kernel picker. "
        "The environment that it starts stays.",
        steps=(PlanStep(action, kernel.path, kernel.display_name),),
        refusal=refusal,
        forceable=bool(refusal),
    ).sealed()


def unregister(
    context: Context, name: str, digest: str | None = None, force: bool = False
) -> Kernel:
    """Remove a kernelspec that is ours; with ``force`` set another one aside, to be put back."""
    plan = plan_unregister(context, name)
    check_digest(plan, digest)
    kernel = find(context, name)
    if plan.refusal and not force:
        code = "read-only" if not kernel.managed else "kernel-running"
        raise EnvMgrError(code, f"{kernel.display_name}: {plan.refusal}")
    if kernel.managed:
        kernelspecs.uninstall(Path(kernel.path))
    else:
        kernelspecs.set_aside(Path(kernel.path), time.strftime("%Y-%m-%dT%H%M%S"))
    context.catalogue.forget()
    return kernel


def check_digest(plan: Plan, digest: str | None) -> None:
    """Raise ``plan-changed`` if a digest is given and the plan is no longer that one."""
    if digest is not None and digest != plan.digest:
        raise EnvMgrError(
            "plan-changed", f"{plan.subject}: what would be done is no longer what was shown"
        )
