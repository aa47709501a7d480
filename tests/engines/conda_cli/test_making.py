"""Environments by conda, mamba and micromamba: made and changed, never replaced."""

from __future__ import annotations

import os

import pytest

from jupyter_envmgr.core.conda.records import read_records
from tests.engines.conda_cli_bench import CondaBench
from tests.engines.conda_cli_channel import ChannelServer, package
from tests.engines.conda_cli_packages import ALPHA_1, BETA_1


def test_an_environment_is_made_beside_its_marker(
    bench: CondaBench, channel: ChannelServer
) -> None:
    bench.prefix.mkdir()
    (bench.prefix / ".envmgr.json").write_text("{}")
    assert bench.create(bench.plan("alpha<2", channel=channel.url)) is None
    assert bench.packages() == {"alpha": "1.0", "beta": "2.0"}
    assert (bench.prefix / ".envmgr.json").read_text() == "{}"
    assert (bench.prefix / "conda-meta" / "history").is_file()


def test_an_empty_environment_is_one(bench: CondaBench) -> None:
    assert bench.create(bench.plan()) is None
    assert bench.packages() == {}
    assert (bench.prefix / "conda-meta" / "history").is_file()


def test_an_environment_is_named_once_where_they_look_for_them(
    bench: CondaBench, channel: ChannelServer
) -> None:
    known = bench.home / ".conda" / "environments.txt"
    known.parent.mkdir()
    known.write_text("/opt/other")
    assert bench.create(bench.plan("beta", channel=channel.url)) is None
    assert known.read_text().splitlines() == ["/opt/other", str(bench.prefix)]
    assert bench.create(bench.plan()) is not None
    assert len(known.read_text().splitlines()) == 2


def test_an_environment_that_is_there_is_never_replaced(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    (bench.prefix / "precious").write_text("mine")
    error = bench.create(bench.plan("beta<2", channel=channel.url))
    assert error is not None
    assert error.code == "directory-exists"
    assert str(bench.prefix) in error.detail
    assert (bench.prefix / "precious").read_text() == "mine"
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_a_prefix_that_cannot_be_made_says_why(bench: CondaBench) -> None:
    (bench.home / "file").write_text("")
    error = bench.create(bench.plan(prefix=bench.home / "file" / "environment"))
    assert error is not None
    assert error.code == "bad-path"
    assert "Not a directory" in error.detail


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_prefix_that_may_not_be_made_says_so(bench: CondaBench) -> None:
    (bench.home / "closed").mkdir(mode=0o500)
    error = bench.create(bench.plan(prefix=bench.home / "closed" / "environment"))
    assert error is not None
    assert error.code == "not-permitted"


def test_a_plan_of_a_new_environment_does_not_touch_one_that_is_there(
    bench: CondaBench, channel: ChannelServer
) -> None:
    (bench.prefix / "conda-meta").mkdir(parents=True)
    (bench.prefix / "precious").write_text("mine")
    assert bench.solve(bench.plan("beta", channel=channel.url)).changes
    assert sorted(path.name for path in bench.prefix.iterdir()) == ["conda-meta", "precious"]


def test_packages_are_installed_updated_and_removed(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("beta<2", channel=channel.url)) is None
    assert bench.change(bench.plan("gamma", channel=channel.url)) is None
    assert bench.packages() == {"beta": "1.0", "gamma": "1.0"}
    assert bench.change(bench.plan(channel=channel.url, remove=("gamma",))) is None
    assert bench.packages() == {"beta": "1.0"}
    assert bench.change(bench.plan("beta>=2", channel=channel.url)) is None
    assert bench.packages() == {"beta": "2.0"}


def test_one_package_is_brought_to_its_newest_version(
    bench: CondaBench, channel: ChannelServer
) -> None:
    urls = tuple(f"{channel.url}/noarch/{p.file}" for p in (ALPHA_1, BETA_1))
    assert bench.create(bench.plan(explicit=urls)) is None
    assert bench.packages() == {"alpha": "1.0", "beta": "1.0"}
    assert bench.change(bench.plan(channel=channel.url, update=("beta",))) is None
    assert bench.packages()["beta"] == "2.0"


def test_everything_is_brought_to_its_newest_version(
    bench: CondaBench, channel: ChannelServer
) -> None:
    urls = tuple(f"{channel.url}/noarch/{p.file}" for p in (ALPHA_1, BETA_1))
    assert bench.create(bench.plan(explicit=urls)) is None
    assert bench.change(bench.plan(channel=channel.url, update=("*",))) is None
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_an_explicit_list_is_installed_as_it_is(bench: CondaBench, channel: ChannelServer) -> None:
    plan = bench.plan(explicit=(channel.explicit("alpha"), channel.explicit("beta")))
    assert [(c.name, c.after, c.build) for c in bench.solve(plan).changes] == [
        ("alpha", "2.0", "0"),
        ("beta", "2.0", "0"),
    ]
    assert not bench.outcomes
    assert bench.create(plan) is None
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_of_a_list_comes_what_is_not_there_in_the_place_of_other_versions(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("alpha=1.0", "beta", channel=channel.url)) is None
    addresses = (channel.explicit("alpha"), channel.explicit("beta"))
    assert bench.change(bench.plan(explicit=addresses)) is None
    assert records(bench) == ["alpha-2.0-0.json", "beta-2.0-0.json"]
    assert (
        bench.change(bench.plan(channel=channel.url, explicit=addresses[:1], remove=("beta",)))
        is None
    )
    assert records(bench) == ["alpha-2.0-0.json"]
    assert bench.change(bench.plan(explicit=addresses[:1])) is None
    assert records(bench) == ["alpha-2.0-0.json"]


def test_of_a_list_that_came_of_specs_they_are_asked_for(
    bench: CondaBench, channel: ChannelServer
) -> None:
    addresses = (channel.explicit("alpha"), channel.explicit("beta"))
    assert bench.create(bench.plan(explicit=addresses, asked=("beta=2",))) is None
    assert asked(bench) == {"beta": "beta=2"}
    assert bench.change(bench.plan(explicit=addresses, asked=("alpha",))) is None
    assert asked(bench) == {"alpha": "alpha"}


def asked(bench: CondaBench) -> dict[str, str]:
    return dict(read_records(bench.prefix).requested)


def records(bench: CondaBench) -> list[str]:
    return sorted(path.name for path in (bench.prefix / "conda-meta").glob("*.json"))


def test_what_is_there_already_is_no_error(bench: CondaBench, channel: ChannelServer) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    assert bench.solve(bench.plan("alpha", channel=channel.url)).changes == ()
    assert bench.change(bench.plan("alpha", channel=channel.url)) is None


def test_two_channels_are_asked_for_in_order(bench: CondaBench, channel: ChannelServer) -> None:
    with ChannelServer([package("delta")]) as second:
        plan = bench.plan("alpha", "delta", channels=(channel.url, second.url))
        assert bench.create(plan) is None
    assert set(bench.packages()) == {"alpha", "beta", "delta"}
