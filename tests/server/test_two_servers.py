"""Two servers share one home: each sees the jobs of the other, and a name is given once."""

from __future__ import annotations

import asyncio
import http.client
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.servers import Server, jupyter_server
from tests.index.server import LocalIndex
from tests.index.wheels import Archive, wheel
from tests.server.conftest import Answer, Ask


@pytest.fixture
def index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    """An index that has what a kernel needs, and a package that it holds back."""
    slow = wheel("slow-one", "1.0")
    with LocalIndex([slow], cached=kernel_archives) as index:
        index.held.add(slow.filename)
        yield index


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], index: LocalIndex) -> dict[str, Any]:
    jp_server_config["EnvMgr"]["index_url"] = index.url
    return jp_server_config


@pytest.fixture
def other(ask: Ask, jp_home_dir: Path, index: LocalIndex, tmp_path: Path) -> Iterator[Server]:
    """A server in a process of its own, with the same home and the same root."""
    environ = {"JUPYTER_DATA_DIR": str(tmp_path / "data"), "HOME": str(jp_home_dir)}
    root, url = jp_home_dir / ".envmgr", index.url
    options = (f"--EnvMgr.root={root}", f"--EnvMgr.index_url={url}")
    work = tmp_path / "other"
    work.mkdir()
    with jupyter_server(sys.executable, work, "jupyter_envmgr", environ, options) as server:
        yield server


async def ask_other(other: Server, method: str, path: str, body: Any = None) -> Answer:
    """An answer of the other server, errors included."""

    def send() -> Answer:
        connection = http.client.HTTPConnection("127.0.0.1", other.connection.port, timeout=60)
        data = None if body is None else json.dumps(body)
        connection.request(method, f"/envmgr/api{path}", data, {"Authorization": "token benchmark"})
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        return Answer(answer.status, json.loads(content), answer.headers, content)

    return await asyncio.to_thread(send)


async def test_of_two_who_take_a_name_one_gets_it_and_the_other_hears_who(
    ask: Ask, other: Server, index: LocalIndex, jp_home_dir: Path
) -> None:
    body = {"name": "training", "packages": ["slow-one"]}
    ours, theirs = await asyncio.gather(
        ask("POST", "/environments", body), ask_other(other, "POST", "/environments", body)
    )
    assert sorted([ours.status, theirs.status]) == [202, 409]
    won, lost = (ours, theirs) if ours.status == 202 else (theirs, ours)
    assert lost.json["code"] == "name-taken"
    assert str(won.json["holder"]["pid"]) in lost.json["detail"]
    assert won.json["holder"]["host"] in lost.json["detail"]
    job = won.json["id"]
    for found in ((await ask("GET", "/jobs")), (await ask_other(other, "GET", "/jobs"))):
        assert [one["id"] for one in found.json["jobs"]] == [job]
    assert await asyncio.to_thread(index.is_held.wait, 60)
    # Whoever lost it watches it, and may end it.
    if won is ours:
        await ask_other(other, "POST", f"/jobs/{job}/cancel")
    else:
        await ask("POST", f"/jobs/{job}/cancel")
    seq, state = 0, ""
    while state != "cancelled":
        path = f"/jobs/{job}/events?after={seq}&wait=20"
        answer = await (ask_other(other, "GET", path) if won is ours else ask("GET", path))
        assert answer.json["events"], answer.json
        seq, state = answer.json["events"][-1]["seq"], answer.json["job"]["state"]
    assert not (jp_home_dir / ".envmgr" / "environments" / "training").exists()
