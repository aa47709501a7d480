"""A package is imported as what its files say, not as it is called."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envmgr.core.packages.import_names import ImportNames, import_names
from jupyter_envmgr.core.packages.model import Package


def listed(site: Path, name: str, *files: str, editable: bool = False) -> Package:
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "RECORD").write_text("".join(f"{file},sha256=x,1\n" for file in files))
    return Package(name, "1.0", path=str(info), editable=editable)


@pytest.mark.parametrize(
    ("name", "files", "modules"),
    [
        ("scikit-learn", ["sklearn/__init__.py", "sklearn/_build.so"], ("sklearn",)),
        ("opencv-python", ["cv2/__init__.py", "cv2/cv2.abi3.so"], ("cv2",)),
        ("PyYAML", ["_yaml/__init__.py", "yaml/__init__.py"], ("yaml",)),
        ("attrs", ["attr/__init__.py", "attrs/__init__.py"], ("attrs",)),
        ("ipython", ["IPython/__init__.py"], ("IPython",)),
        ("six", ["six.py", "__pycache__/six.cpython-311.pyc"], ("six",)),
        ("cffi", ["_cffi_backend.cpython-311-x86_64-linux-gnu.so", "cffi/__init__.py"], ("cffi",)),
        ("greenlets", ["_c.cpython-311-x86_64-linux-gnu.so"], ("_c",)),
        (
            "protobuf",
            ["google/protobuf/__init__.py", "google/_upb/_m.abi3.so"],
            ("google.protobuf",),
        ),
        (
            "nvidia-cublas-cu12",
            ["nvidia/cublas/__init__.py", "nvidia/cublas/lib/__init__.py"],
            ("nvidia.cublas",),
        ),
        ("mpl", ["one/__init__.py", "two.py", "three.py", "four.py"], ("four", "one", "three")),
        ("quoted", ['"a,b/__init__.py"', "good/__init__.py"], ("good",)),
        ("pure-namespace", ["space/inner.py"], ("space",)),
        (
            "google-cloud-core",
            ["google/cloud/_helpers/__init__.py", "google/cloud/_testing/__init__.py"],
            ("google.cloud._helpers",),
        ),
        ("libs", ["cv2/__init__.py", "opencv_python.libs/libav.so"], ("cv2",)),
        ("strays", ["tests/__init__.py", "thing/__init__.py"], ("thing",)),
        ("a-tool", ["../../../bin/a-tool", "a_tool-1.0.data/scripts/x.py"], ()),
        ("no-identifier", ["has-dash/__init__.py", "1st.py"], ()),
    ],
)
def test_by_the_files_that_it_lists(
    tmp_path: Path, name: str, files: list[str], modules: tuple[str, ...]
) -> None:
    assert import_names(listed(tmp_path, name, *files)) == ImportNames(modules)


def test_what_lists_nothing_is_guessed_by_its_name(tmp_path: Path) -> None:
    package = Package("Some-Thing", "1.0", path=str(tmp_path / "some_thing-1.0.dist-info"))
    assert import_names(package) == ImportNames(("some_thing",), guessed=True)


def test_an_editable_one_lists_only_how_it_is_found(tmp_path: Path) -> None:
    package = listed(tmp_path, "my-code", "__editable__.my_code-1.0.pth", editable=True)
    assert import_names(package) == ImportNames(("my_code",), guessed=True)
    Path(package.path, "top_level.txt").write_text("other\n")
    assert import_names(package) == ImportNames(("other",))


def test_an_older_one_lists_its_files_beside_its_metadata(tmp_path: Path) -> None:
    info = tmp_path / "PyOld-1.0-py3.6.egg-info"
    info.mkdir()
    package = Package("PyOld", "1.0", path=str(info))
    (info / "top_level.txt").write_text("old\n")
    assert import_names(package) == ImportNames(("old",))
    (info / "installed-files.txt").write_text("../older/__init__.py\nPKG-INFO\n")
    assert import_names(package) == ImportNames(("older",))


@pytest.mark.parametrize("site", ["lib/python3.11/site-packages", "site-packages"])
def test_a_conda_package_by_the_name_of_the_distribution_in_it(tmp_path: Path, site: str) -> None:
    files = ["torch-2.8.0.dist-info/RECORD", "torch/__init__.py", "functorch/__init__.py"]
    record = tmp_path / "pytorch-2.8.0-h1.json"
    record.write_text(json.dumps({"files": [f"{site}/{f}" for f in files] + ["lib/libc10.so"]}))
    assert import_names(Package("pytorch", "2.8.0", path=str(record))).modules == ("torch",)


def test_a_conda_package_without_python_has_nothing_to_import(tmp_path: Path) -> None:
    record = tmp_path / "zlib-1.3-h1.json"
    record.write_text(json.dumps({"files": ["lib/libz.so", "share/x/module.py"]}))
    assert import_names(Package("zlib", "1.3", path=str(record))) == ImportNames(())
