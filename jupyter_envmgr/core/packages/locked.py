"""The packages of a lock as values: where each comes from, by which hashes it is known."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import unquote, urlsplit, urlunsplit

from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename

from ..credentials import without_credentials
from .hashes import LENGTHS
from .toml_text import parse_toml

_LARGEST = 64 * 1024 * 1024
# Of a signed address, which works for minutes and lets its reader in (S3, Azure, GCS, GitLab).
_SIGNATURE = re.compile(
    r"(?i)(^|[&_-])(sig|signature|token|key|secret|password|auth|credential|expires)[^=&]*="
)
_WHEEL = re.compile(r"/([^/\"?#\s]+\.whl)[\"?#]")
_SCHEMES = ("https://", "http://", "file:///")
_WORD = re.compile(r"[0-9a-f]+")


@dataclass(frozen=True)
class LockedFile:
    """A file of an index, or of a directory of packages (``file:``).

    ``hashes`` are ``algorithm:digits``, ``time`` is as TOML has it.
    """

    name: str
    url: str
    hashes: tuple[str, ...]
    size: int | None = None
    time: str = ""

    @property
    def is_local(self) -> bool:
        """Whether it lies on this machine."""
        return self.url.startswith("file:")


@dataclass(frozen=True)
class LockedPackage:
    """One package: files of an index, or one archive, or a commit of a repository."""

    name: str
    version: str
    wheels: tuple[LockedFile, ...] = ()
    sdist: LockedFile | None = None
    archive: LockedFile | None = None
    vcs: Mapping[str, str] | None = None

    @property
    def files(self) -> tuple[LockedFile, ...]:
        """All that it can be installed from, the best first."""
        found = (self.archive, *self.wheels, self.sdist)
        return tuple(file for file in found if file is not None)


@dataclass(frozen=True)
class Target:
    """What a lock is for: ``python`` is a minor version, the others as markers have them."""

    python: str
    machine: str
    system: str = "linux"

    @property
    def marker(self) -> str:
        """The environments that it is for, whatever their Python."""
        return f"platform_machine == '{self.machine}' and sys_platform == '{self.system}'"


def read_resolution(text: str, target: Target) -> tuple[list[LockedPackage], list[str]]:
    """The packages of a lock that uv has written, and the names of those without any file.

    Of the wheels those for ``target`` stay, none without a hash; one that lies on this machine
    only where there is no other. Credentials are left out of all addresses. Raises TomlError.
    """
    # Those of numpy alone are sixty lines, and reading TOML is slow.
    lines = (line for line in text.splitlines() if _may_fit(line, target))
    tables = parse_toml("\n".join(lines), _LARGEST)
    found: list[LockedPackage] = []
    lost: list[str] = []
    for table in tables.get("packages", []):
        package = _package(table, target)
        if package.files:
            found.append(package)
        else:
            lost.append(package.name)
    return found, lost


def _may_fit(line: str, target: Target) -> bool:
    match = _WHEEL.search(line) if line.lstrip().startswith("{") else None
    return match is None or fits(unquote(match[1]), target)


def fits(filename: str, target: Target) -> bool:
    """Whether a wheel is for this Python and this kind of machine, whatever its C library."""
    try:
        tags = parse_wheel_filename(filename)[3]
    except InvalidWheelFilename:
        return False
    minor = tuple(int(n) for n in target.python.split(".")[:2])
    return any(
        _of_python(tag.interpreter, tag.abi, minor) and _of_machine(tag.platform, target)
        for tag in tags
    )


def _of_python(interpreter: str, abi: str, minor: tuple[int, ...]) -> bool:
    match = re.fullmatch(r"(py|cp)(\d)(\d*)", interpreter)
    if match is None:
        return False
    version = (int(match[2]), *([int(match[3])] if match[3] else []))
    if match[1] == "py":
        return version <= minor and version[0] == minor[0]
    if abi == "abi3":
        return version <= minor
    return version == minor and not abi.endswith("t")


def _of_machine(platform: str, target: Target) -> bool:
    if target.system == "darwin":
        return platform == "any" or (
            platform.startswith("macosx") and platform.endswith((target.machine, "_universal2"))
        )
    return platform == "any" or ("linux" in platform and platform.endswith(f"_{target.machine}"))


def _package(table: Mapping[str, Any], target: Target) -> LockedPackage:
    listed = (_file(wheel) for wheel in table.get("wheels", []))
    wheels = [w for w in listed if w is not None and fits(w.name, target)]
    sdist = _file(table.get("sdist"))
    if not all(file.is_local for file in (*wheels, *([sdist] if sdist else []))):
        wheels = [wheel for wheel in wheels if not wheel.is_local]
        sdist = None if sdist and sdist.is_local else sdist
    return LockedPackage(
        canonicalize_name(str(table.get("name", ""))),
        str(table.get("version", "")),
        tuple(wheels),
        sdist,
        _file(table.get("archive")),
    )


def _file(table: object) -> LockedFile | None:
    """A file that others can get, and can know again."""
    if not isinstance(table, dict):
        return None
    url, hashes, size = table.get("url"), table.get("hashes"), table.get("size")
    time = table.get("upload-time")
    known = hashes if isinstance(hashes, dict) else {}
    named = tuple(f"{kind}:{digits}" for kind, digits in known.items() if _is_hash(kind, digits))
    if not isinstance(url, str) or not url.startswith(_SCHEMES) or not named:
        return None
    url = public_address(url)
    if not url:
        return None
    name = table.get("name")
    return LockedFile(
        name if isinstance(name, str) else unquote(url.partition("?")[0].rpartition("/")[2]),
        url,
        named,
        size if isinstance(size, int) else None,
        time.isoformat().replace("+00:00", "Z") if isinstance(time, datetime) else "",
    )


def _is_hash(kind: str, digits: object) -> bool:
    return (
        isinstance(digits, str)
        and bool(_WORD.fullmatch(digits))
        and (LENGTHS.get(kind) == len(digits))
    )


def public_address(url: str) -> str:
    """An address as it may travel: without credentials, a signature, and what is behind ``#``.

    Empty for what is none.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    # Who says git@ to a repository says nothing secret, and is let in by a key.
    if parts.scheme != "ssh" or parts.netloc.partition("@")[0] != "git":
        parts = urlsplit(without_credentials(url))
    query = "" if _SIGNATURE.search(parts.query) else parts.query
    return urlunsplit(parts._replace(query=query, fragment=""))


def hashes_of(archive: object) -> tuple[str, ...]:
    """The hashes that an installer noted of an archive (PEP 610, ``archive_info``)."""
    if not isinstance(archive, dict):
        return ()
    named = archive.get("hashes")
    known = dict(named) if isinstance(named, dict) else {}
    old = archive.get("hash")
    if isinstance(old, str):
        kind, _, digits = old.partition("=")
        known.setdefault(kind, digits)
    return tuple(f"{kind}:{digits}" for kind, digits in known.items() if _is_hash(kind, digits))


def by_name(packages: Iterable[LockedPackage]) -> list[LockedPackage]:
    """In the order of their names, so that two locks differ where their packages do."""
    return sorted(packages, key=lambda package: package.name)
