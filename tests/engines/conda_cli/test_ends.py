"""How far a run of conda, mamba or micromamba is, and how it ended."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.system.process import run
from tests.engines.conda_cli_bench import CondaBench, bench_of
from tests.engines.conda_cli_channel import ChannelServer
from tests.fakes import eventually


def test_downloads_are_told_while_they_last(conda: CondaBench, channel: ChannelServer) -> None:
    assert conda.create(conda.plan("big", "alpha", channel=channel.url)) is None
    fractions = [progress.fraction for progress in conda.progress]
    assert len(fractions) > 5
    assert fractions == sorted(fractions)
    assert any(p.label.startswith("Downloading big-1.0 (") for p in conda.progress)
    assert all(p.unit == "bytes" for p in conda.progress)


def test_mamba_counts_what_it_puts_in_place(tmp_path: Path, channel: ChannelServer) -> None:
    bench = bench_of(tmp_path, "micromamba")
    assert bench.create(bench.plan("alpha", channel=channel.url)) is None
    counted = [(p.done, p.total) for p in bench.progress if p.unit == "packages"]
    assert counted == [(1, 2), (2, 2)]
    assert bench.progress[-1].fraction == 1.0


def test_the_answer_is_no_part_of_the_log_but_words_are(tmp_path: Path) -> None:
    bench = bench_of(tmp_path, "conda")
    step = bench.engine.create(bench.plan("alpha")).steps[-1]
    assert '{"fetch":"x"}'.startswith(step.unlogged)
    assert '  "success": true,'.startswith(step.unlogged)
    assert not "plugin: there is news".startswith(step.unlogged)


def test_words_before_the_answer_do_not_hide_it(
    fake_conda: CondaBench, channel: ChannelServer
) -> None:
    fake_conda.environ = {"FAKE_CONDA": "noise"}
    assert fake_conda.solve(fake_conda.plan("alpha", channel=channel.url)).changes
    with pytest.raises(EnvMgrError) as caught:
        fake_conda.solve(fake_conda.plan("nosuch", channel=channel.url))
    assert caught.value.code == "no-such-package"


def test_a_crash_after_the_answer_changes_nothing_of_it(
    fake_conda: CondaBench, channel: ChannelServer
) -> None:
    fake_conda.environ = {"FAKE_CONDA": "crash"}
    assert fake_conda.create(fake_conda.plan("alpha", channel=channel.url)) is None
    assert fake_conda.outcomes[-1].returncode < 0
    error = fake_conda.change(fake_conda.plan("nosuch", channel=channel.url))
    assert error is not None
    assert error.code == "no-such-package"


def test_mamba_that_was_interrupted_did_not_succeed(tmp_path: Path, channel: ChannelServer) -> None:
    bench = bench_of(tmp_path, "micromamba")
    bench.environ = {"FAKE_CONDA": "interrupt"}
    error = bench.create(bench.plan("alpha", channel=channel.url))
    assert bench.outcomes[-1].ok
    assert error is not None
    assert error.code == "interrupted"


def test_cancelling_leaves_no_process(fake_conda: CondaBench, channel: ChannelServer) -> None:
    fake_conda.environ = {"FAKE_CONDA": "hang"}
    plan = fake_conda.plan("alpha", channel=channel.url)
    claim, step = fake_conda.engine.create(plan).steps
    fake_conda.run(claim)
    started = fake_conda.home / "hangs"
    with pytest.raises(EnvMgrError) as caught:
        run(step.command, on_line=lambda *_: None, cancelled=started.exists, timeout=60)
    assert caught.value.code == "cancelled"

    eventually(lambda: is_gone(fake_conda), "the tool is gone")


def is_gone(bench: CondaBench) -> bool:
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(bench.prefix).encode() in process.read_bytes():
                return False
    return True


def test_a_download_that_was_cancelled_leaves_no_process_and_a_good_cache(
    bench: CondaBench, own_channel: ChannelServer
) -> None:
    own_channel.held = "big-1.0-0.tar.bz2"
    plan = bench.plan("big", channel=own_channel.url)
    claim, step = bench.engine.create(plan).steps
    bench.run(claim)
    with pytest.raises(EnvMgrError) as caught:
        run(
            step.command,
            on_line=lambda *_: None,
            cancelled=own_channel.reached.is_set,
            timeout=60,
        )
    assert caught.value.code == "cancelled"
    eventually(lambda: is_gone(bench), "the tool is gone")
    own_channel.held = ""
    again = replace(plan, prefix=bench.home / "second")
    assert bench.create(again) is None
    assert (again.prefix / "conda-meta" / "big-1.0-0.json").is_file()
    if bench.is_real:
        assert (again.prefix / "share" / "big" / "data").stat().st_size == 3_000_000
