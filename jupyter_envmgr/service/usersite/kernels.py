"""The mild remedies: a kernel that does not load the user site, or has a user base of its own."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...core.environments.disk import Disk, read_bytes, reason
from ...core.environments.versions import interpreter_version
from ...core.errors import EnvMgrError
from ...core.kernels.scan import scan_kernels
from ...core.names import check_name
from ...core.plans import Plan, PlanStep
from ...core.settings import Settings
from ...core.usersite.kernel_edit import MARK, Edit, edited, undone
from ...system import durable
from ...system.oserrors import explain_os_error
from .place import image_name, slug

ORIGINAL = ".kernel.json.before-envmgr"
_LARGEST = 1 << 20


@dataclass(frozen=True)
class _Kernel:
    name: str
    directory: Path
    interpreter: str
    data: bytes
    spec: Mapping[str, Any]


def plan_isolate(settings: Settings, kernel: str) -> Plan:
    """What `isolate` would write."""
    found = _find(settings, kernel)
    return _plan("usersite.isolate", found, Edit("isolate", {"PYTHONNOUSERSITE": "1"}))


def isolate(settings: Settings, kernel: str, digest: str | None = None) -> Plan:
    """Have a kernel start with PYTHONNOUSERSITE=1, so that it loads nothing of the user site.

    An edit of its kernel.json alone, at once, whoever wrote it; `undo` takes it back. Raises
    ``no-such-kernel``, ``wrong-state`` if it was edited so before, and what the disk says.
    """
    found = _find(settings, kernel)
    edit = Edit("isolate", {"PYTHONNOUSERSITE": "1"})
    plan = _plan("usersite.isolate", found, edit)
    _check(plan, digest)
    _write(found, edit)
    return plan


def profile_name(settings: Settings) -> str:
    """The name that a profile for this image has if nobody chooses another."""
    return slug(image_name(settings))[:60].strip("-_.") or "image"


def profile_base(settings: Settings, name: str) -> Path:
    """The user base of a profile: not below ~/.local, which people move away."""
    return settings.root / "profiles" / check_name(name)


def plan_profile(settings: Settings, kernel: str, name: str = "") -> Plan:
    """What `profile` would make and write."""
    found = _find(settings, kernel)
    return _plan("usersite.profile", found, _profile(settings, found, name))


def profile(settings: Settings, kernel: str, name: str = "", digest: str | None = None) -> Plan:
    """Give a kernel a user base of its own, so that each image keeps its own user packages.

    Its site directory is made first: a Python that starts without one does not look there later.
    Undone by `undo`, which leaves the packages of the profile where they are.
    """
    found = _find(settings, kernel)
    edit = _profile(settings, found, name)
    plan = _plan("usersite.profile", found, edit)
    _check(plan, digest)
    base = Path(edit.variables["PYTHONUSERBASE"])
    try:
        durable.make_directory(base / _site(found), exist_ok=True)
        durable.make_directory(base / "bin", exist_ok=True)
    except OSError as error:
        raise explain_os_error(error, f"cannot make {base}") from error
    _write(found, edit)
    return plan


def undo(settings: Settings, kernel: str) -> Plan:
    """Take back `isolate` or `profile`: byte for byte, unless somebody edited it since."""
    found = _find(settings, kernel)
    kept = found.directory / ORIGINAL
    spec = undone(found.spec)
    if spec is None:
        raise EnvMgrError("wrong-state", f"{kernel} was not changed by us")
    data = _json(spec)
    try:
        before = read_bytes(str(kept), _LARGEST)
        if json.loads(before) == spec:
            data = before
    except (OSError, ValueError):
        pass
    try:
        durable.write_file(found.directory / "kernel.json", data)
        if os.path.lexists(kept):
            durable.unlink(kept)
    except OSError as error:
        raise explain_os_error(error, f"cannot write the kernelspec of {kernel}") from error
    step = PlanStep("write", str(found.directory / "kernel.json"), "as it was before")
    return Plan("usersite.undo", kernel, f"{kernel} is as it was before.", (step,)).sealed()


def _find(settings: Settings, name: str) -> _Kernel:
    disk = Disk()
    for found in scan_kernels(settings, disk).kernels:
        if found.kernel.name == name.lower():
            break
    else:
        raise EnvMgrError(
            "no-such-kernel",
            f"there is no kernelspec {name!r} on the disk; Jupyter makes one up for its own Python",
            hint="Register that Python as a kernel first.",
        )
    directory = Path(found.kernel.path)
    try:
        data = read_bytes(str(directory / "kernel.json"), _LARGEST)
        spec = json.loads(data)
    except OSError as error:
        raise EnvMgrError("wrong-state", f"{directory}: {reason(error)}") from error
    except ValueError as error:
        raise EnvMgrError("wrong-state", f"{directory}: kernel.json is no JSON") from error
    if found.kernel.status == "broken" or not isinstance(spec, dict):
        raise EnvMgrError("wrong-state", f"{name}: {found.kernel.reason}")
    return _Kernel(found.kernel.name, directory, found.interpreter or "", data, spec)


def _profile(settings: Settings, kernel: _Kernel, name: str) -> Edit:
    base = profile_base(settings, name or profile_name(settings))
    quoted = str(base).replace("$", "$$")
    previous = kernel.spec.get("env")
    path = previous.get("PATH", "${PATH}") if isinstance(previous, dict) else "${PATH}"
    return Edit(
        "profile",
        {"PYTHONUSERBASE": quoted, "PATH": f"{quoted}/bin:{path}", "PYTHONNOUSERSITE": ""},
    )


def _site(kernel: _Kernel) -> str:
    version = interpreter_version(Disk(), os.path.realpath(kernel.interpreter))
    minor = ".".join(version.split(".")[:2])
    if not kernel.interpreter or not minor:
        raise EnvMgrError("wrong-state", f"which Python {kernel.name} starts is not known")
    return f"lib/python{minor}/site-packages"


def _plan(operation: str, kernel: _Kernel, edit: Edit) -> Plan:
    file = kernel.directory / "kernel.json"
    steps = [PlanStep("set", f"{k}={v}", str(file)) for k, v in edit.variables.items() if v]
    if edit.kind == "profile":
        steps.insert(0, PlanStep("make", edit.variables["PYTHONUSERBASE"], _site(kernel)))
    refusal = ""
    if undone(kernel.spec) is not None:
        refusal = f"{kernel.name} was changed so already: undo that first."
    elif not os.access(kernel.directory, os.W_OK):
        refusal = f"{kernel.directory} is not writable."
    words = "loads nothing of the user site" if edit.kind == "isolate" else "gets its own user base"
    return Plan(
        operation=operation,
        subject=kernel.name,
        summary=f"{kernel.name} {words} from its next start on. This can be undone.",
        steps=tuple(steps),
        refusal=refusal,
    ).sealed()


def _check(plan: Plan, digest: str | None) -> None:
    if digest is not None and digest != plan.digest:
        raise EnvMgrError("plan-changed", f"{plan.subject} has changed since it was shown")
    if plan.refusal:
        code = "not-permitted" if plan.refusal.endswith("writable.") else "wrong-state"
        raise EnvMgrError(code, plan.refusal)


def _write(kernel: _Kernel, edit: Edit) -> None:
    """The original is on the disk beside it before kernel.json changes."""
    try:
        durable.write_file(kernel.directory / ORIGINAL, kernel.data, mode=0o600)
        durable.write_file(kernel.directory / "kernel.json", _json(edited(kernel.spec, edit)))
    except OSError as error:
        raise explain_os_error(error, f"cannot write the kernelspec of {kernel.name}") from error


def _json(spec: Mapping[str, Any]) -> bytes:
    return (json.dumps(spec, indent=1, ensure_ascii=False) + "\n").encode()


__all__ = [
    "MARK",
    "isolate",
    "plan_isolate",
    "plan_profile",
    "profile",
    "profile_base",
    "profile_name",
    "undo",
]
