"""The variables that a program of an environment gets: its kernel's, with all activation sets."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from ...core.commands import Command, Stream
from ...core.environments.model import Environment
from ...core.errors import EnvMgrError
from ...core.kernels.activation import start_words
from ...core.kernels.spec import KernelTarget, kernel_json, started_with
from ...core.settings import Settings
from ...system import process

_SECONDS = 60.0
# Past LineSplitter and decoding, ASCII stays what it is.
_PROGRAM = (
    "import json,os,sys;"
    "sys.stdout.write('\\n'+sys.argv[1]+json.dumps(dict(os.environ))+'\\n');sys.stdout.flush();"
    "os._exit(0)"
)


def target_of(environment: Environment) -> KernelTarget:
    """An environment as kernels start it. Raises ``wrong-state`` if it cannot run here."""
    if environment.interpreter is None or environment.status != "ready":
        raise EnvMgrError(
            "wrong-state",
            f"{environment.name} is {environment.status}: {environment.reason or 'no Python'}",
        )
    return KernelTarget(
        id=environment.id,
        prefix=Path(environment.path),
        interpreter=Path(environment.interpreter),
        kind=environment.kind,
        python=environment.python,
        image="",
        host="",
    )


def command(settings: Settings, target: KernelTarget, *words: str, cwd: Path) -> Command:
    """The command that starts the environment's interpreter with ``words`` as its kernel is.

    With the kernel's variables and, for conda, all that activation sets. What it prints on
    standard error includes what activation scripts print.
    """
    environ = started_with(kernel_json(target, ""), settings.environ)
    return Command(start_words(target.kind, str(target.interpreter), *words), environ, cwd)


def variables(
    settings: Settings,
    target: KernelTarget,
    *,
    cancelled: Callable[[], bool] = lambda: False,
) -> Mapping[str, str]:
    """All variables of a kernel of ``target``: runs its activation scripts, once.

    Raises ``import-failed`` if its Python does not come up, ``interpreter-missing``,
    ``timed-out``, ``cancelled``.
    """
    mark = f"envmgr-{secrets.token_hex(8)}:"
    outcome = process.run(
        command(settings, target, "-c", _PROGRAM, mark, cwd=target.prefix),
        on_line=_unheard,
        cancelled=cancelled,
        timeout=_SECONDS,
        missing="interpreter-missing",
    )
    for line in outcome.stdout.splitlines():
        if line.startswith(mark):
            return {str(name): str(value) for name, value in json.loads(line[len(mark) :]).items()}
    last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
    raise EnvMgrError("import-failed", f"{target.interpreter} does not start: {last}")


def _unheard(stream: Stream, line: str) -> None:
    """Nobody follows this one."""
