"""Arriving on another image than last time: noted when a server starts, said once."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.clock import now
from ...core.errors import EnvMgrError
from ...core.settings import Settings
from ...core.wire import from_wire, to_wire
from ...system import durable
from ...system.regular import open_regular
from ..answers import Arrival
from ..context import Context
from .diagnosis import diagnose
from .kernels import profile_name
from .place import image_name

_LARGEST = 1 << 16
_SHOWN = 5
_TELLING = ("proven", "will-fail", "risk")


@dataclass(frozen=True)
class _Visit:
    """The image that a server started on last, and the one before it."""

    image: str
    since: str
    previous: str = ""
    told: bool = False


def note_arrival(settings: Settings) -> None:
    """Note the image that a server starts on. Where it is that of the last time, nothing changes.

    Of two containers that take turns each start is an arrival: what clashes, clashes again.
    """
    image = image_name(settings)
    last = _read(settings)
    if last is not None and last.image == image:
        return
    _write(settings, _Visit(image, now(), previous=last.image if last else ""))


def arrival(context: Context) -> Arrival:
    """What to tell who has just arrived. Diagnoses only where there is something to tell."""
    settings = context.settings
    visit = _read(settings) or _Visit(image_name(settings), "")
    answer = Arrival(
        image=visit.image,
        previous=visit.previous,
        is_other_image=bool(visit.previous),
        told=visit.told,
        visible=False,
        counts={},
        clashes=(),
        profile=profile_name(settings),
    )
    if not answer.is_other_image or answer.told:
        return answer
    found = diagnose(settings, context=context)
    telling = [one for one in found.findings if one.severity in _TELLING]
    return replace(
        answer,
        visible=found.target.visible,
        counts=found.counts,
        clashes=tuple(f"{one.subject}: {one.detail}" for one in telling[:_SHOWN]),
    )


def told(context: Context) -> Arrival:
    """Note that the person was told."""
    visit = _read(context.settings)
    if visit is not None and not visit.told:
        _write(context.settings, replace(visit, told=True))
    return arrival(context)


def _file(settings: Settings) -> Path:
    return settings.root / "image.json"


def _read(settings: Settings) -> _Visit | None:
    try:
        with open_regular(_file(settings)) as file:
            return from_wire(_Visit, json.loads(file.read(_LARGEST)), strict=False)
    except (OSError, ValueError, RecursionError, EnvMgrError):
        return None


def _write(settings: Settings, visit: _Visit) -> None:
    durable.make_directory(settings.root, mode=0o700, exist_ok=True)
    durable.write_file(_file(settings), json.dumps(to_wire(visit)).encode())
