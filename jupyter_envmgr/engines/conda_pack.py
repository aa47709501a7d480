"""Packing a conda environment by conda-pack, and setting one right where it was unpacked."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from ..core.archives.check import ADDED_BY_CONDA_PACK
from ..core.archives.model import MANIFEST, SUMS, ArchiveManifest, Compression
from ..core.commands import Command, Outcome, Step, Stream
from ..core.environment_variables import scrub
from ..core.errors import EnvMgrError
from ..core.events import Notice, Payload, Progress
from ..core.lines import events_in
from ..core.settings import Settings
from ..core.wire import to_wire
from .uv import EngineWork

REQUEST = "pack.json"
UNPACK = "bin/conda-unpack"

# Ours, and what may hold the credentials of the person who made it.
NOT_PACKED = (".envmgr.json", "pip.conf", ".condarc", "condarc", MANIFEST, SUMS)

_WORKER = str(Path(__file__).with_name("conda_pack_worker.py"))
_ALL = "Packing the environment"


@dataclass(frozen=True)
class PackPlan:
    """What to pack: the conda environment at ``prefix`` into the file ``output``, which is there.

    ``manifest`` goes into the archive; its sizes are filled in. ``workdir`` is a private
    directory.
    """

    prefix: Path
    output: Path
    compression: Compression
    manifest: ArchiveManifest
    workdir: Path
    environ: Mapping[str, str]


@dataclass(frozen=True)
class Packed:
    """What came of it: the hash and size of the archive, and the bytes and files in it."""

    sha256: str
    size: int
    bytes: int
    files: int


@dataclass(frozen=True)
class CondaPackEngine:
    """conda-pack, as it is installed beside this package."""

    version: str
    paths: tuple[str, ...]

    @classmethod
    def find(cls, settings: Settings) -> CondaPackEngine:
        """conda-pack where this package's Python finds it. Raises ``engine-missing``."""
        found = importlib.util.find_spec("conda_pack")
        places = (found.submodule_search_locations or []) if found else []
        if not places:
            raise EnvMgrError(
                "engine-missing",
                "conda-pack is not installed",
                hint="Install it with `pip install conda-pack`.",
            )
        package = Path(__file__).resolve().parents[2]
        paths = dict.fromkeys((str(package), *(str(Path(place).parent) for place in places)))
        return cls(metadata.version("conda-pack"), tuple(paths))

    def pack(self, plan: PackPlan) -> EngineWork:
        """The step that writes the archive."""
        request = {
            "prefix": str(plan.prefix),
            "output": str(plan.output),
            "compression": plan.compression,
            "manifest": to_wire(plan.manifest),
            # conda-pack brings its own of these, also where an earlier import has left some.
            "excluded": sorted({*NOT_PACKED, *ADDED_BY_CONDA_PACK}),
            "paths": self.paths,
        }
        argv = (sys.executable, "-I", _WORKER, str(plan.workdir / REQUEST))
        command = Command(argv, scrub(plan.environ), plan.workdir)
        step = Step("pack", _ALL, command, 1.0, PackReader(), ("{",))
        return EngineWork({REQUEST: json.dumps(request)}, (step,))

    def explain(self, outcome: Outcome, plan: PackPlan) -> EnvMgrError | OSError:
        """Why packing failed: what the disk said, where it was the disk."""
        said = next((e for e in events_in(outcome.stdout) if e.get("event") == "failed"), None)
        if said is not None:
            number = said.get("errno")
            if isinstance(number, int):
                return OSError(number, str(said.get("detail")))
            return EnvMgrError(str(said.get("code")), f"{plan.prefix}: {said.get('detail')}")
        if outcome.returncode < 0:
            detail = f"packing {plan.prefix} was killed by signal {-outcome.returncode}"
            return EnvMgrError("killed", detail)
        last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return EnvMgrError("tool-failed", f"conda-pack: {last}")


def packed(outcome: Outcome) -> Packed:
    """What a step that went well has packed."""
    for said in events_in(outcome.stdout):
        if said.get("event") == "packed":
            return Packed(
                str(said["sha256"]),
                int(str(said["size"])),
                int(str(said["bytes"])),
                int(str(said["files"])),
            )
    raise EnvMgrError("tool-failed", "conda-pack ended without saying what it packed")


def set_right(prefix: Path, environ: Mapping[str, str]) -> Step:
    """The step that replaces the old prefix in all files of an unpacked environment.

    By the environment's own Python: ``bin/conda-unpack`` says ``/usr/bin/env python``.
    """
    interpreter, script = prefix / "bin" / "python", prefix / UNPACK
    environ = {**scrub(environ), "PYTHONNOUSERSITE": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    command = Command((str(interpreter), "-E", "-s", str(script)), environ, prefix)
    return Step("fix", "Setting its paths right", command, 0.1)


class PackReader:
    """Reads the worker's lines."""

    def __call__(self, stream: Stream, line: str) -> Iterable[Payload]:
        """The events of a line."""
        for said in events_in(line) if stream == "stdout" else ():
            if said["event"] == "notice":
                yield Notice(str(said["text"]), "warning")
            elif said["event"] == "progress":
                done, total = int(str(said["done"])), int(str(said["total"]))
                yield Progress(done / max(total, 1), _ALL, done, total, "bytes")
