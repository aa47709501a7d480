"""What channels offer over HTTP: whoever waits for a channel keeps nobody else waiting."""

from __future__ import annotations

import asyncio

from tests.channel.build import Channel
from tests.channel.server import ChannelServer
from tests.server.conftest import Ask


async def test_the_pythons_of_a_channel(ask: Ask, conda_channel: Channel) -> None:
    answer = await ask("POST", "/interpreters/offered", {"channels": [conda_channel.url]})
    assert answer.status == 200
    assert {one["version"] for one in answer.json["pythons"]} == set(conda_channel.pythons)
    assert answer.json["channels"] == [conda_channel.url]


async def test_a_channel_that_is_not_reached_is_a_problem(ask: Ask) -> None:
    answer = await ask("POST", "/interpreters/offered", {"channels": ["http://127.0.0.1:9/x"]})
    assert answer.status == 424
    assert answer.json["code"] == "index-unreachable"


async def test_a_token_in_a_channels_address_is_in_no_address_of_ours(ask: Ask) -> None:
    """Addresses of requests are logged, so channels are sent in a body."""
    assert (await ask("GET", "/interpreters/offered", channels="x")).status == 405
    answer = await ask("POST", "/interpreters/offered?channels=x", {})
    assert (answer.status, answer.json["code"]) == (422, "bad-request")


async def test_what_is_no_channel_is_named(ask: Ask) -> None:
    answer = await ask("POST", "/interpreters/offered", {"channels": ["conda-forge", "no way!"]})
    assert answer.status == 422
    (error,) = answer.json["errors"]
    assert (error["field"], error["line"], error["code"]) == ("channels", 2, "bad-channel")


async def test_nobody_else_waits_while_a_channel_takes_its_time(
    ask: Ask, conda_server: ChannelServer
) -> None:
    """Neither those who read nor those who change something."""
    conda_server.hold("repodata")
    body = {"channels": [conda_server.url]}
    waiting = [asyncio.ensure_future(ask("POST", "/interpreters/offered", body)) for _ in range(4)]
    while not conda_server.is_held.is_set():
        await asyncio.sleep(0.01)
    assert (await ask("GET", "/environments")).status == 200
    text = {"text": "numpy\n"}
    assert (await ask("POST", "/packages/recognise", text)).status == 200
    assert not any(one.done() for one in waiting)
    conda_server.release()
    answers = await asyncio.gather(*waiting)
    assert {answer.status for answer in answers} == {200}
