"""conda's configuration, read from its files and variables as conda merges them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from ..citing import cited
from ..credentials import secrets_of
from ..environments.disk import read_text, reason
from .condarc_files import NAMES, condarc_places, expanded
from .yaml_text import LARGEST, Node, YamlError, parse_yaml

ALIAS = "https://conda.anaconda.org"
DEFAULT_CHANNELS = ("https://repo.anaconda.com/pkgs/main", "https://repo.anaconda.com/pkgs/r")

_LISTS = {
    "channels": ("channel",),
    "default_channels": (),
    "envs_dirs": ("envs_path",),
    "pkgs_dirs": (),
    "allowlist_channels": ("whitelist_channels",),
    "denylist_channels": (),
    "pinned_packages": (),
}
_MAPS = ("custom_channels", "proxy_servers")
_MAPS_OF_LISTS = ("custom_multichannels", "mirrored_channels")
_WORDS = {
    "channel_alias": (),
    "channel_priority": (),
    "client_ssl_cert": ("client_cert",),
    "client_ssl_cert_key": ("client_cert_key",),
    "offline": (),
    "ssl_verify": ("verify_ssl",),
}
_TRUE = ("true", "yes", "on", "y", "t", "1")
_FALSE = ("false", "no", "off", "n", "f", "0")
_VARIABLE = re.compile(r"\$(?:(\w+)|\{(\w+)\})")
_MOST_FILES = 100
_LARGEST_CERTIFICATES = 4 * 1024 * 1024


@dataclass(frozen=True)
class CondaConfiguration:
    """What conda is configured with. URLs may carry credentials: mask `secrets`.

    ``ssl_verify`` is a switch, or the path of certificates (``<truststore>``: the system's).
    ``sources`` says which file or variable set a value last; ``notices`` what was left out.
    """

    channels: tuple[str, ...] = ()
    channel_alias: str = ALIAS
    default_channels: tuple[str, ...] = DEFAULT_CHANNELS
    custom_channels: Mapping[str, str] = field(default_factory=dict)
    custom_multichannels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    mirrored_channels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    allowlist_channels: tuple[str, ...] = ()
    denylist_channels: tuple[str, ...] = ()
    channel_priority: str = "strict"
    proxy_servers: Mapping[str, str] = field(default_factory=dict)
    ssl_verify: bool | str = True
    client_ssl_cert: str = ""
    client_ssl_cert_key: str = ""
    offline: bool = False
    pkgs_dirs: tuple[str, ...] = ()
    envs_dirs: tuple[str, ...] = ()
    pinned_packages: tuple[str, ...] = ()
    home: str = ""
    files: tuple[str, ...] = ()
    sources: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()

    @property
    def secrets(self) -> tuple[str, ...]:
        """Every string in here that must not be seen, the longest first."""
        urls = [*self.channels, self.channel_alias, *self.default_channels]
        urls += [*self.custom_channels.values(), *self.proxy_servers.values()]
        for several in (*self.custom_multichannels.values(), *self.mirrored_channels.values()):
            urls += several
        found = {secret for url in urls for secret in secrets_of(url)}
        return tuple(sorted(found, key=lambda s: (-len(s), s)))


def read_condarc(
    environ: Mapping[str, str], home: str | Path, roots: Iterable[str | Path] = ()
) -> CondaConfiguration:
    """What conda would be configured with for a person at ``home``.

    ``roots`` are the prefixes of conda installations, the most important first. A file that
    cannot be read or understood is left out and a notice says so, where conda would stop. Raises
    ``engine-missing`` if there is a file and no PyYAML to read it.
    """
    home = str(home)
    notices: list[str] = []
    files = list(_files(environ, home, [str(root) for root in roots]))
    levels = [level for file in files if (level := _read(file, notices)) is not None]
    levels.append(_of_variables(environ))
    merged = _Merged(levels, notices)
    fill = _Fill(environ, home)

    words = {name: fill.text(merged.word(name)) for name in _WORDS}
    alias = words["channel_alias"].rstrip("/")
    default_channels = fill.texts(merged.items("default_channels"))
    return CondaConfiguration(
        channels=fill.texts(merged.items("channels")),
        channel_alias=alias or ALIAS,
        default_channels=default_channels or DEFAULT_CHANNELS,
        custom_channels=fill.values(merged.map("custom_channels")),
        custom_multichannels=fill.several(merged.map_of_lists("custom_multichannels")),
        mirrored_channels=fill.several(merged.map_of_lists("mirrored_channels")),
        allowlist_channels=fill.texts(merged.items("allowlist_channels")),
        denylist_channels=fill.texts(merged.items("denylist_channels")),
        channel_priority=_priority(words["channel_priority"]),
        proxy_servers=_proxies(fill.values(merged.map("proxy_servers")), notices),
        ssl_verify=_verify(words["ssl_verify"], fill, notices),
        client_ssl_cert=fill.path(words["client_ssl_cert"]),
        client_ssl_cert_key=fill.path(words["client_ssl_cert_key"]),
        offline=_switch(words["offline"]) is True,
        pkgs_dirs=fill.paths(merged.items("pkgs_dirs", os.pathsep)),
        envs_dirs=fill.paths(merged.items("envs_dirs", os.pathsep)),
        pinned_packages=fill.texts(merged.items("pinned_packages", "&")),
        home=home,
        files=tuple(level.source for level in levels[:-1]),
        sources=merged.sources,
        notices=tuple(notices),
    )


@dataclass(frozen=True)
class _Level:
    """What one file says; its lines tell of conda's flags in comments. Or the variables."""

    source: str
    root: Node
    lines: tuple[str, ...] = ()

    def value(self, name: str, aliases: Iterable[str] = ()) -> tuple[Node, Node] | None:
        """Key and value of a parameter under any of its names."""
        for each in (name, *aliases):
            entry = self.root.entries.get(each)
            if entry is not None and not entry[1].is_empty:
                return entry
        return None

    def flag(self, node: Node, flag: str) -> bool:
        """Whether the line of ``node`` ends in a comment such as ``#!final``."""
        if not 0 < node.line <= len(self.lines):
            return False
        return re.search(rf"\s#!\s*{flag}\s*$", self.lines[node.line - 1]) is not None


def _files(environ: Mapping[str, str], home: str, roots: list[str]) -> Iterator[str]:
    count = 0
    for place in condarc_places(environ, home, roots):
        names = [os.path.join(place.path, name) for name in NAMES] if place.is_directory else []
        for path in names or [place.path]:
            parts = [path]
            if path.endswith("condarc.d"):
                parts = [os.path.join(path, name) for name in _names(path)]
            for part in parts:
                if os.path.isfile(part) and count < _MOST_FILES:
                    count += 1
                    yield part


def _names(directory: str) -> list[str]:
    try:
        return sorted(n for n in os.listdir(directory) if n.endswith((".yml", ".yaml")))
    except OSError:
        return []


def _read(file: str, notices: list[str]) -> _Level | None:
    try:
        text = read_text(file, LARGEST + 1)
    except OSError as error:
        notices.append(f"conda's configuration {file} is left out: {reason(error)}")
        return None
    try:
        root = parse_yaml(text)
        if root is not None and root.kind != "map":
            raise YamlError("entries such as `channels:` are expected", root.line, root.column)
    except YamlError as error:
        where = f"line {error.line}, column {error.column}"
        notices.append(f"conda's configuration {file} is left out: {where}: {error.detail}")
        return None
    return None if root is None else _Level(file, root, tuple(text.splitlines()))


def _of_variables(environ: Mapping[str, str]) -> _Level:
    """``CONDA_CHANNELS`` and such: each one value, a list's parted where it is used."""
    root = Node("map", 0, 0)
    for name in (*_LISTS, *_WORDS):
        for key in (name, *_LISTS.get(name, ()), *_WORDS.get(name, ())):
            variable = "CONDA_" + key.upper()
            if environ.get(variable, "").strip():
                value = Node("scalar", 0, 0, text=environ[variable], quoted=True)
                root.entries[name] = Node("scalar", 0, 0, text=name), value
    return _Level("the variables CONDA_*", root)


class _Merged:
    """The levels, the later counting more; conda's manual, "Configuration engine"."""

    def __init__(self, levels: list[_Level], notices: list[str]) -> None:
        self._levels = levels
        self._notices = notices
        self.sources: dict[str, str] = {}

    def _values(self, name: str, aliases: Iterable[str] = ()) -> Iterator[tuple[_Level, Node]]:
        """What each level says, to the first that says ``#!final``."""
        for level in self._levels:
            entry = level.value(name, aliases)
            if entry is None:
                continue
            self.sources[name] = level.source
            yield level, entry[1]
            if level.flag(entry[0], "final"):
                return

    def _leave_out(self, level: _Level, name: str, node: Node, wanted: str) -> None:
        where = f"line {node.line}, column {node.column}"
        self._notices.append(f"{name} in {level.source}, {where}, is left out: it is no {wanted}.")

    def word(self, name: str) -> str:
        found = ""
        for level, node in self._values(name, _WORDS[name]):
            if node.kind == "scalar":
                found = node.text.strip()
            else:
                self._leave_out(level, name, node, "single text")
        return found

    def items(self, name: str, parted_by: str = ",") -> tuple[str, ...]:
        """The items of all levels, each once: those of the level that counts most come first."""
        top: list[str] = []
        middle: list[str] = []
        bottom: list[str] = []
        for level, node in self._values(name, _LISTS[name]):
            if node.kind == "scalar":
                middle = [*node.text.split(parted_by), *middle]
                continue
            if node.kind != "list":
                self._leave_out(level, name, node, "list")
            texts = [item for item in node.items if item.kind == "scalar"]
            first = [n.text for n in texts if level.flag(n, "top")]
            last = [n.text for n in texts if level.flag(n, "bottom")]
            rest = [n.text for n in texts if not level.flag(n, "(top|bottom)")]
            top, middle, bottom = [*top, *first], [*rest, *middle], [*last, *bottom]
        stripped = (text.strip() for text in (*top, *middle, *bottom))
        return tuple(dict.fromkeys(text for text in stripped if text))

    def map(self, name: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for level, node in self._values(name):
            if node.kind != "map":
                self._leave_out(level, name, node, "mapping")
            for key, (_, value) in node.entries.items():
                if value.kind == "scalar":
                    found[key.strip()] = "" if value.is_empty else value.text.strip()
        return {key: value for key, value in found.items() if value}

    def map_of_lists(self, name: str) -> dict[str, tuple[str, ...]]:
        found: dict[str, tuple[str, ...]] = {}
        for level, node in self._values(name):
            if node.kind != "map":
                self._leave_out(level, name, node, "mapping")
            for key, (_, value) in node.entries.items():
                items = value.items if value.kind == "list" else [value]
                found[key.strip()] = tuple(n.text.strip() for n in items if n.kind == "scalar")
        return found


@dataclass(frozen=True)
class _Fill:
    """``$VARIABLE`` and ``~`` filled in, as conda does it; an unknown variable stays."""

    environ: Mapping[str, str]
    home: str

    def text(self, text: str) -> str:
        filled = _VARIABLE.sub(
            lambda m: self.environ.get(m.group(1) or m.group(2), m.group()), text
        )
        return filled.strip()

    def texts(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(map(self.text, texts))

    def values(self, values: Mapping[str, str]) -> dict[str, str]:
        return {key: self.text(value) for key, value in values.items()}

    def several(self, values: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        return {key: self.texts(value) for key, value in values.items()}

    def path(self, text: str) -> str:
        return expanded(text, self.environ, self.home)

    def paths(self, texts: Iterable[str]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(path for text in texts if (path := self.path(text))))


def _switch(text: str) -> bool | None:
    """YAML's words for true and false; None for another."""
    return True if text.lower() in _TRUE else False if text.lower() in _FALSE else None


def _proxies(values: Mapping[str, str], notices: list[str]) -> dict[str, str]:
    """Proxies as addresses: ``proxy.example:8080`` means http, as to conda."""
    found = {}
    for scheme, text in values.items():
        url = text if "://" in text else f"http://{text}"
        try:
            parts = urlsplit(url)
            is_good = bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", url)
        except ValueError:
            is_good = False
        if is_good:
            found[scheme] = url
        else:
            notices.append(f"The proxy for {cited(scheme)} is left out: it is no address of one.")
    return found


def _verify(text: str, fill: _Fill, notices: list[str]) -> bool | str:
    """Whether certificates are verified, or by which: a path, or a word such as ``truststore``."""
    switch = _switch(text)
    if switch is not None:
        return switch
    path = fill.path(text)
    if os.path.isabs(path) and not os.path.exists(path):
        notices.append(f"ssl_verify names {path}, which is not there: the usual ones are used.")
        return True
    if os.path.isfile(path) and not _has_certificates(path):
        notices.append(f"ssl_verify names {path}, which holds no certificates in PEM.")
    return path or text or True


def _has_certificates(path: str) -> bool:
    """Whether a file can be one of certificates. One that cannot be read can."""
    try:
        return "-----BEGIN " in read_text(path, _LARGEST_CERTIFICATES)
    except OSError:
        return True


def _priority(text: str) -> str:
    if text in ("strict", "flexible", "disabled"):
        return text
    # Before conda 4.6 it was a switch. Ours alone is strict: fast, and no package is mixed up.
    switch = _switch(text)
    return "strict" if switch is None else "flexible" if switch else "disabled"
