"""Explicit lists by py-rattler: installed as they stand, and held to their hashes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from tests.channel.build import Channel
from tests.engines.rattler_bench import RattlerBench as Bench
from tests.engines.rattler_bench import records


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


def test_python_stays_of_its_minor_version_where_nobody_asked_for_one(
    rattler_bench: Bench, conda_channel: Channel
) -> None:
    """What pip has installed would be out of sight of another one."""
    if len(conda_channel.pythons) < 2:
        pytest.skip("the channel has one Python alone")
    newest = max(conda_channel.pythons, key=lambda text: [*map(int, text.split("."))])
    oldest = min(conda_channel.pythons, key=lambda text: [*map(int, text.split("."))])
    url = next(conda_channel.path.glob(f"*/python-{oldest}-*.conda")).as_uri()
    rattler_bench.create(conda_channel.url, explicit=(url,))
    assert rattler_bench.solve(conda_channel.url, update=("*",)).changes == ()
    (change,) = rattler_bench.solve(conda_channel.url, update=("python",)).changes
    assert (change.name, change.before, change.after) == ("python", oldest, newest)
