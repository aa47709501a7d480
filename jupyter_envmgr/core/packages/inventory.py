"""The packages of an environment or a site directory: read from files, remembered by stat."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ..environments.model import EnvironmentKind
from .metadata import Distribution, normal, read_distribution, read_regular
from .model import Package
from .sizes import size_of_distribution

_PYTHON = re.compile(r"(python|pypy)\d+\.\d+t?")
# Of a channel's URL: user and password, or the token of anaconda.org's private channels.
_CREDENTIALS = re.compile(r"(?<=//)[^/@]*@|/t/[^/]+")
_LARGEST_CONDA = 16 * 1024 * 1024
_METADATA = (".dist-info", ".egg-info", ".egg-link", ".egg")

_Stamp = tuple[int, int, int]


@dataclass(frozen=True)
class _Site:
    stamp: _Stamp
    stamps: tuple[tuple[str, _Stamp], ...]
    packages: tuple[Package, ...]


class Memory:
    """What was read before. Trusted while every metadata directory has the same stamp.

    pip, uv and conda replace a metadata directory as a whole, which changes the stamp of its
    parent; REQUESTED, INSTALLER and direct_url.json are written into it, which changes its own.
    Only a METADATA file that somebody edits in place, which no tool does, is not seen anew.
    Thread-safe.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._sites: dict[str, _Site] = {}
        self._distributions: dict[str, tuple[_Stamp, Distribution]] = {}
        self._conda: dict[str, tuple[_Stamp, Package | None]] = {}

    def site(self, directory: str) -> tuple[Package, ...]:
        """The packages of one site directory, each once, by name."""
        stamp = _stamp(directory)
        if stamp is None:
            return ()
        with self._lock:
            known = self._sites.get(directory)
        if known and known.stamp == stamp and all(_stamp(p) == s for p, s in known.stamps):
            return known.packages
        found, stamps = [], []
        for entry in _metadata_entries(directory):
            path = os.path.join(directory, entry)
            at = _stamp(path) or (0, 0, 0)
            found.append(self._distribution(directory, entry, at))
            stamps.append((path, at))
        packages = _by_name(found)
        with self._lock:
            self._sites[directory] = _Site(stamp, tuple(stamps), packages)
        return packages

    def _distribution(self, directory: str, entry: str, stamp: _Stamp) -> Distribution:
        path = os.path.join(directory, entry)
        with self._lock:
            known = self._distributions.get(path)
        if known and known[0] == stamp:
            return known[1]
        read = read_distribution(directory, entry)
        with self._lock:
            self._distributions[path] = stamp, read
        return read

    def conda(self, path: str) -> Package | None:
        """The package of one conda-meta record; None if it is none."""
        stamp = _stamp(path) or (0, 0, 0)
        with self._lock:
            known = self._conda.get(path)
        if known and known[0] == stamp:
            return known[1]
        read = _read_conda(path)
        with self._lock:
            self._conda[path] = stamp, read
        return read


_MEMORY = Memory()


def list_packages(
    prefix: Path,
    kind: EnvironmentKind,
    *,
    interpreter_version: str = "",
    asked_for: Sequence[str] = (),
    size: bool = False,
    memory: Memory | None = None,
) -> tuple[Package, ...]:
    """The packages of the environment at ``prefix``, by name. Never raises.

    ``asked_for`` are requirement lines: their packages are marked, besides those that the
    installer marked (REQUESTED, PEP 627; ``requested_spec`` of conda). With ``size`` each has its
    bytes. A package that conda installed and that has a dist-info too is one row, conda's.
    """
    memory = memory or _MEMORY
    found: dict[str, Package] = {}
    for directory in site_directories(prefix, kind, interpreter_version):
        for package in memory.site(str(directory)):
            found.setdefault(normal(package.name), package)
    for package in _conda_packages(prefix, memory):
        key = normal(package.name)
        python = found.get(key)
        summary = python.summary if python and not package.summary else package.summary
        found[key] = replace(package, summary=summary)
    wanted = {normal(re.split(r"[\s\[<>=!~;@(,]", text, maxsplit=1)[0]) for text in asked_for}
    packages = [
        replace(p, asked_for=True) if key in wanted and not p.asked_for else p
        for key, p in sorted(found.items())
    ]
    if size:
        packages = [replace(p, size=size_of_distribution(Path(p.path))) for p in packages]
    return tuple(packages)


def site_directories(
    prefix: Path, kind: EnvironmentKind, interpreter_version: str = ""
) -> tuple[Path, ...]:
    """The directories that an interpreter at ``prefix`` loads packages from, without the user's.

    ``lib`` and ``lib64``, the free-threaded ``python3.13t`` too; for Debian's own Python its
    dist-packages, the local ones first. Those of another minor version are left out where the
    version is known.
    """
    minor = ".".join(interpreter_version.split(".")[:2])
    found: dict[str, Path] = {}
    roots = [prefix]
    if str(prefix) == "/usr":
        roots.insert(0, Path("/usr/local"))
    for root in roots:
        for library in ("lib", "lib64"):
            for name in _pythons(root / library, minor):
                for directory in ("site-packages", "dist-packages"):
                    path = root / library / name / directory
                    if path.is_dir():
                        found.setdefault(os.path.realpath(path), path)
    debian = Path("/usr/lib/python3/dist-packages")
    if str(prefix) == "/usr" and debian.is_dir():
        found.setdefault(os.path.realpath(debian), debian)
    return tuple(found.values())


def _pythons(library: Path, minor: str) -> list[str]:
    try:
        names = os.listdir(library)
    except OSError:
        return []
    found = [name for name in names if _PYTHON.fullmatch(name)]
    matching = [name for name in found if re.sub(r"^[a-z]+|t$", "", name) == minor]
    return sorted(matching or found)


def _metadata_entries(directory: str) -> list[str]:
    try:
        names = os.listdir(directory)
    except OSError:
        return []
    return sorted(n for n in names if n.endswith(_METADATA) and n not in _METADATA)


def _by_name(found: Sequence[Distribution]) -> tuple[Package, ...]:
    """Each package once; two metadata directories of one are its problem, which is named."""
    rows: dict[str, Package] = {}
    for distribution in found:
        package = replace(distribution.package, asked_for=distribution.requested)
        key = normal(package.name)
        if key in rows:
            both = f"{rows[key].version} and {package.version}"
            rows[key] = replace(rows[key], problem=f"its metadata is there twice: {both}")
        else:
            rows[key] = package
    return tuple(rows[key] for key in sorted(rows))


def _conda_packages(prefix: Path, memory: Memory) -> list[Package]:
    directory = prefix / "conda-meta"
    try:
        names = sorted(name for name in os.listdir(directory) if name.endswith(".json"))
    except OSError:
        return []
    read = (memory.conda(str(directory / name)) for name in names)
    return [package for package in read if package is not None]


def _read_conda(path: str) -> Package | None:
    data = read_regular(path, _LARGEST_CONDA)
    try:
        fields = json.loads(data or b"")
        name, version = str(fields["name"]), str(fields["version"])
    except (ValueError, KeyError, TypeError, RecursionError):
        stem = os.path.basename(path).removesuffix(".json")
        return Package(stem, "", path=path, problem="its conda record cannot be read")
    return Package(
        name=name,
        version=version,
        asked_for=bool(fields.get("requested_spec") or fields.get("requested_specs")),
        installer="conda",
        origin=_CREDENTIALS.sub("", str(fields.get("channel", ""))),
        licence=str(fields.get("license") or ""),
        path=path,
    )


def _stamp(path: str) -> _Stamp | None:
    try:
        status = os.stat(path)
    except OSError:
        return None
    return status.st_mtime_ns, status.st_size, status.st_ino
