"""Environments are made, proven, renamed and removed; what fails leaves what was there before."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import CreateRequest, UpdateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context, RunningKernel
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.system.store import Store
from tests.index.server import LocalIndex
from tests.index.wheels import wheel
from tests.service.conftest import ended


def kernel_of(context: Context, name: str) -> Path:
    """Where the kernel of an environment is registered: with the person or with the image."""
    places = [d / f"envmgr-{name}" / "kernel.json" for d in context.settings.kernel_dirs]
    return next((place for place in places if place.exists()), places[0])


def prefix_of(context: Context, name: str) -> Path:
    return context.settings.default_location.path / name


def traces(context: Context) -> list[str]:
    """Everything below root and kernels that a create could have left, without jobs and cache."""
    root = context.settings.root
    inside = [*root.glob("environments/*")]
    inside += [entry for place in context.settings.kernel_dirs for entry in place.glob("*")]
    hidden = [*root.glob("environments/.envmgr/*/*")]
    return sorted(str(path) for path in inside + hidden if path.name != ".envmgr")


def test_a_created_environment_is_ready_and_its_kernel_starts(indexed: Context) -> None:
    request = CreateRequest("my-env", packages=("packaging",), remarks="for tests")
    job = ended(indexed, environments.create(indexed, request))
    assert job.state == "succeeded", job.problem
    assert job.progress == 1.0
    made = indexed.catalogue.environment("my-env")
    assert (made.status, made.manager, made.managed, made.remarks) == (
        "ready",
        "pip",
        True,
        "for tests",
    )
    assert [kernel.name for kernel in made.kernels] == ["envmgr-my-env"]
    assert not made.user_site
    packages = {p.name: p for p in indexed.catalogue.packages("my-env").packages}
    assert packages["packaging"].asked_for
    assert {"pip", "ipykernel"} <= set(packages)
    spec = json.loads(kernel_of(indexed, "my-env").read_text())
    answer = subprocess.run(
        [spec["argv"][0], "-c", "import sys, ipykernel; print(sys.prefix)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.strip() == str(prefix_of(indexed, "my-env"))


def test_nothing_of_the_server_or_the_user_site_reaches_a_create(
    indexed: Context, make_context: Callable[[Settings], Context], tmp_path: Path
) -> None:
    evil = tmp_path / "evil"
    evil.mkdir()
    (evil / "ipykernel.py").write_text("raise RuntimeError('from PYTHONPATH')")
    configuration = indexed.settings.home / ".config/pip/pip.conf"
    configuration.parent.mkdir(parents=True)
    configuration.write_text("[global]\nuser = true\n[install]\nuser = true\n")
    environ = {
        **indexed.settings.environ,
        "PIP_USER": "1",
        "PIP_TARGET": str(tmp_path / "target"),
        "PIP_CONSTRAINT": str(tmp_path / "is-not-there.txt"),
        "PYTHONPATH": str(evil),
        "PYTHONUSERBASE": str(tmp_path / "base"),
        "VIRTUAL_ENV": "/somewhere/else",
    }
    context = make_context(replace(indexed.settings, environ=environ))
    job = ended(context, environments.create(context, CreateRequest("clean")))
    assert job.state == "succeeded", job.problem
    assert not (tmp_path / "target").exists()
    assert not (tmp_path / "base").exists()


def test_pip_in_the_kernel_installs_into_the_environment(
    indexed: Context, local_index: LocalIndex
) -> None:
    from jupyter_envmgr.core.kernels.spec import started_with

    local_index.add(wheel("newcomer", "1.0"))
    ended(indexed, environments.create(indexed, CreateRequest("piped")))
    spec = json.loads(kernel_of(indexed, "piped").read_text())
    environ = started_with(spec, {**indexed.settings.environ, "PIP_USER": "1"})
    command = [spec["argv"][0], "-m", "pip", "install", "--index-url", local_index.url, "newcomer"]
    subprocess.run(command, env=environ, check=True, capture_output=True)
    names = {p.name for p in indexed.catalogue.packages("piped").packages}
    assert "newcomer" in names
    assert not (indexed.settings.home / ".local/lib").exists()


def test_two_requests_for_one_name_have_one_winner_who_is_named(
    indexed: Context, make_context: Callable[[Settings], Context]
) -> None:
    others = [make_context(replace(indexed.settings, door=f"door-{i}")) for i in range(6)]
    start = threading.Barrier(len(others))
    won: list[str] = []
    lost: list[EnvMgrError] = []

    def attempt(context: Context) -> None:
        start.wait()
        try:
            job = environments.create(context, CreateRequest("wanted"))
        except EnvMgrError as error:
            lost.append(error)
        else:
            won.append(job.holder.door)
            ended(context, job)

    threads = [threading.Thread(target=attempt, args=(context,)) for context in others]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert {error.code for error in lost} == {"name-taken"}
    assert {error.kind for error in lost} == {"conflict"}
    assert all(won[0] in error.detail for error in lost)
    assert indexed.catalogue.environment("wanted").status == "ready"


def test_a_failed_create_leaves_its_reason_and_nothing_else_and_can_be_retried(
    indexed: Context, local_index: LocalIndex
) -> None:
    request = CreateRequest("retried", packages=("late-package",))
    job = ended(indexed, environments.create(indexed, request))
    assert job.state == "failed"
    assert job.problem is not None
    assert job.problem.code == "no-such-package"
    assert "late-package" in job.problem.detail
    assert not prefix_of(indexed, "retried").exists()
    assert not kernel_of(indexed, "retried").exists()
    shown = indexed.catalogue.environment("retried")
    assert shown.status == "failed"
    assert shown.problem is not None
    assert shown.problem.code == "no-such-package"
    local_index.add(wheel("late-package", "1.0"))
    again = ended(indexed, environments.retry(indexed, "retried"))
    assert again.state == "succeeded", again.problem
    assert indexed.catalogue.environment("retried").status == "ready"


def test_a_failed_name_can_be_used_again_at_once(indexed: Context) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("again", packages=("no-such-one",))))
    plan = environments.plan_create(indexed, CreateRequest("again"))
    assert plan.steps[0].action == "replace"
    job = ended(indexed, environments.create(indexed, CreateRequest("again")))
    assert job.state == "succeeded", job.problem


def test_a_cancelled_create_leaves_nothing(indexed: Context, local_index: LocalIndex) -> None:
    big = wheel("slow", "1.0")
    local_index.add(big)
    local_index.held.add(big.filename)
    job = environments.create(indexed, CreateRequest("cut", packages=("slow",)))
    assert local_index.is_held.wait(60)
    indexed.jobs.cancel(job.id)
    assert ended(indexed, job).state == "cancelled"
    assert traces(indexed) == []
    assert all(e.name != "cut" for e in indexed.catalogue.environments().environments)


def test_a_server_that_shuts_down_leaves_a_create_that_can_be_retried(
    indexed: Context, local_index: LocalIndex, make_context: Callable[[Settings], Context]
) -> None:
    big = wheel("slow", "1.0")
    local_index.add(big)
    local_index.held.add(big.filename)
    job = environments.create(indexed, CreateRequest("halted", packages=("slow",)))
    assert local_index.is_held.wait(60)
    indexed.jobs.close()
    local_index.held.clear()
    local_index.release()
    later = make_context(indexed.settings)
    assert later.jobs.show(job.id).state == "interrupted"
    shown = later.catalogue.environment("halted")
    assert shown.status == "failed"
    assert shown.problem is not None
    assert shown.problem.code == "interrupted"
    assert not prefix_of(later, "halted").exists()
    assert ended(later, environments.retry(later, "halted")).state == "succeeded"


@pytest.mark.parametrize(
    ("request_", "field"),
    [
        (CreateRequest("Bad Name"), "name"),
        (CreateRequest("ok", python="3.99"), "python"),
        (CreateRequest("ok", python="/no/such/python"), "python"),
        (CreateRequest("ok", packages=("--index-url=http://evil",)), "packages"),
        (CreateRequest("ok", packages=("numpy; rm -rf /",)), "packages"),
        (CreateRequest("ok", requirements="numpy\n-e .\n"), "requirements"),
        (CreateRequest("ok", requirements="-r other.txt"), "requirements"),
        (CreateRequest("ok", index_url="ftp://example.org"), "index_url"),
        (CreateRequest("ok", location="nowhere"), "location"),
        (CreateRequest("ok", display_name="two\nlines"), "display_name"),
        (CreateRequest("ok", remarks="x" * 10_001), "remarks"),
        (CreateRequest("ok", labels={"": "x"}), "labels"),
    ],
)
def test_bad_input_names_its_field_and_makes_nothing(
    context: Context, request_: CreateRequest, field: str
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        environments.create(context, request_)
    assert [error.field for error in caught.value.errors] == [field]
    assert traces(context) == []
    assert context.jobs.list().jobs == ()


def test_everything_that_is_wrong_is_said_at_once(context: Context) -> None:
    request = CreateRequest("X", python="9", requirements="a\n-e .\n-r b", location="nowhere")
    with pytest.raises(EnvMgrError) as caught:
        environments.plan_create(context, request)
    rows = [(error.field, error.line) for error in caught.value.errors]
    assert rows == [
        ("name", None),
        ("location", None),
        ("requirements", 2),
        ("requirements", 3),
        ("python", None),
    ]


def test_a_directory_that_exists_is_not_touched(context: Context) -> None:
    precious = prefix_of(context, "mine") / "thesis.tex"
    precious.parent.mkdir(parents=True)
    precious.write_text("precious")
    with pytest.raises(EnvMgrError) as caught:
        environments.create(context, CreateRequest("mine"))
    assert caught.value.code == "directory-exists"
    assert precious.read_text() == "precious"
    assert context.jobs.list().jobs == ()


def test_a_kernelspec_that_is_not_ours_is_not_touched(context: Context) -> None:
    theirs = kernel_of(context, "mine")
    theirs.parent.mkdir(parents=True)
    theirs.write_text('{"argv": ["R"], "display_name": "R", "language": "R"}')
    with pytest.raises(EnvMgrError) as caught:
        environments.create(context, CreateRequest("mine"))
    assert caught.value.code == "kernel-taken"
    assert "R" in theirs.read_text()


def test_an_environment_is_removed_with_its_kernel_and_nothing_is_left(indexed: Context) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("gone")))
    plan = environments.plan_remove(indexed, "gone")
    assert [step.action for step in plan.steps] == ["unregister", "delete", "forget"]
    assert prefix_of(indexed, "gone").exists(), "a plan changes nothing"
    job = ended(indexed, environments.remove(indexed, "gone", plan.digest))
    assert job.state == "succeeded", job.problem
    assert traces(indexed) == []
    with pytest.raises(EnvMgrError, match="gone"):
        indexed.catalogue.environment("gone")


def test_a_plan_that_is_no_longer_true_is_not_carried_out(indexed: Context) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("kept")))
    plan = environments.plan_remove(indexed, "kept")
    kernel_of(indexed, "kept").parent.rename(indexed.settings.home / "elsewhere")
    with pytest.raises(EnvMgrError) as caught:
        environments.remove(indexed, "kept", plan.digest)
    assert caught.value.code == "plan-changed"
    assert prefix_of(indexed, "kept").exists()


def test_a_running_kernel_keeps_its_environment_unless_forced(indexed: Context) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("busy")))
    kernels = (RunningKernel("1", "envmgr-busy"),)
    context = replace(indexed, running_kernels=lambda: kernels)
    plan = environments.plan_remove(context, "busy")
    assert plan.refusal
    assert plan.forceable
    assert "other containers" in plan.refusal
    with pytest.raises(EnvMgrError) as caught:
        environments.remove(context, "busy", plan.digest)
    assert caught.value.code == "kernel-running"
    job = environments.remove(context, "busy", plan.digest, force=True)
    assert ended(context, job).state == "succeeded"


def test_a_directory_that_was_put_in_its_place_is_kept(indexed: Context) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("swapped")))
    prefix = prefix_of(indexed, "swapped")
    prefix.rename(prefix.with_name("moved-away"))
    prefix.mkdir()
    (prefix / "data.csv").write_text("1,2")
    plan = environments.plan_remove(indexed, "swapped")
    assert ("keep", str(prefix)) in {(step.action, step.target) for step in plan.steps}
    ended(indexed, environments.remove(indexed, "swapped", plan.digest))
    assert (prefix / "data.csv").read_text() == "1,2"


def test_what_was_not_made_here_is_not_removed(context: Context) -> None:
    with pytest.raises(EnvMgrError) as caught:
        environments.plan_remove(context, "image")
    assert caught.value.code == "read-only"


def test_a_new_display_name_is_that_of_the_kernel_too(indexed: Context) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("named")))
    request = UpdateRequest(display_name="Mein Netz 🚀", labels={"team": "vision"})
    updated = environments.update(indexed, "named", request)
    assert updated.display_name == "Mein Netz 🚀"
    assert updated.labels == {"team": "vision"}
    spec = json.loads(kernel_of(indexed, "named").read_text())
    assert spec["display_name"] == "Mein Netz 🚀"
    assert spec["metadata"]["envmgr"]["environment"] == "named"


def test_credentials_of_an_index_are_kept_nowhere(
    context: Context, local_index: LocalIndex
) -> None:
    local_index.credentials = ("me", "s3cret-token")
    url = local_index.url_with("me", "s3cret-token")
    job = ended(context, environments.create(context, CreateRequest("private", index_url=url)))
    assert job.state == "succeeded", job.problem
    for file in context.settings.home.rglob("*"):
        if file.is_file() and file.is_relative_to(context.settings.root / "jobs"):
            assert b"s3cret-token" not in file.read_bytes(), file
    record = Store(context.settings.default_location).read("private")
    assert "s3cret" not in repr(record)
    assert record.index_urls


def test_a_create_whose_job_cannot_be_written_gives_its_name_back(context: Context) -> None:
    context.settings.root.mkdir()
    context.settings.jobs.write_text("no directory")
    with pytest.raises(EnvMgrError):
        environments.create(context, CreateRequest("unlucky"))
    assert traces(context) == []
    assert not context.catalogue.environments().environments[-1].managed


def test_a_retry_finds_the_location_under_its_present_name(
    indexed: Context, make_context: Callable[[Settings], Context]
) -> None:
    request = CreateRequest("moved", packages=("no-such-thing",))
    assert ended(indexed, environments.create(indexed, request)).state == "failed"
    (location,) = indexed.settings.locations
    record = Store(location).read("moved")
    asked = replace(record.request, packages=(), location="its-old-name")
    Store(location).write(replace(record, request=asked))
    assert ended(indexed, environments.retry(indexed, "moved")).state == "succeeded"


def test_a_new_environment_tells_pip_that_it_installs_here(indexed: Context) -> None:
    ended(indexed, environments.create(indexed, CreateRequest("upright")))
    told = (prefix_of(indexed, "upright") / "pip.conf").read_text()
    assert "user = false" in told
