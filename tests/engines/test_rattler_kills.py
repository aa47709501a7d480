"""py-rattler's worker killed, cancelled and raced: what is left is good, or can be made good."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.conda.history import parse_history
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.engines.conda_plan import CondaPlanRequest
from jupyter_envmgr.engines.uv import EngineWork
from jupyter_envmgr.system.process import run
from tests.channel.build import Channel
from tests.channel.server import ChannelServer
from tests.engines.rattler_bench import RattlerBench, bad_files


@pytest.fixture
def cold(tmp_path: Path) -> RattlerBench:
    """A bench whose cache is empty."""
    return RattlerBench(tmp_path, tmp_path / "cache")


def start(plan: CondaPlanRequest, work: EngineWork) -> subprocess.Popen[bytes]:
    for name, text in work.files.items():
        (plan.workdir / name).write_text(text)
    command = work.steps[0].command
    return subprocess.Popen(
        command.argv,
        env=dict(command.environ),
        cwd=command.cwd,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def killed_when(condition: Callable[[], bool], plan: CondaPlanRequest, work: EngineWork) -> bool:
    """Whether the worker could be killed when a condition was met, before its end."""
    worker = start(plan, work)
    while worker.poll() is None:
        if condition():
            os.killpg(worker.pid, signal.SIGKILL)
            return worker.wait() == -signal.SIGKILL
    return False


def records(prefix: Path) -> int:
    return len(list((prefix / "conda-meta").glob("*.json")))


@pytest.mark.parametrize("number", [1, 3, 6, 12, 25, 31])
def test_a_kill_while_it_links_can_be_made_good(
    rattler_bench: RattlerBench, conda_channel: Channel, number: int
) -> None:
    bench = rattler_bench
    plan = bench.plan(conda_channel.url, f"python={conda_channel.python}", "ipykernel")
    work = bench.engine.create(plan)
    was_killed = killed_when(lambda: records(bench.prefix) >= number, plan, work)
    assert was_killed or number > 12
    if not finished(bench.prefix):
        bench.carry_out(plan, bench.engine.create(plan))
    assert bad_files(bench.prefix) == []
    assert bench.python("-m", "ipykernel", "--version")
    (revision,) = parse_history(bench.history())
    assert len(revision.linked) == records(bench.prefix)
    # Nor did the cache take harm, whose files the environment shares.
    again = replace(plan, prefix=bench.home / "again")
    bench.carry_out(again, bench.engine.create(again))
    assert bad_files(again.prefix) == []


def finished(prefix: Path) -> bool:
    return not (prefix / "conda-meta" / "envmgr-unfinished").exists()


def test_a_kill_in_the_middle_of_a_package_can_be_made_good(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    bench = rattler_bench
    bench.solve(conda_channel.url, "many-files")
    plan = bench.plan(conda_channel.url, "many-files")
    first = bench.prefix / "share" / "many"
    killed_when(first.exists, plan, bench.engine.create(plan))
    if not finished(bench.prefix):
        bench.carry_out(plan, bench.engine.create(plan))
    assert bad_files(bench.prefix) == []
    assert bench.installed() == {"many-files": "1.0"}


def test_a_kill_while_it_downloads_can_be_made_good(
    cold: RattlerBench, conda_server: ChannelServer
) -> None:
    conda_server.hold("heavy")
    plan = cold.plan(conda_server.url, "heavy", "left")
    assert killed_when(conda_server.is_held.is_set, plan, cold.engine.create(plan))
    conda_server.release()
    cold.carry_out(plan, cold.engine.create(plan))
    assert bad_files(cold.prefix) == []
    again = replace(plan, prefix=cold.home / "again")
    cold.carry_out(again, cold.engine.create(again))
    assert bad_files(again.prefix) == []


def test_a_kill_while_it_changes_can_be_made_good(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    bench = rattler_bench
    bench.create(conda_channel.url, "python", "greeter=1.0", "two-versions=1")
    plan = bench.plan(conda_channel.url, "greeter=2", "many-files", remove=("two-versions",))
    gone = bench.prefix / "share" / "two-versions.txt"
    killed_when(lambda: not gone.exists(), plan, bench.engine.change(plan))
    if not finished(bench.prefix):
        bench.carry_out(plan, bench.engine.change(plan))
    assert bad_files(bench.prefix) == []
    assert set(bench.installed()) == {"python", "greeter", "many-files"}
    assert bench.python("-c", "import greeter; greeter.main()") == "hello 2.0"
    packages = {n.rpartition("::")[2] for n in parse_history(bench.history())[-1].unlinked}
    assert packages >= {"greeter-1.0-0", "two-versions-1.0-0"}


def test_a_change_that_was_cut_off_is_no_invitation_to_create(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    rattler_bench.create(conda_channel.url, "left")
    mark = rattler_bench.prefix / "conda-meta" / "envmgr-unfinished"
    mark.write_text("jupyter_envmgr change right\n")
    with pytest.raises(EnvMgrError) as caught:
        rattler_bench.create(conda_channel.url, "two-versions")
    assert caught.value.problem.code == "directory-exists"
    assert set(rattler_bench.installed()) == {"left", "base-library"}


def test_a_cancel_stops_everything_at_once(cold: RattlerBench, conda_server: ChannelServer) -> None:
    """py-rattler itself goes on after `task.cancel()` and completes the environment."""
    conda_server.hold("heavy")
    seen = cancelled_when(
        conda_server.is_held.is_set, cold, cold.plan(conda_server.url, "heavy", "left")
    )
    assert len(seen) == 1
    assert programs_of(cold.home) == []
    conda_server.release()
    assert "heavy" not in cold.installed()


def test_a_cancel_ends_the_scripts_of_packages_too(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    """The kernel ends the worker with its supervisor; what the worker has started is for us."""
    plan = rattler_bench.plan(conda_channel.url, "post-link-lasts")
    begun = rattler_bench.prefix / "share" / "post-link-lasts.count"
    seen = cancelled_when(begun.exists, rattler_bench, plan)
    assert seen != []
    assert programs_of(rattler_bench.home) == []
    count = begun.read_text()
    time.sleep(0.2)
    assert begun.read_text() == count


def cancelled_when(
    condition: Callable[[], bool], bench: RattlerBench, plan: CondaPlanRequest
) -> list[bytes]:
    """Cancel a create when a condition is met. Answers the programs that ran at that moment."""
    work = bench.engine.create(plan)
    for name, text in work.files.items():
        (plan.workdir / name).write_text(text)
    seen: list[bytes] = []

    def cancelled() -> bool:
        if condition():
            seen.extend(programs_of(bench.home))
        return condition()

    with pytest.raises(EnvMgrError) as caught:
        run(work.steps[0].command, on_line=lambda stream, line: None, cancelled=cancelled)
    assert caught.value.problem.code == "cancelled"
    return seen


def programs_of(home: Path) -> list[bytes]:
    """The command lines of running programs that name a home."""
    found = []
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            command = (directory / "cmdline").read_bytes()
        except OSError:
            continue
        if bytes(home) in command:
            found.append(command)
    return found


def test_several_creates_share_one_cold_cache(tmp_path: Path, conda_server: ChannelServer) -> None:
    cache = tmp_path / "cache"
    benches = []
    for number in range(3):
        home = tmp_path / str(number)
        home.mkdir()
        benches.append(RattlerBench(home, cache))
    errors: list[BaseException] = []

    def create(bench: RattlerBench) -> None:
        try:
            bench.create(conda_server.url, "python", "greeter", "many-files")
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=create, args=(bench,)) for bench in benches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    for bench in benches:
        assert bad_files(bench.prefix) == []
        assert bench.python("-c", "import greeter; greeter.main()") == "hello 2.0"
    many = [name for name in conda_server.downloads() if name.startswith("many-files")]
    assert many


def test_all_environments_of_a_home_are_named_once(
    rattler_bench: RattlerBench, conda_channel: Channel
) -> None:
    for name in ("one", "two", "one"):
        prefix = rattler_bench.home / name
        if prefix.exists():
            rattler_bench.change(conda_channel.url, "two-versions", prefix=prefix)
        else:
            rattler_bench.create(conda_channel.url, "left", prefix=prefix)
    lines = (rattler_bench.home / ".conda" / "environments.txt").read_text().splitlines()
    assert lines == [str(rattler_bench.home / "one"), str(rattler_bench.home / "two")]
