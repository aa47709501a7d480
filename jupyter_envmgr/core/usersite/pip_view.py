"""What pip would do here, from its configuration: to user site or not, held back by what."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from pathlib import Path

from ..packages.pip_configuration import read
from .model import PipConfiguration

_SHOWN = (
    *("user", "constraint", "index-url", "extra-index-url", "find-links", "target", "prefix"),
    *("no-index", "break-system-packages", "require-virtualenv", "no-user"),
)
_CREDENTIALS = re.compile(r"(?<=//)[^/@\s]*@")
_MINOR = re.compile(r"python\d+\.\d+t?")


def pip_view(environ: Mapping[str, str], home: Path, prefix: Path) -> PipConfiguration:
    """The options that decide where ``pip install`` of the Python at ``prefix`` goes."""
    found = read(environ, home, prefix)
    sources = []
    for name in _SHOWN:
        option = found[name]
        if option is not None:
            value = _CREDENTIALS.sub("", " ".join(option.words))
            sources.append((name, value, option.source))
    user = found["user"]
    constraint = found["constraint"]
    urls = []
    for name in ("index-url", "extra-index-url"):
        option = found[name]
        urls += [_CREDENTIALS.sub("", word) for word in option.words] if option else []
    return PipConfiguration(
        user=user.is_true if user else None,
        constraint=constraint.words if constraint else (),
        index_urls=tuple(urls),
        externally_managed=_externally_managed(prefix),
        sources=tuple(sources),
    )


def _externally_managed(prefix: Path) -> str:
    """The file that forbids pip to install into this Python, and with --user (PEP 668)."""
    try:
        names = sorted(os.listdir(prefix / "lib"))
    except OSError:
        return ""
    for name in names:
        path = prefix / "lib" / name / "EXTERNALLY-MANAGED"
        if (_MINOR.fullmatch(name) or name == "python3") and path.is_file():
            return str(path)
    return ""
