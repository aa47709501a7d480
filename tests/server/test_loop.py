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

ENVIRONMENTS = 600
MANAGED = ENVIRONMENTS * 3 // 5  # the others lie in a home that is not the server's
TICK = 0.002
PATIENCE = 0.02
WAITING = 1.0
"""Seconds that the loop may be stuck for in all, counting each time of more than PATIENCE: it is
0.2 with the scans in threads and 2 to 5 with them on the loop."""


@pytest.fixture
def index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    with LocalIndex(kernel_archives) as index:
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
    late = []
    while not work.done():
        began = time.perf_counter()
        await asyncio.sleep(TICK)
        late.append(time.perf_counter() - began - TICK)
    assert create.result() == "succeeded"
    assert min(scans.result()) >= MANAGED
    assert len(late) > 100
    assert sum(seconds for seconds in late if seconds > PATIENCE) < WAITING
