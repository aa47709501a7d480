"""Names of environments and kernels: parsed once at the door, valid for ever after."""

from __future__ import annotations

import re

from .errors import EnvMgrError

NAME_PATTERN = r"^[a-z0-9][a-z0-9._-]{0,61}[a-z0-9]$"
_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,61}[a-z0-9]")
KERNEL_PREFIX = "envmgr-"


def check_name(name: str) -> str:
    """Return ``name`` if it can name an environment, else raise ``bad-name`` saying why.

    The rule is that of DNS labels (RFC 1123), widened by ``_`` and ``.``: 2 to 63 characters.
    """
    if _NAME.fullmatch(name):
        return name
    raise EnvMgrError.of_field("bad-name", "name", _why_not(name))


def _why_not(name: str) -> str:
    if not name:
        return "a name is needed"
    if len(name) < 2:
        return f"{name!r} is too short: 2 characters at least"
    if len(name) > 63:
        return f"the name has {len(name)} characters: 63 at most"
    if name != name.lower() and _NAME.fullmatch(name.lower()):
        return f"{name!r} has capital letters: {name.lower()!r} would do"
    bad = sorted({c for c in name if not re.fullmatch(r"[a-z0-9._-]", c)})
    if bad:
        return f"{name!r} has characters that cannot be used: {' '.join(map(repr, bad))}"
    return f"{name!r} must begin and end with a letter or a digit"


def kernel_name(environment: str) -> str:
    """The kernelspec directory name of an environment's kernel."""
    return KERNEL_PREFIX + environment
