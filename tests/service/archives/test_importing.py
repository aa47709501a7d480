"""An import that fails or is cancelled leaves nothing; one that cannot work is refused before."""

from __future__ import annotations

import gzip
import tarfile
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.facts import this_machine
from jupyter_envmgr.core.archives.model import MANIFEST, SUMS, ImportRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.context import Context
from tests.fakes import eventually
from tests.service.archives.bench import failed, manifest_only, small, traces
from tests.service.conftest import ended


def test_a_bomb_is_refused_before_it_fills_the_disk(context: Context, tmp_path: Path) -> None:
    path = small(tmp_path / "net.tar.gz")
    with gzip.open(path) as whole:
        data = whole.read().rstrip(b"\0")
    data += bytes(-len(data) % 512)
    zeros = tarfile.TarInfo("lib/zeros")
    zeros.size = 250 << 20
    with gzip.open(path, "wb", compresslevel=1) as bomb:
        bomb.write(data + zeros.tobuf())
        for _ in range(252):
            bomb.write(bytes(1 << 20))
    problem = failed(context, ImportRequest(str(path), name="bomb")).problem
    assert problem is not None
    assert problem.code == "archive-refused"
    assert "unpacks to more" in problem.detail


def test_a_wrong_hash_is_refused_and_leaves_nothing(context: Context, tmp_path: Path) -> None:
    path = small(tmp_path / "net.tar.gz")
    problem = failed(context, ImportRequest(str(path), name="wrong", sha256="0" * 64)).problem
    assert problem is not None
    assert problem.code == "archive-damaged"
    assert "0000" in problem.detail


def test_the_hash_beside_the_archive_counts(context: Context, tmp_path: Path) -> None:
    path = small(tmp_path / "net.tar.gz")
    (tmp_path / "net.tar.gz.sha256").write_text(f"{'1' * 64} *net.tar.gz\n")
    problem = failed(context, ImportRequest(str(path), name="beside")).problem
    assert problem is not None
    assert problem.code == "archive-damaged"


def test_a_cut_archive_leaves_nothing(context: Context, tmp_path: Path) -> None:
    path = small(tmp_path / "cut.tar.gz")
    path.write_bytes(path.read_bytes()[:-100])
    problem = failed(context, ImportRequest(str(path), name="cut")).problem
    assert problem is not None
    assert problem.code == "archive-damaged"
    assert "cut.tar.gz" in problem.detail


def test_a_hostile_archive_leaves_nothing_and_writes_nowhere(
    context: Context, tmp_path: Path
) -> None:
    link = tarfile.TarInfo("lib/out")
    link.type, link.linkname = tarfile.SYMTYPE, "../../../../evil"
    path = small(tmp_path / "hostile.tar.gz", link)
    problem = failed(context, ImportRequest(str(path), name="hostile")).problem
    assert problem is not None
    assert problem.code == "archive-refused"
    assert "lib/out" in problem.detail


def test_an_archive_for_one_fixed_place_says_so(context: Context, tmp_path: Path) -> None:
    path = small(tmp_path / "fixed.tar.gz")
    problem = failed(context, ImportRequest(str(path), name="fixed")).problem
    assert problem is not None
    assert problem.code == "not-an-archive"
    assert "--dest-prefix" in problem.hint


def test_a_python_of_another_processor_is_no_crash(context: Context, tmp_path: Path) -> None:
    path = small(tmp_path / "other.tar.gz", tarfile.TarInfo("bin/conda-unpack"))
    problem = failed(context, ImportRequest(str(path), name="other")).problem
    assert problem is not None
    assert problem.code in ("not-permitted", "interpreter-missing")


def test_an_environment_that_does_not_start_leaves_nothing(
    packed: Path, context: Context, tmp_path: Path
) -> None:
    path = tmp_path / "broken.tar.gz"
    with tarfile.open(packed) as old, tarfile.open(path, "w:gz", compresslevel=1) as new:
        for member in old:
            if member.name not in (MANIFEST, SUMS) and "ipykernel/kernelapp" not in member.name:
                new.addfile(member, old.extractfile(member) if member.isreg() else None)
    problem = failed(context, ImportRequest(str(path), name="broken")).problem
    assert problem is not None
    assert problem.code == "import-failed"
    assert not (context.settings.home / ".conda/environments.txt").exists()


def test_a_cancelled_import_leaves_nothing(packed: Path, context: Context) -> None:
    job = archives.import_(context, ImportRequest(str(packed), name="halted"))
    prefix = context.settings.default_location.path / "halted"
    eventually(lambda: (prefix / "bin").exists(), "files are unpacked", 60)
    context.jobs.cancel(job.id)
    assert ended(context, job).state == "cancelled"
    assert traces(context) == []


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (ImportRequest("", name="aa"), "path"),
        (ImportRequest("relative.tar.gz", name="aa"), "path"),
        (ImportRequest("{packed}", name="Bad Name"), "name"),
        (ImportRequest("{packed}", name="aa", location="nowhere"), "location"),
        (ImportRequest("{packed}", name="aa", sha256="xyz"), "sha256"),
        (ImportRequest("{packed}", name="aa", display_name="a\nb"), "display_name"),
    ],
)
def test_bad_input_names_its_field_and_makes_nothing(
    request_: ImportRequest, field: str, packed: Path, context: Context
) -> None:
    request = replace(request_, path=request_.path.format(packed=packed))
    with pytest.raises(EnvMgrError) as caught:
        archives.import_(context, request)
    assert [row.field for row in caught.value.errors] == [field]
    assert traces(context) == []
    assert context.jobs.list().jobs == ()


def test_a_name_or_directory_that_is_taken_is_not_touched(packed: Path, context: Context) -> None:
    precious = context.settings.default_location.path / "mine" / "thesis.tex"
    precious.parent.mkdir(parents=True)
    precious.write_text("precious")
    with pytest.raises(EnvMgrError) as caught:
        archives.import_(context, ImportRequest(str(packed), name="mine"))
    assert caught.value.code == "directory-exists"
    assert precious.read_text() == "precious"


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"platform": "linux-s390x"}, "made for linux-s390x, and this machine is"),
        ({"platform": "osx-arm64"}, "made for osx-arm64"),
        ({"platform": "{here}", "glibc": "99.1"}, "needs glibc 99.1"),
        ({"kind": "wheels", "manager": "pip", "python": "3.2.1"}, "for Python 3.2"),
    ],
)
def test_what_cannot_run_here_is_refused_before_it_is_unpacked(
    changes: dict[str, str], words: str, context: Context, tmp_path: Path
) -> None:
    changes = {k: v.format(here=this_machine().platform) for k, v in changes.items()}
    path = manifest_only(tmp_path / "net.tar.gz", **changes)
    with pytest.raises(EnvMgrError, match=words) as caught:
        archives.import_(context, ImportRequest(str(path), name="net"))
    assert caught.value.code == "wrong-platform"
    assert traces(context) == []


def test_more_than_there_is_room_for_is_said_at_once(context: Context, tmp_path: Path) -> None:
    path = manifest_only(tmp_path / "net.tar.gz", bytes=10**15)
    with pytest.raises(EnvMgrError) as caught:
        archives.import_(context, ImportRequest(str(path), name="net"))
    assert caught.value.code == "disk-full"
