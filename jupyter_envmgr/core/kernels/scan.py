"""The kernelspecs that Jupyter finds, and the Python that each would start."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from ..environments.disk import Disk, read_bytes, reason, shown
from ..environments.model import KernelOf
from ..environments.pyvenv import follow
from ..environments.versions import is_python_name
from ..settings import Settings
from .model import KERNEL_METADATA, Kernel

_NAME = re.compile(r"[a-z0-9._-]+", re.IGNORECASE)
_LARGEST = 1 << 20
_LONGEST = 300
_MOST = 5000


@dataclass(frozen=True)
class FoundKernel:
    """A kernelspec as it lies on the disk; ``kernel.environment`` is not known here.

    ``interpreter`` is the Python that it starts, as jupyter_client would take it, and ``prefix``
    where that lives; None where it starts something else. ``owner`` is the prefix that
    ``metadata.envmgr`` names. ``link`` is how its environment names it.
    """

    kernel: Kernel
    link: KernelOf
    interpreter: str | None = None
    prefix: str | None = None
    owner: str | None = None


@dataclass(frozen=True)
class KernelScan:
    """All kernelspecs, by name, and what kept us from seeing more."""

    kernels: tuple[FoundKernel, ...]
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Spec:
    """What kernel.json says; ``fault`` if it cannot be used."""

    display_name: str = ""
    language: str = ""
    program: str = ""
    ours: bool = False
    owner: str | None = None
    image: str = ""
    fault: str = ""


def scan_kernels(settings: Settings, disk: Disk, image: str = "") -> KernelScan:
    """The kernelspecs in Jupyter's order of directories: of a name the first one counts.

    ``image`` is the name of this image, to tell a kernel of another one from a dead one.
    """
    found: dict[str, FoundKernel] = {}
    warnings = []
    for directory in map(str, settings.kernel_dirs):
        listing = disk.listing(directory, _MOST)
        if listing.cut:
            warnings.append(f"{shown(directory)}: only the first {_MOST} kernels were looked at.")
        for name, file in _specs(disk, directory, listing.names):
            # Jupyter compares names in lower case (KernelSpecManager.find_kernel_specs).
            if name.lower() not in found:
                found[name.lower()] = _kernel(settings, disk, name, file, image)
    return KernelScan(tuple(found[name] for name in sorted(found)), tuple(warnings))


def _specs(disk: Disk, directory: str, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in names:
        file = f"{directory}/{name}/kernel.json"
        if disk.exists(file):
            yield name, file


def _kernel(settings: Settings, disk: Disk, name: str, file: str, image: str) -> FoundKernel:
    disk.signature(file)
    spec = disk.remember(("spec", file), lambda: _read(file), lambda _: (file,))
    program = _resolved(settings, disk, spec.program)
    return disk.remember(
        ("kernel", file, program, image),
        lambda: _made(disk, spec, name, file, program, image),
        lambda _: (file, program) if program else (file,),
    )


def _made(disk: Disk, spec: _Spec, name: str, file: str, program: str, image: str) -> FoundKernel:
    status, why = _judge(disk, spec, name, program, image)
    is_python = os.path.isabs(program) and is_python_name(os.path.basename(program))
    kernel = Kernel(
        name=shown(name.lower()),
        display_name=spec.display_name or shown(name),
        path=shown(os.path.dirname(file)),
        managed=spec.ours,
        status=status,
        language=spec.language or ("python" if is_python else ""),
        interpreter=shown(program) if is_python else None,
        reason=shown(why),
    )
    link = KernelOf(kernel.name, kernel.display_name, kernel.managed)
    if not is_python:
        return FoundKernel(kernel, link, owner=spec.owner)
    program = os.path.normpath(program)
    prefix = os.path.dirname(os.path.dirname(program))
    return FoundKernel(kernel, link, program, prefix, spec.owner)


def _read(file: str) -> _Spec:
    """kernel.json as jupyter_client reads it, where that would not fail."""
    try:
        data = json.loads(read_bytes(file, _LARGEST).decode())
    except OSError as error:
        return _Spec(fault=f"kernel.json cannot be read: {reason(error)}")
    except UnicodeDecodeError:
        return _Spec(fault="kernel.json is not UTF-8")
    except (ValueError, RecursionError) as error:
        return _Spec(fault=f"kernel.json is not JSON: {str(error)[:_LONGEST]}")
    if not isinstance(data, dict):
        return _Spec(fault="kernel.json is not an object")
    argv = data.get("argv")
    display_name, language = _text(data.get("display_name")), _text(data.get("language"))
    if not isinstance(argv, list) or not all(isinstance(word, str) for word in argv):
        return _Spec(
            display_name, language, fault="kernel.json has no argv that is a list of words"
        )
    metadata = data.get("metadata")
    ours = metadata.get(KERNEL_METADATA) if isinstance(metadata, dict) else None
    mark: dict[str, Any] = ours if isinstance(ours, dict) else {}
    return _Spec(
        display_name,
        language,
        program=argv[0] if argv else "",
        ours=isinstance(ours, dict),
        owner=mark["prefix"] if isinstance(mark.get("prefix"), str) else None,
        image=_text(mark.get("image")),
        # Other provisioners (metadata.kernel_provisioner) start kernels without an argv.
        fault="" if argv or _has_provisioner(metadata) else "kernel.json has an empty argv",
    )


def _has_provisioner(metadata: object) -> bool:
    return isinstance(metadata, dict) and "kernel_provisioner" in metadata


def _text(value: object) -> str:
    return shown(value)[:_LONGEST] if isinstance(value, str) else ""


def _resolved(settings: Settings, disk: Disk, program: str) -> str:
    """argv[0] as jupyter_client takes it (KernelManager.format_kernel_cmd).

    ``python`` is the server's own, and so are ``python3`` and ``python3.X`` of its version; other
    names are looked for on PATH. Unchanged if it is not found.
    """
    if not program or os.path.isabs(program):
        return program
    own = os.path.basename(os.path.realpath(settings.image_interpreter))
    if program in ("python", "python3", own):
        return str(settings.image_interpreter)
    if os.sep in program:
        return program
    for directory in settings.environ.get("PATH", "").split(os.pathsep):
        path = os.path.join(directory, program)
        if os.path.isabs(path) and disk.is_file(path):
            return path
    return program


def _judge(disk: Disk, spec: _Spec, name: str, program: str, image: str) -> tuple[str, str]:
    if spec.fault:
        return "broken", spec.fault
    if not _NAME.fullmatch(name):
        return "broken", "Jupyter does not take this directory name"
    if not program:
        return "ok", ""
    if not os.path.isabs(program):
        return "dead", f"{program} is not on PATH"
    if disk.is_file(program):
        executable = disk.signature(program)[4] & 0o111
        return ("ok", "") if executable else ("dead", f"{program} is not a program")
    if spec.ours and spec.image and image and spec.image != image:
        return "foreign", f"it was made in the image {spec.image}; {program} is not here"
    target, _ = follow(program)
    if target != program and not target.startswith(os.path.dirname(os.path.dirname(program)) + "/"):
        return (
            "foreign",
            f"its Python is not here: {target} belongs to another image, or was removed",
        )
    return "dead", f"{program} is not here"
