"""A whole environment that loads nothing of the user site, whoever starts it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.environments.model import Environment
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.requests import IsolateRequest
from jupyter_envmgr.service.usersite import isolation

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture
def conda(settings: Settings) -> Path:
    """A prefix like conda's: a Python tree of its own, with a conda-meta and no pyvenv.cfg."""
    prefix = settings.home / "miniconda3" / "envs" / "mine"
    base = Path(sys.base_prefix)
    (prefix / "bin").mkdir(parents=True)
    shutil.copy2(base / "bin" / f"python{MINOR}", prefix / "bin" / "python")
    library = prefix / "lib" / f"python{MINOR}"
    library.mkdir(parents=True)
    for entry in (base / "lib" / f"python{MINOR}").iterdir():
        if entry.name != "site-packages":
            (library / entry.name).symlink_to(entry)
    (library / "site-packages").mkdir()
    for shared in (base / "lib").glob("libpython*"):
        (prefix / "lib" / shared.name).symlink_to(shared)
    meta = prefix / "conda-meta"
    meta.mkdir()
    (meta / "history").write_text("==> 2026-01-01 00:00:00 <==\n")
    (meta / f"python-{MINOR}.0-0.json").write_text("{}")
    (settings.home / ".conda").mkdir()
    (settings.home / ".conda" / "environments.txt").write_text(f"{prefix}\n")
    (settings.home / ".local" / "lib" / f"python{MINOR}" / "site-packages").mkdir(parents=True)
    return prefix


def find(context: Context, prefix: Path) -> Environment:
    return next(
        e for e in context.catalogue.environments(fresh=True).environments if e.path == str(prefix)
    )


def user_site_of(context: Context, prefix: Path) -> tuple[str, str]:
    """Whether the user site is on its path, and its prefix, as it says itself."""
    program = "import site, sys; print(site.ENABLE_USER_SITE, sys.prefix)"
    ran = subprocess.run(
        [str(prefix / "bin" / "python"), "-c", program],
        env=dict(context.settings.environ),
        capture_output=True,
        text=True,
        check=True,
    )
    enabled, _, where = ran.stdout.strip().partition(" ")
    return enabled, where


def test_it_is_isolated_for_everybody_and_is_as_before_after_an_undo(
    context: Context, conda: Path
) -> None:
    before = user_site_of(context, conda)
    assert before[0] == "True"
    listed = sorted(p.name for p in conda.iterdir())
    request = IsolateRequest(environment=find(context, conda).id)
    plan = isolation.plan_isolate(context, request)
    assert not plan.refusal
    assert sorted(p.name for p in conda.iterdir()) == listed
    isolation.isolate(context, request, plan.digest)
    assert user_site_of(context, conda) == ("False", before[1])
    found = find(context, conda)
    assert (found.kind, found.status, found.user_site) == ("conda", "ready", False)
    isolation.undo(context, request)
    assert user_site_of(context, conda) == before
    assert sorted(p.name for p in conda.iterdir()) == listed


def test_twice_and_not_ours_are_refused(context: Context, conda: Path) -> None:
    request = IsolateRequest(environment=find(context, conda).id)
    with pytest.raises(EnvMgrError):
        isolation.undo(context, request)
    isolation.isolate(context, request)
    assert "already" in isolation.plan_isolate(context, request).refusal
    with pytest.raises(EnvMgrError) as caught:
        isolation.isolate(context, request)
    assert caught.value.code == "wrong-state"
    (conda / "pyvenv.cfg").write_text("somebody else's\n")
    with pytest.raises(EnvMgrError):
        isolation.undo(context, request)
    assert (conda / "pyvenv.cfg").read_text() == "somebody else's\n"


def test_where_it_would_do_harm_or_nothing_it_is_refused(context: Context, conda: Path) -> None:
    reasons = {
        e.kind: isolation.plan_isolate(context, IsolateRequest(environment=e.id)).refusal
        for e in context.catalogue.environments().environments
    }
    assert "profile" in reasons["image"]
    assert reasons.get("conda") == ""


@pytest.mark.parametrize(
    "request_", [IsolateRequest(), IsolateRequest(kernel="a", environment="b")]
)
def test_exactly_one_thing_is_isolated(context: Context, request_: IsolateRequest) -> None:
    for verb in (isolation.plan_isolate, isolation.isolate, isolation.undo):
        with pytest.raises(EnvMgrError) as caught:
            verb(context, request_)
        assert caught.value.code == "bad-request"
