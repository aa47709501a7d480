"""The rescue path: it runs with the standard library alone, whatever the user site has broken."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.homes import Home, rich_home, state

PACKAGE = Path(__file__).parents[2] / "jupyter_envmgr"

_RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
home = Path(sys.argv[2])
image = home / "image"
kernels = home / ".local/share/jupyter/kernels"
settings = Settings(
    root=home / ".envmgr", home=home, locations=(Location("home", home / "e"),),
    image_prefix=image, image_interpreter=image / "bin/python3.11", kernel_dirs=(kernels,),
    user_kernels=kernels, image_kernels=image / "k", environ={"HOME": str(home)},
)
usersite.recover(settings)
assert usersite.scan(settings, size=True).sites
plan = usersite.plan_reset(settings, ResetRequest("all", name="rescued"))
usersite.reset(settings, ResetRequest("all", name="rescued"), plan.digest)
assert [one.name for one in usersite.snapshots(settings).snapshots] == ["rescued"]
assert usersite.compare(settings, "rescued", "present").differences
assert usersite.requirements(settings, "rescued")
if sys.argv[3] == "back":
    plan = usersite.plan_restore(settings, "rescued", RestoreRequest())
    usersite.restore(settings, "rescued", RestoreRequest(), plan.digest)
import json
print(json.dumps(sorted(name for name in sys.modules)))
"""


def _rescue(where: Path, home: Home, way: str) -> list[str]:
    """Run it with neither site-packages nor variables; the names of the modules it imported."""
    argv = [sys.executable, "-I", "-S", "-c", _RUN, str(where), str(home.home), way]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, env={}, timeout=120)
    assert done.returncode == 0, done.stderr
    names: list[str] = json.loads(done.stdout)
    return names


def _home(tmp_path: Path) -> Home:
    home = rich_home(tmp_path / "home")
    home.settings()
    return home


def test_reset_and_restore_need_nothing_but_the_standard_library(tmp_path: Path) -> None:
    home = _home(tmp_path)
    before = state(home.base)
    imported = _rescue(PACKAGE.parent, home, "back")
    assert state(home.base) == before
    foreign = {name.partition(".")[0] for name in imported} - set(sys.stdlib_module_names)
    assert foreign <= {"jupyter_envmgr", "__main__"}
    for module in ("engines", "config", "server", "cli"):
        assert f"jupyter_envmgr.{module}" not in imported, "the rescue path has no business there"


def test_this_package_rescues_although_it_lies_in_the_broken_user_site_itself(
    tmp_path: Path,
) -> None:
    """What it runs from is moved away under it: everything it still needs is imported by then."""
    home = _home(tmp_path)
    site = home.site()
    skipped = shutil.ignore_patterns("labextension", "__pycache__", "_version.py")
    shutil.copytree(PACKAGE, site / "jupyter_envmgr", ignore=skipped)
    for name in ("packaging", "traitlets", "jupyter_core"):
        (site / f"{name}.py").write_text("raise RuntimeError('broken')\n")
    _rescue(site, home, "stay")
    assert os.listdir(site) == []


@pytest.mark.parametrize("name", ["json", "pathlib", "platform"])
def test_a_stray_module_of_the_user_site_does_not_get_in_the_way(tmp_path: Path, name: str) -> None:
    home = _home(tmp_path)
    (home.site() / f"{name}.py").write_text("raise RuntimeError('stray')\n")
    before = state(home.base)
    _rescue(PACKAGE.parent, home, "back")
    assert state(home.base) == before


@pytest.mark.parametrize(
    "words",
    [("probe", "-c", "print(1)", "--no-culprits"), ("diagnose",), ("scan",), ("snapshots",)],
)
def test_the_commands_of_the_rescue_need_nothing_but_the_standard_library(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    home = _home(tmp_path)
    program = [sys.executable, "-I", "-S", str(PACKAGE / "rescue.py"), "usersite"]
    environ = {"HOME": str(home.home), "PATH": os.environ["PATH"]}
    ran = subprocess.run(
        [*program, *words, "--json"], capture_output=True, text=True, check=False, env=environ
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert json.loads(ran.stdout)["ok"] is True


def test_a_jupyter_that_does_not_start_is_told_by_the_exit_code(tmp_path: Path) -> None:
    """Nothing that files show is wrong with it: it fails when it is imported."""
    home = Home(tmp_path / "home")
    files = {"jupyter_server/__init__.py": "", "jupyter_server/serverapp.py": "1 / 0\n"}
    minor = f"{sys.version_info[0]}.{sys.version_info[1]}"
    home.package("jupyter-server", python=minor, files=files)
    # Not that of a virtual environment, which does not look at the user site.
    program = [os.path.realpath(sys.executable), "-I", "-S", str(PACKAGE / "rescue.py"), "usersite"]
    environ = {"HOME": str(home.home), "PATH": os.environ["PATH"]}

    def check(*options: str) -> subprocess.CompletedProcess[str]:
        argv = [*program, "check", *options]
        return subprocess.run(argv, capture_output=True, text=True, check=False, env=environ)

    said = check()
    assert said.returncode == 7
    assert "Jupyter does not start: ZeroDivisionError" in said.stdout
    assert "probe -m jupyter_server.serverapp" in said.stderr
    assert (check("--quiet").returncode, check("--quiet", "--files-only").returncode) == (7, 0)
