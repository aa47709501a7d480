"""Environments by py-rattler: what may be asked of it, and what is made, as conda would know it."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import os
import stat
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.history import parse_history
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.conda_records import asked_for_by_history
from jupyter_envmgr.engines.rattler import REQUEST, RattlerEngine
from tests import fakes
from tests.channel.build import Channel
from tests.engines.rattler_bench import RattlerBench as Bench
from tests.engines.rattler_bench import records


def test_an_environment_is_made_and_conda_can_know_it(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    bench = rattler_bench
    bench.create(conda_channel.url, "greeter=1.0", "two-versions")
    assert bench.python("-c", "import greeter; greeter.main()") == "hello 1.0"
    assert bench.installed()["two-versions"] == "2.0"
    # py-rattler calls an environment a cache, which backups leave out.
    assert not (bench.prefix / "CACHEDIR.TAG").exists()
    (revision,) = parse_history(bench.history())
    assert revision.asked == ("greeter=1.0", "two-versions")
    assert {name.rpartition("::")[2] for name in revision.linked} >= {
        "greeter-1.0-0",
        "two-versions-2.0-0",
    }
    assert (bench.home / ".conda" / "environments.txt").read_text() == f"{bench.prefix}\n"
    asked = asked_for_by_history(str(bench.prefix / "conda-meta"))
    assert asked == {"greeter": True, "two-versions": True}


def test_what_was_asked_for_is_in_the_records_too(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    """py-rattler's own `install(requested_specs=[MatchSpec])` raises TypeError."""
    rattler_bench.create(conda_channel.url, "left")
    asked = {r["name"]: r["requested_specs"] for r in records(rattler_bench.prefix)}
    assert asked == {"left": ["left"], "base-library": []}


def test_a_directory_that_holds_our_marker_is_filled(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    marker = rattler_bench.prefix / ".envmgr.json"
    marker.parent.mkdir()
    marker.write_text("{}")
    rattler_bench.create(conda_channel.url, "left")
    assert marker.read_text() == "{}"


@pytest.mark.parametrize("there", ["precious.txt", "conda-meta/history", ".hidden"])
def test_a_directory_that_holds_anything_else_is_refused(
    rattler_bench: Bench, conda_channel: Channel, there: str
) -> None:
    """py-rattler itself installs over it without a word."""
    file = rattler_bench.prefix / there
    file.parent.mkdir(parents=True)
    file.write_text("mine")
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.create(conda_channel.url, "left")
    assert caught.value.problem.code == "directory-exists"
    assert file.read_text() == "mine"
    assert sorted(p.name for p in rattler_bench.prefix.rglob("*") if p.is_file()) == [file.name]


def test_an_environment_with_no_specs_is_empty_and_one(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url)
    assert rattler_bench.installed() == {}
    assert "# cmd: jupyter_envmgr create" in rattler_bench.history()


def test_only_an_absolute_prefix_will_do(rattler_bench: Bench, conda_channel: Channel) -> None:
    """A relative one lands in shebangs."""
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.create(conda_channel.url, "left", prefix=Path("environment"))
    assert caught.value.problem.code == "bad-path"


@pytest.mark.parametrize(
    "spec",
    ["bad spec !!", "--prefix=/tmp/evil", "numpy; rm -rf ~", "$(id)", "a\nb", "", "-c evil"],
)
def test_a_spec_that_is_none_is_refused_before_anything_runs(
    rattler_bench: Bench, conda_channel: Channel, spec: str
) -> None:
    """`bad spec !!` passes py-rattler's own parser."""
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.create(conda_channel.url, "left", spec)
    assert caught.value.problem.code == "bad-requirement"
    assert not rattler_bench.commands


@pytest.mark.parametrize("field", ["remove", "explicit"])
@pytest.mark.parametrize("word", ["--all", "a b", "http://x/y.zip", "ftp://h/noarch/a-1-0.conda"])
def test_names_and_addresses_are_checked_too(
    rattler_bench: Bench, conda_channel: Channel, field: str, word: str
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.create(conda_channel.url, **{field: (word,)})
    assert caught.value.problem.code == "bad-requirement"


def test_the_command_is_a_list_of_words_that_a_person_cannot_bend(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    bench = rattler_bench
    bench.environ = {
        "PYTHONPATH": "/nowhere",
        "CONDA_PREFIX": "/nowhere",
        "CONDA_OVERRIDE_CUDA": "12.4",
        "CONDA_TOKEN": "x",
    }
    plan = bench.plan(conda_channel.url, "left")
    (step,) = bench.engine.create(plan).steps
    python, isolated, siteless, worker, request = step.command.argv
    assert os.access(python, os.X_OK)
    assert (isolated, siteless) == ("-I", "-S")
    assert worker.endswith("/engines/rattler_worker.py")
    assert request == str(plan.workdir / REQUEST)
    assert step.command.environ["CONDA_OVERRIDE_CUDA"] == "12.4"
    assert not {"PYTHONPATH", "CONDA_PREFIX", "CONDA_TOKEN"} & set(step.command.environ)


def test_a_missing_or_another_py_rattler_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = fakes.settings(tmp_path)
    monkeypatch.setattr(importlib.metadata, "version", lambda _: "0.31.2")
    with pytest.raises(EnvMgrError, match=r"0\.31\.2 is installed"):
        RattlerEngine.find(settings)
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(EnvMgrError) as caught:
        RattlerEngine.find(settings)
    assert caught.value.problem.code == "engine-missing"


def test_finding_it_does_not_import_it(tmp_path: Path) -> None:
    import subprocess
    import sys

    program = (
        "import sys; from pathlib import Path; from tests import fakes;"
        "from jupyter_envmgr.engines.rattler import RattlerEngine;"
        "print(RattlerEngine.find(fakes.settings(Path('/tmp'))).version);"
        "assert 'rattler' not in sys.modules and 'asyncio' not in sys.modules"
    )
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=root, capture_output=True, text=True, check=True
    )
    assert answer.stdout.startswith("0.28")


def test_files_of_a_plan_are_private(rattler_bench: Bench, conda_channel: Channel) -> None:
    rattler_bench.create(conda_channel.url, "left")
    workdir = rattler_bench.home / "workdir"
    assert {stat.S_IMODE(f.stat().st_mode) for f in workdir.iterdir()} == {0o600}
    assert dataclasses.is_dataclass(rattler_bench.plan(conda_channel.url))
