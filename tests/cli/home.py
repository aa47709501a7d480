"""A person's home, and the command line as it is run there, on an image of its own."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.browser.jupyter import image_of


@dataclass
class Home:
    """A home directory, and the program run in it by an image of its own."""

    path: Path
    environ: dict[str, str] = field(default_factory=dict)

    def start(self, *argv: str, **options: Any) -> subprocess.Popen[str]:
        environ = {**os.environ, "HOME": str(self.path), **self.environ}
        pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        made = {**pipes, **options}
        program = [str(image_of(self.path) / "bin/python"), "-m", "jupyter_envmgr"]
        return subprocess.Popen([*program, *argv], env=environ, text=True, **made)

    def run(self, *argv: str) -> tuple[int, str, str]:
        process = self.start(*argv)
        out, err = process.communicate(timeout=150)
        return process.returncode, out, err

    def data(self, *argv: str) -> Any:
        """What the envelope of a command that succeeds has."""
        code, out, err = self.run(*argv, "--json")
        assert (code, err) == (0, ""), out
        return json.loads(out)["data"]

    def problem(self, *argv: str) -> tuple[int, Any]:
        """Exit code and problem of a command that does not."""
        code, out, _ = self.run(*argv, "--json")
        answer = json.loads(out)
        assert answer["ok"] is False
        return code, answer["error"]

    def files(self) -> set[str]:
        """All that lies in the home."""
        return {str(path.relative_to(self.path)) for path in self.path.rglob("*")}

    @property
    def environments(self) -> Path:
        return self.path / ".envmgr" / "environments"

    @property
    def location(self) -> Path:
        """Where the records, locks and rubbish of the environments lie."""
        return self.environments / ".envmgr"

    @property
    def kernels(self) -> tuple[Path, ...]:
        """The kernelspecs of ours, of the person's and of the image's."""
        image = image_of(self.path) / "share/jupyter/kernels"
        places = (image, self.path / ".local/share/jupyter/kernels")
        return tuple(path for place in places for path in place.glob("envmgr-*"))

    def left(self, name: str) -> list[str]:
        """All that there is of an environment but its jobs: directory, record, lock, kernelspec."""
        places = [self.environments / name, *self.kernels]
        places += [path for path in self.location.rglob("*") if path.is_file()]
        places += [path for path in self.location.glob("*/*") if path.is_dir()]
        return sorted({str(path) for path in places if path.exists() and name in str(path)})

    def processes(self) -> list[str]:
        """What runs for this home, by the environment that /proc shows of each process."""
        mark = f"HOME={self.path}\0".encode()
        found = []
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (entry / "environ").read_bytes():
                    found.append((entry / "cmdline").read_bytes().replace(b"\0", b" ").decode())
            except OSError:
                continue
        return found
