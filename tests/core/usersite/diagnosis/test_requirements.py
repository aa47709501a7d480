"""Requirements: what the user site breaks and what it alone meets, as pip would say it."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.core.packages.trees import dist_info

from .sites import MINOR, Sites


def test_a_requirement_of_the_image_that_the_user_site_breaks(sites: Sites) -> None:
    sites.both("jinja2", "2.11.3", "3.1.4")
    dist_info(sites.image, "flask", "3.0", head="Requires-Dist: Jinja2>=3.1.2\n")
    (broken,) = sites.of("requirement-broken")
    assert broken.subject == "flask"
    assert "flask 3.0 of the image needs" in broken.detail
    assert dict(broken.evidence)["Requirement"] == "Jinja2>=3.1.2"
    assert broken.fix
    assert broken.fix.packages == ("jinja2",)


def test_what_is_broken_without_the_user_site_too_is_not_its_fault(sites: Sites) -> None:
    dist_info(sites.image, "flask", "3.0", head="Requires-Dist: missing>=1\n")
    dist_info(sites.user, "other")
    assert sites.codes() == []


def test_what_the_image_has_only_from_here_is_noted(sites: Sites) -> None:
    dist_info(sites.image, "pandas", "2.2", head="Requires-Dist: python-dateutil>=2.8\n")
    dist_info(sites.user, "python_dateutil", "2.9")
    assert "after a reset" in sites.only("needed-by-image").detail


def test_what_clashes_inside_the_user_site_is_cured_by_an_installation(sites: Sites) -> None:
    dist_info(sites.user, "one", head="Requires-Dist: two>=2\n")
    dist_info(sites.user, "two", "1.0")
    fix = sites.only("requirement-broken").fix
    assert fix
    assert fix.remedy == "reinstall"
    assert fix.command.endswith("install --user 'two>=2'")


@pytest.mark.parametrize(
    ("line", "broken"),
    [
        ("Requires-Dist: absent", True),
        ("Requires-Dist: absent; extra == 'dev'", False),
        ("Requires-Dist: absent; python_version < '3'", False),
        (f"Requires-Dist: absent; python_version == '{MINOR}' or extra == 'dev'", True),
        ("Requires-Dist: absent; sys_platform == 'win32'", False),
        ("Requires-Dist: base[more]", True),
        ("Requires-Dist: base[More_]", False),
        ("Requires-Dist: base", False),
        ("Requires-Dist: base>=1.0rc1", False),
        ("Requires-Dist: base!=1.*", True),
        ("Requires-Dist: not a requirement !!", False),
        ("Requires-Dist: base @ https://example.org/base.whl", False),
    ],
)
def test_markers_and_extras_decide(sites: Sites, line: str, broken: bool) -> None:
    dist_info(sites.user, "mine", head=f"{line}\n")
    dist_info(sites.image, "base", head="Requires-Dist: absent; extra == 'more'\n")
    assert sites.codes() == (["requirement-broken"] if broken else [])


def test_extras_are_followed_through_each_other(sites: Sites) -> None:
    head = "Requires-Dist: deep[more]; extra == 'all'\n"
    dist_info(sites.user, "mine", head="Requires-Dist: base[all]\n")
    dist_info(sites.image, "base", head=head)
    dist_info(sites.image, "deep", head="Requires-Dist: absent; extra == 'more'\n")
    assert "(deep[more])" in sites.only("requirement-broken").detail


def test_extras_that_ask_for_each_other_come_to_an_end(sites: Sites) -> None:
    dist_info(sites.user, "one", head="Requires-Dist: two[x]; extra == 'x'\n")
    dist_info(sites.user, "two", head="Requires-Dist: one[x]; extra == 'x'\n")
    dist_info(sites.user, "mine", head="Requires-Dist: one[x]\n")
    assert sites.codes() == []


def test_requirements_are_left_out_without_packaging(
    sites: Sites, monkeypatch: pytest.MonkeyPatch
) -> None:
    dist_info(sites.user, "mine", head="Requires-Dist: absent\n")
    for name in [n for n in sys.modules if n.partition(".")[0] == "packaging"]:
        monkeypatch.setitem(sys.modules, name, None)
    found = sites.diagnose()
    assert found.findings == ()
    assert "packaging" in found.skipped[0]


def test_all_else_is_said_without_packaging(sites: Sites, monkeypatch: pytest.MonkeyPatch) -> None:
    sites.both("numpy", "1.0", "2.0")
    for name in [n for n in sys.modules if n.partition(".")[0] == "packaging"]:
        monkeypatch.setitem(sys.modules, name, None)
    assert sites.codes() == ["hides-image"]


def test_a_version_that_is_none_breaks_nothing(sites: Sites) -> None:
    dist_info(sites.user, "mine", head="Requires-Dist: base>=1\n")
    dist_info(sites.image, "base", "unknown")
    assert sites.codes() == []


def test_it_agrees_with_pip_check(sites: Sites) -> None:
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


# -- imports that cannot work -----------------------------------------------------------------


def _over(sites: Sites, demand: bytes, source: bytes) -> list[str]:
    """The codes for a package of the user site that asks another one of the image for something."""
    head = "Requires-Dist: base\n"
    dist_info(sites.user, "mine", head=head, files={"mine/__init__.py": demand})
    dist_info(sites.image, "base", files={"base/__init__.py": source, "base/part.py": b""})
    return sites.codes()


@pytest.mark.parametrize(
    "demand",
    [
        b"from base import gone\n",
        b"from base import (\n    part,  # a comment\n    gone,\n)\n",
        b"from base import part, \\\n    gone as other\n",
        b"import base.gone\n",
        b"from base.gone import x\n",
        b"from .sub import x\nfrom base import gone\n",
    ],
)
def test_an_import_of_what_is_not_there(sites: Sites, demand: bytes) -> None:
    assert _over(sites, demand, b"def here(): ...\n") == ["import-breaks"]


@pytest.mark.parametrize(
    "demand",
    [
        b"from base import here\n",
        b"from base import part\n",
        b"import base.part\n",
        b"from base import *\n",
        b"try:\n    from base import gone\nexcept ImportError:\n    gone = None\n",
        b"def f():\n    from base import gone\n",
        b'"""\nfrom base import gone\n"""\n',
        b"if False:\n    from base import gone\n",
        b"# from base import gone\n",
    ],
)
def test_an_import_that_works_or_may_be_done_without(sites: Sites, demand: bytes) -> None:
    assert _over(sites, demand, b"def here(): ...\n") == []


@pytest.mark.parametrize(
    "source",
    [
        b"gone = 1\n",
        b"gone: int = 1\n",
        b"a, (gone, *b) = 1, (2, 3)\n",
        b"class gone: ...\n",
        b"async def gone(): ...\n",
        b"from .part import x as gone\n",
        b"import x.y as gone\n",
        b"import gone.part\n",
        b"if 1:\n    gone = 1\n",
        b"try:\n    import x as gone\nexcept ImportError:\n    pass\n",
        b"with open(x) as gone:\n    pass\n",
        b"for gone in ():\n    pass\n",
        b"if (gone := 1):\n    pass\n",
        b"def f():\n    global gone\n    gone = 1\n",
        b"def __getattr__(name): ...\n",
        b"from lazy_loader import attach\n__getattr__, __dir__, __all__ = attach(__name__)\n",
        b"import sys\nsys.modules[__name__] = object()\n",
        b"globals().update(gone=1)\n",
        b"globals()['gone'] = 1\n",
        b"for n in ('gone',):\n    exec(n + ' = 1')\n",
        b"from .compiled import *\n",
        b"from elsewhere import *\n",
        b"from . import maker\n",
        b"this is no python\n",
    ],
)
def test_a_name_that_is_there_or_may_be(sites: Sites, source: bytes) -> None:
    maker = b"import sys\nsys.modules['base'] = object()\n"
    dist_info(sites.image, "more", files={"base/maker.py": maker})
    assert _over(sites, b"from base import gone\n", source) == []


@pytest.mark.parametrize(
    "source",
    [
        b"class A:\n    def __getattr__(self, name): ...\n",
        b"class A:\n    gone = 1\n",
        b"def f():\n    gone = 1\n",
        b"def f(self):\n    setattr(self, 'x', 1)\n",
        b"import sys\nx = sys.modules.get('base')\n",
        b"x = 'gone' in globals()\n",
        b"from .part import *\n",
        b"'gone = 1'\n",
    ],
)
def test_a_name_that_only_seems_to_be_there(sites: Sites, source: bytes) -> None:
    assert _over(sites, b"from base import gone\n", source) == ["import-breaks"]


@pytest.mark.parametrize(
    ("jax", "jaxlib", "refused"),
    [
        ("0.4.25", "0.4.30", True),
        ("0.4.30", "0.4.28", False),
        ("0.4.30", "0.4.30", False),
        ("0.4.30", "0.4.30+cuda12.cudnn91", False),
    ],
)
def test_jax_takes_no_newer_jaxlib(sites: Sites, jax: str, jaxlib: str, refused: bool) -> None:
    """Whatever its requirements say: ``RuntimeError: jaxlib version … is newer than …``."""
    dist_info(sites.image, "jax", jax)
    dist_info(sites.user, "jaxlib", jaxlib)
    assert sites.codes() == (["import-breaks"] if refused else [])


def test_the_half_of_a_package_that_its_other_version_does_not_hide(sites: Sites) -> None:
    """attrs 19 of the user site hides ``attr`` of the image's, and not its ``attrs``."""
    dist_info(sites.user, "attrs", "19.3", files={"attr/__init__.py": b"def s(): ...\n"})
    files = {
        "attr/__init__.py": b"def s(): ...\nclass AttrsInstance: ...\n",
        "attrs/__init__.py": b"from attr import AttrsInstance\n",
    }
    dist_info(sites.image, "attrs", "24.2", files=files)
    (found,) = sites.of("import-breaks")
    assert found.fix
    assert found.fix.packages == ("attrs",)
