"""An archive from elsewhere is unpacked into one directory, or refused and written nowhere else."""

from __future__ import annotations

import gzip
import hashlib
import os
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.check import Limits
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system.tarballs import look_into
from tests.system.tars import LIMITS, entry, everything, gz, hard, link, put, tar, unpacked, zst

HOSTILE: dict[str, tuple[tuple[tarfile.TarInfo, bytes], ...]] = {
    "absolute": (entry("/tmp/evil", b"x"),),
    "absolute behind dots": (entry("./../evil", b"x"),),
    "parent": (entry("../evil", b"x"),),
    "parent in the middle": (entry("a/../../evil", b"x"),),
    "parent that comes back": (entry("a/../b", b"x"),),
    "link out": (link("a", "../../evil"),),
    "absolute link": (link("a", "/etc/passwd"),),
    "link out and write through it": (link("a", ".."), entry("a/evil", b"x")),
    "write through a link": (entry("b/x"), link("a", "b"), entry("a/evil", b"x")),
    "link that becomes one outwards": (link("a/b/c", "../.."), link("d", "a/b/c/../evil")),
    "chain of links": (link("a/b", ".."), link("x", "a/b/../../y"), link("z", "a/b/..")),
    "link over a file": (entry("a", b"x"), link("a", "b")),
    "file over a link": (link("a", "b"), entry("a", b"x")),
    "directory over a link": (link("a", "b"), entry("a", type=tarfile.DIRTYPE)),
    "hard link out": (hard("a", "../evil"),),
    "absolute hard link": (hard("a", "/etc/passwd"),),
    "hard link to nothing": (hard("a", "b"),),
    "hard link to a link": (link("b", "c"), hard("a", "b")),
    "hard link to itself": (entry("a", b"x"), hard("a", "a")),
    "device": (entry("a", type=tarfile.CHRTYPE),),
    "disk": (entry("a", type=tarfile.BLKTYPE),),
    "fifo": (entry("a", type=tarfile.FIFOTYPE),),
    "setuid": (entry("a", b"x", mode=0o4755),),
    "setgid": (entry("a", b"x", mode=0o2755),),
    "duplicate": (entry("a", b"x"), entry("a", b"y")),
    "duplicate by another spelling": (entry("a/b", b"x"), entry("./a//b", b"y")),
    "below a file": (entry("a", b"x"), entry("a/b", b"y")),
    "newline": (entry("a\nb", b"x"),),
    "escape": (entry("a\x1b[31mb", b"x"),),
    "newline in a link": (link("a", "b\nc"),),
    "long name": (entry("a" * 256, b"x"),),
    "long path": (entry("/".join(["a" * 200] * 30), b"x"),),
    "no name": (entry("./", b"x"),),
    "too deep": (entry("/".join(["a"] * 1500), b"x"),),
    "more than allowed": (entry("a", b"x" * 2_000_000),),
    "more than allowed together": tuple(entry(f"a{i}", b"x" * 200_000) for i in range(8)),
}


@pytest.mark.parametrize("case", HOSTILE)
@pytest.mark.parametrize("form", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
def test_a_hostile_archive_is_refused_and_writes_nowhere_else(
    case: str, form: int, tmp_path: Path, target: Path
) -> None:
    path = put(tmp_path, tar(*HOSTILE[case], form=form))
    with pytest.raises(EnvMgrError) as caught:
        unpacked(path, target, limits=Limits(bytes=1_000_000))
    assert caught.value.code == "archive-refused"
    assert "\n" not in caught.value.detail
    assert "\x1b" not in caught.value.detail
    assert everything(tmp_path / "inside")[0] == "target"
    assert sorted(os.listdir(tmp_path)) == ["an-archive", "inside"]
    assert not any(p.is_symlink() for p in target.rglob("*")), "links come last"
    assert not Path("/tmp/evil").exists()


def test_what_is_honest_comes_out_as_it_was(tmp_path: Path, target: Path) -> None:
    path = put(
        tmp_path,
        gzip.compress(
            tar(
                entry("./", type=tarfile.DIRTYPE),
                entry("./bin/tool", b"#!/bin/sh\n", mode=0o755, mtime=1_600_000_000),
                link("./bin/alias", "tool"),
                link("./lib64", "lib"),
                link("./lib/up", "../bin/tool"),
                link("./lib/nowhere", "not-there"),
                hard("./bin/again", "./bin/tool"),
                entry("./empty", type=tarfile.DIRTYPE, mode=0o2555),
                entry("./lib/" + "n" * 200 + "/é ü", b"named"),
            )
        ),
    )
    seen: list[tuple[int, int]] = []
    done = unpacked(path, target, report=lambda *now: seen.append(now))
    assert (target / "bin/tool").read_bytes() == b"#!/bin/sh\n"
    assert os.access(target / "bin/tool", os.X_OK)
    assert int((target / "bin/tool").stat().st_mtime) == 1_600_000_000
    assert (target / "bin/again").samefile(target / "bin/tool")
    assert os.readlink(target / "bin/alias") == "tool"
    assert (target / "lib/up").resolve() == target / "bin/tool"
    assert (target / "lib" / ("n" * 200) / "é ü").read_text() == "named"
    assert os.stat(target / "empty").st_mode & 0o7000 == 0
    assert done.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (done.files, done.bytes) == (3, 15)
    assert seen[-1] == (path.stat().st_size, path.stat().st_size)


@pytest.mark.parametrize(
    "data",
    [b"", b"PK\x03\x04" + bytes(600), b"\xfd7zXZ\x00" + bytes(600), b"#!/bin/sh\n" * 100, b"short"],
)
def test_what_is_no_archive_is_called_so(data: bytes, tmp_path: Path, target: Path) -> None:
    path = put(tmp_path, data)
    for attempt in (lambda: unpacked(path, target), lambda: look_into(path, LIMITS)):
        with pytest.raises(EnvMgrError) as caught:
            attempt()
        assert caught.value.code == "not-an-archive"
    assert everything(target) == []


@pytest.mark.parametrize("pack", [bytes, gz, zst])
def test_an_archive_that_was_cut_anywhere_is_damaged(
    pack: Callable[[bytes], bytes], tmp_path: Path
) -> None:
    whole = pack(tar(entry("a", os.urandom(3000)), entry("b", os.urandom(3000)))[:-9216])
    for number, size in enumerate(range(600, len(whole), 311)):
        place = tmp_path / str(number)
        place.mkdir()
        with pytest.raises(EnvMgrError) as caught:
            unpacked(put(tmp_path, whole[:size]), place)
        assert caught.value.code == "archive-damaged", size


@pytest.mark.parametrize("pack", [gz, zst])
def test_a_changed_bit_is_damage(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    whole = bytearray(pack(tar(entry("a", os.urandom(30_000)))))
    for number, place in enumerate(range(1000, 30_000, 4999)):
        target = tmp_path / str(number)
        target.mkdir()
        changed = bytes([*whole[:place], whole[place] ^ 8, *whole[place + 1 :]])
        with pytest.raises(EnvMgrError) as caught:
            unpacked(put(tmp_path, changed), target)
        assert caught.value.code == "archive-damaged"


def test_a_wrong_hash_leaves_no_link_and_says_both(tmp_path: Path, target: Path) -> None:
    path = put(tmp_path, tar(entry("a", b"x"), link("b", "a")))
    with pytest.raises(EnvMgrError, match="0000") as caught:
        unpacked(path, target, sha256="0" * 64)
    assert caught.value.code == "archive-damaged"
    right = hashlib.sha256(path.read_bytes()).hexdigest()
    assert right in caught.value.detail
    (target / "a").unlink()
    assert unpacked(path, target, sha256=right.upper()).sha256 == right


def test_a_huge_declared_size_is_refused_before_a_byte_of_it(tmp_path: Path, target: Path) -> None:
    info = tarfile.TarInfo("huge")
    info.size = 10**15
    path = put(tmp_path, info.tobuf(tarfile.GNU_FORMAT) + b"x" * 2048)
    with pytest.raises(EnvMgrError) as caught:
        unpacked(path, target)
    assert caught.value.code == "archive-refused"
    assert everything(target) == []


@pytest.mark.parametrize("kind", [tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE, tarfile.XGLTYPE])
def test_a_huge_header_is_not_read_into_memory(kind: bytes, tmp_path: Path, target: Path) -> None:
    info = tarfile.TarInfo("././@LongLink")
    info.type, info.size = kind, 10**12
    path = put(tmp_path, info.tobuf(tarfile.GNU_FORMAT) + b"x" * 4096)
    with pytest.raises(EnvMgrError) as caught:
        unpacked(path, target)
    assert caught.value.code == "archive-refused"


@pytest.mark.parametrize("pack", [gz, zst])
def test_a_bomb_is_refused_before_it_fills_the_disk(
    pack: Callable[[bytes], bytes], tmp_path: Path, target: Path
) -> None:
    path = put(tmp_path, pack(tar(entry("zeros", bytes(400_000_000)))))
    assert path.stat().st_size < 1_000_000
    with pytest.raises(EnvMgrError) as caught:
        unpacked(path, target, limits=Limits(bytes=10**12))
    assert caught.value.code == "archive-refused"
    assert sum(p.stat().st_size for p in target.rglob("*")) < 350_000_000


def test_too_many_members_are_refused(tmp_path: Path, target: Path) -> None:
    path = put(tmp_path, tar(*(entry(f"f{i}") for i in range(11))))
    with pytest.raises(EnvMgrError, match="more than 10 files"):
        unpacked(path, target, limits=Limits(bytes=1000, members=10))


def test_directories_that_are_only_in_names_count_too(tmp_path: Path, target: Path) -> None:
    path = put(tmp_path, tar(*(entry(f"{i}/a/b/c/d/e/f") for i in range(3))))
    with pytest.raises(EnvMgrError, match="more than 10 files"):
        unpacked(path, target, limits=Limits(bytes=1000, members=10))


def test_a_directory_in_place_of_what_is_here_is_refused(tmp_path: Path, target: Path) -> None:
    (target / ".envmgr.json").write_text("ours")
    path = put(tmp_path, tar(entry(".envmgr.json/x", b"x")))
    with pytest.raises(EnvMgrError) as caught:
        unpacked(path, target, ignored=frozenset({".envmgr.json"}))
    assert caught.value.code == "archive-refused"
    assert (target / ".envmgr.json").read_text() == "ours"


def test_what_hides_behind_the_end_is_refused(tmp_path: Path, target: Path) -> None:
    path = put(tmp_path, gz(tar(entry("a", b"x")) + os.urandom(1) * 70_000_000))
    with pytest.raises(EnvMgrError, match="behind its end"):
        unpacked(path, target)


def test_sparse_files_are_refused(tmp_path: Path, target: Path) -> None:
    info = entry("a", b"x", pax_headers={"GNU.sparse.major": "1", "GNU.sparse.name": "a"})
    with pytest.raises(EnvMgrError) as caught:
        unpacked(put(tmp_path, tar(info)), target)
    assert caught.value.code == "archive-refused"


def test_a_link_in_place_of_the_archive_or_a_fifo_is_not_opened(
    tmp_path: Path, target: Path
) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "link").symlink_to("fifo")
    for name in ("fifo", "link", "not-there"):
        with pytest.raises(EnvMgrError):
            unpacked(tmp_path / name, target)


def test_a_cancel_ends_it_in_the_middle(tmp_path: Path, target: Path) -> None:
    path = put(tmp_path, tar(*(entry(f"f{i}", b"x") for i in range(100))))
    calls = iter(range(20))

    def check() -> None:
        if next(calls, None) is None:
            raise EnvMgrError("cancelled", "enough")

    with pytest.raises(EnvMgrError, match="enough"):
        unpacked(path, target, check=check)
    assert len(everything(target)) < 20


def test_members_that_are_ignored_are_not_written(tmp_path: Path, target: Path) -> None:
    path = put(tmp_path, tar(entry(".envmgr.json", b"theirs"), entry("a", b"x")))
    unpacked(path, target, ignored=frozenset({".envmgr.json"}))
    assert everything(target) == ["a"]


def test_what_conda_pack_adds_may_be_there_twice_and_the_last_counts(
    tmp_path: Path, target: Path
) -> None:
    path = put(tmp_path, tar(entry("bin/conda-unpack", b"old"), entry("bin/conda-unpack", b"new")))
    unpacked(path, target)
    assert (target / "bin/conda-unpack").read_bytes() == b"new"
