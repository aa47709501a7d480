"""Snapshots: listed, compared, renamed, copied, adopted, exported and deleted."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from tests.homes import Home, rich_home, state

ALL = ResetRequest("all", name="first")


def test_a_snapshot_says_where_from_and_what_is_in_it(home: Home) -> None:
    settings = home.settings(NVIDIA_TENSORFLOW_VERSION="19.02")
    made = usersite.reset(settings, ResetRequest("all"))
    assert made.name.startswith("tensorflow-19.02-py3-")
    assert made.image == "tensorflow-19.02-py3"
    assert made.pythons == ("3.11", "3.8")
    assert made.bytes > 0
    assert made.files > 20
    numpy = next(p for p in made.packages if p.name == "numpy" and p.python == "3.11")
    assert (numpy.requirement, numpy.asked_for) == ("numpy==1.26.4", True)
    assert made.fingerprint["python"] == "3.11"
    assert usersite.snapshots(settings).snapshots == (made,)
    assert stat.S_IMODE(os.stat(made.path).st_mode) == 0o700


def test_a_snapshot_is_renamed_and_keeps_what_it_is(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    renamed = usersite.rename(settings, "first", "second", remarks="before the upgrade")
    assert (renamed.name, renamed.remarks) == ("second", "before the upgrade")
    assert usersite.show(settings, "second") == renamed
    with pytest.raises(EnvMgrError, match="no snapshot 'first'"):
        usersite.show(settings, "first")
    with pytest.raises(EnvMgrError):
        usersite.rename(settings, "second", "../up")


def test_a_name_is_given_once(home: Home) -> None:
    settings = home.settings()
    usersite.backup(settings, ALL)
    before = state(home.base)
    with pytest.raises(EnvMgrError) as error:
        usersite.reset(settings, ALL)
    assert error.value.code == "name-taken"
    assert state(home.base) == before


def test_sets_of_packages_are_compared(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    home.package("numpy", "2.0")
    home.package("new", "1.0")
    found = usersite.compare(settings, "first", "present")
    rows = {(d.name, d.python): (d.one, d.other) for d in found.differences}
    assert rows["numpy", "3.11"] == ("1.26.4", "2.0")
    assert rows["new", "3.11"] == ("", "1.0")
    assert rows["pandas", "3.11"] == ("2.1.4", "")
    image = usersite.compare(settings, "first", "image")
    assert {d.python for d in image.differences} <= {"3.11"}


def test_requirements_are_for_one_python_and_say_what_was_asked_for(home: Home) -> None:
    settings = home.settings()
    info = home.package("work", "1")
    (info / "direct_url.json").write_text('{"url": "file:///w", "dir_info": {"editable": true}}')
    usersite.reset(settings, ALL)
    lines = usersite.requirements(settings, "first").splitlines()
    assert "numpy==1.26.4  # asked for" in lines
    assert "python-dateutil==2.8.2" in lines
    assert "-e /w" in lines
    assert "# numpy==1.24.4" in lines


def test_what_to_install_again_is_sorted(home: Home) -> None:
    settings = home.settings()
    info = settings.image_prefix / "lib/python3.11/site-packages/pandas-2.2.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Name: pandas\nVersion: 2.2\n\n")
    usersite.reset(settings, ResetRequest("minor", name="first"))
    groups = usersite.reinstall(settings, "first")
    assert [p.name for p in groups.in_image] == ["pandas"]
    assert [p.name for p in groups.asked_for] == ["numpy"]
    assert "python-dateutil" in [p.name for p in groups.dependencies]


def test_a_copy_keeps_links_holes_times_and_leaves_the_original(home: Home) -> None:
    with (home.site() / "sparse").open("wb") as file:
        file.truncate(64 << 20)
        file.seek(32 << 20)
        file.write(b"middle")
    os.mkfifo(home.site() / "fifo")
    before = state(home.base)
    settings = home.settings()
    made = usersite.backup(settings, ALL, usersite.plan_backup(settings, ALL).digest)
    assert state(home.base) == before
    tree = Path(made.path) / "tree/lib/python3.11/site-packages"
    assert state(tree) == state(home.site())
    assert os.stat(tree / "sparse").st_blocks * 512 < 1 << 20
    usersite.restore(settings, "first", RestoreRequest(swap=True))
    assert state(home.base) == before


def test_backups_made_by_hand_are_found_and_adopted(home: Home) -> None:
    settings = home.settings()
    by_hand = home.home / "local_backup"
    home.base.rename(by_hand)
    other = rich_home(home.home / "other")
    (home.home / "local").mkdir()
    other.base.rename(home.home / "local/tf-2.11")
    found = usersite.snapshots(settings).adoptable
    assert found == (str(home.home / "local/tf-2.11"), str(by_hand))
    before = state(by_hand)
    plan = usersite.plan_adopt(settings, str(by_hand), "by-hand")
    made = usersite.adopt(settings, str(by_hand), "by-hand", plan.digest)
    assert made.origin == "adopted"
    assert not by_hand.exists()
    usersite.restore(settings, "by-hand", RestoreRequest())
    now = state(home.base)
    foreign = {k for k in before if k.startswith(("share/uv", "share/pipx", "state", "bin/mine"))}
    assert {k: v for k, v in now.items() if k in before} == {
        k: v for k, v in before.items() if k in now
    }
    assert not foreign & set(now), "what is no package stays in the snapshot"
    assert (Path(made.path) / "tree/share/uv/tools/ruff/x").exists()


@pytest.mark.parametrize("path", [".local", "image", "nowhere", ".envmgr"])
def test_what_is_no_backup_is_not_adopted(home: Home, path: str) -> None:
    settings = home.settings()
    with pytest.raises(EnvMgrError) as error:
        usersite.plan_adopt(settings, str(home.home / path))
    assert error.value.code == "bad-path"


def test_a_snapshot_is_deleted_by_its_plan(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    plan = usersite.plan_delete(settings, "first")
    before = state(home.base)
    with pytest.raises(EnvMgrError):
        usersite.delete(settings, "first", "another digest")
    usersite.delete(settings, "first", plan.digest)
    assert usersite.snapshots(settings).snapshots == ()
    assert state(home.base) == before


def test_another_directory_under_a_snapshots_name_is_not_deleted(home: Home) -> None:
    settings = home.settings()
    made = Path(usersite.reset(settings, ALL).path)
    made.rename(made.with_name("kept"))
    made.mkdir()
    (made / "snapshot.json").write_bytes((made.with_name("kept") / "snapshot.json").read_bytes())
    (made / "mine").write_text("precious")
    with pytest.raises(EnvMgrError, match="not the directory"):
        usersite.delete(settings, "first")
    assert (made / "mine").read_text() == "precious"


def test_a_snapshot_whose_record_is_gone_is_listed_as_damaged(home: Home) -> None:
    settings = home.settings()
    made = usersite.reset(settings, ALL)
    (Path(made.path) / "snapshot.json").write_text("{")
    listed = usersite.snapshots(settings)
    assert [one.state for one in listed.snapshots] == ["damaged"]
    assert "of no use" in listed.warnings[0]
