"""pylock.toml (PEP 751) read: its packages as requirements, each with the hashes of its files.

Packages are taken by name, version and hash from the index that is used here, not from the
addresses in the file: a mirror, a cache or a machine without internet gives the same bytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from packaging.markers import InvalidMarker, Marker, UndefinedComparison, UndefinedEnvironmentName
from packaging.specifiers import InvalidSpecifier, SpecifierSet

from ..citing import cited
from ..credentials import without_credentials
from .hashes import LENGTHS, BadHash, check_hash, with_hashes
from .limits import MOST_LINES
from .requirements import version_of_wheel
from .toml_text import TomlError, TomlLine, parse_toml, texts_of

_MEMBER = re.compile(
    r"""(['"])([^'"]*)\1\s+(not\s+)?in\s+(extras|dependency_groups)""", re.IGNORECASE
)
_TRUE, _FALSE = "python_version >= '0'", "python_version < '0'"
_START = re.compile(r"\s*\[\[\s*(?:packages|\"packages\"|'packages')\s*\]\]")
_NAMED = re.compile(r"""\bname[ \t]{0,9}=[ \t]{0,9}(?:"([^"\n]{1,200})"|'([^'\n]{1,200})')""")
_PYPI = ("https://pypi.org/simple", "https://pypi.python.org/simple")
_SOURCES = ("vcs", "directory", "archive")
# What a lock may have been made for: it says so by markers, whose answer hangs on the Python.
_PYTHONS = [(3, minor) for minor in range(6, 20)]


@dataclass(frozen=True)
class Pylock:
    """What a pylock.toml asks for. ``wrong`` are entries that cannot be used.

    ``indexes`` are those that it names besides PyPI, and the lines that they are named in.
    """

    requirements: tuple[TomlLine, ...]
    python: str = ""
    indexes: tuple[tuple[str, int], ...] = ()
    notices: tuple[str, ...] = ()
    wrong: tuple[TomlError, ...] = ()


def parse_pylock(text: str) -> Pylock:
    """The packages of a pylock.toml as requirements, without extras and optional groups.

    Raises TomlError for what is no lock file of this version.
    """
    tables = parse_toml(text)
    lines = text.split("\n")
    packages = _packages(tables, len(lines))
    starts = [n for n, line in enumerate(lines, 1) if _START.match(line)]
    named = _named(lines) if len(starts) != len(packages) else None
    defaults = texts_of(tables.get("default-groups"))
    reader = _Reader(defaults)
    for number, package in enumerate(packages):
        line = starts[number] if named is None else named.get(str(package.get("name")), 1)
        try:
            reader.read(package, line)
        except TomlError as bad:
            reader.wrong.append(bad)
    notices = list(reader.notices())
    for key, what in (("extras", "extras"), ("dependency-groups", "dependency groups")):
        names = [name for name in texts_of(tables.get(key)) if name not in defaults]
        if names:
            notices.append(f"Its {what} are left out: {', '.join(names[:8])}.")
    return Pylock(
        tuple(reader.found),
        _python(tables, lines),
        tuple(reader.indexes.items()),
        tuple(notices),
        (*_made_for_others(tables, lines), *reader.wrong),
    )


def _packages(tables: Mapping[str, Any], last: int) -> list[dict[str, Any]]:
    version = tables.get("lock-version")
    if not isinstance(version, str) or version.split(".")[0] != "1":
        raise TomlError(f"lock-version {cited(str(version))} is not known here", 1)
    packages = tables.get("packages")
    if not isinstance(packages, list) or not all(isinstance(p, dict) for p in packages):
        raise TomlError("[[packages]] is expected", last)
    if len(packages) > MOST_LINES:
        raise TomlError(f"{len(packages):,} packages: {MOST_LINES:,} at most", 1)
    return packages


def _named(lines: list[str]) -> dict[str, int]:
    """Where each name stands first, for packages that are not below a ``[[packages]]`` each."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        for match in _NAMED.finditer(line):
            found.setdefault(match.group(1) or match.group(2), number)
    return found


def _line_of_key(lines: list[str], key: str) -> int:
    sign = re.compile(rf"""\s*["']?{key}["']?\s*=""")
    return next((n for n, line in enumerate(lines, 1) if sign.match(line)), 1)


def _python(tables: Mapping[str, Any], lines: list[str]) -> str:
    python = tables.get("requires-python")
    if python is None:
        return ""
    try:
        return str(SpecifierSet(python))
    except (InvalidSpecifier, TypeError, AttributeError):
        line = _line_of_key(lines, "requires-python")
        raise TomlError(f"{cited(str(python))} says nothing about a Python", line) from None


def _made_for_others(tables: Mapping[str, Any], lines: list[str]) -> Iterable[TomlError]:
    """That none of the environments that it was made for can be one of this machine."""
    named = texts_of(tables.get("environments"))
    if not named:
        return
    line = _line_of_key(lines, "environments")
    for text in named[:100]:
        try:
            if _may_be_true(Marker(text)):
                return
        except (InvalidMarker, RecursionError):
            yield TomlError(f"{cited(text)} is no environment marker", line)
            return
    yield TomlError(f"it is locked for other machines: {'; '.join(map(cited, named[:3]))}", line)


def _may_be_true(marker: Marker) -> bool:
    for major, minor in _PYTHONS:
        for patch in (0, 99):
            environment = {
                "python_version": f"{major}.{minor}",
                "python_full_version": f"{major}.{minor}.{patch}",
                "implementation_version": f"{major}.{minor}.{patch}",
            }
            try:
                if marker.evaluate(environment):
                    return True
            except (UndefinedComparison, UndefinedEnvironmentName, ValueError):
                return True
    return False


class _Reader:
    """Turns packages into requirement lines, and keeps what must be said of those left out."""

    def __init__(self, groups: tuple[str, ...]) -> None:
        self._groups = groups
        self.found: list[TomlLine] = []
        self.wrong: list[TomlError] = []
        self.indexes: dict[str, int] = {}
        self._left_out: list[str] = []

    def notices(self) -> Iterable[str]:
        """What was left out."""
        if self._left_out:
            names = ", ".join(self._left_out[:5])
            more = len(self._left_out) - 5
            names += f" and {more} more" if more > 0 else ""
            yield f"What lies in a directory beside the lock file is left out: {names}."

    def read(self, package: Mapping[str, Any], line: int) -> None:
        """One entry. Raises TomlError."""
        name = package.get("name")
        if not isinstance(name, str) or not name:
            raise TomlError("a package without a name", line)
        marker = package.get("marker") or ""
        if not isinstance(marker, str):
            raise TomlError(f"{cited(name)}: its marker is no text", line)
        marker = _decided(marker, self._groups)
        if marker == _FALSE:
            return
        if marker == _TRUE:
            marker = ""
        sources = [key for key in _SOURCES if key in package]
        if "wheels" in package or "sdist" in package:
            sources.append("files")
        if len(sources) != 1:
            said = " and ".join(sources) if sources else "nowhere"
            raise TomlError(f"{cited(name)} comes from {said}: one place is expected", line)
        requirement, hashes = self._of(sources[0], name, package, line)
        if requirement is None:
            self._left_out.append(name)
            return
        if marker:
            requirement += f" ; {marker}"
        self.found.append(TomlLine(with_hashes(requirement, hashes), line, 1))
        index = package.get("index")
        if isinstance(index, str) and index.rstrip("/") not in _PYPI and sources == ["files"]:
            self.indexes.setdefault(without_credentials(index).rstrip("/"), line)

    def _of(
        self, source: str, name: str, package: Mapping[str, Any], line: int
    ) -> tuple[str | None, tuple[str, ...]]:
        """The requirement and its hashes; no requirement for what lies in a directory."""
        if source == "files":
            return self._of_files(name, package, line)
        table = package[source]
        if not isinstance(table, dict):
            raise TomlError(f"{cited(name)}: `{source}` is a table", line)
        url, inside = table.get("url"), table.get("subdirectory")
        if not isinstance(url, str):
            if isinstance(table.get("path"), str):
                return None, ()
            raise TomlError(f"{cited(name)}: `{source}` has neither a url nor a path", line)
        fragment = f"#subdirectory={inside}" if isinstance(inside, str) and inside else ""
        if source == "vcs":
            commit, kind = table.get("commit-id"), table.get("type")
            if not isinstance(commit, str) or not isinstance(kind, str):
                raise TomlError(f"{cited(name)}: `vcs` needs a type and a commit-id", line)
            return f"{name} @ {kind}+{url}@{commit}{fragment}", ()
        return f"{name} @ {url}{fragment}", tuple(_hashes(name, table, line))

    def _of_files(
        self, name: str, package: Mapping[str, Any], line: int
    ) -> tuple[str, tuple[str, ...]]:
        wheels, sdist = package.get("wheels", []), package.get("sdist")
        listed: list[Any] = wheels if isinstance(wheels, list) else [None]
        files = [*listed, *([sdist] if sdist is not None else [])]
        if not all(isinstance(file, dict) for file in files):
            raise TomlError(f"{cited(name)}: its files are tables", line)
        if not files:
            raise TomlError(f"{cited(name)} has no files to install from", line)
        version = package.get("version")
        if version is None:
            places = (wheel.get(k) for wheel in listed for k in ("name", "url", "path"))
            named = (version_of_wheel(place) for place in places if isinstance(place, str))
            version = next(filter(None, named), None)
        if not isinstance(version, str):
            raise TomlError(f"{cited(name)} has no version", line)
        hashes = (one for file in files for one in _hashes(name, file, line))
        return f"{name}=={version}", tuple(dict.fromkeys(hashes))


def _hashes(name: str, file: Mapping[str, Any], line: int) -> Iterable[str]:
    """The hashes of a file that count. Raises TomlError if there are none."""
    hashes = file.get("hashes")
    named = hashes if isinstance(hashes, dict) else {}
    found = [f"{kind.lower()}:{digits}" for kind, digits in named.items()]
    used = [one for one in found if one.partition(":")[0] in LENGTHS]
    if not used:
        words = ", ".join(map(cited, named)) if named else "none"
        raise TomlError(f"{cited(name)}: a file has no sha256 among its hashes ({words})", line)
    for one in used:
        try:
            yield check_hash(one)
        except BadHash as bad:
            raise TomlError(f"{cited(name)}: {bad}", line) from None


def _decided(marker: str, groups: tuple[str, ...]) -> str:
    """A marker with what it says of extras and groups decided: no extras, the default groups.

    packaging knows these two words since version 25 only.
    """

    def decide(match: re.Match[str]) -> str:
        is_in = match.group(4).lower() == "dependency_groups" and match.group(2) in groups
        return _TRUE if is_in != bool(match.group(3)) else _FALSE

    return _MEMBER.sub(decide, marker)
