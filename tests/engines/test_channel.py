"""The conda channel of the tests: it is a real one, and what comes of it works."""

from __future__ import annotations

import json
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tests.channel import build
from tests.channel.archives import CondaPackage, Entry, text, zstd
from tests.channel.build import Channel
from tests.channel.server import ChannelServer
from tests.engines.rattler_bench import RattlerBench, bad_files


def test_it_is_built_once_for_a_content(conda_channel: Channel) -> None:
    before = (conda_channel.path / "noarch" / "repodata.json").stat().st_mtime_ns
    assert build.channel() == conda_channel
    assert (conda_channel.path / "noarch" / "repodata.json").stat().st_mtime_ns == before


def test_it_has_the_python_of_the_tests_and_what_a_kernel_needs(conda_channel: Channel) -> None:
    found: set[str] = set()
    for subdir in ("noarch", conda_channel.subdir):
        repodata = json.loads((conda_channel.path / subdir / "repodata.json").read_text())
        found |= {record["name"] for record in repodata["packages.conda"].values()}
    assert {"python", "ipykernel", "pip", "greeter", "left", "right", "needs-cuda"} <= found


def test_its_packages_are_zips_of_two_zstd_archives(conda_channel: Channel) -> None:
    with zipfile.ZipFile(conda_channel.file("left")) as archive:
        assert archive.namelist() == [
            "metadata.json",
            "pkg-left-1.0-0.tar.zst",
            "info-left-1.0-0.tar.zst",
        ]


@pytest.mark.parametrize("size", [0, 1, 131071, 131072, 131073, 300_000])
def test_blocks_of_every_size_are_read(size: int, tmp_path: Path) -> None:
    bench = RattlerBench(tmp_path, tmp_path / "cache")
    package = CondaPackage("block", files={"share/block": Entry(b"x" * size)})
    channel = build.write_channel(tmp_path / "channel", [package])
    bench.create(channel.as_uri(), "block")
    assert (bench.prefix / "share" / "block").read_bytes() == b"x" * size
    assert len(zstd(b"x" * size)) > size


def test_an_environment_of_it_works_wherever_it_is(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    bench = rattler_bench
    bench.create(conda_channel.url, f"python={conda_channel.python}", "ipykernel", "pip", "greeter")
    program = "import ssl, sqlite3, ctypes, zlib, sys; print(sys.prefix, *sys.version_info[:3])"
    prefix, *version = bench.python("-c", program).split()
    assert (prefix, ".".join(version)) == (str(bench.prefix), conda_channel.python)
    assert bench.python("-m", "ipykernel", "--version")
    assert "No broken requirements" in bench.python("-m", "pip", "check")
    assert bench.python(str(bench.prefix / "bin" / "greet")) == "hello 2.0"
    assert bad_files(bench.prefix) == []


def test_other_pythons_of_the_machine_work_too(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    if len(conda_channel.pythons) < 2:
        pytest.skip("this machine has one Python")
    other = conda_channel.pythons[1]
    rattler_bench.create(conda_channel.url, f"python={other}", "greeter=1.0")
    assert rattler_bench.python("--version") == f"Python {other}"
    assert rattler_bench.python("-c", "import greeter; greeter.main()") == "hello 1.0"


def test_a_text_with_the_placeholder_gets_the_prefix(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "knows-its-prefix")
    text_ = (rattler_bench.prefix / "share" / "prefix.txt").read_text()
    assert text_ == f"{rattler_bench.prefix}\n"
    assert text("no placeholder").placeholder == ""


@pytest.mark.parametrize(
    ("attribute", "value", "header"),
    [
        ("credentials", ("me", "geheimnis"), "Basic bWU6Z2VoZWltbmlz"),
        ("bearer", "my-token", "Bearer my-token"),
    ],
)
def test_the_server_asks_for_credentials(
    conda_server: ChannelServer, attribute: str, value: object, header: str
) -> None:
    setattr(conda_server, attribute, value)
    url = f"{conda_server.url}/noarch/repodata.json"
    with pytest.raises(urllib.error.HTTPError, match="401"):
        urllib.request.urlopen(url)
    request = urllib.request.Request(url, headers={"Authorization": header})
    with urllib.request.urlopen(request) as answer:
        assert json.load(answer)["packages.conda"]


def test_the_server_sends_nothing_from_elsewhere(conda_server: ChannelServer) -> None:
    assert conda_server.file("/conda-forge/noarch/repodata.json")
    assert conda_server.file("/conda-forge/../../etc/passwd") is None
    assert conda_server.file("/other/noarch/repodata.json") is None
