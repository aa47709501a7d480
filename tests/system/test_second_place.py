"""Files at a second place: whatever lies among them, nothing is followed, lost or waited for."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.conda.relocated import Pairs, spellings
from jupyter_envmgr.system import second_place
from jupyter_envmgr.system.second_place import Survey, make_second, survey

PLACEHOLDER = "/opt/" + "placehold_" * 20
SITE = "lib/python3.12/site-packages"


class Place:
    """An environment by hand, and the empty directory of its second place."""

    def __init__(self, parent: Path) -> None:
        self.old, self.new = parent / "old", parent / "new"
        self.pairs: Pairs = spellings((str(parent),), "old", "new")
        (self.old / "conda-meta").mkdir(parents=True)
        self.new.mkdir()

    def file(self, path: str, data: bytes | str = b"") -> Path:
        place = self.old / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data.encode() if isinstance(data, str) else data)
        return place

    def record(self, name: str, *rows: dict[str, Any], **fields: Any) -> Path:
        paths = {"files": [row["_path"] for row in rows], "paths_data": {"paths": list(rows)}}
        return self.file(f"conda-meta/{name}.json", json.dumps({**paths, **fields}))

    def make(self, **options: Any) -> Survey:
        options.setdefault("left_out", frozenset())
        return make_second(self.old, self.new, self.pairs, **options)

    def survey(self) -> Survey:
        return survey(self.old, self.pairs)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def declared(path: str, pristine: str, **fields: Any) -> dict[str, Any]:
    """The row of a file that names its prefix."""
    return {
        "_path": path,
        "prefix_placeholder": PLACEHOLDER,
        "file_mode": "text",
        "sha256": hashlib.sha256(pristine.encode()).hexdigest(),
        "sha256_in_prefix": "0" * 64,
        "size_in_bytes": len(pristine),
        **fields,
    }


def same(one: Path, other: Path) -> bool:
    return one.stat().st_ino == other.stat().st_ino


def test_what_does_not_name_its_place_is_linked_and_what_does_is_new(place: Place) -> None:
    plain = place.file("share/plain.txt", "nothing")
    own = place.file("etc/own.conf", f"at {place.old}/lib\n")
    own.chmod(0o750)
    os.utime(own, ns=(5_000_000_000, 6_000_000_000))
    # What the package declares is replaced, although it goes on as another path would.
    pristine = f"prefix={PLACEHOLDER}-1.0\n"
    row = {"_path": "share/plain.txt", "size_in_bytes": 7}
    place.record("a-1-0", declared("etc/a.conf", pristine), row)
    place.file("etc/a.conf", pristine.replace(PLACEHOLDER, str(place.old)))
    found = place.make()
    assert same(plain, place.new / "share" / "plain.txt")
    made = place.new / "etc" / "own.conf"
    assert made.read_text() == f"at {place.new}/lib\n"
    assert (made.stat().st_mode & 0o777, made.stat().st_mtime_ns) == (0o750, 6_000_000_000)
    assert own.read_text() == f"at {place.old}/lib\n"
    assert (place.new / "etc" / "a.conf").read_text() == f"prefix={place.new}-1.0\n"
    row, _ = json.loads((place.new / "conda-meta" / "a-1-0.json").read_text())["paths_data"][
        "paths"
    ]
    digest = hashlib.sha256(f"prefix={place.new}-1.0\n".encode()).hexdigest()
    assert row["sha256_in_prefix"] == digest
    old = json.loads((place.old / "conda-meta" / "a-1-0.json").read_text())
    assert old["paths_data"]["paths"][0]["sha256_in_prefix"] == "0" * 64
    assert (found.packages, found.others, found.stuck) == (1, ["etc/own.conf"], [])


def test_what_conda_appends_to_is_not_shared(place: Place) -> None:
    history = place.file("conda-meta/history", "==> 1 <==\n")
    place.make()
    made = place.new / "conda-meta" / "history"
    assert made.read_text() == "==> 1 <==\n"
    assert not same(history, made)


def test_where_no_links_can_be_made_files_are_copied_as_they_are(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = place.file("share/plain.txt", "nothing")
    plain.chmod(0o640)
    os.utime(plain, ns=(5_000_000_000, 6_000_000_000))

    def link(*arguments: object, **options: object) -> None:
        raise OSError(errno.EXDEV, "another file system")

    monkeypatch.setattr(os, "link", link)
    place.make()
    made = place.new / "share" / "plain.txt"
    assert made.read_text() == "nothing"
    assert (made.stat().st_mode & 0o777, made.stat().st_mtime_ns) == (0o640, 6_000_000_000)


def test_a_full_disk_ends_it(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    place.file("share/plain.txt", "nothing")

    def link(*arguments: object, **options: object) -> None:
        raise OSError(errno.ENOSPC, "no space")

    monkeypatch.setattr(os, "link", link)
    with pytest.raises(OSError, match="no space"):
        place.make()


def test_what_is_no_file_is_said_and_not_waited_for(place: Place) -> None:
    (place.old / "share").mkdir()
    os.mkfifo(place.old / "share" / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(place.old / "s"))
        assert place.survey().files == 0
        assert place.make().stuck == ["s", "share/fifo"]
    assert not list(place.new.rglob("fifo"))


@pytest.mark.parametrize("way", ["copied", "new"])
def test_nobody_can_have_it_write_elsewhere_by_a_link(place: Place, way: str) -> None:
    """In a location that a team shares others may put links where a file is about to be made."""
    theirs = place.new.parent / "theirs"
    theirs.write_text("theirs")
    if way == "copied":
        (place.new / "conda-meta").mkdir()
        place.file("conda-meta/history", "mine")
        target = place.new / "history"
        target.symlink_to(theirs)
        with pytest.raises(FileExistsError):
            second_place._copy(str(place.old / "conda-meta" / "history"), str(target))
    else:
        place.file("own.conf", f"{place.old}/x")
        (place.new / "own.conf").symlink_to(theirs)
        with pytest.raises(FileExistsError):
            place.make()
    assert theirs.read_text() == "theirs"


def test_a_file_that_becomes_a_fifo_is_not_waited_for(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    place.file("own.conf", f"{place.old}/x")

    def entries(walk: Any) -> Iterator[tuple[str, os.stat_result]]:
        status = os.lstat(place.old / "own.conf")
        (place.old / "own.conf").unlink()
        os.mkfifo(place.old / "own.conf")
        yield "own.conf", status

    monkeypatch.setattr(second_place._Walk, "_entries", entries)
    with pytest.raises(OSError, match="not a regular file"):
        place.survey()


def test_links_into_it_lead_into_the_second_place_and_all_others_stay(place: Place) -> None:
    links = {
        "absolute": (str(place.old / "lib"), str(place.new / "lib")),
        "itself": (str(place.old), str(place.new)),
        "relative": ("lib/x", "lib/x"),
        "by-its-name": ("../old/lib", "../new/lib"),
        "similar": (f"{place.old}-2/lib", f"{place.old}-2/lib"),
        "beside": ("../other", "../other"),
        "dangling": ("/nowhere", "/nowhere"),
    }
    for name, (target, _) in links.items():
        (place.old / name).symlink_to(target)
    (place.old / "share").mkdir()
    (place.old / "share" / "deep").symlink_to("../../old/lib")
    place.make()
    assert {name: os.readlink(place.new / name) for name in links} == {
        name: expected for name, (_, expected) in links.items()
    }
    assert os.readlink(place.new / "share" / "deep") == "../../new/lib"


@pytest.mark.parametrize(
    "row",
    [
        "\0broken,sha256=x,1\n",
        "x" * 200_000 + ",sha256=x,1\n",
        ",,\n",
        "only-one\n",
        '"never closed,sha256=x,1\n',
        "\udcff,sha256=x,1\n",
    ],
    ids=["NUL", "long", "empty", "one field", "quote", "no UTF-8"],
)
def test_a_strange_list_of_pip_s_is_taken_over(place: Place, row: str) -> None:
    place.file("bin/tool", f"#!{place.old}/bin/python\n")
    text = f"../../../bin/tool,sha256=AAAA,9\n{row}".encode("utf-8", "surrogateescape")
    place.file(f"{SITE}/tool-1.dist-info/RECORD", text)
    place.make()
    made = (place.new / SITE / "tool-1.dist-info" / "RECORD").read_bytes()
    assert b"bin/tool,sha256=" in made
    assert (place.new / "bin" / "tool").read_text() == f"#!{place.new}/bin/python\n"


@pytest.mark.parametrize(
    "record",
    [
        {"files": 5},
        {"files": [["a"], 3, None]},
        {"paths_data": 3, "files": "bin"},
        {"paths_data": {"paths": 7}},
        {"paths_data": {"paths": [3, {"_path": 3}, {}]}},
        {"paths_data": {"paths": [{"_path": "a", "prefix_placeholder": "\ud800"}]}},
        {"paths_data": {"paths": [{"_path": "a", "prefix_placeholder": "x", "sha256": 5}]}},
        {"paths_data": {"paths": [{"_path": "\ud800", "size_in_bytes": "many"}]}},
    ],
    ids=repr,
)
def test_a_record_of_wrong_types_is_no_obstacle(place: Place, record: dict[str, Any]) -> None:
    place.file("conda-meta/bad-1-0.json", json.dumps(record))
    place.file("a", f"{place.old}/x")
    place.survey()
    place.make()
    assert (place.new / "a").exists()


def test_records_that_are_no_files_are_no_obstacle(place: Place) -> None:
    (place.old / "conda-meta" / "gone-1-0.json").symlink_to("/nowhere")
    (place.old / "conda-meta" / "dir-1-0.json").mkdir()
    os.mkfifo(place.old / "conda-meta" / "fifo-1-0.json")
    place.file("a", f"{place.old}/x")
    assert place.make().others == ["a"]


def test_names_of_any_bytes_are_kept(place: Place) -> None:
    strange = os.fsdecode(b"a\nb\xff")
    (place.old / strange).write_bytes(bytes(place.old))
    place.make()
    assert (place.new / strange).read_bytes() == bytes(place.new)


def test_a_cancel_is_heard_within_a_large_file(place: Place) -> None:
    place.file("data.bin", b"\0" + bytes(4 * 1024 * 1024))
    calls = 0

    def check() -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        place.make(check=check)


def test_a_binary_names_its_place_across_two_reads_too(place: Place) -> None:
    part = second_place._PART
    place.file("data.bin", b"\0" * (part - 4) + bytes(place.old) + b"/lib\0")
    assert place.survey().stuck == ["data.bin"]


def test_bytecode_of_a_source_that_changed_is_left_out(place: Place) -> None:
    for name in ("changes", "stays"):
        text = f"HERE = '{place.old}'\n" if name == "changes" else "HERE = 1\n"
        place.file(f"{SITE}/{name}.py", text)
        place.file(f"{SITE}/__pycache__/{name}.cpython-312.pyc", b"\0")
    place.make()
    left = os.listdir(place.new / SITE / "__pycache__")
    assert left == ["stays.cpython-312.pyc"]


def test_a_binary_is_written_anew_as_it_was_declared_or_stays(place: Place) -> None:
    for name, room in (("fits", 40), ("tight", 1)):
        pristine = f"\x7fELF\0{PLACEHOLDER}/lib" + "\0" * room
        row = declared(f"lib/{name}.so", pristine, file_mode="binary")
        # The tight one was edited: only the room that can be seen is there.
        row["sha256"] = row["sha256"] if name == "fits" else "0" * 64
        place.record(f"{name}-1-0", row)
        place.file(f"lib/{name}.so", f"\x7fELF\0{place.old}/lib" + "\0" * room)
    longer = spellings((str(place.old.parent),), "old", "a-longer-name")
    found = make_second(place.old, place.new, longer, left_out=frozenset())
    assert found.stuck == ["lib/tight.so"]
    made = (place.new / "lib" / "fits.so").read_bytes()
    assert b"a-longer-name/lib\0" in made
    assert len(made) == (place.old / "lib" / "fits.so").stat().st_size
    assert same(place.old / "lib" / "tight.so", place.new / "lib" / "tight.so")


def test_what_cannot_name_its_place_is_not_read(place: Place) -> None:
    path = str(place.old)
    place.file("lib/__pycache__/a.cpython-312.pyc", path)
    place.file("conda-meta/a-1-0.json", json.dumps({"link": {"source": path}}))
    own = place.file("share/of-a-package.txt", path)
    place.record("b-1-0", {"_path": "share/of-a-package.txt", "size_in_bytes": len(path)})
    state = place.file("conda-meta/state", path)
    found = place.survey()
    assert (found.others, found.stuck, found.files) == (["conda-meta/state"], [], 5)
    assert found.complete
    # It was edited since it was installed, in as many bytes.
    os.utime(own, (own.stat().st_mtime + 60, own.stat().st_mtime + 60))
    assert place.survey().others == ["conda-meta/state", "share/of-a-package.txt"]
    state.unlink()
    entry = {"_path": "share/of-a-package.txt", "path_type": "unix_python_entry_point"}
    place.record("b-1-0", entry)
    assert (place.survey().others, place.survey().packages) == ([], 1)


def test_who_has_seen_enough_is_told_that_it_was_not_all(place: Place) -> None:
    for name in "abc":
        place.file(name, str(place.old))
    looks = iter([False, True])
    found = survey(place.old, place.pairs, lambda: next(looks))
    assert (found.others, found.complete) == (["a"], False)


def test_what_is_huge_is_data(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(second_place, "_LARGEST_BINARY", 100)
    monkeypatch.setattr(second_place, "_LARGEST_TEXT", 10)
    place.file("text", f"{place.old} ".ljust(80))
    place.file("huge", f"\0{place.old} ".ljust(101))
    assert place.survey().stuck == ["text"]


def test_what_is_left_out_and_what_is_closed(place: Place) -> None:
    place.file("mark", "mine")
    closed = place.file("share/closed/a", "a").parent
    closed.chmod(0o555)
    reports: list[tuple[int, int]] = []
    place.make(left_out={"mark"}, report=lambda done, total: reports.append((done, total)))
    assert not (place.new / "mark").exists()
    assert (place.new / "share" / "closed").stat().st_mode & 0o777 == 0o555
    assert reports[-1] == (1, 1)


def test_the_list_of_a_package_of_conda_stays(place: Place) -> None:
    """Its hashes are those that conda's own record has of it."""
    path = f"{SITE}/tool-1.dist-info/RECORD"
    place.file("bin/tool", f"#!{place.old}/bin/python\n")
    listed = place.file(path, "../../../bin/tool,sha256=AAAA,9\n")
    place.record("tool-1-0", {"_path": path, "size_in_bytes": listed.stat().st_size})
    place.make()
    assert same(listed, place.new / path)
