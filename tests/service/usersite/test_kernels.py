"""Kernels that leave the user site alone, or have one of their own; and back again."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.kernels.spec import started_with
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.service import usersite
from tests.homes import Home

ODD = (
    '{"argv":["%s","-m","ipykernel_launcher"],  "display_name":"Mine",\n'
    '  "language":"python","env":{"PATH":"/opt/bin:${PATH}"}}'
)


def _kernel(settings: Settings, text: str = "") -> Path:
    directory = settings.user_kernels / "mine"
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "kernel.json").write_text(text or ODD % sys.executable)
    return directory


def test_an_isolated_kernel_does_not_see_the_user_site_and_can_be_undone(home: Home) -> None:
    settings = home.settings()
    directory = _kernel(settings)
    original = (directory / "kernel.json").read_bytes()
    plan = usersite.plan_isolate(settings, "mine")
    usersite.isolate(settings, "mine", plan.digest)
    spec = json.loads((directory / "kernel.json").read_text())
    assert spec["env"] == {"PATH": "/opt/bin:${PATH}", "PYTHONNOUSERSITE": "1"}
    with pytest.raises(EnvMgrError, match="already"):
        usersite.isolate(settings, "mine")
    usersite.undo(settings, "mine")
    assert (directory / "kernel.json").read_bytes() == original
    assert [path.name for path in directory.iterdir()] == ["kernel.json"]
    with pytest.raises(EnvMgrError, match="not changed by us"):
        usersite.undo(settings, "mine")


def test_what_somebody_changed_meanwhile_survives_the_undo(home: Home) -> None:
    settings = home.settings()
    directory = _kernel(settings)
    usersite.isolate(settings, "mine")
    spec = json.loads((directory / "kernel.json").read_text())
    spec["display_name"] = "Renamed"
    (directory / "kernel.json").write_text(json.dumps(spec))
    usersite.undo(settings, "mine")
    spec = json.loads((directory / "kernel.json").read_text())
    assert spec["display_name"] == "Renamed"
    assert spec["env"] == {"PATH": "/opt/bin:${PATH}"}
    assert "metadata" not in spec


def test_a_profile_is_a_user_base_that_the_kernel_really_uses(home: Home) -> None:
    """Asked of a real Python, started with the environment that Jupyter would give it."""
    settings = home.settings(NVIDIA_TENSORFLOW_VERSION="19.02", PYTHONNOUSERSITE="1")
    python = Path(sys.executable).resolve()
    directory = _kernel(settings, ODD % python)
    usersite.profile(settings, "mine")
    spec = json.loads((directory / "kernel.json").read_text())
    environ = started_with(spec, {"PATH": "/usr/bin", **settings.environ})
    code = "import site, sys; print(site.getusersitepackages() in sys.path, site.getuserbase())"
    done = subprocess.run(
        [str(python), "-c", code], env=environ, capture_output=True, text=True, check=True
    )
    base = settings.root / "profiles/tensorflow-19.02-py3"
    assert done.stdout.split() == ["True", str(base)]
    assert environ["PATH"].startswith(f"{base}/bin:/opt/bin:")
    usersite.undo(settings, "mine")
    assert base.is_dir(), "the packages of the profile are not taken away"


def test_a_kernel_that_is_not_there_is_named(home: Home) -> None:
    with pytest.raises(EnvMgrError) as error:
        usersite.isolate(home.settings(), "python3")
    assert error.value.code == "no-such-kernel"
