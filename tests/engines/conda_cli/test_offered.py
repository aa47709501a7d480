"""The Pythons that channels offer, as conda, mamba and micromamba say them: recorded, and asked."""

from __future__ import annotations

from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.offered import Offer, by_minor
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.conda_cli_answers import find_answer, offers
from tests.engines.conda_cli.test_causes import LAB, outcome
from tests.engines.conda_cli_bench import CondaBench, bench_of
from tests.engines.conda_cli_channel import ChannelServer, package

PYTHONS = [package("python", version) for version in ("3.12.0", "3.12.1", "3.10.4")]


def ask(bench: CondaBench, *channels: str) -> tuple[Offer, ...]:
    plan = bench.plan(channels=channels)
    work = bench.engine.offered(plan)
    error = bench.carry_out(plan, work)
    if error is not None:
        raise error
    return bench.engine.read_offered(plan, work, bench.outcomes)


def recorded(name: str, *channels: str) -> tuple[Offer, ...]:
    answer = find_answer(outcome(name).stdout)
    assert answer is not None
    return offers(answer, "python", channels or (LAB,))


def test_what_conda_found_is_read() -> None:
    found = by_minor(recorded("conda-26.7-search"))
    assert [(one.version, one.releases, one.channel) for one in found] == [
        ("3.12.1", ("3.12.1", "3.12.0"), LAB),
        ("3.9.18", ("3.9.18",), LAB),
    ]
    assert {one.kernel for one in found} == {None}


def test_what_mamba_found_is_read() -> None:
    found = by_minor(recorded("mamba-2.8.1-search"))
    assert [(one.version, one.releases, one.channel) for one in found] == [
        ("3.12.1", ("3.12.1", "3.12.0"), LAB),
        ("3.10.4", ("3.10.4",), LAB),
    ]
    assert recorded("mamba-2.8.1-search-nothing") == ()


def test_names_that_are_like_it_do_not_count() -> None:
    """Without ``python`` conda goes on to search for ``*python*``."""
    assert recorded("conda-26.7-search-like") == ()


def test_rows_come_in_the_order_of_the_channels() -> None:
    rows = [
        {"name": "python", "version": "3.12.1", "build": "0", "channel": f"{url}/linux-64"}
        for url in ("http://b.example/x", "http://a.example/x")
    ]
    found = offers({"python": rows}, "python", ("http://a.example/x", "http://b.example/x"))
    assert [offer.channel for offer in found] == ["http://a.example/x", "http://b.example/x"]


def test_each_tool_says_what_its_channels_have(bench: CondaBench) -> None:
    with ChannelServer(PYTHONS) as one, ChannelServer([package("python", "3.11.1")]) as other:
        found = by_minor(ask(bench, one.url, other.url))
        assert [(o.minor, o.releases, o.channel) for o in found] == [
            ("3.12", ("3.12.1", "3.12.0"), one.url),
            ("3.11", ("3.11.1",), other.url),
            ("3.10", ("3.10.4",), one.url),
        ]
    assert not bench.prefix.exists()


def test_credentials_stay_out_of_the_answer_and_the_command_line(bench: CondaBench) -> None:
    with ChannelServer(PYTHONS, credentials="me:geheimnis") as server:
        found = ask(bench, server.address)
        assert {offer.channel for offer in found} == {server.url}
    assert not any("geheimnis" in word for word in bench.commands[0].argv)


def test_a_channel_that_is_not_reached_is_told_of_as_elsewhere(bench: CondaBench) -> None:
    if bench.engine.native:
        bench.environ = {"FAKE_CONDA": "plain"}
    with pytest.raises(EnvMgrError) as caught:
        ask(bench, "http://127.0.0.1:9/nobody")
    assert caught.value.code == "index-unreachable"


@pytest.mark.parametrize("kind", ["conda", "mamba"])
def test_a_crash_behind_the_answer_does_not_matter(tmp_path: Path, kind: str) -> None:
    bench = bench_of(tmp_path, kind)
    bench.environ = {"FAKE_CONDA": "crash noise"}
    with ChannelServer(PYTHONS) as server:
        found = by_minor(ask(bench, server.url))
    assert [one.minor for one in found] == ["3.12", "3.10"]
