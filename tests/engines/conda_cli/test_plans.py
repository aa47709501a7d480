"""What conda, mamba and micromamba say that they would do."""

from __future__ import annotations

from jupyter_envmgr.engines.conda_plan import Change
from tests.engines.conda_cli_bench import CondaBench
from tests.engines.conda_cli_channel import ChannelServer, package
from tests.engines.conda_cli_packages import ALPHA_2, BETA_2


def test_a_plan_says_what_would_come_with_sizes_and_channel(
    bench: CondaBench, channel: ChannelServer
) -> None:
    solution = bench.solve(bench.plan("alpha", channel=channel.url))
    sizes = {p.record["name"]: p.record["size"] for p in (ALPHA_2, BETA_2)}
    assert solution.changes == tuple(
        Change(name, "", "2.0", "0", channel.url, sizes[name]) for name in ("alpha", "beta")
    )
    assert solution.download == sum(sizes.values())
    assert not bench.prefix.exists()


def test_a_plan_says_what_would_change_and_downloads_nothing_from_the_cache(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    solution = bench.solve(bench.plan("beta<2", "alpha<2", channel=channel.url))
    rows = {change.name: (change.before, change.after) for change in solution.changes}
    assert rows == {"alpha": ("2.0", "1.0"), "beta": ("2.0", "1.0")}
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}
    assert bench.change(bench.plan("beta<2", "alpha<2", channel=channel.url)) is None
    back = bench.solve(bench.plan("alpha=2", "beta=2", channel=channel.url))
    assert {(c.name, c.after, c.size) for c in back.changes} == {
        ("alpha", "2.0", None),
        ("beta", "2.0", None),
    }
    assert back.download == 0


def test_a_plan_of_a_removal_names_what_goes_with_it(
    bench: CondaBench, channel: ChannelServer
) -> None:
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    solution = bench.solve(bench.plan(channel=channel.url, remove=("beta",)))
    assert {(c.name, c.before, c.after) for c in solution.changes} == {
        ("alpha", "2.0", ""),
        ("beta", "2.0", ""),
    }
    assert bench.packages() == {"alpha": "2.0", "beta": "2.0"}


def test_a_plan_of_two_transactions_is_one_plan(bench: CondaBench, channel: ChannelServer) -> None:
    assert bench.create(bench.plan("beta<2", channel=channel.url)) is None
    solution = bench.solve(bench.plan("gamma", channel=channel.url, remove=("beta",)))
    assert {change.name for change in solution.changes} >= {"beta", "gamma"}


def test_a_long_plan_is_read_whole(fake_conda: CondaBench) -> None:
    many = [package(f"package-{number:04}") for number in range(700)]
    many.append(package("all", "1.0", [p.record["name"] for p in many]))
    with ChannelServer(many) as server:
        solution = fake_conda.solve(fake_conda.plan("all", channel=server.url))
    assert not fake_conda.outcomes[0].stdout.startswith("{"), "an outcome keeps 256 KiB"
    assert len(solution.changes) == 701
