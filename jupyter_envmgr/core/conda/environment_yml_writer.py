"""conda's environment.yml, written: as conda, mamba and `parse_environment_yml` read it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from ..citing import as_comment
from .environment_yml import NO_TEXT

_PLAIN = re.compile(r"[A-Za-z_/][!-~]*(?: [!-~]+)*")


def write_environment_yml(
    name: str,
    channels: Iterable[str],
    specs: Iterable[str],
    pip: Iterable[str] = (),
    variables: Mapping[str, str] | None = None,
    comments: Iterable[str] = (),
) -> str:
    """The text of an environment.yml, as `parse_environment_yml`, conda and mamba read it."""
    lines = list(map(as_comment, comments))
    lines += [f"name: {scalar(name)}"] if name else []
    lines += ["channels:", *(f"  - {scalar(channel)}" for channel in channels)]
    if lines[-1] == "channels:":
        lines.pop()
    body = [f"  - {scalar(spec)}" for spec in specs]
    requirements = [f"      - {scalar(line)}" for line in pip]
    if requirements:
        body += ["  - pip:", *requirements]
    lines += ["dependencies:", *body] if body else ["dependencies: []"]
    if variables:
        lines += ["variables:"]
        lines += [f"  {scalar(key)}: {scalar(value)}" for key, value in variables.items()]
    return "\n".join(lines) + "\n"


def scalar(text: str) -> str:
    """A text as YAML, quoted where it would be read as something else."""
    plain = _PLAIN.fullmatch(text) and not NO_TEXT.fullmatch(text)
    if plain and ": " not in text and " #" not in text and text[-1] != ":":
        return text
    quoted = json.dumps(text, ensure_ascii=False)
    return "".join(c if _is_yaml(c) else _escaped(c) for c in quoted)


def _is_yaml(c: str) -> bool:
    return " " <= c <= "~" or ("\xa0" <= c <= "\ud7ff" and c not in "\u2028\u2029")


def _escaped(c: str) -> str:
    return f"\\u{ord(c):04x}" if ord(c) <= 0xFFFF else f"\\U{ord(c):08x}"
