"""The diagnosis of 300 distributions of a user site over 400 of an image, beside ``pip check``."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from jupyter_envmgr.core.settings import Location, Settings
from jupyter_envmgr.core.usersite import diagnosis as core
from jupyter_envmgr.core.usersite.base import find_user_base
from jupyter_envmgr.core.usersite.diagnosis import requirement_check
from jupyter_envmgr.core.usersite.model import Target
from jupyter_envmgr.service.usersite import diagnosis as service
from jupyter_envmgr.service.usersite.start import Start
from tests.images import make_image, site_of

from .figures import Subject, in_turn

USER, IMAGE = 300, 400
REQUIREMENTS, WHOLE, AGAIN = 120.0, 1000.0, 50.0
_OTHER_VERSION = 5


def make(root: Path) -> Settings:
    """An image and a user site of real distributions, those that this Python has.

    Each has them once under their own names, then copies under others, as many as are wanted.
    Every fifth that both have is of another version in the user site.
    """
    program = make_image(root / "image")
    base = root / "home" / ".local"
    user = base / "lib" / program.name / "site-packages"
    sources = sorted(
        directory
        for entry in sys.path
        if entry.endswith("site-packages")
        for directory in Path(entry).glob("*.dist-info")
        if (directory / "RECORD").is_file()
    )
    for site, count in ((user, USER), (site_of(program), IMAGE)):
        site.mkdir(parents=True, exist_ok=True)
        for number in range(count):
            source = sources[number % len(sources)]
            copy = f"copy{number}_" if number >= len(sources) else ""
            is_other = site == user and number % _OTHER_VERSION == 0
            _install(source, site, copy, is_other)
        _age(site)
    _age(root)
    return Settings(
        root=root / "home" / ".envmgr",
        home=root / "home",
        locations=(Location("home", root / "home" / "environments"),),
        image_prefix=program.parents[1],
        image_interpreter=program,
        kernel_dirs=(),
        user_kernels=base / "share" / "jupyter" / "kernels",
        image_kernels=program.parents[1] / "share" / "jupyter" / "kernels",
        environ={"HOME": str(root / "home"), "PATH": f"{base}/bin:{program.parent}:/usr/bin:/bin"},
    )


def _install(source: Path, site: Path, copy: str, is_other: bool) -> None:
    """A distribution as it is, or under another name with other names to import."""
    info = site / f"{copy}{source.name}"
    info.mkdir()
    for name in ("WHEEL", "entry_points.txt", "INSTALLER"):
        if (source / name).is_file():
            shutil.copy(source / name, info)
    head = (source / "METADATA").read_bytes()
    if copy:
        head = re.sub(rb"(?m)^Name: *", b"Name: " + copy.replace("_", "-").encode(), head, count=1)
    if is_other:
        head = re.sub(rb"(?m)^Version: *(\S+)", rb"Version: \1.post7", head, count=1)
    (info / "METADATA").write_bytes(head)
    rows = [row for row in (source / "RECORD").read_text().splitlines() if not row.startswith(".")]
    kept = []
    for row in rows:
        path = row.split(",", 1)[0]
        there = source.parent / path
        if '"' in row or path.startswith(("/", source.name)) or not there.is_file():
            continue
        target = site / f"{copy}{path}"
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.exists():
            _link(there, target)
        kept.append(copy + row)
    (info / "RECORD").write_text("\n".join([*kept, f"{info.name}/METADATA,,", ""]))


def _link(source: Path, target: Path) -> None:
    try:
        os.link(source, target)
    except OSError:
        target.symlink_to(source)


def _age(root: Path) -> None:
    """What was changed just now is not trusted to be remembered."""
    then = time.time() - 3600
    for directory, _, files in os.walk(root):
        os.utime(directory, (then, then))
        for name in files:
            path = os.path.join(directory, name)
            if os.lstat(path).st_nlink == 1 and not os.path.islink(path):
                os.utime(path, (then, then))


def subjects(rounds: int) -> list[Subject]:
    """One table, in one run."""
    root = Path(tempfile.mkdtemp(prefix="diagnosis-"))
    try:
        return [_subject(make(root), rounds)]
    finally:
        shutil.rmtree(root)


def _subject(settings: Settings, rounds: int) -> Subject:
    found = service.diagnose(settings, fresh=True)
    subject = Subject(f"Diagnosis of {USER} user and {IMAGE} image distributions", "pip check")
    subject.times = in_turn(
        {
            "pip check": partial(_pip_check, settings),
            "requirement check": partial(_requirements, settings),
            "diagnosis, nothing remembered": partial(_anew, settings),
            "diagnosis, files remembered": partial(service.diagnose, settings, fresh=True),
            "diagnosis, asked again": partial(service.diagnose, settings),
        },
        rounds,
    )
    subject.aim("requirement check", REQUIREMENTS)
    subject.aim("diagnosis, nothing remembered", WHOLE)
    subject.aim("diagnosis, asked again", AGAIN)
    subject.aim_against("diagnosis, nothing remembered", "pip check", 1.0)
    counts = ", ".join(f"{number} {severity}" for severity, number in found.counts.items())
    subject.notes.append(f"findings: {counts}")
    subject.notes.append("pip check is a whole process; it looks at requirements alone")
    return subject


def _pip_check(settings: Settings) -> None:
    argv = [str(settings.image_interpreter), "-m", "pip", "check", "--disable-pip-version-check"]
    subprocess.run(argv, env=dict(settings.environ), capture_output=True, check=False)


def _ground(settings: Settings) -> core.Ground:
    start = Start(str(settings.image_interpreter), (), dict(settings.environ))
    runtime = service.runtime_of(start)
    base = find_user_base(start.environ, settings.home)
    path = core.path_of(runtime, (), start.environ, base.path)
    target = Target(start.interpreter, runtime.prefix, runtime.minor)
    system = core.System("2.36", False, (), start.environ)
    return core.Ground(target, runtime, base, path, system, core.Kept())


def _requirements(settings: Settings) -> None:
    requirement_check.forget()
    requirement_check.compare_requirements(_ground(settings))


def _anew(settings: Settings) -> None:
    """A process would know no more; only the interpreter's facts are kept."""
    service.forget()
    service.diagnose(settings)
