"""Listing homes of 20, 100 and 1,000 environments: in the process, over HTTP, beside others."""

from __future__ import annotations

import configparser
import importlib.metadata
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from jupyter_envmgr.service.context import open_context

from .figures import Subject, Work, in_turn
from .homes import SIZES, make_home
from .servers import Server, jupyter_server
from .tools import scratch_environment

AIMS = {20: 4.0, 1000: 50.0}
_OURS = "/envmgr/api/environments"
_THEIRS = "/nb-venv-kernels/environments"


def prefixes(home: Path) -> list[str]:
    """The environments that were made, by name."""
    parents = (home / ".envmgr/environments", home / ".virtualenvs", home / "miniconda3/envs")
    return [str(p) for parent in parents if parent.is_dir() for p in parent.iterdir()
            if not p.name.startswith(".")]  # fmt: skip


def read_plainly(found: list[str]) -> int:
    """What a plain program reads of each: pyvenv.cfg and distributions, conda's records as JSON."""
    count = 0
    for prefix in found:
        meta = f"{prefix}/conda-meta"
        if os.path.isdir(meta):
            for name in os.listdir(meta):
                if name.endswith(".json"):
                    with open(f"{meta}/{name}", encoding="utf-8") as file:
                        count += bool(json.load(file)["version"])
            continue
        parser = configparser.ConfigParser()
        with open(f"{prefix}/pyvenv.cfg", encoding="utf-8") as file:
            parser.read_string("[venv]\n" + file.read())
        for name in os.listdir(f"{prefix}/lib"):
            site = f"{prefix}/lib/{name}/site-packages"
            count += sum(1 for _ in importlib.metadata.distributions(path=[site]))
    return count


@contextmanager
def nb_venv_kernels(python: Path, home: Path, found: list[str]) -> Iterator[Server]:
    """A server of the peer that knows the environments that it can find."""
    options = ("--ServerApp.kernel_spec_manager_class=nb_venv_kernels.VEnvKernelSpecManager",)
    environ = {"PATH": f"{python.parent}:/usr/bin:/bin"}
    with jupyter_server(str(python), home, "nb_venv_kernels", environ, options) as server:
        for parent in dict.fromkeys(os.path.dirname(prefix) for prefix in found):
            relative = os.path.relpath(parent, home)
            server.ask("/nb-venv-kernels/scan", "POST", {"path": relative, "max_depth": 3})
        yield server


def peer(directory: Path) -> tuple[Path | None, str]:
    """An interpreter with nb_venv_kernels, or why there is none."""
    try:
        return scratch_environment(directory, "nb_venv_kernels"), ""
    except (RuntimeError, OSError) as error:
        return None, f"nb_venv_kernels skipped, it cannot be installed: {error}"


def subjects(rounds: int, sizes: tuple[int, ...] = SIZES) -> list[Subject]:
    """One table for each size of home."""
    with tempfile.TemporaryDirectory(prefix="envmgr-listing-") as directory:
        python, why = peer(Path(directory) / "peer")
        found = []
        for size in sizes:
            found.append(_subject(Path(directory) / str(size), size, rounds, python, why))
    return found


def _subject(root: Path, size: int, rounds: int, python: Path | None, why: str) -> Subject:
    settings = make_home(root, size)
    home, made = settings.home, prefixes(settings.home)
    assert len(made) == size, len(made)
    _settle(root)
    subject = Subject(f"Listing {size} environments", "one stat each")
    with ExitStack() as stack:
        catalogue = open_context(settings).catalogue
        listed = len(catalogue.environments(fresh=True).environments)
        assert listed >= size, listed
        ours = stack.enter_context(
            jupyter_server(
                sys.executable, home, "jupyter_envmgr", {"PATH": settings.environ["PATH"]},
                [f"--EnvMgr.root={settings.root}", "--EnvMgr.allow_downloads=False"],
            )
        )  # fmt: skip
        over_http = len(json.loads(ours.ask(_OURS))["environments"])
        assert over_http >= size, over_http
        works: dict[str, Work] = {
            "ours over HTTP": lambda: ours.ask(_OURS),
            "ours in the process": catalogue.environments_json,
            "ours in the process, everything anew": lambda: catalogue.environments_json(True),
            "one stat each": lambda: [os.stat(prefix) for prefix in made],
            "the server's /api/status": lambda: ours.ask("/api/status"),
            "pyvenv.cfg, importlib.metadata, conda's JSON": lambda: read_plainly(made),
        }
        if python is not None:
            try:
                theirs = stack.enter_context(nb_venv_kernels(python, home, made))
                rows = json.loads(theirs.ask(_THEIRS))
                works["nb_venv_kernels over HTTP"] = lambda: theirs.ask(_THEIRS)
                count = len(rows.get("environments", rows) if isinstance(rows, dict) else rows)
                why = f"nb_venv_kernels lists {count}, ours {over_http}"
            except (RuntimeError, OSError, ValueError) as error:
                why = f"nb_venv_kernels skipped: {error}"
        subject.times = in_turn(works, rounds * (4 if size < 1000 else 1))
    subject.notes.append(why)
    if size in AIMS:
        subject.aim("ours over HTTP", AIMS[size])
    return subject


def _settle(root: Path) -> None:
    """What changed a moment ago is read again: a home of a benchmark is made a moment ago."""
    old = time.time() - 3600
    for directory, directories, files in os.walk(root):
        for name in (*directories, *files, "."):
            os.utime(os.path.join(directory, name), (old, old), follow_symlinks=False)
