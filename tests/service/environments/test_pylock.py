"""Locks that travel: written by one environment, and held to by the one that is made from it."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from jupyter_envmgr.core.environments.model import CloneRequest, CreateRequest, RevertRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.jobs.model import Job
from jupyter_envmgr.core.packages.model import ChangeRequest
from jupyter_envmgr.core.packages.recognised import recognise
from jupyter_envmgr.core.packages.toml_text import parse_toml
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.engines.uv import UvEngine
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import (
    changing,
    cloning,
    creation,
    exporting,
    history,
    recreating,
    reverting,
)
from jupyter_envmgr.service.environments import (
    verbs as environments,
)
from jupyter_envmgr.system.store import Store
from tests.channel.build import Channel
from tests.index.server import LocalIndex
from tests.index.wheels import Archive, wheel
from tests.service.conftest import ended

ALPHA, BETA = wheel("alpha", requires=["beta"]), wheel("beta")


@pytest.fixture
def index(local_index: LocalIndex) -> LocalIndex:
    local_index.add(ALPHA, BETA)
    return local_index


def create(context: Context, name: str, **fields: object) -> Job:
    request = CreateRequest(name, **fields)  # type: ignore[arg-type]
    return ended(context, environments.create(context, request))


def made(context: Context, name: str, **fields: object) -> None:
    job = create(context, name, **fields)
    assert job.problem is None, job.problem


def versions(context: Context, name: str) -> dict[str, str]:
    packages = context.catalogue.packages(name).packages
    return {canonicalize_name(p.name): p.version for p in packages}


def prefix_of(context: Context, name: str) -> Path:
    return context.settings.default_location.path / name


def locked(archive: Archive) -> str:
    version = archive.filename.split("-")[1]
    return f"{archive.project}=={version} --hash=sha256:{archive.sha256}\n"


def tampered(archive: Archive) -> Archive:
    """Another wheel of the same name and version, as whoever owns the index might put there."""
    other = wheel(archive.project, files={"evil.py": "print('evil')\n"})
    return replace(other, filename=archive.filename)


@pytest.fixture
def forgetful(indexed: Context, tmp_path: Path) -> Context:
    """The same home, with a cache of uv in which nothing is: what is checked has to be fetched."""
    environ = {**indexed.settings.environ, "UV_CACHE_DIR": str(tmp_path / "no-cache")}
    settings = replace(indexed.settings, environ=environ)
    return Context(settings, indexed.catalogue, indexed.jobs)


@pytest.fixture
def lock(indexed: Context, index: LocalIndex) -> str:
    """What the environment ``old`` is exported as."""
    made(indexed, "old", packages=("alpha",), kernel=False)
    return exporting.export(indexed, "old", "pylock").text


def test_an_environment_from_a_lock_has_the_very_same_packages(
    indexed: Context, index: LocalIndex
) -> None:
    made(indexed, "old", packages=("alpha",))
    assert "Hashes" not in dict(creation.prepare(indexed, CreateRequest("other")).plan.facts)
    lock = exporting.export(indexed, "old", "pylock").text
    index.add(wheel("alpha", "2.0"), wheel("beta", "2.0"))
    prepared = creation.prepare(indexed, CreateRequest("new", requirements=lock))
    count = len(versions(indexed, "old"))
    assert dict(prepared.plan.facts)["Hashes"].startswith(f"checked for all {count} packages")
    assert "not checked" not in dict(prepared.plan.facts)["Hashes"]
    made(indexed, "new", requirements=lock)
    assert versions(indexed, "new") == versions(indexed, "old")


def test_a_lock_says_what_it_is_for_and_where_each_file_is(
    lock: str, indexed: Context, index: LocalIndex
) -> None:
    tables = parse_toml(lock)
    assert tables["lock-version"] == "1.0"
    assert tables["created-by"] == "jupyter-envmgr"
    major, minor = sys.version_info[:2]
    assert tables["requires-python"] == f"=={major}.{minor}.*"
    (environment,) = tables["environments"]
    assert f"sys_platform == '{sys.platform}'" in environment
    packages = {package["name"]: package for package in tables["packages"]}
    assert list(packages) == sorted(packages)
    assert packages.keys() == versions(indexed, "old").keys()
    (file,) = packages["alpha"]["wheels"]
    assert file["hashes"] == {"sha256": ALPHA.sha256}
    assert file["url"].endswith(index.name_of(ALPHA))


def test_uv_installs_what_the_lock_says(indexed: Context, lock: str, tmp_path: Path) -> None:
    uv = UvEngine.find(indexed.settings).executable
    file, other = tmp_path / "pylock.toml", tmp_path / "other"
    file.write_text(lock)
    environ = dict(indexed.settings.environ)
    venv = [uv, "venv", "--no-config", "--python", sys.executable, str(other)]
    subprocess.run(venv, check=True, env=environ, capture_output=True)
    python = ["--no-config", "--python", str(other / "bin/python")]
    install = [uv, "pip", "install", *python, "--require-hashes", "-r", str(file)]
    subprocess.run(install, check=True, env=environ, capture_output=True)
    listed = [uv, "pip", "list", *python, "--format", "json"]
    answer = subprocess.run(listed, check=True, env=environ, capture_output=True).stdout
    there = {canonicalize_name(row["name"]): row["version"] for row in json.loads(answer)}
    assert there == versions(indexed, "old")


@pytest.mark.parametrize("text", ["lock", "hashed"])
def test_another_file_than_the_locked_one_is_refused_and_leaves_nothing(
    forgetful: Context, lock: str, index: LocalIndex, text: str
) -> None:
    other = tampered(BETA)
    index.add(other)
    wanted = lock if text == "lock" else locked(ALPHA) + locked(BETA)
    job = create(forgetful, "new", requirements=wanted, kernel=False)
    assert job.problem is not None
    assert job.problem.code == "hash-mismatch"
    assert "beta 1.0" in job.problem.detail
    assert other.sha256 in job.problem.detail
    assert "The index has another file" in job.problem.hint
    assert not prefix_of(forgetful, "new").exists()
    asked = forgetful.catalogue.environment("new").asked_for
    assert f"beta==1.0 --hash=sha256:{BETA.sha256}" in asked, "who edits it would lose them"
    index.add(BETA)
    again = ended(forgetful, environments.retry(forgetful, "new"))
    assert again.problem is None
    assert versions(forgetful, "new")["beta"] == "1.0"


def test_a_tampered_file_is_refused_again_when_a_failed_one_is_tried_again(
    indexed: Context, index: LocalIndex
) -> None:
    index.add(tampered(BETA))
    for attempt in (
        lambda: create(indexed, "new", requirements=locked(ALPHA) + locked(BETA), kernel=False),
        lambda: ended(indexed, environments.retry(indexed, "new")),
    ):
        problem = attempt().problem
        assert problem is not None
        assert problem.code == "hash-mismatch"


def test_what_is_needed_and_not_in_the_file_is_not_installed_unchecked(
    indexed: Context, index: LocalIndex
) -> None:
    job = create(indexed, "new", requirements=locked(ALPHA), kernel=False)
    assert job.problem is not None
    assert job.problem.code == "hash-missing"
    assert "beta" in job.problem.detail
    assert not prefix_of(indexed, "new").exists()


def test_what_every_environment_gets_does_not_bring_another_version_of_what_is_locked(
    indexed: Context, index: LocalIndex
) -> None:
    index.add(wheel("gamma", requires=["beta"]), wheel("beta", "2.0"))
    text = locked(ALPHA) + locked(BETA)
    prepared = creation.prepare(
        indexed, CreateRequest("new", packages=("gamma",), requirements=text)
    )
    said = dict(prepared.plan.facts)["Hashes"]
    assert "2 packages" in said
    assert "not checked: gamma, ipykernel, pip" in said
    made(indexed, "new", packages=("gamma",), requirements=text)
    there = versions(indexed, "new")
    assert (there["beta"], there["gamma"]) == ("1.0", "1.0")
    assert "ipykernel" in there


def test_hashes_are_held_to_when_it_is_made_anew_or_cloned(
    indexed: Context, forgetful: Context, lock: str, index: LocalIndex
) -> None:
    made(indexed, "new", requirements=lock, kernel=False)
    record = Store(indexed.settings.default_location).read("new")
    assert f"--hash=sha256:{BETA.sha256}" in record.request.requirements
    assert "lock-version" not in record.request.requirements
    assert "alpha==1.0" in indexed.catalogue.environment("new").asked_for
    index.add(tampered(BETA))
    plan = recreating.plan_recreate(forgetful, "new")
    assert "Hashes" in dict(plan.facts)
    anew = ended(forgetful, recreating.recreate(forgetful, "new", plan.digest))
    clone = ended(forgetful, cloning.clone(forgetful, "new", CloneRequest("copy")))
    for job in (anew, clone):
        assert job.problem is not None
        assert job.problem.code == "hash-mismatch"
    assert versions(indexed, "new") == versions(indexed, "old")
    index.add(BETA, wheel("beta", "2.0"))
    assert ended(indexed, recreating.recreate(indexed, "new", plan.digest)).problem is None
    assert ended(indexed, cloning.clone(indexed, "new", CloneRequest("two"))).problem is None
    assert versions(indexed, "two") == versions(indexed, "new") == versions(indexed, "old")


def test_a_lock_for_another_python_is_refused_by_name(indexed: Context, lock: str) -> None:
    text = lock.replace(f"=={sys.version_info[0]}.{sys.version_info[1]}.*", ">=3.99")
    with pytest.raises(EnvMgrError) as caught:
        creation.prepare(indexed, CreateRequest("new", requirements=text))
    assert caught.value.code == "bad-python"
    assert ">=3.99" in caught.value.detail


def test_a_lock_carries_no_credentials_and_nothing_of_the_user_site(
    indexed: Context, index: LocalIndex
) -> None:
    site = f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    user = indexed.settings.home / ".local" / site / "mine-1.0.dist-info"
    user.mkdir(parents=True)
    (user / "METADATA").write_text("Metadata-Version: 2.1\nName: mine\nVersion: 1.0\n")
    index.credentials = ("ada", "geheim-wort")
    url = index.url_with("ada", "geheim-wort")
    context = Context(replace(indexed.settings, index_url=url), indexed.catalogue, indexed.jobs)
    made(context, "old", packages=("alpha",), kernel=False)
    export = exporting.export(context, "old", "pylock")
    assert "geheim-wort" not in repr(export)
    assert "ada@" not in export.text
    assert "mine" not in export.text
    assert recognise(export.text).errors == ()


def test_what_no_index_has_is_left_out_and_said(indexed: Context, index: LocalIndex) -> None:
    made(indexed, "old", packages=("alpha",), kernel=False)
    site = next(prefix_of(indexed, "old").glob("lib/python3*/site-packages"))
    for name, direct in (
        ("homemade", None),
        ("another", None),
        ("edited", {"url": "file:///home/ada/edited", "dir_info": {"editable": True}}),
        ("beside", {"url": "file:///home/ada/beside-1.0-py3-none-any.whl", "archive_info": {}}),
        (
            "ofgit",
            {
                "url": "https://ada:geheim@git.example/ofgit.git",
                "vcs_info": {"vcs": "git", "commit_id": "a" * 40, "requested_revision": "main"},
            },
        ),
        (
            "ofurl",
            {
                "url": "https://h.example/ofurl-1.0-py3-none-any.whl?X-Amz-Signature=geheim",
                "archive_info": {"hashes": {"sha256": "b" * 64}},
            },
        ),
    ):
        info = site / f"{name}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
        (info / "RECORD").write_text("")
        (info / "INSTALLER").write_text("uv\n")
        if direct:
            (info / "direct_url.json").write_text(json.dumps(direct))
    indexed.catalogue.forget()
    export = exporting.export(indexed, "old", "pylock")
    said = "\n".join(export.notices)
    assert "Not in the index, and left out: another, homemade." in said
    assert "Editable packages are left out: edited." in said
    assert "this machine, and left out: beside." in said
    assert all(f"# {notice}" in export.text for notice in export.notices)
    assert "geheim" not in export.text
    packages = {package["name"]: package for package in parse_toml(export.text)["packages"]}
    assert packages["ofgit"]["vcs"] == {
        "type": "git",
        "url": "https://git.example/ofgit.git",
        "requested-revision": "main",
        "commit-id": "a" * 40,
    }
    assert packages["ofurl"]["archive"]["hashes"] == {"sha256": "b" * 64}
    assert "alpha" in packages
    assert not {"homemade", "another", "edited", "beside"} & packages.keys()
    schemes = ["https", "git+https"]
    found = recognise(export.text, allowed_schemes=schemes)
    assert found.errors == ()
    assert len(found.packages) == len(packages)


def test_without_its_index_a_lock_comes_from_the_cache_or_says_what_else_to_do(
    forgetful: Context, index: LocalIndex, lock: str
) -> None:
    index.kept = True
    online = exporting.export(forgetful, "old", "pylock")
    index.status = 503
    again = exporting.export(forgetful, "old", "pylock")
    assert parse_toml(again.text)["packages"] == parse_toml(online.text)["packages"]
    assert any("cannot be reached" in notice for notice in again.notices)
    shutil.rmtree(forgetful.settings.environ["UV_CACHE_DIR"])
    with pytest.raises(EnvMgrError) as caught:
        exporting.export(forgetful, "old", "pylock")
    assert caught.value.code == "index-unreachable"
    assert "requirements.txt" in caught.value.hint
    assert exporting.export(forgetful, "old", "requirements").text


def test_going_back_is_held_to_the_hashes_too(
    indexed: Context, forgetful: Context, index: LocalIndex
) -> None:
    made(indexed, "new", requirements=locked(BETA), kernel=False)
    change = ChangeRequest(uninstall=("beta",))
    plan = changing.plan_change(indexed, "new", change)
    assert ended(indexed, changing.change(indexed, "new", change, plan.digest)).problem is None
    index.add(tampered(BETA))
    request = RevertRequest(1)
    digest = history.plan_revert(forgetful, "new", request).digest
    problem = ended(forgetful, reverting.revert(forgetful, "new", request, digest)).problem
    assert problem is not None
    assert problem.code == "hash-mismatch"
    assert "beta" not in versions(indexed, "new")


def test_hashes_for_pip_in_a_conda_environment_are_checked_and_kept(
    settings: Settings,
    make_context: Callable[[Settings], Context],
    index: LocalIndex,
    conda_channel: Channel,
) -> None:
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    environ = {**settings.environ, "UV_CACHE_DIR": str(settings.home / "no-cache")}
    context = make_context(replace(settings, index_url=index.url, environ=environ))
    text = f"dependencies:\n  - python\n  - pip:\n    - {locked(BETA)}"
    request = {"manager": "conda", "requirements": text, "kernel": False}
    prepared = creation.prepare(context, CreateRequest("new", **request))  # type: ignore[arg-type]
    assert "1 of the 1 packages for pip" in dict(prepared.plan.facts)["Hashes"]
    assert "beta==1.0" in prepared.facts.requirements
    index.add(tampered(BETA))
    problem = create(context, "new", **request).problem
    assert problem is not None
    assert problem.code == "hash-mismatch"
    assert not prefix_of(context, "new").exists()
    again = ended(context, environments.retry(context, "new")).problem
    assert again is not None
    assert again.code == "hash-mismatch"
    index.add(BETA)
    assert ended(context, environments.retry(context, "new")).problem is None
    assert versions(context, "new")["beta"] == "1.0"


def test_a_pixi_lock_holds_the_packages_of_pip_to_their_hashes_too(
    settings: Settings,
    make_context: Callable[[Settings], Context],
    index: LocalIndex,
    conda_channel: Channel,
) -> None:
    (settings.home / ".condarc").write_text(f"channels: [{conda_channel.url}]\n")
    environ = {**settings.environ, "UV_CACHE_DIR": str(settings.home / "no-cache")}
    context = make_context(replace(settings, index_url=index.url, environ=environ))
    made(context, "old", manager="conda", packages=("python",), pip=("alpha",), kernel=False)
    lock = exporting.export(context, "old", "pixi-lock")
    assert lock.filename == "pixi.lock"
    assert BETA.sha256 in lock.text
    made(context, "new", manager="conda", requirements=lock.text, kernel=False)
    assert versions(context, "new") == versions(context, "old")
    shutil.rmtree(settings.home / "no-cache")
    index.add(tampered(BETA))
    problem = create(context, "two", manager="conda", requirements=lock.text, kernel=False).problem
    assert problem is not None
    assert problem.code == "hash-mismatch"
