"""Whose script it is, told by what is written in it: for files that no RECORD names."""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Iterable

from ..packages.metadata import normal, read_regular
from .base import SiteDirectory
from .records import Installed

_HEAD = 8192
_SHEBANG = re.compile(rb"#!\s*(\S+)(?:[ \t]+(\S+))?")
_MINOR = re.compile(r"python(\d+\.\d+)(t?)$")
_EASY_INSTALL = re.compile(rb"^# EASY-INSTALL-(?:ENTRY-|DEV-)?SCRIPT: '([^'\n]+)'", re.MULTILINE)
_REQUIRES = re.compile(rb"^__requires__ = '([A-Za-z0-9._-]+)", re.MULTILINE)
_FROM = re.compile(rb"^\s*from ([A-Za-z_][\w.]*) import ([A-Za-z_]\w*)", re.MULTILINE)
_WRAPPER = re.compile(rb"^\s*(?:sys\.exit|raise SystemExit)\(", re.MULTILINE)


class Script:
    """The head of a file in ``bin``, if a Python runs it."""

    def __init__(self, path: str) -> None:
        self.head = read_regular(path, _HEAD) or b""
        match = _SHEBANG.match(self.head)
        words = [os.fsdecode(word) for word in (match.groups() if match else ()) if word]
        programs = [os.path.basename(word) for word in words]
        self.interpreter = next((p for p in programs if p.startswith(("python", "pypy"))), "")
        if not self.interpreter and self.head.startswith(b"#!/bin/sh") and b"'''exec'" in self.head:
            # pip's and distlib's form for interpreters whose path is too long or has blanks.
            self.interpreter = "python"

    @property
    def is_python(self) -> bool:
        """Whether its first line names a Python."""
        return bool(self.interpreter)

    def may_be_of(self, site: SiteDirectory) -> bool:
        """False if its first line names the Python of another site directory."""
        match = _MINOR.match(self.interpreter)
        return match is None or match.groups() == (site.python, site.abi)

    def distribution(self) -> str:
        """The distribution that setuptools wrote into it, by its normal name."""
        match = _EASY_INSTALL.search(self.head) or _REQUIRES.search(self.head)
        if match is None:
            return ""
        name = re.split(r"[=<>!~;\[ ]", os.fsdecode(match.group(1)), maxsplit=1)[0]
        return normal(name)

    def module(self) -> str:
        """The module whose function it calls, if it is such a wrapper as installers write.

        A person's own script may begin with an import too: only one that ends the process with
        what an imported function returns, and that sets ``sys.argv[0]``, was made by a tool.
        """
        if not _WRAPPER.search(self.head) or b"sys.argv[0]" not in self.head:
            return ""
        match = _FROM.search(self.head)
        if match is None or match.group(2) + b"(" not in self.head:
            return ""
        return match.group(1).decode()


def owner_by_content(
    script: Script, sites: Iterable[tuple[SiteDirectory, tuple[Installed, ...]]]
) -> tuple[SiteDirectory, Installed | None, str] | None:
    """The site, the distribution if it is known, and why; None for what is nobody's."""
    if not script.is_python:
        return None
    named, module = script.distribution(), script.module()
    if not named and not module:
        return None
    matches: list[tuple[SiteDirectory, Installed | None, str]] = []
    for site, distributions in sites:
        if not script.may_be_of(site):
            continue
        for one in distributions:
            if named and one.key == named:
                matches.append((site, one, "setuptools wrote its name into it"))
        if named or not module:
            continue
        top = module.partition(".")[0]
        if _has_module(site.path, top):
            owner = next((d for d in distributions if d.key == normal(top)), None)
            matches.append((site, owner, f"it runs {module} of this site directory"))
    return matches[0] if len(matches) == 1 or (matches and named) else None


def _has_module(site: str, name: str) -> bool:
    return any(os.path.exists(os.path.join(site, entry)) for entry in (name, f"{name}.py"))


def declared_scripts(site: SiteDirectory, one: Installed) -> frozenset[str]:
    """The console scripts of an egg, egg-info or egg-link, whose files no RECORD lists."""
    path = os.path.join(site.path, one.entry)
    places = [path, os.path.join(path, "EGG-INFO")]
    if one.entry.endswith(".egg-link"):
        try:
            entries = sorted(os.listdir(one.package.origin)) if one.package.origin else []
        except OSError:
            entries = []
        infos = [name for name in entries if name.endswith(".egg-info")]
        places = [os.path.join(one.package.origin, name) for name in infos]
    names: set[str] = set()
    for place in places:
        data = read_regular(os.path.join(place, "entry_points.txt"), 1 << 20) or b""
        section = ""
        for line in os.fsdecode(data).splitlines():
            line = line.strip()
            if line.startswith("["):
                section = line.strip("[]").strip()
            elif section in ("console_scripts", "gui_scripts") and "=" in line:
                names.add(line.partition("=")[0].strip())
        with contextlib.suppress(OSError):
            names.update(os.listdir(os.path.join(place, "scripts")))
    return frozenset(names)
