"""Two real servers and a command line on one home at once: who gets a name, who is told what."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.cli.exits import EXITS
from tests.browser.jupyter import Jupyter, running
from tests.cli.home import Home
from tests.fakes import eventually
from tests.index.server import LocalIndex
from tests.index.wheels import wheel

ENDED = ("succeeded", "failed", "cancelled", "interrupted")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


def ended(server: Jupyter, job: str) -> Any:
    def look() -> Any:
        found = server.ask("GET", f"jobs/{job}")
        return found if found["state"] in ENDED else None

    return eventually(look, "the job ends", 60)


def by_http(server: Jupyter, body: dict[str, object]) -> tuple[int, Any]:
    status, answer = server._send("POST", "envmgr/api/environments", body, 60)
    return status, json.loads(answer)


def by_command_line(home: Home, argv: tuple[str, ...]) -> tuple[int, Any]:
    code, out, _ = home.run(*argv, "--json")
    return code, json.loads(out)


@pytest.mark.timeout(240)
def test_of_two_servers_and_a_command_line_one_gets_a_name_and_the_others_hear_who(
    home: Home, local_index: LocalIndex
) -> None:
    with running("lab", home.path) as one, running("lab", home.path) as other:
        for number in range(5):
            name = f"wanted-{number}"
            body: dict[str, object] = {"name": name, "index_url": local_index.url}
            argv = ("env", "create", name, "--index-url", local_index.url)
            askers: list[Callable[[], tuple[int, Any]]] = [
                partial(by_http, one, body),
                partial(by_http, other, body),
                partial(by_command_line, home, argv),
            ]
            answers = at_once(askers)
            codes = [code for code, _ in answers]
            conflicts = [code in (409, EXITS["conflict"]) for code in codes]
            assert conflicts.count(False) == 1, answers
            (winner,) = [code for code in codes if code not in (409, EXITS["conflict"])]
            assert winner in (202, 0)
            for (code, answer), lost in zip(answers, conflicts, strict=True):
                problem = answer["error"] if code == EXITS["conflict"] else answer
                if lost:
                    assert problem["code"] == "name-taken"
                    assert "(process " in problem["detail"]
            (job,) = [j for j in one.ask("GET", "jobs")["jobs"] if j["subject"] == name]
            assert ended(other, job["id"])["state"] == "succeeded"
            for server in (one, other):
                assert server.environment(name)["status"] == "ready"
            assert home.data("env", "show", name)["status"] == "ready"


def at_once(askers: list[Callable[[], tuple[int, Any]]]) -> list[tuple[int, Any]]:
    """What each is answered when all ask in the same moment."""
    answers: dict[int, tuple[int, Any]] = {}
    together = threading.Barrier(len(askers))

    def ask(number: int) -> None:
        together.wait()
        answers[number] = askers[number]()

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(len(askers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(askers))]


@pytest.mark.timeout(240)
def test_what_one_server_makes_can_be_cancelled_by_another_door_and_leaves_nothing(
    home: Home, local_index: LocalIndex
) -> None:
    held = wheel("slow", size=2_000_000)
    local_index.add(held)
    with running("lab", home.path) as server:
        for door in ("server", "command line"):
            local_index.hold(held.filename)
            body: dict[str, object] = {
                "name": "training",
                "packages": ["slow"],
                "index_url": local_index.url,
            }
            status, job = by_http(server, body)
            assert status == 202
            assert local_index.is_held.wait(60)
            if door == "server":
                server.ask("POST", f"jobs/{job['id']}/cancel")
            else:
                home.run("jobs", "cancel", job["id"])
            assert ended(server, job["id"])["state"] == "cancelled"
            assert home.left("training") == []
            assert server.environment("training") is None
            assert not [process for process in home.processes() if "/uv " in process]


@pytest.mark.timeout(240)
def test_a_server_killed_over_a_create_is_followed_by_a_command_line_that_retries(
    home: Home, local_index: LocalIndex
) -> None:
    held = wheel("slow", size=2_000_000)
    local_index.add(held)
    local_index.hold(held.filename)
    with running("lab", home.path) as server:
        body: dict[str, object] = {
            "name": "training",
            "packages": ["slow"],
            "index_url": local_index.url,
        }
        by_http(server, body)
        assert local_index.is_held.wait(60)
        server.kill()
        eventually(
            lambda: not [process for process in home.processes() if "/uv " in process],
            "uv ends with the server",
            2,
        )
    local_index.release()
    (job,) = home.data("jobs", "list")["jobs"]
    assert job["state"] == "interrupted"
    shown = home.data("env", "show", "training")
    assert shown["status"] == "failed"
    assert "did not finish" in shown["reason"]
    home.data("env", "retry", "training")
    assert home.data("env", "show", "training")["status"] == "ready"
    home.data("env", "remove", "training", "--yes")
    assert home.left("training") == []
