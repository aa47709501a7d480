"""Pip environments travel as a lock and wheels, and need no index where they arrive."""

from __future__ import annotations

import hashlib
import io
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.model import ExportRequest, ImportRequest
from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system.store import Store
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.archives.bench import failed
from tests.service.conftest import ended


@pytest.fixture
def shipped(indexed: Context, local_index: LocalIndex, tmp_path: Path) -> Path:
    """A pip environment in an archive; the index is gone afterwards."""
    local_index.add(wheel("mine", "1.5"))
    request = CreateRequest("pipped", packages=("mine",), remarks="of mine")
    job = ended(indexed, environments.create(indexed, request))
    assert job.state == "succeeded", job.problem
    path = tmp_path / "pipped.tar.gz"
    job = ended(indexed, archives.export(indexed, ExportRequest("pipped", str(path))))
    assert job.state == "succeeded", job.problem
    assert job.result is not None
    assert job.result["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (
        tmp_path / "pipped.tar.gz.sha256"
    ).read_text() == f"{job.result['sha256']}  {path.name}\n"
    return path


def test_a_pip_environment_travels_as_lock_and_wheels_without_an_index(
    shipped: Path, context: Context
) -> None:
    archive = archives.show(context, str(shipped))
    assert (archive.manifest.kind, archive.manifest.manager) == ("wheels", "pip")
    assert "mine==1.5" in archive.manifest.lock
    assert "mine" in archive.manifest.asked_for
    job = ended(context, archives.import_(context, ImportRequest(str(shipped), name="landed")))
    assert job.state == "succeeded", job.problem
    made = context.catalogue.environment("landed")
    assert (made.status, made.manager, made.kind, made.remarks) == (
        "ready",
        "pip",
        "venv",
        "of mine",
    )
    packages = {p.name: p.version for p in context.catalogue.packages("landed").packages}
    assert packages["mine"] == "1.5"
    assert {"pip", "ipykernel"} <= set(packages)
    (kernel,) = made.kernels
    assert kernel.name == "envmgr-landed"
    record = Store(context.settings.default_location).read("landed")
    assert record.engine.name == "uv"


def test_a_wheel_that_was_changed_is_not_installed(
    shipped: Path, context: Context, tmp_path: Path
) -> None:
    path = tmp_path / "changed.tar.gz"
    with tarfile.open(shipped) as old, tarfile.open(path, "w:gz") as new:
        for member in old:
            file = old.extractfile(member)
            assert file is not None
            data = file.read()
            if "mine-1.5" in member.name:
                data = wheel("mine", "1.5", files={"mine.py": "evil = True"}).content
                member.size = len(data)
            new.addfile(member, io.BytesIO(data))
    problem = failed(context, ImportRequest(str(path), name="changed")).problem
    assert problem is not None
    assert problem.code == "archive-damaged"
    assert "mine-1.5" in problem.detail


def test_an_index_that_is_gone_is_called_so(indexed: Context, tmp_path: Path) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("alone", packages=("packaging",))))
    gone = replace(indexed.settings, index_url="http://127.0.0.1:9/simple")
    context = replace(indexed, settings=gone)
    path = tmp_path / "alone.tar.gz"
    job = ended(context, archives.export(context, ExportRequest("alone", str(path))))
    assert job.problem is not None
    assert job.problem.code in ("index-unreachable", "no-such-version")
    assert sorted(p.name for p in tmp_path.iterdir() if "alone" in p.name or "work" in p.name) == []
