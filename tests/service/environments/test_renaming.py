"""Conda environments under another name: made beside the old one of its files, then that goes."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import subprocess
from base64 import urlsafe_b64encode
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import RenameRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context, RunningKernel
from jupyter_envmgr.service.environments import history, renaming
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system import durable, renames, second_place
from jupyter_envmgr.system.renames import Rename
from jupyter_envmgr.system.store import Store
from tests.engines.rattler_bench import records
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended
from tests.service.environments.test_copies import done, make, versions
from tests.service.environments.test_copies import home as home

FIELDS = {
    "manager": "conda",
    "packages": ("greeter=1.0", "activates", "knows-its-prefix"),
    "pip": ("alpha",),
    "variables": {"MY_DATA": "/data"},
}


def rename(context: Context, old: str, new: str, **options: bool) -> None:
    request = RenameRequest(new)
    plan = renaming.plan_rename(context, old, request)
    done(context, renaming.rename(context, old, request, plan.digest, **options))


def prefix_of(context: Context, name: str) -> Path:
    return Path(context.catalogue.environment(name).path)


def texts_with(prefix: Path, words: str) -> list[str]:
    """The files that name a path, but for the history, which tells of the past."""
    found = []
    for directory, _, names in os.walk(prefix):
        for name in names:
            path = Path(directory, name)
            if path.is_symlink() or name.endswith(".pyc") or name == "history":
                continue
            if words.encode() in path.read_bytes():
                found.append(str(path.relative_to(prefix)))
    return sorted(found)


def content(*roots: Path) -> dict[str, str]:
    """All files and links below some directories, with their hashes."""
    found = {}
    for root in roots:
        for directory, _, names in os.walk(root):
            for name in names:
                path = Path(directory, name)
                found[str(path)] = (
                    os.readlink(path)
                    if path.is_symlink()
                    else hashlib.sha256(path.read_bytes()).hexdigest()
                )
    return found


def run(*argv: str | Path) -> str:
    ran = subprocess.run([*map(str, argv)], capture_output=True, text=True, check=True)
    return ran.stdout.strip()


def test_directory_record_kernel_and_all_that_names_the_place_get_the_name(home: Context) -> None:
    make(home, "old", **FIELDS)
    old = prefix_of(home, "old")
    note = old / "etc" / "of-mine.conf"
    note.write_text(f"data = {old}/share\nother = {old}-2/share\n")
    (old / "share" / "link").symlink_to(old / "share" / "activates")
    packages = versions(home, "old")
    before = content(home.settings.cache)
    rename(home, "old", "a-rather-longer-name")
    found = home.catalogue.environment("a-rather-longer-name")
    new = Path(found.path)
    assert (found.status, found.kind, found.manager) == ("ready", "conda", "conda")
    assert versions(home, "a-rather-longer-name") == packages
    assert not old.exists()
    assert Store(home.settings.default_location).find("old") is None
    assert texts_with(new, str(old)) == ["etc/of-mine.conf"], "but the path of something else"
    assert f"data = {new}/share\nother = {old}-2" in (new / "etc" / "of-mine.conf").read_text()
    assert os.readlink(new / "share" / "link") == str(new / "share" / "activates")
    assert (new / "share" / "prefix.txt").read_text().strip() == str(new)
    assert run(new / "bin" / "greet") == "hello 1.0"
    assert str(new) in run(new / "bin" / "pip", "--version")
    assert json.loads((new / "conda-meta" / "state").read_text())["env_vars"]["MY_DATA"] == "/data"
    (kernel,) = found.kernels
    assert kernel.name == "envmgr-a-rather-longer-name"
    assert kernel.display_name.endswith("(a-rather-longer-name)")
    listed = (home.settings.home / ".conda" / "environments.txt").read_text().split()
    assert listed == [str(new)]
    assert len(history.history(home, "a-rather-longer-name").revisions) == 1
    now = content(home.settings.cache)
    assert {path: now[path] for path in before} == before, "the package cache is as it was"
    assert not renames.any_pending(home.settings.default_location)
    done(home, environments.remove(home, "a-rather-longer-name"))


def test_conda_s_records_say_what_its_files_are_now(home: Context) -> None:
    make(home, "old", **FIELDS)
    rename(home, "old", "new")
    new = prefix_of(home, "new")
    checked = 0
    for record in records(new):
        for row in record["paths_data"]["paths"]:
            expected = row.get("sha256_in_prefix")
            path = new / row["_path"]
            if expected and not path.is_symlink():
                assert expected == hashlib.sha256(path.read_bytes()).hexdigest(), path
                checked += "prefix_placeholder" in row
    assert checked > 2


def test_a_source_that_changed_is_not_run_from_its_old_bytecode(home: Context) -> None:
    """Both names have three letters: size and time of the source stay, and with them the pyc."""
    make(home, "old", manager="conda", packages=("greeter",), pip=("alpha",))
    old = prefix_of(home, "old")
    module = next(old.glob("lib/python3*/site-packages")) / "of_mine.py"
    module.write_text(f"WHERE = {str(old)!r}\n")
    interpreter = old / "bin" / "python"
    assert run(interpreter, "-c", "import of_mine; print(of_mine.WHERE)") == str(old)
    rename(home, "old", "new")
    new = prefix_of(home, "new")
    said = run(new / "bin" / "python", "-c", "import of_mine; print(of_mine.WHERE)")
    assert said == str(new)
    program = "import sysconfig; print(sysconfig.get_config_var('prefix'))"
    assert run(new / "bin" / "python", "-c", program) == str(new)


def test_the_plan_says_what_is_of_no_package_and_what_stays(home: Context) -> None:
    make(home, "old", manager="conda", packages=("greeter",), kernel=False)
    old = prefix_of(home, "old")
    (old / "share").mkdir(exist_ok=True)
    (old / "share" / "mine.txt").write_text(f"{old}\n")
    (old / "lib" / "built-here.so").write_bytes(b"\x7fELF\0" + bytes(old) + b"/lib\0")
    plan = renaming.plan_rename(home, "old", RenameRequest("new"))
    assert [step.action for step in plan.steps] == ["make", "delete"]
    assert dict(plan.facts)["Not of packages"] == "share/mine.txt"
    assert any("lib/built-here.so" in warning for warning in plan.warnings)
    done(home, renaming.rename(home, "old", RenameRequest("new"), plan.digest))
    assert texts_with(prefix_of(home, "new"), str(old)) == ["lib/built-here.so"]


def test_scripts_of_pip_start_it_and_their_hashes_are_right(
    home: Context, local_index: LocalIndex
) -> None:
    files = {
        "scripted/__init__.py": "import sys\ndef main(): print(sys.prefix)\n",
        "scripted-1.0.dist-info/entry_points.txt": "[console_scripts]\nscripted=scripted:main\n",
    }
    local_index.add(wheel("scripted", files=files))
    make(home, "old", manager="conda", packages=("greeter",), pip=("scripted",), kernel=False)
    rename(home, "old", "new")
    new = prefix_of(home, "new")
    assert run(new / "bin" / "scripted") == str(new)
    (record,) = new.glob("lib/python3*/site-packages/scripted-*/RECORD")
    rows = [line.split(",") for line in record.read_text().splitlines()]
    ((name, digest, size),) = [row for row in rows if row[0].endswith("/bin/scripted")]
    data = (record.parent.parent / name).read_bytes()
    assert int(size) == len(data)
    expected = urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    assert digest == f"sha256={expected}"


def test_a_rename_that_finds_no_working_python_leaves_the_old_one(home: Context) -> None:
    make(home, "old", manager="conda", packages=("greeter",))
    old = prefix_of(home, "old")
    site = next(old.glob("lib/python3*/site-packages"))
    (site / "greeter" / "__init__.py").unlink()
    (site / "greeter" / "__init__.py").write_text(
        f"import sys\nassert sys.prefix.endswith('/ol' + 'd')\n__version__ = '1'\n"  # noqa: F541
    )
    before = content(old)
    job = ended(home, renaming.rename(home, "old", RenameRequest("new")))
    assert job.problem is not None
    assert job.problem.code == "import-failed"
    assert "greeter" in job.problem.detail
    assert {k: v for k, v in content(old).items() if ".pyc" not in k} == {
        k: v for k, v in before.items() if ".pyc" not in k
    }
    assert not (old.parent / "new").exists()
    assert Store(home.settings.default_location).find("new") is None
    assert home.catalogue.environment("old").status == "ready"


def test_a_rename_that_is_cancelled_leaves_the_old_one_alone(home: Context) -> None:
    make(home, "old", manager="conda", packages=("greeter",), kernel=False)
    old = prefix_of(home, "old")
    site = next(old.glob("lib/python3*/site-packages"))
    (site / "greeter" / "__init__.py").unlink()
    (site / "greeter" / "__init__.py").write_text("import time\ntime.sleep(600)\n")
    job = renaming.rename(home, "old", RenameRequest("new"))
    seq, steps = 0, set[str]()
    while "prove" not in steps:
        answer = home.jobs.wait(job.id, seq, 30)
        steps |= {str(event.step) for event in answer.events}
        seq = answer.events[-1].seq
    home.jobs.cancel(job.id)
    assert ended(home, job).state == "cancelled"
    assert [path.name for path in old.parent.iterdir() if path.name[0] != "."] == ["old"]
    assert not renames.any_pending(home.settings.default_location)


def test_what_runs_from_it_keeps_its_name_unless_forced(home: Context, settings: Settings) -> None:
    make(home, "old", manager="conda", packages=("greeter",))
    old = prefix_of(home, "old")
    running = Context(
        home.settings,
        home.catalogue,
        home.jobs,
        running_kernels=lambda: (RunningKernel("id", "envmgr-old"),),
    )
    with pytest.raises(EnvMgrError) as caught:
        renaming.rename(running, "old", RenameRequest("new"))
    assert caught.value.code == "kernel-running"
    program = subprocess.Popen([old / "bin" / "python", "-c", "input()"], stdin=subprocess.PIPE)
    try:
        plan = renaming.plan_rename(home, "old", RenameRequest("new"))
        assert "runs from it" in plan.refusal
        assert plan.forceable
        rename(home, "old", "new", force=True)
    finally:
        program.communicate(b"\n")
    assert home.catalogue.environment("new").status == "ready"


def test_an_environment_that_is_not_writable_to_its_own_gets_its_name_too(home: Context) -> None:
    make(home, "old", manager="conda", packages=("greeter",), kernel=False)
    closed = prefix_of(home, "old") / "share"
    closed.mkdir(exist_ok=True)
    (closed / "a.txt").write_text("a")
    closed.chmod(0o555)
    rename(home, "old", "new")
    assert (prefix_of(home, "new") / "share").stat().st_mode & 0o777 == 0o555


def test_a_rename_that_is_done_and_said_to_have_failed_is_taken_back(
    home: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    """rename(2) has worked, and then the disk does not take the names (EIO, a quota)."""
    make(home, "old", packages=("alpha",))
    old, real = prefix_of(home, "old"), durable.rename_no_replace

    def done_and_failed(source: Path, target: Path) -> None:
        real(source, target)
        if source == old:
            raise OSError(errno.EIO, "the disk does not answer")

    monkeypatch.setattr(durable, "rename_no_replace", done_and_failed)
    job = ended(home, renaming.rename(home, "old", RenameRequest("new")))
    assert job.problem is not None
    assert job.problem.code == "disk-error"
    assert home.catalogue.environment("old").status == "ready"
    assert run(old / "bin" / "python", "-c", "import alpha; print(alpha.__name__)") == "alpha"
    assert Store(home.settings.default_location).find("new") is None
    assert not renames.any_pending(home.settings.default_location)


def test_what_cannot_be_taken_back_does_not_hide_why_it_had_to_be(
    home: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(home, "old", packages=("alpha",), kernel=False)

    def full(source: Path, target: Path) -> None:
        raise OSError(errno.ENOSPC, "no space")

    def read_only(location: object, name: str) -> None:
        raise OSError(errno.EROFS, "read-only")

    monkeypatch.setattr(durable, "rename_no_replace", full)
    monkeypatch.setattr(renames, "erase", read_only)
    job = ended(home, renaming.rename(home, "old", RenameRequest("new")))
    assert job.problem is not None
    assert job.problem.code == "disk-full"
    assert home.catalogue.environment("old").status == "ready"


def test_a_rename_that_cannot_be_finished_does_not_hold_up_the_others(
    home: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(home, "old", packages=("alpha",), kernel=False)
    (place,) = home.settings.locations
    record = Store(place).read("old")
    for name in ("one", "two"):
        renames.note(place, Rename(record, name, record.directory, "job"))
    real = renames.erase

    def first_fails(location: object, name: str) -> None:
        if name == "one":
            raise OSError(errno.EROFS, "read-only")
        real(place, name)

    monkeypatch.setattr(renames, "erase", first_fails)
    renaming.recover(home, place)
    assert [intent.name for intent in renames.pending(place)] == ["one"]


def test_files_that_cannot_be_looked_at_are_named(
    home: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(home, "old", manager="conda", packages=("greeter",), kernel=False)
    closed = str(prefix_of(home, "old") / "closed")

    def refused(*arguments: object) -> object:
        raise PermissionError(errno.EACCES, "permission denied", closed)

    monkeypatch.setattr(second_place, "survey", refused)
    with pytest.raises(EnvMgrError) as caught:
        renaming.plan_rename(home, "old", RenameRequest("new"))
    assert caught.value.code == "not-permitted"
    assert closed in caught.value.detail
