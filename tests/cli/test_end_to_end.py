"""The program as people run it, on the real service, in a home of its own."""

from __future__ import annotations

import json
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest

from jupyter_envmgr.cli.exits import EXITS
from tests.cli.home import Home
from tests.index.server import LocalIndex
from tests.index.wheels import wheel


@pytest.fixture
def home(tmp_path: Path) -> Home:
    (tmp_path / "home").mkdir()
    return Home(tmp_path / "home")


def test_looking_leaves_an_empty_home_usable_and_makes_no_environment(home: Home) -> None:
    assert home.data("status")["root"] == str(home.path / ".envmgr")
    listed = home.data("env", "list")["environments"]
    assert any(e["kind"] == "image" for e in listed)
    assert home.data("env", "list", "--managed")["environments"] == []
    assert home.data("jobs", "list")["jobs"] == []
    assert home.data("packages", "list", "--user")["base"] == str(home.path / ".local")
    names = {p["name"].lower() for p in home.data("packages", "list", "--system")["packages"]}
    assert "ipykernel" in names
    assert "kernels" in home.data("kernels", "list")
    assert not home.environments.exists() or not any(home.environments.iterdir())


@pytest.mark.parametrize(
    "argv",
    [["status"], ["env", "list"], ["packages", "list"], ["kernels", "list"], ["jobs", "list"]],
)
def test_every_list_can_be_read_by_people(home: Home, argv: list[str]) -> None:
    code, out, err = home.run(*argv)
    assert (code, err) == (0, "")
    assert out.strip()


@pytest.mark.parametrize(
    ("argv", "kind", "code"),
    [
        (["env", "create", "A"], "invalid", "bad-name"),
        (["env", "create", "../evil"], "invalid", "bad-name"),
        (["env", "create", "demo", "-f", "/missing"], "invalid", "bad-path"),
        (["env", "create", "demo", "numpy", "!!"], "invalid", "bad-requirement"),
        (["env", "create", "demo", "--python", "3.99"], "invalid", "bad-python"),
        (["env", "create", "demo", "--index-url", "ftp://x"], "invalid", "bad-index-url"),
        (["env", "create", "demo", "--location", "mars"], "not-found", "no-such-location"),
        (["env", "create", "demo", "--label", "x"], "invalid", "bad-request"),
        (["env", "create", "demo", "--remarks", "\x1b[2J"], "invalid", "bad-request"),
        (["env", "show", "ghost"], "not-found", "no-such-environment"),
        (["env", "remove", "ghost", "--yes"], "not-found", "no-such-environment"),
        (["env", "retry", "ghost"], "not-found", "no-such-environment"),
        (["env", "rename", "ghost", "x"], "not-found", "no-such-environment"),
        (["kernels", "add", "-e", "ghost"], "not-found", "no-such-environment"),
        (["kernels", "remove", "ghost", "--yes"], "not-found", "no-such-kernel"),
        (["jobs", "follow", "ghost"], "not-found", "no-such-job"),
        (["jobs", "cancel", "../../etc"], "not-found", "no-such-job"),
        (["jobs", "remove", "ghost"], "not-found", "no-such-job"),
    ],
)
def test_what_cannot_be_done_is_explained_and_changes_nothing(
    home: Home, argv: list[str], kind: Any, code: str
) -> None:
    exit_code, problem = home.problem(*argv)
    assert (problem["code"], problem["kind"]) == (code, kind)
    assert exit_code == EXITS[kind]
    assert problem["detail"]
    assert not list(home.environments.glob("*"))
    assert home.data("jobs", "list")["jobs"] == []


def test_a_dry_run_shows_the_plan_and_makes_nothing(home: Home) -> None:
    plan = home.data("env", "create", "demo", "iniconfig", "--dry-run")
    assert plan["subject"] == "demo"
    assert plan["digest"]
    assert not (home.environments / "demo").exists()
    assert home.data("jobs", "list")["jobs"] == []


def test_the_image_is_read_only(home: Home) -> None:
    image = next(e for e in home.data("env", "list")["environments"] if e["kind"] == "image")
    code, problem = home.problem("env", "remove", image["id"], "--yes")
    assert (code, problem["code"]) == (EXITS["refused"], "read-only")


def test_the_root_can_be_elsewhere(home: Home, tmp_path: Path) -> None:
    assert home.data("status", "--root", str(tmp_path / "r"))["root"] == str(tmp_path / "r")


@pytest.mark.network
@pytest.mark.timeout(400)
def test_an_environment_lives_from_create_to_remove(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "reqs.txt"
    file.write_text("# small\niniconfig>=2\n")
    code, out, err = home.run("env", "create", "demo", "-f", str(file), "--label", "team=vision")
    assert code == 0, err
    assert "[1/" in err
    assert str(home.environments / "demo") in out

    shown = home.data("env", "show", "demo")
    assert shown["status"] == "ready"
    assert shown["labels"] == {"team": "vision"}
    names = {p["name"] for p in home.data("packages", "list", "-e", "demo")["packages"]}
    assert {"iniconfig", "ipykernel", "pip"} <= names
    assert home.data("env", "size", "demo")["files"] > 100

    [made] = [k for k in home.data("kernels", "list")["kernels"] if k["managed"]]
    assert made["name"] == "envmgr-demo"
    started = [made["interpreter"], "-c", "import ipykernel, iniconfig"]
    assert subprocess.run(started, check=False).returncode == 0

    [job] = home.data("jobs", "list")["jobs"]
    assert (job["state"], job["operation"]) == ("succeeded", "environments.create")
    code, _, err = home.run("jobs", "follow", job["id"])
    assert code == 0
    assert "iniconfig" in err

    code, problem = home.problem("env", "create", "demo")
    assert (code, problem["code"]) == (EXITS["conflict"], "name-taken")

    assert (
        home.data("env", "update", "demo", "--display-name", "Démo 1")["display_name"] == "Démo 1"
    )
    updated = home.data("env", "update", "demo", "--label", "a=b", "--unlabel", "team")
    assert updated["labels"] == {"a": "b"}
    assert [k["display_name"] for k in home.data("kernels", "list")["kernels"] if k["managed"]] == [
        "Démo 1"
    ]

    home.data("kernels", "remove", "envmgr-demo", "--yes")
    assert not [k for k in home.data("kernels", "list")["kernels"] if k["managed"]]
    assert home.data("kernels", "add", "-e", "demo", "--display-name", "Again")["managed"]

    code, problem = home.problem("env", "remove", "demo")
    assert code == EXITS["invalid"]
    assert "--yes" in problem["hint"]
    assert home.data("env", "remove", "demo", "--dry-run")["steps"]
    assert (home.environments / "demo").is_dir()

    removed = home.data("env", "remove", "demo", "--yes")
    assert removed["state"] == "succeeded"
    assert not (home.environments / "demo").exists()
    assert not [k for k in home.data("kernels", "list")["kernels"] if k["managed"]]
    assert home.data("env", "list", "--managed")["environments"] == []
    home.data("jobs", "remove", job["id"])
    assert job["id"] not in [j["id"] for j in home.data("jobs", "list")["jobs"]]


@pytest.mark.network
@pytest.mark.timeout(300)
def test_a_create_that_fails_says_why_and_can_be_retried_and_removed(home: Home) -> None:
    code, out, err = home.run("env", "create", "demo", "no-such-package-of-ours-9f3b")
    assert code == EXITS["failed"], err
    assert "no-such-package-of-ours-9f3b" in err
    assert "jobs follow" in err
    assert out == ""
    shown = home.data("env", "show", "demo")
    assert shown["status"] == "failed"
    assert not (home.environments / "demo").exists()
    assert home.run("env", "retry", "demo")[0] == EXITS["failed"]
    home.data("env", "remove", "demo", "--yes")
    assert home.data("env", "list", "--managed")["environments"] == []


def test_what_was_said_before_a_create_is_not_said_again(home: Home, tmp_path: Path) -> None:
    file = tmp_path / "environment.yml"
    channel = (tmp_path / "nowhere").as_uri()
    file.write_text(f"channels: [{channel}]\ndependencies: [numpy]\nprefix: /somewhere\n")
    code, _, err = home.run("env", "create", "demo", "-f", str(file))
    assert code == EXITS["unavailable"], err
    assert err.count("The prefix in line 3 is left out") == 1
    (job,) = home.data("jobs", "list")["jobs"]
    _, _, log = home.run("jobs", "follow", job["id"])
    assert log.count("The prefix in line 3 is left out") == 1
    asked = home.run("env", "show", "demo", "--asked")
    assert asked == (0, "numpy\n", "")


@pytest.mark.network
@pytest.mark.timeout(300)
def test_json_lines_streams_the_events_of_a_create(home: Home) -> None:
    code, out, err = home.run("env", "create", "demo", "iniconfig", "--no-kernel", "--json-lines")
    assert (code, err) == (0, "")
    *events, last = map(json.loads, out.splitlines())
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    assert events[-1]["type"] == "finished"
    assert last["ok"] is True
    assert last["data"]["subject"] == "demo"


@pytest.mark.network
@pytest.mark.timeout(300)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_create_that_is_interrupted_leaves_nothing_behind(home: Home, number: int) -> None:
    argv = ("env", "create", "demo", "numpy", "pandas", "scikit-learn", "matplotlib")
    home.environ["UV_NO_CACHE"] = "1"
    process = home.start(*argv)
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith("[2/"):
            break
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert process.returncode == EXITS["cancelled"]
    assert "cancelling" in err
    assert out == ""
    assert not (home.environments / "demo").exists()
    [job] = home.data("jobs", "list")["jobs"]
    assert job["state"] == "cancelled"
    assert home.data("env", "list", "--managed")["environments"] == []
    assert not list((home.path / ".local").rglob("envmgr-demo"))


def test_what_is_to_be_copied_is_printed_as_it_is(home: Home, local_index: LocalIndex) -> None:
    local_index.add(wheel("alpha"))
    home.data("env", "create", "demo", "alpha", "--index-url", local_index.url)
    code, out, err = home.run("env", "export", "demo")
    assert (code, err) == (0, "")
    assert "alpha==1.0" in out.splitlines()
    script = home.path / "script"
    _, out, _ = home.run("env", "activate", "demo")
    script.write_text(f"{out}\nwhich python\n")
    ran = subprocess.run(["bash", str(script)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == str(home.environments / "demo" / "bin" / "python")
    _, out, _ = home.run("env", "elsewhere", "demo")
    assert f"{home.environments / 'demo'}/bin/python" in out.splitlines()
    written = home.path / "requirements.txt"
    home.run("env", "export", "demo", "--output", str(written))
    assert "alpha==1.0" in written.read_text().split()
    code, _, err = home.run("env", "export", "demo", "--output", str(written))
    assert (code, "File exists" in err) == (2, True)


def test_what_was_renamed_is_shown_under_its_new_name(home: Home, local_index: LocalIndex) -> None:
    home.data("env", "create", "demo", "--index-url", local_index.url)
    code, out, err = home.run("env", "rename", "demo", "thesis", "--yes")
    assert code == 0, err
    assert str(home.environments / "thesis") in out
