"""Programs may do what they do: the user site stays as it is, and nothing of them is left."""

from __future__ import annotations

import os
import textwrap
from pathlib import Path

from tests.labs import Lab


def test_a_script_runs_in_its_own_directory_and_a_cell_beside_its_notebook(
    lab: Lab, tmp_path: Path
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    (work / "mine.py").write_text("x = 1\n")
    (work / "data.txt").write_text("")
    script = work / "run.py"
    script.write_text("import mine\nopen('data.txt')\n")
    assert lab.prove(script=str(script)).verdict == "works"
    assert lab.prove("import mine; open('data.txt')", directory=str(work)).verdict == "works"
    assert sorted(os.listdir(work)) == ["data.txt", "mine.py", "run.py"]


def test_a_script_is_found_below_the_home_as_jupyterlab_names_it(lab: Lab) -> None:
    (lab.home.home / "run.py").write_text("print(1)\n")
    assert lab.prove(script="~/run.py").verdict == "works"


def test_a_module_is_imported(broken: Lab) -> None:
    assert broken.prove(module="jinja").culprits == ("jinja",)
    assert broken.prove(module="bystander").verdict == "works"


def test_magics_that_were_left_out_are_told(lab: Lab) -> None:
    proof = lab.prove("%matplotlib inline\nx = 1\n")
    assert proof.verdict == "works"
    assert "%matplotlib inline" in proof.remarks[0]


def test_a_program_that_reads_its_input_does_not_wait(lab: Lab) -> None:
    proof = lab.prove("input()")
    assert proof.verdict == "unclear"
    assert "input" in proof.summary


def test_a_program_that_takes_too_long_is_ended_and_so_are_its_children(
    lab: Lab, tmp_path: Path
) -> None:
    lab.in_image("slow", "2.0", slow="")
    pids = tmp_path / "pids"
    text = f"""
    import os, subprocess, sys, time
    child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'],
                             start_new_session=True)
    open({str(pids)!r}, 'a').write('%d ' % child.pid)
    time.sleep(99)
    """
    lab.in_user("slow", "1.0", slow=textwrap.dedent(text))
    proof = lab.prove("import slow", seconds=2)
    assert (proof.verdict, proof.culprits) == ("user-site", ("slow",))
    assert proof.probes[0].timed_out
    assert "2 seconds" in proof.probes[0].error
    for pid in pids.read_text().split():
        assert not os.path.exists(f"/proc/{pid}")


def test_a_program_that_becomes_a_daemon_leaves_none(lab: Lab, tmp_path: Path) -> None:
    pids = tmp_path / "pids"
    proof = lab.prove(
        f"""
        import os, time
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.setsid()
            if os.fork() == 0:
                open({str(pids)!r}, 'a').write('%d ' % os.getpid())
                os.write(writing, b'x')
                time.sleep(99)
            os._exit(0)
        os.read(reading, 1)
        """
    )
    assert proof.verdict == "works"
    assert len(pids.read_text().split()) == 3
    for pid in pids.read_text().split():
        assert not os.path.exists(f"/proc/{pid}")


def test_much_output_and_big_files_do_no_harm(lab: Lab) -> None:
    proof = lab.prove(
        """
        import sys
        for _ in range(200):
            sys.stdout.write('x' * 100_000 + '\\n')
        open('big', 'wb').write(bytes(20_000_000))
        raise ValueError('the end')
        """
    )
    assert proof.probes[0].error == "ValueError: the end"
    assert len(proof.probes[0].output) <= 6000
    events = lab.settings.jobs / proof.id / "events.jsonl"
    assert events.stat().st_size < 100_000


def test_what_a_program_writes_into_the_farm_goes_with_it(broken: Lab) -> None:
    proof = broken.prove(
        """
        import os, site
        if 'probes' in site.getusersitepackages():
            os.makedirs(os.path.join(site.getusersitepackages(), 'new', 'deep'))
        import jinja
        """
    )
    assert proof.culprits == ("jinja",)


def test_the_search_can_be_left_out(broken: Lab) -> None:
    proof = broken.prove("import jinja", find_culprits=False)
    assert (proof.verdict, proof.culprits, len(proof.probes)) == ("user-site", (), 3)


def test_a_program_runs_beside_its_notebook_however_that_is_called(lab: Lab) -> None:
    (lab.home.home / "work").mkdir()
    (lab.home.home / "work/beside.py").write_text("")
    for directory in ("~/work", str(lab.home.home / "work")):
        assert lab.prove("import beside", directory=directory).verdict == "works"
