"""pip-style environments by uv: a plan in, the commands that carry it out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..core.commands import Command, Outcome, Step
from ..core.errors import EnvMgrError
from ..core.packages.hashes import without_hashes
from ..core.packages.indexes import Indexes
from ..core.settings import Settings
from .causes import explain
from .failure import Asked
from .uv_environment import proxy_of, uv_environment
from .uv_progress import InstallReader, PythonReader

REQUIREMENTS = "requirements.txt"
LOCKED = "locked.txt"
LINK_MODES = ("clone", "copy", "hardlink", "symlink")

# What uv says of each request and of each package that it puts in place: its only signs of life
# off a terminal in between "Resolved" and "Installed".
_SIGNS_OF_LIFE = "uv_client::cached_client=trace,uv_install_wheel::install=trace"
_UNLOGGED = ("TRACE ", "DEBUG ")


@dataclass(frozen=True)
class PipPlan:
    """What to make: a venv at ``prefix`` with ``requirements`` (normal form, one line each).

    ``python`` is an absolute interpreter, or a version that is fetched first if ``download``.
    ``workdir`` is a private directory: the commands run in it, and the files are read from it.
    ``again`` puts in place anew what is there already; ``upgrade`` names packages that are brought
    to the newest version that fits. ``locked`` are requirement lines with hashes: these files and
    no others are installed first, and what they need must be among them; ``complete`` takes them
    for all that they need.
    """

    prefix: Path
    python: str
    download: bool
    requirements: tuple[str, ...]
    indexes: Indexes
    workdir: Path
    environ: Mapping[str, str]
    link_mode: str = "copy"
    prompt: str = ""
    again: bool = False
    upgrade: tuple[str, ...] = ()
    locked: tuple[str, ...] = ()
    complete: bool = False

    @property
    def interpreter(self) -> Path:
        """The interpreter that the environment will have."""
        return self.prefix / "bin" / "python"


@dataclass(frozen=True)
class EngineWork:
    """The files to write below the plan's ``workdir`` (mode 0600), then the steps to run."""

    files: dict[str, str]
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class UvEngine:
    """uv at an absolute path. ``pythons`` is where the Pythons go that it fetches.

    They must outlive the container and must not lie below ~/.local, uv's own default, which
    people move away.
    """

    executable: str
    version: str
    pythons: Path

    @classmethod
    def find(cls, settings: Settings) -> UvEngine:
        """The uv that came with this package, else one on PATH. Raises ``engine-missing``."""
        executable = _bundled() or shutil.which("uv", path=settings.environ.get("PATH", ""))
        if executable is None:
            raise EnvMgrError(
                "engine-missing", "uv is not installed", hint="Install it with `pip install uv`."
            )
        return cls(executable, _version(executable), settings.pythons)

    def create(self, plan: PipPlan) -> EngineWork:
        """The commands that make the environment. ``plan.prefix`` may exist and hold a marker.

        A cut install leaves packages that every tool calls fine and that do not import (uv
        0.13.8, in 7 of 7 cuts): what was cut must be deleted, never completed.
        """
        environ = self._environ(plan)
        steps = [self._venv(plan, environ)]
        if plan.download:
            steps.insert(0, self._python(plan, environ))
        lines = _besides(with_pip(plan.requirements), plan.locked)
        work = self._installs(plan, lines, environ)
        return EngineWork(work.files, (*steps, *work.steps))

    def install(self, plan: PipPlan) -> EngineWork:
        """The commands that add packages to the environment at ``plan.prefix``.

        Those that an earlier install was cut over are put in place again (``plan.again``).
        """
        return self._installs(plan, plan.requirements, self._environ(plan))

    def sync(self, plan: PipPlan) -> EngineWork:
        """The command after which the environment has exactly ``plan.requirements``."""
        argv = (
            *(self.executable, "pip", "sync", "--no-config", "--color", "never"),
            *("--no-python-downloads", "--python", str(plan.interpreter)),
            *("--link-mode", plan.link_mode, "--allow-empty-requirements"),
            *(("--no-index",) if plan.indexes.no_index else ()),
            *(("--reinstall",) if plan.again else ()),
            str(plan.workdir / REQUIREMENTS),
        )
        environ = {**self._environ(plan), "RUST_LOG": _SIGNS_OF_LIFE}
        command = Command(argv, environ, plan.workdir, plan.indexes.secrets)
        step = Step("install", "Installing packages", command, 1.0, InstallReader(), _UNLOGGED)
        lines = [*plan.requirements, ""]
        return EngineWork({REQUIREMENTS: "\n".join(lines)}, (step,))

    def uninstall(self, plan: PipPlan, names: tuple[str, ...]) -> EngineWork:
        """The command that takes packages out of the environment at ``plan.prefix``."""
        argv = (
            *(self.executable, "pip", "uninstall", "--no-config", "--color", "never"),
            *("--no-python-downloads", "--python", str(plan.interpreter), "--", *names),
        )
        command = Command(argv, self._environ(plan), plan.workdir, plan.indexes.secrets)
        return EngineWork({}, (Step("uninstall", "Removing packages", command, 0.2),))

    def explain(self, step: Step, outcome: Outcome, plan: PipPlan) -> EnvMgrError:
        """Why a step failed, in the words of the person who asked for it."""
        asked = Asked(
            prefix=str(plan.prefix),
            python=plan.python,
            requirements=tuple(map(without_hashes, plan.requirements)),
            indexes=plan.indexes,
            proxy=proxy_of(step, plan.indexes.default),
        )
        return explain(step.name, outcome, asked)

    def _environ(self, plan: PipPlan) -> dict[str, str]:
        return uv_environment(plan.environ, plan.indexes, plan.python, self.pythons)

    def _python(self, plan: PipPlan, environ: dict[str, str]) -> Step:
        argv = (
            *(self.executable, "python", "install", "--no-config", "--color", "never"),
            *("--no-bin", "--install-dir", str(self.pythons), "--", plan.python),
        )
        command = Command(argv, environ, plan.workdir, plan.indexes.secrets)
        reader = PythonReader(plan.python)
        return Step("python", f"Downloading Python {plan.python}", command, 0.3, reader)

    def _venv(self, plan: PipPlan, environ: dict[str, str]) -> Step:
        argv = (
            *(self.executable, "venv", "--no-config", "--no-project", "--color", "never"),
            *("--no-python-downloads", *(("--managed-python",) if plan.download else ())),
            *("--allow-existing", "--relocatable"),
            *(f"--prompt={plan.prompt or plan.prefix.name}", f"--python={plan.python}"),
            *("--", str(plan.prefix)),
        )
        command = Command(argv, environ, plan.workdir, plan.indexes.secrets)
        return Step("venv", "Creating the environment", command, 0.04)

    def _installs(
        self, plan: PipPlan, lines: tuple[str, ...], environ: dict[str, str]
    ) -> EngineWork:
        files: dict[str, str] = {}
        steps: list[Step] = []
        if plan.locked:
            steps.append(self._install_locked(plan, environ))
            files[LOCKED] = "\n".join([*plan.locked, ""])
        if lines:
            steps.append(self._install(plan, environ))
            files[REQUIREMENTS] = "\n".join([*lines, ""])
        return EngineWork(files, tuple(steps))

    def _install(self, plan: PipPlan, environ: dict[str, str]) -> Step:
        # What is locked stays, and what else needs one of those gets the locked one.
        locked = ("--constraints", str(plan.workdir / LOCKED)) if plan.locked else ()
        argv = (
            *self._pip_install(plan),
            *(("--reinstall",) if plan.again else ()),
            *(word for name in plan.upgrade for word in ("--upgrade-package", name)),
            *("--requirements", str(plan.workdir / REQUIREMENTS), *locked),
        )
        weight = 0.3 if plan.locked else 1.0
        return self._installing("install", "Installing packages", argv, plan, environ, weight)

    def _install_locked(self, plan: PipPlan, environ: dict[str, str]) -> Step:
        argv = (
            *(*self._pip_install(plan), "--require-hashes"),
            *(("--reinstall",) if plan.again else ()),
            *(("--no-deps",) if plan.complete else ()),
            *("--requirements", str(plan.workdir / LOCKED)),
        )
        title = "Installing packages, their hashes checked"
        return self._installing("locked", title, argv, plan, environ, 1.0)

    def _pip_install(self, plan: PipPlan) -> tuple[str, ...]:
        return (
            *(self.executable, "pip", "install", "--no-config", "--color", "never"),
            *("--no-python-downloads", "--python", str(plan.interpreter)),
            *("--link-mode", plan.link_mode, "--index-strategy", strategy(plan.indexes)),
            *(("--no-index",) if plan.indexes.no_index else ()),
        )

    def _installing(
        self,
        name: str,
        title: str,
        argv: tuple[str, ...],
        plan: PipPlan,
        environ: dict[str, str],
        weight: float,
    ) -> Step:
        environ = {**environ, "RUST_LOG": _SIGNS_OF_LIFE}
        command = Command(argv, environ, plan.workdir, plan.indexes.secrets)
        return Step(name, title, command, weight, InstallReader(), _UNLOGGED)


def strategy(indexes: Indexes) -> str:
    """Which of several indexes a package is taken from, as uv calls it."""
    return "unsafe-best-match" if indexes.best_of_all else "first-index"


def _besides(lines: tuple[str, ...], locked: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the requirements that are not among the locked ones anyway.

    A package that others are content with in any version is content with the locked one; a lock
    for another platform may have it under a marker, and leave it out here.
    """
    there = set()
    for line in locked:
        requirement = Requirement(without_hashes(line))
        if requirement.marker is None:
            there.add(canonicalize_name(requirement.name))
    return tuple(line for line in lines if canonicalize_name(line) not in there)


def with_pip(requirements: tuple[str, ...]) -> tuple[str, ...]:
    """The requirements, and pip before them if it is not among them.

    Without a pip of its own ``%pip install`` fails and ``!pip install`` goes to the base Python.
    In the one install it costs nothing, and no requirement can contradict it unseen. ipykernel
    goes to the front too: what everybody needs is looked up first, so that an address that is no
    index is known by the lack of it.
    """
    names = {canonicalize_name(Requirement(text).name) for text in requirements}
    pip = () if "pip" in names else ("pip",)
    return (*pip, *sorted(requirements, key=lambda text: text != "ipykernel"))


def _bundled() -> str | None:
    try:
        import uv

        return str(uv.find_uv_bin())
    except (ImportError, OSError):
        return None


def _version(executable: str) -> str:
    """The version of a uv from the metadata it was installed with; empty if there is none."""
    prefix = Path(executable).resolve().parent.parent
    for pattern in ("lib/python3*/site-packages/uv-*.dist-info", "*/uv-*.dist-info"):
        for found in prefix.glob(pattern):
            return found.name.removeprefix("uv-").removesuffix(".dist-info")
    return ""
