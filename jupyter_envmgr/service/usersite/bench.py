"""Runs one program again and again, with other parts of the user site in its view."""

from __future__ import annotations

import os
import re
from collections import deque
from dataclasses import replace
from pathlib import Path

from ...core.commands import Command, Outcome, Reader, Step, Stream
from ...core.errors import EnvMgrError
from ...core.events import Payload
from ...core.settings import Settings
from ...core.usersite.bisect import Hidden
from ...core.usersite.farm import read_tree
from ...core.usersite.model import Mode, Probe, ProbeRequest
from ...core.usersite.program import Places, encoded, environ_for, ignores_variables
from ...core.usersite.suspects import providers
from ...core.usersite.traceback import read_traceback
from ...core.usersite.verdict import Run
from ...system import durable, farm
from ..jobs import Running
from .probed import LOOK, Sight, read_look, target_of
from .start import Start

TITLES: dict[Mode, str] = {
    "as-is": "As it is",
    "without": "Without the user site",
    "empty": "With an empty user site",
    "hiding": "Hiding",
}
_LOOK_SECONDS = 30.0
_KEPT = 6000
_MOST_NAMED = 4
_IMPORTED = re.compile(r"import '?([\w.]+)'? #")


class Bench:
    """One job's program in a private directory ``place``, and the interpreter that runs it.

    Each run is a step of the job: it can be cancelled at any moment, and is ended, with all that
    it started, when its time is over. ``tree`` is the user site that the interpreter looks at.
    """

    def __init__(
        self, settings: Settings, request: ProbeRequest, start: Start, running: Running, place: Path
    ) -> None:
        self._settings = settings
        self._request = request
        self._start = start
        self._running = running
        self._place = place
        self._write_program()
        sight = self._look()
        base, site = sight.user_base, sight.user_site
        if not site.startswith(base.rstrip("/") + "/") or not os.path.isabs(base):
            detail = f"the user base {base} is a relative path: each directory has its own"
            raise EnvMgrError("wrong-state", detail)
        self._site = os.path.relpath(site, base)
        farm.make_empty_base(place / "empty", self._site)
        self._places = Places(base, site)
        paths = self._start.environ.get("PYTHONPATH", "").split(os.pathsep)
        if ignores_variables(start.options):
            paths = []
        inside = [path for path in paths if self._places.is_inside(path)]
        others = [path for path in inside if os.path.realpath(path) != os.path.realpath(site)]
        self.tree = read_tree(base, site, sight.path, others)
        self.target = target_of(self._start, sight, bool(inside))

    def probe(self, mode: Mode, number: int, hidden: Hidden = frozenset()) -> tuple[Probe, Run]:
        """Run the program once. Raises ``cancelled``, ``interpreter-missing``."""
        if mode != "hiding":
            return self._probe(mode, number)
        place = self._place / "farm"
        farm.plant(place, self.tree.layout(hidden))
        try:
            return self._probe(mode, number, hidden)
        finally:
            farm.clear(place)

    def loaded(self, mode: Mode) -> frozenset[str]:
        """The units of which the program loads anything, or would, by what Python says of it."""
        paths: set[str] = set()
        modules: set[str] = set()
        site = self.tree.site + "/"

        def read(stream: Stream, line: str) -> tuple[Payload, ...]:
            at = line.find(site)
            if at >= 0:
                paths.add(line[at:].split("'")[0])
            elif match := _IMPORTED.match(line):
                modules.add(".".join(match[1].split(".")[:2]))
            return ()

        command = self._command(mode, self._program, verbose=True)
        self._run(f"loads-{mode}", f"{TITLES[mode]}, to see what it loads", command, read)
        found = {token for path in paths for token in self.tree.owners(path)}
        return frozenset(found.union(*(providers(self.tree, module) for module in modules)))

    def _write_program(self) -> None:
        request = self._request
        if request.script:
            self._program = Path(request.script)
            self._cwd = self._program.parent
        else:
            text = f"import {request.module}\n" if request.module else request.code
            self._cwd = self._place / "program"
            self._program = self._cwd / "_envmgr_program.py"
            durable.make_directory(self._cwd, mode=0o700)
            durable.write_file(self._program, encoded(text), mode=0o600)
        if request.directory:
            # Modules beside the notebook are found as in its kernel: before all others.
            self._cwd = Path(request.directory)
            paths = [request.directory, *self._start.environ.get("PYTHONPATH", "").split(":")]
            environ = {**self._start.environ, "PYTHONPATH": ":".join(filter(None, paths))}
            self._start = replace(self._start, environ=environ)

    def _look(self) -> Sight:
        """What the interpreter is and sees; without the user site where that keeps it from it."""
        self._places = Places("/nowhere", "")
        look = self._place / "look.py"
        durable.write_file(look, LOOK)
        modes: tuple[Mode, ...] = ("as-is", "without")
        said = ""
        for mode in modes:
            step = Step("look", "", self._command(mode, look), 0.3, unlogged=("",))
            try:
                outcome = self._running.run(
                    step, timeout=_LOOK_SECONDS, missing="interpreter-missing"
                )
            except EnvMgrError as error:
                if error.code != "timed-out":
                    raise
                said = error.detail
                continue
            sight = read_look(outcome.stdout)
            if sight is not None:
                return replace(sight, visible=True) if mode == "without" else sight
            said = read_traceback(_said(outcome)).error
        detail = f"{self._start.interpreter} does not start: {said}"
        raise EnvMgrError("interpreter-missing", detail)

    def _command(
        self, mode: Mode, program: Path, hidden: Hidden = frozenset(), *, verbose: bool = False
    ) -> Command:
        bases = {"empty": "empty", "hiding": "farm"}
        base = str(self._place / bases[mode]) if mode in bases else ""
        environ = environ_for(
            mode,
            self._start.environ,
            base=base,
            site=os.path.join(base, self._site) if mode == "hiding" else "",
            places=replace(self._places, hidden=hidden),
        )
        options = ["-s"] if mode == "without" else []
        if verbose:
            options.append("-v")
            environ["PYTHONVERBOSE"] = "1"
        return Command((*self._start.argv, *options, str(program)), environ, self._cwd)

    def _probe(self, mode: Mode, number: int, hidden: Hidden = frozenset()) -> tuple[Probe, Run]:
        tokens = tuple(sorted(hidden))
        title = TITLES[mode] + (f" {shown(tokens)}" if tokens else "")
        name = f"hiding-{number}" if mode == "hiding" else mode
        tail = _Tail()
        command = self._command(mode, self._program, hidden)
        outcome, seconds = self._run(name, title, command, tail.read)
        text = self._plain(tail.text() if outcome is None else _said(outcome))
        run = Run(
            ok=outcome is not None and outcome.ok,
            trace=read_traceback(text, str(self._settings.home)),
            exit_code=outcome.returncode if outcome else None,
            timed_out=outcome is None,
            seconds=self._request.seconds,
        )
        probe = Probe(
            number=number,
            mode=mode,
            ok=run.ok,
            seconds=round(seconds, 3),
            exit_code=run.exit_code,
            error=run.error,
            output=text[-_KEPT:],
            hidden=tokens,
            timed_out=run.timed_out,
        )
        return probe, run

    def _run(
        self, name: str, title: str, command: Command, read: Reader
    ) -> tuple[Outcome | None, float]:
        """Run to the end; None for the outcome if that did not come in time."""
        weight = 1.0 if name in TITLES else 0.4
        step = Step(name, title, command, weight, read, unlogged=("",))
        try:
            outcome = self._running.run(
                step, timeout=self._request.seconds, missing="interpreter-missing"
            )
        except EnvMgrError as error:
            if error.code != "timed-out":
                raise
            return None, self._request.seconds
        return outcome, outcome.seconds

    def _plain(self, text: str) -> str:
        """Output that speaks of the real user site, whichever the program saw."""
        for name in ("farm", "empty"):
            text = text.replace(str(self._place / name), self.tree.base)
        return text if self._request.script else text.replace(str(self._program), "<program>")


class _Tail:
    """The last lines of a program, whatever becomes of it."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=400)

    def read(self, stream: Stream, line: str) -> tuple[Payload, ...]:
        self._lines.append(line[:2000])
        return ()

    def text(self) -> str:
        return "\n".join(self._lines)


def shown(tokens: tuple[str, ...]) -> str:
    """The first of some names, and how many more there are."""
    more = len(tokens) - _MOST_NAMED
    return ", ".join(tokens[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _said(outcome: Outcome) -> str:
    """What it printed; the errors last, where the traceback is."""
    return "\n".join(filter(None, (outcome.stdout.strip(), outcome.stderr.strip())))
