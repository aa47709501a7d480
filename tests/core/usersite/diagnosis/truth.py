"""Real packages in a user site and an image, and what the interpreter itself says of them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.core.usersite.model import Diagnosis, Finding
from jupyter_envmgr.service.usersite.diagnosis import diagnose
from tests.images import MINOR, make_image, site_of

UV = Path(sys.executable).parent / "uv"
BASE = Path(sys.base_prefix)


class Truth:
    """A home and an image with a real Python of its own."""

    def __init__(self, root: Path, *, base: Path | None = None, minor: str = MINOR) -> None:
        self.home = root / "home"
        self.base = self.home / ".local"
        self.program = make_image(root / "image", base or BASE, minor)
        self.image = site_of(self.program)
        self.user = self.base / "lib" / f"python{minor}" / "site-packages"
        self.environ: dict[str, str] = {
            "HOME": str(self.home),
            "PATH": f"{self.base}/bin:{self.program.parent}:/usr/bin:/bin",
        }
        self.user.mkdir(parents=True)

    def put(self, where: Path, *requirements: str, dependencies: bool = False) -> None:
        """Install what is asked for, into the user base or the image, and nothing else.

        Copied: what is damaged here must not be the cache's.
        """
        flags = ["--quiet", "--link-mode", "copy", "--only-binary", ":all:"]
        flags += [] if dependencies else ["--no-deps"]
        prefix = self.base if where == self.user else self.program.parents[1]
        argv = [str(UV), "pip", "install", *flags, "--python", str(self.program)]
        argv += ["--prefix", str(prefix), *requirements]
        done = subprocess.run(argv, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr

    def error(self, code: str, **environ: str) -> str:
        """The last words of a program that fails, empty if it works. Its signal if it is killed."""
        done = self._run([str(self.program), "-W", "ignore", "-c", code], environ)
        if done.returncode == 0:
            return ""
        words = [line for line in done.stderr.splitlines() if line.strip()]
        return words[-1] if words else f"exit code {done.returncode}"

    def said(self, code: str) -> str:
        """Everything on standard error."""
        return self._run([str(self.program), "-c", code], {}).stderr

    def _run(
        self, argv: Sequence[str], environ: Mapping[str, str]
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            argv,
            env={**self.environ, **environ},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            errors="replace",
        )

    def pip_check(self, *, user: bool) -> set[str]:
        """Who misses what (``flask 3.0 jinja2``), as pip says; with the user site or without."""
        alone = self.home.parent / "pip"
        alone.mkdir(exist_ok=True)
        if not (alone / "pip").exists():
            (alone / "pip").symlink_to(_pip())
        seam = f"import sys; sys.path.append({str(alone)!r})\n"
        code = seam + "from pip._internal.cli.main import main; main(['check'])"
        environ = {} if user else {"PYTHONNOUSERSITE": "1"}
        said = self._run([str(self.program), "-c", code], environ).stdout
        found = re.findall(r"^(\S+ \S+) (?:has requirement|requires) ([\w.-]+)", said, re.M)
        return {normal(" ".join(row)) for row in found}

    def diagnose(self) -> Diagnosis:
        """What the service says of the image's Python."""
        return diagnose(self.settings(), fresh=True)

    def worst(self) -> set[tuple[str, str]]:
        """What will fail: codes and subjects."""
        return {(f.code, f.subject.lower()) for f in self.findings() if f.severity == "will-fail"}

    def findings(self) -> tuple[Finding, ...]:
        """All findings."""
        return self.diagnose().findings

    def settings(self) -> Settings:
        """Those that a server of the image would have."""
        return Settings(
            root=self.home / ".envmgr",
            home=self.home,
            locations=(Location("home", self.home / ".envmgr" / "environments"),),
            image_prefix=self.program.parents[1],
            image_interpreter=self.program,
            kernel_dirs=(),
            user_kernels=self.base / "share" / "jupyter" / "kernels",
            image_kernels=self.program.parents[1] / "share" / "jupyter" / "kernels",
            environ=dict(self.environ),
        )


def _pip() -> str:
    import pip

    return str(Path(pip.__file__).parent)


def normal(text: str) -> str:
    """So that names compare."""
    return re.sub(r"[-_.]+", "-", text).lower().rstrip(",;")


def other_python() -> tuple[Path, str] | None:
    """The prefix and version of an older Python of this machine, if there is one."""
    for minor in ("3.8", "3.9", "3.10", "3.12"):
        if minor == MINOR:
            continue
        # Beside this one, as pyenv has them, or on PATH.
        places = [*sorted(BASE.parent.glob(f"{minor}.*"))]
        found = shutil.which(f"python{minor}")
        places += [Path(os.path.realpath(found)).parents[1]] if found else []
        for prefix in places:
            if (prefix / "lib" / f"python{minor}" / "os.py").exists():
                return prefix, minor
    return None
