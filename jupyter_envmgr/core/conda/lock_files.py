"""Lock files of pixi and conda-lock: the packages that they name for one platform."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from ..citing import cited
from ..credentials import without_credentials
from ..errors import EnvMgrError, FieldError
from ..packages.limits import MOST_LINES
from .environment_yml import PipLine, file_error
from .matchspec import SCHEMES, parse_spec
from .spec import Spec
from .urls import ENDINGS
from .yaml_text import LARGEST_LOCK, Node, YamlError, parse_yaml

_PIXI_VERSIONS = ("4", "5", "6", "7")
_NAME = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?")
_VERSION = re.compile(r"[A-Za-z0-9.!+_-]{1,100}")
_PYPI = "https://pypi.org/simple"
_PYPI_HOSTS = ("files.pythonhosted.org", "pypi.org")
_LARGE = 512 * 1024
_NEEDED = re.compile(r"(?:- |  )(?:conda|pypi|kind|url|name|version|sha256|md5):|[^ -]")
_HASHES = {"sha256": re.compile(r"[0-9a-f]{64}"), "md5": re.compile(r"[0-9a-f]{32}")}


@dataclass(frozen=True)
class LockFile:
    """What a lock file says for one platform: packages by their addresses.

    Those of pip as ``name==version``, with the hash of the file if there is one.
    """

    specs: tuple[Spec, ...]
    pip: tuple[PipLine, ...]
    channels: tuple[str, ...]
    platform: str
    indexes: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()


def parse_pixi_lock(
    text: str,
    platform: str,
    *,
    field: str = "requirements",
    allowed_schemes: Collection[str] = SCHEMES,
) -> LockFile:
    """The environment ``default`` of a pixi.lock, or its only one, for ``platform``.

    Versions 4 to 7 of the format. Raises ``bad-environment-file``.
    """
    reader = _Reader(field, allowed_schemes)
    root = reader.root(_shortened(text))
    version = root.word("version")
    if version not in _PIXI_VERSIONS:
        reader.stop(root, f"version {cited(version, 20)} of pixi.lock is not known here")
    environments = reader.map(root, "environments")
    name, environment = reader.chosen(environments)
    channels = [reader.url(node) for node in reader.list(environment, "channels")]
    by_platform = reader.map(environment, "packages")
    key = _platform_name(root, by_platform, platform)
    if key is None:
        known = ", ".join(sorted(by_platform.entries)[:8]) or "none"
        reader.stop(by_platform, f"it is locked for {known}, not for {platform}")
    described = {
        kind: {n.word(kind) or n.word("url"): n for n in reader.list(root, "packages")}
        for kind in ("conda", "pypi")
    }
    specs: list[Spec] = []
    pip: list[PipLine] = []
    for entry in reader.list(by_platform, key or ""):
        url = _address(entry.word("conda"))
        if entry.word("conda_source") or (url and "://" not in url):
            reader.left_out.append(url or entry.word("conda_source"))
        elif url:
            hashes = described["conda"].get(entry.word("conda"))
            found = reader.package(url, hashes, entry.entries["conda"][1])
            specs += [found] if found else []
        elif entry.word("pypi"):
            node = entry.entries["pypi"][1]
            pip += reader.wheel(described["pypi"].get(entry.word("pypi")), node)
        else:
            reader.wrong(entry, "only packages of channels and of PyPI can be used")
    if name != "default":
        reader.notices.append(f"The environment {name} of the lock file is taken.")
    elif len(environments.entries) > 1:
        others = ", ".join(sorted(n for n in environments.entries if n != name)[:5])
        reader.notices.append(f"The environment default is taken; there are others: {others}.")
    named = environment.get("indexes")
    reader.indexes = [node.text for node in named.items] if named else []
    return reader.done(specs, pip, channels, platform)


def parse_conda_lock(
    text: str,
    platform: str,
    *,
    field: str = "requirements",
    allowed_schemes: Collection[str] = SCHEMES,
) -> LockFile:
    """The packages of a conda-lock.yml for ``platform``, of the category ``main``.

    Raises ``bad-environment-file``.
    """
    reader = _Reader(field, allowed_schemes)
    root = reader.root(text)
    specs: list[Spec] = []
    pip: list[PipLine] = []
    platforms: set[str] = set()
    left_out: set[str] = set()
    for node in reader.list(root, "package"):
        platforms.add(node.word("platform"))
        if node.word("platform") != platform:
            continue
        categories = _categories(node)
        if "main" not in categories:
            left_out.update(categories)
        elif node.word("manager") == "pip":
            pip += reader.wheel(node, node)
        elif node.word("manager") == "conda":
            hashes = node.get("hash") or node
            found = reader.package(node.word("url"), hashes, node)
            specs += [found] if found else []
        else:
            reader.wrong(node, "its manager is neither conda nor pip")
    if platform not in platforms and not reader.errors:
        known = ", ".join(sorted(filter(None, platforms))[:8]) or "none"
        reader.stop(root, f"it is locked for {known}, not for {platform}")
    metadata = root.get("metadata")
    listed = metadata.get("channels") if metadata else None
    channels = [reader.url(node) for node in listed.items] if listed else []
    if left_out:
        names = ", ".join(sorted(left_out)[:5])
        reader.notices.append(f"The packages of the categories {names} are left out.")
    return reader.done(specs, pip, channels, platform)


def _shortened(text: str) -> str:
    """A large pixi.lock without the lines that say nothing here; the others keep their places.

    Those of ROS have 3 MB, most of it dependencies and licences, and YAML is slow.
    """
    if len(text) < _LARGE:
        return text
    head, packages, body = text.partition("\npackages:\n")
    kept = (line if _NEEDED.match(line) else "" for line in body.split("\n"))
    return head + packages + "\n".join(kept)


def _address(text: str) -> str:
    """rattler writes the packages of a channel on the disk as paths."""
    if text.startswith("/") and text.endswith(ENDINGS):
        return "file://" + quote(text)
    return text


def _categories(node: Node) -> list[str]:
    several = node.get("categories")
    if several is not None and several.kind == "list":
        return [item.text for item in several.items]
    if node.word("optional").lower() == "true" and not node.word("category"):
        return ["optional"]
    return [node.word("category") or "main"]


def _platform_name(root: Node, by_platform: Node, platform: str) -> str | None:
    """How the lock file calls a platform: since version 7 a name may stand for a subdir."""
    if platform in by_platform.entries:
        return platform
    platforms = root.get("platforms")
    for node in platforms.items if platforms else ():
        if node.word("subdir") == platform and node.word("name") in by_platform.entries:
            return node.word("name")
    return "noarch" if "noarch" in by_platform.entries else None


class _Reader:
    """Reads a lock file's tree; what is wrong with packages is collected."""

    def __init__(self, field: str, allowed_schemes: Collection[str]) -> None:
        self._field = field
        self._allowed = allowed_schemes
        self.errors: list[FieldError] = []
        self.notices: list[str] = []
        self.indexes: list[str] = []
        self.left_out: list[str] = []
        self._hosts: dict[str, None] = {}

    def wrong(self, at: Node | YamlError, detail: str) -> None:
        self.errors.append(FieldError(self._field, detail, "bad-requirement", at.line, at.column))

    def stop(self, at: Node | YamlError, detail: str) -> None:
        """Say what is wrong, and read no further."""
        self.wrong(at, detail)
        raise file_error(self.errors)

    def root(self, text: str) -> Node:
        try:
            root = parse_yaml(text.removeprefix("\ufeff"), LARGEST_LOCK)
        except YamlError as error:
            self.stop(error, error.detail)
            raise AssertionError from None
        if root is None or root.kind != "map":
            self.stop(root or Node("map", 1, 1), "this is no lock file")
            raise AssertionError
        return root

    def map(self, node: Node, key: str) -> Node:
        value = node.get(key)
        if value is None or value.kind != "map":
            self.stop(value or node, f"`{key}:` with entries is expected")
            raise AssertionError
        return value

    def list(self, node: Node, key: str) -> list[Node]:
        """The maps of a list; nothing else may be in it."""
        value = node.get(key)
        if value is None:
            return []
        if value.kind != "list":
            self.stop(value, f"`{key}:` with a list is expected")
        if len(value.items) > MOST_LINES and key != "packages":
            detail = f"{len(value.items):,} entries in `{key}:`: {MOST_LINES:,} at most"
            self.stop(value, detail)
        for item in value.items:
            if item.kind != "map":
                self.stop(item, f"the entries of `{key}:` have keys")
        return value.items

    def chosen(self, environments: Node) -> tuple[str, Node]:
        names = list(environments.entries)
        name = "default" if "default" in names else names[0] if len(names) == 1 else ""
        if not name:
            self.stop(environments, f"it has no environment `default`, but {', '.join(names[:8])}")
        node = environments.entries[name][1]
        if node.kind != "map":
            self.stop(node, "an environment has entries")
        return name, node

    def url(self, node: Node) -> str:
        """The address of a channel; pixi and conda-lock write ``url:`` before it."""
        url = node.word("url") if node.kind == "map" else node.text
        return without_credentials(url).rstrip("/")

    def package(self, url: str, described: Node | None, at: Node) -> Spec | None:
        try:
            spec = parse_spec(
                url,
                field=self._field,
                line=at.line,
                column=at.column,
                allowed_schemes=self._allowed,
            )
        except EnvMgrError as error:
            self.wrong(at, error.errors[0].detail)
            return None
        if not spec.url:
            self.wrong(at, f"{cited(url)} is no package's address")
            return None
        for key, pattern in _HASHES.items():
            value = described.word(key) if described else ""
            if pattern.fullmatch(value):
                return replace(spec, keys=((key, value),))
        return spec

    def wheel(self, described: Node | None, at: Node) -> Iterable[PipLine]:
        """A package of PyPI as ``name==version``; those of a path cannot be had here."""
        name = described.word("name") if described else ""
        version = described.word("version") if described else ""
        url = (described.word("pypi") or described.word("url")) if described else at.text
        if "://" not in url or url.startswith(("file:", "git+")):
            self.left_out.append(name or url)
        elif _NAME.fullmatch(name) and _VERSION.fullmatch(version):
            self._hosts.setdefault(url.partition("://")[2].partition("/")[0].rpartition("@")[2])
            hashes = (described.get("hash") or described) if described else None
            sha256 = hashes.word("sha256") if hashes else ""
            known = f" --hash=sha256:{sha256}" if _HASHES["sha256"].fullmatch(sha256) else ""
            yield PipLine(f"{name}=={version}{known}", at.line, at.column)
        else:
            self.wrong(at, f"the name or version of {cited(url)} is missing")

    def done(
        self,
        specs: Sequence[Spec],
        pip: Sequence[PipLine],
        channels: Iterable[str],
        platform: str,
    ) -> LockFile:
        if not (specs or pip) and not self.errors:
            self.errors.append(
                FieldError(self._field, "it has no packages to install", "bad-requirement", 1, 1)
            )
        if self.errors:
            raise file_error(self.errors)
        if self.left_out:
            names = ", ".join(self.left_out[:5])
            self.notices.append(f"Packages of a path or a repository are left out: {names}.")
        hosts = [host for host in self._hosts if host not in _PYPI_HOSTS]
        if hosts:
            self.notices.append(f"Packages of pip were locked from {', '.join(hosts[:5])}.")
        return LockFile(
            tuple(specs),
            tuple(pip),
            tuple(dict.fromkeys(filter(None, channels))),
            platform,
            tuple(url for url in self.indexes if url.rstrip("/") != _PYPI),
            tuple(self.notices),
        )
