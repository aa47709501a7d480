"""pip-style environments by uv: a plan in, the commands that carry it out."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from ..core.commands import Command, Outcome, Step
from ..core.environment_variables import scrub
from ..core.errors import EnvMgrError
from ..core.packages.indexes import Indexes
from ..core.settings import Settings
from .causes import explain
from .failure import Asked
from .uv_progress import InstallReader, PythonReader

REQUIREMENTS = "requirements.txt"
LINK_MODES = ("clone", "copy", "hardlink", "symlink")

# The bundles of Debian, of Red Hat, and of Alpine and OpenSUSE.
_SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/cert.pem",
    "/etc/ssl/ca-bundle.pem",
)

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
    to the newest version that fits.
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
        steps = [self._venv(plan, environ), self._install(plan, environ)]
        if plan.download:
            steps.insert(0, self._python(plan, environ))
        lines = [*with_pip(plan.requirements), ""]
        return EngineWork({REQUIREMENTS: "\n".join(lines)}, tuple(steps))

    def install(self, plan: PipPlan) -> EngineWork:
        """The command that adds packages to the environment at ``plan.prefix``.

        Those that an earlier install was cut over are put in place again (``plan.again``).
        """
        lines = [*plan.requirements, ""]
        step = self._install(plan, self._environ(plan))
        return EngineWork({REQUIREMENTS: "\n".join(lines)}, (step,))

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
            requirements=plan.requirements,
            indexes=plan.indexes,
            proxy=_proxy(step, plan.indexes.default),
        )
        return explain(step.name, outcome, asked)

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

    def _install(self, plan: PipPlan, environ: dict[str, str]) -> Step:
        strategy = "unsafe-best-match" if plan.indexes.best_of_all else "first-index"
        argv = (
            *(self.executable, "pip", "install", "--no-config", "--color", "never"),
            *("--no-python-downloads", "--python", str(plan.interpreter)),
            *("--link-mode", plan.link_mode, "--index-strategy", strategy),
            *(("--no-index",) if plan.indexes.no_index else ()),
            *(("--reinstall",) if plan.again else ()),
            *(word for name in plan.upgrade for word in ("--upgrade-package", name)),
            *("--requirements", str(plan.workdir / REQUIREMENTS)),
        )
        environ = {**environ, "RUST_LOG": _SIGNS_OF_LIFE}
        command = Command(argv, environ, plan.workdir, plan.indexes.secrets)
        reader = InstallReader()
        return Step("install", "Installing packages", command, 1.0, reader, _UNLOGGED)

    def _environ(self, plan: PipPlan) -> dict[str, str]:
        """The environment of all steps: the person's, scrubbed, and what uv is told by it.

        Indexes go this way because an argv can be read by everybody in /proc.
        """
        environ = scrub(plan.environ)
        indexes = plan.indexes
        environ.setdefault("UV_HTTP_RETRIES", "1")
        environ["UV_PYTHON_INSTALL_DIR"] = str(self.pythons)
        # uv's messages are English; those of compilers below it should be recognised too.
        environ["LC_MESSAGES"] = "C"
        environ.pop("LANGUAGE", None)
        if "LC_ALL" in environ:
            environ["LANG"] = environ.pop("LC_ALL")
        environ["NO_COLOR"] = "1"
        environ["GIT_TERMINAL_PROMPT"] = "0"
        environ["PYTHONNOUSERSITE"] = "1"
        if indexes.default:
            environ["UV_DEFAULT_INDEX"] = indexes.default
        if indexes.extras:
            environ["UV_INDEX"] = " ".join(indexes.extras)
        links = [*indexes.find_links, *_bundled_pip(plan.python)]
        if links:
            environ["UV_FIND_LINKS"] = ",".join(links)
        if indexes.trusted_hosts:
            environ["UV_INSECURE_HOST"] = " ".join(indexes.trusted_hosts)
        if indexes.client_certificate:
            environ.setdefault("SSL_CLIENT_CERT", indexes.client_certificate)
        if indexes.proxy:
            for name in ("HTTP_PROXY", "HTTPS_PROXY"):
                if not (environ.get(name) or environ.get(name.lower())):
                    environ[name] = indexes.proxy
        _trust(environ, indexes.certificate)
        return environ


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


def _proxy(step: Step, index: str | None) -> str:
    """The proxy that a step's requests went through; empty if there was none."""
    environ = step.command.environ
    plain = step.name != "python" and bool(index and index.startswith("http:"))
    names = ("http_proxy" if plain else "https_proxy", "all_proxy")
    found = (environ.get(name) or environ.get(name.upper()) for name in names)
    return next(filter(None, found), "")


def _trust(environ: dict[str, str], certificate: str | None) -> None:
    """Make uv trust what pip trusts: the named certificates, else those of the system.

    uv's own bundle knows no proxy that opens TLS; the system's often does. An image without
    certificates of its own keeps uv's.
    """
    if environ.get("SSL_CERT_FILE") or environ.get("SSL_CERT_DIR"):
        return
    if certificate:
        kind = "SSL_CERT_DIR" if Path(certificate).is_dir() else "SSL_CERT_FILE"
        environ[kind] = certificate
    elif any(map(Path.is_file, map(Path, _SYSTEM_CERTIFICATES))):
        environ.setdefault("UV_SYSTEM_CERTS", "1")
        environ.setdefault("UV_NATIVE_TLS", "1")  # its name before uv 0.10


def _bundled_pip(python: str) -> tuple[str, ...]:
    """The directory with the pip that a Python brings (ensurepip), for an index that has none."""
    if not python.startswith("/"):
        return ()
    prefix = Path(python).resolve().parent.parent
    bundles = sorted(prefix.glob("lib/python3*/ensurepip/_bundled"))
    return tuple(bundle.as_uri() for bundle in bundles[:1] if any(bundle.glob("pip-*.whl")))


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
