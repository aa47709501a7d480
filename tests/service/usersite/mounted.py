"""Run in a mount namespace of its own: mounts, sets aside, brings back, says what happened."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from jupyter_envmgr.core.errors import EnvMgrError
from jupyter_envmgr.core.usersite.model import ResetRequest, RestoreRequest
from jupyter_envmgr.service import usersite
from tests.homes import Home, rich_home, state

OURS = (".envmgr", ".envmgr-snapshots")


def _mount(*arguments: object) -> None:
    subprocess.run(["mount", *map(str, arguments)], check=True, capture_output=True)


def _bind(root: Path) -> Home:
    """The base is a bind mount of the same file system: same device, and yet no rename out."""
    rich_home(root / "volume")
    home = Home(root / "home")
    _mount("--bind", root / "volume/.local", home.base)
    return home


def _tmpfs(root: Path) -> Home:
    home = Home(root / "home")
    _mount("-t", "tmpfs", "none", home.base)
    return rich_home(root / "home")


def _part_elsewhere(root: Path) -> Home:
    """A part of the base lies on another file system: one snapshot cannot hold both."""
    home = Home(root / "home")
    (home.base / "share").mkdir()
    _mount("-t", "tmpfs", "none", home.base / "share")
    return rich_home(root / "home")


def _site_is_a_mount(root: Path) -> Home:
    home = rich_home(root / "home")
    _mount("--bind", home.site(), home.site())
    return home


def _read_only(root: Path) -> Home:
    home = rich_home(root / "home")
    home.settings()
    _mount("--bind", home.home, home.home)
    _mount("-o", "remount,bind,ro", home.home)
    return home


def _overlay(root: Path) -> Home:
    """Directories of an image's layer cannot be renamed (EXDEV), new ones can."""
    rich_home(root / "lower")
    for name in ("upper", "work", "home", "disk"):
        (root / name).mkdir()
    _mount("-t", "tmpfs", "none", root / "disk")
    for name in ("upper", "work"):
        (root / "disk" / name).mkdir()
    options = f"lowerdir={root}/lower,upperdir={root}/disk/upper,workdir={root}/disk/work"
    _mount("-t", "overlay", "-o", f"{options},redirect_dir=off", "overlay", root / "home")
    return Home(root / "home")


def _full(root: Path) -> Home:
    home = Home(root / "home")
    _mount("-t", "tmpfs", "-o", "size=2m", "none", home.home)
    home = rich_home(root / "home")
    usersite.reset(home.settings(), ResetRequest("minor", python="3.8", name="old"))
    ballast = os.open(home.home / "ballast", os.O_CREAT | os.O_WRONLY)
    with contextlib.suppress(OSError):
        while os.write(ballast, b"x" * 4096):
            pass
    return home


SCENES: dict[str, Callable[[Path], Home]] = {
    "bind": _bind,
    "tmpfs": _tmpfs,
    "part-elsewhere": _part_elsewhere,
    "site": _site_is_a_mount,
    "read-only": _read_only,
    "overlay": _overlay,
    "full": _full,
}


def main(scene: str, root: Path) -> None:
    """Print what came of it as JSON."""
    home = SCENES[scene](root)
    settings = home.settings()
    before = state(home.base, but=OURS)
    said: dict[str, object] = {"is_mount": usersite.scan(settings).is_mount}
    try:
        made = usersite.reset(settings, ResetRequest("all", name="first"))
        said["where"] = str(Path(made.path).relative_to(home.home))
        said["moved"] = state(home.base, but=OURS) != before
        usersite.restore(settings, "first", RestoreRequest())
    except EnvMgrError as error:
        said["error"] = error.code
        said["detail"] = error.detail
    if scene == "full":
        said["freed"] = usersite.delete(settings, "old").name
    said["same"] = state(home.base, but=OURS) == before
    said["left"] = [name for name in OURS if (home.base / name / "journal").exists()]
    sys.stdout.write(json.dumps(said))


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
