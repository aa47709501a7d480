"""The interpreter of a probe: how its kernel starts it, and what it sees of the user site."""

from __future__ import annotations

import ast
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.environments.visibility import user_site_visible
from ...core.errors import EnvMgrError
from ...core.kernels.model import Kernel
from ...core.kernels.spec import started_with
from ...core.usersite.model import Target
from ...core.usersite.program import interpreter_options
from .. import kernels
from ..context import Context
from .start import Start

_LARGEST = 1 << 20

LOOK = b"""\
import sys
site = sys.modules.get("site")
shown = repr if sys.version_info[0] < 3 else ascii
if site is None:
    import site
user = site.USER_SITE or site.getusersitepackages()
facts = {
    "python": "%d.%d" % sys.version_info[:2],
    "prefix": sys.prefix,
    "base_prefix": getattr(sys, "base_prefix", sys.prefix),
    "user_base": site.USER_BASE,
    "user_site": user,
    "enabled": site.ENABLE_USER_SITE,
    "path": sys.path[1:],
}
sys.stdout.write("\\nenvmgr:" + shown(facts) + "\\n")
"""
"""What is run in an interpreter to see it. For any Python, with no import that may be broken."""


@dataclass(frozen=True)
class Sight:
    """What the interpreter said of itself. ``path`` is its ``sys.path`` without the program's."""

    python: str
    prefix: str
    user_base: str
    user_site: str
    visible: bool
    path: tuple[str, ...]


def find_start(context: Context, kernel: str) -> Start:
    """How a kernel's interpreter is started, as jupyter_client does it; empty: the image's.

    Raises ``no-such-kernel``, ``wrong-state`` for one that does not start Python.
    """
    settings = context.settings
    if not kernel:
        return Start(str(settings.image_interpreter), (), dict(settings.environ))
    found = kernels.find(context, kernel)
    spec = _spec(found)
    if found.interpreter is None:
        raise EnvMgrError(
            "wrong-state",
            f"{found.display_name} is started by {_program(spec)}, which is no Python interpreter: "
            "choose another kernel that starts the same Python itself",
        )
    if found.status != "ok":
        raise EnvMgrError("interpreter-missing", f"{found.display_name}: {found.reason}")
    return Start(
        found.interpreter,
        interpreter_options(spec["argv"]),
        started_with(spec, settings.environ),
        found.name,
        found.display_name,
    )


def _spec(kernel: Kernel) -> dict[str, list[str]]:
    try:
        with (Path(kernel.path) / "kernel.json").open("rb") as file:
            spec = json.loads(file.read(_LARGEST))
        env = spec.get("env") or {}
        if not isinstance(env, dict) or not all(isinstance(word, str) for word in spec["argv"]):
            raise TypeError
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        detail = f"{kernel.display_name}: {kernel.reason or 'kernel.json cannot be read'}"
        raise EnvMgrError("wrong-state", detail) from None
    return {**spec, "env": env}


def _program(spec: Mapping[str, list[str]]) -> str:
    return spec["argv"][0] if spec["argv"] else "nothing"


def read_look(output: str) -> Sight | None:
    """The facts in what `LOOK` printed; None if it did not come to that."""
    lines = [line for line in output.splitlines() if line.startswith("envmgr:")]
    try:
        facts = ast.literal_eval(lines[-1].partition(":")[2])
        base, site = facts["user_base"], facts["user_site"]
        return Sight(
            python=facts["python"],
            prefix=facts["prefix"],
            user_base=base,
            user_site=site,
            visible=bool(facts["enabled"]) and site in facts["path"],
            path=tuple(p for p in facts["path"] if p != site and not _is_inside(p, base)),
        )
    except (IndexError, KeyError, ValueError, SyntaxError, TypeError, RecursionError):
        return None


def _is_inside(path: str, base: str) -> bool:
    return os.path.normpath(path).startswith(os.path.join(base, "lib") + os.sep)


def target_of(start: Start, sight: Sight, by_path: bool) -> Target:
    """The interpreter as a proof names it. ``by_path``: PYTHONPATH leads into the user site."""
    base = sight.user_base
    visible = sight.visible or by_path
    if by_path:
        why = f"PYTHONPATH leads into {base}"
    elif sight.visible:
        why = f"this Python looks at {base}"
    else:
        why = _why_not(start, sight)
    return Target(
        start.interpreter,
        sight.prefix,
        sight.python,
        start.kernel,
        start.display_name,
        visible,
        why,
    )


def _why_not(start: Start, sight: Sight) -> str:
    off = [o for o in start.options if re.fullmatch(r"-[A-Za-z]*[sI][A-Za-z]*", o) and o[1] != "X"]
    if off:
        return f"its kernel starts it with {off[0]}"
    if not os.path.isdir(sight.user_site):
        return f"there is no {sight.user_site}"
    is_venv = os.path.isfile(os.path.join(sight.prefix, "pyvenv.cfg"))
    visible, why = user_site_visible(
        sees_system=None if not is_venv or start.environ.get("PYTHONNOUSERSITE") else False,
        python=sight.python,
        environ=start.environ,
        base=sight.user_base,
        has_own_kernel=False,
    )
    return f"this Python does not look at {sight.user_base}" if visible else why
