"""A conda channel made of this machine's interpreters and what is installed in the tests' own.

Made once for each content: it lies below the temporary directory, named after what it is made of,
and is renamed there when it is whole. ``python -m tests.channel.build`` prints where.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from tests.channel.archives import CondaPackage
from tests.channel.edges import edge_packages, tampered_bad_hash
from tests.channel.pythons import (
    Interpreter,
    main_interpreter,
    other_interpreters,
    python_package,
)
from tests.channel.wheels import installed_packages

MOST_PYTHONS = 3
_DAY = 24 * 3600
_HERE = Path(__file__).parent

# py-rattler's process may crash at its end, its work done: so it is never asked in this one.
_INDEX = """
import asyncio, os, sys
from rattler.index.index import index_fs
try:
    asyncio.run(index_fs(sys.argv[1]))
except BaseException as error:
    print(error, file=sys.stderr, flush=True)
    os._exit(1)
os._exit(0)
"""


@dataclass(frozen=True)
class Channel:
    """A channel on disk. ``pythons`` are the versions that it has, the tests' own first."""

    path: Path
    pythons: tuple[str, ...]
    subdir: str

    @property
    def url(self) -> str:
        """Its ``file://`` address."""
        return self.path.as_uri()

    @property
    def python(self) -> str:
        """The version of Python that ipykernel can be had for: that of the tests."""
        return self.pythons[0]

    def file(self, name: str) -> Path:
        """The file of the newest package of that name."""
        found = sorted(self.path.glob(f"*/{name}-[0-9]*.conda"))
        return found[-1]

    def url_of(self, name: str) -> str:
        """The address of that package, as explicit specs have it."""
        return self.file(name).as_uri()


def channel() -> Channel:
    """The channel, made if it is not there yet."""
    main = main_interpreter()
    interpreters = [main, *other_interpreters(main)[: MOST_PYTHONS - 1]]
    made = Channel(
        path=_place() / _digest(interpreters),
        pythons=tuple(one.version for one in interpreters),
        subdir=platform_subdir(),
    )
    if not made.path.is_dir():
        _forget_old(made.path.parent)
        _make(made, interpreters)
    os.utime(made.path)
    return made


def platform_subdir() -> str:
    """The platform of this machine in conda's words."""
    machine = os.uname().machine
    system = "osx" if sys.platform == "darwin" else "linux"
    return f"{system}-{ {'x86_64': '64', 'arm64': 'arm64'}.get(machine, machine) }"


def write_channel(directory: Path, packages: list[CondaPackage]) -> Path:
    """A channel of exactly these packages in ``directory``."""
    (directory / "noarch").mkdir(parents=True, exist_ok=True)
    for package in packages:
        subdir = directory / package.subdir
        subdir.mkdir(exist_ok=True)
        (subdir / package.filename).write_bytes(package.archive())
    index(directory)
    return directory


def index(directory: Path) -> None:
    """Write the repodata of all that lies in a channel."""
    subprocess.run([sys.executable, "-I", "-c", _INDEX, str(directory)], check=True, timeout=120)


def _make(made: Channel, interpreters: list[Interpreter]) -> None:
    temporary = Path(tempfile.mkdtemp(dir=made.path.parent, prefix=".making-"))
    try:
        main = interpreters[0]
        write_channel(
            temporary,
            [
                *(python_package(one, made.subdir) for one in interpreters),
                *installed_packages(main, made.subdir),
                *edge_packages(made.subdir),
            ],
        )
        bad = tampered_bad_hash()
        (temporary / bad.subdir / bad.filename).write_bytes(bad.archive())
        temporary.chmod(0o755)
        try:
            temporary.rename(made.path)
        except OSError:
            # Somebody else was faster: theirs is the same.
            if not made.path.is_dir():
                raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _forget_old(place: Path) -> None:
    """Delete channels of earlier contents that nobody has used for a day."""
    for path in place.iterdir():
        is_channel = re.fullmatch(r"[0-9a-f]{16}|\.making-.*", path.name)
        if is_channel and time.time() - path.stat().st_mtime > _DAY:
            shutil.rmtree(path, ignore_errors=True)


def _place() -> Path:
    """A directory that nobody else may write to."""
    place = Path(tempfile.gettempdir()) / f"conda-channel-of-tests-{os.getuid()}"
    place.mkdir(mode=0o700, exist_ok=True)
    if place.stat().st_uid != os.getuid() or place.is_symlink():
        raise RuntimeError(f"{place} is somebody else's")
    return place


def _digest(interpreters: list[Interpreter]) -> str:
    """A name for what the channel would be made of."""
    digest = hashlib.sha256()
    for path in sorted([*_HERE.glob("*.py"), _HERE.parent / "index" / "repack.py"]):
        if path.name not in ("fixtures.py", "server.py"):
            digest.update(path.read_bytes())
    for one in interpreters:
        digest.update(f"{one.program} {one.version} {one.program.stat().st_mtime_ns}\n".encode())
    installed = {f"{d.name} {d.version}" for d in importlib.metadata.distributions()}
    digest.update("\n".join(sorted(installed)).encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    sys.stdout.write(f"{channel().path}\n")
