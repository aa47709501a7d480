"""Set aside and brought back: everything that is pip's, nothing else, byte for byte."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from tests.homes import Home, everything_with_times, state

ALL = ResetRequest("all", name="first")


def _code(error: pytest.ExceptionInfo[EnvMgrError]) -> str:
    return error.value.code


def test_what_is_set_aside_comes_back_byte_for_byte(home: Home) -> None:
    settings = home.settings()
    before = everything_with_times(home.base)
    usersite.reset(settings, ALL, usersite.plan_reset(settings, ALL).digest)
    assert state(home.base) != before
    plan = usersite.plan_restore(settings, "first", RestoreRequest())
    restored = usersite.restore(settings, "first", RestoreRequest(), plan.digest)
    assert restored.state == "restored"
    assert everything_with_times(home.base) == before


def test_the_plans_of_a_single_package_speak_of_one(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.package("alpha")
    settings = home.settings()
    plan = usersite.plan_reset(settings, ALL, running_kernels=("python3",))
    assert plan.summary.startswith("1 package (")
    assert " is renamed into a snapshot" in plan.summary
    assert "1 kernel (python3)" in " ".join(plan.warnings)
    usersite.reset(settings, ALL)
    back = usersite.plan_restore(settings, "first", RestoreRequest(), running_kernels=("a", "b"))
    assert back.summary.startswith("1 package (")
    assert back.summary.endswith("comes back to where it was.")
    assert "2 kernels" in " ".join(back.warnings)


def test_only_what_pip_brought_is_moved(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    left = {path for path in state(home.base) if not (home.base / path).is_dir()}
    assert left == {
        "bin/black",
        "bin/mine",
        "bin/uv",
        "share/Trash/files/x",
        "share/jupyter/kernels/mine/kernel.json",
        "share/jupyter/nbsignatures.db",
        "share/jupyter/runtime/kernel-1.json",
        "share/pipx/venvs/black/bin/black",
        "share/uv/tools/ruff/x",
        "state/x/y",
    }
    for python in ("3.8", "3.11"):
        assert os.listdir(home.site(python)) == [], "an empty site directory has to be there"
    assert not (home.base / "share/jupyter/labextensions").exists(), "emptied directories go"
    assert (home.base / "bin").is_dir()


def test_one_python_goes_and_the_other_stays(home: Home) -> None:
    settings = home.settings()
    snapshot = usersite.reset(settings, ResetRequest("minor", name="first"))
    assert snapshot.pythons == ("3.11",)
    assert os.listdir(home.site("3.11")) == []
    assert (home.site("3.8") / "numpy").is_dir()
    assert not (home.base / "bin/f2py").exists()
    assert (home.base / "bin/f2py-old").exists()


def test_the_plan_says_what_goes_what_stays_and_what_will_be_missing(home: Home) -> None:
    request = ResetRequest("packages", ("numpy",))
    plan = usersite.plan_reset(home.settings(), request)
    facts = dict(plan.facts)
    assert "pandas 2.1.4 needs numpy>=1.22" in facts["Will miss something"]
    assert facts["Install again"] == "numpy==1.26.4"
    rows = {(step.action, os.path.relpath(step.target, home.base)) for step in plan.steps}
    assert ("keep", "share/jupyter/runtime") in rows
    assert ("keep", "share/uv") in rows
    assert plan.bytes


def test_a_package_of_the_image_that_needs_the_user_site_is_named(home: Home) -> None:
    settings = home.settings()
    info = settings.image_prefix / "lib/python3.11/site-packages/plotter-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Name: plotter\nVersion: 1.0\nRequires-Dist: python-dateutil>=2\n"
        'Requires-Dist: pandas; extra == "frames"\n\n'
    )
    facts = dict(usersite.plan_reset(settings, ALL).facts)
    assert facts["Will miss something"].startswith("plotter 1.0 needs python-dateutil>=2")
    assert "pandas" not in facts["Will miss something"]


def test_a_plan_that_is_no_longer_true_is_refused_and_moves_nothing(home: Home) -> None:
    settings = home.settings()
    digest = usersite.plan_reset(settings, ALL).digest
    home.package("late", "1.0")
    before = state(home.base)
    with pytest.raises(EnvMgrError) as error:
        usersite.reset(settings, ALL, digest)
    assert _code(error) == "plan-changed"
    assert state(home.base) == before


def test_what_others_write_beside_it_does_not_change_the_plan(home: Home) -> None:
    settings = home.settings()
    digest = usersite.plan_reset(settings, ALL).digest
    home.file("share/jupyter/runtime/kernel-2.json")
    usersite.reset(settings, ALL, digest)


def test_hidden_packages_take_only_their_part_of_a_namespace(home: Home) -> None:
    settings = home.settings()
    before = everything_with_times(home.base)
    request = ResetRequest("packages", ("ns-one", "yaml.py"), name="first")
    usersite.reset(settings, request)
    site = home.site()
    assert not (site / "ns/one").exists()
    assert (site / "ns/two/m.py").exists()
    assert not (site / "yaml.py").exists()
    assert not (site / "ns_one-1.0.dist-info").exists()
    usersite.restore(settings, "first", RestoreRequest())
    assert everything_with_times(home.base) == before


def test_chosen_packages_come_back_alone_and_the_rest_later(home: Home) -> None:
    settings = home.settings()
    before = state(home.base)
    usersite.reset(settings, ResetRequest("minor", name="first"))
    left = usersite.restore(settings, "first", RestoreRequest(packages=("numpy", "ns-two")))
    assert left.state == "complete"
    assert "numpy" not in {package.name for package in left.packages}
    assert (home.base / "bin/f2py").exists()
    assert sorted(os.listdir(home.site())) == [
        "ns",
        "ns_two-1.0.dist-info",
        "numpy",
        "numpy-1.26.4.dist-info",
    ]
    names = tuple(package.name for package in left.packages)
    usersite.restore(settings, "first", RestoreRequest(packages=names))
    now = state(home.base)
    strays = {key for key in before if "site-packages/" in key and key not in now}
    assert {os.path.basename(path) for path in strays} == {"yaml.py", "hard.py", "dangling"}


def test_new_packages_are_never_mixed_with_restored_ones(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    home.package("new", "1.0")
    before = state(home.base)
    with pytest.raises(EnvMgrError) as error:
        usersite.restore(settings, "first", RestoreRequest())
    assert _code(error) == "packages-in-the-way"
    assert state(home.base) == before
    assert usersite.show(settings, "first").state == "complete"


def test_a_swap_sets_the_new_packages_aside_in_a_snapshot_of_their_own(home: Home) -> None:
    settings = home.settings()
    before = state(home.base)
    usersite.reset(settings, ALL)
    home.package("new", "1.0", scripts=["f2py"])
    new = state(home.base)
    request = RestoreRequest(swap=True)
    plan = usersite.plan_restore(settings, "first", request)
    assert plan.steps[0].action == "set aside"
    usersite.restore(settings, "first", request, plan.digest)
    assert state(home.base) == before
    automatic = [s for s in usersite.snapshots(settings).snapshots if s.origin == "automatic"]
    assert [package.name for package in automatic[0].packages] == ["new"]
    usersite.restore(settings, automatic[0].name, RestoreRequest(swap=True))
    assert {k for k in state(home.base) if "new" in k} == {k for k in new if "new" in k}
    assert (home.base / "bin/f2py").read_text().count("from new import") == 1


def test_a_snapshot_that_somebody_changed_is_not_restored_by_halves(home: Home) -> None:
    settings = home.settings()
    snapshot = usersite.reset(settings, ALL)
    os.unlink(Path(snapshot.path) / "tree/bin/f2py")
    assert usersite.show(settings, "first").state == "damaged"
    before = state(home.base)
    with pytest.raises(EnvMgrError) as error:
        usersite.restore(settings, "first", RestoreRequest())
    assert _code(error) == "snapshot-damaged"
    assert state(home.base) == before


def test_restoring_twice_is_an_error_that_says_so(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    usersite.restore(settings, "first", RestoreRequest())
    with pytest.raises(EnvMgrError, match="restored already"):
        usersite.restore(settings, "first", RestoreRequest())


def test_nothing_to_set_aside_is_said(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    with pytest.raises(EnvMgrError, match="nothing to set aside"):
        usersite.reset(settings, ResetRequest("all"))


@pytest.mark.parametrize(
    "request_",
    [
        ResetRequest("packages"),
        ResetRequest("packages", ("nothing-of-that-name",)),
        ResetRequest("packages", ("../../../bin/mine",)),
        ResetRequest("packages", ("/etc/passwd",)),
        ResetRequest("minor", python="2.7"),
    ],
    ids=lambda r: f"{r.packages or r.python or 'none'}",
)
def test_what_is_not_there_cannot_be_chosen(home: Home, request_: ResetRequest) -> None:
    with pytest.raises(EnvMgrError) as error:
        usersite.plan_reset(home.settings(), request_)
    assert _code(error) == "bad-request"


def test_the_servers_own_packages_are_not_taken_from_under_it(home: Home) -> None:
    home.package("jupyter-server", "2.0", requires=["tornado", "python-dateutil"])
    home.package("tornado", "6.4")
    settings = home.settings()
    modules = [str(home.site() / "jupyter_server/__init__.py"), "/usr/lib/python3/os.py"]
    with pytest.raises(EnvMgrError) as error:
        usersite.reset(settings, ALL, server_modules=modules)
    assert _code(error) == "server-in-user-site"
    assert "1 of its modules" in error.value.detail
    request = ResetRequest("all", name="first", keep_jupyter=True)
    usersite.reset(settings, request, server_modules=modules)
    kept = {name for name in os.listdir(home.site()) if not name.endswith(".dist-info")}
    assert kept >= {"jupyter_server", "tornado", "dateutil"}
    assert not kept & {"numpy", "pandas", "ns", "jupyterlab_thing"}


def test_a_server_that_does_not_use_the_user_site_is_not_in_the_way(home: Home) -> None:
    home.package("jupyter-server", "2.0")
    plan = usersite.plan_reset(home.settings(), ALL, server_modules=["/usr/lib/python3/os.py"])
    assert plan.refusal == ""


def test_running_kernels_leftovers_and_fresh_changes_are_named(home: Home) -> None:
    (home.site() / "~umpy-1.0.dist-info").mkdir()
    plan = usersite.plan_reset(home.settings(), ALL, running_kernels=["python3"])
    said = " ".join(plan.warnings)
    assert "python3" in said
    assert "~umpy" in said
    assert "less than a minute ago" in said


def test_a_site_directory_that_may_not_be_written_to_moves_and_keeps_its_permissions(
    home: Home,
) -> None:
    os.chmod(home.site(), 0o555)
    before = state(home.base)
    settings = home.settings()
    snapshot = usersite.reset(settings, ALL)
    moved = Path(snapshot.path) / "tree/lib/python3.11/site-packages"
    assert stat.S_IMODE(os.stat(moved).st_mode) == 0o555
    usersite.restore(settings, "first", RestoreRequest())
    assert state(home.base) == before


def test_a_linked_site_directory_is_set_aside_as_the_link_that_it_is(home: Home) -> None:
    site, elsewhere = home.site(), home.home / "elsewhere"
    site.rename(elsewhere)
    site.symlink_to(elsewhere)
    before, data = state(home.base), state(elsewhere)
    settings = home.settings()
    usersite.reset(settings, ALL)
    assert not site.is_symlink()
    assert os.listdir(site) == []
    assert state(elsewhere) == data
    usersite.restore(settings, "first", RestoreRequest())
    assert state(home.base) == before


def test_a_linked_base_is_followed_and_stays_a_link(home: Home) -> None:
    real = home.home / "volume"
    home.base.rename(real)
    home.base.symlink_to(real)
    before = state(real)
    settings = home.settings()
    usersite.reset(settings, ALL)
    assert home.base.is_symlink()
    usersite.restore(settings, "first", RestoreRequest())
    assert state(real) == before


def test_strange_names_and_kinds_of_files_come_back(home: Home) -> None:
    site = home.site()
    if sys.platform.startswith("linux"):
        (Path(os.fsdecode(os.fsencode(site) + b"/latin-\xe9.py"))).write_text("x")
    (site / "new\nline.py").write_text("x")
    (site / ("n" * 255)).write_text("x")
    (site / "Case.py").write_text("1")
    (site / "case.py").write_text("2")
    (site / "loop").symlink_to("loop")
    os.mkfifo(site / "fifo")
    (site / "closed").mkdir(mode=0)
    with (site / "sparse").open("wb") as file:
        file.truncate(1 << 30)
    before = {k: v for k, v in state(home.base).items() if "sparse" not in k}
    settings = home.settings()
    usersite.scan(settings, size=True)
    usersite.reset(settings, ALL)
    usersite.restore(settings, "first", RestoreRequest())
    assert {k: v for k, v in state(home.base).items() if "sparse" not in k} == before


def test_a_relative_user_base_is_refused_and_scanned_with_a_problem(home: Home) -> None:
    settings = home.settings(PYTHONUSERBASE="relative")
    with pytest.raises(EnvMgrError) as error:
        usersite.plan_reset(settings, ALL)
    assert _code(error) == "bad-path"
    assert "relative" in usersite.scan(settings).problems[0]


def test_another_user_base_is_honoured(home: Home) -> None:
    other = home.home / "other"
    home.base.rename(other)
    settings = home.settings(PYTHONUSERBASE=str(other))
    before = state(other)
    usersite.reset(settings, ALL)
    assert os.listdir(other / "lib/python3.11/site-packages") == []
    usersite.restore(settings, "first", RestoreRequest())
    assert state(other) == before


def test_a_lock_of_another_host_is_not_stolen_unless_told(home: Home) -> None:
    from dataclasses import replace

    from jupyter_envmgr.system import holder
    from jupyter_envmgr.system.locks import Lock

    stranger = replace(holder.current("server"), host="node7", boot_id="other", pid=1)
    lock = Lock(home.base / ".envmgr/locks/usersite.lock", stranger, "setting packages aside")
    lock.acquire()
    settings = home.settings()
    with pytest.raises(EnvMgrError, match="node7") as error:
        usersite.reset(settings, ALL)
    assert _code(error) == "locked"
    usersite.reset(settings, ALL, break_lock=True)


@pytest.mark.parametrize("text", ["", "{", '{"version": 99}', "\0" * 100])
def test_a_journal_that_cannot_be_read_is_kept_and_not_in_the_way(home: Home, text: str) -> None:
    journal = home.base / ".envmgr/journal"
    journal.mkdir(parents=True)
    (journal / "1.json").write_text(text)
    settings = home.settings()
    assert "cannot be read" in usersite.scan(settings).unfinished
    assert "could not be read" in usersite.recover(settings)[0]
    assert (journal / "1.unreadable").read_text() == text
    usersite.reset(settings, ALL)
