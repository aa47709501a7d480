"""What creating an environment would do: the Python it is based on, and the plan to show."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from ..errors import EnvMgrError
from ..plans import Plan, PlanStep
from ..settings import Location
from .model import CreateRequest, EngineChoice, Interpreter, Persistence, Status

OLDEST_PYTHON = (3, 6)
KEPT_OUT = "~/.local is kept out, also of what runs without its kernel, such as training jobs"
SEEN = "its programs see ~/.local, but for its kernel"
_VERSION = re.compile(r"\d+(\.\d+){0,2}")
_EXPLICIT = re.compile(r"\S*/([^/\s]+)-([^/\s-]+)-[^/\s-]+\.(?:conda|tar\.bz2)(?:#\S*)?")


@dataclass(frozen=True)
class Base:
    """The Python that a new environment is based on, and why this one.

    ``python`` is an absolute interpreter, or a version where ``download`` says that uv has to
    fetch it first; empty for an environment that brings its own.
    """

    python: str
    version: str
    download: bool
    survives: bool | None
    reason: str


def choose_base(wanted: str, interpreters: Sequence[Interpreter]) -> Base:
    """The interpreter for ``wanted``: a version, an absolute path, or empty for the image's.

    Among several of one version one that outlives the container comes first, because a venv dies
    with the interpreter that it is based on. Raises ``bad-python``.
    """
    if wanted.startswith("/"):
        return _by_path(wanted, interpreters)
    if wanted and not _VERSION.fullmatch(wanted):
        raise EnvMgrError.of_field(
            "bad-python", "python", f"{wanted!r} is neither a version nor an absolute path"
        )
    here = [i for i in interpreters if i.path and _usable(i.version)]
    version = wanted or _default_minor(here)
    matching = [i for i in here if _matches(i.version, version)]
    matching.sort(key=lambda i: (i.persistence.survives is not True, not i.default))
    if matching:
        best = matching[0]
        assert best.path is not None
        return Base(best.path, best.version, False, best.persistence.survives, _why(best, wanted))
    for offered in interpreters:
        if offered.path is None and _matches(offered.version, version):
            reason = f"Python {offered.version} is downloaded by uv and stays with your home"
            return Base(offered.version, offered.version, True, True, reason)
    have = ", ".join(dict.fromkeys(i.version for i in here)) or "none"
    raise EnvMgrError.of_field(
        "bad-python", "python", f"there is no Python {version} here; there are: {have}"
    )


def _by_path(wanted: str, interpreters: Sequence[Interpreter]) -> Base:
    for known in interpreters:
        if known.path == wanted:
            if not _usable(known.version):
                raise EnvMgrError.of_field(
                    "bad-python", "python", f"Python {known.version} is too old: 3.6 at least"
                )
            return Base(
                wanted,
                known.version,
                False,
                known.persistence.survives,
                "the interpreter you named",
            )
    if not Path(wanted).is_file():
        raise EnvMgrError.of_field("bad-python", "python", f"there is no interpreter at {wanted}")
    return Base(wanted, "", False, None, "the interpreter you named")


def _default_minor(here: Sequence[Interpreter]) -> str:
    chosen = next((i for i in here if i.default), here[0] if here else None)
    if chosen is None:
        raise EnvMgrError.of_field("bad-python", "python", "there is no Python here")
    return ".".join(chosen.version.split(".")[:2])


def _usable(version: str) -> bool:
    numbers = tuple(int(n) for n in re.findall(r"\d+", version)[:2])
    return not numbers or numbers >= OLDEST_PYTHON


def _matches(version: str, wanted: str) -> bool:
    return version == wanted or version.startswith(wanted + ".")


def _why(chosen: Interpreter, wanted: str) -> str:
    asked = f"Python {wanted} was asked for" if wanted else "the same version as the image"
    if chosen.persistence.survives:
        return f"{asked}; {chosen.path} outlives the container"
    return f"{asked}; {chosen.path}"


@dataclass(frozen=True)
class CreateFacts:
    """What is known about a request when its plan is made."""

    request: CreateRequest
    location: Location
    prefix: Path
    base: Base
    engine: EngineChoice
    requirements: tuple[str, ...]
    persistence: Persistence
    free: int | None
    index: str
    kernel: str | None
    display_name: str
    taken_by: Status | None
    warnings: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    hashes: str = ""


def create_plan(facts: CreateFacts) -> Plan:
    """The plan of a create, for the form's *what will happen* line and ``--dry-run``."""
    name = facts.request.name
    steps = [
        PlanStep("create", str(facts.prefix), _on(facts.base)),
        PlanStep("install", _count(len(facts.requirements)), named(facts.requirements)),
    ]
    if facts.base.download:
        steps.insert(0, PlanStep("download", f"Python {facts.base.version}", "by uv"))
    if facts.taken_by is not None:
        steps.insert(0, PlanStep("replace", name, f"an earlier attempt that is {facts.taken_by}"))
    if facts.kernel:
        steps.append(PlanStep("register", facts.kernel, facts.display_name))
    return Plan(
        operation="environments.create",
        subject=name,
        summary=_summary(facts),
        steps=tuple(steps),
        facts=_facts(facts),
        warnings=_warnings(facts),
        notices=facts.notices,
    ).sealed()


def _on(base: Base) -> str:
    return f"on {base.python}" if base.python else " ".join(("with Python", base.version)).strip()


def _summary(facts: CreateFacts) -> str:
    room = "" if facts.free is None else f" ({readable_bytes(facts.free)} free)"
    place = lies_in(f"{facts.location.path}{room}", facts.persistence)
    return f"It will lie in {place} Made by {facts.engine.name}, {facts.engine.reason}."


def _facts(facts: CreateFacts) -> tuple[tuple[str, str], ...]:
    rows = [
        ("Directory", str(facts.prefix)),
        ("Stays", f"{lasts(facts.persistence)} ({facts.persistence.why})"),
        ("Python", " ".join(filter(None, (facts.base.version, f"({facts.base.reason})")))),
        ("Engine", f"{facts.engine.name} {facts.engine.version}, {facts.engine.reason}"),
        ("Channels" if facts.request.manager == "conda" else "Index", facts.index),
    ]
    if facts.request.manager == "conda":
        rows.append(("User site", SEEN if facts.request.user_site else KEPT_OUT))
    if facts.hashes:
        rows.append(("Hashes", facts.hashes))
    if facts.kernel:
        rows.append(("Kernel", facts.display_name))
    return tuple(rows)


def _warnings(facts: CreateFacts) -> tuple[str, ...]:
    warnings = list(about_loss(facts.location.path, facts.persistence))
    if not warnings and facts.base.survives is False:
        warnings.append(
            f"It depends on {facts.base.python} of this image: in another image without that "
            "Python it will not start. A Python in your home would outlive the container."
        )
    return (*warnings, *facts.warnings)


def lies_in(place: str, persistence: Persistence) -> str:
    """A place, and whether what lies there stays; where `about_loss` warns, that says it."""
    return f"{place}." if about_loss(place, persistence) else f"{place}: {lasts(persistence)}."


def about_loss(place: str | Path, persistence: Persistence) -> tuple[str, ...]:
    """The warning about a place that does not outlive the container, if it is one."""
    return (f"{place} is lost with the container.",) if persistence.survives is False else ()


def lasts(persistence: Persistence) -> str:
    """Whether something outlives the container, in words."""
    return {
        True: "it stays when the container goes",
        False: "it is lost with the container",
        None: "whether it outlives the container is not known",
    }[persistence.survives]


def _count(number: int) -> str:
    return f"{number} requirement" if number == 1 else f"{number} requirements"


def named(packages: Sequence[str]) -> str:
    """Packages in one line. One that is given by the address of its file has name and version."""
    found = (_EXPLICIT.fullmatch(text) for text in packages)
    return " ".join(
        f"{m[1]}={m[2]}" if m else text for m, text in zip(found, packages, strict=True)
    )


def readable_bytes(number: int) -> str:
    """Bytes with a decimal unit, as disks are sold: ``3.2 GB``."""
    amount = float(number)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1000
    return f"{amount:.1f} TB"
