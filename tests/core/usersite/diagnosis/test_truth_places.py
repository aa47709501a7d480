"""Real user sites of other Pythons, leftovers and requirements, beside what Python and pip say."""

from __future__ import annotations

import platform
import re
import shutil
import struct
import subprocess
from pathlib import Path

import pytest

from tests.core.packages.trees import dist_info

from .scenarios import SUFFIX
from .truth import Truth, normal, other_python

pytestmark = [pytest.mark.network, pytest.mark.timeout(600)]


@pytest.fixture
def truth(tmp_path: Path) -> Truth:
    return Truth(tmp_path)


def _other(tmp_path: Path, package: str) -> Path:
    """The site directory of another Python with a compiled package."""
    other = other_python()
    if other is None:
        pytest.skip("this machine has one Python alone")
    older = Truth(tmp_path / "other", base=other[0], minor=other[1])
    older.put(older.user, package)
    return older.user


def test_packages_of_another_python_by_pythonpath(tmp_path: Path, truth: Truth) -> None:
    place = _other(tmp_path, "markupsafe==2.1.5")
    numpy = _other(tmp_path / "numpy", "numpy==1.24.4")
    shutil.copytree(numpy, place, dirs_exist_ok=True)
    truth.environ["PYTHONPATH"] = str(place)
    assert truth.error("import numpy")
    assert ("pythonpath-other", str(place)) in truth.worst()
    del truth.environ["PYTHONPATH"]
    assert truth.findings() == ()


def test_packages_of_another_python_that_were_copied_here(tmp_path: Path, truth: Truth) -> None:
    shutil.rmtree(truth.user)
    shutil.copytree(_other(tmp_path, "numpy==1.24.4"), truth.user)
    assert truth.error("import numpy")
    assert truth.worst() == {("wrong-platform", "numpy")}


def test_a_namespace_line_whose_packages_are_gone(truth: Truth) -> None:
    truth.put(truth.user, "protobuf==3.19.6")
    assert truth.said("1") == ""
    assert truth.findings() == ()
    shutil.rmtree(truth.user / "google")
    assert "Error processing line 1" in truth.said("1")
    (found,) = [f for f in truth.findings() if f.code == "path-line-fails"]
    assert re.fullmatch(r"protobuf-3\.19\.6(-py3\.\d+)?-nspkg\.pth", found.subject)


def test_a_package_that_hides_a_namespace_of_the_image(truth: Truth) -> None:
    truth.put(truth.image, "googleapis-common-protos==1.66.0", "protobuf==5.29.3")
    program = "from google.rpc import status_pb2"
    assert truth.error(program) == ""
    dist_info(truth.user, "careless", files={"google/__init__.py": b"", "google/x.py": b""})
    assert "No module named" in truth.error(program)
    assert truth.worst() == {("namespace-hidden", "careless")}


def test_the_old_style_of_a_namespace_hides_nothing(truth: Truth) -> None:
    truth.put(truth.image, "googleapis-common-protos==1.66.0", "protobuf==5.29.3")
    truth.put(truth.user, "protobuf==3.20.3")
    assert truth.error("import google.rpc, google.protobuf") == ""
    assert not [code for code, _ in truth.worst() if code == "namespace-hidden"]


def test_two_builds_of_opencv(truth: Truth) -> None:
    truth.put(truth.user, "opencv-python==4.10.0.84")
    truth.put(truth.user, "opencv-python-headless==4.9.0.80")
    (found,) = [f for f in truth.findings() if f.code == "two-owners"]
    assert found.fix
    assert set(found.fix.packages) == {"opencv-python", "opencv-python-headless"}


def test_a_stray_module_of_the_name_of_a_package(truth: Truth) -> None:
    truth.put(truth.image, "pyyaml==6.0.2")
    (truth.user / "yaml.py").write_text("data = {}\n")
    assert "safe_load" in truth.error("import yaml; yaml.safe_load('1')")
    assert truth.worst() == {("stray-module", "yaml.py")}


def test_an_editable_installation_whose_sources_moved(tmp_path: Path, truth: Truth) -> None:
    project = tmp_path / "project"
    (project / "mine").mkdir(parents=True)
    (project / "mine" / "__init__.py").touch()
    text = "[project]\nname='mine'\nversion='1'\n[build-system]\nrequires=['setuptools']\n"
    (project / "pyproject.toml").write_text(text + "build-backend='setuptools.build_meta'\n")
    truth.put(truth.user, "-e", str(project))
    assert truth.error("import mine") == ""
    assert not truth.worst()
    project.rename(tmp_path / "moved")
    assert "No module named" in truth.error("import mine")
    assert truth.worst() == {("dead-editable", "mine")}


@pytest.mark.skipif(platform.machine() != "x86_64", reason="levels of x86-64")
@pytest.mark.skipif(shutil.which("gcc") is None, reason="no compiler")
def test_the_loader_refuses_what_needs_a_newer_processor(tmp_path: Path, truth: Truth) -> None:
    """By the bit of a level that no processor has yet; C libraries before 2.33 do not look."""
    source = tmp_path / "mine.c"
    source.write_text("int f(void) { return 1; }\n")
    argv = ["gcc", "-shared", "-fPIC", "-Wl,-z,x86-64-v4", "-o", str(tmp_path / "mine.so")]
    if subprocess.run([*argv, str(source)], check=False, capture_output=True).returncode:
        pytest.skip("this linker does not write levels")
    data = (tmp_path / "mine.so").read_bytes()
    note = struct.pack("<III", 0xC0008002, 4, 8)
    assert data.count(note) == 1
    newer = data.replace(note, struct.pack("<III", 0xC0008002, 4, 16))
    dist_info(truth.user, "mine", files={f"mine{SUFFIX}": newer})
    said = truth.error("import mine")
    if "ISA level" not in said:
        pytest.skip("this C library does not look at the level")
    assert truth.worst() == {("cpu-too-old", "mine")}


@pytest.mark.parametrize("seed", ["old over new", "new over old"])
def test_requirements_are_those_of_pip_check(truth: Truth, seed: str) -> None:
    """As a difference: what the user site breaks, and what it alone meets."""
    old = [
        *("jinja2==2.11.3", "click==7.1.2", "urllib3==1.25.11", "idna==2.8", "certifi==2019.3.9"),
        *("attrs==19.3.0", "packaging==19.0", "typing-extensions==3.7.4.3", "anyio==2.2.0"),
    ]
    new = [
        *("flask==3.0.3", "requests==2.32.3", "httpx==0.27.2", "jsonschema==4.23.0"),
        "rich==13.8.0",
    ]
    truth.put(truth.image, *(new if seed == "old over new" else ("flask==1.1.4", *old)))
    truth.put(truth.user, *(old if seed == "old over new" else new))
    with_user, without = truth.pip_check(user=True), truth.pip_check(user=False)
    assert with_user
    assert without
    ours: dict[str, set[str]] = {"requirement-broken": set(), "needed-by-image": set()}
    for found in truth.findings():
        if found.code in ours:
            rows = dict(found.evidence)
            wanted = re.match(r"[\w.-]+", rows["Requirement"])
            assert wanted
            one, version, *_ = rows["Required by"].rstrip(":").split(" ")
            ours[found.code].add(normal(f"{one} {version.rstrip(':')} {wanted.group()}"))
    assert ours["requirement-broken"] == with_user - without
    assert ours["needed-by-image"] == without - with_user
