"""What real conda, mamba and micromamba make and our rattler engine changes, and the reverse.

Skipped where there is none of them.
"""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.history import parse_history, requested_specs
from tests.channel.build import Channel
from tests.engines.conda_cli_bench import KINDS, CondaBench, bench_of
from tests.engines.rattler_bench import RattlerBench, bad_files

REAL_KINDS = [kind for kind in KINDS if kind.startswith("real")]


@pytest.fixture(params=REAL_KINDS)
def tool(request: pytest.FixtureRequest, tmp_path: Path) -> CondaBench:
    """Each of the tools in turn."""
    return bench_of(tmp_path, request.param)


@pytest.fixture
def ours(tool: CondaBench) -> RattlerBench:
    """Our engine, for the same environment."""
    return RattlerBench(tool.home, tool.home / "cache")


def asked(bench: CondaBench | RattlerBench) -> dict[str, str]:
    """What the history says was asked for."""
    return requested_specs(parse_history((bench.prefix / "conda-meta" / "history").read_text()))


def test_what_it_makes_works_and_is_known(
    tool: CondaBench, ours: RattlerBench, conda_channel: Channel
) -> None:
    specs = (f"python={conda_channel.python}", "ipykernel", "pip", "greeter")
    assert tool.create(tool.plan(*specs, channel=conda_channel.url)) is None
    assert ours.python("-c", "import sys; print(sys.prefix)") == str(tool.prefix)
    assert ours.python("-m", "ipykernel", "--version")
    assert ours.python(str(tool.prefix / "bin" / "greet")) == "hello 2.0"
    assert bad_files(tool.prefix) == []
    assert asked(tool).keys() == {"python", "ipykernel", "pip", "greeter"}
    known = tool.home / ".conda" / "environments.txt"
    assert str(tool.prefix) in known.read_text().splitlines()


def test_it_changes_what_we_made_and_we_go_on(
    tool: CondaBench, ours: RattlerBench, conda_channel: Channel
) -> None:
    url = conda_channel.url
    ours.create(url, "greeter=1.0", "two-versions=1")
    assert tool.change(tool.plan("left", channel=url)) is None
    assert tool.change(tool.plan(channel=url, update=("greeter",))) is None
    assert (
        tool.packages().items() >= {"left": "1.0", "greeter": "2.0", "two-versions": "1.0"}.items()
    )
    assert ours.python("-c", "import greeter; greeter.main()") == "hello 2.0"
    site = next(tool.prefix.glob("lib/python3*/site-packages"))
    assert sorted(p.name for p in (site / "greeter").glob("only*")) == ["only_2_0.py"]
    assert bad_files(tool.prefix) == []
    assert tool.change(tool.plan(channel=url, remove=("greeter",))) is None
    assert not (site / "greeter").exists()
    ours.change(url, remove=("left",))
    ours.change(url, "grows")
    assert {"grows", "two-versions"} <= set(tool.packages())
    assert not {"greeter", "left"} & set(tool.packages())
    assert {"two-versions", "grows"} <= asked(tool).keys()
    assert not {"greeter", "left"} & asked(tool).keys()
    assert bad_files(tool.prefix) == []


def test_we_add_to_what_it_made_and_it_goes_on(
    tool: CondaBench, ours: RattlerBench, conda_channel: Channel
) -> None:
    url = conda_channel.url
    plan = tool.plan(f"python={conda_channel.python}", "greeter=1.0", channel=url)
    assert tool.create(plan) is None
    ours.change(url, "left")
    assert bad_files(tool.prefix) == []
    assert tool.change(tool.plan(channel=url, remove=("greeter",))) is None
    assert tool.change(tool.plan(channel=url, update=("*",))) is None
    assert {"left", "python"} <= set(tool.packages())
    assert "greeter" not in tool.packages()
    assert bad_files(tool.prefix) == []


def test_a_list_of_it_has_what_we_made(
    tool: CondaBench, ours: RattlerBench, conda_channel: Channel
) -> None:
    ours.create(conda_channel.url, "greeter=1.0", "two-versions")
    environ = {"HOME": str(tool.home), "PATH": os.environ["PATH"]}
    environ["MAMBA_ROOT_PREFIX"] = str(tool.home / "root")
    said = subprocess.run(
        [tool.engine.executable, "list", "--prefix", str(tool.prefix)],
        env=environ,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    listed = {tuple(line.split()[:2]) for line in said.splitlines() if line.strip()}
    assert set(ours.installed().items()) <= listed
