"""Unpacking an archive as a step of a job, in a process of its own."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from ..core.archives.check import Limits
from ..core.commands import Command, Outcome, Step, Stream
from ..core.environment_variables import scrub
from ..core.errors import ERRORS, EnvMgrError
from ..core.events import Payload, Progress
from ..core.lines import events_in
from .tarballs import Unpacked

_PACKAGE = str(Path(__file__).resolve().parents[2])
_PROGRAM = (
    "import sys; sys.path.append(sys.argv[1]); "
    "from jupyter_envmgr.system.unpack_worker import main; sys.exit(main(sys.argv[2]))"
)
NAME, TITLE = "unpack", "Unpacking"


@dataclass(frozen=True)
class UnpackPlan:
    """What to unpack and where to, as `tarballs.unpack` takes it."""

    archive: Path
    target: Path
    limits: Limits
    sums: bool
    sha256: str = ""
    ignored: frozenset[str] = frozenset()


def unpack_step(plan: UnpackPlan, environ: Mapping[str, str]) -> Step:
    """The step; its progress counts the bytes of the archive."""
    request = json.dumps(
        {
            "archive": str(plan.archive),
            "target": str(plan.target),
            "limits": asdict(plan.limits),
            "sums": plan.sums,
            "sha256": plan.sha256,
            "ignored": sorted(plan.ignored),
        }
    )
    argv = (sys.executable, "-I", "-c", _PROGRAM, _PACKAGE, request)
    command = Command(argv, scrub(environ), plan.target)
    return Step(NAME, TITLE, command, 1.0, _read, ("{",))


def unpacked(outcome: Outcome, plan: UnpackPlan) -> Unpacked:
    """What came of it. Raises why it failed, naming the archive."""
    for said in events_in(outcome.stdout):
        if said["event"] == "unpacked" and outcome.ok:
            return Unpacked(str(said["sha256"]), int(str(said["bytes"])), int(str(said["files"])))
        if said["event"] == "failed" and said.get("code") in ERRORS:
            raise EnvMgrError(str(said["code"]), f"{plan.archive.name}: {said.get('detail')}")
    if outcome.returncode < 0:
        detail = f"unpacking {plan.archive.name} was killed by signal {-outcome.returncode}"
        raise EnvMgrError("killed", detail)
    last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
    raise EnvMgrError("tool-failed", f"{plan.archive.name} could not be unpacked: {last}")


def _read(stream: Stream, line: str) -> Iterable[Payload]:
    for said in events_in(line) if stream == "stdout" else ():
        if said["event"] == "progress":
            done, size = int(str(said["done"])), int(str(said["size"]))
            yield Progress(done / max(size, 1), TITLE, done, size, "bytes")
