"""pip of a Python that is there already: into its user site, or beside the image's packages."""

from __future__ import annotations

import re
import shlex
import signal
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ..core.commands import Command, Outcome, Step
from ..core.environment_variables import scrub
from ..core.errors import EnvMgrError
from ..core.packages.indexes import Indexes

REQUIREMENTS = "requirements.txt"
# What the person says to pip about the machine. PIP_TARGET and the like would lead elsewhere.
_KEPT = ("PIP_CONFIG_FILE", "PIP_CACHE_DIR", "PIP_CERT", "PIP_PROXY", "PIP_TRUSTED_HOST")


@dataclass(frozen=True)
class PipInstall:
    """What to install with which Python's own pip. ``base`` is the user base of the place ``user``.

    ``as_root`` goes through ``sudo -n``. ``protected`` lifts the refusal of PEP 668.
    """

    interpreter: Path
    place: Literal["user", "system"]
    indexes: Indexes
    environ: Mapping[str, str]
    base: str = ""
    as_root: bool = False
    protected: bool = False

    def step(self, workdir: Path) -> Step:
        """The one step; ``workdir`` is private and holds the requirements by then."""
        environ = self._environ()
        command = Command(
            (*self._sudo(environ), *self.words(), "-r", str(workdir / REQUIREMENTS)),
            environ,
            workdir,
            self.indexes.secrets,
        )
        return Step("install", "Installing packages", command, 1.0)

    def words(self) -> tuple[str, ...]:
        """The command without its requirements.

        Beside the image's packages nothing of the user site may count as installed (``-s``).
        """
        isolated = ("-s",) if self.place == "system" else ()
        where = ("--user",) if self.place == "user" else ()
        lifted = ("--break-system-packages",) if self.protected else ()
        options = ("--no-input", "--disable-pip-version-check", "--progress-bar", "off")
        return (
            *(str(self.interpreter), *isolated, "-m", "pip", "install"),
            *(*where, *lifted, *options),
        )

    def shown(self) -> str:
        """The command as a person would type it."""
        start = ("sudo",) if self.as_root else ()
        return shlex.join([*start, *self.words()[:-4]])

    def _sudo(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        if not self.as_root:
            return ()
        names = [name for name in environ if name.startswith(("PIP_", "SSL_", "LC_"))]
        names += [name for name in environ if name.lower().endswith("_proxy")]
        return ("sudo", "-n", "-H", f"--preserve-env={','.join(sorted(names))}", "--")

    def _environ(self) -> dict[str, str]:
        environ = scrub(self.environ)
        environ.update({name: self.environ[name] for name in _KEPT if name in self.environ})
        environ["LC_ALL"] = "C.UTF-8"
        environ["PIP_USER"] = "1" if self.place == "user" else "0"
        # Of the image, and perhaps gone with it: pip ends on a file that is not there.
        constraints = self.environ.get("PIP_CONSTRAINT", "").split()
        there = [c for c in constraints if "://" in c or Path(c).is_file()]
        environ["PIP_CONSTRAINT"] = " ".join(there)
        if self.place == "user":
            environ["PYTHONUSERBASE"] = self.base
        indexes = self.indexes
        if indexes.default:
            environ["PIP_INDEX_URL"] = indexes.default
        if indexes.extras:
            environ["PIP_EXTRA_INDEX_URL"] = " ".join(indexes.extras)
        if indexes.find_links:
            environ["PIP_FIND_LINKS"] = " ".join(indexes.find_links)
        if indexes.no_index:
            environ["PIP_NO_INDEX"] = "1"
        return environ


_RULES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"No module named '?pip'?"), "engine-missing", "this Python has no pip"),
    (
        re.compile(
            r"Could not find a version that satisfies the requirement (\S+).*from versions: none"
        ),
        "no-such-package",
        "the index has no package {0} for this Python",
    ),
    (
        re.compile(r"Could not find a version that satisfies the requirement (\S+)"),
        "no-such-version",
        "the index has no {0} for this Python",
    ),
    (
        re.compile(r"Cannot install (.+?) because these package versions have conflicting"),
        "requirements-conflict",
        "{0} contradict each other",
    ),
    (
        re.compile(r"ResolutionImpossible"),
        "requirements-conflict",
        "the requirements contradict each other",
    ),
    (
        re.compile(r"DO NOT MATCH THE HASHES[^\n]*\n +(\S+)"),
        "hash-mismatch",
        "{0} is another file than the one whose hash is given",
    ),
    (
        re.compile(r"hash-?(?:checking|es) mode[^\n]*\n +(\S+)"),
        "hash-missing",
        "{0} is needed, and there is no hash of it",
    ),
    (re.compile(r"No space left on device"), "disk-full", "there is no space left"),
    (re.compile(r"[Dd]isk quota exceeded"), "quota-exceeded", "the quota is used up"),
    (re.compile(r"Read-only file system: '([^']*)'"), "read-only-disk", "{0} cannot be written"),
    (re.compile(r"Permission denied: '([^']*)'"), "not-permitted", "{0} may not be written"),
    (re.compile(r"a password is required"), "not-permitted", "sudo asks for a password"),
    (
        re.compile(r"Could not open (?:requirements|constraint) file: .*'([^']+)'"),
        "bad-configuration",
        "pip is told to obey {0}, which is not there",
    ),
    (re.compile(r"certificate verify failed"), "tls-failed", "the index's certificate is refused"),
    (
        re.compile(r"401 (?:Client )?Error|403 (?:Client )?Error"),
        "index-unauthorised",
        "the index refuses us",
    ),
    (
        re.compile(r"Failed to establish a new connection|Name or service not known|timed out"),
        "index-unreachable",
        "the index does not answer",
    ),
    (re.compile(r"Failed building wheel for (\S+)"), "build-failed", "{0} could not be built"),
    (
        re.compile(r"externally-managed-environment"),
        "not-allowed",
        "the system's packages are kept by the system's own package manager",
    ),
)


def explain(outcome: Outcome) -> EnvMgrError:
    """Why pip failed; what is not recognised is ``tool-failed`` with its last error."""
    if outcome.returncode < 0:
        name = signal.Signals(-outcome.returncode).name
        return EnvMgrError("killed", f"pip was ended by {name}")
    text = outcome.stderr + outcome.stdout
    for pattern, code, words in _RULES:
        match = pattern.search(text)
        if match:
            return EnvMgrError(code, words.format(*match.groups()))
    errors = [line for line in text.splitlines() if line.lower().startswith("error:")]
    last = errors[-1].partition(":")[2].strip() if errors else ""
    return EnvMgrError("tool-failed", last or f"pip ended with code {outcome.returncode}")
