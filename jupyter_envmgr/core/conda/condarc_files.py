"""Where conda looks for its configuration, in the order in which the later counts more."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")

NAMES = (".condarc", "condarc", "condarc.d", ".mambarc")
"""What counts in a directory of `condarc_places`; ``condarc.d`` holds files itself."""


@dataclass(frozen=True)
class CondarcPlace:
    """A file, or a directory in which files of `NAMES` count."""

    path: str
    is_directory: bool


def condarc_places(
    environ: Mapping[str, str], home: str, roots: Iterable[str]
) -> tuple[CondarcPlace, ...]:
    """The places that conda and mamba search (conda's manual, "Searching for .condarc").

    ``roots`` are the prefixes of conda installations; of several the first counts most.
    """
    config = environ.get("XDG_CONFIG_HOME") or os.path.join(home, ".config")
    prefix = environ.get("CONDA_PREFIX", "")
    found = [
        *(CondarcPlace(path, True) for path in ("/etc/conda", "/var/lib/conda")),
        *(CondarcPlace(root, True) for root in reversed(tuple(roots))),
        CondarcPlace(os.path.join(config, "conda"), True),
        CondarcPlace(os.path.join(home, ".config", "conda"), True),
        CondarcPlace(os.path.join(home, ".conda"), True),
        CondarcPlace(os.path.join(home, ".condarc"), False),
        CondarcPlace(os.path.join(home, ".mambarc"), False),
        CondarcPlace(prefix, True),
        *(
            CondarcPlace(expanded(environ.get(name, ""), environ, home), False)
            for name in ("CONDARC", "MAMBARC")
        ),
    ]
    # A place that is there twice counts where it counts most.
    last = {place.path: place for place in reversed(found) if os.path.isabs(place.path)}
    return tuple(reversed(last.values()))


def expanded(text: str, environ: Mapping[str, str], home: str) -> str:
    """``text`` with ``~`` and ``$VARIABLE`` filled in; empty if it is then no absolute path."""
    text = text.strip()
    text = _VARIABLE.sub(lambda m: environ.get(m.group(1) or m.group(2), m.group()), text)
    if text == "~" or text.startswith("~/"):
        text = home + text[1:]
    return os.path.normpath(text) if os.path.isabs(text) else ""
