"""Proofs with real interpreters, small packages, and a user site that must stay as it is."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.usersite.model import Proof
from jupyter_envmgr.service.usersite import probes, proofs
from jupyter_envmgr.system.farm import sweep
from tests.fakes import eventually
from tests.homes import Home
from tests.images import MINOR, make_image, site_of
from tests.labs import Lab, facts, install, wait

MARKUP = "def escape(): pass\n"
JINJA = "from markup import soft\n"


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    made = Lab(tmp_path)
    yield made
    made.close()


@pytest.fixture
def broken(lab: Lab) -> Lab:
    """An old jinja in the user site over the image's, whose markup is too new for it."""
    lab.in_image("markup", "2.1", markup=MARKUP)
    lab.in_image("jinja", "3.1", jinja="from markup import escape\n")
    lab.in_user("jinja", "2.11", jinja=JINJA)
    lab.in_user("bystander", "1.0", bystander="")
    return lab


# -- verdicts -----------------------------------------------------------------------------------


def test_one_culprit_is_named_by_one_probe_after_the_three(broken: Lab) -> None:
    proof = broken.prove("import jinja")
    assert (proof.verdict, proof.culprits) == ("user-site", ("jinja",))
    assert [(p.mode, p.ok, p.hidden) for p in proof.probes] == [
        ("as-is", False, ()),
        ("without", True, ()),
        ("empty", True, ()),
        ("hiding", True, ("jinja",)),
    ]
    assert "jinja 2.11" in proof.summary
    assert "cannot import name 'soft'" in proof.probes[0].error
    assert proof.fix is not None
    assert (proof.fix.remedy, proof.fix.packages) == ("hide", ("jinja",))
    assert proof.complete
    assert proof.target.python == MINOR
    assert proof.target.visible


def test_output_names_the_real_files_and_not_those_of_the_farm(broken: Lab) -> None:
    broken.in_user("late", "1.0", late="raise RuntimeError('late')")
    broken.in_image("late", "2.0", late="")
    proof = broken.prove("import jinja, late")
    assert proof.culprits == ("jinja", "late")
    for probe in proof.probes:
        assert "cache/probes" not in probe.output
    assert str(broken.site / "late.py") in proof.probes[3].output


def test_a_stray_module_is_named_by_its_file(lab: Lab) -> None:
    lab.in_image("yaml", "6.0", yaml="def safe_load(): pass\n")
    (lab.site / "yaml.py").write_text("x = 1\n")
    proof = lab.prove("import yaml\nyaml.safe_load()")
    assert (proof.verdict, proof.culprits) == ("user-site", ("yaml.py",))


def test_a_program_that_works_needs_nothing(broken: Lab) -> None:
    proof = broken.prove("import bystander")
    assert (proof.verdict, proof.culprits, proof.fix) == ("works", (), None)
    assert "bystander 1.0" in proof.summary


def test_a_program_that_is_broken_itself_is_not_blamed_on_the_user_site(broken: Lab) -> None:
    proof = broken.prove("1 / 0")
    assert (proof.verdict, proof.culprits) == ("not-user-site", ())
    assert len(proof.probes) == 3


def test_a_package_that_only_the_user_site_has_is_to_be_reinstalled(lab: Lab) -> None:
    lab.in_user("alone", "1.0", alone="import gone\n")
    proof = lab.prove("import alone")
    assert proof.verdict == "only-in-user-site"
    assert proof.fix is not None
    assert (proof.fix.remedy, proof.fix.packages) == ("reinstall", ("alone",))


def test_two_packages_of_the_user_site_alone_are_a_pair(lab: Lab) -> None:
    lab.in_user("one", "1.0", one="from two import missing\n")
    lab.in_user("two", "2.0", two="")
    proof = lab.prove("import one")
    assert (proof.verdict, set(proof.culprits)) == ("inside-user-site", {"one", "two"})


def test_a_user_only_package_over_a_wrong_version_of_a_shared_one_is_cured_by_hiding(
    lab: Lab,
) -> None:
    lab.in_user("alone", "1.0", alone="from shared import new\n")
    lab.in_user("shared", "1.0", shared="")
    lab.in_image("shared", "2.0", shared="new = 1\n")
    proof = lab.prove("import alone")
    assert (proof.verdict, proof.culprits) == ("user-site", ("shared",))


MISLEADING = """
    try:
        import first, second
    except Exception:
        raise SystemExit('it cannot start') from None
"""


def test_two_culprits_that_a_program_does_not_tell_are_found_among_many(lab: Lab) -> None:
    for number in range(60):
        lab.in_user(f"p{number}", "1.0", **{f"p{number}": ""})
        lab.in_image(f"p{number}", "2.0", **{f"p{number}": ""})
    for name in ("first", "second"):
        lab.in_user(name, "1.0", **{name: "raise RuntimeError\n"})
        lab.in_image(name, "2.0", **{name: ""})
    proof = lab.prove(MISLEADING)
    assert proof.culprits == ("first", "second")
    assert len(proof.probes) <= 8, "what the program loads is looked at first"


def test_a_search_that_takes_too_many_probes_ends_with_the_best_that_it_found(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(probes, "MOST_PROBES", 5)
    for name in ("first", "second", "third", "fourth"):
        text = "raise RuntimeError\n" if name in ("first", "second") else ""
        lab.in_user(name, "1.0", **{name: text})
        lab.in_image(name, "2.0", **{name: ""})
    proof = lab.prove(MISLEADING.replace("second", "second, third, fourth"))
    assert proof.verdict == "user-site"
    assert {"first", "second"} <= set(proof.culprits)
    assert len(proof.probes) == 5
    assert "perhaps not all" in proof.summary


def test_culprits_of_a_child_process_are_found(broken: Lab) -> None:
    proof = broken.prove(
        """
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "import jinja"], check=True, stderr=-3)
        """
    )
    assert proof.culprits == ("jinja",)


def test_parts_of_a_namespace_are_hidden_alone(lab: Lab) -> None:
    lab.in_user("ns-good", "1.0", ns__good="x = 1\n")
    lab.in_user("ns-bad", "1.0", ns__bad="raise RuntimeError('bad')\n")
    lab.in_image("ns-bad", "2.0", ns__bad="")
    (lab.site / "ns/__init__.py").unlink(missing_ok=True)
    proof = lab.prove("import ns.bad")
    assert proof.culprits == ("ns-bad",)


def test_an_editable_install_is_a_culprit_too(lab: Lab, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "thing.py").write_text("raise RuntimeError('in work')\n")
    lab.in_image("thing", "1.0", thing="")
    lab.home.package(
        "thing", "2.0", python=MINOR, files={"__editable__.thing-2.0.pth": f"{source}\n"}
    )
    assert lab.prove("import thing").culprits == ("thing",)


def test_eggs_by_relative_lines_work_in_the_farm_and_can_be_hidden(lab: Lab) -> None:
    for name, text in (("good", ""), ("bad", "raise RuntimeError('old egg')\n")):
        egg = lab.site / f"{name}-0.1-py{MINOR}.egg"
        (egg / "EGG-INFO").mkdir(parents=True)
        (egg / "EGG-INFO/PKG-INFO").write_text(f"Name: {name}\nVersion: 0.1\n")
        (egg / f"{name}.py").write_text(text)
    lines = "".join(f"./{name}-0.1-py{MINOR}.egg\n" for name in ("good", "bad"))
    (lab.site / "easy-install.pth").write_text(lines)
    lab.in_image("bad", "1.0", bad="")
    lab.in_image("good", "1.0", good="")
    proof = lab.prove("import good, bad")
    assert proof.culprits == ("bad",)


# -- kernels ------------------------------------------------------------------------------------


def test_the_program_runs_as_the_kernel_would(broken: Lab) -> None:
    broken.kernel("isolated", [str(broken.program), "-m", "x"], {"PYTHONNOUSERSITE": "1"})
    broken.kernel("option", [str(broken.program), "-s", "-m", "x"])
    broken.kernel("plain", ["python", "-m", "x"], {"WORD": "${HOME}/x"})
    for name in ("isolated", "option"):
        proof = broken.prove("import jinja", kernel=name)
        assert proof.verdict == "works"
        assert not proof.target.visible
    home = str(broken.home.home)
    code = f"import os, jinja\nassert os.environ['WORD'] == {home + '/x'!r}"
    proof = broken.prove(code, kernel="plain")
    assert (proof.verdict, proof.target.interpreter) == ("user-site", str(broken.program))
    assert proof.fix is not None
    assert proof.fix.kernel == "plain"


def test_a_failure_where_the_user_site_is_not_seen_says_why(broken: Lab) -> None:
    broken.kernel("isolated", [str(broken.program), "-m", "x"], {"PYTHONNOUSERSITE": "1"})
    proof = broken.prove("import bystander", kernel="isolated")
    assert proof.verdict == "not-user-site"
    assert "PYTHONNOUSERSITE is set" in proof.summary
    assert len(proof.probes) == 1


def test_a_user_base_of_the_kernel_is_the_one_that_is_probed(broken: Lab, tmp_path: Path) -> None:
    profile = Home(tmp_path / "profile")
    install(profile.site(MINOR), "jinja", "1.0", jinja="raise RuntimeError\n")
    broken.kernel("p", [str(broken.program), "-m", "x"], {"PYTHONUSERBASE": str(profile.base)})
    proof = broken.prove("import jinja", kernel="p")
    assert proof.culprits == ("jinja",)
    assert "jinja 1.0" in proof.summary


def test_a_venv_with_system_packages_sees_the_user_site(broken: Lab, tmp_path: Path) -> None:
    for name, options in (("open", ["--system-site-packages"]), ("closed", [])):
        venv = tmp_path / name
        command = [str(broken.program), "-m", "venv", "--without-pip", *options, str(venv)]
        subprocess.run(command, check=True, env=broken.environ)
        broken.kernel(name, [str(venv / "bin/python"), "-m", "x"])
    assert broken.prove("import jinja", kernel="open").culprits == ("jinja",)
    proof = broken.prove("import jinja", kernel="closed")
    assert proof.verdict == "not-user-site"
    assert "a virtual environment does not look at" in proof.summary


def test_a_user_site_on_pythonpath_is_seen_through(broken: Lab) -> None:
    broken.environ["PYTHONPATH"] = str(broken.site)
    proof = broken.prove("import jinja")
    assert (proof.verdict, proof.culprits) == ("user-site", ("jinja",))
    assert "PYTHONPATH" in proof.target.why_visible


def test_an_interpreter_that_ignores_variables_ignores_pythonpath(broken: Lab) -> None:
    broken.environ["PYTHONPATH"] = str(broken.site)
    broken.kernel("isolated", [str(broken.program), "-I", "-m", "x"])
    broken.kernel("mixed", [str(broken.program), "-E", "-m", "x"], {"PYTHONNOUSERSITE": "1"})
    proof = broken.prove("import jinja", kernel="isolated")
    assert (proof.verdict, proof.target.visible) == ("works", False)
    assert "starts it with -I" in proof.summary
    proof = broken.prove("import jinja", kernel="mixed")
    assert proof.culprits == ("jinja",)
    assert [probe.ok for probe in proof.probes] == [False, True, True, True]


def test_the_site_of_another_python_on_pythonpath_is_a_culprit(broken: Lab) -> None:
    other = broken.home.site("2.7")
    (other / "markup.py").write_text("print 'old'\n")
    (broken.site / "jinja.py").write_text("from markup import escape\n")
    broken.environ["PYTHONPATH"] = str(other)
    proof = broken.prove("import jinja")
    assert proof.culprits == (str(other),)


@pytest.mark.parametrize(
    ("argv", "code"),
    [(["/bin/sh", "-c", "x"], "wrong-state"), (["/gone/bin/python3"], "interpreter-missing")],
)
def test_a_kernel_that_cannot_be_probed_is_refused(lab: Lab, argv: list[str], code: str) -> None:
    lab.kernel("odd", argv)
    with pytest.raises(EnvMgrError) as caught:
        lab.start("1", kernel="odd")
    assert caught.value.code == code
    assert "odd" in caught.value.detail
    with pytest.raises(EnvMgrError) as caught:
        lab.start("1", kernel="nothing")
    assert caught.value.code == "no-such-kernel"


def test_an_interpreter_that_does_not_start_says_so(lab: Lab) -> None:
    lab.environ["PYTHONHOME"] = "/nowhere"
    context, job = lab.start("1")
    job = wait(context, job)
    assert job.problem is not None
    assert job.problem.code == "interpreter-missing"
    assert lab.workplaces() == []


def test_a_user_site_that_kills_the_start_is_found_out(lab: Lab) -> None:
    (lab.site / "deadly.pth").write_text("import os; os._exit(7)\n")
    proof = lab.prove("print(1)")
    assert (proof.verdict, proof.culprits) == ("user-site", ("deadly.pth",))


@pytest.mark.parametrize("version", ["2.7.18", "3.6.15", "3.13.0"])
def test_other_pythons_can_be_probed(tmp_path: Path, version: str) -> None:
    base = Path(sys.base_prefix).parent / version
    minor = version.rpartition(".")[0]
    if not (base / "bin" / f"python{minor}").exists():
        pytest.skip(f"there is no Python {version} here")
    lab = Lab(tmp_path)
    lab.program = make_image(tmp_path / "other", base, minor)
    lab.site = lab.home.site(minor)
    install(site_of(lab.program), "thing", "1.0", thing="")
    install(lab.site, "thing", "2.0", thing="raise RuntimeError('no')\n")
    proof = lab.prove("# é\nimport thing\n")
    lab.close()
    assert (proof.culprits, proof.target.python) == (("thing",), minor)


# -- what programs do ---------------------------------------------------------------------------


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


# -- the job ------------------------------------------------------------------------------------


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


# -- real packages ------------------------------------------------------------------------------


@pytest.fixture
def pip_install(lab: Lab) -> Callable[..., None]:
    def install_(*packages: str, user: bool = False) -> None:
        uv = str(Path(sys.executable).with_name("uv"))
        where = ["--prefix", str(lab.home.base), "--no-deps"] if user else []
        words = [uv, "pip", "install", "-q", "--python", str(lab.program), *where, *packages]
        subprocess.run([*words, "--break-system-packages"], check=True)

    return install_


@pytest.mark.network
def test_jinja_of_long_ago_over_the_markupsafe_of_today(
    lab: Lab, pip_install: Callable[..., None]
) -> None:
    pip_install("jinja2==3.1.4", "markupsafe==2.1.5")
    pip_install("jinja2==2.11.3", user=True)
    proof = lab.prove("import jinja2")
    assert (proof.verdict, proof.culprits, len(proof.probes)) == ("user-site", ("jinja2",), 4)


@pytest.mark.network
@pytest.mark.skipif(MINOR not in ("3.10", "3.11", "3.12"), reason="wheels of numpy 1.26")
def test_a_numpy_2_under_a_pandas_that_was_built_for_numpy_1(
    lab: Lab, pip_install: Callable[..., None]
) -> None:
    pip_install("numpy==1.26.4", "pandas==2.1.4")
    pip_install("numpy==2.0.2", user=True)
    proof = lab.prove("import pandas")
    assert (proof.verdict, proof.culprits, len(proof.probes)) == ("user-site", ("numpy",), 4)


def test_a_program_runs_beside_its_notebook_however_that_is_called(lab: Lab) -> None:
    (lab.home.home / "work").mkdir()
    (lab.home.home / "work/beside.py").write_text("")
    for directory in ("~/work", str(lab.home.home / "work")):
        assert lab.prove("import beside", directory=directory).verdict == "works"
