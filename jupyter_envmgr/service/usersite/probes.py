"""Proving what breaks a program: fresh interpreters with the user site, without it, and with parts.

Nothing of the user site is touched: what is hidden is left out of a farm of links
(`core.usersite.farm`). The program itself runs each time, with what it does to the world.
"""

from __future__ import annotations

import os
from dataclasses import replace

from ...core.clock import now
from ...core.events import Notice, Output, Progress
from ...core.jobs.model import Job
from ...core.settings import Settings
from ...core.usersite.bisect import Hidden, Search, Seen, narrow, peel
from ...core.usersite.farm import Shadow
from ...core.usersite.model import Mode, ProbeRequest, Proof, Target
from ...core.usersite.program import check_request, plain_python
from ...core.usersite.suspects import providers, suspects
from ...core.usersite.verdict import Judgement, Run, blamed, hide, inside, judge, reinstall
from ...system import farm
from ..context import Context
from ..jobs import Running
from . import proofs
from .bench import TITLES, Bench, shown
from .place import image_name
from .probed import find_start

MOST_PROBES = 60
_THREE: tuple[Mode, ...] = ("as-is", "without", "empty")
_RANKS: tuple[tuple[Shadow, ...], ...] = (("far",), ("far", "other"), ("far", "other", "same"))


def start(context: Context, request: ProbeRequest) -> Job:
    """Begin to prove what breaks a program; the job's result names the proof, and so does its id.

    Raises ``bad-request``, ``bad-path``, ``too-large``, ``no-such-kernel``, ``wrong-state``.
    """
    settings = context.settings
    request = replace(
        request,
        directory=_expanded(request.directory, settings),
        script=_expanded(request.script, settings),
    )
    check_request(request)
    plain = plain_python(request.code)
    begun = find_start(context, request.kernel)
    job_id = context.jobs.new_id()
    proof = Proof(
        id=job_id,
        created=now(),
        request=request,
        target=Target(begun.interpreter, "", "", begun.kernel, begun.display_name),
        verdict="unclear",
        summary="It has not been found out yet.",
        probes=(),
        complete=False,
        remarks=tuple(
            f"Left out, because only IPython knows it: {line}" for line in plain.left_out
        ),
        image=image_name(context.settings),
    )

    def work(running: Running) -> dict[str, str]:
        settings = context.settings
        _plan(running, proof)
        with farm.workplace(settings.cache / "probes", settings.door) as place:
            bench = Bench(settings, replace(request, code=plain.text), begun, running, place)
            made = _Proving(settings, bench, running, proof).carry_out()
        return {"proof": made.id, "verdict": made.verdict}

    subject = request.kernel or begun.interpreter
    return context.jobs.start("usersite.probe", subject, _title(request), work, job_id)


def _expanded(path: str, settings: Settings) -> str:
    """JupyterLab knows its directories by ``~`` alone."""
    if path == "~" or path.startswith("~/"):
        return str(settings.home / path[2:])
    return path


def _title(request: ProbeRequest) -> str:
    if request.module:
        return f"Probe import {request.module}"
    return f"Probe {os.path.basename(request.script)}" if request.script else "Probe a program"


def _plan(running: Running, proof: Proof) -> None:
    steps = [("look", "Looking at the interpreter", 0.3)]
    steps += [(mode, TITLES[mode], 1.0) for mode in _THREE]
    if proof.request.find_culprits:
        steps.append(("conclude", "The conclusion", 4.0))
    running.plan(steps)
    for remark in proof.remarks:
        running.emit(Notice(remark))


class _Proving:
    """One job: the proof as far as it is."""

    def __init__(self, settings: Settings, bench: Bench, running: Running, proof: Proof) -> None:
        self._settings = settings
        self._bench = bench
        self._tree = bench.tree
        self._running = running
        self._proof = replace(proof, target=bench.target)
        self._runs: dict[Hidden, Run] = {}

    def carry_out(self) -> Proof:
        """The three runs, the verdict, and the culprits. What there is so far can be read."""
        target = self._proof.target
        as_is = without = empty = self._probe("as-is")
        if target.visible:
            without, empty = self._probe("without"), self._probe("empty")
        why_hidden = "" if target.visible else target.why_visible
        judged = judge(as_is, without, empty, self._tree, why_hidden)
        self._conclude(judged, as_is)
        if judged.search and self._proof.request.find_culprits and self._tree.units:
            self._look_for_culprits(judged, as_is)
        self._proof = replace(self._proof, complete=True)
        proofs.write(self._settings, self._proof)
        proofs.prune(self._settings)
        if self._proof.request.find_culprits:
            self._running.step("conclude")
        self._running.emit(Progress(1.0, self._proof.summary[:200]))
        self._running.emit(Output(self._proof.summary))
        return self._proof

    def _probe(self, mode: Mode, hidden: Hidden = frozenset()) -> Run:
        number = len(self._proof.probes) + 1
        probe, run = self._bench.probe(mode, number, hidden)
        self._proof = replace(self._proof, probes=(*self._proof.probes, probe))
        proofs.write(self._settings, self._proof)
        title = TITLES[mode] + (f" {shown(probe.hidden)}" if hidden else "")
        result = "works" if run.ok else f"fails: {run.error}"
        self._running.emit(Output(f"{number}. {title}: {result} ({probe.seconds:.1f} s)"))
        self._running.emit(Progress(1.0, title))
        return run

    def _conclude(self, judged: Judgement, as_is: Run) -> None:
        self._proof = replace(self._proof, verdict=judged.verdict, summary=judged.summary)
        if judged.verdict != "only-in-user-site":
            return
        target = self._proof.target
        pair = inside(as_is.trace, self._tree, judged.needed)
        fix = reinstall(pair or judged.needed, target.python, target.kernel)
        self._proof = replace(self._proof, fix=fix, culprits=pair)
        if pair:
            labels = " and ".join(self._tree.unit(token).label for token in pair)
            summary = f"{labels} are in the user site alone and do not fit together: {as_is.error}"
            self._proof = replace(self._proof, verdict="inside-user-site", summary=summary)

    # -- culprits ---------------------------------------------------------------------------------

    def _look_for_culprits(self, judged: Judgement, as_is: Run) -> None:
        candidates = frozenset(judged.candidates)
        first = self._seen(as_is, frozenset())
        likely = tuple(token for token in first.suspects if token in candidates)
        proven = True
        try:
            culprits = self._answer(peel(replace(first, suspects=likely)))
            if culprits is None:
                groups = self._groups(candidates, judged.verdict == "user-site")
                culprits = self._answer(narrow(groups))
        except _Enough:
            helped = [hidden for hidden, run in self._runs.items() if run.ok]
            culprits = min(helped, key=len, default=None)
            proven = False
        if culprits is not None:
            self._blame(tuple(sorted(culprits)), as_is, proven)
        elif judged.verdict == "user-site":
            words = " Hiding parts of it did not help, though: set it aside as a whole."
            self._proof = replace(self._proof, summary=self._proof.summary + words)

    def _blame(self, culprits: tuple[str, ...], as_is: Run, proven: bool) -> None:
        target = self._proof.target
        self._proof = replace(
            self._proof,
            verdict="user-site",
            culprits=culprits,
            summary=f"{blamed(self._tree, culprits, proven=proven)} Else: {as_is.error}",
            fix=hide(culprits, target.python, target.kernel),
        )

    def _answer(self, search: Search) -> Hidden | None:
        """Run what a search asks for, until it has its answer."""
        try:
            hidden = next(search)
            while True:
                if hidden not in self._runs:
                    if len(self._proof.probes) >= MOST_PROBES:
                        raise _Enough
                    self._runs[hidden] = self._probe("hiding", hidden)
                hidden = search.send(self._seen(self._runs[hidden], hidden))
        except StopIteration as end:
            answer: Hidden | None = end.value
            return answer

    def _groups(self, candidates: Hidden, works_empty: bool) -> list[list[str]]:
        """What to hide, in the order of likelihood: what the program loads, far versions first."""
        units = [unit for unit in self._tree.units if unit.token in candidates]
        loaded = self._bench.loaded("as-is")
        if works_empty:
            # How far it came before it failed says nothing of what it would have loaded then.
            loaded |= self._bench.loaded("empty")
        near = [unit for unit in units if unit.token in loaded]
        groups = []
        for some in (near, units):
            groups += [[unit.token for unit in some if unit.shadows in rank] for rank in _RANKS]
            groups.append([unit.token for unit in some])
        refuted = {token for hidden in self._runs for token in hidden if len(hidden) == 1}
        return [sorted(group, key=refuted.__contains__) for group in groups if group]

    def _seen(self, run: Run, hidden: Hidden) -> Seen:
        missing = run.trace.missing_module
        lacks = frozenset(providers(self._tree, missing)) & hidden if missing else frozenset()
        return Seen(run.ok, run.symptom, suspects(run.trace, self._tree), lacks)


class _Enough(Exception):
    """As many probes were run as one proof may have."""
