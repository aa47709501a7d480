"""All environments of a machine: each once, with its state, where it came from, and why."""

import json
import os
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.discover import Discovery, Found
from jupyter_envmgr.core.environments.disk import Disk
from jupyter_envmgr.core.environments.interpreters import scan_programs
from jupyter_envmgr.core.environments.managed import LocationRecords
from jupyter_envmgr.core.environments.model import Environment, Record
from jupyter_envmgr.core.environments.mounts import Mounts, parse_mountinfo
from jupyter_envmgr.core.kernels.scan import scan_kernels
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.core.wire import to_wire
from jupyter_envmgr.system.store import Store, UnreadableRecord
from tests.machine import Machine


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def look(
    settings: Settings,
    *,
    mounts: str = "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n",
    hint: str = "",
    is_being_made: Callable[[Record], bool] = lambda _: True,
    disk: Disk | None = None,
) -> Found:
    disk = disk or Disk()
    records = []
    for location in settings.locations:
        everything = Store(location).records()
        good = tuple(r for r in everything if isinstance(r, Record))
        bad = tuple((r.name, r.why) for r in everything if isinstance(r, UnreadableRecord))
        records.append(LocationRecords(location, good, bad))
    return Discovery(settings, disk).look(
        Mounts(parse_mountinfo(mounts), hint),
        scan_kernels(settings, disk, "this-image"),
        records,
        is_being_made,
        scan_programs(settings, disk),
        "this-image",
    )


def seen(machine: Machine, found: Found) -> dict[str, Environment]:
    """By name those that lie in the machine made of files."""
    root = str(machine.root)
    return {e.name: e for e in found.environments if e.path.startswith(root)}


def test_the_images_own_python_is_first_and_read_only(machine: Machine) -> None:
    image = look(machine.settings()).environments[0]
    assert (image.id, image.kind, image.status, image.writable) == (
        "image",
        "image",
        "ready",
        False,
    )
    assert (image.python, image.display_name) == ("3.11.7", "this-image")
    assert image.user_site is True


def test_an_image_without_its_python_is_broken_and_not_an_error(machine: Machine) -> None:
    shutil.rmtree(machine.image)
    image = look(machine.settings()).environments[0]
    assert image.status == "broken"
    assert "not here" in image.reason


def test_a_managed_environment_has_all_that_its_record_and_directory_say(
    machine: Machine,
) -> None:
    machine.managed("mine", remarks="for the paper", labels={"team": "a"})
    e = seen(machine, look(machine.settings()))["mine"]
    assert (e.id, e.kind, e.managed, e.status) == ("mine", "venv", True, "ready")
    assert (e.manager, e.engine, e.python) == ("pip", "uv", "3.11.7")
    assert (e.location, e.created) == ("home", "2026-01-31T12:00:00.000Z")
    assert (e.remarks, e.labels, e.asked_for) == (
        "for the paper",
        {"team": "a"},
        ("numpy", "pandas>=2"),
    )
    assert (e.package_count, e.writable, e.user_site) == (3, True, False)
    assert e.interpreter == str(machine.location.path / "mine/bin/python")
    assert e.base == str(machine.python)


def test_in_another_location_the_id_names_it(machine: Machine) -> None:
    shared = Location("shared", machine.root / "shared")
    settings = machine.settings(locations=(machine.location, shared))
    Store(shared).reserve(machine.record("team"))
    machine.venv(shared.path / "team")
    machine.venv(machine.location.path / "team")
    ids = {e.id for e in look(settings).environments if e.name == "team"}
    assert ids == {"team", "team@shared"}


def test_a_record_without_a_directory_is_broken_with_the_reason(machine: Machine) -> None:
    machine.record("gone")
    e = seen(machine, look(machine.settings()))["gone"]
    assert (e.status, e.managed, e.reason) == ("broken", True, "its directory is gone")


def test_a_directory_without_a_record_is_shown_as_found(machine: Machine) -> None:
    machine.venv(machine.location.path / "stray")
    (machine.location.path / "empty").mkdir()
    (machine.location.path / "file").touch()
    found = seen(machine, look(machine.settings()))
    assert (found["stray"].managed, found["stray"].status) == (False, "ready")
    assert "without a record" in found["stray"].reason
    assert (found["empty"].managed, found["empty"].status) == (False, "broken")
    assert "file" not in found


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"name": "other"}', b"\xff" * 100])
def test_an_unreadable_record_is_broken_with_the_reason(machine: Machine, content: bytes) -> None:
    machine.managed("mine")
    (machine.location.records / "mine.json").write_bytes(content)
    e = seen(machine, look(machine.settings()))["mine"]
    assert (e.status, e.managed) == ("broken", True)
    assert e.reason.startswith("its record cannot be read: ")


def test_a_create_at_work_is_creating_and_one_whose_maker_is_dead_interrupted(
    machine: Machine,
) -> None:
    machine.record("new", "creating", job="job-1")
    alive = seen(machine, look(machine.settings()))["new"]
    assert (alive.status, alive.job, alive.problem) == ("creating", "job-1", None)
    dead = seen(machine, look(machine.settings(), is_being_made=lambda _: False))["new"]
    assert (dead.status, dead.job) == ("failed", "job-1")
    assert dead.problem is not None
    assert dead.problem.code == "interrupted"
    assert "process 7 on elsewhere" in dead.reason


def test_a_ready_environment_whose_base_left_with_the_image_is_foreign(machine: Machine) -> None:
    machine.managed("mine")
    machine.python.unlink()
    e = seen(machine, look(machine.settings()))["mine"]
    assert (e.status, e.interpreter) == ("foreign", None)


def test_environments_of_every_tool_are_found_with_their_source(machine: Machine) -> None:
    home = machine.home
    places = {
        ".virtualenvs/wrapper": "virtualenvwrapper",
        ".local/share/virtualenvs/pip-env": "pipenv",
        ".cache/pypoetry/virtualenvs/poe": "poetry",
        ".local/share/hatch/env/virtual/proj/AbCd/hat": "hatch",
        "venvs/plain": "home",
        "loose": "home",
        ".pyenv/versions/3.9.1/envs/pv": "pyenv",
    }
    for place in places:
        machine.venv(home / place)
    machine.venv(home / "project/.venv")
    machine.conda(home / "miniconda3/envs/con")
    machine.conda(machine.root / "elsewhere/noted")
    (home / ".conda").mkdir()
    (home / ".conda/environments.txt").write_text(f"{machine.root}/elsewhere/noted\n/nowhere\n")
    found = {name: e.source for name, e in seen(machine, look(machine.settings())).items()}
    for place, source in places.items():
        assert found[Path(place).name] == source
    assert (found["project"], found["con"], found["noted"]) == ("home", "conda", "environments.txt")


def test_search_paths_are_searched_two_levels_deep(machine: Machine) -> None:
    work = machine.root / "work"
    for place in ("a", "b/c", "b/d/.venv", "too/deep/for/us"):
        machine.venv(work / place)
    found = seen(machine, look(machine.settings(search_paths=(work,))))
    assert {"a", "c", "d"} <= set(found)
    assert "us" not in found


def test_one_environment_under_several_names_is_listed_once(machine: Machine) -> None:
    real = machine.venv(machine.root / "data/real")
    (machine.home / "venvs").mkdir()
    for name in ("one", "two"):
        (machine.home / "venvs" / name).symlink_to(real)
    machine.kernel("k", [f"{real}/bin/python"])
    found = [e for e in look(machine.settings()).environments if e.kind == "venv"]
    assert len(found) == 1
    assert [k.name for k in found[0].kernels] == ["k"]


def test_what_a_kernel_starts_is_found_and_tied_to_it(machine: Machine) -> None:
    far = machine.venv(machine.root / "far/away")
    bare = machine.interpreter(machine.root / "opt/py", "3.12.1")
    machine.kernel("far", [f"{far}/bin/python"])
    machine.kernel("bare", [str(bare)])
    machine.kernel("mine", [str(machine.python)])
    machine.kernel("lost", ["/nowhere/bin/python"])
    found = look(machine.settings())
    tied = {k.name: k.environment for k in found.kernels}
    by_id = {e.id: e for e in found.environments}
    assert by_id[tied["far"] or ""].source == "kernel far"
    assert by_id[tied["bare"] or ""].kind == "interpreter"
    assert (tied["mine"], tied["lost"]) == ("image", None)
    assert [k.display_name for k in by_id["image"].kernels] == ["The mine"]


def test_a_kernel_of_a_vanished_managed_environment_still_belongs_to_it(machine: Machine) -> None:
    machine.record("mine")
    prefix = machine.location.path / "mine"
    mark = {"envmgr": {"prefix": str(prefix)}}
    machine.kernel("envmgr-mine", [f"{prefix}/bin/python"], metadata=mark)
    found = look(machine.settings())
    assert {k.name: k.environment for k in found.kernels} == {"envmgr-mine": "mine"}


def test_interpreters_of_any_age_are_listed_as_such(machine: Machine) -> None:
    old = machine.home / ".pyenv/versions/2.7.18"
    machine.interpreter(old, "2.7.18")
    e = seen(machine, look(machine.settings()))["Python 2.7.18"]
    assert (e.kind, e.path, e.source, e.writable) == ("interpreter", str(old), "pyenv", False)


def test_the_user_site_is_visible_by_the_rules_of_python(machine: Machine) -> None:
    machine.venv(machine.home / "plain")
    machine.venv(machine.home / "mixed", include_system_site_packages="true")
    machine.conda(machine.home / "miniconda3/envs/con")
    visible = {n: e.user_site for n, e in seen(machine, look(machine.settings())).items()}
    assert visible == {"image": True, "plain": False, "mixed": True, "con": True}
    off = machine.settings(environ={"PYTHONNOUSERSITE": "1", "PYTHONUSERBASE": "/elsewhere"})
    found = seen(machine, look(off))
    assert not any(e.user_site for e in found.values())
    assert "/elsewhere" in found["plain"].user_site_why
    zero = machine.settings(environ={"PYTHONNOUSERSITE": "0"})
    assert seen(machine, look(zero))["image"].user_site is True


def test_whether_it_survives_is_said_for_itself_and_for_what_it_stands_on(
    machine: Machine,
) -> None:
    machine.managed("mine")
    machine.conda(machine.home / "miniconda3/envs/con")
    mounts = "1 0 0:1 / / rw - overlay overlay rw\n"
    mounts += f"2 1 0:2 / {machine.home} rw - nfs4 filer:/ada rw\n"
    found = seen(machine, look(machine.settings(), mounts=mounts, hint="a container"))
    assert found["mine"].persistence.survives is True
    assert "lost with the container" in found["mine"].reason
    assert (found["con"].persistence.network, found["con"].reason) == (True, "")
    assert found["image"].persistence.survives is False


def test_ids_are_stable_and_tell_same_names_apart(machine: Machine) -> None:
    for place in ("a", "b"):
        machine.venv(machine.home / place / ".venv", prompt="'Same Name!'")
    first = {e.id for e in look(machine.settings()).environments if e.name == "Same Name!"}
    again = {e.id for e in look(machine.settings()).environments if e.name == "Same Name!"}
    assert first == again
    assert len(first) == 2
    assert all(i.startswith("found-same-name-") for i in first)


def test_names_that_are_not_utf8_can_be_sent_and_are_kept_for_the_disk(machine: Machine) -> None:
    prefix = machine.venv(Path(os.fsdecode(os.fsencode(machine.home) + b"/caf\xe9")))
    machine.kernel("k", [f"{prefix}/bin/python"])
    found = look(machine.settings())
    json.dumps(to_wire(found.environments), ensure_ascii=False).encode()
    json.dumps(to_wire(found.kernels), ensure_ascii=False).encode()
    (sight,) = [s for s in found.sights if s.environment.name == "caf\ufffd"]
    assert sight.path == str(prefix)


def test_loops_devices_and_damage_never_stop_the_look(machine: Machine) -> None:
    home = machine.home
    (home / "loop").symlink_to(home)
    (home / "self").symlink_to("self")
    (home / "nul").symlink_to("/dev/null")
    for name, make in {"fifo": os.mkfifo, "dir": os.mkdir, "zero": _link_to_zero}.items():
        (home / name).mkdir()
        make(home / name / "pyvenv.cfg")
    server = socket.socket(socket.AF_UNIX)
    (home / "sock").mkdir()
    server.bind(str(home / "sock/pyvenv.cfg"))
    (home / "c").mkdir()
    os.mkfifo(home / "c/conda-meta")
    os.mkfifo(home / ".condarc")
    (home / ".conda").mkdir()
    os.mkfifo(home / ".conda/environments.txt")
    (home / ".pyenv").mkdir()
    (home / ".pyenv/versions").symlink_to("versions")
    machine.venv(home / "good")
    found = seen(machine, look(machine.settings()))
    server.close()
    assert found["good"].status == "ready"
    assert {found[name].status for name in ("fifo", "zero", "sock", "dir")} == {"broken"}


def _link_to_zero(path: Path) -> None:
    path.symlink_to("/dev/zero")


def test_more_than_can_be_searched_is_cut_with_a_warning(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jupyter_envmgr.core.environments.roots._MOST_CHILDREN", 5)
    monkeypatch.setattr("jupyter_envmgr.core.environments.discover.MOST_ENVIRONMENTS", 3)
    for number in range(10):
        machine.venv(machine.home / ".virtualenvs" / f"v{number}", packages=0)
        (machine.home / f"other-{number}").mkdir()
    found = look(machine.settings())
    assert len([e for e in found.environments if e.kind == "venv"]) == 3
    assert any("only 5" in warning for warning in found.warnings)
    assert any("Only 3 of" in warning for warning in found.warnings)


@pytest.mark.skipif(os.getuid() != 0, reason="another user can be played by root only")
def test_what_may_not_be_read_is_said_and_does_no_harm(machine: Machine) -> None:
    """As another user, in a child process: root may read everything."""
    closed = machine.venv(machine.home / "venvs/closed")
    (machine.home / "private").mkdir()
    secret = machine.venv(machine.home / "secret")
    machine.venv(machine.home / "good")
    (machine.home / ".virtualenvs").mkdir()
    private, root = machine.home / "private", machine.home / ".virtualenvs"
    for path in (closed, secret / "pyvenv.cfg", private, root):
        path.chmod(0)
    for parent in (machine.root, *machine.root.parents):
        if parent.stat().st_mode & 0o055 != 0o055:
            if not str(parent).startswith("/tmp/"):
                pytest.skip(f"{parent} is closed to others")
            parent.chmod(0o755)
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            os.setuid(65534)
            found = look(machine.settings())
            by_name = {n: [e.status, e.reason] for n, e in seen(machine, found).items()}
            answer = json.dumps([by_name, found.warnings])
        except BaseException as error:
            answer = json.dumps(repr(error))
        os.write(writing, answer.encode())
        os._exit(0)
    os.close(writing)
    with open(reading, encoding="utf-8") as pipe:
        by_name, warnings = json.load(pipe)
    os.waitpid(child, 0)
    assert by_name["good"][0] == "ready"
    assert by_name["closed"] == ["broken", "it may not be looked at: permission denied"]
    assert "private" not in by_name
    assert by_name["secret"][0] == "broken"
    assert "permission denied" in by_name["secret"][1]
    assert any("permission denied" in warning for warning in warnings)
