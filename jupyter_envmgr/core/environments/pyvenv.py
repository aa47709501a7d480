"""Virtual environments as venv, virtualenv and uv make them, read from their files (PEP 405)."""

from __future__ import annotations

import errno
import os
import re
import stat
from collections.abc import Mapping
from typing import Literal

from .disk import Disk, read_text, reason, shown
from .facts import Facts, count_distributions, site_directories

_FINAL = re.compile(r"\.final\.\d+$")
_MINOR_OF_NAME = re.compile(r"(?:python|pypy)(\d+\.\d+)")
_MINOR = re.compile(r"\d+\.\d+")
_LONGEST_CHAIN = 40
Verdict = Literal["ready", "broken", "foreign"]


def read_venv(disk: Disk, prefix: str) -> Facts | None:
    """What a virtual environment is; None if ``prefix`` has no pyvenv.cfg."""
    file = os.path.join(prefix, "pyvenv.cfg")
    if not disk.exists(file):
        return _unreachable(disk, file)
    if not disk.is_file(file):
        return _broken((file,), "pyvenv.cfg is not a regular file")
    try:
        settings = parse_pyvenv(read_text(file))
    except OSError as error:
        return _broken((file,), f"pyvenv.cfg cannot be read: {reason(error)}")
    interpreter = os.path.join(prefix, "bin", "python")
    sites = site_directories(disk, prefix)
    version = _version(settings) or (sites[0][0] if sites else "")
    minor = _MINOR.match(version)
    site = next((path for own, path in sites if minor and own == minor.group()), None)
    status, why = _judge(disk, prefix, settings, minor.group() if minor else "", site)
    engine, engine_version = _engine(settings)
    return Facts(
        kind="venv",
        status=status,
        reason=shown(why),
        watched=_watched(file, interpreter, site, settings.get("home", "")),
        python=shown(version),
        implementation=shown(settings.get("implementation", "") or "CPython"),
        interpreter=interpreter if status == "ready" else None,
        base=shown(_base(settings, interpreter)) or None,
        engine=engine,
        engine_version=shown(engine_version),
        # Python sees them where nothing is said (`site.venv`).
        sees_system=settings.get("include-system-site-packages", "true").lower() == "true",
        prompt=shown(settings.get("prompt", "").strip("'\"")),
        created=disk.modified(file),
        package_count=count_distributions(disk, site) if site else None,
    )


def parse_pyvenv(text: str) -> dict[str, str]:
    """The keys, in lower case, and values of a pyvenv.cfg, as `site.venv` reads them."""
    settings = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            settings[key.strip().lower()] = value.strip()
    return settings


def _watched(file: str, interpreter: str, site: str | None, home: str) -> tuple[str, ...]:
    watched = [file, interpreter]
    prefix = os.path.dirname(file)
    watched += [site] if site else [prefix, os.path.join(prefix, "lib")]
    if home and not os.path.islink(interpreter):
        watched.append(home)
    return tuple(watched)


def _unreachable(disk: Disk, file: str) -> Facts | None:
    if disk.error(file) == errno.EACCES:
        why = "it may not be looked at: permission denied"
        return Facts("venv", "broken", watched=(file,), reason=why, is_closed=True)
    return None


def _broken(watched: tuple[str, ...], why: str) -> Facts:
    return Facts(kind="venv", status="broken", watched=watched, reason=why)


def _version(settings: Mapping[str, str]) -> str:
    """venv writes ``version``, virtualenv and uv ``version_info``, once with ``.final.0``."""
    text = settings.get("version_info") or settings.get("version") or ""
    text = _FINAL.sub("", text)
    return text if re.fullmatch(r"\d[\w.+-]{0,40}", text) else ""


def _engine(settings: Mapping[str, str]) -> tuple[str, str]:
    for name in ("uv", "virtualenv"):
        if name in settings:
            return name, settings[name][:40]
    return "venv", ""


def _base(settings: Mapping[str, str], interpreter: str) -> str:
    target, _ = follow(interpreter)
    if target and target != interpreter:
        return target
    for key in ("base-executable", "executable", "home"):
        if settings.get(key):
            return settings[key]
    return ""


def _judge(
    disk: Disk, prefix: str, settings: Mapping[str, str], minor: str, site: str | None
) -> tuple[Verdict, str]:
    """Whether it can run here: ready, broken (damaged) or foreign (its base is elsewhere)."""
    interpreter = os.path.join(prefix, "bin", "python")
    home = settings.get("home", "")
    if not home:
        return "broken", "pyvenv.cfg does not say which Python it stands on"
    if not os.path.lexists(interpreter):
        if disk.error(interpreter) == errno.EACCES:
            return "broken", "bin/python may not be looked at: permission denied"
        if os.path.isdir(os.path.join(prefix, "Scripts")):
            return "foreign", "it was made on Windows"
        return "broken", "it has no bin/python: half-made, or damaged"
    if not disk.exists(interpreter):
        return _dangling(disk, prefix, interpreter)
    if not disk.is_file(interpreter) or not disk.signature(interpreter)[4] & 0o111:
        return "broken", "bin/python is not a program"
    if not os.path.islink(interpreter) and not disk.exists(home):
        return "foreign", f"the Python it was copied from is not here: {home}"
    target, _ = follow(interpreter)
    named = _MINOR_OF_NAME.match(os.path.basename(target))
    if minor and named and named.group(1) != minor:
        why = f"it was made for Python {minor}, and {target} is here instead"
        return "foreign", why
    if site is None:
        which = f"Python {minor}" if minor else "its Python"
        return "broken", f"it has no site-packages for {which}"
    return "ready", ""


def _dangling(disk: Disk, prefix: str, interpreter: str) -> tuple[Verdict, str]:
    target, number = follow(interpreter)
    if number == errno.ELOOP:
        return "broken", "bin/python is a link that leads to itself"
    if disk.error(interpreter) == errno.EACCES:
        return "broken", f"{target} may not be looked at: permission denied"
    if target == prefix or target.startswith(prefix + "/"):
        return "broken", f"bin/python leads to {target}, which is missing"
    return "foreign", f"its Python is not here: {target} belongs to another image, or was removed"


def follow(path: str) -> tuple[str, int]:
    """Where a chain of links leads, even if nothing is there; ELOOP if it has no end.

    Only links in the last place are followed, so that the answer can be recognised.
    """
    for _ in range(_LONGEST_CHAIN):
        try:
            if not stat.S_ISLNK(os.lstat(path).st_mode):
                return path, 0
            link = os.readlink(path)
        except (OSError, ValueError):
            return path, errno.ENOENT
        path = os.path.normpath(os.path.join(os.path.dirname(path), link))
    return path, errno.ELOOP
