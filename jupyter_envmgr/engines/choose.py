"""Which engine does the work of a manager, and why."""

from __future__ import annotations

from dataclasses import replace

from ..core.environments.engines import EngineOffer
from ..core.environments.model import EngineChoice, Manager
from ..core.errors import EnvMgrError, FieldError
from ..core.settings import Settings
from .conda_cli_find import NAMES, ExecutableName, find_executable
from .rattler import RattlerEngine
from .uv import UvEngine

EXECUTABLES: tuple[str, ...] = NAMES
"""The engines that are executables of the machine."""


def choose_engine(
    manager: Manager, settings: Settings, *, wanted: str = "", made_by: str = ""
) -> EngineChoice:
    """The engine for a manager, with its reason, which goes on behind "Made by uv, …".

    ``wanted`` is the one that the person chose. ``made_by`` is what made the environment that is
    to be changed, empty for a new one: what conda or mamba made they change too, since each
    writes records that the others only partly understand (conda notes the files of ``noarch``
    packages where they are not, and rattler would leave them behind).

    Raises ``engine-missing`` naming the field ``engine``, ``bad-request`` for an engine of
    another manager, ``read-only`` for what pixi made.
    """
    offers = {offer.name: offer for offer in engines(settings)}
    if wanted:
        return _wanted(offers, manager, wanted)
    if manager == "pip":
        return _choice(_available(offers["uv"]), "because you chose pip")
    if made_by == "pixi":
        raise EnvMgrError(
            "read-only",
            "pixi made this environment and would undo the change",
            hint="Change it with `pixi add` in its project.",
        )
    if made_by in EXECUTABLES:
        return _like(offers, made_by)
    if offers["rattler"].available:
        reason = "because you chose conda: it needs no conda on the machine"
        if made_by:
            reason = "because it made this environment"
        return _choice(offers["rattler"], reason)
    other = _first_executable(offers)
    if other is not None:
        return _choice(other, "because py-rattler, the usual engine, is not installed")
    return _choice(_available(offers["rattler"]), "")


def engines(settings: Settings) -> tuple[EngineOffer, ...]:
    """All engines, those that can be used and those that cannot, with the reason.

    Looks at files alone, a few dozen: nothing is started.
    """
    rattler = _rattler(settings)
    found = [_uv(settings), rattler, *(_executable(settings, name) for name in NAMES)]
    if not rattler.available:
        first = next((o.name for o in found if o.manager == "conda" and o.available), "")
        found = [replace(o, default=o.default or o.name == first) for o in found]
    return tuple(found)


def _uv(settings: Settings) -> EngineOffer:
    try:
        engine = UvEngine.find(settings)
    except EnvMgrError as error:
        return EngineOffer("uv", "pip", why_not=error.detail, default=True)
    return EngineOffer("uv", "pip", engine.version, engine.executable, True, default=True)


def _rattler(settings: Settings) -> EngineOffer:
    try:
        engine = RattlerEngine.find(settings)
    except EnvMgrError as error:
        return EngineOffer("rattler", "conda", why_not=error.detail)
    return EngineOffer("rattler", "conda", engine.version, available=True, default=True)


def _executable(settings: Settings, name: ExecutableName) -> EngineOffer:
    found = find_executable(settings, name)
    if found is None:
        return EngineOffer(name, "conda", why_not=f"{name} is not on this machine")
    usable = not found.why_not
    return EngineOffer(name, "conda", found.version, found.path, usable, found.why_not)


def _wanted(offers: dict[str, EngineOffer], manager: Manager, wanted: str) -> EngineChoice:
    offer = offers.get(wanted)
    if offer is None or offer.manager != manager:
        names = ", ".join(name for name, o in offers.items() if o.manager == manager)
        detail = f"{wanted[:40]!a} is no engine for {manager}: there are {names}"
        raise EnvMgrError("bad-request", detail, errors=(FieldError("engine", detail),))
    return _choice(_available(offer), "because you chose it")


def _like(offers: dict[str, EngineOffer], made_by: str) -> EngineChoice:
    """What changes an environment that an executable made: that, its like, else rattler."""
    if offers[made_by].available:
        return _choice(offers[made_by], "because it made this environment")
    absent = f"because {made_by}, which made this environment, is not here"
    other = _first_executable(offers)
    if other is not None:
        return _choice(other, f"{absent}, and it writes the same records")
    return _choice(_available(offers["rattler"]), absent)


def _first_executable(offers: dict[str, EngineOffer]) -> EngineOffer | None:
    return next((offers[name] for name in NAMES if offers[name].available), None)


def _available(offer: EngineOffer) -> EngineOffer:
    if not offer.available:
        path = f"{offer.path}: " if offer.path else ""
        detail = f"{path}{offer.why_not}"
        field = FieldError("engine", detail, "engine-missing")
        raise EnvMgrError("engine-missing", detail, errors=(field,))
    return offer


def _choice(offer: EngineOffer, reason: str) -> EngineChoice:
    return EngineChoice(offer.name, offer.version, reason)
