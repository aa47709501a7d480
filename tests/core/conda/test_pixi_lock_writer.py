"""A pixi.lock of ours: read back by us and by rattler, whose format it is."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from jupyter_envmgr.core.conda.export import export_pixi_lock
from jupyter_envmgr.core.conda.lock_files import parse_pixi_lock
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.locked import LockedFile, LockedPackage
from tests.core.packages.trees import conda_record

FORGE, NVIDIA = "https://conda.anaconda.org/conda-forge", "https://conda.anaconda.org/nvidia"
MD5, SHA256 = "d73490214f536cccb5819e9873048c92", "ab" * 32
WHEEL = LockedFile(
    "rich-13.7.1-py3-none-any.whl",
    "https://files.pythonhosted.org/packages/87/rich-13.7.1-py3-none-any.whl",
    (f"sha256:{SHA256}",),
)
COMMIT = {"type": "git", "url": "https://g.example/x", "commit-id": "abc"}
PIP = (LockedPackage("rich", "13.7.1", (WHEEL,)), LockedPackage("ofgit", "1", vcs=COMMIT))
# Ended hard: its process may crash at exit with its work done.
_RATTLER = """
import json, os, sys
from rattler import LockFile
environment = LockFile.from_path(sys.argv[1]).default_environment()
(platform,) = environment.platforms()
rows = [
    [r.name.normalized, str(r.version), str(r.build), r.subdir, r.url, r.md5.hex(), r.depends]
    for r in environment.conda_repodata_records_for_platform(platform)
]
pip = [[p.name, str(p.version)] for p in environment.packages(platform) if "rich" in p.location]
print(json.dumps([list(map(repr, environment.channels())), platform.name, rows, pip]))
sys.stdout.flush()
os._exit(0)
"""


@pytest.fixture
def prefix(tmp_path: Path) -> Path:
    prefix = tmp_path / "training"
    for name, version, channel, subdir, depends in (
        ("python", "3.11.9", FORGE, "linux-64", ["tzdata", "__glibc >=2.17,<3.0.a0"]),
        ("tzdata", "2024a", FORGE, "noarch", []),
        ("cuda", "12.4", NVIDIA, "linux-64", ["python *"]),
    ):
        conda_record(
            prefix,
            name,
            version,
            url=f"{channel.replace('//', '//ada:geheim@')}/{subdir}/{name}-{version}-h0_0.conda",
            channel=f"{channel}/{subdir}",
            subdir=subdir,
            md5=MD5,
            build="h0_0",
            depends=depends,
        )
    return prefix


def test_it_names_every_package_by_address_and_hash(prefix: Path) -> None:
    export = export_pixi_lock(prefix, pip=PIP, indexes=["https://i/simple"], channels=["nvidia"])
    assert export.filename == "pixi.lock"
    assert "geheim" not in export.text
    assert export.notices == ("Packages of a repository or directory are left out: ofgit.",)
    found = parse_pixi_lock(export.text, "linux-64")
    assert sorted(spec.text for spec in found.specs) == [
        f"{FORGE}/linux-64/python-3.11.9-h0_0.conda#{MD5}",
        f"{FORGE}/noarch/tzdata-2024a-h0_0.conda#{MD5}",
        f"{NVIDIA}/linux-64/cuda-12.4-h0_0.conda#{MD5}",
    ]
    assert [line.text for line in found.pip] == [f"rich==13.7.1 --hash=sha256:{SHA256}"]
    assert found.channels == (NVIDIA, FORGE)
    assert found.indexes == ("https://i/simple",)


def test_rattler_reads_it_as_it_was_meant(prefix: Path, tmp_path: Path) -> None:
    pytest.importorskip("rattler")
    lock = tmp_path / "pixi.lock"
    lock.write_text(export_pixi_lock(prefix, pip=PIP, indexes=["https://i/simple"]).text)
    command = [sys.executable, "-I", "-c", _RATTLER, str(lock)]
    answer = subprocess.run(command, capture_output=True, timeout=60)
    assert answer.returncode == 0, answer.stderr.decode()
    channels, platform, rows, pip = json.loads(answer.stdout)
    assert [word.split('"')[1] for word in channels] == [f"{FORGE}/", f"{NVIDIA}/"]
    assert platform == "linux-64"
    by_name = {row[0]: row[1:] for row in rows}
    assert by_name["python"] == [
        "3.11.9",
        "h0_0",
        "linux-64",
        f"{FORGE}/linux-64/python-3.11.9-h0_0.conda",
        MD5,
        ["tzdata", "__glibc >=2.17,<3.0.a0"],
    ]
    assert by_name["tzdata"][2] == "noarch"
    assert len(by_name) == 3
    assert pip == [["rich", "13.7.1"]]


def test_without_addresses_there_is_none(prefix: Path) -> None:
    conda_record(prefix, "lost", "1.0", build="h0_0")
    with pytest.raises(EnvMgrError) as caught:
        export_pixi_lock(prefix)
    assert caught.value.code == "bad-record"
    assert "lost" in caught.value.detail


def test_hashes_that_look_like_numbers_stay_texts(tmp_path: Path) -> None:
    """``1e11…`` is a number in YAML, and so are digits alone."""
    number = "1e" + "1" * 30
    prefix = tmp_path / "training"
    conda_record(
        prefix,
        "tzdata",
        "2024a",
        url=f"{FORGE}/noarch/tzdata-2024a-h0_0.conda",
        channel=f"{FORGE}/noarch",
        subdir="noarch",
        md5=number,
        sha256="1" * 64,
        build="h0_0",
    )
    text = export_pixi_lock(prefix).text
    (package,) = yaml.safe_load(text)["packages"]
    assert (package["md5"], package["sha256"]) == (number, "1" * 64)
    (spec,) = parse_pixi_lock(text, "linux-64").specs
    assert spec.text.endswith(f"#sha256:{'1' * 64}")
