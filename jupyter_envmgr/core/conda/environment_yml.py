"""conda's environment.yml: read with line and column of every mistake."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

from ..citing import cited
from ..errors import EnvMgrError, FieldError
from .channels import why_not_channel
from .matchspec import SCHEMES, parse_spec
from .spec import Spec
from .yaml_text import Node, YamlError, parse_yaml

_PLATFORM = re.compile(r"^#[ \t]*platform:[ \t]*([a-z]+-[a-z0-9]+)[ \t]*$", re.MULTILINE)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_SELECTOR = re.compile(r"sel\((linux|unix|osx|win)\)")
_LONGEST_VALUE = 8_000
_MOST_DEPENDENCIES = 5_000
_KNOWN = ("name", "channels", "dependencies", "variables", "prefix")
NO_TEXT = re.compile(r"(?i:true|false|yes|no|on|off|y|n|null|~)|[-+.]?\d.*|\.(?i:inf|nan).*|<<|=")
"""A word that YAML 1.1 would not read as a text, as PyYAML resolves it."""


@dataclass(frozen=True)
class PipLine:
    """A line of the section ``pip:``, and where it stands; not looked into here."""

    text: str
    line: int
    column: int


@dataclass(frozen=True)
class EnvironmentFile:
    """What an environment.yml says.

    ``channels`` are as written, without ``nodefaults``; they may carry credentials. ``platform``
    is that of the machine where it was exported, if it says so.
    """

    name: str = ""
    channels: tuple[str, ...] = ()
    specs: tuple[Spec, ...] = ()
    pip: tuple[PipLine, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    prefix: str = ""
    platform: str = ""
    notices: tuple[str, ...] = ()


def parse_environment_yml(
    text: str, *, field: str = "requirements", allowed_schemes: Collection[str] = SCHEMES
) -> EnvironmentFile:
    """The file in ``text``.

    Raises ``bad-environment-file`` with line and column of everything that is wrong, and
    ``engine-missing`` where there is no PyYAML.
    """
    file, errors = read_environment_yml(text, field=field, allowed_schemes=allowed_schemes)
    if errors:
        raise file_error(errors)
    return file


def read_environment_yml(
    text: str, *, field: str = "requirements", allowed_schemes: Collection[str] = SCHEMES
) -> tuple[EnvironmentFile, list[FieldError]]:
    """The file in ``text`` without what is wrong in it, and that. Raises ``engine-missing``."""
    reader = _Reader(field, allowed_schemes)
    root = None
    try:
        root = parse_yaml(text.removeprefix("\ufeff"))
    except YamlError as error:
        reader.wrong(error, error.detail)
    file = EnvironmentFile()
    if root is not None:
        file = reader.read(root)
    elif not reader.errors:
        reader.errors.append(FieldError(field, "there is nothing in it", "bad-requirement", 1, 1))
    match = _PLATFORM.search(text)
    platform = match.group(1) if match else platform_of_prefix(file.prefix)
    file = replace(file, platform=platform, notices=tuple(reader.notices))
    return file, reader.errors


def file_error(errors: Sequence[FieldError]) -> EnvMgrError:
    """One error about a file, with all that is wrong in it; its sentence names the first three."""
    ordered = sorted(errors, key=lambda e: (e.line or 0, e.column or 0))
    shown = []
    for error in ordered[:3]:
        column = f", column {error.column}" if error.column else ""
        shown.append(f"{error.field}, line {error.line}{column}: {error.detail}")
    if len(ordered) > len(shown):
        shown.append(f"and {len(ordered) - len(shown)} more")
    return EnvMgrError("bad-environment-file", "; ".join(shown), errors=tuple(ordered))


def platform_of_prefix(prefix: str) -> str:
    """The system that a path such as ``C:\\Users\\ada\\envs\\x`` is of; empty if unclear."""
    if re.match(r"[A-Za-z]:[\\/]", prefix):
        return "win-64"
    if prefix.startswith(("/Users/", "/opt/homebrew/")):
        return "osx-64"
    return ""


class _Reader:
    """Reads the tree; what is wrong is collected, so that all of it is said at once."""

    def __init__(self, field: str, allowed_schemes: Collection[str]) -> None:
        self._field = field
        self._allowed = allowed_schemes
        self.errors: list[FieldError] = []
        self.notices: list[str] = []

    def wrong(self, at: Node | YamlError, detail: str) -> None:
        error = FieldError(self._field, detail, "bad-requirement", at.line, at.column)
        self.errors.append(error)

    def read(self, root: Node) -> EnvironmentFile:
        if root.kind != "map":
            self.wrong(root, "entries such as `dependencies:` are expected")
            return EnvironmentFile()
        for text, (key, _) in root.entries.items():
            if not key.quoted and NO_TEXT.fullmatch(text):
                self.wrong(key, f"the key {cited(text)} is no text")
            elif text in _NEAR:
                self.wrong(key, f"write `{_NEAR[text]}:` for `{text}:`")
            elif text not in _KNOWN:
                self.notices.append(f"The entry {cited(text)} in line {key.line} is left out.")
        specs, pip = self._dependencies(root.get("dependencies"))
        prefix = self._word(root, "prefix")
        if prefix:
            line = root.entries["prefix"][0].line
            self.notices.append(f"The prefix in line {line} is left out: the location decides.")
        variables = self._variables(root.get("variables"))
        if variables:
            names = ", ".join(name for name, _ in variables[:10])
            self.notices.append(f"It sets environment variables: {names}.")
        channels = self._channels(root.get("channels"))
        name = self._word(root, "name")
        return EnvironmentFile(name, channels, specs, pip, variables, prefix)

    def _word(self, root: Node, key: str) -> str:
        value = root.get(key)
        if value is None:
            return ""
        if value.kind != "scalar":
            self.wrong(value, f"`{key}:` takes one text")
            return ""
        if len(value.text) > 4_096 or not value.text.isprintable():
            self.wrong(value, f"`{key}:` has a text that cannot be used")
            return ""
        return value.text.strip()

    def _channels(self, node: Node | None) -> tuple[str, ...]:
        if node is None:
            return ()
        if node.kind == "map":
            self.wrong(node, "`channels:` takes a list: put '- ' before each channel")
            return ()
        found: dict[str, None] = {}
        for item in node.items if node.kind == "list" else [node]:
            if item.is_empty:
                self.wrong(item, "there is nothing behind the dash")
            elif item.kind != "scalar":
                self.wrong(item, "a channel is one text: its name or address")
            elif reason := why_not_channel(item.text.strip()):
                self.wrong(item, reason)
            elif item.text.strip() != "nodefaults":
                found[item.text.strip()] = None
        return tuple(found)

    def _dependencies(self, node: Node | None) -> tuple[tuple[Spec, ...], tuple[PipLine, ...]]:
        if node is None:
            return (), ()
        if node.kind != "list":
            self.wrong(node, "`dependencies:` takes a list: put '- ' before each package")
            return (), ()
        if len(node.items) > _MOST_DEPENDENCIES:
            detail = f"{len(node.items):,} dependencies: {_MOST_DEPENDENCIES:,} at most"
            self.wrong(node, detail)
            return (), ()
        specs: dict[str, Spec] = {}
        pip: list[PipLine] = []
        for item in map(_selected, node.items):
            if item is None:
                continue
            if item.kind == "map":
                pip += self._sections(item)
            elif item.kind == "list":
                self.wrong(item, "a dependency is one text such as numpy>=2")
            elif item.is_empty:
                self.wrong(item, "there is nothing behind the dash")
            else:
                spec = self._spec(item)
                if spec is not None:
                    specs.setdefault(spec.text, spec)
        return tuple(specs.values()), tuple(pip)

    def _spec(self, item: Node) -> Spec | None:
        # A quoted scalar begins behind its quote.
        column = item.column + (1 if item.quoted else 0)
        try:
            return parse_spec(
                item.text,
                field=self._field,
                line=item.line,
                column=column,
                allowed_schemes=self._allowed,
            )
        except EnvMgrError as error:
            self.errors.extend(error.errors)
            return None

    def _sections(self, item: Node) -> list[PipLine]:
        """The lines of ``pip:``, the only section that dependencies may have."""
        found: list[PipLine] = []
        for name, (key, value) in item.entries.items():
            if name != "pip":
                text = value.text if value.kind == "scalar" else "…"
                detail = f"only `pip:` has entries of its own: write {name}={text} with no blank"
                self.wrong(key, detail[:200])
            elif value.is_empty:
                continue
            elif value.kind != "list":
                self.wrong(value, "`pip:` takes a list: put '- ' before each requirement")
            else:
                for line in value.items:
                    option = next((key for key in line.entries if key.startswith("-")), "")
                    if option:
                        # `--no-binary :all:` ends as a key does.
                        detail = f"{option.split()[0][:60]} is an option, not a requirement"
                        self.wrong(line, detail)
                    elif line.kind != "scalar" or line.is_empty:
                        self.wrong(line, "a requirement is one text such as numpy>=2")
                    else:
                        column = line.column + (1 if line.quoted else 0)
                        found.append(PipLine(line.text, line.line, column))
        if len(found) > _MOST_DEPENDENCIES:
            self.wrong(item, f"{len(found):,} requirements: {_MOST_DEPENDENCIES:,} at most")
            return []
        return found

    def _variables(self, node: Node | None) -> tuple[tuple[str, str], ...]:
        if node is None:
            return ()
        if node.kind != "map":
            self.wrong(node, "`variables:` takes entries such as NAME: value")
            return ()
        found: list[tuple[str, str]] = []
        for name, (key, value) in node.entries.items():
            if not _VARIABLE.fullmatch(name):
                self.wrong(key, f"{cited(name)} cannot be the name of a variable")
            elif value.kind != "scalar":
                self.wrong(value, f"{name} takes one text")
            elif "\0" in value.text or len(value.text) > _LONGEST_VALUE:
                self.wrong(value, f"the value of {name} is too long")
            else:
                found.append((name, "" if value.is_empty else value.text))
        return tuple(found)


_NEAR = {
    "dependency": "dependencies",
    "dependancies": "dependencies",
    "Dependencies": "dependencies",
    "packages": "dependencies",
    "requirements": "dependencies",
    "channel": "channels",
    "Channels": "channels",
    "Name": "name",
    "variable": "variables",
    "pip": "dependencies:\n  - pip",
}


def _selected(item: Node) -> Node | None:
    """What mamba's ``sel(linux): package`` selects; None if it is for another system."""
    name = next(iter(item.entries), "") if len(item.entries) == 1 else ""
    match = _SELECTOR.fullmatch(name)
    if match is None:
        return item
    return item.entries[name][1] if match.group(1) in ("linux", "unix") else None
