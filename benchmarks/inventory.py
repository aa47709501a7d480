"""The packages of an environment with 300 distributions: ours, pip, uv, importlib, a bare read."""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

from jupyter_envmgr.core.packages.inventory import Memory, list_packages

from .figures import Subject, in_turn
from .tools import environ, run, uv

DISTRIBUTIONS = 300
_HEAD = 16 * 1024
_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
_PROGRAM = (
    "import sys; from pathlib import Path\n"
    "sys.path.insert(0, sys.argv[1])\n"
    "from jupyter_envmgr.core.packages.inventory import list_packages\n"
    "print(len(list_packages(Path(sys.argv[2]), 'venv')))\n"
)


def make_environment(prefix: Path, count: int = DISTRIBUTIONS) -> Path:
    """A virtual environment with metadata of real distributions, under other names if need be.

    Returns its site directory.
    """
    run((sys.executable, "-m", "venv", "--without-pip", str(prefix)))
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    site = prefix / "lib" / f"python{minor}" / "site-packages"
    sources = sorted(
        directory
        for entry in sys.path
        if entry.endswith("site-packages")
        for directory in Path(entry).glob("*.dist-info")
        if (directory / "METADATA").is_file()
    )
    for number in range(count):
        source = sources[number % len(sources)]
        name = source.name if number < len(sources) else f"copy_{number}_{source.name}"
        shutil.copytree(source, site / name)
        if number >= len(sources):
            metadata = site / name / "METADATA"
            head = metadata.read_bytes().replace(b"\nName: ", b"\nName: copy_%d_" % number, 1)
            metadata.write_bytes(head)
    old = time.time() - 3600
    for path in (site, *site.iterdir()):
        os.utime(path, (old, old))
    return site


def raw_read(site: str) -> int:
    """Open, read, close the beginning of each METADATA, and nothing else."""
    total = 0
    for name in os.listdir(site):
        if name.endswith(".dist-info"):
            descriptor = os.open(f"{site}/{name}/METADATA", _FLAGS)
            total += len(os.read(descriptor, _HEAD))
            os.close(descriptor)
    return total


def read_heads(site: str) -> list[tuple[str, str, list[str]]]:
    """Name, version and requirements of each head, line by line: the plainest loop that does it."""
    found = []
    with os.scandir(site) as entries:
        for entry in entries:
            if not entry.name.endswith(".dist-info"):
                continue
            name = version = ""
            requires = []
            with open(f"{entry.path}/METADATA", encoding="utf-8", errors="replace") as file:
                for line in file:
                    if line == "\n":
                        break
                    if line.startswith("Name: "):
                        name = line[6:].strip()
                    elif line.startswith("Version: "):
                        version = line[9:].strip()
                    elif line.startswith("Requires-Dist: "):
                        requires.append(line[15:].strip())
            found.append((name, version, requires))
    return found


def read_same_files(site: str) -> list[tuple[str, bool, bool]]:
    """The heads, and beside each the files that say who installed it, whether it was asked for
    and whether it is editable: what our answer is made of, read in the plainest way."""
    found = []
    for entry in os.listdir(site):
        if entry.endswith(".dist-info"):
            directory = f"{site}/{entry}"
            with open(f"{directory}/INSTALLER", encoding="utf-8") as file:
                installer = file.read().strip()
            requested = os.path.exists(f"{directory}/REQUESTED")
            found.append((installer, requested, os.path.exists(f"{directory}/direct_url.json")))
    read_heads(site)
    return found


def read_importlib(site: str) -> list[tuple[str | None, ...]]:
    """The fields that we show, as a program reads them with the standard library."""
    fields = ("Name", "Version", "Summary", "License", "Home-page")
    return [
        tuple(found[name] for name in fields)
        for found in (d.metadata for d in importlib.metadata.distributions(path=[site]))
    ]


def subjects(rounds: int) -> list[Subject]:
    """The table of packages."""
    with tempfile.TemporaryDirectory(prefix="envmgr-inventory-") as directory:
        prefix = Path(directory) / "environment"
        site = str(make_environment(prefix))
        python, env = str(prefix / "bin" / "python"), environ()
        kept = Memory()
        count = len(list_packages(prefix, "venv", memory=kept))
        assert count == DISTRIBUTIONS, count
        quick = {
            "ours, first": lambda: list_packages(prefix, "venv", memory=Memory()),
            "ours, asked again": lambda: list_packages(prefix, "venv", memory=kept),
            "open and read each METADATA, nothing parsed": lambda: raw_read(site),
            "heads read: name, version, requires": lambda: read_heads(site),
            "heads and the small files beside them": lambda: read_same_files(site),
            "importlib.metadata": lambda: read_importlib(site),
        }
        pip = (sys.executable, "-m", "pip", "--python", python, "list", "--format", "json")
        project = str(Path(__file__).resolve().parent.parent)
        slow = {
            "ours, a whole process": lambda: run(
                (sys.executable, "-I", "-S", "-c", _PROGRAM, project, str(prefix))
            ),
            "pip list": lambda: run((*pip, "--disable-pip-version-check"), env),
            "uv pip list": lambda: run(
                (uv(), "pip", "list", "--format", "json", "--python", python), env
            ),
        }
        against = "heads read: name, version, requires"
        subject = Subject(f"Packages of an environment with {count} distributions", against)
        subject.times = in_turn(quick, rounds * 3) + in_turn(slow, max(2, rounds // 2))
    subject.aim_against("ours, first", "heads and the small files beside them", 1.3)
    subject.aim("ours, asked again", 2)
    return [subject]
