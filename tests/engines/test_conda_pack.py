"""A conda environment is packed as it runs, and what cannot be packed is named."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.model import MANIFEST, SUMS, ArchiveManifest, Compression
from jupyter_envmgr.core.commands import Outcome, Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Notice, Payload, Progress
from jupyter_envmgr.engines import conda_pack
from jupyter_envmgr.engines.conda_pack import CondaPackEngine, PackPlan, set_right
from jupyter_envmgr.system import process
from tests import fakes
from tests.conda_prefixes import make_prefix

OURS = ArchiveManifest("small", "conda", "conda", "3.11.7", "linux-64")


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A conda environment with Python and pip; not to be changed."""
    return make_prefix(tmp_path_factory.mktemp("conda") / "small", "python", "pip")


@pytest.fixture
def prefix(original: Path, tmp_path: Path) -> Iterator[Path]:
    """That environment for one test, which may damage it."""
    made = tmp_path / "small"
    shutil.copytree(original, made, symlinks=True)
    for path in (made / "bin").iterdir():
        data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
        if data.startswith(b"#!"):
            path.write_bytes(data.replace(bytes(original), bytes(made)))
    yield made
    for place in (made, tmp_path / "bench"):  # pytest keeps what tests leave
        shutil.rmtree(place, ignore_errors=True)


class Bench:
    """Packs one prefix and keeps what was said."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.events: list[Payload] = []
        self.engine = CondaPackEngine.find(fakes.settings(place))

    def plan(self, prefix: Path, name: str = "out.tar.gz", form: Compression = "gz") -> PackPlan:
        output = self.place / name
        output.touch()
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": "/nowhere", "CONDA_PREFIX": "/x"}
        return PackPlan(prefix, output, form, OURS, self.place, environ)

    def pack(self, plan: PackPlan) -> Outcome:
        work = self.engine.pack(plan)
        for name, text in work.files.items():
            (self.place / name).write_text(text)
        (step,) = work.steps

        def on_line(stream: Stream, line: str) -> None:
            self.events.extend(step.read(stream, line))

        return process.run(step.command, on_line=on_line, cancelled=lambda: False, timeout=120)

    def failure(self, prefix: Path) -> EnvMgrError:
        plan = self.plan(prefix)
        outcome = self.pack(plan)
        assert not outcome.ok
        error = self.engine.explain(outcome, plan)
        assert isinstance(error, EnvMgrError)
        return error


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    place = tmp_path / "bench"
    place.mkdir()
    return Bench(place)


def members(path: Path) -> list[str]:
    with tarfile.open(path) as archive:
        return archive.getnames()


def content(path: Path, name: str) -> str:
    with tarfile.open(path) as archive:
        file = archive.extractfile(name)
        assert file is not None
        return file.read().decode()


def test_what_is_packed_runs_elsewhere_once_it_is_set_right(bench: Bench, prefix: Path) -> None:
    (prefix / "etc").mkdir()
    (prefix / "etc/mine.cfg").write_text(f"home = {prefix}\n")
    plan = bench.plan(prefix)
    outcome = bench.pack(plan)
    assert outcome.ok, outcome
    done = conda_pack.packed(outcome)
    assert done.size == plan.output.stat().st_size
    names = members(plan.output)
    assert names[0] == MANIFEST
    assert names[-1] == SUMS
    assert len(names) == len(set(names)), "nothing is in it twice"
    manifest = json.loads(content(plan.output, MANIFEST))
    assert manifest["name"] == "small"
    assert 0 < manifest["files"] <= len(names)
    assert manifest["bytes"] * 0.9 < done.bytes <= manifest["bytes"] * 1.1 + 1_000_000
    elsewhere = bench.place / "else where"
    with tarfile.open(plan.output) as archive:
        archive.extractall(elsewhere, filter="tar")
    shutil.rmtree(prefix)
    checked = subprocess.run(["sha256sum", "--check", "--quiet", SUMS], cwd=elsewhere, check=False)
    assert checked.returncode == 0
    step = set_right(elsewhere, {"PATH": "/usr/bin", "PYTHONPATH": "/nowhere"})
    outcome = process.run(step.command, on_line=lambda *_: None, cancelled=lambda: False)
    assert outcome.ok, outcome.stderr
    python = str(elsewhere / "bin/python")
    argv = [python, "-I", "-c", "import sys, ssl, sqlite3, pip; print(sys.prefix)"]
    ran = subprocess.run(argv, capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(elsewhere)
    assert (elsewhere / "etc/mine.cfg").read_text() == f"home = {elsewhere}\n"


def test_progress_is_in_bytes_and_never_falls(bench: Bench, prefix: Path) -> None:
    assert bench.pack(bench.plan(prefix)).ok
    seen = [event for event in bench.events if isinstance(event, Progress)]
    assert seen
    assert all(event.unit == "bytes" and event.total for event in seen)
    done = [event.done or 0 for event in seen]
    assert done == sorted(done)
    assert all(0 <= event.fraction <= 1 for event in seen)


@pytest.mark.parametrize(("name", "form"), [("a.tar.zst", "zst"), ("a.tar", "none")])
def test_other_compressions_hold_the_same(
    bench: Bench, prefix: Path, name: str, form: Compression
) -> None:
    plan = bench.plan(prefix, name, form)
    assert bench.pack(plan).ok
    if form == "zst":
        unpacked = plan.output.with_suffix("")
        subprocess.run(["zstd", "-dq", str(plan.output), "-o", str(unpacked)], check=True)
        plan = bench.plan(prefix, unpacked.name)
    assert "bin/conda-unpack" in members(plan.output)


def test_missing_files_are_named_with_their_package(bench: Bench, prefix: Path) -> None:
    gone = next(prefix.glob("lib/python3*/site-packages/pip/__init__.py"))
    gone.unlink()
    error = bench.failure(prefix)
    assert error.code == "cannot-pack"
    assert "pip" in error.detail
    assert "pip/__init__.py" in error.detail


def test_missing_bytecode_is_no_reason(bench: Bench, prefix: Path) -> None:
    for path in prefix.rglob("*.pyc"):
        path.unlink()
    assert bench.pack(bench.plan(prefix)).ok


def test_an_editable_package_is_refused_by_name(bench: Bench, prefix: Path) -> None:
    info = next(prefix.glob("lib/python3*/site-packages")) / "mine-1.0.dist-info"
    info.mkdir()
    url = {"url": "file:///home/me/mine", "dir_info": {"editable": True}}
    (info / "direct_url.json").write_text(json.dumps(url))
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    error = bench.failure(prefix)
    assert error.code == "cannot-pack"
    assert "mine" in error.detail


def test_an_edited_file_is_packed_as_it_was_edited(bench: Bench, prefix: Path) -> None:
    module = next(prefix.glob("lib/python3*/site-packages/pip/__init__.py"))
    module.unlink()
    module.write_text("__version__ = 'mine'\n")
    script = prefix / "bin/pip"
    script.unlink()
    script.write_text(f"#!{prefix}/bin/python\n# mine\n")
    plan = bench.plan(prefix)
    assert bench.pack(plan).ok
    assert content(plan.output, str(module.relative_to(prefix))) == "__version__ = 'mine'\n"
    assert "# mine" in content(plan.output, "bin/pip")
    assert str(prefix) not in content(plan.output, "bin/pip")


def test_what_leads_out_or_is_private_stays_here(bench: Bench, prefix: Path) -> None:
    (prefix / "data").symlink_to("/etc/passwd")
    (prefix / "up").symlink_to("../../x")
    (prefix / "own").symlink_to(prefix / "bin" / "python")
    (prefix / "etc").mkdir()
    os.mkfifo(prefix / "etc/pipe")
    (prefix / "pip.conf").write_text("[global]\nindex-url = https://me:secret@example.org\n")
    (prefix / ".condarc").write_text("channels: [https://example.org/t/tk-secret/x]\n")
    (prefix / ".envmgr.json").write_text("{}")
    plan = bench.plan(prefix)
    assert bench.pack(plan).ok
    names = set(members(plan.output))
    assert not names & {"data", "up", "etc/pipe", "pip.conf", ".condarc", ".envmgr.json"}
    with tarfile.open(plan.output) as archive:
        assert archive.getmember("own").linkname == "bin/python"
    said = " ".join(event.text for event in bench.events if isinstance(event, Notice))
    assert "/etc/passwd" in said
    assert "etc/pipe" in said


def test_credentials_in_the_records_do_not_travel(bench: Bench, prefix: Path) -> None:
    record = next((prefix / "conda-meta").glob("pip-*.json"))
    fields = json.loads(record.read_text())
    fields["url"] = "https://me:hunter22@repo.example.org/t/tk-12345678/noarch/pip-1.conda"
    fields["channel"] = "https://repo.example.org/t/tk-12345678/"
    record.unlink()
    record.write_text(json.dumps(fields))
    history = "==> 2026-01-01 00:00:00 <==\n# cmd: conda create -c https://u:hunter22@x.org/c\n"
    (prefix / "conda-meta/history").write_text(history)
    plan = bench.plan(prefix)
    assert bench.pack(plan).ok
    subprocess.run(["gzip", "-dkf", "-S", ".gz", str(plan.output)], check=True)
    data = plan.output.with_suffix("").read_bytes()
    assert b"hunter22" not in data
    assert b"tk-12345678" not in data
    assert b"https://repo.example.org/noarch/pip-1.conda" in data


def test_packages_that_left_the_cache_are_packed_from_the_environment(
    bench: Bench, prefix: Path
) -> None:
    for record in (prefix / "conda-meta").glob("*.json"):
        fields = json.loads(record.read_text())
        fields["link"]["source"] = "/no/longer/there"
        record.unlink()
        record.write_text(json.dumps(fields))
    plan = bench.plan(prefix)
    assert bench.pack(plan).ok
    assert str(prefix) not in content(plan.output, "bin/pip")


def test_a_binary_that_left_the_cache_is_set_right_in_a_longer_place(
    bench: Bench, prefix: Path
) -> None:
    placeholder = "/opt/placehold_" + "placehold_" * 24
    original = b"\x7fELF\0" + placeholder.encode() + b"/share\0" + b"more\0"
    here = str(prefix).encode()
    gap = b"\0" * (len(placeholder) - len(here))
    (prefix / "lib/libx.so").write_bytes(b"\x7fELF\0" + here + b"/share" + gap + b"\0more\0")
    row = {
        "_path": "lib/libx.so",
        "path_type": "hardlink",
        "prefix_placeholder": placeholder,
        "file_mode": "binary",
        "sha256": hashlib.sha256(original).hexdigest(),
    }
    record = {
        "name": "libx",
        "version": "1",
        "build": "0",
        "url": "",
        "link": {"source": "", "type": 1},
        "files": ["lib/libx.so"],
        "paths_data": {"paths_version": 1, "paths": [row]},
    }
    (prefix / "conda-meta/libx-1-0.json").write_text(json.dumps(record))
    plan = bench.plan(prefix)
    assert bench.pack(plan).ok
    elsewhere = bench.place / ("a-much-longer-name" * 4)
    with tarfile.open(plan.output) as archive:
        archive.extractall(elsewhere, filter="tar")
    command = set_right(elsewhere, {}).command
    assert process.run(command, on_line=lambda *_: None, cancelled=lambda: False).ok
    data = (elsewhere / "lib/libx.so").read_bytes()
    assert len(data) == len(original)
    assert data.startswith(b"\x7fELF\0" + str(elsewhere).encode() + b"/share\0")
    assert data.endswith(b"\0more\0")


def test_what_is_no_conda_environment_is_refused(bench: Bench, tmp_path: Path) -> None:
    (tmp_path / "plain").mkdir()
    assert bench.failure(tmp_path / "plain").code == "cannot-pack"


def test_a_full_disk_is_called_one(bench: Bench, prefix: Path) -> None:
    plan = bench.plan(prefix)
    plan.output.unlink()
    plan.output.symlink_to("/dev/full")
    outcome = bench.pack(plan)
    assert not outcome.ok
    error = bench.engine.explain(outcome, plan)
    assert isinstance(error, OSError)
    assert "No space left" in str(error)


def test_a_worker_that_was_killed_or_said_nothing_is_explained(bench: Bench, prefix: Path) -> None:
    plan = bench.plan(prefix)
    killed = bench.engine.explain(Outcome(-9, "", "", 1.0), plan)
    silent = bench.engine.explain(Outcome(1, "{no json", "Traceback\nImportError: x", 1.0), plan)
    assert isinstance(killed, EnvMgrError)
    assert isinstance(silent, EnvMgrError)
    assert killed.code == "killed"
    assert silent.detail == "conda-pack: ImportError: x"
    with pytest.raises(EnvMgrError):
        conda_pack.packed(Outcome(0, "", "", 1.0))
