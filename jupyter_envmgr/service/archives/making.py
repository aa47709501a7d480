"""The job that makes the environment of an archive: proven to run, or nothing is left behind."""

from __future__ import annotations

import contextlib
import os
from dataclasses import replace
from pathlib import Path

from ...core.archives.check import Limits
from ...core.archives.model import REQUIREMENTS, WHEELS
from ...core.archives.scripts import with_interpreter
from ...core.commands import Command, Outcome, Step
from ...core.environments.conda_prefix import read_conda
from ...core.environments.disk import Disk
from ...core.environments.model import Record
from ...core.errors import EnvMgrError
from ...core.events import Notice
from ...core.packages.indexes import Indexes
from ...core.packages.inventory import list_packages
from ...core.packages.pip_configuration import OF_AN_ENVIRONMENT
from ...engines import wheels
from ...engines.conda_pack import UNPACK, set_right
from ...engines.uv import PipPlan, UvEngine
from ...system import durable, unpacking
from ...system.oserrors import explain_os_error
from ...system.store import Store
from ...system.tarballs import Unpacked
from ...system.unpacking import UnpackPlan, unpack_step, unpacked
from .. import kernels
from ..context import Context
from ..environments import activation, attempts, history, managed
from ..environments.conda_content import conda_lock, keep_user_site_out
from ..environments.conda_plans import remember_environment
from ..environments.pip_content import pip_lock
from ..jobs import Running
from .importing import Import

_UNPACKING = (unpacking.NAME, unpacking.TITLE, 1.0)
_FIXING = ("fix", "Setting its paths right", 0.1)
_PROOF = ("prove", "Starting its Python", 0.05)
_IGNORED = frozenset({managed.MARKER, "pip.conf"})
_PROGRESS_MODULE = "bin/conda_unpack_progress.py"
_SLACK = 64 * 1024 * 1024
_MOST_PACKED = 100
_MORE_FILES = 10_000
_LARGEST_SCRIPT = 1 << 20


def carry_out(
    context: Context, prepared: Import, record: Record, running: Running
) -> dict[str, str]:
    """The job: unpack, set right, prove, say so in the record. See `attempts.carry_out`."""
    return attempts.carry_out(
        context,
        prepared.location,
        record,
        running,
        purpose="importing",
        registration=prepared.registration,
        make=lambda marked: _make(context, prepared, marked, running),
    )


def _make(context: Context, prepared: Import, record: Record, running: Running) -> None:
    conda = prepared.archive.manifest.kind == "conda"
    done = (_make_conda if conda else _make_pip)(context, prepared, running)
    durable.write_file(prepared.prefix / "pip.conf", OF_AN_ENVIRONMENT.encode())
    packages = list_packages(prepared.prefix, "conda" if conda else "venv")
    has_kernel = any(package.name.lower() == "ipykernel" for package in packages)
    registration = prepared.registration if has_kernel else None
    if prepared.registration is not None and registration is None:
        running.emit(Notice("It has no ipykernel: no kernel was registered.", "warning"))
    python = _prove(context, prepared, registration, running)
    running.check()
    if conda:
        keep_user_site_out(prepared.prefix)
        remember_environment(context.settings, prepared.prefix)
    record = replace(
        record,
        status="ready",
        python=python,
        interpreter=str(prepared.interpreter),
        lock=(conda_lock if conda else pip_lock)(prepared.prefix),
        kernel=registration.name if registration else None,
        annotations={**record.annotations, "archive-sha256": done.sha256},
    )
    Store(prepared.location).write(record)
    history.note(prepared.location, record, "import")


def _make_conda(context: Context, prepared: Import, running: Running) -> Unpacked:
    running.plan((_UNPACKING, _FIXING, _PROOF))
    prefix = prepared.prefix
    done = _unpack(context, prepared, prefix, running)
    if not (prefix / UNPACK).is_file():
        raise EnvMgrError(
            "not-an-archive",
            f"{Path(prepared.archive.path).name}: there is no {UNPACK} in it",
            hint="It was packed for one fixed place (--dest-prefix): pack it without that.",
        )
    # conda-pack's own program wants every file that it packed, also the one that was left out.
    durable.write_file(prefix / "pip.conf", OF_AN_ENVIRONMENT.encode())
    step = set_right(prefix, context.settings.environ)
    outcome = running.run(step, missing="interpreter-missing")
    if not outcome.ok:
        raise _failed(outcome, f"{prefix / UNPACK} failed")
    # They have done their work; packed again they would be in that archive twice.
    for name in (UNPACK, _PROGRESS_MODULE):
        with contextlib.suppress(FileNotFoundError):
            durable.unlink(prefix / name)
    _set_scripts_right(prefix / "bin")
    facts = read_conda(Disk(), str(prefix))
    if facts is None or facts.status != "ready" or facts.interpreter is None:
        why = facts.reason if facts else "there is no conda-meta"
        raise EnvMgrError("archive-damaged", f"what was unpacked is no environment: {why}")
    return done


def _make_pip(context: Context, prepared: Import, running: Running) -> Unpacked:
    assert prepared.base is not None
    engine = UvEngine.find(context.settings)
    with durable.private_directory(context.settings.cache) as workdir:
        files = workdir / "archive"
        durable.make_directory(files)
        plan = PipPlan(
            prefix=prepared.prefix,
            python=prepared.base.python,
            download=prepared.base.download,
            requirements=(),
            indexes=Indexes(),
            workdir=workdir,
            environ=context.settings.environ,
            link_mode=context.settings.link_mode,
            prompt=prepared.name,
        )
        lock = files / REQUIREMENTS
        titles = wheels.install(engine, plan, "", files / WHEELS).steps
        running.plan((_UNPACKING, *((s.name, s.title, s.weight) for s in titles), _PROOF))
        done = _unpack(context, prepared, files, running)
        if not lock.is_file():
            raise EnvMgrError("archive-damaged", f"there is no {REQUIREMENTS} in it")
        text = lock.read_text(encoding="utf-8")
        work = wheels.install(engine, plan, text, files / WHEELS)
        for name, content in work.files.items():
            durable.write_file(workdir / name, content.encode(), mode=0o600)
        for step in work.steps:
            outcome = running.run(step)
            if not outcome.ok:
                raise engine.explain(step, outcome, plan)
    return done


def _unpack(context: Context, prepared: Import, target: Path, running: Running) -> Unpacked:
    """Unpack into a directory that this job has made, within what was declared or is free."""
    archive = prepared.archive
    free = durable.free_bytes(target)
    declared = archive.manifest.bytes + archive.manifest.bytes // 10 + _SLACK
    # Environments shrink to a tenth at best; what says nothing of its size may be a bomb.
    limits = Limits(bytes=min(free, _MOST_PACKED * archive.size + _SLACK))
    if archive.ours:
        # Directories are not in the number that is declared.
        limits = Limits(min(free, declared), 2 * archive.manifest.files + _MORE_FILES)
    plan = UnpackPlan(
        archive=Path(archive.path),
        target=target,
        limits=limits,
        sums=archive.ours,
        sha256=prepared.sha256,
        ignored=_IGNORED,
    )
    outcome = running.run(unpack_step(plan, context.settings.environ))
    return unpacked(outcome, plan)


def _set_scripts_right(directory: Path) -> None:
    """Have every script in ``bin`` start this environment's Python, activated or not."""
    try:
        names = frozenset(os.listdir(directory))
        for name in sorted(names):
            path = directory / name
            if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST_SCRIPT:
                continue
            data = with_interpreter(path.read_bytes(), str(directory), names)
            if data is not None:
                durable.write_file(path, data)
    except OSError as error:
        raise explain_os_error(error, f"cannot change the scripts in {directory}") from error


def _prove(
    context: Context, prepared: Import, registration: kernels.Registration | None, running: Running
) -> str:
    """Register the kernel and start the interpreter as Jupyter would. Its version."""
    module = "ipykernel.kernelapp" if registration else "sys"
    program = (
        f"import {module}, os, platform, sys; "
        "print(os.path.realpath(sys.prefix)); print(platform.python_version())"
    )
    words = ("-I", "-c", program)
    if registration is not None:
        kernels.write(registration)
        command = activation.command(
            context.settings, registration.target, *words, cwd=prepared.prefix
        )
    else:
        environ = dict(context.settings.environ)
        command = Command((str(prepared.interpreter), *words), environ, prepared.prefix)
    step = Step(*_PROOF[:2], command, _PROOF[2])
    outcome = running.run(step, timeout=120, missing="interpreter-missing")
    if not outcome.ok:
        raise _failed(outcome, f"{prepared.interpreter} cannot import {module}")
    *_, prefix, version = ["", "", *outcome.stdout.strip().splitlines()]
    if prefix != os.path.realpath(prepared.prefix):
        detail = f"{prepared.interpreter} runs the Python of {prefix}"
        raise EnvMgrError("import-failed", detail)
    return version


def _failed(outcome: Outcome, what: str) -> EnvMgrError:
    """Why a program of the environment did not run. An old glibc is told by the dynamic linker."""
    last = (outcome.stderr.strip().splitlines() or ["it said nothing"])[-1]
    too_old = "GLIBC" in last and "not found" in last
    return EnvMgrError("wrong-platform" if too_old else "import-failed", f"{what}: {last}")
