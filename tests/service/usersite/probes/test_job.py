"""A proof is a job: told as it goes, read while it is made, cancelled, swept, and kept."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.usersite.model import Proof
from jupyter_envmgr.service.usersite import proofs
from jupyter_envmgr.system.farm import sweep
from tests.fakes import eventually
from tests.labs import Lab, facts, wait


def test_each_probe_is_told_as_it_runs(broken: Lab) -> None:
    context, job = broken.start("import jinja")
    wait(context, job)
    events = context.jobs.events(job.id).events
    steps = [event.step for event in events if event.type == "step-started"]
    assert steps == ["look", "as-is", "without", "empty", "hiding-4", "conclude"]
    told = [event.text for event in events if event.type == "output" and event.text]
    assert [line[:2] for line in told[:4]] == ["1.", "2.", "3.", "4."]
    assert "works" in told[3]
    fractions = [e.fraction for e in events if e.type == "progress" and e.fraction is not None]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0


def test_the_proof_can_be_read_while_it_is_made(broken: Lab, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    context, job = broken.start(
        f"""
        import os, site, time
        while site.ENABLE_USER_SITE is False and not os.path.exists({str(gate)!r}):
            time.sleep(0.01)
        import jinja
        """
    )

    def first() -> Proof | None:
        try:
            return proofs.proof(broken.settings, job.id)
        except EnvMgrError:
            return None

    begun = eventually(first, "the first probe is there")
    assert not begun.complete
    assert [probe.mode for probe in begun.probes] == ["as-is"]
    gate.touch()
    assert wait(context, job).state == "succeeded"
    assert proofs.proof(broken.settings, job.id).complete


def _gated(lab: Lab, tmp_path: Path) -> str:
    """A program that stops in its first hiding probe, having a child; it says where."""
    return textwrap.dedent(
        f"""
        import os, site, subprocess, sys, time
        if 'farm' in site.getuserbase():
            child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'])
            open({str(tmp_path / "new")!r}, 'w').write('%d %d' % (os.getpid(), child.pid))
            os.rename({str(tmp_path / "new")!r}, {str(tmp_path / "pids")!r})
            time.sleep(99)
        import jinja
        """
    )


def test_a_cancel_in_the_middle_leaves_no_process_and_no_farm(broken: Lab, tmp_path: Path) -> None:
    before = facts(broken.home.base)
    context, job = broken.start(_gated(broken, tmp_path))
    pids = tmp_path / "pids"
    eventually(pids.exists, "the program runs in the farm", 30)
    started = time.monotonic()
    context.jobs.cancel(job.id)
    assert wait(context, job).state == "cancelled"
    assert time.monotonic() - started < 3
    assert not any(os.path.exists(f"/proc/{pid}") for pid in pids.read_text().split())
    assert broken.workplaces() == []
    assert facts(broken.home.base) == before
    kept = proofs.proof(broken.settings, job.id)
    assert not kept.complete
    assert len(kept.probes) == 3


_OTHER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from jupyter_envmgr.core.usersite.model import ProbeRequest
from jupyter_envmgr.service.usersite import probes
from tests.labs import Lab, wait
lab = Lab.__new__(Lab)
lab.__dict__.update({state})
context, job = lab.start({code!r})
wait(context, job)
"""


def test_what_a_killed_process_leaves_is_swept_by_the_next_proof(
    broken: Lab, tmp_path: Path
) -> None:
    before = facts(broken.home.base)
    state = (
        f"dict(program=Path({str(broken.program)!r}), site=Path({str(broken.site)!r}), "
        f"kernels=Path({str(broken.kernels)!r}), environ={broken.environ!r}, _jobs=[], "
        f"home=__import__('tests.homes').homes.Home(Path({str(broken.home.home)!r})))"
    )
    root = str(Path(__file__).parents[3])
    text = _OTHER.format(root=root, state=state, code=_gated(broken, tmp_path))
    other = subprocess.Popen([sys.executable, "-c", text], start_new_session=True)
    pids = tmp_path / "pids"
    try:
        eventually(pids.exists, "the program runs in the farm", 30)
    finally:
        os.kill(other.pid, signal.SIGKILL)
        other.wait()
    eventually(
        lambda: not any(os.path.exists(f"/proc/{pid}") for pid in pids.read_text().split()),
        "its programs end with it",
    )
    assert len(broken.workplaces()) == 1
    assert facts(broken.home.base) == before
    broken.prove("1")
    assert broken.workplaces() == []


def test_the_workplace_of_a_living_process_is_not_swept(broken: Lab, tmp_path: Path) -> None:
    context, job = broken.start(_gated(broken, tmp_path))
    eventually((tmp_path / "pids").exists, "the program runs in the farm", 30)
    sweep(broken.settings.cache / "probes")
    assert len(broken.workplaces()) == 1
    context.jobs.cancel(job.id)
    wait(context, job)


def test_proofs_survive_the_service_and_only_the_newest_are_kept(
    broken: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proofs, "MOST", 2)
    made = [broken.prove("1"), broken.prove("2"), broken.prove("3")]
    kept = proofs.proofs(broken.settings)
    assert [proof.id for proof in kept] == [made[2].id, made[1].id]
    assert kept[0] == made[2]
    with pytest.raises(EnvMgrError) as caught:
        proofs.proof(broken.settings, made[0].id)
    assert caught.value.code == "no-such-proof"
    directory = broken.settings.root / "proofs"
    assert stat.S_IMODE(directory.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in directory.iterdir()} == {0o600}


@pytest.mark.parametrize("identifier", ["", "..", "../jobs/x", "x" * 100, "a\0b"])
def test_an_id_that_is_none_is_not_looked_for(lab: Lab, identifier: str) -> None:
    with pytest.raises(EnvMgrError) as caught:
        proofs.proof(lab.settings, identifier)
    assert caught.value.code == "no-such-proof"


def test_a_proof_that_cannot_be_read_says_so(lab: Lab) -> None:
    directory = lab.settings.root / "proofs"
    directory.mkdir(parents=True)
    (directory / "20260101t000000000-abc.json").write_text("{")
    with pytest.raises(EnvMgrError) as caught:
        proofs.proof(lab.settings, "20260101t000000000-abc")
    assert caught.value.code == "bad-record"
    assert proofs.proofs(lab.settings) == ()
