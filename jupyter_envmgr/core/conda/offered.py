"""The Pythons that channels offer: one for each minor version, and which of them is usual."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ..environments.create import OLDEST_PYTHON
from ..environments.facts import version_key
from ..environments.model import OfferedPython

# Builds of other implementations have the versions of the CPython that they are like.
_OTHERS = ("pypy", "graalpy")


@dataclass(frozen=True)
class Offer:
    """A package `python` of a channel, whose name or address carries no credentials.

    ``has_kernel``: whether the channels have ipykernel for it, None if nobody looked.
    """

    version: str
    channel: str
    build: str = ""
    has_kernel: bool | None = None


def by_minor(offers: Iterable[Offer]) -> tuple[OfferedPython, ...]:
    """The minor versions, the newest first.

    Of channels that have the same release the first counts. Pre-releases and other
    implementations are left out, unless there is nothing else.
    """
    everything = [offer for offer in offers if len(_numbers(offer)) == 2]
    plain = [offer for offer in everything if _is_cpython(offer)]
    final = [offer for offer in plain if version_key(offer.version)[-1]]
    groups: dict[tuple[int, ...], list[Offer]] = {}
    # Stable: the order of the channels stays within a release.
    for offer in sorted(final or plain or everything, key=_age, reverse=True):
        groups.setdefault(_numbers(offer), []).append(offer)
    return tuple(_python(groups[numbers]) for numbers in sorted(groups, reverse=True))


def usual(pythons: Sequence[OfferedPython], image: str) -> tuple[str, str]:
    """The minor version that is usual, and why; both are empty if nothing is offered.

    That of the image (``3.11``), which is what one gets who names none. Where it is not offered,
    the newest but one: for the newest many packages are not built for months, and what is older
    ends sooner.
    """
    able = [one for one in pythons if one.kernel is not False] or list(pythons)
    if any(one.minor == image for one in able):
        return image, "as the image has"
    if not able:
        return "", ""
    if len(able) == 1:
        only = "the only one" if len(pythons) == 1 else "the only one that a kernel can run on"
        return able[0].minor, only
    return able[1].minor, "the newest but one: packages are built for it"


def _is_cpython(offer: Offer) -> bool:
    build = offer.build.lower()
    return not any(name in build for name in _OTHERS)


def _age(offer: Offer) -> tuple[int, ...]:
    return version_key(offer.version)


def _numbers(offer: Offer) -> tuple[int, ...]:
    """``(3, 12)``; nothing for what is no version."""
    return version_key(offer.version)[:2]


def _python(offers: Sequence[Offer]) -> OfferedPython:
    """All of one minor version, the newest first."""
    newest = offers[0]
    numbers = _numbers(newest)
    minor = ".".join(map(str, numbers))
    kernel, why_not = newest.has_kernel, ""
    if numbers < OLDEST_PYTHON:
        kernel, why_not = False, f"Python {minor} is too old for a kernel"
    elif kernel is False:
        why_not = f"the channels have no ipykernel for Python {minor}"
    releases = tuple(dict.fromkeys(offer.version for offer in offers))
    return OfferedPython(minor, newest.version, newest.channel, releases, kernel, why_not)
