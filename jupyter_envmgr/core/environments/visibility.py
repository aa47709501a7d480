"""Whether the user site is visible in an environment, and why."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from .facts import version_key
from .model import EnvironmentKind


def user_base(environ: Mapping[str, str], home: Path) -> str:
    """Where ``pip install --user`` installs: PYTHONUSERBASE, else ``~/.local``."""
    return environ.get("PYTHONUSERBASE") or os.path.join(home, ".local")


def user_site_visible(
    *,
    sees_system: bool | None,
    python: str,
    environ: Mapping[str, str],
    base: str,
    has_own_kernel: bool,
    kind: EnvironmentKind = "venv",
) -> tuple[bool, str]:
    """Whether an interpreter looks at the user site (the rules of `site`, PEP 370 and 405).

    ``sees_system`` is ``include-system-site-packages`` of its pyvenv.cfg, None without one.
    ``has_own_kernel``: a kernel that we registered starts it.
    """
    if not python:
        return False, "there is no Python in it"
    if sees_system is False and kind == "conda":
        return False, f"its pyvenv.cfg keeps {base} out, whoever starts its Python"
    if sees_system is False:
        return False, f"a virtual environment does not look at {base}"
    if _is_switched_off(environ.get("PYTHONNOUSERSITE", ""), python):
        return False, "PYTHONNOUSERSITE is set"
    shares = sees_system and kind != "conda"
    what = "a virtual environment with system packages" if shares else "this Python"
    why = f"{what} looks at {base}"
    if has_own_kernel:
        why += "; its kernel does not, because it sets PYTHONNOUSERSITE"
    return True, why


def _is_switched_off(value: str, python: str) -> bool:
    """Empty is unset. ``0`` counted as set before Python 3.7, as anything else does still."""
    if value == "0":
        return bool(version_key(python)) and version_key(python)[:2] < (3, 7)
    return bool(value)
