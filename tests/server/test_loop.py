"""The server's loop goes on while the disk is read and an environment is made."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.homes import make_home
from jupyter_envmgr.core.jobs.model import ENDED
from tests.index.server import LocalIndex
from tests.index.wheels import Archive
from tests.server.conftest import Ask

ENVIRONMENTS = 300
MANAGED = ENVIRONMENTS * 3 // 5  # the others lie in a home that is not the server's
MOST = 0.5
"""The share of the server's computing that may be done in the loop's thread while others wait for
it: 0.2 with the scans in threads, 0.9 with them on the loop. A share, because how long a tick of
the loop takes depends on what else the machine does; `benchmarks/loop.py` measures that."""


@pytest.fixture
def index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    with LocalIndex(cached=kernel_archives) as index:
        yield index


@pytest.fixture
def jp_server_config(
    jp_server_config: dict[str, Any],
    index: LocalIndex,
    tmp_path: Path,
) -> dict[str, Any]:
    settings = make_home(tmp_path / "many", ENVIRONMENTS)
    jp_server_config["EnvMgr"] |= {"root": str(settings.root), "index_url": index.url}
    return jp_server_config


async def test_it_does_not_wait_for_20_scans_and_a_create(ask: Ask) -> None:
    async def made() -> str:
        job = (await ask("POST", "/environments", {"name": "training"})).json
        while job["state"] not in ENDED:
            answer = await ask("GET", f"/jobs/{job['id']}/events", after=job["seq"], wait=10)
            job = answer.json["job"]
        return str(job["state"])

    async def scanned() -> int:
        return len((await ask("GET", "/environments?fresh=1", timeout=120)).json["environments"])

    create = asyncio.ensure_future(made())
    scans = asyncio.gather(*(scanned() for _ in range(20)))
    work = asyncio.gather(create, scans)
    before = time.thread_time(), time.process_time()
    ticks = 0
    while not work.done():
        await asyncio.sleep(0.002)
        ticks += 1
    on_the_loop, everywhere = time.thread_time() - before[0], time.process_time() - before[1]
    assert create.result() == "succeeded"
    assert min(scans.result()) >= MANAGED
    assert ticks > 100
    assert on_the_loop / everywhere < MOST
