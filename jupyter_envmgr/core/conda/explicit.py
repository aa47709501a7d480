"""Explicit lists: the files of packages, each by its address (``conda list --explicit``)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from ..citing import as_comment
from ..errors import EnvMgrError, FieldError
from ..packages.limits import MOST_LINES
from .environment_yml import file_error
from .matchspec import SCHEMES, parse_spec
from .spec import Spec

_PLATFORM = re.compile(r"#\s*platform:\s*([a-z]+-[a-z0-9]+)\s*")
_PIP = re.compile(r"#\s*pip\s+\S+\s+@")
_MAMBAS_HEAD = "List of packages in environment:"
# What `conda list --explicit` writes in the place of a channel's token.
_HIDDEN = "/t/<TOKEN>/"


@dataclass(frozen=True)
class ExplicitList:
    """The packages of an explicit list; ``platform`` is the one that they are built for."""

    specs: tuple[Spec, ...]
    platform: str = ""
    notices: tuple[str, ...] = ()


def parse_explicit(
    text: str, *, field: str = "requirements", allowed_schemes: Collection[str] = SCHEMES
) -> ExplicitList:
    """The list in ``text``. Raises ``bad-environment-file`` that names every bad line."""
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").split("\n")
    if len(lines) > MOST_LINES + 1:
        detail = f"{len(lines):,} lines: {MOST_LINES:,} at most"
        raise EnvMgrError.of_field("too-large", field, detail)
    errors: list[FieldError] = []
    specs: dict[str, Spec] = {}
    pip, hidden, said = 0, 0, ""
    for number, line in enumerate(lines, 1):
        stripped = line.strip()
        match = _PLATFORM.fullmatch(stripped)
        said = match.group(1) if match else said
        pip += _PIP.match(stripped) is not None
        if not stripped or stripped == "@EXPLICIT" or stripped.startswith(("#", _MAMBAS_HEAD)):
            continue
        column = len(line) - len(line.lstrip()) + 1
        hidden += _HIDDEN in stripped
        try:
            spec = parse_spec(
                stripped.replace(_HIDDEN, "/"),
                field=field,
                line=number,
                column=column,
                allowed_schemes=allowed_schemes,
            )
        except EnvMgrError as error:
            errors.extend(error.errors)
            continue
        if not spec.url:
            detail = "an explicit list has addresses of packages only, no names"
            errors.append(FieldError(field, detail, "bad-requirement", number, column))
            continue
        specs.setdefault(spec.name, spec)
        if specs[spec.name].url != spec.url:
            detail = f"{spec.name} is here for the second time: see line {specs[spec.name].line}"
            errors.append(FieldError(field, detail, "bad-requirement", number, column))
    errors += _mixed(specs.values(), field)
    if not specs and not errors:
        errors.append(FieldError(field, "there are no packages in it", "bad-requirement", 1, 1))
    if errors:
        raise file_error(errors)
    platform = next((s.subdir for s in specs.values() if s.subdir != "noarch"), said)
    notices = [f"Lines for pip in comments are left out ({pip})."] if pip else []
    if hidden:
        notices.append("conda hid a channel's token (<TOKEN>): without it the channel may refuse.")
    return ExplicitList(tuple(specs.values()), platform, tuple(notices))


def _mixed(specs: Iterable[Spec], field: str) -> Iterable[FieldError]:
    """The packages that are for another platform than those before them."""
    platform = ""
    for spec in specs:
        if spec.subdir == "noarch":
            continue
        platform = platform or spec.subdir
        if spec.subdir != platform:
            detail = f"{spec.name} is for {spec.subdir}, those before it are for {platform}"
            yield FieldError(field, detail, "bad-requirement", spec.line, 1)


def write_explicit(urls: Iterable[str], platform: str, comments: Iterable[str] = ()) -> str:
    """The text of an explicit list, as conda, mamba and `parse_explicit` read it."""
    lines = list(map(as_comment, comments))
    lines += [f"# platform: {platform}"] if platform else []
    return "\n".join([*lines, "@EXPLICIT", *urls]) + "\n"
