"""What an interpreter says of itself, once and for all: its path, its suffixes, its names."""

from __future__ import annotations

import ast
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

BASE = "/envmgr-user-base"
"""The user base that `PROGRAM` is run with: what is asked for lies relative to it."""

PROGRAM = b"""\
import os, site, sys
try:
    from importlib.machinery import EXTENSION_SUFFIXES as suffixes
except ImportError:
    import imp
    suffixes = [s for s, _, kind in imp.get_suffixes() if kind == imp.C_EXTENSION]
library = os.path.dirname(os.__file__)
names = set(getattr(sys, "stdlib_module_names", ()))
if not names:
    names.update(sys.builtin_module_names)
    for place in (library, os.path.join(library, "lib-dynload")):
        if os.path.isdir(place):
            names.update(n.split(".")[0] for n in os.listdir(place) if n != "site-packages")
try:
    from _imp import is_frozen
except ImportError:
    from imp import is_frozen
fixed = set(sys.builtin_module_names)
fixed.update(n for n in names if is_frozen(n))
kind = getattr(getattr(sys, "implementation", None), "name", "cpython")
system = os.uname()
facts = {
    "version": "%d.%d.%d" % sys.version_info[:3],
    "release": "%d.%d.%d" % sys.version_info[:3] + (
        "" if sys.version_info[3] == "final" else "%s%d" % (sys.version_info[3][0],
        sys.version_info[4])),
    "prefix": sys.prefix,
    "base_prefix": getattr(sys, "base_prefix", sys.prefix),
    "executable": sys.executable,
    "path": [p for p in sys.path if p],
    "sites": site.getsitepackages() if hasattr(site, "getsitepackages") else [],
    "user_site": site.getusersitepackages(),
    "same_user": os.geteuid() == os.getuid() and os.getegid() == os.getgid(),
    "suffixes": list(suffixes),
    "stdlib": sorted(names),
    "fixed": sorted(fixed),
    "implementation": kind,
    "platform": sys.platform,
    "system": list(system),
    "os": os.name,
}
shown = repr if sys.version_info[0] < 3 else ascii
sys.stdout.write("\\nenvmgr:" + shown(facts) + "\\n")
"""
"""Run with ``-I`` (``-sE`` where Python has no such option), so that nothing can be in its way."""

_MINOR = re.compile(r"\d+\.\d+")
_ISOLATING = re.compile(r"-[A-Za-z]*([sIES])")


@dataclass(frozen=True)
class Runtime:
    """An interpreter as it is without the user site and without variables.

    ``path`` is its ``sys.path``, ``sites`` the site directories of all its prefixes, ``user_site``
    relative to whatever the user base is. ``suffixes`` are those of compiled modules that it
    loads, ``stdlib`` the names of its own modules, ``fixed`` those of them that are in the program
    itself and come before any path, ``markers`` the variables of PEP 508.
    """

    executable: str
    prefix: str
    base_prefix: str
    version: str
    implementation: str
    path: tuple[str, ...]
    sites: tuple[str, ...]
    user_site: str
    suffixes: tuple[str, ...]
    stdlib: frozenset[str]
    markers: Mapping[str, str]
    same_user: bool = True
    machine: str = ""
    fixed: frozenset[str] = frozenset()

    @property
    def minor(self) -> str:
        """``3.11``."""
        match = _MINOR.match(self.version)
        return match.group() if match else self.version

    def loads(self, name: str) -> bool:
        """Whether a compiled module of this file name would be found: ``a.cpython-311-….so``."""
        return name[len(name.partition(".")[0]) :] in self.suffixes

    @property
    def numbers(self) -> tuple[int, int]:
        """``(3, 11)``."""
        major, minor = self.minor.split(".")
        return int(major), int(minor)


def read_runtime(output: str) -> Runtime | None:
    """The facts in what `PROGRAM` printed; None if it did not come to that."""
    lines = [line for line in output.splitlines() if line.startswith("envmgr:")]
    try:
        facts = ast.literal_eval(lines[-1].partition(":")[2])
        system = [str(word) for word in facts["system"]]
        version = str(facts["version"])
        implementation = str(facts["implementation"])
        return Runtime(
            executable=str(facts["executable"]),
            prefix=str(facts["prefix"]),
            base_prefix=str(facts["base_prefix"]),
            version=version,
            implementation=implementation,
            path=tuple(map(str, facts["path"])),
            sites=tuple(map(str, facts["sites"])),
            user_site=os.path.relpath(str(facts["user_site"]), BASE),
            suffixes=tuple(map(str, facts["suffixes"])),
            stdlib=frozenset(map(str, facts["stdlib"])),
            markers={
                "implementation_name": implementation,
                "implementation_version": str(facts["release"]),
                "os_name": str(facts["os"]),
                "platform_machine": system[4],
                "platform_release": system[2],
                "platform_system": system[0],
                "platform_version": system[3],
                "platform_python_implementation": _IMPLEMENTATIONS.get(implementation, "CPython"),
                "python_full_version": str(facts["release"]),
                "python_version": ".".join(version.split(".")[:2]),
                "sys_platform": str(facts["platform"]),
            },
            same_user=bool(facts["same_user"]),
            machine=system[4],
            fixed=frozenset(map(str, facts["fixed"])),
        )
    except (IndexError, KeyError, ValueError, SyntaxError, TypeError, RecursionError, MemoryError):
        return None


_IMPLEMENTATIONS = {"cpython": "CPython", "pypy": "PyPy", "graalpy": "GraalVM"}


@dataclass(frozen=True)
class Path:
    """``sys.path`` as a program will have it, in its three kinds, in order.

    ``first`` is PYTHONPATH; ``before`` comes ahead of the user site (standard library, a venv's
    own site), ``after`` behind it. ``user_site`` is empty where it is not looked at; ``why``
    says why, or why it is.
    """

    first: tuple[str, ...]
    before: tuple[str, ...]
    user_site: str
    after: tuple[str, ...]
    why: str

    @property
    def image(self) -> tuple[str, ...]:
        """The path without the user's part."""
        return (*self.before, *self.after)


def path_of(
    runtime: Runtime, options: Sequence[str], environ: Mapping[str, str], user_base: str
) -> Path:
    """The path of a program that is started so: the rules of `site` (PEP 370, 405)."""
    flags = {f for word in options for f in _flags(word)}
    first: tuple[str, ...] = ()
    if not flags & {"E", "I"}:
        listed = environ.get("PYTHONPATH", "").split(os.pathsep)
        first = tuple(dict.fromkeys(p for p in listed if os.path.isabs(p)))
    cut = _place_of_user_site(runtime)
    before, after = runtime.path[:cut], runtime.path[cut:]
    site = os.path.join(user_base, runtime.user_site)
    why_not = _why_not(runtime, flags, environ, user_base)
    if not why_not and not os.path.isdir(site):
        why_not = f"there is no {site}"
    if why_not:
        return Path(first, before, "", after, why_not)
    return Path(first, before, site, after, f"this Python looks at {user_base}")


def _flags(word: str) -> str:
    if not word.startswith("-") or word.startswith(("--", "-X", "-W")):
        return ""
    return word[1:]


def _place_of_user_site(runtime: Runtime) -> int:
    """Before the first site directory; in a venv, before the first of the base (`site.main`)."""
    in_venv = runtime.prefix != runtime.base_prefix
    own = os.path.join(runtime.prefix, "")
    for number, place in enumerate(runtime.path):
        is_site = place in runtime.sites or os.path.basename(place) in (
            "site-packages",
            "dist-packages",
        )
        if is_site and not (in_venv and place.startswith(own)):
            return number
    return len(runtime.path)


def _why_not(runtime: Runtime, flags: set[str], environ: Mapping[str, str], user_base: str) -> str:
    for flag in ("I", "s", "S"):
        if flag in flags:
            return f"it is started with -{flag}"
    value = "" if "E" in flags else environ.get("PYTHONNOUSERSITE", "")
    # ``0`` switched it off before Python 3.7, as anything else does still.
    if value and (value != "0" or runtime.numbers < (3, 7)):
        return "PYTHONNOUSERSITE is set"
    if _sees_system(runtime) is False:
        return f"a virtual environment does not look at {user_base}"
    if not runtime.same_user:
        return "it runs with the rights of another user"
    return ""


def _sees_system(runtime: Runtime) -> bool | None:
    """``include-system-site-packages`` of its pyvenv.cfg; None without one."""
    from ...packages.metadata import read_regular

    directory = os.path.dirname(runtime.executable)
    for place in (directory, os.path.dirname(directory)):
        data = read_regular(os.path.join(place, "pyvenv.cfg"), 1 << 16)
        if data is None:
            continue
        for line in data.decode("utf-8", "replace").splitlines():
            key, equals, value = line.partition("=")
            if equals and key.strip().lower() == "include-system-site-packages":
                return value.strip().lower() == "true"
        return True
    return None
