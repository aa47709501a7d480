"""What a person asked for, in a request: its lines, and how they change with the packages."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

from .model import CreateRequest

_HASH = " --hash="


def asked_for(request: CreateRequest, *, hashed: bool = False) -> tuple[str, ...]:
    """All lines that were asked for, without comments and options; with hashes if ``hashed``."""
    if request.asked:
        return request.asked
    lines = (*request.packages, *_lines(request.requirements), *request.pip)
    if not hashed:
        lines = tuple(line.partition(_HASH)[0] for line in lines)
    return tuple(dict.fromkeys(lines))


def asked_of_manager(request: CreateRequest, name_of: Callable[[str], str]) -> tuple[str, ...]:
    """Those of them that are not for the pip of a conda environment."""
    of_pip = set(map(name_of, request.pip))
    return tuple(line for line in asked_for(request) if name_of(line) not in of_pip)


def without(
    request: CreateRequest, names: Collection[str], name_of: Callable[[str], str]
) -> CreateRequest:
    """The request without what has one of these ``names``.

    A clone's, which asks for each file of another environment, asks from then on for what that
    one was asked for. A line with hashes stays: who goes back is held to them.
    """
    if request.asked:
        of_manager = asked_of_manager(request, name_of)
        of_pip = tuple(line for line in request.asked if line not in of_manager)
        request = replace(request, packages=of_manager, requirements="", pip=of_pip, asked=())

    def kept(lines: Collection[str]) -> tuple[str, ...]:
        return tuple(line for line in lines if name_of(line) not in names)

    lines = request.requirements.splitlines(keepends=True)
    plain = [line for line in lines if _HASH not in line]
    gone = {line for line in plain for text in _lines(line) if name_of(text) in names}
    return replace(
        request,
        packages=kept(request.packages),
        requirements="".join(line for line in lines if line not in gone),
        pip=kept(request.pip),
    )


def _lines(text: str) -> list[str]:
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]
