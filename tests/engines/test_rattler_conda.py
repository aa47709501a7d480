"""What a real conda makes of our environments, and we of its own. Skipped where there is none."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from tests.channel.build import Channel
from tests.engines.rattler_bench import RattlerBench


class Conda:
    """A conda that sees nothing of the person who runs the tests."""

    def __init__(self, program: str, home: Path) -> None:
        self._program = program
        self._environ = {
            "HOME": str(home),
            "PATH": "/usr/bin:/bin",
            "CONDA_PKGS_DIRS": str(home / "pkgs"),
            "CONDARC": os.devnull,
            # The others are plug-ins, which an installation may lack.
            "CONDA_SOLVER": "classic",
        }

    def __call__(self, *words: str) -> str:
        answer = subprocess.run(
            [self._program, *words],
            env=self._environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert answer.returncode == 0, answer.stderr + answer.stdout
        return answer.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self(*words, "--json"))


@pytest.fixture
def conda(tmp_path: Path) -> Conda:
    program = shutil.which("conda")
    if program is None:
        pytest.skip("there is no conda on this machine")
    found = Conda(program, tmp_path)
    try:
        found("--version")
    except (AssertionError, OSError):
        pytest.skip(f"{program} does not run")
    return found


def test_conda_lists_and_exports_what_we_made(
    rattler_bench: RattlerBench, conda_channel: Channel, conda: Conda
) -> None:
    prefix = str(rattler_bench.prefix)
    rattler_bench.create(conda_channel.url, "greeter=1.0", "two-versions")
    listed = {row["name"]: row["version"] for row in conda.json("list", "--prefix", prefix)}
    assert listed == rattler_bench.installed()
    exported = conda("env", "export", "--prefix", prefix, "--from-history")
    assert "  - greeter=1.0\n  - two-versions\n" in exported
    assert "two-versions-2.0" in conda("list", "--prefix", prefix, "--revisions")


def test_conda_changes_what_we_made_and_we_go_on(
    rattler_bench: RattlerBench, conda_channel: Channel, conda: Conda
) -> None:
    bench, url = rattler_bench, conda_channel.url
    prefix = ("--prefix", str(bench.prefix), "--yes", "--override-channels", "--channel", url)
    bench.create(url, "greeter=1.0", "two-versions=1")
    conda("install", *prefix, "left")
    assert bench.installed()["left"] == "1.0"
    conda("remove", *prefix, "greeter")
    assert not list(bench.prefix.glob("lib/python3*/site-packages/greeter"))
    bench.change(url, "grows")
    bench.change(url, remove=("left",))
    assert {"grows", "two-versions", "python"} <= set(bench.installed())
    assert not {"left", "greeter"} & set(bench.installed())


def test_what_conda_made_can_be_added_to_and_is_not_taken_from(
    rattler_bench: RattlerBench, conda_channel: Channel, conda: Conda
) -> None:
    bench, url = rattler_bench, conda_channel.url
    words = ("--prefix", str(bench.prefix), "--yes", "--override-channels", "--channel", url)
    conda("create", *words, f"python={conda_channel.python}", "greeter=1.0")
    bench.change(url, "left")
    with pytest.raises(EnvMgrError) as caught:
        bench.change(url, remove=("greeter",))
    assert caught.value.problem.code == "made-by-other-tool"
    assert bench.python("-c", "import greeter; greeter.main()") == "hello 1.0"
    listed = {row["name"] for row in conda.json("list", "--prefix", str(bench.prefix))}
    assert {"left", "greeter", "python"} <= listed
