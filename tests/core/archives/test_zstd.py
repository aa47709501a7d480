"""zstd by the system's library is what the zstd program reads and writes."""

from __future__ import annotations

import io
import os
import random
import shutil
import subprocess

import pytest

from jupyter_envmgr.core.archives import zstd
from jupyter_envmgr.core.errors import EnvMgrError

needs_zstd = pytest.mark.skipif(shutil.which("zstd") is None, reason="there is no program zstd")


def packed(data: bytes, **options: int) -> bytes:
    out = io.BytesIO()
    writer = zstd.writer(out, **options)
    for start in range(0, len(data), 70_001):
        assert writer.write(data[start : start + 70_001])
    writer.close()
    return out.getvalue()


def unpacked(data: bytes, size: int = 1 << 20) -> bytes:
    reader = zstd.reader(io.BytesIO(data))
    parts = []
    while part := reader.read(size):
        assert len(part) <= size
        parts.append(part)
    return b"".join(parts)


@pytest.mark.parametrize("size", [0, 1, 1000, 131_072, 3_000_000])
@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_packed_comes_out(size: int, workers: int) -> None:
    data = random.Random(size).randbytes(size // 2) + b"a" * (size - size // 2)
    assert unpacked(packed(data, workers=workers)) == data


def test_it_can_be_read_in_pieces_of_any_size() -> None:
    data = os.urandom(5_000) + bytes(200_000)
    assert unpacked(packed(data), 7) == data


def test_frames_that_follow_each_other_are_one_stream() -> None:
    assert unpacked(packed(b"one") + packed(b"two")) == b"onetwo"


@needs_zstd
def test_the_program_reads_it_and_its_own_is_read() -> None:
    data = os.urandom(100_000) + bytes(1_000_000)
    read = subprocess.run(["zstd", "-dc"], input=packed(data), capture_output=True, check=True)
    assert read.stdout == data
    written = subprocess.run(["zstd", "-c"], input=data, capture_output=True, check=True)
    assert unpacked(written.stdout) == data


def test_what_is_cut_or_wrong_is_damaged() -> None:
    whole = packed(os.urandom(100_000))
    for broken in (whole[:-1], whole[:50_000], whole[:5], b"", whole + b"garbage!", b"x" * 100):
        with pytest.raises(EnvMgrError) as caught:
            unpacked(broken)
        assert caught.value.code == "archive-damaged"


@needs_zstd
def test_a_window_that_takes_too_much_memory_is_refused() -> None:
    # With its real size known zstd would take a smaller window.
    made = subprocess.run(
        ["zstd", "-c", "--ultra", "--long=30", "-1"],
        input=os.urandom(1_000),
        capture_output=True,
        check=True,
    )
    frame = bytearray(made.stdout)
    window = b"\x28\xb5\x2f\xfd" + b"\x00" + bytes([(30 - 10) << 3]) + bytes(frame[6:])
    with pytest.raises(EnvMgrError):
        unpacked(window)


def test_a_machine_without_zstd_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zstd, "_library", lambda: None)
    assert not zstd.is_available()
    with pytest.raises(EnvMgrError, match="no zstd") as caught:
        zstd.reader(io.BytesIO(b""))
    assert ".tar.gz" in caught.value.hint
