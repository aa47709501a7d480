"""conda environments by an executable that is on the machine: conda, mamba or micromamba."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from ..core.commands import Command, Outcome, Step
from ..core.conda.offered import Offer
from ..core.credentials import secrets_of, without_credentials
from ..core.errors import EnvMgrError
from ..core.settings import Settings
from .conda_cli_answers import (
    Answer,
    explicit_solution,
    find_answer,
    merged,
    offers,
    solution,
)
from .conda_cli_causes import explain, not_installed
from .conda_cli_credentials import hand_over
from .conda_cli_environ import environ_for
from .conda_cli_find import ExecutableName, find_executable
from .conda_cli_own import CLAIM, claim, noting
from .conda_cli_prefix import installed, missing
from .conda_cli_progress import CondaReader, MambaReader
from .conda_cli_told import CliAsked
from .conda_plan import CondaPlanRequest, Solution
from .uv import EngineWork

EXPLICIT = "explicit.txt"
OFFERED = "offered"
PYTHON = "python"
ALL = "*"

_JSON = ("{", "}", " ", "[", "]", '"')


@dataclass(frozen=True)
class CondaCliEngine:
    """An executable at an absolute path. ``native`` is mamba 2 or micromamba: no conda inside."""

    name: ExecutableName
    executable: str
    version: str
    native: bool = False

    @classmethod
    def find(cls, settings: Settings, name: ExecutableName) -> CondaCliEngine:
        """The executable of that name. Raises ``engine-missing`` saying what is wrong."""
        found = find_executable(settings, name)
        if found is None:
            raise EnvMgrError("engine-missing", f"{name} is not on this machine")
        if found.why_not:
            detail = f"{found.path} cannot be used: {found.why_not}"
            raise EnvMgrError("engine-missing", detail)
        return cls(name, found.path, found.version, found.native)

    def create(self, plan: CondaPlanRequest) -> EngineWork:
        """The commands that make the environment; ``plan.prefix`` may exist and hold a marker.

        The first fails if there is an environment already: none is ever replaced.
        """
        steps = [claim(plan)]
        if plan.specs or plan.explicit:
            argv = self._install(plan, str(plan.prefix))
            steps.append(self._step(plan, "install", "Installing packages", argv))
        return EngineWork(self._files(plan), (*steps, *noting(plan)))

    def change(self, plan: CondaPlanRequest) -> EngineWork:
        """The commands that remove, install and update packages, in that order.

        Each is a transaction of its own and leaves everything as it was if it fails; those
        before it stay done.
        """
        if self.native and plan.explicit:
            work = self._replace(plan)
        else:
            work = EngineWork(self._files(plan), tuple(self._changes(plan, str(plan.prefix))))
        return replace(work, steps=(*work.steps, *noting(plan)))

    def _replace(self, plan: CondaPlanRequest) -> EngineWork:
        """Take out and put in what a list says, for mamba, and nothing else.

        It would link a package beside its other version, and what is there once more; and with
        what is taken out would go what needs it or was needed by it.
        """
        wanted = missing(plan.prefix, plan.explicit)
        others = wanted.keys() & installed(plan.prefix).keys()
        prefix, plan = str(plan.prefix), replace(plan, explicit=tuple(wanted.values()))
        steps = []
        if gone := (*plan.remove, *sorted(others)):
            options = self._options(plan, prefix, dry_run=False, network=False)
            argv = ("remove", *options, "--force", "--", *gone)
            steps.append(self._step(plan, "remove", "Removing packages", argv))
        if wanted:
            argv = self._install(plan, prefix)
            steps.append(self._step(plan, "install", "Installing packages", argv))
        return EngineWork(self._files(plan), tuple(steps))

    def solve(self, plan: CondaPlanRequest) -> EngineWork:
        """The commands that say what `create` or `change` would do. They change nothing.

        That of a new environment is asked for a place that nothing is at. An explicit list
        needs no solving: no steps.
        """
        if plan.explicit:
            return EngineWork({}, ())
        if (plan.prefix / "conda-meta" / "history").is_file():
            steps = tuple(self._changes(plan, str(plan.prefix), dry_run=True))
        else:
            prefix = str(plan.workdir / "solved")
            argv = ("create", *self._options(plan, prefix, dry_run=True), "--", *plan.specs)
            steps = (self._step(plan, "solve", "Looking for packages that fit", argv),)
        return EngineWork(self._files(plan), steps)

    def offered(self, plan: CondaPlanRequest) -> EngineWork:
        """The command that says which Pythons the channels offer. It is no matter of a prefix."""
        where = (*self._network(plan), "--", PYTHON)
        step = self._step(plan, OFFERED, "Asking the channels", ("search", "--json", *where))
        return EngineWork(self._files(plan), (step,))

    def read_offered(
        self, plan: CondaPlanRequest, work: EngineWork, outcomes: Sequence[Outcome]
    ) -> tuple[Offer, ...]:
        """What the step of `offered` said. Raises ``tool-failed`` if it said nothing."""
        answer = _answer(work.steps[0], outcomes[0])
        if answer is None:
            raise EnvMgrError("tool-failed", f"{self.name} did not say what the channels have")
        return offers(answer, PYTHON, plan.channels)

    def read_solution(
        self, plan: CondaPlanRequest, work: EngineWork, outcomes: Sequence[Outcome]
    ) -> Solution:
        """What the steps of `solve` said. Raises ``tool-failed`` if one said nothing."""
        if plan.explicit:
            return explicit_solution(plan.explicit)
        whole = Solution(())
        for step, outcome in zip(work.steps, outcomes, strict=True):
            answer = _answer(step, outcome)
            if answer is None:
                raise EnvMgrError("tool-failed", f"{self.name} did not say what it would do")
            whole = merged(whole, solution(answer))
        return whole

    def failure(self, step: Step, outcome: Outcome, plan: CondaPlanRequest) -> EnvMgrError | None:
        """The error that an outcome is, None if all went well.

        Ask this rather than the exit code: conda with the solver rattler crashes on its way out
        of runs that did all they should (PyO3/pyo3-async-runtimes#40), and mamba ends with 0 if
        it is interrupted.
        """
        if step.name == CLAIM:
            return None if outcome.ok else self.explain(step, outcome, plan)
        answer = _answer(step, outcome)
        if answer is not None and answer.get("success") is True:
            return None
        if step.name == OFFERED and answer is not None and not _reports_error(answer):
            return None  # what a search finds says nothing of success
        if outcome.ok and not _reports_error(answer) and not self._interrupted(outcome):
            return None
        return self.explain(step, outcome, plan)

    def explain(self, step: Step, outcome: Outcome, plan: CondaPlanRequest) -> EnvMgrError:
        """Why a step failed, in the words of the person who asked for it."""
        asked = CliAsked(
            tool=self.name,
            prefix=str(plan.prefix),
            specs=(*plan.specs, *plan.remove, *plan.update),
            channels=tuple(map(without_credentials, plan.channels)),
            offline=plan.offline,
            proxy=_proxy(step, plan),
        )
        error = explain(_answer(step, outcome), outcome, asked)
        if step.name != CLAIM or error.code != "tool-failed":
            return error
        if "FileExistsError" in outcome.stderr:
            detail = f"there is a conda environment at {plan.prefix} already"
            return EnvMgrError("directory-exists", detail)
        return EnvMgrError("bad-path", f"{plan.prefix} cannot be made: {error.detail}")

    def _changes(
        self, plan: CondaPlanRequest, prefix: str, *, dry_run: bool = False
    ) -> Iterable[Step]:
        options = self._options(plan, prefix, dry_run=dry_run)
        if self.native:
            named = (*plan.remove, *(name for name in plan.update if name != ALL))
            error = not_installed(plan.prefix, named)
            if error is not None:
                raise error
        if plan.remove:
            if self.native:
                # It asks no channel then, and knows of none: the options for them are an error.
                options = self._options(plan, prefix, dry_run=dry_run, network=False)
            argv = ("remove", *options, "--", *plan.remove)
            yield self._step(plan, "remove", "Removing packages", argv)
        if plan.specs or plan.explicit:
            argv = self._install(plan, prefix, dry_run=dry_run)
            yield self._step(plan, "install", "Installing packages", argv)
        if plan.update:
            what = ("--all",) if ALL in plan.update else ("--", *plan.update)
            yield self._step(plan, "update", "Updating packages", ("update", *options, *what))

    def _install(
        self, plan: CondaPlanRequest, prefix: str, *, dry_run: bool = False
    ) -> tuple[str, ...]:
        options = self._options(plan, prefix, dry_run=dry_run)
        if plan.explicit:
            return ("install", *options, "--file", str(plan.workdir / EXPLICIT))
        return ("install", *options, "--", *plan.specs)

    def _options(
        self, plan: CondaPlanRequest, prefix: str, *, dry_run: bool, network: bool = True
    ) -> tuple[str, ...]:
        # mamba 2 says how far it is only without --json, and with it why it failed only in its log.
        as_json = ("--json",) if dry_run or not self.native else ()
        log = ("--log-level", "warning") if dry_run and self.native else ()
        return (
            *("--yes", *as_json, *log, "--prefix", prefix),
            *(("--dry-run",) if dry_run else ()),
            *(self._network(plan) if network else ()),
        )

    def _network(self, plan: CondaPlanRequest) -> tuple[str, ...]:
        channels = hand_over(plan).channels
        return (
            *(("--offline",) if plan.offline else ()),
            *(("--override-channels",) if channels else ()),
            *(f"--channel={channel}" for channel in channels),
        )

    def _step(self, plan: CondaPlanRequest, name: str, title: str, argv: Sequence[str]) -> Step:
        command = Command(
            (self.executable, *argv),
            environ_for(plan, self.name, native=self.native),
            plan.workdir,
            _secrets(plan),
            terminal=not self.native,
        )
        as_json = "--json" in argv
        reader = CondaReader(plan.download) if as_json else MambaReader()
        return Step(name, title, command, 1.0, reader, _JSON if as_json else ())

    def _files(self, plan: CondaPlanRequest) -> dict[str, str]:
        handed = hand_over(plan)
        if not plan.explicit:
            return handed.files
        return {**handed.files, EXPLICIT: "\n".join(("@EXPLICIT", *handed.explicit, ""))}

    def _interrupted(self, outcome: Outcome) -> bool:
        said = re.search(r"[Ii]nterrupted|Aborted", outcome.stderr)
        return self.native and bool(said or "Interrupted by user -" in outcome.stdout)


def _proxy(step: Step, plan: CondaPlanRequest) -> str:
    """The proxy that a step's requests go through, without credentials; empty without one."""
    environ = step.command.environ
    plain = all(channel.startswith("http:") for channel in plan.channels)
    names = ("http_proxy" if plain else "https_proxy", "all_proxy")
    found = (environ.get(name) or environ.get(name.upper()) for name in names)
    return without_credentials(next(filter(None, found), ""))


def _secrets(plan: CondaPlanRequest) -> tuple[str, ...]:
    addresses = (*plan.channels, *plan.explicit, *plan.proxies.values())
    found = (secret for address in addresses for secret in secrets_of(address))
    return tuple(dict.fromkeys((*plan.secrets, *found)))


def _answer(step: Step, outcome: Outcome) -> Answer | None:
    """What the tool answered. The reader has all lines, the outcome has long ones uncut."""
    heard = step.read.text if isinstance(step.read, CondaReader) else ""
    return find_answer(outcome.stdout, heard)


def _reports_error(answer: Answer | None) -> bool:
    return answer is not None and (
        "exception_name" in answer or "error" in answer or answer.get("success") is False
    )
