"""Findings about requirements: what the user site breaks, and what the image has only from it.

As a difference: what is wrong without the user site, too, is not its fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from ...packages.metadata import normal
from ..model import Finding, Fix
from ..requires import Needs
from .codes import finding, set_aside
from .ground import Ground

if TYPE_CHECKING:
    from packaging.requirements import Requirement

_EXTRA = re.compile(r"extra\s*==")
Effective = Mapping[str, Needs]
Parse = Callable[[str], "Requirement | None"]


def unmet(ground: Ground) -> Iterator[Finding]:
    """Requirements that are not met with the user site; those only met by it.

    Raises ImportError without a working `packaging`.
    """
    parse = _parser()
    environment = _environment(ground.target.python)
    image: Effective = ground.needs_of_image
    merged: Effective = {**image, **ground.needs_of_user}
    for key, one in merged.items():
        mine = key in ground.needs_of_user
        for requirement, why in _failing(one, merged, parse, environment):
            if not mine and _fails_there(one, requirement, image, parse, environment):
                continue
            wanted = normal(requirement.name)
            culprit = wanted if wanted in ground.needs_of_user else key
            fix: Fix | None = None
            if culprit in ground.by_name:
                fix = set_aside(ground, ground.by_name[culprit].package.name)
            yield finding(
                "requirement-broken",
                requirement.name,
                f"{one.label} needs {requirement}, and {why}.",
                evidence=(("Required by", f"{one.label}{'' if mine else ' of the image'}"),),
                wins=merged[wanted].version if wanted in merged else "",
                fix=fix,
            )
    for key, one in image.items():
        if key in ground.needs_of_user:
            continue
        for requirement, _ in _failing(one, image, parse, environment):
            if not _fails_there(one, requirement, merged, parse, environment):
                yield finding(
                    "needed-by-image",
                    requirement.name,
                    f"{one.label} of the image needs {requirement}, which only the user site has: "
                    "after a reset it would be missing.",
                    evidence=(("Required by", one.label),),
                )


def _failing(
    one: Needs, effective: Effective, parse: Parse, environment: dict[str, str]
) -> Iterator[tuple[Requirement, str]]:
    for line in one.lines:
        if _EXTRA.search(line):
            continue
        requirement = parse(line)
        if requirement is None or not _applies(requirement, environment, ""):
            continue
        why = _why_not(requirement, effective)
        if why:
            yield requirement, why
            continue
        yield from _failing_extras(requirement, effective, parse, environment)


def _failing_extras(
    requirement: Requirement, effective: Effective, parse: Parse, environment: dict[str, str]
) -> Iterator[tuple[Requirement, str]]:
    """What ``name[extra]`` asks for through its extras, which pip check does not look at."""
    found = effective.get(normal(requirement.name))
    for extra in sorted(requirement.extras) if found else ():
        assert found
        for line in found.lines:
            if not _EXTRA.search(line):
                continue
            more = parse(line)
            if more is not None and _applies(more, environment, extra):
                why = _why_not(more, effective)
                if why:
                    yield more, f"{why} ({requirement.name}[{extra}])"


def _fails_there(
    one: Needs,
    requirement: Requirement,
    effective: Effective,
    parse: Parse,
    environment: dict[str, str],
) -> bool:
    return any(other == requirement for other, _ in _failing(one, effective, parse, environment))


def _why_not(requirement: Requirement, effective: Effective) -> str:
    found = effective.get(normal(requirement.name))
    if found is None:
        return "it is not installed"
    if requirement.url or not found.version:
        return ""
    try:
        fits = requirement.specifier.contains(found.version, prereleases=True)
    except ValueError:
        return ""
    return "" if fits else f"{found.label} is what is loaded"


def _applies(requirement: Requirement, environment: dict[str, str], extra: str) -> bool:
    if requirement.marker is None:
        return not extra
    applies: bool = requirement.marker.evaluate({**environment, "extra": extra})
    return applies


def _parser() -> Parse:
    from packaging.requirements import InvalidRequirement, Requirement

    @cache
    def parse(line: str) -> Any:
        try:
            return Requirement(line)
        except InvalidRequirement:
            return None

    return parse


def _environment(python: str) -> dict[str, str]:
    """The variables of markers, for the interpreter that is diagnosed."""
    from packaging.markers import default_environment

    minor = ".".join(python.split(".")[:2])
    full = python if python.count(".") > 1 else f"{minor}.0"
    found = {key: str(value) for key, value in default_environment().items()}
    return {**found, "python_version": minor, "python_full_version": full}
