"""A home full of traps: everything in it is listed with its reason, and nothing is waited for."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from jupyter_envmgr.service import status
from jupyter_envmgr.service.context import Context

CFG = "home = /usr/bin\nversion = 3.11.2\n"


def put(path: Path, content: str | bytes = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def fifo(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    os.mkfifo(path)


def link(path: Path, target: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.symlink_to(target)


def trap_environments(place: Path) -> None:
    link(place / "loop", "loop")
    link(place / "up", "..")
    link(place / "cfg-loop/pyvenv.cfg", "pyvenv.cfg")
    fifo(place / "cfg-fifo/pyvenv.cfg")
    put(place / "cfg-random/pyvenv.cfg", os.urandom(4000))
    put(place / "cfg-empty/pyvenv.cfg")
    with put(place / "cfg-huge/pyvenv.cfg", CFG).open("ab") as file:
        file.truncate(1 << 33)
    put(place / "cfg-nul/pyvenv.cfg", "home = /usr/bin\0\nversion = \x1b[31m3\n")
    put(place / "bin-loop/pyvenv.cfg", CFG)
    link(place / "bin-loop/bin", "bin")
    put(place / "python-loop/pyvenv.cfg", CFG)
    link(place / "python-loop/bin/python", "python3")
    link(place / "python-loop/bin/python3", "python")
    put(place / "python-fifo/pyvenv.cfg", CFG)
    fifo(place / "python-fifo/bin/python")
    put(place / "python-text/pyvenv.cfg", CFG)
    put(place / "python-text/bin/python", "no program")
    put(place / "elsewhere/pyvenv.cfg", "home = /opt/other/bin\nversion = 3.12.9\n")
    link(place / "elsewhere/bin/python", "/opt/other/bin/python3.12")
    (place / "half/lib/python3.11/site-packages/numpy").mkdir(parents=True)
    (place / "line\nbreak").mkdir()
    os.mkdir(os.fsencode(place) + b"/not-\xff-utf8")


def trap_records(place: Path) -> None:
    texts = ("{", "[]", "null", '{"version": 99}', '{"version": true}', "[" * 100_000)
    for number, text in enumerate(texts):
        put(place / f"record-{number}.json", text)
    fifo(place / "record-fifo.json")
    link(place / "record-link.json", "/etc/passwd")
    (place / "record-directory.json").mkdir()


def trap_conda(home: Path) -> None:
    prefix = home / "conda"
    put(prefix / "conda-meta/history", os.urandom(3000))
    put(prefix / "conda-meta/python-3.12.1-0.json", "{")
    fifo(prefix / "conda-meta/fifo-1-0.json")
    link(prefix / "conda-meta/loop-1-0.json", "loop-1-0.json")
    roots = f"/nowhere\nrelative\n/etc/passwd\n/dev/zero\n/proc\n{prefix}\n{prefix}/\n"
    long = b"/" + b"x" * 5000 + b"\n"
    put(home / ".conda/environments.txt", b"\xff\xfe\n\0\n" + long + roots.encode())
    put(home / ".condarc", "envs_dirs: !!python/object/apply:os.system [touch pwned]\n- x\n: :\n")
    link(home / ".pyenv/versions", "versions")


def trap_kernels(place: Path) -> None:
    texts = ("{", "[]", "null", '{"argv": 3}', '{"argv": [null], "metadata": {"envmgr": []}}')
    for number, text in enumerate(texts):
        put(place / f"kernel-{number}/kernel.json", text)
    fifo(place / "kernel-fifo/kernel.json")
    link(place / "kernel-loop", "kernel-loop")
    put(place / "kernel-file")


def trap_jobs(place: Path) -> None:
    put(place / "20260101t000000000-aaaaaaaa/job.json", "{")
    (place / "20260101t000000000-aaaaaaab").mkdir()
    fifo(place / "20260101t000000000-aaaaaaac/job.json")
    put(place / "junk")


@pytest.mark.timeout(60)
def test_a_home_full_of_traps_is_listed_and_each_broken_one_has_its_reason(
    context: Context,
) -> None:
    settings = context.settings
    place = settings.default_location.path
    trap_environments(place)
    trap_records(settings.default_location.records)
    trap_conda(settings.home)
    trap_kernels(settings.user_kernels)
    trap_jobs(settings.jobs)

    found = context.catalogue.environments().environments
    by_path = {Path(environment.path).name: environment for environment in found}
    assert by_path["elsewhere"].status == "foreign"
    for name in ("cfg-fifo", "cfg-random", "cfg-huge", "python-loop", "half", "record-0", "conda"):
        assert by_path[name].status == "broken", name
    for environment in found:
        assert environment.status == "ready" or environment.reason, environment.path
        context.catalogue.packages(environment.id)
        if environment.path.startswith(str(settings.home)):
            context.catalogue.size(environment.id)
    kernels = {kernel.name: kernel for kernel in context.catalogue.kernels().kernels}
    assert all(kernels[f"kernel-{number}"].status != "ok" for number in range(5))
    assert context.jobs.list().jobs == ()
    assert status.report(context).locations


@pytest.mark.timeout(60)
def test_five_thousand_directories_are_looked_at(context: Context) -> None:
    place = context.settings.default_location.path
    for number in range(5000):
        (place / f"entry-{number}").mkdir(parents=True)
    found = context.catalogue.environments().environments
    assert sum(environment.path.startswith(str(place)) for environment in found) == 5000


def test_a_directory_that_may_not_be_read_is_a_warning(
    context: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = context.settings.default_location.path
    place.mkdir(parents=True)
    scandir = os.scandir

    def refuse(path: str) -> object:
        # As anybody but root is answered.
        if Path(path) == place:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    answer = context.catalogue.environments()
    assert any(str(place) in warning for warning in answer.warnings)
