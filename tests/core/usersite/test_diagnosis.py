"""What clashes is found, with its cure; what does not clash gives no alarm."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.base import read_base
from jupyter_envmgr.core.usersite.diagnosis import (
    PROGRAM,
    Ground,
    Kept,
    Runtime,
    System,
    diagnose,
    path_of,
    read_runtime,
)
from jupyter_envmgr.core.usersite.diagnosis.codes import CODES
from jupyter_envmgr.core.usersite.model import Diagnosis, Finding, Target
from tests.core.packages.trees import dist_info

MINOR = f"{sys.version_info[0]}.{sys.version_info[1]}"
TAG = f"cp{sys.version_info[0]}{sys.version_info[1]}"


LIBC = (os.confstr("CS_GNU_LIBC_VERSION") or "").removeprefix("glibc ")


@cache
def this_runtime() -> Runtime:
    """What the Python that runs this says of itself."""
    argv = [sys.executable, "-I", "-c", PROGRAM.decode()]
    said = subprocess.run(argv, capture_output=True, text=True, check=True)
    found = read_runtime(said.stdout)
    assert found is not None
    return found


def library() -> tuple[str, ...]:
    """The directories of its standard library."""
    return tuple(p for p in this_runtime().path if not p.endswith("-packages"))


class Sites:
    """A user base and an image, made of files."""

    def __init__(self, root: Path) -> None:
        self.base = root / "local"
        self.user = self.base / "lib" / f"python{MINOR}" / "site-packages"
        self.image = root / "image" / "lib" / f"python{MINOR}" / "site-packages"
        self.user.mkdir(parents=True)
        self.image.mkdir(parents=True)
        (self.base / "bin").mkdir()

    def ground(self, *, visible: bool = True, environ: Mapping[str, str] | None = None) -> Ground:
        """A Python of the version that runs this, in a prefix with nothing but our image."""
        base = read_base(self.base)
        path = path_of(self.runtime, () if visible else ("-s",), environ or {}, base.path)
        target = Target("/image/bin/python", "/image", MINOR, visible=visible)
        commands = (str(self.base / "bin"), "/usr/bin")
        system = System(LIBC, False, commands, environ or {})
        return Ground(target, self.runtime, base, path, system, Kept())

    @property
    def runtime(self) -> Runtime:
        return replace(
            this_runtime(),
            executable=os.path.realpath(sys.executable),
            prefix="/image",
            base_prefix="/image",
            path=(*library(), str(self.image)),
            sites=(str(self.image),),
            user_site=f"lib/python{MINOR}/site-packages",
        )

    def diagnose(self, *, visible: bool = True) -> Diagnosis:
        return diagnose(self.ground(visible=visible), image="debian-12")

    def only(self, code: str) -> Finding:
        found = self.diagnose().findings
        assert [one.code for one in found] == [code]
        assert found[0].severity == CODES[code].severity
        return found[0]


@pytest.fixture
def sites(tmp_path: Path) -> Sites:
    return Sites(tmp_path)


def both(sites: Sites, name: str, user: str, image: str, head: str = "") -> None:
    dist_info(sites.user, name, user, head=head)
    dist_info(sites.image, name, image, head=head)


def test_a_clean_user_site_gives_nothing(sites: Sites) -> None:
    dist_info(sites.user, "only-mine", files={"only_mine.py": b""})
    dist_info(sites.image, "theirs", files={"theirs.py": b""})
    assert sites.diagnose().findings == ()


def test_the_same_version_as_the_images_is_noted_and_no_more(sites: Sites) -> None:
    both(sites, "same", "1.0", "1.0")
    assert sites.only("same-as-image").severity == "note"


def test_nothing_is_said_of_what_is_not_seen(sites: Sites) -> None:
    both(sites, "numpy", "1.21.6", "2.1.3")
    assert sites.diagnose(visible=False).findings == ()


def test_another_version_than_the_images_is_a_risk(sites: Sites) -> None:
    both(sites, "numpy", "1.21.6", "2.1.3")
    found = sites.only("hides-image")
    assert found.wins == "numpy 1.21.6"
    assert "2.1.3" in found.detail
    assert found.fix
    assert found.fix.packages == ("numpy",)
    assert found.fix.command == f"jupyter envmgr usersite reset --package numpy --python {MINOR}"
    assert dict(found.evidence)["Image"].startswith(str(sites.image))


def test_jupyter_itself_is_named(sites: Sites) -> None:
    both(sites, "jupyter-server", "1.0", "2.14")
    assert "2.14" in sites.only("jupyter-hidden").detail


def test_a_requirement_of_the_image_that_the_user_site_breaks(sites: Sites) -> None:
    both(sites, "jinja2", "2.11.3", "3.1.4")
    dist_info(sites.image, "flask", "3.0", head="Requires-Dist: Jinja2>=3.1.2\n")
    broken = [one for one in sites.diagnose().findings if one.code == "requirement-broken"]
    assert [one.subject for one in broken] == ["flask"]
    assert "flask 3.0 of the image needs" in broken[0].detail
    assert broken[0].fix
    assert broken[0].fix.packages == ("jinja2",)


def test_what_is_broken_without_the_user_site_too_is_not_its_fault(sites: Sites) -> None:
    dist_info(sites.image, "flask", "3.0", head="Requires-Dist: missing>=1\n")
    dist_info(sites.user, "other")
    assert sites.diagnose().findings == ()


def test_what_the_image_has_only_from_here_is_noted(sites: Sites) -> None:
    dist_info(sites.image, "pandas", "2.2", head="Requires-Dist: python-dateutil>=2.8\n")
    dist_info(sites.user, "python_dateutil", "2.9")
    assert "after a reset" in sites.only("needed-by-image").detail


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("Requires-Dist: absent", True),
        ("Requires-Dist: absent; extra == 'dev'", False),
        ("Requires-Dist: absent; python_version < '3'", False),
        ("Requires-Dist: absent; sys_platform == 'win32'", False),
        ("Requires-Dist: base[more]", True),
        ("Requires-Dist: base", False),
        ("Requires-Dist: not a requirement !!", False),
    ],
)
def test_markers_and_extras_decide(sites: Sites, line: str, broken: bool) -> None:
    dist_info(sites.user, "mine", head=f"{line}\n")
    dist_info(sites.image, "base", head="Requires-Dist: absent; extra == 'more'\n")
    codes = [one.code for one in sites.diagnose().findings]
    assert codes == (["requirement-broken"] if broken else [])


def test_requirements_are_left_out_without_packaging(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(sites.user, "mine", head="Requires-Dist: absent\n")
    for name in [n for n in sys.modules if n.partition(".")[0] == "packaging"]:
        monkeypatch.setitem(sys.modules, name, None)
    found = sites.diagnose()
    assert found.findings == ()
    assert "packaging" in found.skipped[0]


OLD = b"\x7fELF" + bytes(100) + b"numpy.core._multiarray_umath\0" + bytes(100)
NEW = OLD + b"numpy._core._multiarray_umath\0"


@pytest.mark.parametrize(("content", "fails"), [(OLD, True), (NEW, False)])
def test_a_module_for_numpy_1_fails_under_numpy_2(
    sites: Sites, content: bytes, fails: bool
) -> None:
    both(sites, "numpy", "2.0.2", "1.26.4")
    head = "Requires-Dist: numpy\n"
    dist_info(sites.image, "pandas", "2.1", head=head, files={"pandas/lib.so": content})
    found = [one for one in sites.diagnose().findings if one.code == "numpy-abi"]
    assert bool(found) == fails
    if fails:
        assert found[0].subject == "pandas"
        assert found[0].fix
        assert found[0].fix.packages == ("numpy",)


@pytest.mark.parametrize(
    ("tag", "fits"),
    [
        ("py3-none-any", True),
        ("py2.py3-none-any", True),
        (f"{TAG}-{TAG}-manylinux_2_17_{platform.machine()}.manylinux2014", True),
        (f"cp36-abi3-manylinux2014_{platform.machine()}", True),
        (f"{TAG}-{TAG}-linux_{platform.machine()}", True),
        (f"{TAG}-{TAG}-musllinux_1_1_{platform.machine()}", False),
        (f"{TAG}-{TAG}-manylinux2014_sparc64", False),
        ("cp27-cp27mu-manylinux1_x86_64", False),
        ("cp399-abi3-any", False),
    ],
)
def test_a_wheel_for_something_else_is_told_by_its_tags(sites: Sites, tag: str, fits: bool) -> None:
    dist_info(sites.user, "mine", extra={"WHEEL": f"Wheel-Version: 1.0\nTag: {tag}\n"})
    codes = [one.code for one in sites.diagnose().findings]
    assert codes == ([] if fits else ["wrong-platform"])


def test_a_module_that_needs_a_newer_system(sites: Sites) -> None:
    """By a real module, once as it is and once with versions that no system has yet."""
    import _ctypes

    content = Path(_ctypes.__file__).read_bytes()
    dist_info(sites.user, "mine", files={"mine.so": content})
    assert sites.diagnose().findings == ()
    newer = content.replace(b"GLIBC_2.", b"GLIBC_9.")
    dist_info(sites.user, "mine", files={"mine.so": newer})
    assert "GLIBC_9." in sites.only("glibc-too-old").detail


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF", b"\x7fELF\x02\x01" + b"\xff" * 200, b"x" * 99]
)
def test_a_file_that_only_looks_like_a_module_is_passed_over(sites: Sites, content: bytes) -> None:
    dist_info(sites.user, "mine", files={"mine.so": content})
    assert sites.diagnose().findings == ()


def _missing(sites: Sites) -> None:
    dist_info(sites.user, "requests", files={"requests/__init__.py": b"", "requests/api.py": b""})
    shutil.rmtree(sites.user / "requests")


def _leftover(sites: Sites) -> None:
    (sites.user / "~umpy-1.0.dist-info").mkdir()


def _twice(sites: Sites) -> None:
    dist_info(sites.user, "attrs", "21.1")
    dist_info(sites.user, "attrs", "24.2")


def _no_record(sites: Sites) -> None:
    (dist_info(sites.user, "mine") / "RECORD").unlink()


def _editable(sites: Sites) -> None:
    url = '{"url": "file:///gone/project", "dir_info": {"editable": true}}'
    dist_info(sites.user, "project", extra={"direct_url.json": url})


def _stray(sites: Sites) -> None:
    dist_info(sites.image, "pyyaml", files={"yaml/__init__.py": b""})
    (sites.user / "yaml.py").write_text("")


def _path_line(sites: Sites) -> None:
    (sites.user / "old.pth").write_text("/gone/project\n# a comment\n")


def _script(sites: Sites) -> None:
    (sites.base / "bin" / "ls").write_text("#!/opt/gone/bin/python3.9\n")
    (sites.base / "bin" / "fine").write_text(f"#!{sys.executable}\n")


def _cuda(sites: Sites) -> None:
    dist_info(sites.user, "nvidia-cudnn-cu11", "8.9")
    dist_info(sites.image, "nvidia-cudnn-cu12", "9.1")


@pytest.mark.parametrize(
    ("make", "code", "subject"),
    [
        (_missing, "missing-files", "requests"),
        (_leftover, "leftover", "~umpy-1.0.dist-info"),
        (_twice, "duplicate", "attrs"),
        (_no_record, "no-record", "mine"),
        (_editable, "dead-editable", "project"),
        (_stray, "stray-module", "yaml.py"),
        (_path_line, "dead-path-line", "old.pth"),
        (_script, "dead-script", "ls"),
        (_cuda, "cuda-mixed", "CUDA"),
    ],
    ids=lambda value: value.__name__.strip("_") if callable(value) else None,
)
def test_what_is_incomplete_or_left_over_is_found(
    sites: Sites, make: Callable[[Sites], None], code: str, subject: str
) -> None:
    make(sites)
    found = sites.only(code)
    assert found.subject == subject
    assert found.evidence


def test_a_dead_command_says_which_one_it_hides(sites: Sites) -> None:
    _script(sites)
    assert sites.only("dead-script").wins == "/usr/bin/ls"


def test_the_worst_comes_first(sites: Sites) -> None:
    _leftover(sites)
    _missing(sites)
    both(sites, "numpy", "1.0", "2.0")
    found = sites.diagnose()
    assert [one.severity for one in found.findings] == ["will-fail", "risk", "note"]
    assert found.counts == {"proven": 0, "will-fail": 1, "risk": 1, "note": 1}


def test_a_healthy_user_site_gives_no_alarm(tmp_path: Path) -> None:
    """The hundred and more distributions that these tests run on, as a user site."""
    here = Path(pytest.__file__).parents[1]
    sites = Sites(tmp_path)
    sites.user.rmdir()
    sites.user.symlink_to(here)
    found = sites.diagnose()
    assert found.package_count > 100
    assert [one for one in found.findings if one.severity == "will-fail"] == []


def test_it_agrees_with_pip_check(tmp_path: Path) -> None:
    sites = Sites(tmp_path)
    dist_info(sites.user, "one", head="Requires-Dist: two>=2\nRequires-Dist: three\n")
    dist_info(sites.user, "two", "1.0")
    dist_info(sites.user, "four", head="Requires-Dist: two<3; python_version > '3'\n")
    environ = {**os.environ, "PYTHONPATH": str(sites.user)}
    said = subprocess.run(
        [sys.executable, "-m", "pip", "check"], env=environ, capture_output=True, text=True
    ).stdout
    ours = [one.detail for one in sites.diagnose().findings]
    assert sorted(ours) == [
        "one 1.0 needs three, and it is not installed.",
        "one 1.0 needs two>=2, and two 1.0 is what is loaded.",
    ]
    assert "one 1.0 has requirement two>=2, but you have two 1.0" in said
    assert "one 1.0 requires three, which is not installed" in said
    assert "four" not in said
