"""One distribution: what its files say, and files that say nothing or mean harm."""

from __future__ import annotations

import importlib.metadata
import json
import os
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.core.packages.heads import (
    Fields,
    first,
    home_page_of,
    licence_of,
    parse_head,
    read_head,
)
from jupyter_envmgr.core.packages.metadata import normal, read_distribution
from jupyter_envmgr.core.packages.model import Package

from .trees import dist_info, write

SITE = Path(sys.prefix, "lib", f"python{sys.version_info[0]}.{sys.version_info[1]}/site-packages")


def read(site: Path, entry: str) -> Package:
    return read_distribution(str(site), entry).package


def head(text: str) -> Fields:
    return parse_head(text.encode())


# -- the truth: importlib.metadata on what is really installed -----------------------------------


def _truths() -> list[importlib.metadata.Distribution]:
    found = importlib.metadata.distributions(path=[str(SITE)])
    return [d for d in found if str(getattr(d, "_path", "")).endswith(".dist-info")]


def test_every_distribution_here_reads_as_importlib_metadata_reads_it():
    truths = _truths()
    assert len(truths) > 50
    for truth in truths:
        entry = Path(str(truth._path)).name  # type: ignore[attr-defined]
        found = read_distribution(str(SITE), entry)
        package, fields = found.package, truth.metadata
        assert package.name == fields["Name"]
        assert package.version == truth.version
        assert package.summary == " ".join((fields["Summary"] or "").split())[:1000]
        assert package.installer == (truth.read_text("INSTALLER") or "").strip()
        assert found.requested == (truth.read_text("REQUESTED") is not None)
        assert package.asked_for == (found.requested and package.installer != "uv")
        direct = json.loads(truth.read_text("direct_url.json") or "{}")
        assert package.editable == bool(direct.get("dir_info", {}).get("editable"))
        assert package.problem == ""
        _check_licence(package.licence, fields)
        _check_home_page(package.home_page, fields)


def _check_licence(licence: str, fields: importlib.metadata.PackageMetadata) -> None:
    stated = fields["License"] or ""
    classifiers = [c for c in fields.get_all("Classifier") or () if c.startswith("License :: ")]
    if fields["License-Expression"]:
        assert licence == fields["License-Expression"]
    elif stated and len(" ".join(stated.split())) <= 80 and stated not in ("UNKNOWN", "None"):
        assert licence == " ".join(stated.split())
    elif classifiers:
        assert licence.split(", ") == [c.rpartition(" :: ")[2] for c in classifiers]
    else:
        assert bool(licence) == bool(stated)


def _check_home_page(home_page: str, fields: importlib.metadata.PackageMetadata) -> None:
    stated = fields["Home-page"]
    urls = [row.partition(",")[2].strip() for row in fields.get_all("Project-URL") or ()]
    if stated and stated != "UNKNOWN":
        assert home_page == stated
    elif urls:
        assert home_page in urls
    else:
        assert home_page == ""


# -- heads ---------------------------------------------------------------------------------------


def test_the_description_is_not_read_for_fields(tmp_path):
    text = "Name: a\nVersion: 1\n\nSummary: not this\nName: evil\n"
    found = read_head(str(write(tmp_path / "METADATA", text)))
    assert found is not None
    assert first(parse_head(found), "name") == "a"
    assert first(parse_head(found), "summary") == ""


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
def test_line_ends_of_both_kinds_are_read_alike(tmp_path, ends):
    text = ends.join(["Name: a", "Version: 1", "Summary: s", "", "Summary: not this", ""])
    dist = write(tmp_path / "a-1.dist-info" / "METADATA", text).parent
    package = read(tmp_path, dist.name)
    assert (package.name, package.version, package.summary) == ("a", "1", "s")


def test_a_value_over_several_lines_comes_as_one():
    assert first(head("Summary: one\n        two\n\tthree\nName: a"), "summary") == "one two three"
    assert first(head("Summary: one\r\n  two\r\nName: a"), "summary") == "one two"


def test_a_field_is_found_in_any_case_and_only_at_the_beginning_of_a_line():
    assert first(head("NAME:a\nsummary:  b "), "name") == "a"
    assert first(head("License: x\n  Name: folded\nname: b"), "name") == "b"


def test_what_is_not_utf_8_is_read_as_latin_1():
    found = parse_head(b"Name: a\nSummary: Jos\xe9\nHome-page: http://x/\xc3\xa9")
    assert first(found, "summary") == "José"
    assert first(found, "home-page") == "http://x/é"


def test_a_byte_order_mark_does_not_hide_the_first_field():
    assert first(parse_head(b"\xef\xbb\xbfName: a\n"), "name") == "a"


@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("License-Expression: MIT\nLicense: other", "MIT"),
        ("License: BSD", "BSD"),
        ("License: UNKNOWN\nClassifier: License :: OSI Approved :: MIT License", "MIT License"),
        (
            "License: " + "long text " * 20 + "\nClassifier: Framework :: X\n"
            "Classifier: License :: OSI Approved :: BSD License\n"
            "Classifier: License :: OSI Approved :: MIT License",
            "BSD License, MIT License",
        ),
        ("License: Copyright 2020 " + "x" * 100, ("Copyright 2020 " + "x" * 100)[:80] + "…"),
        ("License-File: LICENSE", ""),
    ],
)
def test_the_licence_is_the_expression_or_the_field_or_what_classifiers_say(text, licence):
    assert licence_of(head(text)) == licence


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Home-page: https://a", "https://a"),
        ("Home-page: UNKNOWN\nProject-URL: Homepage, https://b", "https://b"),
        ("Project-URL: Changelog, https://c\nProject-URL: home-page, https://d", "https://d"),
        ("Project-URL: Docs, https://e\nProject-URL: Source Code, https://f", "https://f"),
        ("Project-URL: Docs, https://g", "https://g"),
        ("Project-URL: https://no-label", "https://no-label"),
        ("Name: a", ""),
    ],
)
def test_the_home_page_is_the_field_or_the_url_whose_label_says_it(text, page):
    assert home_page_of(head(text)) == page


# -- forms of metadata ---------------------------------------------------------------------------


def test_an_editable_install_says_so_and_where_it_lies_without_credentials(tmp_path):
    url = {"url": "file:///src/mine", "dir_info": {"editable": True}}
    dist_info(tmp_path, "mine", extra={"direct_url.json": json.dumps(url)})
    package = read(tmp_path, "mine-1.0.dist-info")
    assert (package.editable, package.origin) == (True, "file:///src/mine")
    git = {"url": "https://me:secret@host/x.git", "vcs_info": {"vcs": "git"}}
    dist_info(tmp_path, "other", extra={"direct_url.json": json.dumps(git)})
    package = read(tmp_path, "other-1.0.dist-info")
    assert (package.editable, package.origin) == (False, "https://host/x.git")


def test_egg_info_is_read_as_a_directory_and_as_a_file(tmp_path):
    text = "Metadata-Version: 1.1\nName: old\nVersion: 0.9\nSummary: S\n"
    write(tmp_path / "old-0.9-py3.8.egg-info" / "PKG-INFO", text)
    write(tmp_path / "older-0.9.egg-info", text)
    for entry in ("old-0.9-py3.8.egg-info", "older-0.9.egg-info"):
        package = read(tmp_path, entry)
        assert (package.name, package.version, package.summary) == ("old", "0.9", "S")
        assert package.problem == ""


def test_eggs_are_read_as_directories_and_zipped(tmp_path):
    text = "Name: egg\nVersion: 2\nSummary: S\n\nLong."
    write(tmp_path / "egg-2-py3.8.egg" / "EGG-INFO" / "PKG-INFO", text)
    with zipfile.ZipFile(tmp_path / "zip-2-py3.8.egg", "w") as file:
        file.writestr("EGG-INFO/PKG-INFO", text)
    write(tmp_path / "bad-3-py3.8.egg", b"PK\x03\x04 not really a zip")
    assert read(tmp_path, "egg-2-py3.8.egg").summary == "S"
    assert read(tmp_path, "zip-2-py3.8.egg").summary == "S"
    bad = read(tmp_path, "bad-3-py3.8.egg")
    assert (bad.name, bad.version, bad.problem) == ("bad", "3", "its metadata cannot be read")


def test_an_egg_link_has_the_metadata_of_its_sources(tmp_path):
    sources = tmp_path / "src"
    write(sources / "other.egg-info" / "PKG-INFO", "Name: other\nVersion: 9\n")
    write(sources / "My_Tool.egg-info" / "PKG-INFO", "Name: my-tool\nVersion: 3\nSummary: S\n")
    write(tmp_path / "my-tool.egg-link", f"{sources}\n.")
    package = read(tmp_path, "my-tool.egg-link")
    assert (package.name, package.version, package.summary) == ("my-tool", "3", "S")
    assert (package.editable, package.origin) == (True, str(sources))
    assert package.asked_for


@pytest.mark.parametrize("content", ["/not/here\n.", "", "relative", "/a\0b", b"\xff\xfe", "\n\n"])
def test_an_egg_link_to_nowhere_is_a_problem_and_no_exception(tmp_path, content):
    write(tmp_path / "lost.egg-link", content)
    package = read(tmp_path, "lost.egg-link")
    assert (package.name, package.editable) == ("lost", True)
    assert package.problem


@pytest.mark.parametrize("entry", ["~umpy-1.21.0.dist-info", "-ip-20.0.dist-info"])
def test_what_an_interrupted_uninstall_left_is_not_the_package(tmp_path, entry):
    write(tmp_path / entry / "METADATA", "Name: numpy\nVersion: 1.21.0\n")
    package = read(tmp_path, entry)
    assert package.name == "~" + entry[1:].split("-")[0]
    assert package.version == ""
    assert package.problem == "left over from an interrupted uninstall"


# -- hostile files -------------------------------------------------------------------------------


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _huge(path: Path) -> None:
    with path.open("wb") as file:
        file.write(b"Summary: " + b"x" * 1000)
        file.truncate(100 * 1024 * 1024)


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


KINDS: dict[str, Callable[[Path], object]] = {
    "missing": lambda path: None,
    "empty": lambda path: path.touch(),
    "a directory": lambda path: path.mkdir(),
    "a FIFO": _fifo,
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 100),
    "100 MB": _huge,
    "a link to itself": _loop,
    "a device": lambda path: path.symlink_to("/dev/zero"),
    "a terminal": lambda path: path.symlink_to("/dev/tty"),
    "a blank line first": lambda path: path.write_text("\nName: evil\n"),
    "no name": lambda path: path.write_text("Version: 2\n"),
    "one long line": lambda path: path.write_text("x" * 2_000_000),
}


@pytest.mark.timeout(10)
@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_metadata_file_leaves_the_name_of_its_directory(tmp_path, kind):
    directory = tmp_path / "some_thing-1.5.dist-info"
    directory.mkdir()
    KINDS[kind](directory / "METADATA")
    package = read(tmp_path, directory.name)
    assert package.name == "some_thing"
    assert package.version in ("1.5", "2")
    assert package.problem.startswith("its metadata")


@pytest.mark.timeout(10)
@pytest.mark.parametrize("file", ["INSTALLER", "direct_url.json", "REQUESTED"])
@pytest.mark.parametrize("kind", KINDS)
def test_bad_small_files_beside_it_do_no_harm(tmp_path, kind, file):
    directory = dist_info(tmp_path, "fine", head="Summary: S\n")
    (directory / file).unlink(missing_ok=True)
    KINDS[kind](directory / file)
    package = read(tmp_path, directory.name)
    assert (package.name, package.summary, package.problem) == ("fine", "S", "")
    assert len(package.installer) <= 200


@pytest.mark.parametrize(
    "text", ["[]", "null", '"x"', '{"dir_info": []}', '{"url": 5}', "[" * 30_000, '{"a": 1e999}']
)
def test_a_direct_url_of_another_form_is_as_none(tmp_path, text):
    dist_info(tmp_path, "a", extra={"direct_url.json": text})
    package = read(tmp_path, "a-1.0.dist-info")
    assert (package.editable, package.origin) == (False, "")


def test_endless_values_are_cut(tmp_path):
    long = "x" * 500_000
    text = f"Name: {long}\nVersion: {long}\nSummary: {long}\nHome-page: {long}\n"
    write(tmp_path / "a-1.dist-info" / "METADATA", text)
    package = read(tmp_path, "a-1.dist-info")
    assert len(package.name) == len(package.version) == 200
    assert max(len(package.summary), len(package.home_page), len(package.licence)) <= 1000


def test_a_name_that_is_not_utf_8_can_be_shown(tmp_path):
    entry = os.fsdecode(b"caf\xe9-1.0.dist-info")
    (tmp_path / entry).mkdir()
    package = read(tmp_path, entry)
    (package.name + package.path).encode()  # raises for what could not be sent
    assert package.problem


@pytest.mark.parametrize("name", ["Foo__.-Bar", "foo-bar", "FOO.bar"])
def test_names_are_compared_as_indexes_compare_them(name):
    assert normal(name) == "foo-bar"
