"""Bytecode is written when nobody waits, of one environment at a time, and let go by anything."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.model import ExportRequest, ImportRequest
from jupyter_envmgr.core.clock import now
from jupyter_envmgr.core.environments.model import RenameRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.catalogue import Catalogue
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import renaming
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.service.environments.bytecode import BytecodeWriter
from jupyter_envmgr.service.jobs import Jobs
from jupyter_envmgr.system import processes
from jupyter_envmgr.system.holder import current
from tests.engines.rattler_bench import bad_files
from tests.fakes import eventually
from tests.service.conftest import ended
from tests.service.environments.test_copies import done, make
from tests.service.environments.test_copies import home as home


@pytest.fixture
def writing(home: Context) -> Iterator[tuple[Context, BytecodeWriter]]:
    """The service as a server has it, and what writes bytecode for it."""
    writer = BytecodeWriter(lambda: context)
    jobs = Jobs(home.settings, writer.told)
    context = Context(home.settings, Catalogue(home.settings), jobs)
    yield context, writer
    writer.close()
    jobs.close()


def prefix_of(context: Context, name: str) -> Path:
    return Path(context.catalogue.environment(name).path)


def without_bytecode(prefix: Path) -> list[str]:
    """The sources of packages that no bytecode is of, but for those that do not compile."""
    found = []
    for source in prefix.glob("lib/python3*/site-packages/**/*.py"):
        made = list(source.parent.glob(f"__pycache__/{source.stem}.cpython-*.pyc"))
        if not made and "-" not in str(source.parent.relative_to(prefix)).split("site-packages")[1]:
            found.append(str(source.relative_to(prefix)))
    return found


FIELDS: dict[str, object] = {"manager": "conda", "packages": ("greeter",)}


@pytest.mark.timeout(300)
def test_what_was_made_has_all_bytecode_and_is_as_sound_as_before(
    writing: tuple[Context, BytecodeWriter],
) -> None:
    context, writer = writing
    make(context, "one", **FIELDS)
    assert writer.wait(200)
    prefix = prefix_of(context, "one")
    assert without_bytecode(prefix) == []
    assert bad_files(prefix) == []
    assert [job.title for job in context.jobs.list().jobs] == ["Create one"], "it is no job"
    where = str(context.settings.home / "one.tar.gz")
    assert (
        ended(context, archives.export(context, ExportRequest("one", where))).state == "succeeded"
    )
    done(context, archives.import_(context, ImportRequest(where, name="two")))
    done(context, renaming.rename(context, "one", RenameRequest("six")))
    assert writer.wait(200)
    for name in ("two", "six"):
        assert without_bytecode(prefix_of(context, name)) == []
        program = str(prefix_of(context, name) / "bin" / "python")
        subprocess.run([program, "-c", "import greeter, ipykernel"], check=True)


@pytest.mark.timeout(300)
def test_a_removal_does_not_wait_for_it_and_is_not_refused(
    writing: tuple[Context, BytecodeWriter],
) -> None:
    context, writer = writing
    make(context, "one", **FIELDS)
    prefix = prefix_of(context, "one")
    eventually(lambda: writes_in(prefix), "it is begun", 90)
    assert processes.running_from(prefix) == ()
    plan = environments.plan_remove(context, "one")
    assert plan.refusal == ""
    done(context, environments.remove(context, "one", plan.digest))
    assert not prefix.exists()
    assert writer.wait(30)
    assert not writes_in(prefix)
    assert not prefix.exists(), "and nothing of it comes back"


def test_it_ends_with_the_server(writing: tuple[Context, BytecodeWriter]) -> None:
    context, writer = writing
    make(context, "one", **FIELDS)
    prefix = prefix_of(context, "one")
    eventually(lambda: writes_in(prefix), "it is begun", 90)
    (pid,) = writes_in(prefix)
    eventually(lambda: os.getpriority(os.PRIO_PROCESS, pid) == 19, "it gives way", 30)
    writer.close()
    assert not writes_in(prefix)


def test_what_did_not_come_to_be_is_not_looked_at() -> None:
    def fail() -> Context:
        raise AssertionError("it was looked at")

    writer = BytecodeWriter(fail)
    for state in ("running", "failed", "cancelled"):
        writer.told(job("environments.create", state))
    writer.told(job("environments.remove", "succeeded"))
    writer.told(job("usersite.reset", "succeeded"))
    assert writer.wait(0)


def test_what_was_cut_by_a_change_is_done_once_afterwards(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun: list[str] = []

    def write(name: str) -> None:
        begun.append(name)
        if len(begun) == 1:
            writer.told(job("packages.change", "succeeded"))
            raise EnvMgrError("cancelled", "it was stopped")

    writer = BytecodeWriter(lambda: pytest.fail("it was looked at"))
    monkeypatch.setattr(writer, "_write", write)
    writer.told(job("environments.create", "succeeded"))
    assert writer.wait(30)
    assert begun == ["one", "one"]


def job(operation: str, state: str) -> Job:
    holder = current("library")
    return Job("1", operation, "one", operation, state, now(), holder)  # type: ignore[arg-type]


def writes_in(prefix: Path) -> list[int]:
    """The processes that write bytecode of an environment."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except OSError:
            continue
        if words[0].startswith(bytes(prefix)) and b"envmgr-bytecode" in words:
            found.append(int(entry.name))
    return found
