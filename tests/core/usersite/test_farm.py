"""What of a user site can be hidden, and what a farm shows of the rest."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from jupyter_envmgr.core.usersite.farm import UserTree, read_tree
from tests.homes import Home

SITE = "lib/python3.11/site-packages"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


def tree(home: Home, *image: Path) -> UserTree:
    return read_tree(str(home.base), str(home.site()), [str(path) for path in image])


def shown(home: Home, *hidden: str) -> set[str]:
    """What a farm has in its site directory, links and files and directories of its own."""
    layout = tree(home).layout(hidden)
    everything = {*layout.links, *layout.files, *layout.directories}
    return {os.path.relpath(path, SITE) for path in everything if path.startswith(SITE + "/")}


def test_a_distribution_is_hidden_with_all_that_its_record_lists(home: Home) -> None:
    home.package("one", files={"one/__init__.py": "", "one_extra.py": ""})
    home.package("two")
    assert shown(home) == {"one", "one_extra.py", "one-1.0.dist-info", "two", "two-1.0.dist-info"}
    assert shown(home, "one") == {"two", "two-1.0.dist-info"}


def test_the_links_lead_to_the_real_entries(home: Home) -> None:
    home.package("one")
    links = tree(home).layout(()).links
    assert links[f"{SITE}/one"] == str(home.site() / "one")


def test_what_no_distribution_lists_is_a_unit_by_itself(home: Home) -> None:
    home.package("one")
    (home.site() / "yaml.py").touch()
    (home.site() / "~ne").mkdir()
    assert [u.token for u in tree(home).units if not u.is_distribution] == ["yaml.py", "~ne"]
    assert shown(home, "yaml.py") == {"one", "one-1.0.dist-info", "~ne"}


def test_a_namespace_is_taken_apart_below_the_level_that_is_shared(home: Home) -> None:
    for part in ("one", "two"):
        home.package(f"ns-{part}", files={f"ns/deep/{part}/__init__.py": "", f"ns/{part}.py": ""})
    assert "ns" in shown(home)
    assert "ns/deep" not in shown(home)
    visible = shown(home, "ns-one")
    assert {"ns", "ns/deep", "ns/deep/two", "ns/two.py"} <= visible
    assert not {"ns/deep/one", "ns/one.py"} & visible


def test_a_stray_within_a_shared_directory_can_be_hidden_too(home: Home) -> None:
    for part in ("one", "two"):
        home.package(f"ns-{part}", files={f"ns/{part}.py": ""})
    (home.site() / "ns/stray.py").touch()
    assert "ns/stray.py" in [unit.token for unit in tree(home).units]
    assert {"ns/one.py", "ns/two.py"} <= shown(home, "ns/stray.py")
    assert "ns/stray.py" not in shown(home, "ns/stray.py")


def test_a_file_that_two_distributions_own_goes_only_with_both(home: Home) -> None:
    for name in ("opencv-python", "opencv-python-headless"):
        home.package(name, files={"cv2/__init__.py": ""})
    assert "cv2/__init__.py" in shown(home, "opencv-python")
    assert "cv2" not in shown(home, "opencv-python", "opencv-python-headless")


def test_two_metadata_directories_of_one_name_are_one_unit(home: Home) -> None:
    home.package("one", "1.0")
    home.package("one", "2.0")
    assert [unit.token for unit in tree(home).units] == ["one"]
    assert shown(home, "one") == set()


def test_everything_else_of_the_base_is_there_as_it_is(home: Home) -> None:
    home.package("one", scripts=["one"])
    home.package("old", python="3.8")
    home.file("share/data/x")
    links = tree(home).layout(["one"]).links
    for rel in ("bin", "share", "lib/python3.8"):
        assert links[rel] == str(home.base / rel)


def test_a_relative_line_of_easy_install_finds_its_egg_in_the_farm(home: Home) -> None:
    egg = home.site() / "thing-0.1-py3.11.egg"
    (egg / "EGG-INFO").mkdir(parents=True)
    (egg / "EGG-INFO/PKG-INFO").write_text("Name: thing\nVersion: 0.1\n")
    (egg / "thing.py").touch()
    (home.site() / "easy-install.pth").write_text("./thing-0.1-py3.11.egg\n")
    assert shown(home) == {"thing-0.1-py3.11.egg", "easy-install.pth"}
    unit = tree(home).unit("thing")
    assert "thing" in unit.modules
    layout = tree(home).layout(["thing"])
    assert layout.files == {f"{SITE}/easy-install.pth": b""}
    assert f"{SITE}/thing-0.1-py3.11.egg" not in layout.links


def test_hiding_a_development_install_takes_its_line_out_of_easy_install(
    home: Home, tmp_path: Path
) -> None:
    source = tmp_path / "src"
    source.mkdir()
    (source / "thing.py").touch()
    (home.site() / "thing.egg-link").write_text(f"{source}\n.")
    (home.site() / "easy-install.pth").write_text(f"/elsewhere\n{source}\n")
    assert tree(home).owners(str(source / "thing.py")) == {"thing"}
    assert "thing" in tree(home).unit("thing").modules
    layout = tree(home).layout(["thing"])
    assert layout.files == {f"{SITE}/easy-install.pth": b"/elsewhere\n"}
    assert tree(home).layout([]).files == {}


def test_an_absolute_line_back_into_the_real_site_brings_nothing_back(home: Home) -> None:
    home.package("one")
    (home.site() / "back.pth").write_text(f"{home.site()}\n{home.site()}/one\nimport sys\n")
    assert tree(home).layout(["one"]).files == {f"{SITE}/back.pth": b"import sys\n"}


@pytest.mark.parametrize(
    "files",
    [
        {"__editable__.thing-1.0.pth": "{source}\n"},
        {
            "__editable__.thing-1.0.pth": "import __editable___thing_1_0_finder; x.install()",
            "__editable___thing_1_0_finder.py": "MAPPING: dict[str, str] = {{'t': '{source}/t'}}\n",
        },
    ],
    ids=["path", "finder"],
)
def test_an_editable_install_owns_the_files_of_its_source(
    home: Home, tmp_path: Path, files: dict[str, str]
) -> None:
    source = tmp_path / "src"
    (source / "t").mkdir(parents=True)
    home.package("thing", files={k: v.format(source=source) for k, v in files.items()})
    assert tree(home).owners(f"{source}/t/__init__.py") == {"thing"}
    assert "t" in tree(home).unit("thing").modules
    assert shown(home, "thing") == set()


def test_a_unit_says_what_it_hides_in_the_image(home: Home, tmp_path: Path) -> None:
    image = tmp_path / "image"
    for entry in ("same-1.0.dist-info", "Far.Name-2.0.dist-info", "other-1.1.dist-info", "yaml"):
        (image / entry).mkdir(parents=True)
    for name in ("same", "far-name", "other", "alone"):
        home.package(name)
    for name in ("yaml.py", "mine.py"):
        (home.site() / name).touch()
    shadows = {unit.token: unit.shadows for unit in tree(home, image).units}
    assert shadows == {
        "same": "same",
        "far-name": "far",
        "other": "other",
        "alone": "",
        "yaml.py": "far",
        "mine.py": "",
    }


def test_byte_code_at_the_top_is_shown_always(home: Home) -> None:
    home.package("one", files={"one.py": ""})
    (home.site() / "__pycache__").mkdir()
    assert "__pycache__" in shown(home, "one")


def test_a_path_entry_in_the_base_is_a_unit(home: Home) -> None:
    home.package("old", python="3.8")
    other = str(home.site("3.8"))
    found = read_tree(str(home.base), str(home.site()), (), [other])
    assert [unit.token for unit in found.units] == [other]
    assert found.owners(f"{other}/old/__init__.py") == {other}


def test_a_site_that_is_not_there_has_no_units(tmp_path: Path) -> None:
    found = read_tree(str(tmp_path), str(tmp_path / SITE))
    assert found.units == ()
    assert found.layout([]).links == {}
