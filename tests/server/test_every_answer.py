"""Every operation is driven to its success on a home, and its answers are as the document says."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.service.operations.table import BY_NAME, OPERATIONS
from tests.channel.build import Channel
from tests.homes import Home
from tests.index.server import LocalIndex
from tests.index.wheels import Archive
from tests.server.conftest import Ask
from tests.server.test_openapi import check


@pytest.fixture
def index(kernel_archives: list[Archive]) -> Iterator[LocalIndex]:
    with LocalIndex(cached=kernel_archives) as index:
        yield index


@pytest.fixture
def jp_server_config(jp_server_config: dict[str, Any], index: LocalIndex) -> dict[str, Any]:
    jp_server_config["EnvMgr"]["index_url"] = index.url
    return jp_server_config


@dataclass
class Driver:
    """Asks by the names of operations; checks each answer against the document."""

    ask: Ask
    driven: set[str] = field(default_factory=set)

    async def __call__(
        self, name: str, subject: str = "", body: Any = None, status: int = 0, **query: Any
    ) -> Any:
        """The answer. ``status`` is 0 for that of a success."""
        operation = BY_NAME[name]
        path = operation.path
        if "{" in path:
            path = path[: path.index("{")] + subject + path[path.index("}") + 1 :]
        answer = await self.ask(operation.method, path, body, timeout=120, **query)
        assert answer.status == (status or operation.status), (name, answer.json)
        check(operation, answer)
        if answer.status < 300 and "plan" not in query:
            self.driven.add(name)
        return answer.json

    async def plan(self, name: str, subject: str = "", body: Any = None) -> str:
        """The digest of what would happen."""
        planned = BY_NAME[name]
        status = 200 if planned.status != 200 else 0
        return str((await self(name, subject, body, status=status, plan=1))["digest"])

    async def done(self, name: str, subject: str = "", body: Any = None, **query: Any) -> Any:
        """Plan it where that is needed, do it, and wait for its job; the job."""
        if BY_NAME[name].plan and any(p.name == "digest" for p in BY_NAME[name].query):
            query["digest"] = await self.plan(name, subject, body)
        return await self.ended(await self(name, subject, body, **query))

    async def ended(self, job: Any, state: str = "succeeded") -> Any:
        """The job when it has ended, in the state that is expected."""
        seq = 0
        while True:
            found = await self("jobs.events", job["id"], after=seq, wait=20)
            seq += len(found["events"])
            if found["events"] and found["events"][-1]["type"] == "finished":
                assert found["job"]["state"] == state, found
                return found["job"]


@pytest.fixture
def drive(ask: Ask) -> Driver:
    return Driver(ask)


async def environments_and_kernels(drive: Driver, channel: Channel) -> None:
    """From a plan to nothing left."""
    await drive("status")
    await drive("interpreters.list", fresh=1)
    assert (await drive("interpreters.offered", body={"channels": [channel.url]}))["pythons"]
    wanted = {"name": "training", "remarks": "für das Papier", "labels": {"team": "vision"}}
    await drive.plan("environments.create", body=wanted)
    job = await drive.ended(await drive("environments.create", body=wanted))
    assert (await drive("jobs.show", job["id"]))["state"] == "succeeded"
    await drive("environments.create", body=wanted, status=409)
    await drive("environments.list")
    await drive("environments.show", "training")
    await drive("environments.size", "training")
    await drive("packages.list", "training", size=1)
    await drive("environments.update", "training", {"display_name": "Training 2"})
    await drive("kernels.list")
    digest = await drive.plan("kernels.unregister", "envmgr-training")
    await drive("kernels.unregister", "envmgr-training", status=409, digest="0" * 32)
    await drive("kernels.unregister", "envmgr-training", digest=digest)
    assert await drive("kernels.register", body={"environment": "training"}, plan=1, status=200)
    await drive("kernels.register", body={"environment": "training"})
    await what_is_there_is_used(drive)
    await drive("environments.remove", "training", status=409, digest="0" * 32)
    await drive.done("environments.remove", "training")
    await drive("environments.show", "training", status=404)
    await drive("jobs.remove", job["id"])
    await drive("jobs.show", job["id"], status=404)


async def what_is_there_is_used(drive: Driver) -> None:
    """An environment verified, changed, turned back, copied, renamed, packed and unpacked."""
    await drive("engines.list")
    found = await drive("packages.recognise", body={"text": "dependencies:\n- numpy=1.26=py_0\n"})
    assert found["manager"] == "conda"
    await drive.ended(await drive("environments.verify", "training", {}))
    assert (await drive("environments.verification", "training"))["ok"] is True
    assert (await drive("environments.request", "training"))["name"] == "training"
    await drive("environments.elsewhere", "training")
    await drive("environments.terminal", "training")
    await drive("environments.export", "training", format="requirements")
    await drive("environments.export", "training", status=422, format="explicit")
    lock = await drive("environments.export", "training", format="pylock")
    found = await drive("packages.recognise", body={"text": lock["text"]})
    assert (found["kind"], found["errors"]) == ("pylock", [])
    assert found["hashed"] == len(found["packages"]) > 10
    await drive.done("packages.change", "training", {"uninstall": ["ipykernel"]})
    assert len((await drive("environments.history", "training"))["revisions"]) == 2
    await drive.done("environments.revert", "training", {"number": 1})
    body = {"place": "environment", "environment": "training", "requirements": ["ipykernel"]}
    await drive.done("packages.install", body=body)
    await drive.ended(await drive("environments.clone", "training", {"name": "second"}))
    await drive.done("environments.rename", "second", {"name": "third"})
    await drive("environments.show", "second", status=404)
    path = str(Path(await _path(drive, "third")).parents[2] / "third.tar.gz")
    await drive.ended(await drive("archives.export", body={"environment": "third", "path": path}))
    await drive("archives.show", body={"path": path})
    await drive.ended(await drive("archives.import", body={"path": path, "name": "fourth"}))
    await drive.done("environments.recreate", "third")
    for name in ("third", "fourth"):
        await drive.done("environments.remove", name)


async def _path(drive: Driver, name: str) -> str:
    return str((await drive("environments.show", name))["path"])


async def failing_and_trying_again(drive: Driver) -> None:
    """A create that cannot be, cancelled at its second start."""
    wanted = {"name": "broken", "packages": ["no-such-package-anywhere"]}
    await drive.ended(await drive("environments.create", body=wanted), "failed")
    shown = await drive("environments.show", "broken")
    assert shown["status"] == "failed"
    job = await drive("environments.retry", "broken")
    await drive("jobs.cancel", job["id"])
    await drive("jobs.list")


async def the_user_site(drive: Driver, home: Home) -> None:
    """Scanned, blamed, set aside, looked at and brought back."""
    await drive("usersite.show", size=1)
    await drive("usersite.scan")
    await drive("usersite.diagnose")
    await drive("usersite.arrival")
    await drive("usersite.told", body={})
    blamed = {"ename": "ImportError", "evalue": "no", "traceback": ["ImportError: no"]}
    await drive("usersite.hint", body=blamed)
    job = await drive("usersite.probe", body={"code": "print(1)", "find_culprits": False})
    await drive.ended(job)
    await drive("usersite.proof", job["id"])
    everything = {"scope": "all", "name": "before"}
    await drive("usersite.reset", body=everything, status=409, digest="0" * 32)
    await drive.done("usersite.reset", body=everything)
    for name in ("snapshot", "requirements", "reinstall", "compare"):
        await drive(f"usersite.{name}", "before")
    await drive("usersite.compare", "before", status=404, **{"with": "nobody"})
    await drive("usersite.rename", "before", {"remarks": "as it was"})
    await drive.done("usersite.restore", "before", {})
    await drive.done("usersite.backup", body={"scope": "all", "name": "copy"})
    await drive("usersite.snapshots")
    gone = {"scope": "packages", "packages": ["demo"], "confirm": "demo"}
    await drive.done("usersite.remove", body=gone)
    await drive.done("usersite.delete", "copy")
    by_hand = home.home / "local_backup"
    (home.home / ".local").rename(by_hand)
    adopt = {"path": str(by_hand), "name": "by-hand"}
    digest = await drive.plan("usersite.adopt", body=adopt)
    await drive("usersite.adopt", body=adopt, digest=digest)
    await drive("usersite.recover", body={})


async def a_kernel_of_somebody_else(drive: Driver, data: Path) -> None:
    """Kept from the user site, and given back."""
    await drive("usersite.undo", body={"kernel": "theirs"}, status=404)
    spec = data / "kernels" / "theirs" / "kernel.json"
    spec.parent.mkdir(parents=True)
    spec.write_text(
        '{"argv": ["python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],'
        ' "display_name": "Theirs", "language": "python"}'
    )
    for name in ("isolate", "profile"):
        body = {"kernel": "theirs"}
        digest = await drive.plan(f"usersite.{name}", body=body)
        await drive(f"usersite.{name}", body=body, digest=digest)
        await drive("usersite.undo", body=body)


async def test_every_operation_answers_as_described(
    drive: Driver, jp_home_dir: Path, jp_data_dir: Path, conda_channel: Channel
) -> None:
    home = Home(jp_home_dir)
    home.package("demo", "1.0", python=f"{sys.version_info[0]}.{sys.version_info[1]}")
    await environments_and_kernels(drive, conda_channel)
    await failing_and_trying_again(drive)
    await a_kernel_of_somebody_else(drive, jp_data_dir)
    await the_user_site(drive, home)
    assert drive.driven == {operation.name for operation in OPERATIONS}
