"""A program is probed as the kernel would run it, with that kernel's interpreter and variables."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from tests.homes import Home
from tests.images import MINOR, make_image, site_of
from tests.labs import Lab, install, wait


def test_the_program_runs_as_the_kernel_would(broken: Lab) -> None:
    broken.kernel("isolated", [str(broken.program), "-m", "x"], {"PYTHONNOUSERSITE": "1"})
    broken.kernel("option", [str(broken.program), "-s", "-m", "x"])
    broken.kernel("plain", ["python", "-m", "x"], {"WORD": "${HOME}/x"})
    for name in ("isolated", "option"):
        proof = broken.prove("import jinja", kernel=name)
        assert proof.verdict == "works"
        assert not proof.target.visible
    home = str(broken.home.home)
    code = f"import os, jinja\nassert os.environ['WORD'] == {home + '/x'!r}"
    proof = broken.prove(code, kernel="plain")
    assert (proof.verdict, proof.target.interpreter) == ("user-site", str(broken.program))
    assert proof.fix is not None
    assert proof.fix.kernel == "plain"


def test_a_failure_where_the_user_site_is_not_seen_says_why(broken: Lab) -> None:
    broken.kernel("isolated", [str(broken.program), "-m", "x"], {"PYTHONNOUSERSITE": "1"})
    proof = broken.prove("import bystander", kernel="isolated")
    assert proof.verdict == "not-user-site"
    assert "PYTHONNOUSERSITE is set" in proof.summary
    assert len(proof.probes) == 1


def test_a_user_base_of_the_kernel_is_the_one_that_is_probed(broken: Lab, tmp_path: Path) -> None:
    profile = Home(tmp_path / "profile")
    install(profile.site(MINOR), "jinja", "1.0", jinja="raise RuntimeError\n")
    broken.kernel("p", [str(broken.program), "-m", "x"], {"PYTHONUSERBASE": str(profile.base)})
    proof = broken.prove("import jinja", kernel="p")
    assert proof.culprits == ("jinja",)
    assert "jinja 1.0" in proof.summary


def test_a_venv_with_system_packages_sees_the_user_site(broken: Lab, tmp_path: Path) -> None:
    for name, options in (("open", ["--system-site-packages"]), ("closed", [])):
        venv = tmp_path / name
        command = [str(broken.program), "-m", "venv", "--without-pip", *options, str(venv)]
        subprocess.run(command, check=True, env=broken.environ)
        broken.kernel(name, [str(venv / "bin/python"), "-m", "x"])
    assert broken.prove("import jinja", kernel="open").culprits == ("jinja",)
    proof = broken.prove("import jinja", kernel="closed")
    assert proof.verdict == "not-user-site"
    assert "a virtual environment does not look at" in proof.summary


def test_a_user_site_on_pythonpath_is_seen_through(broken: Lab) -> None:
    broken.environ["PYTHONPATH"] = str(broken.site)
    proof = broken.prove("import jinja")
    assert (proof.verdict, proof.culprits) == ("user-site", ("jinja",))
    assert "PYTHONPATH" in proof.target.why_visible


def test_an_interpreter_that_ignores_variables_ignores_pythonpath(broken: Lab) -> None:
    broken.environ["PYTHONPATH"] = str(broken.site)
    broken.kernel("isolated", [str(broken.program), "-I", "-m", "x"])
    broken.kernel("mixed", [str(broken.program), "-E", "-m", "x"], {"PYTHONNOUSERSITE": "1"})
    proof = broken.prove("import jinja", kernel="isolated")
    assert (proof.verdict, proof.target.visible) == ("works", False)
    assert "starts it with -I" in proof.summary
    proof = broken.prove("import jinja", kernel="mixed")
    assert proof.culprits == ("jinja",)
    assert [probe.ok for probe in proof.probes] == [False, True, True, True]


def test_the_site_of_another_python_on_pythonpath_is_a_culprit(broken: Lab) -> None:
    other = broken.home.site("2.7")
    (other / "markup.py").write_text("print 'old'\n")
    (broken.site / "jinja.py").write_text("from markup import escape\n")
    broken.environ["PYTHONPATH"] = str(other)
    proof = broken.prove("import jinja")
    assert proof.culprits == (str(other),)


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["/bin/sh", "-c", "x"], "wrong-state"), (["/gone/bin/python3"], "interpreter-missing")],
)
def test_a_kernel_that_cannot_be_probed_is_refused(lab: Lab, argv: list[str], code: str) -> None:
    lab.kernel("odd", argv)
    with pytest.raises(EnvMgrError) as caught:
        lab.start("1", kernel="odd")
    assert caught.value.code == code
    assert "odd" in caught.value.detail
    with pytest.raises(EnvMgrError) as caught:
        lab.start("1", kernel="nothing")
    assert caught.value.code == "no-such-kernel"


def test_an_interpreter_that_does_not_start_says_so(lab: Lab) -> None:
    lab.environ["PYTHONHOME"] = "/nowhere"
    context, job = lab.start("1")
    job = wait(context, job)
    assert job.problem is not None
    assert job.problem.code == "interpreter-missing"
    assert lab.workplaces() == []


def test_a_user_site_that_kills_the_start_is_found_out(lab: Lab) -> None:
    (lab.site / "deadly.pth").write_text("import os; os._exit(7)\n")
    proof = lab.prove("print(1)")
    assert (proof.verdict, proof.culprits) == ("user-site", ("deadly.pth",))


@pytest.mark.parametrize("version", ["2.7.18", "3.6.15", "3.13.0"])
def test_other_pythons_can_be_probed(tmp_path: Path, version: str) -> None:
    base = Path(sys.base_prefix).parent / version
    minor = version.rpartition(".")[0]
    if not (base / "bin" / f"python{minor}").exists():
        pytest.skip(f"there is no Python {version} here")
    lab = Lab(tmp_path)
    lab.program = make_image(tmp_path / "other", base, minor)
    lab.site = lab.home.site(minor)
    install(site_of(lab.program), "thing", "1.0", thing="")
    install(lab.site, "thing", "2.0", thing="raise RuntimeError('no')\n")
    proof = lab.prove("# é\nimport thing\n")
    lab.close()
    assert (proof.culprits, proof.target.python) == (("thing",), minor)
