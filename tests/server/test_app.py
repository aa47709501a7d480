"""How the extension starts, waits and ends with its server."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.server.app import SWITCH_INTERVAL, EnvMgrApp
from tests.fakes import record
from tests.server.conftest import Ask


class TestConfiguration:
    """An option that is wrong."""

    @pytest.fixture(
        params=[
            {"root": "~/.local/envmgr"},
            {"root": "relative"},
            {"locations": {"Team": "/shared/team"}},
            {"index_url": "javascript:alert(1)"},
            {"max_running_jobs": 99},
            {"link_mode": 7},
        ],
        ids=str,
    )
    def wrong(self, request: pytest.FixtureRequest) -> dict[str, Any]:
        options: dict[str, Any] = request.param
        return options

    @pytest.fixture
    def jp_server_config(
        self, jp_server_config: dict[str, Any], wrong: dict[str, Any]
    ) -> dict[str, Any]:
        jp_server_config["EnvMgr"] |= wrong
        return jp_server_config

    async def test_keeps_no_server_from_starting_and_is_said(
        self, ask: Ask, jp_fetch: Any, wrong: dict[str, Any]
    ) -> None:
        assert (await jp_fetch("api", "status")).code == 200
        for method, path in (("GET", "/environments"), ("GET", "/jobs"), ("POST", "/environments")):
            answer = await ask(method, path)
            assert (answer.status, answer.json["code"]) == (422, "bad-configuration")
            assert next(iter(wrong)) in answer.json["detail"]
        assert (await ask("GET", "/openapi.json")).status == 200


class TestBeginning:
    """What was left by the last server, and takes long to see to."""

    @pytest.fixture(autouse=True)
    def begun(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
        begun, released = threading.Event(), threading.Event()

        def slowly(context: Any) -> None:
            begun.set()
            released.wait()

        monkeypatch.setattr("jupyter_envmgr.service.recovery.recover", slowly)
        yield begun
        released.set()

    async def test_keeps_nobody_waiting(self, ask: Ask, begun: threading.Event) -> None:
        assert await asyncio.to_thread(begun.wait, 60)
        for path in ("/environments", "/jobs", "/usersite", "/status"):
            assert (await ask("GET", path)).status == 200


async def test_it_counts_jobs_and_forgets_none_that_has_ended(ask: Ask, app: EnvMgrApp) -> None:
    """A server with jobs is not idle; one that would count an ended job is never ended itself."""
    context = await app.door.lanes.reading.run(lambda: app.door.context)
    before = app.current_activity()
    released = threading.Event()

    def work(running: Any) -> None:
        released.wait()

    job = context.jobs.start("test", "demo", "Wait", work)
    while app.current_activity() != before + 1:
        await asyncio.sleep(0.01)
    queued = replace(job, state="queued")
    released.set()
    while app.current_activity() != before:
        await asyncio.sleep(0.01)
    app._job_changed(queued)  # who tells it late, from another thread
    assert (await ask("GET", f"/jobs/{job.id}")).json["state"] == "succeeded"
    assert app.current_activity() == before


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


async def test_threads_that_compute_let_the_loop_go_on_while_the_server_runs(
    app: EnvMgrApp,
) -> None:
    assert sys.getswitchinterval() == pytest.approx(SWITCH_INTERVAL)
    await app.stop_extension()
    assert sys.getswitchinterval() > SWITCH_INTERVAL


async def test_nothing_starts_when_the_server_ends(app: EnvMgrApp) -> None:
    context = await app.door.lanes.reading.run(lambda: app.door.context)
    await app.stop_extension()
    with pytest.raises(EnvMgrError):
        context.jobs.start("environments.create", "demo", "Late", lambda running: None)


def test_importing_it_costs_a_server_next_to_nothing() -> None:
    """What takes long is imported at the first request, in a thread."""
    program = (
        "import sys, time, jupyter_server.serverapp, jupyter_server.extension.application\n"
        "before = set(sys.modules); began = time.process_time()\n"
        "import jupyter_envmgr; jupyter_envmgr._jupyter_server_extension_points()\n"
        "took = time.process_time() - began\n"
        "print(took, *sorted(set(sys.modules) - before))\n"
    )
    took, modules = [], [""]
    for _ in range(3):
        done = subprocess.run(
            [sys.executable, "-c", program], capture_output=True, text=True, check=True
        )
        seconds, *modules = done.stdout.split()
        took.append(float(seconds))
    assert min(took) < 0.05, took
    assert "jupyter_envmgr.server.app" in modules
    late = {"service.environments.verbs", "service.operations.types", "service.answers"}
    assert not {"rich", "uv", *(f"jupyter_envmgr.{name}" for name in late)} & set(modules)
