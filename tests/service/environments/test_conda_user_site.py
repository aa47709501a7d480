"""What ~/.local holds is not seen in conda environments made here, whoever starts their Python."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.model import ExportRequest, ImportRequest
from jupyter_envmgr.core.environments.isolation import CONFIG, CONTENT
from jupyter_envmgr.core.environments.model import CloneRequest, CreateRequest
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.model import ChangeRequest
from jupyter_envmgr.service import archives
from jupyter_envmgr.service.context import Context
from jupyter_envmgr.service.environments import changing, cloning, recreating
from jupyter_envmgr.service.environments import verbs as environments
from jupyter_envmgr.service.requests import IsolateRequest
from jupyter_envmgr.service.usersite import isolation
from tests.index.wheels import wheel
from tests.service.conftest import ended
from tests.service.environments.test_copies import done, make
from tests.service.environments.test_copies import home as home

PROGRAM = """
import site, sys
try:
    import of_the_home
except ImportError:
    print("hidden", sys.prefix == sys.base_prefix)
else:
    print("seen", sys.prefix == sys.base_prefix)
"""
SPECS: dict[str, object] = {"manager": "conda", "packages": ("greeter", "pip"), "kernel": False}


def said(context: Context, name: str, *options: str) -> str:
    """What a training job finds out that is started by the absolute path of the interpreter."""
    found = context.catalogue.environment(name)
    assert found.interpreter
    minor = ".".join(found.python.split(".")[:2])
    site = context.settings.home / ".local" / "lib" / f"python{minor}" / "site-packages"
    site.mkdir(parents=True, exist_ok=True)
    (site / "of_the_home.py").touch()
    ran = subprocess.run(
        [found.interpreter, *options, "-c", PROGRAM],
        env={"HOME": str(context.settings.home), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    words = ran.stdout.split()
    assert words[1] == "True", "it is no virtual environment"
    assert found.user_site == (words[0] == "seen"), "and what is shown is true"
    return words[0]


def test_a_program_outside_its_kernel_sees_nothing_of_the_home(home: Context) -> None:
    plan = environments.plan_create(home, CreateRequest("one", **SPECS))  # type: ignore[arg-type]
    assert "kept out" in dict(plan.facts)["User site"]
    make(home, "one", **SPECS)
    found = home.catalogue.environment("one")
    assert (found.kind, found.status, found.user_site) == ("conda", "ready", False)
    assert "whoever starts" in found.user_site_why
    assert said(home, "one") == "hidden"
    assert said(home, "one", "-E") == "hidden"
    done(home, changing.change(home, "one", ChangeRequest(install=("two-versions",))))
    assert said(home, "one") == "hidden"


def test_pip_and_uv_install_into_it_as_into_any_other(home: Context, tmp_path: Path) -> None:
    make(home, "one", **SPECS)
    done(home, changing.change(home, "one", ChangeRequest(pip=("alpha",))))
    beta = wheel("beta")
    (tmp_path / beta.filename).write_bytes(beta.content)
    found = home.catalogue.environment("one")
    assert found.interpreter
    argv = [found.interpreter, "-m", "pip", "install", "--no-index", str(tmp_path / beta.filename)]
    subprocess.run(argv, capture_output=True, text=True, check=True)
    for name in ("alpha", "beta"):
        argv = [found.interpreter, "-c", f"import {name}; print({name}.__file__)"]
        where = subprocess.run(argv, capture_output=True, text=True, check=True).stdout
        assert where.startswith(found.path)
    assert not list(home.settings.home.glob(".local/lib/*/site-packages/beta*"))


def test_who_wants_to_see_it_says_so_and_copies_are_alike(home: Context) -> None:
    make(home, "one", **SPECS, user_site=True)
    assert said(home, "one") == "seen"
    assert "its kernel" not in home.catalogue.environment("one").user_site_why
    done(home, cloning.clone(home, "one", CloneRequest("two")))
    assert said(home, "two") == "seen"
    isolation.isolate(home, IsolateRequest(environment="one"))
    assert said(home, "one") == "hidden"
    done(home, cloning.clone(home, "one", CloneRequest("three")))
    assert said(home, "three") == "hidden"
    with pytest.raises(EnvMgrError):
        environments.plan_create(home, CreateRequest("venv", user_site=True))


def test_what_was_undone_stays_so_when_it_is_made_anew(home: Context) -> None:
    make(home, "one", **SPECS)
    assert "already" in isolation.plan_isolate(home, IsolateRequest(environment="one")).refusal
    isolation.undo(home, IsolateRequest(environment="one"))
    assert said(home, "one") == "seen"
    done(home, recreating.recreate(home, "one"))
    assert said(home, "one") == "seen"


def test_an_archive_of_it_and_one_of_somebody_else_s_are_alike(home: Context) -> None:
    make(home, "one", **{**SPECS, "kernel": True})
    where = str(home.settings.home / "one.tar.gz")
    job = ended(home, archives.export(home, ExportRequest("one", where)))
    assert job.state == "succeeded", job.problem
    request = ImportRequest(where, name="two")
    plan = archives.plan_import(home, request)
    assert "kept out" in dict(plan.facts)["User site"]
    job = ended(home, archives.import_(home, request))
    assert job.state == "succeeded", job.problem
    assert said(home, "two") == "hidden"
    path = Path(home.catalogue.environment("two").path)
    assert (path / CONFIG).read_bytes() == CONTENT
    isolation.undo(home, IsolateRequest(environment="one"))
    elsewhere = where.replace("one.tar", "open.tar")
    job = ended(home, archives.export(home, ExportRequest("one", elsewhere)))
    assert job.state == "succeeded", job.problem
    job = ended(home, archives.import_(home, ImportRequest(elsewhere, name="three")))
    assert job.state == "succeeded", job.problem
    assert said(home, "three") == "hidden"
