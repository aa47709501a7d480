"""What a person asked for, in a request: its lines, and how they change with the packages."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping
from dataclasses import replace

from ..conda.environment_yml_writer import write_environment_yml
from ..conda.history import name_of as name_of_spec
from .model import CreateRequest, Record

_HASH = " --hash="
FORMER = "# No longer asked for, but known: "
"""What stands before a line with hashes of a package that was removed or replaced."""


def asked_for(request: CreateRequest, *, hashed: bool = False) -> tuple[str, ...]:
    """All lines that were asked for, without comments and options; with hashes if ``hashed``."""
    if request.asked:
        return request.asked
    lines = (*request.packages, *_lines(request.requirements), *request.pip)
    if not hashed:
        lines = tuple(line.partition(_HASH)[0] for line in lines)
    return tuple(dict.fromkeys(lines))


def asked_of_manager(
    request: CreateRequest, name_of: Callable[[str], str], *, hashed: bool = False
) -> tuple[str, ...]:
    """Those of them that are not for the pip of a conda environment."""
    of_pip = set(map(name_of, request.pip))
    return tuple(line for line in asked_for(request, hashed=hashed) if name_of(line) not in of_pip)


def asked_of_list(request: CreateRequest, versions: Mapping[str, str]) -> tuple[str, ...]:
    """The specs that a list of conda packages came of, if that is known: that of a clone.

    ``versions`` are those of the list, by name. As when they were asked for, with the Python of
    that minor version and with what every environment gets: they hold when packages change.
    """
    lines = asked_of_manager(request, name_of_spec) if request.asked else ()
    specs = {name_of_spec(line): line for line in lines if "://" not in line}
    asked = [spec for name, spec in specs.items() if name in versions]
    if not asked:
        return ()
    if "python" in versions:
        version = versions["python"].lstrip("=").split(".")
        asked.append(f"python={'.'.join(version[:2])}")
    asked += [name for name in ("pip", "ipykernel") if name in versions]
    return tuple({name_of_spec(spec): spec for spec in reversed(asked)}.values())[::-1]


def python_again(record: Record) -> str:
    """The Python to make an environment again with: where that very one has gone, one like it."""
    wanted = record.request.python
    if os.path.isabs(wanted) and not os.path.exists(wanted) and record.python:
        return ".".join(record.python.split(".")[:2])
    return wanted


def without(
    request: CreateRequest, names: Collection[str], name_of: Callable[[str], str]
) -> CreateRequest:
    """The request without what has one of these ``names``.

    A clone's, which asks for each file of another environment, asks from then on for what that
    one was asked for. Hashes stay in a comment: who goes back is held to them.
    """
    request = _of_original(request, name_of)

    def kept(lines: Collection[str]) -> tuple[str, ...]:
        return tuple(line for line in lines if name_of(line) not in names)

    lines = request.requirements.splitlines(keepends=True)
    gone = {line for line in lines for text in _lines(line) if name_of(text) in names}
    former = {line: f"{FORMER}{line}" if _HASH in line else "" for line in gone}
    return replace(
        request,
        packages=kept(request.packages),
        requirements="".join(former.get(line, line) for line in lines),
        pip=kept(request.pip),
    )


def in_one_text(request: CreateRequest, name_of: Callable[[str], str]) -> CreateRequest:
    """The request with all packages in ``requirements``, as a person would write them there.

    Those of pip in a conda environment make it an environment.yml.
    """
    request = _of_original(request, name_of)
    text = request.requirements
    if request.pip:
        text = write_environment_yml("", (), request.packages, request.pip)
    elif request.packages:
        is_list = all("://" in line for line in request.packages)
        head = ("@EXPLICIT",) if is_list and request.manager == "conda" else ()
        text = "\n".join((*head, *request.packages, text))
    return replace(request, packages=(), pip=(), requirements=text)


def _of_original(request: CreateRequest, name_of: Callable[[str], str]) -> CreateRequest:
    """The request for what a clone's original was asked for; any other as it is."""
    if not request.asked:
        return request
    of_manager = asked_of_manager(request, name_of)
    of_pip = tuple(line for line in request.asked if line not in of_manager)
    return replace(request, packages=of_manager, requirements="", pip=of_pip, asked=())


def with_hashed(request: CreateRequest, lines: Collection[str]) -> CreateRequest:
    """The request with more lines that have hashes.

    They stand among the requirements, where those without may not be if one of them has any.
    """
    rows = request.requirements.splitlines()
    known = [row for row in rows if _HASH in row or row.startswith("#")]
    plain = _lines("\n".join(row for row in rows if row not in known))
    text = "".join(f"{row}\n" for row in (*known, *lines))
    return replace(request, packages=(*request.packages, *plain), requirements=text)


def _lines(text: str) -> list[str]:
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    return [line for line in lines if line and not line.startswith(("#", "-"))]
