"""A diagnosis with the standard library alone: where the user site has broken everything else."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.core.packages.trees import dist_info, write
from tests.images import MINOR, make_image, site_of

PACKAGE = Path(__file__).parents[4] / "jupyter_envmgr"

_RUN = """
import sys
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.service.usersite.diagnosis import diagnose
home, program = Path(sys.argv[2]), Path(sys.argv[3])
settings = Settings(
    root=home / ".envmgr", home=home, locations=(Location("home", home / "e"),),
    image_prefix=program.parents[1], image_interpreter=program, kernel_dirs=(),
    user_kernels=home / "k", image_kernels=home / "i", environ={"HOME": str(home)},
)
found = diagnose(settings)
import json
print(json.dumps({
    "codes": [one.code for one in found.findings],
    "skipped": found.skipped,
    "modules": sorted({name.partition(".")[0] for name in sys.modules}),
}))
"""


def test_only_requirements_are_left_out_and_that_is_said(tmp_path: Path) -> None:
    program = make_image(tmp_path / "image")
    site = tmp_path / "home" / ".local" / "lib" / f"python{MINOR}" / "site-packages"
    dist_info(site, "mine", "1.0", head="Requires-Dist: absent\n")
    dist_info(site_of(program), "mine", "2.0")
    for name in ("json", "packaging", "pathlib", "re"):
        write(site / f"{name}.py", "raise RuntimeError('broken')\n")
    write(site / "usercustomize.py", "raise SystemExit(1)\n")
    write(site / "old.pth", "import no_such_module\n")
    argv = [sys.executable, "-I", "-S", "-c", _RUN, str(PACKAGE.parent), str(tmp_path / "home")]
    done = subprocess.run(
        [*argv, str(program)], capture_output=True, text=True, check=False, env={}, timeout=120
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout)
    assert set(said["codes"]) == {"path-line-fails", "hides-image", "runs-at-start", "unowned"}
    assert len(said["skipped"]) == 1
    assert "packaging" in said["skipped"][0]
    foreign = set(said["modules"]) - set(sys.stdlib_module_names)
    assert foreign <= {"jupyter_envmgr", "__main__"}


def test_the_command_line_says_it_too(tmp_path: Path) -> None:
    """By the one file that works when nothing else does."""
    program = make_image(tmp_path / "image")
    site = tmp_path / "home" / ".local" / "lib" / f"python{MINOR}" / "site-packages"
    dist_info(site, "mine", "1.0", files={"mine/__init__.py": b"", "mine/api.py": b""})
    (site / "mine" / "__init__.py").unlink()
    argv = [str(program), "-I", "-S", str(PACKAGE / "rescue.py"), "--json", "usersite", "diagnose"]
    environ = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        argv, capture_output=True, text=True, check=False, env=environ, timeout=120
    )
    assert done.stdout, done.stderr
    found = json.loads(done.stdout)["data"]
    assert [one["code"] for one in found["findings"]] == ["missing-files"]
    assert "packaging" in found["skipped"][0]
