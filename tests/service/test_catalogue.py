"""The read side: cheap, shared by all who ask at once, and never behind."""

import json
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import Environment
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Location
from jupyter_envmgr.core.wire import to_wire
from jupyter_envmgr.service.catalogue import Catalogue
from jupyter_envmgr.service.jobs import Jobs
from jupyter_envmgr.service.single_flight import SingleFlight
from jupyter_envmgr.system import holder
from jupyter_envmgr.system.store import Store
from tests.machine import Machine, settle


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    machine = Machine(tmp_path)
    machine.managed("mine")
    machine.venv(machine.home / "venvs/found")
    machine.conda(machine.home / "miniconda3/envs/con")
    machine.kernel("k", [f"{machine.location.path}/mine/bin/python"])
    return machine


def by_name(machine: Machine, catalogue: Catalogue) -> dict[str, Environment]:
    root = str(machine.root)
    return {e.name: e for e in catalogue.environments().environments if e.path.startswith(root)}


def status(machine: Machine, catalogue: Catalogue) -> dict[str, str]:
    return {name: e.status for name, e in by_name(machine, catalogue).items()}


def _new_venv(machine: Machine) -> None:
    machine.venv(machine.home / "venvs/new")


def _new_project(machine: Machine) -> None:
    machine.venv(machine.home / "new/.venv")


def _new_managed(machine: Machine) -> None:
    machine.managed("new")


def _new_conda(machine: Machine) -> None:
    machine.conda(machine.home / "miniconda3/envs/new")


def _new_in_environments_txt(machine: Machine) -> None:
    machine.conda(machine.root / "far/new")
    (machine.home / ".conda").mkdir(exist_ok=True)
    (machine.home / ".conda/environments.txt").write_text(f"{machine.root}/far/new\n")


def _new_by_condarc(machine: Machine) -> None:
    machine.conda(machine.root / "far/new")
    (machine.home / ".condarc").write_text(f"envs_dirs: [{machine.root}/far]\n")


def _new_by_kernel(machine: Machine) -> None:
    machine.venv(machine.root / "far/new")
    machine.kernel("new", [f"{machine.root}/far/new/bin/python"])


@pytest.mark.parametrize(
    "make",
    [
        _new_venv,
        _new_project,
        _new_managed,
        _new_conda,
        _new_in_environments_txt,
        _new_by_condarc,
        _new_by_kernel,
    ],
)
@pytest.mark.parametrize("is_settled", [True, False])
def test_what_another_process_makes_is_in_the_next_answer(
    machine: Machine, make: Callable[[Machine], None], is_settled: bool
) -> None:
    if is_settled:
        settle(machine.root)
    catalogue = Catalogue(machine.settings())
    assert "new" not in by_name(machine, catalogue)
    make(machine)
    assert by_name(machine, catalogue)["new"].status == "ready"


def _remove(machine: Machine) -> None:
    shutil.rmtree(machine.home / "venvs/found")


def _base_gone(machine: Machine) -> None:
    machine.python.unlink()


def _emptied(machine: Machine) -> None:
    (machine.home / "venvs/found/pyvenv.cfg").write_text("")


def _no_site(machine: Machine) -> None:
    shutil.rmtree(machine.home / "venvs/found/lib")


@pytest.mark.parametrize(
    ("change", "expected"),
    [(_remove, None), (_base_gone, "foreign"), (_emptied, "broken"), (_no_site, "broken")],
)
def test_what_another_process_takes_away_is_in_the_next_answer(
    machine: Machine, change: Callable[[Machine], None], expected: str | None
) -> None:
    settle(machine.root)
    catalogue = Catalogue(machine.settings())
    assert status(machine, catalogue)["found"] == "ready"
    change(machine)
    assert status(machine, catalogue).get("found") == expected


def test_a_package_installed_by_pip_is_counted_in_the_next_answer(machine: Machine) -> None:
    settle(machine.root)
    catalogue = Catalogue(machine.settings())
    assert by_name(machine, catalogue)["mine"].package_count == 3
    (machine.location.path / "mine/lib/python3.11/site-packages/x-1.dist-info").mkdir()
    assert by_name(machine, catalogue)["mine"].package_count == 4


def test_a_change_of_a_record_or_kernel_is_in_the_next_answer(machine: Machine) -> None:
    settle(machine.root)
    catalogue = Catalogue(machine.settings())
    assert [k.name for k in by_name(machine, catalogue)["mine"].kernels] == ["k"]
    store = Store(machine.location)
    machine.kernel("k2", [f"{machine.location.path}/mine/bin/python"])
    shutil.rmtree(machine.kernels / "k")
    store.write(replace(store.read("mine"), remarks="new words"))
    mine = by_name(machine, catalogue)["mine"]
    assert ([k.name for k in mine.kernels], mine.remarks) == (["k2"], "new words")
    (machine.location.records / "mine.json").write_text("{")
    assert status(machine, catalogue)["mine"] == "broken"
    store.delete("mine")
    assert by_name(machine, catalogue)["mine"].managed is False


def test_a_link_that_leads_elsewhere_is_followed_anew(machine: Machine) -> None:
    for name in ("one", "two"):
        machine.venv(machine.root / "data" / name, packages=len(name) + (name == "two"))
    link = machine.home / "venvs/link"
    link.symlink_to(machine.root / "data/one")
    settle(machine.root)
    catalogue = Catalogue(machine.settings())
    first = by_name(machine, catalogue)["link"]
    link.unlink()
    link.symlink_to(machine.root / "data/two")
    second = by_name(machine, catalogue)["link"]
    assert (first.package_count, second.package_count) == (3, 4)
    assert first.id != second.id


def test_an_unchanged_answer_is_the_same_object_and_bytes(machine: Machine) -> None:
    settle(machine.root)
    settings = machine.settings(environ={"PATH": str(machine.bin)})
    catalogue = Catalogue(settings)
    first, encoded = catalogue.environments(), catalogue.environments_json()
    again, encoded_again = catalogue.environments(), catalogue.environments_json()
    assert all(a is b for a, b in zip(first.environments, again.environments, strict=True))
    assert json.loads(encoded) == to_wire(again)
    assert encoded == encoded_again
    machine.managed("new")
    after = json.loads(catalogue.environments_json())
    assert after == to_wire(catalogue.environments())
    assert "new" in {e["name"] for e in after["environments"]}


def test_fresh_and_forget_read_what_no_time_stamp_tells(machine: Machine) -> None:
    settle(machine.root)
    catalogue = Catalogue(machine.settings())
    assert by_name(machine, catalogue)["found"].engine == "venv"
    file = machine.home / "venvs/found/pyvenv.cfg"
    same_length = file.read_text().replace("version", "uv = 0 ", 1)
    for ask in (lambda: catalogue.environments(fresh=True), catalogue.forget):
        before = file.stat()
        with file.open("r+") as stream:
            stream.write(same_length)
        os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        ask()
        assert by_name(machine, catalogue)["found"].engine == "uv"
        same_length = file.read_text()


def test_one_environment_is_found_by_its_id_and_similar_ones_are_named(machine: Machine) -> None:
    catalogue = Catalogue(machine.settings())
    assert catalogue.environment("mine").name == "mine"
    with pytest.raises(EnvMgrError) as caught:
        catalogue.environment("mime")
    assert caught.value.code == "no-such-environment"
    assert "mine" in caught.value.hint
    with pytest.raises(EnvMgrError) as caught:
        catalogue.environment("/../\0" + "x" * 100_000)
    assert "jupyter envmgr env list" in caught.value.hint


def test_an_unreadable_location_is_a_warning_and_the_rest_is_listed(machine: Machine) -> None:
    bad = Location("bad", machine.root / "bad")
    bad.path.mkdir()
    (bad.path / ".envmgr").mkdir()
    (bad.path / ".envmgr/records").symlink_to("records")
    settings = machine.settings(locations=(machine.location, bad))
    answer = Catalogue(settings).environments()
    assert any("bad" in warning for warning in answer.warnings)
    assert "mine" in {e.name for e in answer.environments}


def test_a_create_is_interrupted_once_its_maker_is_gone(machine: Machine) -> None:
    settings = machine.settings()
    here = holder.current("cli")
    machine.record("alive", "creating", maker=here)
    machine.record("dead", "creating", maker=replace(here, start_time=1))
    machine.record("unknown", "creating")
    found = status(machine, Catalogue(settings))
    assert (found["alive"], found["dead"], found["unknown"]) == ("creating", "failed", "creating")


def test_a_create_whose_job_has_ended_is_not_at_work(machine: Machine) -> None:
    settings = machine.settings()
    jobs = Jobs(settings)
    try:
        job = jobs.start("environments.create", "late", "Create late", lambda _: None)
        machine.record("late", "creating", maker=holder.current("cli"), job=job.id)
        jobs.wait(job.id, 0, 10)
        while jobs.show(job.id).state != "succeeded":
            jobs.wait(job.id, jobs.show(job.id).seq, 10)
        assert status(machine, Catalogue(settings, jobs))["late"] == "failed"
    finally:
        jobs.close()


def test_the_image_kernels_interpreters_and_persistence_are_answered(machine: Machine) -> None:
    catalogue = Catalogue(machine.settings(environ={"JUPYTER_IMAGE": "torch:1"}))
    image = catalogue.image()
    assert (image.name, image.evidence, image.python) == ("torch:1", "JUPYTER_IMAGE", "3.11.7")
    assert {k.name: k.environment for k in catalogue.kernels().kernels} == {"k": "mine"}
    assert catalogue.interpreters().interpreters[0].default
    assert catalogue.persistence(machine.home / "not/there").filesystem


def test_pythons_that_could_be_downloaded_come_after_those_that_are_here(machine: Machine) -> None:
    here = Catalogue(machine.settings()).interpreters().interpreters
    offered = replace(here[0], path=None, default=False, id="python-3.14")
    catalogue = Catalogue(machine.settings(), downloadable=lambda: (offered,))
    assert catalogue.interpreters().interpreters == (*here, offered)


def test_twenty_questions_at_once_are_all_answered_in_full(machine: Machine) -> None:
    catalogue = Catalogue(machine.settings())
    answers: list[set[str]] = []

    def ask() -> None:
        answers.append(set(by_name(machine, catalogue)))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 20
    assert all(answer >= {"mine", "found", "con"} for answer in answers)


class _Gate:
    """Work that waits until it is let through, and counts how often it is done."""

    def __init__(self) -> None:
        self.runs = 0
        self.begun = threading.Semaphore(0)
        self.let = threading.Semaphore(0)

    def work(self, fresh: bool) -> int:
        self.runs += 1
        run = self.runs
        self.begun.release()
        self.let.acquire()
        return run


def test_all_who_ask_during_a_run_share_the_next_one() -> None:
    gate = _Gate()
    flight = SingleFlight(gate.work)
    answers: list[int] = []
    first = threading.Thread(target=lambda: answers.append(flight()))
    first.start()
    gate.begun.acquire()
    others = [threading.Thread(target=lambda: answers.append(flight())) for _ in range(20)]
    for thread in others:
        thread.start()
    while flight.waiting < 20:
        os.sched_yield()
    gate.let.release(2)
    for thread in (first, *others):
        thread.join()
    assert gate.runs == 2
    assert sorted(answers) == [1] + [2] * 20


def test_a_run_that_fails_fails_for_all_who_share_it_and_not_for_the_next() -> None:
    errors = [EnvMgrError("internal", "no")]

    def work(_: bool) -> int:
        if errors:
            raise errors.pop()
        return 7

    flight = SingleFlight(work)
    with pytest.raises(EnvMgrError):
        flight()
    assert flight() == 7


def test_fresh_is_heard_if_one_of_those_who_share_a_run_wants_it() -> None:
    heard: list[bool] = []
    flight = SingleFlight(lambda fresh: heard.append(fresh))
    flight()
    flight(True)
    assert heard == [False, True]
