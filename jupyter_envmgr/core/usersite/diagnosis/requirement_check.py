"""Requirements as pip check compares them, with extras too; as a difference to the image alone.

`packaging` is imported here alone, and may be missing or broken.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from ...packages.metadata import normal
from .distributions import Distribution
from .ground import Ground

if TYPE_CHECKING:
    from packaging.requirements import Requirement

Effective = Mapping[str, Distribution]

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")
_EXTRA_ONLY = re.compile(r";(?!.*\bor\b).*\bextra\s*==")
_DEEPEST = 20
_known: dict[str, Any] = {}
_MOST_KNOWN = 50_000


@dataclass(frozen=True)
class Unmet:
    """A requirement of ``one`` on ``key`` that is not met: by ``found``, or by nothing.

    ``extras`` is ``name[extra]`` for what only an extra asks for.
    """

    one: Distribution
    requirement: str
    key: str
    found: Distribution | None
    extras: str = ""


@dataclass(frozen=True)
class Compared:
    """``caused`` by the user site; ``afterwards``: would appear without it."""

    caused: tuple[Unmet, ...]
    afterwards: tuple[Unmet, ...]
    fits: Callable[[str, Distribution | None], bool]


def compare_requirements(ground: Ground) -> Compared:
    """Which requirements are unmet only with, or only without the user site.

    Raises whatever a missing or broken `packaging` raises.
    """
    check = _Check(ground.runtime.markers)
    merged, image = ground.effective, ground.image_effective
    with_user = tuple(check.unmet(merged))
    without = tuple(check.unmet(image))
    before = {_key(one) for one in without}
    after = {_key(one) for one in with_user}
    return Compared(
        tuple(one for one in with_user if _key(one) not in before),
        tuple(one for one in without if _key(one) not in after),
        check.fits,
    )


def forget() -> None:
    """Forget the requirements that were taken apart: for measurements."""
    _known.clear()


def _key(one: Unmet) -> tuple[str, str, str, str, str]:
    return one.one.key, one.one.version, one.requirement, one.key, one.extras


class _Check:
    def __init__(self, markers: Mapping[str, str]) -> None:
        from packaging.requirements import InvalidRequirement, Requirement
        from packaging.version import Version

        self._markers = dict(markers)

        def parse(line: str) -> Requirement | None:
            found = _known.get(line, self)
            if found is self:
                try:
                    found = Requirement(line)
                except (InvalidRequirement, RecursionError):
                    found = None
                if len(_known) >= _MOST_KNOWN:
                    _known.clear()
                _known[line] = found
            return found  # type: ignore[no-any-return]

        @cache
        def applies(line: str, extra: str) -> bool:
            requirement = parse(line)
            if requirement is None:
                return False
            if requirement.marker is None:
                return True
            try:
                return bool(requirement.marker.evaluate({**self._markers, "extra": extra}))
            except Exception:  # undefined comparisons and names: each version has its own
                return False

        @cache
        def contains(specifier: str, line: str, version: str) -> bool:
            requirement = parse(line)
            assert requirement is not None
            try:
                Version(version)
                return bool(requirement.specifier.contains(version, prereleases=True))
            except ValueError:  # a version that is none
                return True

        self._parse = parse
        self._applies = applies
        self._contains = contains

    def unmet(self, effective: Effective) -> Iterator[Unmet]:
        for one in effective.values():
            for line in one.requires:
                if "extra" in line and _EXTRA_ONLY.search(line):
                    continue
                if not self._applies(line, ""):
                    continue
                requirement = self._parse(line)
                assert requirement is not None
                yield from self._of(one, requirement, line, effective, "")
                if requirement.extras:
                    seen: set[tuple[str, str]] = set()
                    yield from self._of_extras(one, requirement, effective, seen, 0)

    def _of(
        self,
        one: Distribution,
        requirement: Requirement,
        line: str,
        effective: Effective,
        extras: str,
    ) -> Iterator[Unmet]:
        key = normal(requirement.name)
        found = effective.get(key)
        if found is None or not self.fits(line, found):
            yield Unmet(one, _shown(requirement), key, found, extras)

    def _of_extras(
        self,
        one: Distribution,
        requirement: Requirement,
        effective: Effective,
        seen: set[tuple[str, str]],
        depth: int,
    ) -> Iterator[Unmet]:
        """What ``name[extra]`` asks for; pip check does not look at it."""
        found = effective.get(normal(requirement.name))
        if found is None or depth > _DEEPEST:
            return
        for extra in sorted(requirement.extras):
            if (found.key, extra) in seen:
                continue
            seen.add((found.key, extra))
            for line in found.requires:
                if "extra" not in line:
                    continue
                asked = any(self._applies(line, e) for e in {extra, normal(extra)})
                if not asked or self._applies(line, ""):
                    continue
                more = self._parse(line)
                assert more is not None
                yield from self._of(one, more, line, effective, f"{requirement.name}[{extra}]")
                if more.extras:
                    yield from self._of_extras(one, more, effective, seen, depth + 1)

    def fits(self, line: str, found: Distribution | None) -> bool:
        """Whether what is found satisfies a requirement line."""
        requirement = self._parse(line)
        if found is None or requirement is None:
            return found is not None
        if requirement.url or not found.version or not requirement.specifier:
            return True
        return self._contains(str(requirement.specifier), line, found.version)


def _shown(requirement: Requirement) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"
