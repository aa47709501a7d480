"""Environments travel in archives: packed here, made there, proven."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

from jupyter_envmgr.core.archives.model import MANIFEST, SUMS, ExportRequest, ImportRequest
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system.store import Store
from tests.service.archives.bench import failed, run, small
from tests.service.conftest import ended


def test_an_archive_says_what_is_in_it_and_what_it_needs(packed: Path, context: Context) -> None:
    archive = archives.show(context, str(packed))
    manifest = archive.manifest
    assert archive.ours
    assert archive.refusal == ""
    assert archive.sha256 == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert (manifest.name, manifest.kind, manifest.manager) == ("net", "conda", "conda")
    assert manifest.platform.startswith(("linux-", "osx-"))
    assert any("/ipykernel-" in line for line in manifest.lock)
    assert manifest.bytes > archive.size
    assert manifest.channels


def test_a_conda_environment_is_imported_under_another_name_in_another_home(
    packed: Path, packable: Path, other: Context
) -> None:
    request = ImportRequest(str(packed), name="moved", location="shared")
    plan = archives.plan_import(other, request)
    assert [step.action for step in plan.steps] == ["unpack", "create", "register"]
    job = ended(other, archives.import_(other, request))
    assert job.state == "succeeded", job.problem
    assert job.result == {"environment": "moved@shared"}
    made = other.catalogue.environment("moved@shared")
    prefix = other.settings.home / "shared" / "moved"
    assert (made.status, made.kind, made.managed, made.path) == (
        "ready",
        "conda",
        True,
        str(prefix),
    )
    assert made.display_name.endswith("(moved)")
    (kernel,) = made.kernels
    assert kernel.managed
    record = Store(other.settings.locations[1]).read("moved")
    assert record.annotations["archive-sha256"] == hashlib.sha256(packed.read_bytes()).hexdigest()
    assert record.annotations["archive"] == str(packed)
    assert any("/ipykernel-" in line for line in record.lock)
    assert run(prefix, str(prefix / "bin/python"), "-c", "import sys; print(sys.prefix)") == str(
        prefix
    )
    assert str(prefix) in run(prefix, str(prefix / "bin/pip"), "--version")
    for name in ("pip", "ipython", "jupyter"):
        assert str(packable).encode() not in (prefix / "bin" / name).read_bytes()
    noted = (other.settings.home / ".conda/environments.txt").read_text()
    assert str(prefix) in noted
    assert {p.name for p in prefix.iterdir()}.isdisjoint({MANIFEST, SUMS})
    assert not (prefix / "bin/conda-unpack").exists()


def test_what_was_imported_can_be_packed_and_imported_again(
    packed: Path, context: Context, tmp_path: Path
) -> None:
    job = ended(context, archives.import_(context, ImportRequest(str(packed), name="first")))
    assert job.state == "succeeded", job.problem
    path = tmp_path / "again.tar.zst"
    job = ended(context, archives.export(context, ExportRequest("first", str(path))))
    assert job.state == "succeeded", job.problem
    prefix = context.settings.default_location.path / "first"
    removal = environments.plan_remove(context, "first")
    ended(context, environments.remove(context, "first", removal.digest))
    assert not prefix.exists()
    job = ended(context, archives.import_(context, ImportRequest(str(path), name="second-one")))
    assert job.state == "succeeded", job.problem
    prefix = context.settings.default_location.path / "second-one"
    assert str(prefix) in run(prefix, str(prefix / "bin/pip"), "--version")


def test_an_archive_that_conda_pack_made_without_us_works_too(
    packable: Path, context: Context, tmp_path: Path
) -> None:
    path = tmp_path / "My Net.tar.gz"
    program = "import sys, conda_pack; conda_pack.pack(prefix=sys.argv[1], output=sys.argv[2])"
    argv = [sys.executable, "-W", "ignore", "-c", program, str(packable), str(path)]
    # One of ours has this file, which is not taken from an archive and yet in conda-pack's list.
    (packable / "pip.conf").write_text("[global]\nuser = true\n")
    try:
        subprocess.run(argv, check=True)
    finally:
        (packable / "pip.conf").unlink()
    archive = archives.show(context, str(path))
    assert not archive.ours
    assert archive.manifest.name == "my-net"
    assert archive.manifest.python.startswith("3.")
    job = ended(context, archives.import_(context, ImportRequest(str(path))))
    assert job.state == "succeeded", job.problem
    made = context.catalogue.environment("my-net")
    assert made.status == "ready"
    assert made.kernels
    assert "user = true" not in (Path(made.path) / "pip.conf").read_text()


def test_an_import_shows_its_bytes_while_it_unpacks(packed: Path, context: Context) -> None:
    job = archives.import_(context, ImportRequest(str(packed), name="counted"))
    ended(context, job)
    events = context.jobs.events(job.id).events
    shown = [e for e in events if e.type == "progress" and e.unit == "bytes"]
    assert shown
    assert {e.total for e in shown} == {packed.stat().st_size}


def test_a_failed_import_can_be_tried_again_when_the_archive_is_whole(
    packed: Path, context: Context, tmp_path: Path
) -> None:
    path = small(tmp_path / "late.tar.gz")
    path.write_bytes(path.read_bytes()[:-100])
    failed(context, ImportRequest(str(path), name="late", display_name="Late"))
    shutil.copy(packed, path)
    job = ended(context, environments.retry(context, "late"))
    assert job.state == "succeeded", job.problem
    assert job.operation == "archives.import"
    assert context.catalogue.environment("late").display_name == "Late"
