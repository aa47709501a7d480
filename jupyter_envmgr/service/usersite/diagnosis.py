"""Diagnosing the user site for a kernel or the image's Python, remembered while nothing changes."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ...core.commands import Command
from ...core.environments.disk import Disk
from ...core.errors import EnvMgrError
from ...core.kernels.model import Kernel
from ...core.kernels.scan import scan_kernels
from ...core.settings import Settings
from ...core.usersite import diagnosis as core
from ...core.usersite.base import UserBase, find_user_base
from ...core.usersite.diagnosis.elf import read_elf
from ...core.usersite.diagnosis.kept import Stamp
from ...core.usersite.diagnosis.requirement_check import forget as forget_requirements
from ...core.usersite.model import Diagnosis, Target
from ...system import process
from .place import image_name
from .proven import with_proofs
from .start import Start

if TYPE_CHECKING:
    from ..context import Context

_SECONDS = 30.0
_MOST = 16
_LOADER_CACHE = "/etc/ld.so.cache"
_VARIABLES = (
    *("PATH", "HOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONPATH", "LD_LIBRARY_PATH"),
    "JUPYTER_PREFER_ENV_PATH",
)


@dataclass(frozen=True)
class _Known:
    """A diagnosis, and everything that it was made from as it was then."""

    watched: tuple[str, ...]
    stamps: tuple[Stamp, ...]
    made: Diagnosis
    sites: tuple[str, ...]


_lock = threading.Lock()
_known: dict[tuple[str, ...], _Known] = {}
_runtimes: dict[tuple[str, str], tuple[tuple[str, ...], tuple[Stamp, ...], core.Runtime]] = {}
_kept = core.Kept()


def diagnose(
    settings: Settings, kernel: str = "", *, fresh: bool = False, context: Context | None = None
) -> Diagnosis:
    """What is wrong with the user site for this kernel; without one, for the image's Python.

    A kernel is looked up in ``context``; the image's Python needs none.

    Files are read, nothing is changed; the interpreter is started, isolated from the user site,
    the first time that it is asked for. The answer is remembered until something changes that it
    was made from. Raises ``no-such-kernel``, ``wrong-state``, ``interpreter-missing``.
    """
    start = Start(str(settings.image_interpreter), (), dict(settings.environ))
    if kernel and context:
        # Kernels need more than the standard library; a rescue does without them.
        from .probed import find_start

        start = find_start(context, kernel)
    key = (start.interpreter, *start.options, kernel, *_relevant(start.environ))
    with _lock:
        known = _known.get(key)
    if known and not fresh and core.stamps(known.watched) == known.stamps:
        return with_proofs(settings, known.made, known.sites)
    ground = _ground(settings, start)
    found = _kernels(settings)
    made = core.diagnose(
        ground,
        image=image_name(settings),
        kernels=found,
        places=_places(settings, ground),
    )
    kernel_files = [os.path.join(k.path, "kernel.json") for k in found]
    programs = [k.interpreter for k in found if k.interpreter]
    ground.watch(*map(str, settings.kernel_dirs), *kernel_files, *programs, _LOADER_CACHE)
    _remember(key, tuple(ground.watched), made, ground.user_sites)
    return with_proofs(settings, made, ground.user_sites)


def forget() -> None:
    """Forget everything that files said; what interpreters said of themselves stays."""
    with _lock:
        _known.clear()
    _kept.clear()
    forget_requirements()


def _remember(
    key: tuple[str, ...], watched: tuple[str, ...], made: Diagnosis, sites: tuple[str, ...]
) -> None:
    stamps = core.stamps(watched)
    with _lock:
        _known.pop(key, None)
        # What changed just now may change again without showing it.
        if all(map(core.is_settled, stamps)):
            _known[key] = _Known(watched, stamps, made, sites)
        while len(_known) > _MOST:
            del _known[next(iter(_known))]


def _ground(settings: Settings, start: Start) -> core.Ground:
    runtime = runtime_of(start)
    base = find_user_base(start.environ, settings.home)
    path = core.path_of(runtime, start.options, start.environ, base.path)
    libc, is_musl = core.libc_of(os.path.realpath(runtime.executable), _libc())
    system = core.System(
        libc,
        is_musl,
        tuple(p for p in start.environ.get("PATH", "").split(os.pathsep) if os.path.isabs(p)),
        start.environ,
        core.processor_flags(),
    )
    target = Target(
        interpreter=start.interpreter,
        prefix=runtime.prefix,
        python=runtime.minor,
        kernel=start.kernel,
        display_name=start.display_name,
    )
    ground = core.Ground(target, runtime, base, path, system, _kept)
    by_path = next((p for p in ground.user_sites if p != path.user_site), "")
    why = f"PYTHONPATH leads into {base.path}" if by_path else path.why
    ground.target = replace(target, visible=bool(ground.user_sites), why_visible=why)
    for problem in base.problems:
        ground.skip(problem)
    ground.watch(start.interpreter, *base_directories(base))
    return ground


def base_directories(base: UserBase) -> Iterable[str]:
    """Where a user base's new sites, commands and data would appear."""
    return (
        base.real,
        *(os.path.join(base.real, name) for name in ("lib", "bin", "etc/jupyter", "share/jupyter")),
        *(site.path for site in base.sites),
    )


def runtime_of(start: Start) -> core.Runtime:
    """What the interpreter says of itself; asked once while its files are the same.

    Raises ``interpreter-missing`` for one that does not start even in isolation.
    """
    # In a venv it is a link: what it is depends on where it is called.
    key = start.interpreter, start.environ.get("LD_LIBRARY_PATH", "")
    with _lock:
        known = _runtimes.get(key)
    if known and core.stamps(known[0]) == known[1]:
        return known[2]
    runtime = _ask(start)
    elf = read_elf(os.path.realpath(start.interpreter))
    if elf is not None and elf.machine:
        runtime = replace(runtime, machine=elf.machine)
    directory = os.path.dirname(start.interpreter)
    watched = (
        start.interpreter,
        os.path.realpath(start.interpreter),
        os.path.join(directory, "pyvenv.cfg"),
        os.path.join(os.path.dirname(directory), "pyvenv.cfg"),
        *runtime.sites,
    )
    stamps = core.stamps(watched)
    with _lock:
        if all(map(core.is_settled, stamps)):
            _runtimes[key] = watched, stamps, runtime
        while len(_runtimes) > _MOST:
            del _runtimes[next(iter(_runtimes))]
    return runtime


def _ask(start: Start) -> core.Runtime:
    environ = {**start.environ, "PYTHONUSERBASE": core.BASE}
    last = "it said nothing"
    # Python 2 and 3.3 have no -I.
    for options in (("-I",), ("-sE",)):
        argv = (start.interpreter, *options, "-B", "-c", core.PROGRAM.decode())
        outcome = process.run(
            Command(argv, environ, Path("/")),
            on_line=lambda stream, line: None,
            cancelled=lambda: False,
            timeout=_SECONDS,
            missing="interpreter-missing",
        )
        runtime = core.read_runtime(outcome.stdout)
        if runtime is not None:
            return runtime
        last = (outcome.stderr.strip().splitlines() or [last])[-1]
    raise EnvMgrError("interpreter-missing", f"{start.interpreter} does not start: {last}")


def _places(settings: Settings, ground: core.Ground) -> core.JupyterPlaces | None:
    """Where this server's Jupyter looks; None for a kernel of another Python."""
    prefix = os.path.realpath(settings.image_prefix)
    if ground.target.kernel and os.path.realpath(ground.runtime.prefix) != prefix:
        return None
    dirs = list(settings.kernel_dirs)
    user = [settings.user_kernels.parent]
    if ground.path.user_site:
        user.append(Path(ground.base.path) / "share" / "jupyter")
    mine = {os.path.realpath(path) for path in user}
    others = [d.parent for d in (*dirs, settings.image_kernels)]
    image = [p for p in dict.fromkeys(others) if os.path.realpath(p) not in mine]
    order = [d for d in dirs if d in (settings.user_kernels, settings.image_kernels)]
    if order and order[0] == settings.image_kernels:
        # JUPYTER_PREFER_ENV_PATH: then nothing of the user's hides anything.
        user = []
    config = (os.path.join(ground.base.real, "etc/jupyter"),) if ground.path.user_site else ()
    return core.JupyterPlaces(tuple(map(str, user)), tuple(map(str, image)), config)


def _kernels(settings: Settings) -> tuple[Kernel, ...]:
    image = image_name(settings)
    return tuple(found.kernel for found in scan_kernels(settings, Disk(), image).kernels)


def _libc() -> str:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").removeprefix("glibc ")
    except (OSError, ValueError):
        return ""


def _relevant(environ: Mapping[str, str]) -> list[str]:
    return [f"{name}={environ[name]}" for name in _VARIABLES if name in environ]
