"""Environments changed by py-rattler: what would happen is said, and that is what happens."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.history import parse_history, requested_specs
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.conda_plan import Change, Solution
from tests.channel.build import Channel
from tests.channel.server import ChannelServer
from tests.engines.rattler_bench import RattlerBench as Bench
from tests.engines.rattler_bench import bad_files


def changes(solution: Solution) -> dict[str, tuple[str, str]]:
    return {change.name: (change.before, change.after) for change in solution.changes}


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
