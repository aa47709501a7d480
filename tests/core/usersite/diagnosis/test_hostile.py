"""Whatever lies in a user site, a diagnosis ends in time and with an answer."""

from __future__ import annotations

import os
import socket
import struct
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jupyter_envmgr.core.usersite.diagnosis import libraries, read_runtime
from jupyter_envmgr.core.usersite.diagnosis.elf import contains, read_elf
from jupyter_envmgr.core.usersite.diagnosis.generated import generated_code
from jupyter_envmgr.core.usersite.diagnosis.kept import Kept
from jupyter_envmgr.core.usersite.diagnosis.processor import processor_flags
from jupyter_envmgr.core.usersite.diagnosis.reach import is_needed
from jupyter_envmgr.core.usersite.diagnosis.sources import read_bound, read_names, read_source
from jupyter_envmgr.core.usersite.diagnosis.symbols import exported, undefined
from tests.core.packages.trees import dist_info, write

from .elves import elf
from .scenarios import SUFFIX
from .sites import Sites

BOUND = 5.0
"""Seconds of the processor for anything here; the machine may be busy."""

quickly = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
WHOLE = elf(
    needed=["libc.so.6", "libm.so.6"],
    needs=[("libc.so.6", "GLIBC_2.17"), ("libc.so.6", "GLIBC_2.4"), ("libm.so.6", "GLIBC_2.17")],
    defines=["LIB_1.0", "LIB_2.0"],
    runpath="$ORIGIN/../lib",
    isa=7,
    asks=["_ZN3c10a", "b"],
    gives=["c"],
)
_LINES = (
    *("import sys", "import gone", "import os; exec('x')", "/gone", "..", ".", "\0", "#", ""),
    *("import sys, types, os; p = 1", "import " + "x." * 2000 + "y", "(" * 3000, "import x as"),
    *("import " + "(" * 300, "\udcff", "x" * 5000, "import a; " * 500),
)
LINES = st.lists(st.sampled_from(_LINES), max_size=8)
SOURCES = LINES.map(lambda lines: "\n".join(lines).encode("utf-8", "replace"))


@pytest.fixture(autouse=True)
def _in_time() -> Iterator[None]:
    began = time.process_time()
    yield
    assert time.process_time() - began < 12 * BOUND


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "file.so"


def test_a_whole_one_is_read(file: Path) -> None:
    """What the damaged ones are made of."""
    file.write_bytes(WHOLE)
    found = read_elf(str(file), definitions=True)
    assert found
    assert not found.fault
    assert found.needed == ("libc.so.6", "libm.so.6")
    assert len(found.needs) == 3
    assert found.defines == {"LIB_1.0", "LIB_2.0"}
    assert found.runpath == ("$ORIGIN/../lib",)
    assert found.isa == 7
    assert undefined(str(file), (b"_Z",)) == (b"_ZN3c10a",)
    assert exported(str(file), (b"c", b"d")) == {b"c"}


@quickly
@given(st.binary(max_size=400))
def test_any_bytes_are_no_module(file: Path, data: bytes) -> None:
    for head in (b"", b"\x7fELF", b"\x7fELF\x02\x01", b"\x7fELF\x01\x02"):
        file.write_bytes(head + data)
        read_elf(str(file), definitions=True)


@quickly
@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=9))
def test_a_module_that_was_changed_anywhere_is_read_or_called_damaged(
    file: Path, place: int, change: bytes
) -> None:
    file.write_bytes(WHOLE[:place] + change + WHOLE[place + len(change) :])
    undefined(str(file), (b"_Z",))
    exported(str(file), (b"_Z",))
    found = read_elf(str(file), definitions=True)
    assert found is not None
    assert len(found.needs) <= 1 << 16


@quickly
@given(st.integers(0, len(WHOLE)))
def test_a_module_that_was_cut_anywhere_is_called_so(file: Path, place: int) -> None:
    file.write_bytes(WHOLE[:place])
    found = read_elf(str(file), definitions=True)
    assert found
    assert bool(found.fault) == (place < len(WHOLE))


def test_tables_that_lead_in_circles_come_to_an_end(file: Path) -> None:
    for value in (0, 1, 16, 0xFFFFFFFF):
        data = bytearray(WHOLE)
        for place in range(0, len(data) - 4, 4):
            changed = data.copy()
            struct.pack_into("<I", changed, place, value)
            file.write_bytes(changed)
            read_elf(str(file), definitions=True)


@quickly
@given(st.binary(max_size=600))
def test_any_cache_of_the_loader_is_read(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "ld.so.cache"
    for head in (b"", b"glibc-ld.so.cache1.1"):
        path.write_bytes(head + data)
        libraries.read_cache(str(path), "x86_64")


def test_a_cache_that_promises_too_much(tmp_path: Path) -> None:
    path = tmp_path / "ld.so.cache"
    path.write_bytes(b"glibc-ld.so.cache1.1" + b"\xff" * 4096)
    assert libraries.read_cache(str(path), "x86_64") == {}


@quickly
@given(st.binary(max_size=300))
def test_any_metadata_is_survived(data: bytes) -> None:
    """The same bytes as everything that a distribution may have."""
    names = ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "direct_url.json", "top_level.txt")
    with TemporaryDirectory() as root:
        sites = Sites(Path(root))
        for name in names:
            for entry in ("mine-1.0.dist-info", "old-1.0.egg-info"):
                path = sites.user / entry / name
                path.parent.mkdir(exist_ok=True)
                path.write_bytes(data)
        (sites.user / "one.egg-link").write_bytes(data)
        (sites.user / "one.egg-info").write_bytes(data)
        for found in sites.diagnose().findings:
            assert found.detail.isprintable()


@quickly
@given(st.lists(st.text(max_size=60), max_size=6))
def test_any_requirements_are_survived(lines: list[str]) -> None:
    head = "".join(f"Requires-Dist: {line}\n" for line in lines if "\n" not in line)
    with TemporaryDirectory() as root:
        sites = Sites(Path(root))
        dist_info(sites.user, "mine", head=head.encode("utf-8", "replace").decode())
        sites.diagnose()


@quickly
@given(st.lists(st.text(max_size=40), max_size=20))
def test_any_record_is_survived(rows: list[str]) -> None:
    with TemporaryDirectory() as root:
        sites = Sites(Path(root))
        info = dist_info(sites.user, "mine", files={"mine/__init__.py": b""})
        text = "\n".join(["mine/__init__.py,,", *rows, "../../../../etc/passwd,,", "/etc/x,,"])
        (info / "RECORD").write_bytes(text.encode("utf-8", "replace"))
        sites.diagnose()


@quickly
@given(LINES, st.binary(max_size=100))
def test_any_lines_at_start_are_survived(lines: list[str], data: bytes) -> None:
    with TemporaryDirectory() as root:
        sites = Sites(Path(root))
        text = "\n".join(lines).encode("utf-8", "surrogateescape")
        (sites.user / "a.pth").write_bytes(text)
        (sites.user / "b.pth").write_bytes(data)
        sites.diagnose()


@quickly
@given(
    st.one_of(st.binary(max_size=300), LINES.map(lambda x: "\n".join(x).encode("utf-8", "replace")))
)
def test_any_source_is_survived(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "source.py"
    path.write_bytes(data)
    kept = Kept()
    read_source(str(path), kept)
    read_names(str(path), kept)
    read_bound(str(path), kept)


@pytest.mark.parametrize(
    "source",
    [
        b"(" * 100_000,
        b"x = " + b"-" * 50_000 + b"1",
        b"from x import (" + b"a, " * 100_000 + b")",
        b"from x import \\\n" * 20_000,
        b"import " + b"a." * 100_000 + b"b",
        b"from " + b"." * 100_000 + b" import x",
        b"\0" * 100_000,
        b"x: " + b" " * 1_000_000 + b"= 1",
        b"from x import a" + b" " * 200_000 + b"#\n" * 10,
    ],
    ids=range(9),
)
def test_a_source_that_is_made_to_take_long_does_not(tmp_path: Path, source: bytes) -> None:
    sites = Sites(tmp_path)
    for site in (sites.user, sites.image):
        files = {"mine/__init__.py": source, "mine/x_pb2.py": source}
        dist_info(site, f"mine{site == sites.image:d}", head="Requires-Dist: base\n", files=files)
        dist_info(site, "base", str(len(str(site))), files={"base.py": source})
    began = time.process_time()
    ground = sites.ground()
    sites.diagnose()
    list(generated_code(ground))
    assert time.process_time() - began < BOUND


def test_what_is_no_file_is_not_waited_for(sites: Sites) -> None:
    """FIFOs, sockets, devices, links in circles and directories in the place of files."""
    for number, name in enumerate(("METADATA", "RECORD", "entry_points.txt", "WHEEL")):
        info = dist_info(sites.user, f"fifo{number}", files={f"m{number}.py": b""})
        (info / name).unlink(missing_ok=True)
        os.mkfifo(info / name)
        info = dist_info(sites.user, f"dir{number}", files={f"d{number}.py": b""})
        (info / name).unlink(missing_ok=True)
        (info / name).mkdir()
    os.mkfifo(sites.user / "a.pth")
    (sites.user / "b.pth").symlink_to("b.pth")
    (sites.user / "c.pth").symlink_to("/dev/zero")
    (sites.user / "loop.py").symlink_to("loop.py")
    (sites.user / "zero.so").symlink_to("/dev/zero")
    os.mkfifo(sites.base / "bin" / "pipe")
    (sites.base / "bin" / "zero").symlink_to("/dev/zero")
    with socket.socket(socket.AF_UNIX) as server:
        here = os.open(sites.user, os.O_RDONLY)
        try:
            server.bind(f"/proc/self/fd/{here}/socket.py")
        finally:
            os.close(here)
        sites.diagnose()


def test_names_that_are_no_text_can_be_shown(sites: Sites) -> None:
    for name in (b"caf\xe9.py", b"new\nline.py", b"caf\xe9-1.0.dist-info", b"\x1b[31m.pth"):
        path = os.path.join(os.fsencode(sites.user), name)
        if name.endswith(b"-info"):
            os.mkdir(path)
        else:
            with open(path, "wb") as file:
                file.write(b"/gone/caf\xe9\n")
    with open(os.path.join(os.fsencode(sites.base), b"bin/caf\xe9"), "wb") as script:
        script.write(b"#!/gone/caf\xe9/python\n")
    for found in sites.diagnose().findings:
        words = [found.subject, found.detail, *(text for row in found.evidence for text in row)]
        assert all(text.isprintable() for text in words)
        "".join(words).encode()


def test_a_record_of_a_hundred_megabytes_is_not_read(sites: Sites) -> None:
    info = dist_info(sites.user, "mine")
    with (info / "RECORD").open("wb") as file:
        file.truncate(100 << 20)
    assert "larger than anything" in sites.only("no-record").detail


def test_a_module_of_many_gigabytes_is_not_read_to_its_end(sites: Sites) -> None:
    sites.both("numpy", "2.0", "1.0")
    info = dist_info(sites.image, "pandas", head="Requires-Dist: numpy\n", files={"p.so": elf()})
    with (sites.image / "p.so").open("r+b") as file:
        file.truncate(1 << 40)
    assert info.is_dir()
    began = time.process_time()
    sites.diagnose()
    assert time.process_time() - began < BOUND


def test_a_packages_path_that_leads_away_is_not_followed_for_ever(sites: Sites) -> None:
    dist_info(sites.user, "mine", files={"mine/__init__.py": b"from . import loop\n"})
    (sites.user / "mine" / "loop").symlink_to(sites.user / "mine")
    dist_info(sites.image, "mine", "2.0", files={"mine/__init__.py": b""})
    sites.diagnose()


def test_ten_thousand_distributions_come_to_an_end(sites: Sites) -> None:
    for number in range(3000):
        (sites.user / f"d{number}-1.0.dist-info").mkdir()
    began = time.process_time()
    found = sites.diagnose()
    assert found.package_count == 3000
    assert time.process_time() - began < 2 * BOUND


@quickly
@given(st.text(max_size=200))
def test_any_words_of_an_interpreter_are_survived(text: str) -> None:
    assert read_runtime(text) is None
    assert read_runtime(f"envmgr:{text}") is None
    assert read_runtime(f"envmgr:{{'system': {text!r}, 'version': {text!r}}}") is None


def test_what_is_needed_of_a_package_that_imports_itself(sites: Sites) -> None:
    from jupyter_envmgr.core.usersite.diagnosis.importing import Importing

    source = b"from . import a\nfrom .. import b\nimport mine\nfrom mine import *\n"
    dist_info(sites.user, "mine", files={"mine/__init__.py": source, "mine/a.py": source})
    ground = sites.ground()
    one = ground.mine["mine"]
    importing = Importing(ground, 100)
    assert is_needed(ground, importing, one, ["mine/a.py"])
    assert not is_needed(ground, importing, one, ["mine/c.py"])
    assert is_needed(ground, importing, one, [f"top{SUFFIX}"])


def test_processor_flags_come_from_the_first_processor(tmp_path: Path) -> None:
    text = "processor\t: 0\nflags\t\t: fpu sse2 avx\n\nprocessor\t: 1\nflags\t\t: fpu\n"
    path = write(tmp_path / "cpuinfo", text)
    assert processor_flags(str(path)) == {"fpu", "sse2", "avx"}
    assert processor_flags(str(write(path, "Features\t: fp asimd\n"))) == frozenset()
    assert processor_flags(str(tmp_path / "gone")) == frozenset()


def test_bytes_are_found_over_the_seam_of_two_parts(tmp_path: Path) -> None:
    path = tmp_path / "large"
    for place in ((1 << 20) - 5, (1 << 20) + 7, 0):
        path.write_bytes(bytes(place) + b"needle" + bytes(10))
        assert contains(str(path), (b"needle", b"other"), 1 << 21) == (True, False)
    assert contains(str(path), (b"needle",), 3) == (False,)
