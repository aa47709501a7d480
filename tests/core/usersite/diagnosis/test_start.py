"""The start of Python: ``.pth`` lines, PYTHONPATH, names of Python's own modules."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.diagnosis import BASE, PROGRAM, path_of, read_runtime
from tests.core.packages.trees import dist_info, write

from .sites import BASE_PYTHON, Sites, this_runtime
from .truth import other_python


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("import no_such_module", "path-line-fails"),
        ("import os, no_such_module; x = 1", "path-line-fails"),
        ("import os; __import__('no_such_module')", "path-line-fails"),
        ("import (", "path-line-fails"),
        ("import os; os.environ", ""),
        ("import mine.start", ""),
        ("import theirs", "path-line-fails"),
        ("/gone", "dead-path-line"),
        ("gone", "dead-path-line"),
        ("mine", ""),
        ("# import no_such_module", ""),
        ("", ""),
    ],
)
def test_a_line_that_a_package_brought(sites: Sites, line: str, code: str) -> None:
    """What is in the image's site directories cannot be imported yet."""
    files = {"mine/__init__.py": b"", "mine/start.py": b"", "mine.pth": line.encode()}
    dist_info(sites.user, "mine", files=files)
    dist_info(sites.image, "theirs", files={"theirs.py": b""})
    assert sites.codes() == ([code] if code else [])


@pytest.mark.parametrize(
    "line", ["import no_such_module", "import os; __import__('no_such_module')", "import ("]
)
def test_python_says_so_too(tmp_path: Path, line: str) -> None:
    site = tmp_path / f"lib/python{sys.version_info[0]}.{sys.version_info[1]}/site-packages"
    write(site / "mine.pth", line + "\n")
    program = str(BASE_PYTHON)
    said = subprocess.run(
        [program, "-c", "1"],
        env={"PYTHONUSERBASE": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Error processing line 1" in said.stderr


@pytest.mark.parametrize("name", ["enum", "typing", "os", "time", "io", "asyncio", "argparse"])
def test_what_pythonpath_hides_of_python_itself(sites: Sites, name: str) -> None:
    """Some are in the program itself and come before any path: as running it says."""
    write(sites.user / f"{name}.py", "raise RuntimeError\n")
    environ = {"PYTHONPATH": str(sites.user)}
    program = str(BASE_PYTHON)
    ran = subprocess.run(
        [program, "-c", f"import {name}"], env=environ, capture_output=True, check=False
    )
    sites.environ.update(environ)
    assert bool(sites.of("stdlib-hidden")) == (ran.returncode != 0)


@pytest.mark.parametrize(
    ("source", "severity"), [(b"x = 1\n", "risk"), (b"x = 0x1L\n", "will-fail")]
)
def test_a_backport_for_python_2_cannot_be_imported(
    sites: Sites, source: bytes, severity: str
) -> None:
    dist_info(sites.user, "uuid", files={"uuid.py": source})
    sites.environ["PYTHONPATH"] = str(sites.user)
    assert sites.of("stdlib-hidden")[0].severity == severity


def test_pythonpath_is_looked_at_where_the_user_site_is_not(sites: Sites) -> None:
    sites.environ["PYTHONPATH"] = str(sites.user)
    found = {one.code for one in sites.diagnose(visible=False).findings}
    assert found == {"pythonpath-user"}


def test_an_isolated_start_has_no_pythonpath(sites: Sites) -> None:
    path = path_of(sites.runtime, ("-I",), {"PYTHONPATH": str(sites.user)}, str(sites.base))
    assert path.first == ()
    assert path.user_site == ""
    assert "-I" in path.why


@pytest.mark.parametrize(
    ("options", "environ"),
    [
        ((), {}),
        (("-s",), {}),
        (("-E",), {"PYTHONNOUSERSITE": "1"}),
        ((), {"PYTHONNOUSERSITE": "1"}),
        ((), {"PYTHONNOUSERSITE": ""}),
        ((), {"PYTHONNOUSERSITE": "0"}),
        (("-I",), {}),
        (("-Es",), {}),
        (("-X", "dev"), {}),
        ((), {"PYTHONPATH": "/tmp:/usr"}),
        (("-E",), {"PYTHONPATH": "/tmp"}),
    ],
)
def test_the_path_is_that_which_python_makes(
    tmp_path: Path, options: tuple[str, ...], environ: dict[str, str]
) -> None:
    """For this Python without its venv, with a user base of its own."""
    program = os.path.realpath(BASE_PYTHON)
    _compare(tmp_path, program, options, environ)


@pytest.mark.parametrize("environ", [{}, {"PYTHONNOUSERSITE": "0"}])
def test_the_path_of_another_python(tmp_path: Path, environ: dict[str, str]) -> None:
    other = other_python()
    if other is None:
        pytest.skip("this machine has one Python alone")
    _compare(tmp_path, str(other[0] / "bin" / f"python{other[1]}"), (), environ)


def _compare(base: Path, program: str, options: tuple[str, ...], environ: dict[str, str]) -> None:
    said = subprocess.run(
        [program, "-I", "-c", PROGRAM.decode()],
        env={"PYTHONUSERBASE": BASE},
        capture_output=True,
        text=True,
        check=True,
    )
    runtime = read_runtime(said.stdout)
    assert runtime is not None
    (base / runtime.user_site).mkdir(parents=True)
    ran = subprocess.run(
        [program, *options, "-c", "import sys; print(*sys.path[0 if sys.flags.isolated else 1:])"],
        # `site` reads this one whatever the options say.
        env={**environ, "PYTHONUSERBASE": str(base)},
        capture_output=True,
        text=True,
        check=True,
    )
    path = path_of(runtime, options, environ, str(base))
    ours = [*path.first, *path.before, *([path.user_site] if path.user_site else []), *path.after]
    assert ours == ran.stdout.split()


def test_what_is_in_the_program_itself_is_known() -> None:
    assert {"sys", "time", "builtins"} <= this_runtime().fixed
    assert "enum" not in this_runtime().fixed
