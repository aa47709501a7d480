"""A user base and an image made of files, and what a diagnosis says of them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

from jupyter_envmgr.core.kernels.model import Kernel
from jupyter_envmgr.core.usersite.base import read_base
from jupyter_envmgr.core.usersite.diagnosis import (
    PROGRAM,
    Ground,
    JupyterPlaces,
    Kept,
    Runtime,
    System,
    diagnose,
    path_of,
    read_runtime,
)
from jupyter_envmgr.core.usersite.diagnosis.codes import CODES
from jupyter_envmgr.core.usersite.model import Diagnosis, Finding, Target
from tests.core.packages.trees import dist_info, write

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
BASE_PYTHON = Path(sys.base_prefix) / "bin" / f"python{MINOR}"
"""The Python that the tests' own virtual environment is based on: it looks at the user site."""
TAG = f"cp{sys.version_info[0]}{sys.version_info[1]}"
LIBC = (os.confstr("CS_GNU_LIBC_VERSION") or "").removeprefix("glibc ")
CPU = frozenset(
    {"fpu", "sse", "sse2", "ssse3", "sse4_1", "sse4_2", "popcnt", "cx16", "pni", "lahf_lm"}
)
"""A processor of x86-64-v2."""


@cache
def this_runtime() -> Runtime:
    """What the Python that runs this says of itself."""
    argv = [sys.executable, "-I", "-c", PROGRAM.decode()]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    found = read_runtime(said.stdout)
    assert found is not None
    return found


def library() -> tuple[str, ...]:
    """The directories of its standard library."""
    return tuple(p for p in this_runtime().path if not p.endswith("-packages"))


class Sites:
    """A user base and an image, made of files; and the rest of what a diagnosis looks at."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.base = root / "local"
        self.user = self.base / "lib" / f"python{MINOR}" / "site-packages"
        self.image = root / "image" / "lib" / f"python{MINOR}" / "site-packages"
        self.user.mkdir(parents=True)
        self.image.mkdir(parents=True)
        (self.base / "bin").mkdir()
        self.environ: dict[str, str] = {}
        self.commands: tuple[str, ...] = (str(self.base / "bin"), "/usr/bin")
        self.kernels: tuple[Kernel, ...] = ()
        self.places: JupyterPlaces | None = None
        self.cpu: frozenset[str] = CPU
        self.is_musl = False

    def ground(self, *, visible: bool = True, kept: Kept | None = None) -> Ground:
        """A Python of the version that runs this, in a prefix with nothing but our image."""
        base = read_base(self.base)
        path = path_of(self.runtime, () if visible else ("-s",), self.environ, base.path)
        target = Target("/image/bin/python", "/image", MINOR, visible=visible)
        libc = "" if self.is_musl else LIBC
        system = System(libc, self.is_musl, self.commands, self.environ, self.cpu)
        return Ground(target, self.runtime, base, path, system, kept or Kept())

    @property
    def runtime(self) -> Runtime:
        """This Python, as if it had been installed with the image."""
        return replace(
            this_runtime(),
            executable=os.path.realpath(sys.executable),
            prefix="/image",
            base_prefix="/image",
            path=(*library(), str(self.image)),
            sites=(str(self.image),),
            user_site=f"lib/python{MINOR}/site-packages",
        )

    def diagnose(self, *, visible: bool = True) -> Diagnosis:
        """What is said of it."""
        ground = self.ground(visible=visible)
        return diagnose(ground, image="debian-12", kernels=self.kernels, places=self.places)

    def of(self, code: str) -> list[Finding]:
        """The findings of one code."""
        return [one for one in self.diagnose().findings if one.code == code]

    def codes(self) -> list[str]:
        """The codes of all findings."""
        return [one.code for one in self.diagnose().findings]

    def only(self, code: str) -> Finding:
        """The one finding that there is."""
        found = self.diagnose().findings
        assert [one.code for one in found] == [code]
        assert found[0].severity == CODES[code].severity
        return found[0]

    def both(self, name: str, user: str, image: str, head: str = "") -> None:
        """A distribution in both places."""
        dist_info(self.user, name, user, head=head)
        dist_info(self.image, name, image, head=head)

    def command(self, name: str, first: str, *, image: bool = False, rest: str = "") -> Path:
        """A command of the user base, or of the image behind it on PATH."""
        directory = self.root / "image" / "bin" if image else self.base / "bin"
        if image:
            self.commands = (str(self.base / "bin"), str(directory))
        path = write(directory / name, f"{first}\n{rest}")
        path.chmod(0o755)
        return path


def listed(site: Path, info: Path, rows: Mapping[str, str] | Iterable[str]) -> None:
    """Write a RECORD anew: paths, and their digests where given."""
    given = rows if isinstance(rows, Mapping) else dict.fromkeys(rows, "sha256=abc")
    lines = [f"{path},{digest},1" for path, digest in given.items()]
    assert info.parent == site
    (info / "RECORD").write_text("\n".join([*lines, f"{info.name}/METADATA,,", ""]))
