"""Diagnosing the user site for a kernel or the image's Python, remembered while nothing changes."""

from __future__ import annotations

import os
import platform
import threading
from collections.abc import Mapping
from pathlib import Path

from ...core.commands import Command
from ...core.environments.disk import Disk
from ...core.errors import EnvMgrError
from ...core.kernels.model import Kernel
from ...core.kernels.scan import scan_kernels
from ...core.settings import Settings
from ...core.usersite.base import UserBase, read_base
from ...core.usersite.diagnosis import diagnose as find
from ...core.usersite.diagnosis import read_ground
from ...core.usersite.model import Diagnosis
from ...system import process
from ..context import Context
from .place import image_name
from .probed import LOOK, Sight, Start, find_start, read_look, target_of

_SECONDS = 30.0
_SITES = ("site-packages", "dist-packages")
_MOST = 16
_Stamp = tuple[object, ...]
_lock = threading.Lock()
_known: dict[tuple[str, ...], tuple[_Stamp, Diagnosis]] = {}


def diagnose(
    settings: Settings, kernel: str = "", *, fresh: bool = False, context: Context | None = None
) -> Diagnosis:
    """What is wrong with the user site for this kernel; without one, for the image's Python.

    A kernel is looked up in ``context``; the image's Python needs none.

    Files are read, nothing is changed; the interpreter is started once to ask for its path. The
    answer is remembered until a directory that it was made from changes. Raises
    ``no-such-kernel``, ``wrong-state``, ``interpreter-missing``.
    """
    image = Start(str(settings.image_interpreter), (), dict(settings.environ))
    start = find_start(context, kernel) if kernel and context else image
    key = (start.interpreter, *start.options, kernel, *sorted(_relevant(start.environ)))
    with _lock:
        known = _known.get(key)
    if known and not fresh and known[0] == _stamp(settings, known[1]):
        return known[1]
    made = _diagnose(settings, start)
    with _lock:
        _known[key] = (_stamp(settings, made), made)
        while len(_known) > _MOST:
            del _known[next(iter(_known))]
    return made


def _diagnose(settings: Settings, start: Start) -> Diagnosis:
    sight = _look(start)
    base = read_base(sight.user_base)
    inside = any(os.path.normpath(p) == os.path.normpath(sight.user_site) for p in sight.path)
    target = target_of(start, sight, inside)
    image_sites = [p for p in sight.path if os.path.basename(p) in _SITES and os.path.isdir(p)]
    ground = read_ground(
        target,
        base,
        image_sites,
        [p for p in start.environ.get("PATH", "").split(os.pathsep) if p],
        platform.machine(),
        _libc(),
    )
    return find(target, base, ground, image=image_name(settings), kernels=_kernels(settings))


def _look(start: Start) -> Sight:
    command = Command((*start.argv, "-c", LOOK.decode()), start.environ, Path("/"))
    outcome = process.run(
        command,
        on_line=lambda stream, line: None,
        cancelled=lambda: False,
        timeout=_SECONDS,
        missing="interpreter-missing",
    )
    sight = read_look(outcome.stdout)
    if sight is None:
        last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise EnvMgrError("interpreter-missing", f"{start.interpreter} does not start: {last}")
    return sight


def _kernels(settings: Settings) -> tuple[Kernel, ...]:
    return tuple(found.kernel for found in scan_kernels(settings, Disk()).kernels)


def _libc() -> str:
    try:
        return (os.confstr("CS_GNU_LIBC_VERSION") or "").removeprefix("glibc ")
    except (OSError, ValueError):
        return ""


def _relevant(environ: Mapping[str, str]) -> list[str]:
    names = ("PATH", "HOME", "PYTHONUSERBASE", "PYTHONNOUSERSITE", "PYTHONPATH", "PYTHONHOME")
    return [f"{name}={environ[name]}" for name in names if name in environ]


def _stamp(settings: Settings, made: Diagnosis) -> _Stamp:
    """Of every directory whose change can change the answer."""
    base: UserBase = read_base(made.base)
    prefix = Path(made.target.prefix)
    places = [*(site.path for site in base.sites), os.path.join(base.real, "bin")]
    places += [str(settings.user_kernels), made.target.interpreter]
    places += [str(p) for p in prefix.glob("lib/python*/*-packages")]
    return tuple((place, _time(place)) for place in places)


def _time(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
