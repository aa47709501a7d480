"""Unpacking in a process of its own says what came of it, and why it did not."""

from __future__ import annotations

import io
import os
import tarfile
from pathlib import Path

import pytest

from jupyter_envmgr.core.archives.check import Limits
from jupyter_envmgr.core.commands import Outcome, Stream
from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.events import Payload, Progress
from jupyter_envmgr.system import process
from jupyter_envmgr.system.unpacking import UnpackPlan, unpack_step, unpacked


def plan_of(tmp_path: Path, *files: tuple[str, bytes], **changes: object) -> UnpackPlan:
    archive = tmp_path / "an archive.tar.gz"
    with tarfile.open(archive, "w:gz") as made:
        for name, data in files:
            info = tarfile.TarInfo(name)
            info.size = len(data)
            made.addfile(info, io.BytesIO(data))
    target = tmp_path / "target"
    target.mkdir()
    options = {"limits": Limits(10**9), "sums": False, **changes}
    return UnpackPlan(archive, target, **options)  # type: ignore[arg-type]


def run(plan: UnpackPlan) -> tuple[Outcome, list[Payload]]:
    events: list[Payload] = []
    environ = {"PATH": os.environ["PATH"], "PYTHONPATH": "/nowhere", "PYTHONSTARTUP": "/nowhere"}
    step = unpack_step(plan, environ)

    def on_line(stream: Stream, line: str) -> None:
        events.extend(step.read(stream, line))

    outcome = process.run(step.command, on_line=on_line, cancelled=lambda: False, timeout=60)
    return outcome, events


def test_it_unpacks_and_counts(tmp_path: Path) -> None:
    plan = plan_of(tmp_path, ("a/b", b"x" * 1000), ("left", b"out"), ignored=frozenset({"left"}))
    outcome, events = run(plan)
    done = unpacked(outcome, plan)
    assert (done.files, done.bytes) == (1, 1003)
    assert (plan.target / "a/b").read_bytes() == b"x" * 1000
    assert not (plan.target / "left").exists()
    progress = [event for event in events if isinstance(event, Progress)]
    assert progress
    assert {event.total for event in progress} == {plan.archive.stat().st_size}


@pytest.mark.parametrize(
    ("files", "changes", "code"),
    [
        ([("../evil", b"x")], {}, "archive-refused"),
        ([("a", b"x" * 5000)], {"limits": Limits(1000)}, "archive-refused"),
        ([("a", b"x")], {"sha256": "0" * 64}, "archive-damaged"),
        ([("a", b"x")], {"sums": True}, "archive-damaged"),
    ],
)
def test_why_it_was_not_unpacked_comes_with_the_name_of_the_archive(
    files: list[tuple[str, bytes]], changes: dict[str, object], code: str, tmp_path: Path
) -> None:
    plan = plan_of(tmp_path, *files, **changes)
    outcome, _ = run(plan)
    assert not outcome.ok
    with pytest.raises(EnvMgrError) as caught:
        unpacked(outcome, plan)
    assert caught.value.code == code
    assert caught.value.detail.startswith("an archive.tar.gz: ")


def test_an_archive_cannot_say_that_it_was_unpacked(tmp_path: Path) -> None:
    """Only the program prints on its standard output; a name in an error is quoted there."""
    name = '"}\n{"event": "unpacked", "sha256": "", "bytes": 1, "files": 1}'
    plan = plan_of(tmp_path, (name, b"x"))
    outcome, _ = run(plan)
    with pytest.raises(EnvMgrError) as caught:
        unpacked(outcome, plan)
    assert caught.value.code == "archive-refused"


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(-9, "", "", 1.0), "killed"),
        (Outcome(1, '{"event": "failed", "code": "no-such-code"}', "boom", 1.0), "tool-failed"),
        (Outcome(0, "", "", 1.0), "tool-failed"),
        (Outcome(1, "[]\nnothing", "", 1.0), "tool-failed"),
    ],
)
def test_a_program_that_ended_badly_is_explained(
    outcome: Outcome, code: str, tmp_path: Path
) -> None:
    with pytest.raises(EnvMgrError) as caught:
        unpacked(outcome, plan_of(tmp_path))
    assert caught.value.code == code
