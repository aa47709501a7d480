"""The wheels of a pip environment: fetched by pip for an archive, installed from one by uv."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ..core.commands import Command, Outcome, Step, Stream
from ..core.environment_variables import scrub
from ..core.errors import EnvMgrError
from ..core.events import Payload, Progress
from ..core.packages.files import read_regular
from ..core.packages.indexes import PYPI, Indexes
from ..core.packages.model import Package
from .uv import REQUIREMENTS, EngineWork, PipPlan, UvEngine

LOCK = "lock.txt"

_COLLECTING = re.compile(r"(?:Collecting|Processing|Requirement already satisfied:?) (\S+)")
_BUILDING = re.compile(r"\s*Building wheels? for (\S+?):")
_LARGEST_URL = 64 * 1024
_CAUSES: tuple[tuple[str, str], ...] = (
    ("engine-missing", r"No module named pip"),
    ("index-unauthorised", r"40[13] Client Error|[Uu]nauthori[sz]ed|User for "),
    ("tls-failed", r"CERTIFICATE_VERIFY_FAILED|SSLError"),
    ("index-unreachable", r"NewConnectionError|Max retries|[Tt]imed? ?out|ConnectionError"),
    ("disk-full", r"No space left|\[Errno 28\]"),
    ("hash-mismatch", r"DO NOT MATCH THE HASHES"),
    ("build-failed", r"Failed to build|Failed building wheel|metadata-generation-failed"),
    ("no-such-version", r"No matching distribution|Could not find a version"),
)


@dataclass(frozen=True)
class WheelPlan:
    """What to fetch: wheels of exactly ``lock``, requirement lines, into ``workdir/wheels``.

    ``interpreter`` is the environment's, whose wheels they are; ``runner`` a Python with pip: the
    same, or another one, whose pip then works for it.
    """

    interpreter: Path
    runner: Path
    lock: tuple[str, ...]
    indexes: Indexes
    workdir: Path
    wheels: Path
    environ: Mapping[str, str]


def fetched_as(package: Package) -> str:
    """The requirement line of a package: from the index, or from where it came (PEP 610)."""
    data = read_regular(f"{package.path}/direct_url.json", _LARGEST_URL) or b""
    try:
        fields = json.loads(data)
        url, vcs = fields["url"], fields.get("vcs_info")
        if vcs:
            url = f"{vcs['vcs']}+{url}@{vcs['commit_id']}"
    except (ValueError, KeyError, TypeError, AttributeError):
        return f"{package.name}=={package.version}"
    return f"{package.name} @ {url}"


def fetch(plan: WheelPlan) -> EngineWork:
    """The step that fetches them; what an index has as source only is built."""
    other = () if plan.runner == plan.interpreter else ("--python", str(plan.interpreter))
    argv = (
        *(str(plan.runner), "-s", "-m", "pip", *other, "wheel", "--no-deps", "--no-input"),
        *("--disable-pip-version-check", "--progress-bar", "off"),
        *("--wheel-dir", str(plan.wheels), "--requirement", str(plan.workdir / LOCK)),
    )
    command = Command(argv, _environ(plan), plan.workdir, plan.indexes.secrets)
    reader = WheelReader(len(plan.lock))
    step = Step("fetch", "Fetching the wheels", command, 1.0, reader)
    return EngineWork({LOCK: "\n".join([*plan.lock, ""])}, (step,))


def _environ(plan: WheelPlan) -> dict[str, str]:
    """Indexes go by the environment: an argv can be read by everybody in /proc."""
    indexes = plan.indexes
    environ = {**scrub(plan.environ), "PIP_CONFIG_FILE": "/dev/null", "PYTHONNOUSERSITE": "1"}
    environ["LC_MESSAGES"] = "C"
    if indexes.no_index:
        environ["PIP_NO_INDEX"] = "1"
    else:
        environ["PIP_INDEX_URL"] = indexes.default or PYPI
    for name, value in (
        ("PIP_EXTRA_INDEX_URL", " ".join(indexes.extras)),
        ("PIP_FIND_LINKS", " ".join(indexes.find_links)),
        ("PIP_TRUSTED_HOST", " ".join(indexes.trusted_hosts)),
        ("PIP_CERT", indexes.certificate or environ.get("SSL_CERT_FILE", "")),
        ("PIP_CLIENT_CERT", indexes.client_certificate or ""),
        ("PIP_PROXY", indexes.proxy or ""),
    ):
        if value:
            environ[name] = value
    return environ


def explain_fetch(outcome: Outcome, plan: WheelPlan) -> EnvMgrError:
    """Why pip failed, for one of the usual causes; else its own last words."""
    if outcome.returncode < 0:
        return EnvMgrError("killed", f"pip was killed by signal {-outcome.returncode}")
    said = outcome.stderr
    errors = [line for line in said.splitlines() if line.startswith("ERROR: ")]
    last = (errors or said.strip().splitlines() or ["it said nothing"])[-1].removeprefix("ERROR: ")
    code = next((code for code, words in _CAUSES if re.search(words, said)), "tool-failed")
    return EnvMgrError(code, f"the wheels could not be fetched: {last}")


def install(engine: UvEngine, plan: PipPlan, requirements: str, wheels: Path) -> EngineWork:
    """The steps that make an environment of ``wheels`` alone; ``requirements`` have the hashes."""
    offline = Indexes(no_index=True, find_links=(str(wheels),), source="the archive")
    work = engine.create(replace(plan, indexes=offline))
    steps = tuple(_from_the_archive(step, wheels) for step in work.steps)
    return EngineWork({**work.files, REQUIREMENTS: requirements}, steps)


def _from_the_archive(step: Step, wheels: Path) -> Step:
    """The install with exactly these wheels.

    Of the pip that Python brings there may be another file of the same version, which has another
    hash.
    """
    if step.name != "install":
        return step
    command = step.command
    argv = (*command.argv, "--no-deps", "--require-hashes", "--offline")
    environ = {**command.environ, "UV_FIND_LINKS": str(wheels)}
    return replace(step, command=replace(command, argv=argv, environ=environ))


class WheelReader:
    """Reads ``pip wheel``: one line for each package that it turns to."""

    def __init__(self, total: int) -> None:
        self._total = max(total, 1)
        self._seen = 0

    def __call__(self, stream: Stream, line: str) -> Iterable[Payload]:
        """The events of a line."""
        if stream == "stderr":
            return
        if match := _COLLECTING.match(line):
            self._seen += 1
            done = min(self._seen - 1, self._total)
            label = f"Fetching {match[1]} ({done + 1} of {self._total})"
            yield Progress(0.9 * done / self._total, label, done, self._total, "packages")
        elif match := _BUILDING.match(line):
            yield Progress(0.9, f"Building {match[1]}")
