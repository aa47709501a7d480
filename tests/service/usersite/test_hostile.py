"""Two at once, another user, files in the way, pips at work: refused with the reason, or done."""

from __future__ import annotations

import codecs
import contextlib
import itertools
import os
import signal
import stat
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.settings import Settings
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from jupyter_envmgr.system import durable, processes
from tests.fakes import eventually
from tests.homes import Home, contents, state

ALL = ResetRequest("all", name="first")
NOBODY = 65534


def _child(function: Callable[[], object]) -> int:
    """Start ``function`` in a child that says by its exit code whether it raised."""
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            function()
            code = 0
        except EnvMgrError as error:
            code = {"locked": 10, "plan-changed": 11, "wrong-state": 12}.get(error.code, 13)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    return pid


def _code(pid: int) -> int:
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def test_of_several_resets_at_once_one_happens(home: Home) -> None:
    settings = home.settings()
    before = contents(home.base)
    digest = usersite.plan_reset(settings, ResetRequest("all")).digest
    children = [
        _child(lambda: usersite.reset(settings, ResetRequest("all"), digest)) for _ in range(6)
    ]
    codes = [_code(pid) for pid in children]
    assert codes.count(0) == 1, codes
    assert set(codes) <= {0, 10, 11, 12}, codes
    made = usersite.snapshots(settings).snapshots
    assert len(made) == 1
    usersite.restore(settings, made[0].name, RestoreRequest())
    assert contents(home.base) == before


def _as_nobody(function: Callable[[], object]) -> int:
    # Who is somebody else may not be able to read the Python that runs this.
    codecs.lookup("utf-8-sig")

    def drop() -> None:
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        function()

    return _code(_child(drop))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_home_of_somebody_else_is_not_permitted_and_stays(home: Home) -> None:
    settings = home.settings()
    before = state(home.base)
    for parent in (home.home, *home.home.parents):
        with contextlib.suppress(OSError):
            os.chmod(parent, stat.S_IMODE(os.stat(parent).st_mode) | 0o055)

    def attempt() -> None:
        assert usersite.scan(settings).sites
        plan = usersite.plan_reset(settings, ALL)
        assert "ermission" in plan.refusal
        with pytest.raises(EnvMgrError) as error:
            usersite.reset(settings, ALL)
        assert error.value.code == "not-permitted"

    assert _as_nobody(attempt) == 0
    assert state(home.base) == before


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_directories_that_even_their_owner_may_not_write_to_come_back_as_they_were(
    home: Home,
) -> None:
    settings = home.settings()
    (home.site() / "numpy").chmod(0o555)
    home.site().chmod(0o555)
    for directory, directories, files in os.walk(home.home):
        for name in (*directories, *files):
            os.chown(os.path.join(directory, name), NOBODY, NOBODY, follow_symlinks=False)
    os.chown(home.home, NOBODY, NOBODY)
    for parent in (home.home, *home.home.parents):
        with contextlib.suppress(OSError):
            os.chmod(parent, stat.S_IMODE(os.stat(parent).st_mode) | 0o055)
    before = state(home.base)

    def there_and_back() -> None:
        usersite.reset(settings, ALL)
        assert os.listdir(home.site()) == []
        usersite.restore(settings, "first", RestoreRequest())

    assert _as_nobody(there_and_back) == 0
    assert state(home.base) == before


def test_snapshots_cannot_lie_in_what_they_hold(home: Home) -> None:
    settings = replace(home.settings(), root=home.site() / "envmgr")
    with pytest.raises(EnvMgrError) as error:
        usersite.plan_reset(settings, ALL)
    assert error.value.code == "bad-path"


@pytest.mark.parametrize("what", ["file", "nothing", "link", "full"])
def test_whatever_is_in_the_place_of_a_site_directory_is_not_overwritten(
    home: Home, what: str
) -> None:
    settings = home.settings()
    before = state(home.base)
    usersite.reset(settings, ALL)
    site = home.site()
    site.rmdir()
    if what == "file":
        site.write_text("precious")
    elif what == "link":
        site.symlink_to(home.home / "image")
    elif what == "full":
        (site / "mine").mkdir(parents=True)
    now = state(home.base)
    if what == "nothing":
        usersite.restore(settings, "first", RestoreRequest())
        assert state(home.base) == before
        return
    with pytest.raises(EnvMgrError) as error:
        usersite.restore(settings, "first", RestoreRequest())
    assert error.value.code == "packages-in-the-way"
    assert state(home.base) == now


def test_a_base_that_is_gone_is_made_again_by_a_restore(home: Home) -> None:
    settings = home.settings()
    usersite.reset(settings, ALL)
    home.base.rename(home.home / "gone")
    usersite.restore(settings, "first", RestoreRequest())
    assert (home.base / "bin/f2py").exists()
    assert (home.site() / "numpy").is_dir()


@pytest.fixture
def fake_pip(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process whose command line is that of a pip that installs."""
    program = tmp_path / "pip"
    program.write_text("import signal\nsignal.pause()\n")
    process = subprocess.Popen([sys.executable, str(program), "install", "--user", "numpy"])
    yield process
    process.send_signal(signal.SIGKILL)
    process.wait()


def test_a_pip_at_work_is_named(home: Home, fake_pip: subprocess.Popen[bytes]) -> None:
    def seen() -> bool:
        return any(process.pid == fake_pip.pid for process in processes.installers())

    eventually(seen, "the process shows its command line")
    plan = usersite.plan_reset(home.settings(), ALL)
    assert any(f"process {fake_pip.pid}" in warning for warning in plan.warnings)


def _cut_a_reset(settings: Settings) -> None:
    """Kill a reset after it has renamed three things: the scripts are gone, the packages not."""

    def cut() -> None:
        real = durable._renameat2
        calls = itertools.count()

        def renameat2(source: Path, target: Path, flags: int) -> None:
            if next(calls) == 3:
                os._exit(9)
            real(source, target, flags)

        vars(durable)["_renameat2"] = renameat2
        usersite.reset(settings, ALL)

    assert _code(_child(cut)) == 9


def test_what_was_installed_between_a_crash_and_its_recovery_stays(home: Home) -> None:
    """The reset was cut after the scripts had gone; somebody installed one of them again."""
    settings = home.settings()
    before = contents(home.base)
    _cut_a_reset(settings)
    assert usersite.scan(settings).unfinished.startswith("the reset")
    new = home.base / "bin/f2py"
    was_moved = not new.exists()
    new.write_text("#!/bin/sh\nnew\n")
    assert "was finished" in usersite.recover(settings)[0]
    assert was_moved
    assert new.read_text() == "#!/bin/sh\nnew\n"
    found = contents(home.home / ".envmgr/snapshots/first/tree")
    assert sum(found.values()) + sum(contents(home.base).values()) == sum(before.values()) + 1


def test_a_cut_reset_is_taken_back_if_that_is_wanted(home: Home) -> None:
    settings = home.settings()
    before = state(home.base)
    _cut_a_reset(settings)
    assert "was taken back" in usersite.recover(settings, undo=True)[0]
    assert state(home.base) == before
    assert usersite.snapshots(settings).snapshots == ()


def test_another_container_that_cannot_see_the_snapshot_does_not_finish_it(home: Home) -> None:
    """It mounts the same ~/.local, but has a root of its own: what was moved must not look lost."""
    settings = home.settings()
    _cut_a_reset(settings)
    (home.home / ".envmgr").rename(home.home / "elsewhere")
    with pytest.raises(EnvMgrError) as error:
        usersite.recover(settings)
    assert error.value.code == "unfinished-operation"
    (home.home / "elsewhere").rename(home.home / ".envmgr")
    assert "was finished" in usersite.recover(settings)[0]
