"""Environments by py-rattler: made, changed, planned, as conda itself would know them."""

from __future__ import annotations

import dataclasses
import importlib.metadata
import importlib.util
import json
import os
import stat
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.history import parse_history, requested_specs
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.packages.conda_records import asked_for_by_history
from jupyter_envmgr.engines.conda_plan import Change, Solution
from jupyter_envmgr.engines.rattler import REQUEST, RattlerEngine
from tests import fakes
from tests.channel.build import Channel
from tests.channel.server import ChannelServer
from tests.engines.rattler_bench import RattlerBench, bad_files, records

Bench = RattlerBench


def changes(solution: Solution) -> dict[str, tuple[str, str]]:
    return {change.name: (change.before, change.after) for change in solution.changes}


# -- create ----------------------------------------------------------------------------------


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
    assert asked_for_by_history(str(bench.prefix / "conda-meta")) == {"greeter", "two-versions"}


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


# -- plan ------------------------------------------------------------------------------------


def test_a_solution_says_what_would_change_and_changes_nothing(
    tmp_path: Path, conda_channel: Channel
) -> None:
    bench = Bench(tmp_path, tmp_path / "cache")
    solution = bench.solve(conda_channel.url, "left")
    channel = conda_channel.url
    size = conda_channel.file("left").stat().st_size
    assert Change("left", "", "1.0", "0", channel, size, None) in solution.changes
    assert solution.download == sum(change.size or 0 for change in solution.changes)
    assert solution.disk
    assert any(name.startswith("__unix") for name in solution.virtual_packages)
    assert not bench.prefix.exists()
    assert not (bench.home / ".conda").exists()


def test_what_is_in_the_cache_is_not_to_be_downloaded_and_its_size_is_known(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "two-versions")
    elsewhere = rattler_bench.home / "elsewhere"
    solution = rattler_bench.solve(conda_channel.url, "two-versions", prefix=elsewhere)
    (change,) = solution.changes
    assert (change.size, change.installed_size) == (None, len("2.0\n"))
    assert (solution.download, solution.disk) == (0, len("2.0\n"))


def test_more_than_was_asked_for_is_seen_in_the_plan(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "grows=1", "two-versions=1")
    rattler_bench.change(conda_channel.url, remove=("two-versions",))
    solution = rattler_bench.solve(conda_channel.url, "grows=2")
    assert changes(solution) == {"grows": ("1.0", "2.0"), "two-versions": ("", "2.0")}
    assert rattler_bench.installed() == {"grows": "1.0"}


def test_the_worker_answers_for_another_platform(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    solution = rattler_bench.solve(conda_channel.url, "only-elsewhere", platform="osx-arm64")
    assert changes(solution) == {"only-elsewhere": ("", "1.0")}


# -- change ----------------------------------------------------------------------------------


def test_packages_are_installed_updated_and_removed(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    bench, url = rattler_bench, conda_channel.url
    bench.create(url, "greeter=1.0")
    assert changes(bench.change(url, "two-versions=1")) == {"two-versions": ("", "1.0")}
    assert changes(bench.change(url, update=("greeter",))) == {"greeter": ("1.0", "2.0")}
    assert bench.python("-c", "import greeter; greeter.main()") == "hello 2.0"
    site = next(bench.prefix.glob("lib/python3*/site-packages"))
    # A noarch package's files of the old version are gone.
    assert sorted(p.name for p in (site / "greeter").glob("only*")) == ["only_2_0.py"]
    assert changes(bench.change(url, remove=("two-versions",))) == {"two-versions": ("1.0", "")}
    assert not (bench.prefix / "share" / "two-versions.txt").exists()
    assert bad_files(bench.prefix) == []
    assert len(parse_history(bench.history())) == 4
    assert requested_specs(parse_history(bench.history())) == {"greeter": "greeter"}
    assert (bench.home / ".conda" / "environments.txt").read_text() == f"{bench.prefix}\n"


def test_updating_what_is_not_there_is_said(rattler_bench: Bench, conda_channel: Channel) -> None:
    rattler_bench.create(conda_channel.url, "left")
    with pytest.raises(EnvMgrError, match="two-versions is not installed"):
        rattler_bench.change(conda_channel.url, update=("two-versions",))


def test_a_spec_may_be_an_address_and_is_solved_with_the_others(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    url = conda_channel.url_of("left")
    rattler_bench.create(conda_channel.url, url, "two-versions=1")
    assert set(rattler_bench.installed()) == {"left", "base-library", "two-versions"}
    rattler_bench.change(conda_channel.url, "grows=1")
    assert set(rattler_bench.installed()) == {"left", "base-library", "two-versions", "grows"}


def test_what_is_there_moves_only_if_it_must(rattler_bench: Bench, conda_channel: Channel) -> None:
    """Nobody asked for base-library 1.0, and 1.5 would do for left as well."""
    names = ("base-library-1.0", "left-1.0")
    urls = tuple(f"{conda_channel.url}/noarch/{name}-0.conda" for name in names)
    rattler_bench.create(conda_channel.url, explicit=urls)
    rattler_bench.change(conda_channel.url, "two-versions")
    assert rattler_bench.installed()["base-library"] == "1.0"


def test_what_was_asked_for_earlier_holds(rattler_bench: Bench, conda_channel: Channel) -> None:
    rattler_bench.create(conda_channel.url, "base-library<2")
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.change(conda_channel.url, "right")
    assert caught.value.problem.code == "requirements-conflict"
    assert "right 1.0 needs base-library >=2" in caught.value.problem.detail
    assert "base-library<2" in caught.value.problem.detail
    assert rattler_bench.installed() == {"base-library": "1.5"}


def test_everything_is_updated_within_what_was_asked_for(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "base-library=1.0", "two-versions=1.0")
    history = rattler_bench.prefix / "conda-meta" / "history"
    history.write_text(history.read_text().replace("base-library=1.0", "base-library<2"))
    solution = rattler_bench.change(conda_channel.url, update=("*",))
    assert changes(solution) == {"base-library": ("1.0", "1.5")}


def test_a_new_word_of_the_person_replaces_their_old_one(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "two-versions=1")
    rattler_bench.change(conda_channel.url, "two-versions=2")
    assert rattler_bench.installed() == {"two-versions": "2.0"}


def test_with_a_package_go_those_that_need_it_and_what_only_they_needed(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "left", "two-versions")
    solution = rattler_bench.solve(conda_channel.url, remove=("base-library",))
    assert set(changes(solution)) == {"left", "base-library"}
    rattler_bench.change(conda_channel.url, remove=("left",))
    assert set(rattler_bench.installed()) == {"two-versions"}


def test_removing_what_is_not_there_is_said(rattler_bench: Bench, conda_channel: Channel) -> None:
    rattler_bench.create(conda_channel.url, "left")
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.change(conda_channel.url, remove=("numpy", "left"))
    assert caught.value.problem.code == "no-such-package"
    assert "numpy is not installed" in caught.value.problem.detail
    assert "left" in rattler_bench.installed()


def test_a_change_that_changes_nothing_is_no_revision(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "left")
    before = rattler_bench.history()
    rattler_bench.change(conda_channel.url, update=("*",))
    assert rattler_bench.history() == before


def test_a_removal_asks_no_channel(rattler_bench: Bench, conda_channel: Channel) -> None:
    rattler_bench.create(conda_channel.url, "left", "two-versions")
    rattler_bench.change("http://127.0.0.1:9/nowhere", remove=("two-versions",))
    assert set(rattler_bench.installed()) == {"left", "base-library"}


def test_nothing_is_lost_where_nobody_knows_what_was_asked_for(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    urls = tuple(conda_channel.url_of(name) for name in ("two-versions", "grows", "clobber-a"))
    rattler_bench.create(conda_channel.url, explicit=urls)
    rattler_bench.change(conda_channel.url, "left")
    assert {"two-versions", "grows", "clobber-a", "left"} <= set(rattler_bench.installed())


@pytest.mark.parametrize("spec", ["two-versions=*=*", "!!", "pkgs/main::two-versions", "a b c d"])
def test_what_another_tool_wrote_into_the_history_is_no_obstacle(
    rattler_bench: Bench, conda_channel: Channel, conda_server: ChannelServer, spec: str
) -> None:
    rattler_bench.create(conda_channel.url, "two-versions=1")
    with (rattler_bench.prefix / "conda-meta" / "history").open("a") as file:
        file.write(f"==> 2026-01-01 00:00:00 <==\n# update specs: {[spec]!r}\n")
    mirrors = {"https://repo.anaconda.com/pkgs/main": (conda_server.url,)}
    rattler_bench.change(conda_channel.url, "left", mirrors=mirrors)
    assert rattler_bench.installed()["two-versions"] == "1.0"


def test_pinned_packages_stay(rattler_bench: Bench, conda_channel: Channel) -> None:
    rattler_bench.create(conda_channel.url, "two-versions=1")
    (rattler_bench.prefix / "conda-meta" / "pinned").write_text("two-versions 1.*  # mine\n")
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.change(conda_channel.url, "two-versions=2")
    assert caught.value.problem.code in ("requirements-conflict", "no-such-version")


def test_only_a_conda_environment_can_be_changed(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.prefix.mkdir()
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.change(conda_channel.url, "left")
    assert caught.value.problem.code == "wrong-state"


def test_two_demands_of_one_package_are_both_heard(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.create(conda_channel.url, "two-versions=1", "two-versions=2")
    assert caught.value.problem.code == "requirements-conflict"
    assert "two-versions=1 and for two-versions=2" in caught.value.problem.detail


# -- explicit ---------------------------------------------------------------------------------


def test_an_explicit_list_is_installed_as_it_stands(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    """Nothing is solved: right without the base-library that it needs."""
    url = conda_channel.url_of("right")
    sha256 = repodata(conda_channel, "right-1.0-0.conda")["sha256"]
    rattler_bench.create(conda_channel.url, explicit=(f"{url}#sha256:{sha256}",))
    (record,) = records(rattler_bench.prefix)
    assert (record["name"], record["url"]) == ("right", url)
    assert record["channel"].rstrip("/") == conda_channel.url


def test_an_explicit_package_is_held_to_its_hash(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    good = repodata(conda_channel, "right-1.0-0.conda")["md5"]
    url = conda_channel.url_of("right")
    for fragment in ("0" * 32, "sha256:" + "0" * 64):
        with pytest.raises(EnvMgrError) as caught:
            rattler_bench.create(conda_channel.url, explicit=(f"{url}#{fragment}",))
        assert caught.value.problem.code == "hash-mismatch"
    rattler_bench.create(conda_channel.url, explicit=(f"{url}#{good}",))


def test_a_package_that_no_channel_lists_comes_from_its_address(
    tmp_path: Path, conda_channel: Channel
) -> None:
    bench = Bench(tmp_path, tmp_path / "cache")
    lone = tmp_path / "lone" / "noarch"
    lone.mkdir(parents=True)
    file = conda_channel.file("two-versions")
    (lone / file.name).write_bytes(file.read_bytes())
    bench.create("", channels=(), explicit=((lone / file.name).as_uri(),))
    (record,) = records(bench.prefix)
    assert (record["name"], record["channel"]) == ("two-versions", f"{lone.parent.as_uri()}/")


def test_an_explicit_package_of_another_platform_is_refused(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    url = conda_channel.url_of("only-elsewhere")
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.create(conda_channel.url, explicit=(url,))
    assert caught.value.problem.code == "wrong-platform"
    assert "osx-arm64" in caught.value.problem.detail


def test_an_explicit_list_replaces_versions_in_an_environment(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "two-versions=1", "left")
    url = conda_channel.url_of("two-versions")
    rattler_bench.change(conda_channel.url, explicit=(url,))
    assert rattler_bench.installed() == {
        "two-versions": "2.0",
        "left": "1.0",
        "base-library": "1.5",
    }


def test_an_explicit_list_has_one_of_each_package(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    urls = [f"{conda_channel.url}/noarch/two-versions-{v}-0.conda" for v in ("1.0", "2.0")]
    with pytest.raises(EnvMgrError, match="two-versions is in the list for the second time"):
        rattler_bench.create(conda_channel.url, explicit=tuple(urls))


def repodata(channel: Channel, filename: str) -> dict[str, str]:
    text = (channel.path / "noarch" / "repodata.json").read_text()
    found: dict[str, str] = json.loads(text)["packages.conda"][filename]
    return found


# -- what is asked ------------------------------------------------------------------------------


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
