"""Creating over HTTP: the job, its events as they come, and what everybody else is told."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.core.jobs.model import ENDED
from jupyter_envmgr.server.app import EnvMgrApp
from jupyter_envmgr.server.events import JOB_EVENT
from tests.index.server import LocalIndex
from tests.index.wheels import Archive, wheel
from tests.server.conftest import Ask


@pytest.fixture
def index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    """An index that has what a kernel needs, and a package that it holds back."""
    slow = wheel("slow-one", "1.0")
    with LocalIndex([slow], cached=kernel_archives) as index:
        index.held.add(slow.filename)
        yield index


@pytest.fixture
def jp_server_config(
    jp_server_config: dict[str, Any], index: LocalIndex, jp_home_dir: Path
) -> dict[str, Any]:
    jp_server_config["EnvMgr"]["index_url"] = index.url
    return jp_server_config


async def events_until(ask: Ask, job: str, kind: str, seconds: float = 60) -> list[dict[str, Any]]:
    """The job's events, as a page reads them, up to the first of a type."""
    seen: list[dict[str, Any]] = []
    deadline = time.monotonic() + seconds
    while not any(event["type"] == kind for event in seen):
        assert time.monotonic() < deadline, seen
        answer = await ask("GET", f"/jobs/{job}/events", after=len(seen), wait=5)
        seen += answer.json["events"]
    return seen


async def test_an_environment_is_made_and_its_kernel_is_there(
    ask: Ask, jp_fetch: Any, jp_base_url: str
) -> None:
    answer = await ask("POST", "/environments", {"name": "training"})
    assert answer.status == 202
    job = answer.json["id"]
    # Below the server's base URL, which here has a character that is escaped.
    assert answer.headers["Location"] == f"{jp_base_url}envmgr/api/jobs/{job}"
    seen = await jp_fetch(answer.headers["Location"].removeprefix(jp_base_url))
    assert json.loads(seen.body)["id"] == job
    events = await events_until(ask, job, "finished")
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["state"] == "succeeded"
    shares = [event["fraction"] for event in events if event["type"] == "progress"]
    assert shares == sorted(shares)
    shown = (await ask("GET", "/environments/training")).json
    assert (shown["status"], shown["managed"]) == ("ready", True)
    kernels = (await ask("GET", "/kernels")).json["kernels"]
    assert "envmgr-training" in {kernel["name"] for kernel in kernels}
    names = {
        p["name"] for p in (await ask("GET", "/environments/training/packages")).json["packages"]
    }
    assert {"pip", "ipykernel"} <= names


async def test_who_waits_is_answered_as_soon_as_there_is_news(ask: Ask, index: LocalIndex) -> None:
    body = {"name": "training", "packages": ["slow-one"]}
    job = (await ask("POST", "/environments", body)).json["id"]
    seen = await events_until(ask, job, "step-started")
    assert await asyncio.to_thread(index.is_held.wait, 60)
    while more := (await ask("GET", f"/jobs/{job}/events", after=len(seen))).json["events"]:
        seen += more
    began = time.monotonic()
    waiting = asyncio.ensure_future(ask("GET", f"/jobs/{job}/events", after=len(seen), wait=20))
    await asyncio.sleep(0)
    cancelled = await ask("POST", f"/jobs/{job}/cancel")
    assert cancelled.status == 202
    assert (await waiting).json["events"]
    ended = await events_until(ask, job, "finished")
    assert time.monotonic() - began < 10
    assert ended[-1]["state"] == "cancelled"
    names = {e["name"] for e in (await ask("GET", "/environments")).json["environments"]}
    assert "training" not in names


async def test_a_name_is_given_once(ask: Ask, index: LocalIndex) -> None:
    body = {"name": "training", "packages": ["slow-one"]}
    answers = await asyncio.gather(*(ask("POST", "/environments", body) for _ in range(4)))
    assert sorted(answer.status for answer in answers) == [202, 409, 409, 409]
    refused = next(answer for answer in answers if answer.status == 409)
    assert refused.json["code"] == "name-taken"
    (job,) = (await ask("GET", "/jobs")).json["jobs"]
    assert str(job["holder"]["pid"]) in refused.json["detail"]
    await ask("POST", f"/jobs/{job['id']}/cancel")
    await events_until(ask, job["id"], "finished")


async def test_every_state_is_told_on_the_event_bus_once(ask: Ask, app: EnvMgrApp) -> None:
    told: list[dict[str, Any]] = []

    async def listen(logger: Any, schema_id: str, data: dict[str, Any]) -> None:
        told.append(data)

    assert app.serverapp
    assert app.serverapp.event_logger
    app.serverapp.event_logger.add_listener(schema_id=JOB_EVENT, listener=listen)
    job = (await ask("POST", "/environments", {"name": "training"})).json["id"]
    assert app.current_activity() == 1
    await events_until(ask, job, "finished")
    while not told or told[-1]["state"] not in ENDED:
        await asyncio.sleep(0.01)
    assert [data["state"] for data in told] == ["queued", "running", "succeeded"]
    assert {(data["id"], data["subject"]) for data in told} == {(job, "training")}
    assert app.current_activity() == 0


async def test_removing_needs_the_plan_that_was_looked_at(ask: Ask) -> None:
    job = (await ask("POST", "/environments", {"name": "training"})).json["id"]
    await events_until(ask, job, "finished")
    plan = (await ask("DELETE", "/environments/training", plan=1)).json
    assert {step["action"] for step in plan["steps"]} == {"unregister", "delete", "forget"}
    stale = await ask("DELETE", "/environments/training", digest="0" * 32)
    assert (stale.status, stale.json["code"]) == (409, "plan-changed")
    assert (await ask("GET", "/environments/training")).status == 200
    removing = await ask("DELETE", "/environments/training", digest=plan["digest"])
    assert removing.status == 202
    events = await events_until(ask, removing.json["id"], "finished")
    assert events[-1]["state"] == "succeeded"
    assert (await ask("GET", "/environments/training")).status == 404


async def test_a_display_name_is_changed_in_the_kernel_too(ask: Ask) -> None:
    job = (await ask("POST", "/environments", {"name": "training"})).json["id"]
    await events_until(ask, job, "finished")
    changed = await ask("PATCH", "/environments/training", {"display_name": "Für das Papier"})
    assert changed.status == 200
    kernels = (await ask("GET", "/kernels")).json["kernels"]
    assert "Für das Papier" in {kernel["display_name"] for kernel in kernels}
