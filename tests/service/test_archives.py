"""Environments travel in archives: packed here, made there, proven; what fails leaves nothing."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.facts import Machine, this_machine
from jupyter_envmgr.core.archives.model import MANIFEST, SUMS, ExportRequest, ImportRequest
from jupyter_envmgr.core.environments.model import CreateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.archives import looking
from jupyter_envmgr.service.catalogue import Catalogue
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.service.jobs import Jobs
from jupyter_envmgr.system.store import Store
from tests.conda_prefixes import make_prefix
from tests.fakes import eventually
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended

MakeContext = Callable[[Settings], Context]


@pytest.fixture(scope="module")
def packable(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conda environment with ipykernel that somebody has."""
    return make_prefix(tmp_path_factory.mktemp("conda") / "net", "python", "ipykernel", "pip")


@pytest.fixture(scope="module")
def packed(packable: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """That environment in an archive of ours, with its hash beside it."""
    place = tmp_path_factory.mktemp("packed")
    with here(place, packable) as context:
        path = place / "net.tar.gz"
        job = ended(context, archives.export(context, request_for(context, packable, path)))
        assert job.state == "succeeded", job.problem
    return path


@pytest.fixture(autouse=True)
def _no_environments_stay(tmp_path: Path) -> Iterator[None]:
    """They have a hundred megabytes each, and pytest keeps what tests leave."""
    yield
    for place in ("home", "out"):
        shutil.rmtree(tmp_path / place, ignore_errors=True)
    for file in tmp_path.glob("*.tar.*"):
        file.unlink()


class here:
    """The service of a person who has a conda environment at ``prefix``."""

    def __init__(self, place: Path, prefix: Path) -> None:
        home = place / "home"
        (home / ".conda").mkdir(parents=True)
        (home / ".conda/environments.txt").write_text(f"{prefix}\n")
        self._settings = settings_of(home)

    def __enter__(self) -> Context:
        self._jobs = Jobs(self._settings)
        return Context(self._settings, Catalogue(self._settings), self._jobs)

    def __exit__(self, *_: object) -> None:
        self._jobs.close()


def settings_of(home: Path) -> Settings:
    data = home / ".local/share/jupyter/kernels"
    return Settings(
        root=home / ".envmgr",
        home=home,
        locations=(Location("home", home / ".envmgr/environments"),),
        image_prefix=Path(sys.prefix),
        image_interpreter=Path(sys.executable),
        kernel_dirs=(data,),
        user_kernels=data,
        image_kernels=home / "image/kernels",
        environ={"HOME": str(home), "PATH": os.environ["PATH"]},
        door="server",
    )


def request_for(context: Context, prefix: Path, path: Path) -> ExportRequest:
    found = context.catalogue.environments().environments
    (identifier,) = [e.id for e in found if e.path == str(prefix)]
    return ExportRequest(identifier, str(path))


@pytest.fixture
def other(settings: Settings, make_context: MakeContext) -> Context:
    """Another home, and one more location in it."""
    place = settings.home / "shared"
    locations = (*settings.locations, Location("shared", place))
    return make_context(replace(settings, locations=locations))


def traces(context: Context) -> list[str]:
    """Everything that an import could have left, without jobs and cache."""
    root = context.settings.root
    inside = [*root.glob("environments/*"), *root.glob("environments/.envmgr/*/*")]
    inside += [entry for place in context.settings.kernel_dirs for entry in place.glob("*")]
    return sorted(str(path) for path in inside if path.name != ".envmgr")


def failed(context: Context, request: ImportRequest) -> Job:
    """The job of an import that fails, having left its record and nothing else."""
    before = traces(context)
    job = ended(context, archives.import_(context, request))
    assert job.state == "failed"
    left = {Path(path).name for path in set(traces(context)) - set(before)}
    assert left == {f"{request.name}.json"}
    assert context.catalogue.environment(request.name).status == "failed"
    return job


def run(prefix: Path, *argv: str) -> str:
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={"PATH": "/bin"})
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


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


def small(path: Path, *more: tarfile.TarInfo) -> Path:
    """An archive as conda-pack makes it, of an environment that does nothing."""
    record = {"name": "python", "version": "3.11.9", "build": "0", "subdir": "noarch"}
    files = {
        "bin/python": os.urandom(200_000),
        "conda-meta/history": b"",
        "conda-meta/python-3.11.9-0.json": json.dumps(record).encode(),
        "lib/data": os.urandom(200_000),
    }
    with tarfile.open(path, "w:gz") as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
        for info in more:
            archive.addfile(info)
    return path


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


def test_a_cancelled_export_leaves_nothing(packable: Path, tmp_path: Path) -> None:
    target = tmp_path / "out"
    target.mkdir()
    with here(tmp_path, packable) as context:
        request = request_for(context, packable, target / "net.tar.gz")
        job = archives.export(context, request)
        seq = 0
        while not any(target.iterdir()):
            answer = context.jobs.wait(job.id, seq, 30)
            assert answer.job.state in ("queued", "running")
            seq = answer.events[-1].seq if answer.events else seq
        context.jobs.cancel(job.id)
        assert ended(context, job).state == "cancelled"
    assert list(target.iterdir()) == []


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("net.tar.gz", "bad-path"),
        ("/no/such/directory/net.tar.gz", "bad-path"),
        ("{out}/net.zip", "bad-path"),
        ("{out}/there.tar.gz", "file-exists"),
        ("{prefix}/lib/net.tar.gz", "bad-path"),
        ("{out}/a\nb.tar.gz", "bad-path"),
        ("", "bad-path"),
    ],
)
def test_a_bad_target_is_refused_by_its_field(
    path: str, code: str, packable: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "there.tar.gz").write_text("precious")
    with here(tmp_path, packable) as context:
        request = request_for(context, packable, tmp_path)
        request = replace(request, path=path.format(out=out, prefix=packable))
        with pytest.raises(EnvMgrError) as caught:
            archives.export(context, request)
    assert caught.value.code == code
    assert [row.field for row in caught.value.errors] == ["path"]
    assert (out / "there.tar.gz").read_text() == "precious"


def test_the_image_cannot_be_packed(context: Context, tmp_path: Path) -> None:
    with pytest.raises(EnvMgrError) as caught:
        archives.export(context, ExportRequest("image", str(tmp_path / "image.tar.gz")))
    assert caught.value.code == "cannot-pack"


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


def manifest_only(path: Path, **changes: object) -> Path:
    """An archive that begins with a manifest; nothing else is read before it is judged."""
    fields = {
        "name": "net",
        "kind": "conda",
        "manager": "conda",
        "python": "3.11.9",
        "platform": "noarch",
        **changes,
    }
    data = json.dumps(fields).encode()
    with tarfile.open(path, "w:gz") as archive:
        info = tarfile.TarInfo(MANIFEST)
        info.size = len(data)
        archive.addfile(info, io.BytesIO(data))
    return path


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


def test_another_machine_is_told_apart(packed: Path, context: Context) -> None:
    arm = looking.look(context, str(packed), Machine("linux-aarch64", "2.36"))
    assert "this machine is linux-aarch64" in arm.refusal


@pytest.mark.parametrize(
    "changes",
    [
        {"version": 99},
        {"kind": "zip"},
        {"labels": ["x"]},
        {"name": 7},
        {"lock": "numpy"},
    ],
)
def test_a_manifest_that_is_not_understood_is_no_crash(
    changes: dict[str, object], context: Context, tmp_path: Path
) -> None:
    path = manifest_only(tmp_path / "net.tar.gz", **changes)
    with pytest.raises(EnvMgrError) as caught:
        archives.show(context, str(path))
    assert caught.value.code in ("not-an-archive", "archive-damaged")
    assert "net.tar.gz" in caught.value.detail


def test_a_hostile_manifest_is_shown_without_its_tricks(context: Context, tmp_path: Path) -> None:
    path = manifest_only(
        tmp_path / "net.tar.gz",
        name="../../x\x1b[2J",
        display_name="a\nb",
        lock=["x\x07y", "z" * 100_000],
        labels={"": "x"},
        bytes=-5,
    )
    manifest = archives.show(context, str(path)).manifest
    assert "\x1b" not in manifest.name
    assert "\n" not in manifest.display_name
    assert "\x07" not in manifest.lock[0]
    assert len(manifest.lock[1]) < 1000
    assert manifest.bytes == 0
    plan = archives.plan_import(context, ImportRequest(str(path)))
    assert plan.subject == "x-2j"
    assert "\x1b" not in repr(plan)


def test_more_than_there_is_room_for_is_said_at_once(context: Context, tmp_path: Path) -> None:
    path = manifest_only(tmp_path / "net.tar.gz", bytes=10**15)
    with pytest.raises(EnvMgrError) as caught:
        archives.import_(context, ImportRequest(str(path), name="net"))
    assert caught.value.code == "disk-full"


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"hello", gzip.compress(b"hello" * 1000)])
def test_a_file_that_is_no_archive_is_called_so(
    data: bytes, context: Context, tmp_path: Path
) -> None:
    path = tmp_path / "notes.tar.gz"
    path.write_bytes(data)
    with pytest.raises(EnvMgrError) as caught:
        archives.show(context, str(path))
    assert caught.value.code == "not-an-archive"


def test_a_packed_venv_says_why_it_cannot_move(context: Context, tmp_path: Path) -> None:
    path = tmp_path / "venv.tar.gz"
    with tarfile.open(path, "w:gz") as archive:
        archive.addfile(tarfile.TarInfo("pyvenv.cfg"))
    with pytest.raises(EnvMgrError, match="cannot move") as caught:
        archives.show(context, str(path))
    assert "wheels" in caught.value.hint


# -- pip environments -----------------------------------------------------------------------------


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
