"""How the extension starts, waits and ends with its server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.server.app import EnvMgrApp
from tests.fakes import record
from tests.server.conftest import Ask


class TestConfiguration:
    """An option that is wrong."""

    @pytest.fixture
    def jp_server_config(self, jp_server_config: dict[str, Any]) -> dict[str, Any]:
        jp_server_config["EnvMgr"]["root"] = "~/.local/envmgr"
        return jp_server_config

    async def test_keeps_no_server_from_starting_and_is_said(self, ask: Ask, jp_fetch: Any) -> None:
        assert (await jp_fetch("api", "status")).code == 200
        answer = await ask("GET", "/environments")
        assert (answer.status, answer.json["code"]) == (422, "bad-configuration")
        assert "EnvMgr.root" in answer.json["detail"]


async def test_a_job_of_a_killed_server_is_interrupted_at_the_next_start(
    ask: Ask, jp_home_dir: Path
) -> None:
    """The first look at the jobs is enough: nobody has to wait for a cleaning up."""
    gone = record("training").maker
    directory = jp_home_dir / ".envmgr" / "jobs" / "20260502t100000000-abcdefgh"
    directory.mkdir(parents=True)
    job = {
        "id": directory.name,
        "operation": "environments.create",
        "subject": "training",
        "title": "Create training",
        "state": "running",
        "created": "2026-05-02T10:00:00.000Z",
        "holder": {
            "host": os.uname().nodename,
            "boot_id": Path("/proc/sys/kernel/random/boot_id").read_text().strip(),
            "pid_namespace": os.readlink("/proc/self/ns/pid"),
            "pid": 2**22 - 1,
            "start_time": 1,
            "door": gone.door,
        },
    }
    (directory / "job.json").write_text(json.dumps(job))
    (found,) = (await ask("GET", "/jobs")).json["jobs"]
    assert found["state"] == "interrupted"


async def test_who_waits_for_a_job_is_let_go_when_the_server_ends(ask: Ask, app: EnvMgrApp) -> None:
    context = await app.door.lanes.reading.run(lambda: app.door.context)

    def work(running: Any) -> None:
        running.step("wait", "Waiting")
        while True:
            running.check()
            time.sleep(0.01)

    job = context.jobs.start("environments.create", "demo", "Wait", work)
    seen = (await ask("GET", f"/jobs/{job.id}/events", after=0, wait=10)).json["events"]
    waiting = asyncio.ensure_future(ask("GET", f"/jobs/{job.id}/events", after=99, wait=20))
    await asyncio.sleep(0.2)
    began = time.monotonic()
    await app.stop_extension()
    assert (await waiting).status == 200
    assert time.monotonic() - began < 8
    assert seen
    assert context.jobs.show(job.id).state == "interrupted"


async def test_nothing_starts_when_the_server_ends(app: EnvMgrApp) -> None:
    context = await app.door.lanes.reading.run(lambda: app.door.context)
    await app.stop_extension()
    with pytest.raises(EnvMgrError):
        context.jobs.start("environments.create", "demo", "Late", lambda running: None)


def test_importing_it_costs_a_server_next_to_nothing() -> None:
    """What takes long is imported at the first request, in a thread."""
    program = (
        "import sys, time, jupyter_server.serverapp, jupyter_server.extension.application\n"
        "before = set(sys.modules); began = time.perf_counter()\n"
        "import jupyter_envmgr; jupyter_envmgr._jupyter_server_extension_points()\n"
        "took = time.perf_counter() - began\n"
        "print(took, *sorted(set(sys.modules) - before))\n"
    )
    took, modules = [], [""]
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        seconds, *modules = done.stdout.split()
        took.append(float(seconds))
    assert min(took) < 0.1, took
    assert "jupyter_envmgr.server.app" in modules
    assert not {"rich", "uv", "jupyter_envmgr.service.environments"} & set(modules)
