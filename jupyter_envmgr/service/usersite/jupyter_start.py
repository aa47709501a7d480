"""Whether Jupyter starts with the user site as it is: tried in fresh interpreters.

On the standard library alone: it is asked where Jupyter does not start.
"""

from __future__ import annotations

from pathlib import Path

from ...core.commands import Command, Outcome
from ...core.errors import EnvMgrError
from ...core.settings import Settings
from ...core.usersite.base import find_user_base
from ...core.usersite.diagnosis.codes import by_hand, finding
from ...core.usersite.model import Finding, Mode
from ...core.usersite.program import Places, environ_for
from ...core.usersite.traceback import read_traceback
from ...system import process

_SECONDS = 60.0
_MODULES = ("jupyter_server.serverapp", "jupyterlab.labapp", "ipykernel.kernelapp")
_PROGRAM = f"""\
import importlib
import importlib.util
import sys
for name in {_MODULES!r}:
    if importlib.util.find_spec(name.partition(".")[0]) is not None:
        sys.stdout.write("envmgr:" + name + chr(10))
        sys.stdout.flush()
        importlib.import_module(name)
"""


def why_jupyter_fails(settings: Settings) -> Finding | None:
    """The finding that Jupyter's programs cannot be imported because of the user site.

    None where they can be, and where they cannot be without the user site either: it is not to
    blame then. Takes what a start of Jupyter takes. What does not answer in a minute is no proof.
    """
    as_is = _imports(settings, "as-is")
    if as_is is None or as_is.ok:
        return None
    without = _imports(settings, "without")
    if without is None or not without.ok:
        return None
    begun = _begun(as_is)
    module = begun[-1] if begun else _MODULES[0]
    error = read_traceback(as_is.stderr, str(settings.home)).error or "it ends without a word"
    is_elsewhere = module in _begun(without)
    fate = "it starts" if is_elsewhere else "there is no Jupyter"
    return finding(
        "jupyter-broken",
        module.partition(".")[0],
        f"Jupyter does not start: {error}",
        severity="proven",
        evidence=((f"import {module}", error), ("Without the user site", fate)),
        fix=by_hand(
            "Find the packages to blame",
            *("jupyter", "envmgr", "usersite", "probe", "-m", module),
        ),
    )


def _begun(outcome: Outcome) -> list[str]:
    """The modules that it came to, the last one maybe no further."""
    lines = outcome.stdout.splitlines()
    return [line.partition(":")[2] for line in lines if line.startswith("envmgr:")]


def _imports(settings: Settings, mode: Mode) -> Outcome | None:
    base = find_user_base(settings.environ, settings.home)
    environ = environ_for(mode, settings.environ, places=Places(base.path, ""))
    options = ("-s",) if mode == "without" else ()
    argv = (str(settings.image_interpreter), *options, "-c", _PROGRAM)
    try:
        return process.run(
            Command(argv, environ, Path("/")),
            on_line=lambda stream, line: None,
            cancelled=lambda: False,
            timeout=_SECONDS,
            missing="interpreter-missing",
        )
    except EnvMgrError as error:
        if error.code != "timed-out":
            raise
        return None
